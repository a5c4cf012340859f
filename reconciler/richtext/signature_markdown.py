"""The footer and the attribution line in Markdown: found by line, so that the rest stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from reconciler.model.origin import split_marker
from reconciler.richtext.clickup_lines import outside_fences
from reconciler.richtext.line import Kind, Run
from reconciler.richtext.lines_html import read_html
from reconciler.richtext.markdown_to_html import to_html

_MARKER = re.compile(r"#s=[a-z2-7]{12}")
_CLOSERS = re.compile(r"[)>\]*_~ ]*")
_LINE_MAX = 8_192
_CANDIDATES_MAX = 50
_BLANK = " \t\n"


def cut_footer(markdown: str) -> tuple[str, str, str] | None:
    """The text without its footer, the footer's address and its label; None if there is no such line."""
    lines = markdown.split("\n")
    marked = [position for position in outside_fences(lines) if _MARKER.search(lines[position])]
    for position in reversed(marked[-_CANDIDATES_MAX:]):
        link = _only_link(_shown(lines[position]))
        if link is None:
            continue
        before, after = "\n".join(lines[:position]).rstrip(_BLANK), "\n".join(lines[position + 1 :]).strip("\n")
        return (f"{before}\n\n{after}" if before and after.strip() else before or after.rstrip(_BLANK)), *link
    return None


def cut_attribution(markdown: str) -> tuple[str, str, str, str] | None:
    """The text without its attribution, and the words before the link, its address and its label."""
    lines = markdown.split("\n")
    position = next((i for i, line in enumerate(lines) if line.strip()), None)
    if position is None:
        return None
    line = lines[position]
    for border in _borders(line):
        runs = _shown(line[:border])
        words = "".join(run.text for run in _before_link(runs))
        link = _only_link(runs[len(_before_link(runs)) :])
        if link is not None:
            rest = [line[border:].strip(_BLANK), *lines[position + 1 :]]
            return "\n".join(rest).lstrip("\n"), words.strip(), *link
    return None


def _borders(line: str) -> Iterator[int]:
    """Where a link with a marker may end, the last first."""
    for found in reversed(list(_MARKER.finditer(line[:_LINE_MAX]))[:4]):
        closers = _CLOSERS.match(line, found.end())
        yield closers.end() if closers else found.end()


def _shown(line: str) -> tuple[Run, ...]:
    """The runs of a source line that shows one line of plain text; empty for anything else."""
    if len(line) > _LINE_MAX:
        return ()
    shown = read_html(to_html(line))
    return shown[0].runs if len(shown) == 1 and shown[0].kind is Kind.TEXT and not shown[0].path else ()


def _before_link(runs: Sequence[Run]) -> Sequence[Run]:
    linked = next((i for i, run in enumerate(runs) if split_marker(run.href)[1]), len(runs))
    return runs[:linked]


def _only_link(runs: Sequence[Run]) -> tuple[str, str] | None:
    """Address and label, if the runs are nothing but a link with a marker, or its bare address."""
    text = "".join(run.text for run in runs).strip()
    href = runs[0].href if runs else ""
    if any(run.image for run in runs) or any(run.href != href for run in runs if run.text.strip()):
        return None
    address = href or text
    return (address, text if href else "") if split_marker(address)[1] and " " not in address else None
