"""RichText: a formatted text exactly as one tracker returned it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    HTML = "html"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True)
class RichText:
    """`text` is native and kept byte for byte; never compare two of these with ==, compare their visual lines."""

    form: Form
    text: str
