"""What if: what another configuration would change, from what was last seen of both sides. Sends no request.

Each pair is merged as the next cycle would merge it, under the configuration as it is and under the other one; what
differs is what the change does. What people edited since the last cycle is not in it, nor are items without a partner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields

from reconciler.backfill import newly_carried, without_past
from reconciler.config import Config, MappingConfig
from reconciler.diff import diff
from reconciler.mapping.correspondence import Correspondence, Directory
from reconciler.mapping.equality import people
from reconciler.mapping.kinship import Kinship
from reconciler.merge import merge
from reconciler.model.decision import Decision, Write
from reconciler.model.field import FIELDS, Kind, in_order, kind_of
from reconciler.model.link import Link
from reconciler.model.person import Person
from reconciler.model.policy import Direction, GuardLimits, Policy
from reconciler.model.side import SIDES, Side
from reconciler.store import Store

EXAMPLES = 5

TABLES = {"states": "state", "priorities": "priority", "types": "type", "people": "assignees"}
"""The tables of a mapping, each with the field whose values it pairs."""


@dataclass(frozen=True, slots=True)
class Example:
    """One value that would be written."""

    left: str
    right: str
    field: str
    write: Write
    why: str


@dataclass(slots=True)
class Forecast:
    """What the other configuration changes in one mapping. `changes` says what it says differently; `writes` counts the
    values that would be written, by field and side; `conflicts` those on which both sides differ, by field; `waits`
    those that could not be carried; `apart` those that its tables do not pair any more, which stay as they are until
    somebody edits them."""

    mapping: str
    changes: list[str] = field(default_factory=list)
    pairs: int = 0
    touched: int = 0
    writes: Counter[tuple[str, Side]] = field(default_factory=Counter)
    conflicts: Counter[str] = field(default_factory=Counter)
    waits: Counter[str] = field(default_factory=Counter)
    apart: Counter[str] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)
    problem: str | None = None


def what_if(now: Config, other: Config, store: Store, names: Sequence[str] = ()) -> list[Forecast]:
    """Per mapping of either file (or those chosen) what the other one changes; nothing for a mapping that both say the
    same of."""
    found = []
    for name in dict.fromkeys((*now.names, *other.names)):
        if names and name not in names:
            continue
        before, after = _mapping(now, name), _mapping(other, name)
        if before is None or after is None:
            found.append(_come_or_gone(store, name, is_new=before is None))
        elif before != after:
            found.append(_forecast(store, before, after))
    return found


def _mapping(config: Config, name: str) -> MappingConfig | None:
    return next((mapping for mapping in config.mappings if mapping.name == name), None)


def _come_or_gone(store: Store, name: str, *, is_new: bool) -> Forecast:
    pairs = store.count_links(name)
    forecast = Forecast(name, pairs=pairs)
    if is_new and not pairs:
        forecast.changes.append("is new: `reconciler plan` with the new file shows its first plan")
    elif is_new:
        forecast.changes.append(f"comes back: its {pairs} pairs are known and go on from where they were")
    else:
        forecast.changes.append(f"is gone: its {pairs} pairs are left as they are, and stay known")
    return forecast


def _forecast(store: Store, before: MappingConfig, after: MappingConfig) -> Forecast:
    forecast = Forecast(before.name, list(_said_differently(before, after)), store.count_links(before.name))
    schemas = {side: store.schema(before.name, side) for side in SIDES}
    left, right = schemas["left"], schemas["right"]
    if left is None or right is None:
        forecast.problem = "its states and types were never read by this version; `reconciler sync` does that"
        return forecast
    links = list(store.all_links(before.name))
    kinship = Kinship().with_pairs((link.key("left"), link.key("right")) for link in links)
    known = {side: _people(links, side) for side in SIDES}
    several = {side: store.takes_several(before.name, side) for side in SIDES}

    def correspondence(policy: Policy) -> Correspondence:
        directories: dict[Side, Directory] = {side: Directory(several[side], known[side]) for side in SIDES}
        return Correspondence(policy, left, right, directories).knowing(kinship)

    old, new = correspondence(before.policy), correspondence(after.policy)
    forecast.changes += [f"{entry.sentence}" for entry in new.unknown if entry not in old.unknown]
    opened = _opened(before.policy, after.policy)
    for link in links:
        _compare(forecast, link, old, new, opened)
    return forecast


def _opened(before: Policy, after: Policy) -> list[str]:
    was = {name: before.direction_of(name).value for name in FIELDS}
    return newly_carried(was, {name: after.direction_of(name) for name in FIELDS})


def _compare(forecast: Forecast, link: Link, old: Correspondence, new: Correspondence, opened: Iterable[str]) -> None:
    had = {decision.field: decision for decision in _decisions(old, link)}
    touched = False
    decided = set()
    for decision in _decisions(new, without_past(new, link, list(opened))):
        name = decision.field
        decided.add(name)
        standing = had.get(name)
        for write in decision.writes:
            if standing is None or write not in standing.writes:
                touched = True
                forecast.writes[name, write.side] += 1
                if len(forecast.examples) < EXAMPLES:
                    labels = link.left.item.label, link.right.item.label
                    forecast.examples.append(Example(*labels, name, write, decision.reason))
        if decision.conflict is not None and (standing is None or standing.conflict is None):
            forecast.conflicts[name] += 1
        if decision.note and not decision.settled and (standing is None or not standing.note):
            forecast.waits[name] += 1
    for name in TABLES.values():
        both_ways = all(corr.policy.direction_of(name) is Direction.BOTH for corr in (old, new))
        if both_ways and name not in decided and _agrees(old, link, name) and not _agrees(new, link, name):
            forecast.apart[name] += 1
    forecast.touched += touched


def _decisions(corr: Correspondence, link: Link) -> tuple[Decision, ...]:
    """As the next cycle would decide, were nothing edited until then. Fields that only the mapping has are left out:
    what they are joined to is not remembered."""
    changes = {
        side: {n: c for n, c in diff(link.side(side).base, link.side(side).item).items() if n in FIELDS}
        for side in SIDES
    }
    return merge(corr, link.left.item, link.right.item, changes["left"], changes["right"])


def _agrees(corr: Correspondence, link: Link, name: str) -> bool:
    left, right = link.left.item, link.right.item
    if name not in left.fields or name not in right.fields:
        return False
    return corr.agree(name, left.fields[name], right.fields[name], left.type, right.type)


def _people(links: Iterable[Link], side: Side) -> dict[str, Person]:
    found: dict[str, Person] = {}
    for link in links:
        shown = link.side(side).item.fields
        for person in (p for name in shown if kind_of(name) is Kind.PEOPLE for p in people(shown[name])):
            if person.address:
                found.setdefault(person.address, person)
    return found


def _said_differently(before: MappingConfig, after: MappingConfig) -> Iterator[str]:
    one, two = before.policy, after.policy
    for side in SIDES:
        if before.side(side) != after.side(side):
            yield f"{side}: covers something else; pairs outside are left as they are, what is new in it is copied"
    for name in in_order({*FIELDS}):
        directions = one.direction_of(name), two.direction_of(name)
        if directions[0] != directions[1]:
            yield f"{name}: {directions[0].value} becomes {directions[1].value}"
        if one.rule_for(name) != two.rule_for(name):
            yield f"{name}: a conflict that {one.rule_for(name).value} decided, {two.rule_for(name).value} decides"
    for what in ("comments", "attachments"):
        if one.direction_of(what) != two.direction_of(what):
            yield f"{what}: {one.direction_of(what).value} becomes {two.direction_of(what).value}"
    for table in TABLES:
        if getattr(one, table) != getattr(two, table):
            yield f"{table}: another table"
    if one.custom_fields != two.custom_fields:
        yield "custom fields: joined otherwise, all pairs are compared then; `check` with the new file says how"
    for limit in fields(GuardLimits):
        limits = getattr(one.guard, limit.name), getattr(two.guard, limit.name)
        if limits[0] != limits[1]:
            yield f"guard.{limit.name}: {limits[0]} becomes {limits[1]}"
    for name in ("on_delete", "on_archive", "match_by_title", "attachment_bytes_max"):
        if getattr(one, name) != getattr(two, name):
            yield f"{name}: {getattr(one, name)} becomes {getattr(two, name)}"
    for rhythm in ("poll_every", "sweep_every", "timezone"):
        if getattr(before, rhythm) != getattr(after, rhythm):
            yield f"{rhythm}: {getattr(before, rhythm)} becomes {getattr(after, rhythm)}"
