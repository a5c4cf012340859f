"""Place: the part of a workspace that one side of a mapping covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from reconciler.model.custom_field import CustomField
from reconciler.trackers.clickup.settings import Side


@dataclass(frozen=True, slots=True)
class Place:
    """A List, or all Lists of a Folder or Space; `create_list` is where new tasks are made. `fields` are those
    that only this mapping carries, by neutral name."""

    kind: Literal["list", "folder", "space"]
    id: str
    create_list: str
    fields: tuple[tuple[str, CustomField], ...] = ()

    def carrying(self, fields: Mapping[str, CustomField]) -> Place:
        return replace(self, fields=tuple(fields.items()))

    @property
    def name(self) -> str:
        return f"{self.kind} {self.id}"


def scope(side: Side, timezone: str = "UTC") -> Place:  # noqa: ARG001 - the same call for every tracker
    """The scope that a side of the configuration describes. `timezone` plays no part: ClickUp's calendar days are
    those of the token's user (FACTS clickup 5.6)."""
    if side.list is not None:
        return Place("list", side.list, side.list)
    if side.folder is not None:
        return Place("folder", side.folder, side.create_list or "")
    return Place("space", side.space or "", side.create_list or "")


def overlap(one: Side, two: Side) -> bool:
    """Whether both sides certainly cover the same tasks: the same place, or one List that both are known to hold."""
    places = {(side.list, side.folder, side.space) for side in (one, two)}
    known_lists = {side.list or side.create_list for side in (one, two)}
    return len(places) == 1 or len(known_lists) == 1
