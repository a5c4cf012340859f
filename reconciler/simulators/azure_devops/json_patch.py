"""JSON Patch documents of work items, parsed into operations and refused where they make no sense (FACTS ado 7.4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.process import field_named

_NUMBERED = ("add", "remove", "replace", "move", "copy", "test")
_RELATION = re.compile(r"^/relations/(\d+)$")
_ATTRIBUTE = re.compile(r"^/relations/(\d+)/attributes/(\w+)$")


@dataclass(frozen=True, slots=True)
class Test:
    """`path` is "/rev" or "/fields/…"."""

    path: str
    value: Any


@dataclass(frozen=True, slots=True)
class SetField:
    """`replaces` tells `replace` from `add`, which differ for tags only (FACTS ado 7.17)."""

    field: str
    value: Any
    replaces: bool


@dataclass(frozen=True, slots=True)
class ClearField:
    field: str


@dataclass(frozen=True, slots=True)
class SetFormat:
    field: str
    format: str


@dataclass(frozen=True, slots=True)
class AddRelation:
    value: Any


@dataclass(frozen=True, slots=True)
class RemoveRelation:
    index: int


@dataclass(frozen=True, slots=True)
class EditRelation:
    index: int
    attribute: str
    value: Any


@dataclass(frozen=True, slots=True)
class SetId:
    """The negative id by which later entries of a batch mean this item (FACTS ado 8.4)."""

    id: int


Operation = Test | SetField | ClearField | SetFormat | AddRelation | RemoveRelation | EditRelation | SetId


def parse(document: Any) -> list[Operation]:
    """The operations of a patch document; raises ApiError 400 for anything that is none."""
    if not isinstance(document, list) or not document:
        raise errors.bad_request(
            "You must pass a valid patch document in the body of the request.", "VssPropertyValidationException"
        )
    operations = [_operation(entry) for entry in document]
    _refuse_repetitions(operations)
    return operations


def _operation(entry: Any) -> Operation:
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
        raise errors.bad_request("A patch operation must have an operation and a path.")
    op, path, value = _name(entry.get("op")), entry["path"], entry.get("value")
    if op == "test":
        return Test(_field_path(path), value)
    if path.lower().startswith("/fields/"):
        return _field_operation(op, path[len("/fields/") :], value)
    if path.lower().startswith("/multilinefieldsformat/") and op in ("add", "replace"):
        return SetFormat(_field(path.split("/", 2)[2]), str(value).lower())
    if path == "/relations/-" and op == "add":
        return AddRelation(value)
    if (found := _RELATION.match(path)) and op == "remove":
        return RemoveRelation(int(found[1]))
    if found := _ATTRIBUTE.match(path):
        return EditRelation(int(found[1]), found[2], None if op == "remove" else value)
    if path == "/id" and op == "add" and isinstance(value, int):
        return SetId(value)
    raise errors.bad_request(f"The operation {op} is not supported for the path {path}.")


def _name(op: Any) -> str:
    if isinstance(op, int) and 0 <= op < len(_NUMBERED):
        return _NUMBERED[op]
    if str(op).lower() not in _NUMBERED:
        raise errors.bad_request(f"The patch operation {op} is unknown.")
    return str(op).lower()


def _field_operation(op: str, name: str, value: Any) -> Operation:
    match op:
        case "add" | "replace":
            return SetField(_field(name), value, op == "replace")
        case "remove":
            return ClearField(_field(name))
        case _:
            raise errors.bad_request(f"The operation {op} is not supported for fields.")


def _field_path(path: str) -> str:
    if path == "/rev":
        return path
    if not path.lower().startswith("/fields/"):
        raise errors.bad_request(f"The operation test is not supported for the path {path}.")
    return "/fields/" + _field(path[len("/fields/") :])


def _field(name: str) -> str:
    field = field_named(name)
    if field is None:
        raise errors.field_missing(name)
    return field.reference


def _refuse_repetitions(operations: Sequence[Operation]) -> None:
    seen: set[str] = set()
    for operation in operations:
        if isinstance(operation, SetField | ClearField):
            if operation.field in seen:
                raise errors.same_field_twice(operation.field)
            seen.add(operation.field)
