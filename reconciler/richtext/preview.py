"""Preview: a text without formatting, for plans and logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.model.rich_text import RichText
from reconciler.richtext.compare import lines
from reconciler.richtext.line import Container, Kind, Line, Step


def plain(text: RichText) -> str:
    """What a reader sees, a line a line; lists with "-" and indentation, cells of a row joined by " | "."""
    return "\n".join(_rows(lines(text)))


def _rows(shown: Iterable[Line]) -> Iterator[str]:
    row: list[str] = []
    for line in shown:
        in_row = line.kind is Kind.CELL and not line.new
        if row and not in_row:
            yield " | ".join(row)
            row = []
        if line.kind is Kind.CELL:
            row.append(_words(line))
        else:
            yield _prefix(line.path) + ("---" if line.kind is Kind.RULE else _words(line))
    if row:
        yield " | ".join(row)


def _words(line: Line) -> str:
    return "".join("[image]" if run.image else run.text for run in line.runs)


def _prefix(path: tuple[Step, ...]) -> str:
    return "".join(_sign(step) for step in path)


def _sign(step: Step) -> str:
    if step.container is Container.QUOTE:
        return "> "
    if not step.new:
        return "  "
    return {None: "- ", True: "- [x] ", False: "- [ ] "}[step.done]
