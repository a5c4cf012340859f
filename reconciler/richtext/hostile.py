"""What may not enter: characters that no tracker keeps, addresses that run code, texts too long to convert in time.

Everything else in this package may rely on it: after `clean` there are no noncharacters, so that the converters can
use them as private marks, and every string can be encoded.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

LONG_CHARS_MAX = 262_144
"""Texts with more characters than this are carried word for word, without formatting (richtext.md 5, "very long")."""

RUNS_MAX = 30_000
"""So do texts with more pieces of different look than this."""

BRACKETS_MAX = 20_000
"""And Markdown with more opening brackets; each is looked at from as many sides as it is nested."""

DEPTH_MAX = 12
"""Lists and quotations nested deeper than this are shown at this depth; keeps every recursion bounded."""

_NONCHARACTER = re.compile(
    "[\0\ufdd0-\ufdef" + "".join(chr(p * 0x10000 + 0xFFFE) + chr(p * 0x10000 + 0xFFFF) for p in range(17)) + "]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x01-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
"""But for those that `str.split` takes for blanks."""
_LINE_END = re.compile("\r\n?")
_SCHEME_NOISE = re.compile(r"[\s\x00-\x1f\x7f\xa0\xad\u200b-\u200f\u2028\u2029\ufeff]+")
_RUNS_CODE = re.compile(r"(?:javascript|vbscript|file|data):", re.IGNORECASE)
_DATA_IMAGE = re.compile(r"data:image/(?:gif|png|jpe?g|webp)[;,]", re.IGNORECASE)


def clean(text: str) -> str:
    """The text with "\\n" line ends, without NUL and noncharacters, lone surrogates shown as U+FFFD."""
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _NONCHARACTER.sub("", _LINE_END.sub("\n", text))


def one_line(text: str) -> str:
    """A plain text as it may stand in a title or a name: without control characters, outer and repeated blanks and line
    breaks, and with the rest as `clean` has it. Idempotent."""
    return " ".join(_CONTROL.sub("", clean(text)).split())


def is_safe_href(href: str) -> bool:
    """Whether a link may point there: any address but those that run code or reach into the reader's own machine."""
    return not _RUNS_CODE.match(_SCHEME_NOISE.sub("", unquote(href)))


def is_safe_source(source: str) -> bool:
    """Whether an image may come from there: as for links, and from picture data written into the address itself."""
    return is_safe_href(source) or bool(_DATA_IMAGE.match(source.strip()))
