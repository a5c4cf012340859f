"""Drift: what the changes of a side's schema mean to a mapping, in sentences that name the line to write. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconciler.mapping.choices import fold
from reconciler.mapping.correspondence import Correspondence, Untranslatable
from reconciler.mapping.custom_fields import JoinedField
from reconciler.mapping.names import Changes
from reconciler.mapping.renames import Renamed
from reconciler.model.field import label_of
from reconciler.model.item import Item
from reconciler.model.known_name import KnownName, Sort
from reconciler.model.schema import TypeSchema
from reconciler.model.side import Side, other


@dataclass(frozen=True, slots=True)
class News:
    """`what` changed; `fix` is the line of the configuration that answers it, "" where none is called for. `matters`
    where values stay behind, or a name in the file is out of date, until somebody writes that line."""

    what: str
    fix: str = ""
    matters: bool = False

    @property
    def sentence(self) -> str:
        return f"{self.what}; {self.fix}" if self.fix else self.what


def drift(corr: Correspondence, side: Side, changes: Changes) -> list[News]:
    """The news of one side, each once. What tables name and is gone is `Correspondence.unknown`."""
    found = [
        *(news for name in changes.added for news in _added(corr, side, name)),
        *(news for name in changes.renamed for news in _renamed(corr, side, name, changes.names)),
        *(news for name in changes.removed for news in _removed(corr, side, name)),
    ]
    return list(dict.fromkeys(found))


def out_of_date(corr: Correspondence) -> tuple[Renamed, ...]:
    """The names in the configuration that are followed to what they are called now."""
    return corr.renames.to_correct(corr.configured)


def unfamiliar(corr: Correspondence, side: Side, item: Item) -> Iterator[tuple[str, str]]:
    """Fields of an item, each with its value, that hold a type, state or option which the side's schema does not
    have."""
    schema = corr.type_schema(side, item.type)
    if schema is None:
        yield "type", fold(item.type)
    state = fold(str(item.fields.get("state") or ""))
    if state and schema is not None and all(fold(known.name) != state for known in schema.states):
        yield "state", state
    for name, joined in corr.custom.items():
        value, options = item.fields.get(name), joined.fields[side].options
        if isinstance(value, str) and options and fold(value) not in map(fold, options):
            yield name, fold(value)


def line_for_state(corr: Correspondence, side: Side, kind: TypeSchema, state: str) -> str:
    """The line of a table of states that gives a state a counterpart, or another one than it has."""
    partner = corr.type_schema(other(side), corr.counterpart_type(kind.name, other(side)))
    left_type = kind.name if side == "left" else partner.name if partner else ""
    path, table = corr.table("state", left_type)
    names = [known.name for known in partner.states] if partner else []
    if side == "left":
        options = ", ".join(f'"{name}"' for name in names)
        return f'[{path}] "{state}" = "…"' + (f", one of {options}" if options else "")
    chosen = _state_on(corr, side, kind, state) or next(iter(names), "…")
    rights = next((rights for left, rights in table.items() if fold(left) == fold(chosen)), ())
    listed = ", ".join(f'"{name}"' for name in (*rights, state))
    return f'[{path}] "{chosen}" = [{listed}]' if rights else f'[{path}] "{chosen}" = "{state}"'


# --- new -------------------------------------------------------------------------------------------------------------


def _added(corr: Correspondence, side: Side, name: KnownName) -> Iterator[News]:
    match name.sort:
        case Sort.STATE:
            kind = _type_of(corr, side, name)
            if kind is not None:
                fix = line_for_state(corr, side, kind, name.name)
                yield _new(side, "state", name.name, _state_on(corr, side, kind, name.name), fix)
        case Sort.TYPE:
            left, right = (name.name, "…") if side == "left" else ("…", name.name)
            fix = f'[mappings.types."{left}"] right = "{right}"'
            yield _new(side, "type", name.name, _value_on(corr, side, "type", name.name), fix)
        case Sort.PRIORITY:
            line = f'"{name.name}" = "…"' if side == "left" else f'"…" = "{name.name}"'
            fix = f"[mappings.priorities] {line}"
            yield _new(side, "priority", name.name, _value_on(corr, side, "priority", name.name), fix)
        case Sort.OPTION:
            joined = _joined(corr, side, name)
            if joined is not None:
                fix = line_for_option(joined, side, name.name)
                what = f"option of {joined.fields[side].name}"
                yield _new(side, what, name.name, joined.translate(name.name, other(side)), fix)
        case Sort.CARRIED:
            kind = _type_of(corr, side, name)
            if kind is not None and corr.policy.travels(name.name, side):
                yield News(f"{kind.name} on the {side} has {_field(name.name)} now; it is carried from now on")
        case Sort.OWN:
            return  # the configuration names it since


def line_for_option(joined: JoinedField, side: Side, option: str) -> str:
    """What gives an option a counterpart."""
    line = f'"{option}" = "…"' if side == "left" else f'"…" = "{option}"'
    table = f'values of [[mappings.custom_fields]] left = "{label_of(joined.name)}": {line}'
    return f"{table}, or give {joined.fields[other(side)].name} such an option, too"


def _new(side: Side, what: str, name: str, partner: str | None, line: str) -> News:
    if partner is None:
        told = f'{what} "{name}" is new on the {side} and has no counterpart on the {other(side)}: it stays behind'
        return News(told, f"write {line}", matters=True)
    told = f'{what} "{name}" is new on the {side} and stands for "{partner}" on the {other(side)}'
    return News(told, f"for another one write {line}")


# --- renamed and removed ---------------------------------------------------------------------------------------------


def _renamed(corr: Correspondence, side: Side, name: KnownName, names: Iterable[KnownName]) -> Iterator[News]:
    before, what = name.former[-1], _what(corr, side, name)
    configured = [
        News(entry.what, entry.fix, matters=True)
        for entry in out_of_date(corr)
        if entry.side == side and fold(entry.name) in map(fold, name.former) and entry.now == name.name
    ]
    yield from configured
    if not configured:
        told = f'{what} "{before}" is called "{name.name}" now on the {side}'
        taken = any(other.place == name.place and fold(other.name) == fold(before) for other in names)
        yield News(f'{told}; another one is called "{before}" now, and the tables mean that one' if taken else told)


def _removed(corr: Correspondence, side: Side, name: KnownName) -> Iterator[News]:
    if any(entry.side == side and fold(entry.name) == fold(name.name) for entry in corr.unknown):
        return
    if name.sort is Sort.CARRIED:
        kind = _type_of(corr, side, name)
        if kind is not None:
            yield News(f"{kind.name} on the {side} has no {_field(name.name)} any more; it stays behind there")
        return
    hint = "" if name.id else ", or was renamed: nothing there tells which"
    yield News(f'{_what(corr, side, name)} "{name.name}" does not exist on the {side} any more{hint}')


def _what(corr: Correspondence, side: Side, name: KnownName) -> str:
    joined = _joined(corr, side, name) if name.sort is Sort.OPTION else None
    return f"option of {joined.fields[side].name}" if joined else name.sort.value


def _field(name: str) -> str:
    return label_of(name).replace("_", " ")


def _type_of(corr: Correspondence, side: Side, name: KnownName) -> TypeSchema | None:
    """The type that a state or field belongs to; the first one that has it where the side's types share it."""
    for kind in corr.schemas[side].types.values():
        if name.within in (kind.id or kind.name, "") and (
            name.sort is not Sort.STATE or any(fold(state.name) == fold(name.name) for state in kind.states)
        ):
            return kind
    return None


def _joined(corr: Correspondence, side: Side, name: KnownName) -> JoinedField | None:
    return next((joined for joined in corr.custom.values() if joined.fields[side].id == name.within), None)


def _state_on(corr: Correspondence, side: Side, kind: TypeSchema, state: str) -> str | None:
    partner = corr.counterpart_type(kind.name, other(side))
    try:
        return str(corr.translate("state", state, other(side), kind.name, partner))
    except Untranslatable:
        return None


def _value_on(corr: Correspondence, side: Side, field: str, value: str) -> str | None:
    try:
        return str(corr.translate(field, value, other(side), "", ""))
    except Untranslatable:
        return None
