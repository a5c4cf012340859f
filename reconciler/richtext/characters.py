"""What kind of character Markdown takes a character for (CommonMark 0.31, section 2.1)."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def is_word(char: str) -> bool:
    """Neither white space nor punctuation nor the edge of the line (""): emphasis may touch it on either side."""
    return char != "" and (char.isalnum() or _is_other(char))


@lru_cache(maxsize=4096)
def _is_other(char: str) -> bool:
    return not char.isspace() and unicodedata.category(char)[0] not in "PSZ"
