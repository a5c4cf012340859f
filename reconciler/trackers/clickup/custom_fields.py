"""Custom fields: those of a List described neutrally, and their values read and written (FACTS clickup 2.9, 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from functools import partial
from typing import Any

from reconciler.errors import Rejected
from reconciler.mapping.equality import is_empty
from reconciler.mapping.texts import from_text, shaped
from reconciler.model.custom_field import YES, CustomField
from reconciler.model.field import Kind, Value, kind_of
from reconciler.model.schema import Kept
from reconciler.richtext import one_line
from reconciler.trackers.clickup.client import Client
from reconciler.trackers.clickup.instants import day_of, noon_ms, number
from reconciler.trackers.clickup.people import person

Json = dict[str, Any]

_KINDS = {
    "text": Kind.TEXT,
    "short_text": Kind.TEXT,
    "url": Kind.TEXT,
    "email": Kind.TEXT,
    "phone": Kind.TEXT,
    "location": Kind.TEXT,
    "number": Kind.NUMBER,
    "currency": Kind.NUMBER,
    "emoji": Kind.NUMBER,
    "manual_progress": Kind.NUMBER,
    "automatic_progress": Kind.NUMBER,
    "checkbox": Kind.CHOICE,
    "drop_down": Kind.CHOICE,
    "labels": Kind.TAGS,
    "date": Kind.DATE,
    "users": Kind.PEOPLE,
}
_READ_ONLY = ("automatic_progress", "location")
"""Computed, or a place on a map that no words name (FACTS clickup 9.4)."""

_WHOLE = ("emoji",)
_REFUSALS = {
    "tasks": "relationships are links between tasks",
    "attachment": "files are not values",
    "button": "a button has no value",
    "formula": "what formulas read back as is not known",
    "rollup": "what rollups read back as is not known",
    "votes": "votes are cast, not set",
}


class CustomFields:
    """The fields of the Lists met so far, as last read."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._natives: dict[str, Json] = {}

    def read(self, list_id: str) -> list[CustomField]:
        """All that can be used in the List: its own and those of the places above it. Raises Rejected."""
        rows = self._client.fields(list_id)
        self._natives |= {str(row["id"]): row for row in rows if row.get("id")}
        return [describe(row) for row in rows if row.get("id")]

    def types_of(self, field_id: str) -> frozenset[int] | None:
        """The numbers of the task types that have the field; None for all of them."""
        applied = self._natives.get(field_id, {}).get("applied_objects") or ()
        return frozenset(int(float(str(row.get("object_id") or 0))) for row in applied) or None

    def body(self, field: CustomField, name: str, value: Value, list_id: str, zone: tzinfo) -> Json:
        """What sets the field to a value that is not empty, people excepted. Raises Rejected for one that does not
        fit."""
        try:
            return {"value": self._written(field, from_text(value, field.kind), list_id, zone)}
        except ValueError as problem:
            raise Rejected(f"{field.name}: {problem}", field=name) from problem

    def _written(self, field: CustomField, value: Value, list_id: str, zone: tzinfo) -> object:
        match field.form:
            case "checkbox":
                if str(value).strip().casefold() != YES:
                    raise ValueError(f'"{value}" is neither "{YES}" nor empty')
                return True
            case "drop_down":
                return self._option_id(field, str(value), list_id)
            case "labels":
                names = value if isinstance(value, tuple) else ()
                return [self._option_id(field, str(label), list_id) for label in names]
        if isinstance(value, date):
            return noon_ms(value, zone)
        if isinstance(value, int | float):
            if field.form in _WHOLE and not float(value).is_integer():
                raise ValueError(f"{value:g} is no whole number")
            native = int(value) if float(value).is_integer() else value
            return {"current": native} if field.form == "manual_progress" else native
        return kept_of(field, value)

    def _option_id(self, field: CustomField, word: str, list_id: str) -> str:
        """By id, so that an option renamed meanwhile is still the one that was meant by the name that it has now."""
        wanted = word.strip().casefold()
        for fresh in (False, True):
            if fresh:
                self.read(list_id)
            for option in _options(self._natives.get(field.id, {})):
                if _word(option).strip().casefold() == wanted:
                    return str(option["id"])
        raise ValueError(f'"{word}" is no option of it; add the option in ClickUp')


