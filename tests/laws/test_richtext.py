"""Laws of conversion and comparison, for any string at all."""

from __future__ import annotations

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.model.origin import Origin
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import (
    Attribution,
    attach_attribution,
    attach_footer,
    convert,
    detach_attribution,
    detach_footer,
    digest,
    lines,
    plain,
    same,
    to_html,
    to_markdown,
)
from reconciler.richtext.markup import tokens

_TAGS = (
    *(
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "<s>",
        "</s>",
        "<code>",
        "</code>",
        '<a href="u">',
        "</a>",
        '<img src="i" alt="x">',
    ),
    *("<ul>", "</ul>", "<ol>", "</ol>", "<li>", "</li>", "<p>", "</p>", "<div>", "</div>", "<br>", "<pre>", "</pre>"),
    *("<table>", "<tr>", "<td>", "</td>", "</table>", "<h1>", "</h1>", "<blockquote>", "</blockquote>", "<hr>"),
    *("<input type=checkbox>", "&lt;", "&amp;", "&nbsp;", "<", ">", "&", "<!--", '"', "'", "="),
)
_SIGNS = (
    *(
        "**",
        "*",
        "_",
        "~~",
        "`",
        "```\n",
        "~~~",
        "# ",
        "- ",
        "*   ",
        "1. ",
        "2) ",
        "> ",
        "\n",
        "\n\n",
        "    ",
        "  ",
        "\t",
    ),
    *(
        "| a | b |\n",
        "| --- | --- |\n",
        "|",
        "[",
        "](u)",
        "]",
        "(",
        ")",
        "![",
        "<br>",
        "\\",
        "---\n",
        "===\n",
        "* * *\n",
    ),
    *(
        "[ ] ",
        "[x] ",
        "<http://e.x>",
        "http://e.x",
        "  \n",
        "\u00a0",
        "!",
        "[a]: u\n",
        "+ ",
        ":",
        "a",
        "b ",
        "word",
        "é",
        "0",
    ),
)
_anything = st.text(st.characters(exclude_categories=[]), max_size=60)
_html = st.lists(st.sampled_from((*_TAGS, *_SIGNS)), max_size=40).map("".join)
_markdown = st.lists(st.sampled_from(_SIGNS), max_size=40).map("".join)
_strings = st.one_of(_html, _markdown, _anything)
_forms = st.sampled_from(Form)
_ORIGIN = Origin("https://dev.azure.com/contoso/_workitems/edit/7", "AB#7", "abcdefghijkl")


@given(_strings)
def test_markdown_made_from_html_is_a_fixpoint(html: str) -> None:
    markdown = to_markdown(html)
    assert to_markdown(to_html(markdown)) == markdown


@given(_strings)
def test_markdown_made_from_markdown_is_a_fixpoint(text: str) -> None:
    markdown = to_markdown(to_html(text))
    assert to_markdown(to_html(markdown)) == markdown


@given(_strings)
def test_html_made_from_markdown_is_a_fixpoint(markdown: str) -> None:
    html = to_html(markdown)
    assert to_html(to_markdown(html)) == to_html(to_markdown(to_html(to_markdown(html))))
    assert same(RichText(Form.HTML, html), RichText(Form.HTML, to_html(to_markdown(html))))


@given(_strings)
def test_conversion_keeps_text_and_structure_of_every_line(html: str) -> None:
    before, after = lines(RichText(Form.HTML, html)), lines(convert(RichText(Form.HTML, html), Form.MARKDOWN))
    assert [line.text for line in before] == [line.text for line in after]
    assert [(line.kind, line.level, line.new, line.path) for line in before] == [
        (line.kind, line.level, line.new, line.path) for line in after
    ]


@given(_strings, _forms)
def test_a_footer_can_be_split_off_again(text: str, form: Form) -> None:
    rest, origin = detach_footer(attach_footer(RichText(form, text), _ORIGIN, form))
    assert origin == _ORIGIN
    assert same(rest, RichText(form, text))


@given(_strings, _forms, st.text(max_size=20))
def test_an_attribution_can_be_split_off_again(text: str, form: Form, author: str) -> None:
    rest, found = detach_attribution(attach_attribution(RichText(form, text), Attribution(author, _ORIGIN)))
    assert found is not None
    assert found.origin == _ORIGIN
    assert same(rest, RichText(form, text))


@given(_strings, _forms)
def test_texts_that_are_the_same_have_the_same_digest_and_preview(text: str, form: Form) -> None:
    one, other = RichText(form, text), convert(convert(RichText(form, text), Form.HTML), Form.HTML)
    if same(one, other):
        assert digest(one) == digest(other)
        assert plain(one) == plain(other)
    assert hash(lines(one)) == hash(lines(RichText(form, text)))


@given(_strings)
def test_tokens_lie_in_order_within_the_text(text: str) -> None:
    position = 0
    for token in tokens(text):
        assert position <= token.start < token.end <= len(text)
        position = token.end


@given(_strings, _forms)
def test_conversion_to_the_same_form_changes_nothing(text: str, form: Form) -> None:
    assert convert(RichText(form, text), form) == RichText(form, text)


@given(_strings, _strings, _forms)
def test_comparison_is_an_equivalence(one: str, two: str, form: Form) -> None:
    a, b = RichText(form, one), RichText(form, two)
    assert same(a, a)
    assert same(a, b) == same(b, a)
    if same(a, b):
        there = convert(a, Form.HTML), convert(b, Form.HTML)
        assert same(*there), "what looks the same looks the same over there"


_PIECES = ("word ", "é", "\u202eabc\u202c ", "\ud800", "\0", "<b>", "<p>x</p>", "* a\n", "> ", "&lt;", "**", "\n")
_LONG = 1_000_000 if "EXAMPLES" in os.environ else 20_000
"""Characters: a megabyte takes seconds, and is left to campaigns."""


@given(st.sampled_from(_PIECES), _forms)
@settings(max_examples=2 if "EXAMPLES" in os.environ else 12)
def test_a_very_long_text_is_converted_and_compared_like_any(piece: str, form: Form) -> None:
    text = RichText(form, piece * (_LONG // len(piece)))
    there = convert(text, Form.MARKDOWN if form is Form.HTML else Form.HTML)
    assert same(there, RichText(there.form, there.text + "\n"))
