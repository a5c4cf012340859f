"""Catalog: the work item types of the projects met so far. Their lists are large, so each is read once and again for
every `schema` (FACTS ado 12.1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from reconciler.errors import Rejected
from reconciler.trackers.azure_devops.client import Client
from reconciler.trackers.azure_devops.translate import type_name
from reconciler.trackers.azure_devops.work_item_type import PROJECT, WorkItemType, bare_type, work_item_type


class Catalog:
    """Types by project; names compare without case."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._types: dict[str, dict[str, WorkItemType]] = {}

    def read(self, project: str, wanted: Collection[str] = ()) -> list[WorkItemType]:
        """All types of a project, afresh. States that the list leaves out are asked for of `wanted` ones only. Raises
        Rejected for an unknown project."""
        names = {name.casefold() for name in wanted}
        types = []
        for native in self._client.work_item_types(project):
            states = native.get("states") or ()
            if not states and str(native["name"]).casefold() in names:
                states = self._client.states(project, str(native["name"]))
            types.append(work_item_type(native, states))
        self._types[project.casefold()] = {kind.name.casefold(): kind for kind in types}
        return types

    def named(self, project: str, name: str) -> WorkItemType | None:
        """The type of that name; None where the project has none or does not show its types."""
        if project.casefold() not in self._types:
            try:
                self.read(project)
            except Rejected:
                self._types[project.casefold()] = {}
        return self._types[project.casefold()].get(name.casefold())

    def type_of(self, native: Mapping[str, Any]) -> WorkItemType:
        """The type of a work item as answered; for a type that is not listed, what the item itself shows."""
        fields = native.get("fields") or {}
        name = type_name(native)
        return self.named(str(fields.get(PROJECT) or ""), name) or bare_type(name, set(fields))
