"""Two trackers that rewrite whatever is saved, and people who edit in turn: does a write read back as what was written?

ClickUp's and Azure DevOps' rewriting is the simulators', which share no code with the package, with more of what real
Azure DevOps bodies show: unquoted attributes, b for strong, entities.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import convert, lines, same
from reconciler.richtext.line import Container
from reconciler.simulators.azure_devops.html import rewrite_html
from reconciler.simulators.clickup.markdown import stored
from reconciler.simulators.clickup.switches import Switches

_WORD = re.compile(r"(?<![\w/.\\&#-])[A-Za-z]{3,}(?![\w/.:;-])")
_HTML_WORD = re.compile(r">[^<]*?\b([A-Za-z]{3,})\b(?=[^<>;]*<)")
_NEW = (
    "swift",
    "<SID>",
    "a*b*c",
    "snake_case",
    "[draft]",
    "50 %",
    "tick `x`",
    "R&D",
    "x | y",
    "# no heading",
    "1. no item",
)
_MARKED = ("**now**", "_then_", "~~gone~~", "`code`", "[site](https://e.example/a_b)")
_PLAIN_LINE = re.compile(r"^(?:\*   |1\. )?[A-Za-z]")


@dataclass
class Echoes:
    """How many writes were read back, how many of them looked different, and how many in their text."""

    writes: int = 0
    seen: int = 0
    text_seen: int = 0
    example: str = ""


def fits_clickup(body: RichText) -> bool:
    """Whether a ClickUp document can hold it: there a line is in a list or in a quotation, never in both."""
    return not any({step.container for step in line.path} > {Container.QUOTE} for line in lines(body))


def azure_devops_saves(html: str, random: Random) -> str:
    saved = rewrite_html(html, encode_non_bmp=random.random() < 0.5)
    saved = saved.replace("<strong>", "<b>").replace("</strong>", "</b>").replace("&nbsp;", "&#160;")
    saved = re.sub(r'(<\w+[^<>]* \w+=)"([\w:/.?-]+)"(?=[ >])', r"\1\2", saved)
    return saved.replace("<p>", "<div>").replace("</p>", "</div>") if random.random() < 0.3 else saved


def clickup_saves(markdown: str) -> str:
    return stored(markdown, Switches())


def edit_markdown(text: str, random: Random) -> str:
    rows = text.split("\n")
    plain = [position for position, row in enumerate(rows) if _PLAIN_LINE.match(row)]
    kind = random.random()
    if kind < 0.2 or not plain:
        return (
            text
            + f"\n\nAdded {random.randrange(1000)} {random.choice(('**now**', '_then_', '~~gone~~', '`code`', '[site](https://e.example/a_b)'))}"
        )
    position = random.choice(plain)
    if kind < 0.7:
        words = list(_WORD.finditer(rows[position]))
        if words:
            word = random.choice(words)
            new = random.choice(("swift", "**strong**", "_soft_", "other"))
            rows[position] = rows[position][: word.start()] + new + rows[position][word.end() :]
    elif kind < 0.85:
        rows.insert(
            position + 1, rows[position].split(" ")[0].ljust(4) + "twin" if rows[position][0] in "*1" else "A new line"
        )
    else:
        del rows[position]
    return "\n".join(rows)


def edit_html(html: str, random: Random) -> str:
    new = random.choice(_NEW).replace("&", "&amp;").replace("<", "&lt;")
    if random.random() < 0.3:
        addition = f"<div>{new} <b>{random.randrange(1000)}</b></div>"
        return addition + html if random.random() < 0.5 else html + addition
    words = list(_HTML_WORD.finditer(html))
    if not words:
        return f"<div>{new}</div>{html}"
    word = random.choice(words)
    return html[: word.start(1)] + new + html[word.end(1) :]


def rounds(bodies: Iterable[RichText], seed: int, edits: int) -> Echoes:
    """Each body lives on both sides; edits come from either side in turn and are carried over whole."""
    random, echoes = Random(seed), Echoes()
    for body in filter(fits_clickup, bodies):
        html, markdown = azure_devops_saves(convert(body, Form.HTML).text, random), ""
        for turn in range(edits):
            if turn % 2:
                written = convert(RichText(Form.MARKDOWN, edit_markdown(markdown, random)), Form.HTML)
                html = azure_devops_saves(written.text, random)
                _compare(written, RichText(Form.HTML, html), echoes)
            else:
                written = convert(RichText(Form.HTML, edit_html(html, random)), Form.MARKDOWN)
                markdown = clickup_saves(written.text)
                _compare(written, RichText(Form.MARKDOWN, markdown), echoes)
    return echoes


def _compare(written: RichText, read_back: RichText, echoes: Echoes) -> None:
    echoes.writes += 1
    if same(written, read_back):
        return
    echoes.seen += 1
    if [line.text for line in lines(written)] != [line.text for line in lines(read_back)]:
        echoes.text_seen += 1
        pairs = zip(lines(written), lines(read_back), strict=False)
        first = next(((a, b) for a, b in pairs if a.text != b.text), None)
        echoes.example = echoes.example or (f"{first[0].text!r} -> {first[1].text!r}" if first else written.text)
