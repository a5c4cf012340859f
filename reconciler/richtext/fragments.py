"""Fragments: leaves written anew, for places where there is no native text to change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest

from reconciler.model.rich_text import Form, RichText
from reconciler.richtext.html_to_markdown import markdown_of
from reconciler.richtext.inline import Place, write
from reconciler.richtext.leaf import Leaf
from reconciler.richtext.line import Kind, Line, Step
from reconciler.richtext.markdown_to_html import to_html
from reconciler.richtext.prepass import tree

_OUTER_LIST = re.compile(r"\A<(ul|ol)\b[^>]*>\s*(.*?)\s*</\1>\Z", re.DOTALL)
_FOREIGN = 1_000_000
"""Beyond any number that a document gives its lists and tables."""


def markdown(leaves: Iterable[Leaf]) -> str:
    return markdown_of(_lines(leaves))


def html(leaves: Iterable[Leaf]) -> str:
    return to_html(markdown(leaves))


def items(leaves: Iterable[Leaf]) -> str | None:
    """The items of a list without the list around them; None where the leaves are something else."""
    found = _OUTER_LIST.match(html(leaves))
    return found[2] if found and found[2].count(f"</{found[1]}>") == found[2].count(f"<{found[1]}") else None


def whole(leaves: Sequence[Leaf], form: Form) -> RichText:
    return RichText(form, markdown(leaves) if form is Form.MARKDOWN else html(leaves))


def inline_html(leaf: Leaf) -> str:
    """The characters of a line, with its checkbox as text."""
    line = leaf.shown[0]
    return f"{box(leaf)}{str(tree([Line(line.runs)])).removeprefix('<p>').removesuffix('</p>')}"


def inline_markdown(leaf: Leaf, place: Place) -> str:
    return write(leaf.shown[0].runs, place)


def box(leaf: Leaf) -> str:
    done = leaf.lines[0].path[-1].done if leaf.lines[0].path else None
    return "" if done is None else "[x] " if done else "[ ] "


def code(leaf: Leaf) -> str:
    return "\n".join(line.text for line in leaf.shown)


def place_of(leaf: Leaf) -> Place:
    return {Kind.HEADING: Place.HEADING, Kind.CELL: Place.CELL}.get(leaf.kind, Place.LINE)


def adopted(leaf: Leaf, before: Leaf | None) -> Leaf:
    """The leaf of another document as one that follows `before` here: in the same list or table, where it can be."""
    above = before.shown[-1] if before else None
    shown = []
    for line in leaf.shown:
        same_table = above is not None and above.kind is Kind.CELL is line.kind
        block_id = above.block_id if above is not None and same_table else _FOREIGN + line.block_id
        steps = zip_longest(line.path, above.path if above else ())
        path = tuple(_adopted_step(step, old) for step, old in steps if step is not None)
        shown.append(replace(line, path=path, block_id=block_id))
    return replace(leaf, shown=tuple(shown))


def _adopted_step(step: Step, above: Step | None) -> Step:
    if above is not None and above.container is step.container:
        return replace(step, list_id=above.list_id)
    return replace(step, list_id=_FOREIGN + step.list_id)


def _lines(leaves: Iterable[Leaf]) -> list[Line]:
    return [line for leaf in leaves for line in leaf.shown]
