"""What the server does to a long text when it is saved (FACTS ado 18.6 to 18.9).

Unknown tags and attributes go, a bare `&` becomes `&amp;`, an unterminated `<` swallows the rest, and a space appears
before closing block tags, so that whoever compares by bytes fails here as with the real service.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TAGS = _words(
    """
    a abbr b big blockquote br caption center cite code col colgroup dd del dfn div dl dt em figcaption figure font
    h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub sup table tbody td
    tfoot th thead tr tt u ul var
    """
)
_VOID = frozenset(["br", "hr", "img", "col"])
_SWALLOWED = frozenset(["script", "style", "iframe", "object", "embed", "noscript", "template", "title"])
_SPACED = frozenset(["p", "div", "li"])
_ATTRIBUTES = _words(
    """
    href src alt title style width height colspan rowspan align valign border cellpadding cellspacing color face
    size start type target rel id data-vss-mention
    """
)
_STYLES = _words(
    """
    color background-color font-weight font-style font-family font-size text-align text-decoration width height
    border margin-left padding-left list-style-type
    """
)
_SAFE_ADDRESS = re.compile(r"^(https?:|mailto:|vstfs:|ftp:|tel:|#|/|[^:]*$)", re.IGNORECASE)
_BARE_AMPERSAND = re.compile(r"&(?!#\d+;|#[xX][0-9a-fA-F]+;|[A-Za-z][A-Za-z0-9]*;)")
_UNTERMINATED = re.compile(r"<[^<>]*\Z")
_NON_BMP = re.compile("[\U00010000-\U0010ffff]")
_MARKDOWN_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)((?:\s[^<>]*)?)/?>")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def rewrite_html(text: str, *, comments_survive: bool = False, encode_non_bmp: bool = False) -> str:
    """`text` as it comes back from the server. Applying it twice changes nothing more.

    `encode_non_bmp` is for comments, where emoji return as numeric entities (FACTS ado 10.11).
    """
    cleaner = _Cleaner(comments_survive)
    cleaner.feed(_BARE_AMPERSAND.sub("&amp;", _UNTERMINATED.sub("", text)))
    cleaner.close()
    cleaned = "".join(cleaner.parts)
    return _NON_BMP.sub(lambda found: f"&#{ord(found[0])};", cleaned) if encode_non_bmp else cleaned


def rewrite_markdown(text: str, *, comments_survive: bool = False) -> str:
    """Markdown is sanitised too: unknown tags vanish, code or not, and a bare `&` is escaped."""
    if not comments_survive:
        text = _COMMENT.sub("", text)
    text = _MARKDOWN_TAG.sub(_known_tag, text)
    return _BARE_AMPERSAND.sub("&amp;", text)


def words(text: str) -> set[str]:
    """The words of a long text without its markup, lower case: what CONTAINS WORDS looks through."""
    return set(re.findall(r"\w+", re.sub(r"<[^<>]*>", " ", text).lower()))


def _known_tag(found: re.Match[str]) -> str:
    return found[0] if found[1].lower() in _TAGS else ""


class _Cleaner(HTMLParser):
    def __init__(self, comments_survive: bool) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self._comments_survive = comments_survive
        self._swallowing: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SWALLOWED:
            self._swallowing.append(tag)
        elif tag in _TAGS and not self._swallowing:
            kept = (_attribute(name, value or "") for name, value in attrs)
            self.parts.append(f"<{tag}{''.join(kept)}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SWALLOWED:
            self.handle_starttag(tag, attrs)
            if tag not in _VOID:
                self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SWALLOWED:
            if tag in self._swallowing:
                self._swallowing.remove(tag)
        elif tag in _TAGS and tag not in _VOID and not self._swallowing:
            if tag in _SPACED and self.parts and self._ends_in_text():
                self.parts.append(" ")
            self.parts.append(f"</{tag}>")

    def _ends_in_text(self) -> bool:
        last = self.parts[-1]
        return not last[-1].isspace() and not last.startswith(("</p", "</div", "</li", "<p", "<div", "<li"))

    def handle_data(self, data: str) -> None:
        if not self._swallowing and data:
            self.parts.append(data.replace("<", "&lt;").replace(">", "&gt;"))

    def handle_entityref(self, name: str) -> None:
        if not self._swallowing:
            self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        if not self._swallowing:
            self.parts.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        if self._comments_survive and not self._swallowing:
            self.parts.append(f"<!--{data}-->")


def _attribute(name: str, value: str) -> str:
    if name not in _ATTRIBUTES or (name in ("href", "src") and not _SAFE_ADDRESS.match(value.strip())):
        return ""
    if name == "style":
        value = _style(value)
        if not value:
            return ""
    return f' {name}="{escape(value, quote=True)}"'


def _style(value: str) -> str:
    kept = []
    for declaration in value.split(";"):
        name, colon, setting = declaration.partition(":")
        if colon and name.strip().lower() in _STYLES and "(" not in setting.replace("rgb(", "").replace("rgba(", ""):
            kept.append(f"{name.strip().lower()}:{setting.strip()}")
    return ";".join(kept) + ";" if kept else ""
