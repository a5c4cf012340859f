"""Field filters: conditions on custom fields in listings (FACTS clickup 3.2, 9.8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.simulators.clickup import errors
from reconciler.simulators.clickup.entities import Field, Member, Task
from reconciler.simulators.clickup.world import World


@dataclass(frozen=True, slots=True)
class Condition:
    field: Field
    operator: str
    value: Any

    def holds(self, task: Task) -> bool:
        stored = task.values.get(self.field.id)
        if self.operator == "IS NULL":
            return stored is None
        if self.operator == "IS NOT NULL":
            return stored is not None
        test = _TESTS[self.operator]
        if stored is None:
            return self.operator in ("!=", "!==", "NOT ANY", "NOT ALL")
        return test(_comparable(self.field, stored), self.value)


def conditions(world: World, wanted: Sequence[Any]) -> Iterable[Condition]:
    """Raises ApiError for what is no condition; a field that is unknown matches nothing."""
    for entry in wanted:
        if not isinstance(entry, dict) or "field_id" not in entry:
            raise errors.fields_malformed()
        field = world.fields.get(str(entry["field_id"]))
        operator = str(entry.get("operator", "=")).upper()
        if field is None:
            field, operator = Field(str(entry["field_id"]), "", "text", {}, 0), "IS NOT NULL"
        if operator not in _TESTS and operator not in ("IS NULL", "IS NOT NULL"):
            raise errors.fields_malformed()
        yield Condition(field, operator, entry.get("value"))


def _comparable(field: Field, stored: Any) -> Any:
    if isinstance(stored, list):
        return [_id(one) for one in stored]
    if field.type == "drop_down":
        options = [option["id"] for option in field.config.get("options", [])]
        return [stored, options.index(stored) if stored in options else None]
    return stored


def _id(one: Any) -> Any:
    return str(one.id) if isinstance(one, Member | Task) else one


def _contains(stored: Any, value: Any) -> bool:
    """`=` is "contains" for texts, `==` is exact (FACTS clickup 9.8)."""
    if isinstance(stored, str):
        return str(value).lower() in stored.lower()
    return _equal(stored, value)


def _equal(stored: Any, value: Any) -> bool:
    if isinstance(stored, list):
        return any(_equal(one, value) for one in stored)
    if isinstance(stored, bool):
        return str(stored).lower() == str(value).lower()
    if isinstance(stored, int | float) and not isinstance(value, bool):
        try:
            return stored == float(value)
        except (TypeError, ValueError):
            return False
    return bool(stored == value)


def _range(stored: Any, value: Any) -> bool:
    bounds: Any = [value.get("low_value"), value.get("high_value")] if isinstance(value, dict) else value
    return bool(float(bounds[0]) <= stored <= float(bounds[1]))


def _any(stored: Any, value: Any) -> bool:
    wanted = value if isinstance(value, list) else [value]
    return any(_equal(stored, str(one) if isinstance(stored, list) and isinstance(one, int) else one) for one in wanted)


def _all(stored: Any, value: Any) -> bool:
    return all(_any(stored, [one]) for one in (value if isinstance(value, list) else [value]))


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "=": _contains,
    "==": _equal,
    "!=": lambda stored, value: not _contains(stored, value),
    "!==": lambda stored, value: not _equal(stored, value),
    "<": lambda stored, value: stored < float(value),
    "<=": lambda stored, value: stored <= float(value),
    ">": lambda stored, value: stored > float(value),
    ">=": lambda stored, value: stored >= float(value),
    "RANGE": _range,
    "ANY": _any,
    "ALL": _all,
    "NOT ANY": lambda stored, value: not _any(stored, value),
    "NOT ALL": lambda stored, value: not _all(stored, value),
}
