"""What Microsoft's documents for Azure DevOps get wrong, each with the reason for calling it wrong."""

from __future__ import annotations

import re
from typing import Any

from tests.openapi.validator import Json, OpenApi, Patch, load


def _any_value(definition: str, name: str, *, in_map: bool) -> Patch:
    def repair(document: Json) -> None:
        properties = document.get("definitions", {}).get(definition, {}).get("properties", {})
        if name in properties:
            if in_map:
                properties[name]["additionalProperties"] = {}
            else:
                properties[name] = {}

    return Patch(f"{definition}.{name} is declared an object, but holds values of every kind", repair)


def _null_actions(document: Json) -> None:
    transition = document.get("definitions", {}).get("WorkItemStateTransition", {})
    if transition:
        transition["properties"]["actions"]["type"] = ["array", "null"]


def _numbered_operations(document: Json) -> None:
    operation = document.get("definitions", {}).get("JsonPatchOperation", {})
    if operation:
        operation["properties"]["op"] = {"enum": [*operation["properties"]["op"]["enum"], 0, 1, 2, 3, 4, 5]}


_WITH_GAPS = re.compile(r"/(workitems|workitemsbatch|classificationnodes\?ids=\{ids\}|identities)$")


def _omitted_entries(document: Json) -> None:
    for section in ("paths", "x-ms-paths"):
        for template, operations in document.get(section, {}).items():
            if _WITH_GAPS.search(template):
                for operation in operations.values():
                    schema = operation["responses"]["200"]["schema"]
                    schema["items"] = {"anyOf": [schema["items"], {"type": "null"}]}


def _allowed_values(document: Json) -> None:
    field = document.get("definitions", {}).get("WorkItemTypeFieldWithReferences", {})
    if field:
        field["properties"]["allowedValues"]["items"] = {}


def _null_default(document: Json) -> None:
    instance = document.get("definitions", {}).get("WorkItemTypeFieldInstance", {})
    if instance:
        instance["properties"]["defaultValue"]["type"] = ["string", "null"]


def _rows_of_feeds(document: Json) -> None:
    batch = document.get("definitions", {}).get("StreamedBatch", {})
    if batch:
        batch["properties"]["values"]["items"] = {}


def _patch_bodies(document: Json) -> None:
    definitions = document.get("definitions", {})
    if "JsonPatchDocument" in definitions and "JsonPatchOperation" in definitions:
        definitions["JsonPatchDocument"] = {"type": "array", "items": {"$ref": "#/definitions/JsonPatchOperation"}}


PATCHES = [
    _any_value("WorkItem", "fields", in_map=True),
    _any_value("Link", "attributes", in_map=True),
    _any_value("WorkItemClassificationNode", "attributes", in_map=True),
    _any_value("WorkItemRelationType", "attributes", in_map=True),
    _any_value("JsonPatchOperation", "value", in_map=False),
    _any_value("WorkItemFieldUpdate", "oldValue", in_map=False),
    _any_value("WorkItemFieldUpdate", "newValue", in_map=False),
    _any_value("WorkItemTypeFieldWithReferences", "defaultValue", in_map=False),
    Patch("a transition without actions says null, in the documents' own samples", _null_actions),
    Patch("recorded requests number the operations of a patch", _numbered_operations),
    Patch("allowed values are texts or people, and only called objects", _allowed_values),
    Patch("null stands in the place of an item, node or identity that is not there", _omitted_entries),
    Patch("a field without a default says null, in the documents' own samples", _null_default),
    _any_value("IdentityBase", "descriptor", in_map=False),
    Patch("the rows of the reporting feeds are objects, not texts, in the documents' own samples", _rows_of_feeds),
    Patch("a patch document is declared an object and a list at once", _patch_bodies),
]


def documents() -> OpenApi:
    """Work item tracking, projects and identities; skips where they are absent."""
    names = [f"azure-devops/openapi/{name}.min.json" for name in ("wit-7.1", "core-7.1", "identities-7.1")]
    return load(*names, patches=PATCHES)


def unwrapped(body: Any) -> Any:
    """The documents declare a bare list where the service answers {"count", "value"}."""
    return body["value"] if isinstance(body, dict) and set(body) == {"count", "value"} else body


UNDOCUMENTED = r"/_apis/?$|/_apis/(connectionData|ResourceAreas|process/|identities/.)|/\$batch|/discussions"
"""Paths that exist and are in none of the documents we have."""
