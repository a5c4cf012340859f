"""ProjectScope: the part of an organisation that one side of a mapping covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from reconciler.model.custom_field import CustomField
from reconciler.trackers.azure_devops.settings import Side


@dataclass(frozen=True, slots=True)
class ProjectScope:
    """Work items of `types` in `project`, below `area_path` where one is set. `condition` is WIQL that decides only
    about taking an item in. `timezone` says whose calendar days the item's dates are. `fields` are those that only this
    mapping carries, by neutral name."""

    project: str
    types: tuple[str, ...]
    create_type: str
    area_path: str | None = None
    condition: str | None = None
    timezone: tzinfo = UTC
    fields: tuple[tuple[str, CustomField], ...] = ()

    def carrying(self, fields: Mapping[str, CustomField]) -> ProjectScope:
        return replace(self, fields=tuple(fields.items()))

    @property
    def name(self) -> str:
        return f"project {self.project}" + (f", area {self.area_path}" if self.area_path else "")

    def covers(self, project: str, item_type: str, area: str) -> bool:
        """Whether an item with these values lies in the scope; the condition is not considered. Names and paths
        compare without case (FACTS ado 3.18)."""
        wanted = (self.area_path or "").casefold()
        inside = not wanted or f"{area.casefold()}\\".startswith(f"{wanted}\\")
        return project.casefold() == self.project.casefold() and inside and self.has_type(item_type)

    def has_type(self, item_type: str) -> bool:
        return item_type.casefold() in {name.casefold() for name in self.types}


def scope(side: Side, timezone: str = "UTC") -> ProjectScope:
    """The scope that a side of the configuration describes."""
    create_type = side.create_type or side.types[-1]
    return ProjectScope(side.project, side.types, create_type, side.area_path, side.wiql, ZoneInfo(timezone))


def overlap(one: Side, two: Side) -> bool:
    """Whether both sides certainly cover the same work items: a type in common, the same area, and no condition that
    could keep them apart. Areas below one another overlap too."""
    if one.project.casefold() != two.project.casefold():
        return False
    if not {name.casefold() for name in one.types} & {name.casefold() for name in two.types}:
        return False
    if one.wiql and two.wiql and one.wiql != two.wiql:
        return False
    areas = sorted(f"{side.area_path.casefold()}\\" if side.area_path else "" for side in (one, two))
    return areas[1].startswith(areas[0])
