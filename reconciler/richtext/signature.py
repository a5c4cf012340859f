"""Signature: the lines of ours inside a copy - where it came from, and for comments who wrote it.

They are split off before anything is compared (contract.md): a person who removes or moves them changes nothing.
A footer is a line of its own that holds only a link with our marker; a marker quoted in running text is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import escape

from reconciler.model.origin import Origin, split_marker
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import signature_html, signature_markdown
from reconciler.richtext.compare import same
from reconciler.richtext.conversion import rewritten
from reconciler.richtext.hostile import clean
from reconciler.richtext.inline import Place, write
from reconciler.richtext.line import Mark, Run

_VIA = re.compile(r"(?:^|(?P<author>.*)\s)via$", re.DOTALL)
_STRONG = frozenset({Mark.STRONG})


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who wrote a carried-over comment, by name, and where the original is."""

    author: str
    origin: Origin


def attach_footer(text: RichText | None, origin: Origin, form: Form) -> RichText:
    """`text`, which has that form, with a last line that links to the original; just that line for None."""
    for body in _bodies(text, form):
        if form is Form.HTML:
            spacer = "<div><br></div>" if body else ""
            result = f"{body}{spacer}<div>{_link_html(origin)}</div>"
        else:
            result = f"{body}\n\n{_link_markdown(origin)}".lstrip("\n")
        signed = RichText(form, result)
        rest, found = detach_footer(signed)
        if found is not None and found.marker == origin.marker and same(rest, RichText(form, body)):
            break
    return signed


def detach_footer(text: RichText) -> tuple[RichText, Origin | None]:
    """The text without its footer, and where that pointed; the text itself and None where it has none.

    The last such line counts, even if a person wrote below it or the tracker spelt it differently."""
    cut = signature_html.cut_footer if text.form is Form.HTML else signature_markdown.cut_footer
    found = cut(text.text) if "s=" in text.text else None
    if found is None:
        return text, None
    body, href, label = found
    return replace(text, text=body), _origin(href, label)


def attach_attribution(text: RichText, attribution: Attribution) -> RichText:
    """`text` with a first line that names the author and links to the original."""
    author, origin = " ".join(clean(attribution.author).split()), attribution.origin
    if text.form is Form.HTML:
        name = f"<b>{escape(author, quote=False)}</b> " if author else ""
        return replace(text, text=f"<div>{name}via {_link_html(origin)}</div>{text.text}")
    credit = (Run(author, _STRONG), Run(" ")) if author else ()
    first = write((*credit, Run("via "), Run(_label(origin), href=origin.href)), Place.LINE)
    return replace(text, text=f"{first}\n\n{text.text}".rstrip("\n"))


def detach_attribution(text: RichText) -> tuple[RichText, Attribution | None]:
    """The text without the attribution at its very beginning, and what that said; None where there is none."""
    cut = signature_html.cut_attribution if text.form is Form.HTML else signature_markdown.cut_attribution
    found = cut(text.text) if "s=" in text.text else None
    via = _VIA.match(found[1]) if found else None
    if found is None or via is None:
        return text, None
    body, _, href, label = found
    return replace(text, text=body), Attribution((via["author"] or "").strip(), _origin(href, label))


def _bodies(text: RichText | None, form: Form) -> list[str]:
    """The text as it is; and, for one with unclosed code or tags that would swallow the footer, written anew."""
    if text is None or not text.text.strip():
        return [""]
    return [text.text.rstrip(" \t\n"), rewritten(RichText(form, text.text)).text]


def _origin(href: str, label: str) -> Origin:
    url, marker = split_marker(href)
    shows_itself = split_marker(label)[1] == marker
    return Origin(url, "" if shows_itself else label, marker or "")


def _label(origin: Origin) -> str:
    return " ".join(clean(origin.label).split()) or origin.href


def _link_html(origin: Origin) -> str:
    return f'<a href="{escape(origin.href)}">{escape(_label(origin), quote=False)}</a>'


def _link_markdown(origin: Origin) -> str:
    return write((Run(_label(origin), href=origin.href),), Place.LINE)
