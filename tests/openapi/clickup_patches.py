"""What ClickUp's documents get wrong, each with the reason for calling it wrong: recorded traffic, mostly.

The v2 document was made from examples: what was text in the example is text for ever, what was there is required.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

from tests.openapi.validator import Json, OpenApi, Patch, load

NAMES = ("clickup/openapi/clickup-api-v2.pruned.min.json", "clickup/openapi/clickup-api-v3.pruned.min.json")
UNDOCUMENTED = r"/time_entries|^/t\d+/"
"""Recorded, but left out of the stored documents; and the host of the files, which is no API."""

_OPEN: Json = {}
_NUMBER_OR_TEXT: Json = {"type": ["integer", "string", "null"]}


def documents() -> OpenApi:
    """Both documents, repaired. Skips the calling test where they are absent."""
    return load(*NAMES, patches=PATCHES)


def _base_path(document: Json) -> None:
    if any(path.startswith("/v2/") for path in document["paths"]):
        document["basePath"] = "/api"
    else:
        document["basePath"] = ""
        document.setdefault("components", {})


def _inlined(document: Json) -> None:
    def walk(node: Any, within: tuple[str, ...]) -> Any:
        if isinstance(node, list):
            return [walk(one, within) for one in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref", "")
        if isinstance(reference, str) and reference.startswith("#/paths/"):
            if reference in within:
                return {}
            return walk(copy.deepcopy(_at(document, reference)), (*within, reference))
        return {key: walk(value, within) for key, value in node.items()}

    document["paths"] = walk(document["paths"], ())


def _nullable_v3(document: Json) -> None:
    for schema in _schemas(document):
        if schema.pop("nullable", False):
            _admit_null(schema)


def _nullable_answers(document: Json) -> None:
    for answer in _answers(document):
        for schema in _schemas(answer):
            for name, value in schema.get("properties", {}).items():
                if isinstance(value, dict):
                    schema["properties"][name] = _admit_null(value)


def _single_null(document: Json) -> None:
    for schema in _schemas(document):
        if "oneOf" in schema:
            schema["anyOf"] = schema.pop("oneOf")


def _wherever(names: Iterable[str], schema: Json, reason: str) -> Patch:
    def repair(document: Json) -> None:
        for answer in _answers(document):
            for found in _schemas(answer):
                for name in set(names) & found.get("properties", {}).keys():
                    found["properties"][name] = copy.deepcopy(schema)

    return Patch(reason, repair)


def _not_required(names: Iterable[str], reason: str) -> Patch:
    def repair(document: Json) -> None:
        for answer in _answers(document):
            for found in _schemas(answer):
                if isinstance(found.get("required"), list):
                    found["required"] = [name for name in found["required"] if name not in set(names)]

    return Patch(reason, repair)


def _operation(path: str, method: str, change: Callable[[Json], None], reason: str) -> Patch:
    def repair(document: Json) -> None:
        operation = document["paths"].get(path, {}).get(method)
        if operation:
            change(operation)

    return Patch(reason, repair)


def _one_key_suffices(operation: Json) -> None:
    for parameter in operation["parameters"]:
        if parameter["in"] == "query":
            parameter["required"] = False


def _text_or_number_id(operation: Json) -> None:
    operation["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["id"] = _NUMBER_OR_TEXT


def _any_answer(operation: Json) -> None:
    operation["responses"]["200"]["content"]["application/json"]["schema"] = _OPEN


def _no_required_keys(operation: Json) -> None:
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    schema["required"] = []
    schema["properties"]["assignee"]["type"] = ["integer", "null"]  # recorded with null


def _null_clears(operation: Json) -> None:
    properties = operation["requestBody"]["content"]["application/json"]["schema"]["properties"]
    for name in properties:
        properties[name] = _admit_null(properties[name])


def _admit_null(schema: Json) -> Json:
    kind = schema.get("type")
    if isinstance(kind, str):
        schema["type"] = [kind, "null"]
    elif isinstance(kind, list) and "null" not in kind:
        schema["type"] = [*kind, "null"]
    elif kind is None and ("$ref" in schema or "allOf" in schema or "anyOf" in schema or "oneOf" in schema):
        return {"anyOf": [schema, {"type": "null"}]}
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    return schema


def _at(document: Json, reference: str) -> Any:
    found: Any = document
    for key in reference.removeprefix("#/").split("/"):
        key = key.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
        found = found[int(key)] if isinstance(found, list) else found[key]
    return found


def _answers(document: Json) -> Iterable[Json]:
    for methods in document["paths"].values():
        for operation in methods.values():
            if isinstance(operation, dict) and "responses" in operation:
                yield operation["responses"]


def _schemas(node: Any) -> Iterable[Json]:
    """Every object below, also those that are no schema; the innermost first."""
    if isinstance(node, list):
        for one in node:
            yield from _schemas(one)
    elif isinstance(node, dict):
        for one in list(node.values()):
            yield from _schemas(one)
        yield node


_V2_TASK = "/v2/task/{task_id}"
_COMMENTED = ("/v2/task/{task_id}/comment", "/v2/list/{list_id}/comment", "/v2/comment/{comment_id}/reply")

PATCHES = [
    Patch("v2 paths lack the /api of the server's address", _base_path),
    Patch("references into other operations only resolve within the whole document", _inlined),
    Patch("the v3 document is OpenAPI 3.0, where null is said with `nullable`", _nullable_v3),
    Patch("recorded: nearly every value may be null (dates, priority, pictures, people)", _nullable_answers),
    Patch("null fits several alternatives, which oneOf forbids", _single_null),
    _wherever(
        (
            *("assignees", "watchers", "tags", "checklists", "locations", "custom_fields", "dependencies"),
            *("linked_tasks", "shares", "lists"),
        ),
        {"type": "array"},
        "recorded: arrays of objects, where the examples happened to hold none or texts",
    ),
    _wherever(("priority",), _OPEN, "recorded: an object on read (FACTS clickup 5.4)"),
    _wherever(("folders",), {"type": "array"}, "recorded: an array"),
    _wherever(("features",), {"type": "object"}, "its tags and custom_fields are switches, not the arrays of a task"),
    _wherever(("date",), _NUMBER_OR_TEXT, "attachments have it as number or text (FACTS clickup 12.3)"),
    _wherever(
        ("time_spent", "task_count", "reply_count", "orderindex", "version", "object_id"),
        {"type": ["integer", "number", "string", "null"]},
        "recorded: numbers and texts are mixed up (FACTS clickup 5.3, 11.2)",
    ),
    _not_required(
        ("resolved", "assigned_by", "group_assignee", "checklist", "markdown_description"),
        "recorded: absent where there is nothing to say (FACTS clickup 8.8, 11.2)",
    ),
    _operation(
        "/v2/task/{task_id}/dependency",
        "delete",
        _one_key_suffices,
        "recorded: one of the two keys suffices (FACTS clickup 10.1)",
    ),
    *(
        _operation(path, "post", _text_or_number_id, "recorded: a number (FACTS clickup 11.3)")
        for path in _COMMENTED[:2]
    ),
    *(
        _operation(path, "post", _no_required_keys, "one of the text keys suffices (FACTS clickup 11.3)")
        for path in _COMMENTED
    ),
    _operation(_COMMENTED[2], "post", _any_answer, "live answers hold an id (FACTS clickup 11.11)"),
    _operation(
        "/v2/comment/{comment_id}", "put", _no_required_keys, "assignee is optional in practice (FACTS clickup 11.8)"
    ),
    _operation(_V2_TASK, "put", _null_clears, "null clears dates, priority, points and estimate (FACTS clickup 6.14)"),
]
