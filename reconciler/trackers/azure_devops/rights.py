"""Rights: what a token may not do in a project, found out without writing anything."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from reconciler.errors import Gone, Rejected, Unauthorized
from reconciler.trackers.azure_devops.client import Client, Patch
from reconciler.trackers.azure_devops.scope import ProjectScope
from reconciler.trackers.azure_devops.work_item_type import AREA, TITLE
from reconciler.trackers.base import Hindrance

_TRIAL = "May this token write?"
_NOBODY = 2_147_483_647
"""No work item has this number."""


def hindrances(client: Client, place: ProjectScope) -> Iterator[Hindrance]:
    """Creating is tried with validateOnly (FACTS ado 22.1), type by type until one is refused; the recycle bin by
    asking for an item that does not exist."""
    patch: Patch = [{"op": "add", "path": f"/fields/{TITLE}", "value": _TRIAL}]
    if place.area_path:
        patch = [*patch, {"op": "add", "path": f"/fields/{AREA}", "value": place.area_path}]
    yield from islice(_not_creatable(client, place, patch), 1)
    try:
        client.recycled(place.project, _NOBODY)
    except Gone:
        return
    except (Rejected, Unauthorized) as refused:
        yield Hindrance(
            f"project {place.project}: the recycle bin cannot be read: {refused.message}",
            "no deletion there can be proved, so none travels",
            "give the token Work Items (read), and its account the right to view deleted work items",
        )


def _not_creatable(client: Client, place: ProjectScope, patch: Patch) -> Iterator[Hindrance]:
    for kind in place.types:
        try:
            client.try_create(place.project, kind, patch)
        except (Rejected, Unauthorized) as refused:
            may = isinstance(refused, Rejected) and (bool(refused.field) or refused.code.startswith("RuleValidation"))
            yield Hindrance(
                f"project {place.project}: no {kind} can be made: {refused.message}",
                "items of the other side cannot be copied there",
                "give the field a default in the process, or take the type out of `types`"
                if may
                else "give the token Work Items (read & write), and its account the right to edit work items there",
                fatal=not may,
            )
