"""Lines: where in the file a setting stands, so that a problem can name its line.

A light scan of TOML's headers and keys; what it cannot place it leaves out, and the problem is shown without a line.
"""

from __future__ import annotations

import re
from collections import Counter

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=""")
_PART = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*\.?""")


def line_numbers(text: str) -> dict[Path, int]:
    """The line (from 1) of every table header and key, by path; arrays of tables count from 0."""
    lines: dict[Path, int] = {}
    counts: Counter[Path] = Counter()
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            table = _absolute(_parts(header[2]), counts, opens=header[1] == "[[")
            lines.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key:
            lines.setdefault((*table, *_parts(key[1])), number)
    return lines


def _parts(dotted: str) -> Path:
    return tuple(next(group for group in match.groups() if group is not None) for match in _PART.finditer(dotted))


def _absolute(parts: Path, counts: Counter[Path], *, opens: bool) -> Path:
    """The path with the numbers of the array elements that it is about filled in."""
    path: Path = ()
    for index, part in enumerate(parts):
        path = (*path, part)
        if opens and index == len(parts) - 1:
            counts[path] += 1
        if counts[path]:
            path = (*path, counts[path] - 1)
    return path
