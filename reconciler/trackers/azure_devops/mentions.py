"""Mentions: people called in a text in Azure DevOps' own way (FACTS ado 10.10). Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from reconciler.model.rich_text import RichText
from reconciler.richtext import mentions, native

_LINK = re.compile(r"<a\b[^>]*>", re.IGNORECASE)
_MENTION = re.compile(
    r"""\sdata-vss-mention\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)""",
    re.IGNORECASE,
)


def called(text: RichText) -> RichText:
    """The text with neutral mentions made such that they reach people."""
    return native(
        text,
        html=lambda key: f'<a href="#" data-vss-mention="version:2.0,{key}">',
        markdown=lambda _words, key: f"@<{key}>",
    )


def uncalled(text: RichText, but: Collection[str] = ()) -> RichText:
    """The text with native mentions in HTML made mere names, but for people who are called in it already."""

    def without(link: re.Match[str]) -> str:
        keys = set(mentions(RichText(text.form, f"{link[0]}</a>")))
        return link[0] if keys & set(but) else _MENTION.sub("", link[0])

    return RichText(text.form, _LINK.sub(without, text.text))
