"""Names: what a schema calls its parts, and what became of them between two looks at it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from reconciler.mapping.choices import fold
from reconciler.model.custom_field import CustomField
from reconciler.model.field import FIELDS
from reconciler.model.known_name import FORMER_NAMES_MAX, KnownName, Sort
from reconciler.model.schema import Schema


@dataclass(frozen=True, slots=True)
class Changes:
    """Between two looks. `renamed` are as they are called now, the last of `former` being the name before; `names` is
    what to compare the next look with."""

    added: tuple[KnownName, ...]
    renamed: tuple[KnownName, ...]
    removed: tuple[KnownName, ...]
    names: tuple[KnownName, ...]


def names_of(schema: Schema, own: Iterable[CustomField]) -> tuple[KnownName, ...]:
    """Everything of a schema and a mapping's own fields that has a name, each once. States with ids belong to the whole
    side, others to their type."""
    found: list[KnownName] = [KnownName(Sort.PRIORITY, "", "", name) for name in schema.priorities]
    for kind in schema.types.values():
        within = kind.id or kind.name
        found.append(KnownName(Sort.TYPE, "", kind.id, kind.name))
        found += [KnownName(Sort.STATE, "" if state.id else within, state.id, state.name) for state in kind.states]
        found += [KnownName(Sort.CARRIED, within, "", name) for name in FIELDS if name in kind.fields]
    return (*dict.fromkeys(found), *names_of_fields(own))


def names_of_fields(fields: Iterable[CustomField]) -> tuple[KnownName, ...]:
    """Fields and their options."""
    found: list[KnownName] = []
    for field in fields:
        found.append(KnownName(Sort.OWN, "", field.id, field.name))
        ids = field.option_ids or ("",) * len(field.options)
        found += [KnownName(Sort.OPTION, field.id, i, o) for i, o in zip(ids, field.options, strict=True)]
    return tuple(dict.fromkeys(found))


def compare(before: Iterable[KnownName], now: Iterable[KnownName]) -> Changes:
    """What became of the names of `before`. A place that is looked at for the first time, or not any more, is no news:
    it was the configuration that changed. A name that differs in nothing but case is the same."""
    old, new = {name.key: name for name in before}, {name.key: name for name in now}
    places, present = {name.place for name in old.values()}, {name.place for name in new.values()}
    kept = {key: _continued(old[key], name) if key in old else name for key, name in new.items()}
    return Changes(
        added=tuple(name for key, name in kept.items() if key not in old and name.place in places),
        renamed=tuple(name for key, name in kept.items() if key in old and not _same(old[key], name)),
        removed=tuple(name for key, name in old.items() if key not in new and name.place in present),
        names=tuple(kept.values()),
    )


def _same(one: KnownName, two: KnownName) -> bool:
    return fold(one.name) == fold(two.name)


def _continued(before: KnownName, now: KnownName) -> KnownName:
    former = before.former if _same(before, now) else (*before.former, before.name)
    return replace(now, former=former[-FORMER_NAMES_MAX:])