def describe(native: Mapping[str, Any]) -> CustomField:
    form = str(native.get("type") or "")
    kind = _KINDS.get(form, Kind.TEXT)
    refusal = _REFUSALS.get(form, "" if form in _KINDS else f"nothing is known of {form or 'untyped'} fields")
    options = _options(native) if kind is Kind.CHOICE and form != "checkbox" else ()
    return CustomField(
        id=str(native["id"]),
        name=str(native.get("name") or native["id"]),
        kind=kind,
        form=form,
        options=(YES,) if form == "checkbox" else tuple(map(_word, options)),
        writable=form not in _READ_ONLY,
        refusal=refusal,
        option_ids=tuple(str(option.get("id") or "") for option in options),
    )


def values(task: Mapping[str, Any], custom: Mapping[str, CustomField], zone: tzinfo) -> dict[str, Value]:
    """The values by neutral name; a field that the task does not show is not one of its type or place (5.7)."""
    shown = {str(row.get("id")): row for row in _rows(task)}
    return {name: _read(field, name, shown[field.id], zone) for name, field in custom.items() if field.id in shown}


def texts(task: Mapping[str, Any]) -> tuple[str, ...]:
    """What is written in the fields of a task."""
    return tuple(row["value"] for row in _rows(task) if isinstance(row.get("value"), str))


def facts(task: Mapping[str, Any]) -> list[str]:
    """What tells one view of a task's fields from another; payloads differ in the type of one and the same value."""
    return sorted(f"{row.get('id')}={_fact(row['value'])}" for row in _rows(task) if row.get("value") is not None)


def _rows(task: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for row in task.get("custom_fields") or () if isinstance(row, Mapping)]


def _fact(value: Any) -> str:
    match value:
        case Mapping():
            return str(value.get("id") or value.get("current") or sorted(map(str, value.items())))
        case list():
            return ",".join(sorted(_fact(entry) for entry in value))
        case _:
            return str(value).lower() if isinstance(value, bool) else str(value)


def _read(field: CustomField, name: str, row: Mapping[str, Any], zone: tzinfo) -> Value:
    raw = row.get("value")
    value: Value
    match field.form:
        case "checkbox":
            value = YES if str(raw).lower() == "true" else None
        case "drop_down":
            value = _chosen(row, raw)
        case "labels":
            value = tuple(word for entry in raw or () if (word := _chosen(row, entry)))
        case "users":
            value = tuple(person(user) for user in raw or ())
        case "date":
            value = day_of(raw, zone)
        case "manual_progress":
            value = number(_part(raw, "current"))
        case "automatic_progress":
            value = number(_part(raw, "percent_complete"))
        case "location":
            value = _part(raw, "formatted_address")
        case _ if field.kind is Kind.NUMBER:
            value = number(raw)
        case _:
            value = str(raw).strip() if raw else None
    return shaped(value, kind_of(name))


def _part(raw: Any, name: str) -> Any:
    return raw.get(name) if isinstance(raw, Mapping) else None


def _chosen(row: Mapping[str, Any], raw: object) -> str | None:
    """Options are read back by position or by id (FACTS clickup 9.4)."""
    for option in _options(row):
        if str(option.get("id")) == str(raw) or (
            row.get("type") == "drop_down" and str(option.get("orderindex")) == str(raw)
        ):
            return _word(option)
    return None


def _options(native: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found = (native.get("type_config") or {}).get("options") or ()
    return [option for option in found if isinstance(option, Mapping)]


def _word(option: Mapping[str, Any]) -> str:
    return str(option.get("name") or option.get("label") or "")


def kept_of(field: CustomField, value: Value) -> Value:
    """What ClickUp keeps of a text: no blank ends, one line where there is no room for more (9.6 is not known)."""
    if field.kind is not Kind.TEXT or not isinstance(value, str):
        return value
    return value.strip() if field.form == "text" else one_line(value)


def keeping(custom: Mapping[str, CustomField], others: Kept) -> Kept:
    """What ClickUp keeps in a scope with these fields of its own."""
    return partial(_kept, custom, others)


def _kept(custom: Mapping[str, CustomField], others: Kept, name: str, value: Value) -> Value:
    return kept_of(custom[name], value) if name in custom else others(name, value)


def is_no_change(value: Value, known: Value) -> bool:
    """Whether both are the same to the byte, all empty values being one."""
    return value == known or (is_empty(value) and is_empty(known))
