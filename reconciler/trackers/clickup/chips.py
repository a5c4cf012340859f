"""Chips: what ClickUp's editor shows as more than text and rebuilds from text, or loses, when a description is written.

Writing a description replaces all of it, lines that did not change included (richtext.md 4.4). Cards that the editor
itself makes of bare addresses (FACTS clickup 7.3) come back when the address is written again, and are not among them.
"""

from __future__ import annotations

import re

_KINDS = (
    ("a mention", re.compile(r"\]\(#user_mention#")),
    ("a task card", re.compile(r"\[\s*\]\(https://app\.clickup\.com/t/")),
)


def chips(markdown: str) -> list[str]:
    """The kinds that a stored description holds, in words; empty where it is text and nothing else."""
    return [name for name, pattern in _KINDS if pattern.search(markdown)]
