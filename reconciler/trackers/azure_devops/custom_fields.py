"""Custom fields: any field of a project's types, described neutrally, and its values read and written. Pure.

Kinds are those of FACTS ado 12.5. A string field with a list of allowed values is a choice (12.4); one without is text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, tzinfo
from functools import partial
from html import escape
from typing import Any

from reconciler.errors import Rejected
from reconciler.mapping.equality import is_empty
from reconciler.mapping.texts import from_text
from reconciler.model.custom_field import YES, CustomField
from reconciler.model.field import Kind, Value
from reconciler.model.rich_text import Form, RichText
from reconciler.model.schema import Kept
from reconciler.trackers.azure_devops import patch
from reconciler.trackers.azure_devops.patch import Operation
from reconciler.trackers.azure_devops.work_item_type import neutral_name

_KINDS = {
    "string": Kind.TEXT,
    "plainText": Kind.TEXT,
    "treePath": Kind.TEXT,
    "guid": Kind.TEXT,
    "html": Kind.RICH_TEXT,
    "integer": Kind.NUMBER,
    "double": Kind.NUMBER,
    "picklistInteger": Kind.NUMBER,
    "picklistDouble": Kind.NUMBER,
    "picklistString": Kind.CHOICE,
    "dateTime": Kind.DATE,
    "boolean": Kind.CHOICE,
    "identity": Kind.PEOPLE,
}
_WHOLE = ("integer", "picklistInteger")
_ONE_LINE = ("string", "picklistString")
_NOT_ANSWERED = ("Id", "Rev", "AreaId", "IterationId", "NodeName", "Watermark", "AuthorizedDate", "AuthorizedAs")
"""Fields that reading an item leaves out (FACTS ado 4.10)."""


def describe(definitions: Iterable[Mapping[str, Any]], allowed: Mapping[str, Iterable[str]]) -> list[CustomField]:
    """The fields of `_apis/wit/fields` that a type of the project has: those in `allowed`, which holds their lists."""
    found = []
    for native in definitions:
        reference = str(native.get("referenceName") or "")
        if reference not in allowed or native.get("isDeleted"):
            continue
        options = () if native.get("isPicklistSuggested") else tuple(map(str, allowed[reference]))
        form = "identity" if native.get("isIdentity") else str(native.get("type") or "")
        kind = _KINDS.get(form, Kind.TEXT)
        if form == "string" and (options or native.get("isPicklist")):
            kind = Kind.CHOICE
        found.append(
            CustomField(
                id=reference,
                name=str(native.get("name") or reference),
                kind=kind,
                form=form,
                options=(YES,) if form == "boolean" else options if kind is Kind.CHOICE else (),
                writable=not native.get("readOnly") and form != "guid",
                refusal=_refusal(reference, form),
            )
        )
    return found


def _refusal(reference: str, form: str) -> str:
    if built_in := neutral_name(reference):
        return f"it is what [mappings.fields] {built_in} carries"
    if reference.removeprefix("System.") in _NOT_ANSWERED or reference == "System.TeamProject":
        return "Azure DevOps does not show it with an item"
    return "" if form in _KINDS else f"nothing is known of {form or 'untyped'} fields"


def operations(field: CustomField, name: str, value: Value, form: Form, zone: tzinfo) -> list[Operation]:
    """What sets the field, or empties it; see `patch.set_field`. Raises Rejected for a value that does not fit."""
    if is_empty(value):
        return [_emptied(field)]
    try:
        native = from_text(value, field.kind)
        return _long_text(field, native, form) if field.form == "html" else [_set(field, _plain(field, native, zone))]
    except ValueError as problem:
        raise Rejected(f"{field.name}: {problem}", field=name) from problem


def _set(field: CustomField, value: object) -> Operation:
    return {"op": "add", "path": f"/fields/{field.id}", "value": value}


def _emptied(field: CustomField) -> Operation:
    match field.form:
        case "boolean":
            return _set(field, False)
        case "identity":
            return _set(field, "")
    return {"op": "remove", "path": f"/fields/{field.id}"}


def _plain(field: CustomField, value: Value, zone: tzinfo) -> str | int | float | bool:
    match field.form:
        case "boolean":
            if str(value).strip().casefold() != YES:
                raise ValueError(f'"{value}" is neither "{YES}" nor empty')
            return True
        case "identity":
            return patch.assignee(value)
    if isinstance(value, date):
        return patch.midnight(value, zone)
    if isinstance(value, int | float):
        if field.form in _WHOLE and not float(value).is_integer():
            raise ValueError(f"{value:g} is no whole number")
        return int(value) if field.form in _WHOLE else value
    return str(kept_of(field, value))


def _long_text(field: CustomField, value: Value, form: Form) -> list[Operation]:
    if not isinstance(value, RichText):
        paragraphs = [escape(line, quote=False) for line in str(value).splitlines()]
        value = RichText(Form.HTML, "".join(f"<div>{line or '<br>'}</div>" for line in paragraphs))
    return patch.long_text(field.id, value, form)


def kept_of(field: CustomField, value: Value) -> Value:
    """What the service keeps of a value: one line of 255 characters in a string (FACTS ado 7.14)."""
    return patch.title(value) if field.form in _ONE_LINE and isinstance(value, str) else value


def keeping(custom: Mapping[str, CustomField]) -> Kept:
    """`patch.kept` for a scope with these fields of its own."""
    return partial(_kept, custom)


def _kept(custom: Mapping[str, CustomField], name: str, value: Value) -> Value:
    return kept_of(custom[name], value) if name in custom else patch.kept(name, value)
