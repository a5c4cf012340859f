"""Conversion between the two forms of rich text."""

from __future__ import annotations

from reconciler.model.rich_text import Form, RichText
from reconciler.richtext.html_to_markdown import to_markdown
from reconciler.richtext.markdown_to_html import to_html


def convert(text: RichText, form: Form) -> RichText:
    """The text in that form, showing the same lines; the very same text where the form already fits. Never raises."""
    if text.form is form:
        return text
    return RichText(form, to_markdown(text.text) if form is Form.MARKDOWN else to_html(text.text))


def rewritten(text: RichText) -> RichText:
    """The text in its own form, but in our own spelling: every tag and code block closed."""
    other = Form.MARKDOWN if text.form is Form.HTML else Form.HTML
    return convert(convert(text, other), text.form)
