"""Private marks: how inline markup travels through markdownify until its place in the line is known.

What has to be escaped, and where a mark may begin, depends on the neighbouring characters and on the place in the
line; a converter that sees one element at a time knows neither. So inline elements are written with noncharacters,
which `clean` has removed from every text, and become Markdown when the line is complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.richtext.line import Mark, Run

BREAK = "\ufdd0"
LITERAL = "\ufdd1"
_END = "\ufdd2"
_LINK = "\ufdd3"
_IMAGE = "\ufdd4"
_VALUE_END = "\ufdd5"
_MARK = {
    Mark.STRONG: "\ufdd6",
    Mark.EMPHASIS: "\ufdd7",
    Mark.STRIKE: "\ufdd8",
    Mark.CODE: "\ufdd9",
}
_BY_SIGN = {sign: mark for mark, sign in _MARK.items()}
_PART = re.compile(
    f"{_LINK}(?P<href>[^{_VALUE_END}]*){_VALUE_END}"
    f"|{_IMAGE}(?P<image>[^{_VALUE_END}]*){_VALUE_END}(?P<alt>[^{_VALUE_END}]*){_VALUE_END}"
    f"|(?P<mark>[{''.join(_BY_SIGN)}])|(?P<end>{_END})|(?P<break>{BREAK})"
    f"|(?P<text>[^{BREAK}-{_MARK[Mark.CODE]}]+)"
)


def marked(mark: Mark, text: str) -> str:
    return f"{_MARK[mark]}{text}{_END}"


def linked(href: str, text: str) -> str:
    return f"{_LINK}{href}{_VALUE_END}{text}{_END}"


def picture(source: str, alt: str) -> str:
    return f"{_IMAGE}{source}{_VALUE_END}{alt}{_VALUE_END}"


@dataclass(frozen=True, slots=True)
class _Look:
    marks: frozenset[Mark] = frozenset()
    href: str = ""


def lines_of_runs(text: str) -> Iterator[tuple[Run, ...]]:
    """The lines of a converted block, each as the runs it was made of."""
    runs: list[Run] = []
    looks = [_Look()]
    for part in _PART.finditer(text):
        look = looks[-1]
        match part.lastgroup:
            case "href":
                looks.append(_Look(look.marks, part["href"]))
            case "alt":
                runs.append(Run(part["alt"], look.marks, look.href, part["image"]))
            case "mark":
                looks.append(_Look(look.marks | {_BY_SIGN[part["mark"]]}, look.href))
            case "end":
                looks.pop()
            case "break":
                yield tuple(runs)
                runs = []
            case _:
                runs.append(Run(part["text"], look.marks, look.href))
    yield tuple(runs)
