"""Adopt: pairs that people or another tool made, found and, once somebody has looked through them, linked."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.by_hand import link
from reconciler.clock import Clock
from reconciler.config import Config
from reconciler.connections import Connections
from reconciler.context import MappingContext
from reconciler.errors import ConfigError
from reconciler.model.item import Item
from reconciler.model.rich_text import Form, RichText
from reconciler.model.side import SIDES, Side, other
from reconciler.naming import candidates as named_by
from reconciler.propose.adoption import Candidate, candidates
from reconciler.richtext import addresses
from reconciler.store import Store

COLUMNS = ("pair", "mapping", "left", "right", "confidence", "reason", "left title", "right title")

_ADDRESS = re.compile(r"https?://[^\s<>\"'|\\]+")
_AROUND = ".,;:!?)]}"
"""What ends a sentence or a bracket rather than an address."""

_YES, _NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0", ""}


@dataclass(frozen=True, slots=True)
class Adopted:
    """What became of the lines of a review: sentences about pairs made, how many there were already, how many nobody
    wanted, and one sentence for each line that was refused."""

    made: tuple[str, ...]
    already: int
    declined: int
    refused: tuple[str, ...]


def find(context: MappingContext, store: Store) -> list[Candidate]:
    """What may belong together in a mapping, the surest first. Lists both sides whole; writes nothing. Items that are
    paired, archived, or copies of ours that find their originals by themselves, are left out."""
    items = {side: _unlinked(context, store, side) for side in SIDES}
    return candidates(items, {side: _named(context, side, items[side]) for side in SIDES})


def _unlinked(context: MappingContext, store: Store, side: Side) -> list[Item]:
    scope = context.scopes[side]
    pages = context.trackers[side].changed_since([scope], None, {})
    seen = {item.key: item for page in pages for _, item in page.items}
    linked = {key for name in (context.name, *context.siblings[side]) for key in store.links(name, side, seen)}
    return [
        item
        for key, item in seen.items()
        if key not in linked and not item.archived and not (item.ours and item.origin is not None)
    ]


def _named(context: MappingContext, side: Side, items: Sequence[Item]) -> dict[str, set[str]]:
    tracker, partner = context.trackers[side], context.trackers[other(side)]
    further = tracker.further_texts(context.scopes[side], [item.key for item in items])
    found: dict[str, set[str]] = {}
    for item in items:
        rich = [value for value in item.fields.values() if isinstance(value, RichText)]
        plain = [value for value in item.fields.values() if isinstance(value, str)]
        texts = [*rich, *(RichText(Form.HTML, text) for text in (*plain, *further.get(item.key, ())))]
        # "#12" alone may be anything, where no tracker of that kind shows it.
        names = (partner.short_names(text).items() for text in texts)
        keys = {key for shown in names for name, key in shown if not name.startswith("#")}
        urls = {url.rstrip(_AROUND) for text in texts for url in _ADDRESS.findall(text.text)}
        urls |= {url for text in rich for url in addresses(text)}
        found[item.key] = keys | {key for url in urls if (key := partner.key_of(url))}
    return found


# --- the review ----------------------------------------------------------------------------------------------------


def review(found: Mapping[str, Sequence[Candidate]]) -> str:
    """The candidates by mapping as CSV: a line a pair, its first column to be changed by whoever looks through it."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for mapping, entries in found.items():
        for entry in entries:
            answer, names = "yes" if entry.sure else "no", (entry.left.label, entry.right.label)
            titles = _harmless(entry.left.title), _harmless(entry.right.title)
            rows.writerow((answer, mapping, *names, entry.confidence, entry.reason, *titles))
    return text.getvalue()


def _harmless(title: str) -> str:
    """Spreadsheets calculate what begins like this."""
    return f"'{title}" if title[:1] in ("=", "+", "-", "@") else title


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    answer: str
    mapping: str
    left: str
    right: str


def read_review(text: str) -> list[Line]:
    """Raises ConfigError for what is no review. Semicolons and tabs, which spreadsheets write, will do, too."""
    head = text.lstrip("\ufeff").partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter)
    missing = [name for name in COLUMNS[:4] if name not in (rows.fieldnames or ())]
    if missing:
        raise ConfigError([f"not a review: the column {', '.join(missing)} is missing; `reconciler adopt` writes one"])
    filled = (row for row in rows if any(row.values()))
    return [Line(rows.line_num, *((row.get(name) or "").strip() for name in COLUMNS[:4])) for row in filled]


def adopt(config: Config, connections: Connections, store: Store, clock: Clock, lines: Sequence[Line]) -> Adopted:
    """Links what is marked yes as `link` does; each line for itself. Repeating it is harmless."""
    made: list[str] = []
    refused: list[str] = []
    already = 0
    for line in lines:
        answer = line.answer.casefold()
        if answer in _NO:
            continue
        problem = _problem(config, line)
        chosen = [] if problem else named_by(config, line.left, line.right, line.mapping)
        if problem or not chosen:
            problem = problem or f'"{line.mapping}" has no "{line.left}" on one side and "{line.right}" on the other'
            refused.append(f"line {line.number}: {problem}")
            continue
        mapping, keys = chosen[0]
        if _is_pair(store, mapping.name, keys):
            already += 1
            continue
        try:
            pair = link(connections.context(mapping), store, clock, keys)
        except ConfigError as error:
            refused += [f"line {line.number}: {sentence}" for sentence in error.problems]
            continue
        made.append(f"{mapping.name}: {pair.left.item.label} and {pair.right.item.label}")
    declined = sum(line.answer.casefold() in _NO for line in lines)
    return Adopted(tuple(made), already, declined, tuple(refused))


def _problem(config: Config, line: Line) -> str:
    if line.answer.casefold() not in _YES:
        return f'"{line.answer}" is neither yes nor no'
    return "" if line.mapping in config.names else f'there is no mapping "{line.mapping}"'


def _is_pair(store: Store, mapping: str, keys: Mapping[Side, str]) -> bool:
    standing = store.link(mapping, "left", keys["left"])
    return standing is not None and standing.key("right") == keys["right"]
