"""When two values of one field are the same: by kind, forgiving what trackers rewrite on save."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.model.field import Kind, Value, kind_of
from reconciler.model.person import Person
from reconciler.model.rich_text import RichText
from reconciler.richtext import one_line, same


def same_value(field: str, one: Value, two: Value) -> bool:
    """Whether two values *of the same side* mean the same. Reflexive, symmetric, and total for values of any kind."""
    return _equal(kind_of(field), one, two)


def _equal(kind: Kind, one: Value, two: Value) -> bool:
    match kind:
        case Kind.TEXT:
            return folded_text(one) == folded_text(two)
        case Kind.RICH_TEXT:
            return same(_rich(one), _rich(two))
        case Kind.CHOICE:
            return str(one or "").casefold() == str(two or "").casefold()
        case Kind.PEOPLE:
            return identities(people(one)) == identities(people(two))
        case Kind.TAGS:
            return folded_tags(tags(one)) == folded_tags(tags(two))
        case Kind.ITEMS:
            return frozenset(tags(one)) == frozenset(tags(two))
        case Kind.NUMBER | Kind.DATE | Kind.ITEM:
            return one == two


def is_empty(value: Value) -> bool:
    """None, blank text and empty sets; a zero is a value."""
    if isinstance(value, RichText):
        return not value.text.strip()
    if isinstance(value, str):
        return not value.strip()
    return value is None or value == ()


def folded_text(value: Value) -> str:
    """A single-line text as compared: what no title may hold does not count, case does."""
    return one_line(str(value or ""))


def people(value: Value) -> tuple[Person, ...]:
    return tuple(entry for entry in value if isinstance(entry, Person)) if isinstance(value, tuple) else ()


def tags(value: Value) -> tuple[str, ...]:
    return tuple(entry for entry in value if isinstance(entry, str)) if isinstance(value, tuple) else ()


def identities(members: Iterable[Person]) -> frozenset[str]:
    return frozenset(person.identity for person in members)


def folded_tags(names: Iterable[str]) -> frozenset[str]:
    return frozenset(one_line(name).casefold() for name in names)


def _rich(value: Value) -> RichText | None:
    return value if isinstance(value, RichText) else None
