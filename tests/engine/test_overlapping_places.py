"""Two mappings that cover the same List, which only ClickUp knows: the later one is stopped before it copies."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.app import App
from reconciler.check import check
from reconciler.config import Config, load
from reconciler.connections import Connections
from reconciler.model.finding import Level
from reconciler.simulators.clickup.entities import Folder, TaskList
from tests.support.duo import STATUSES, Duo

MAPPING = """
[[mappings]]
name = "{name}"
first_sync = "apply"
left = {{ tracker = "ado", project = "{project}", types = ["Task"] }}
right = {{ tracker = "clickup", {place} }}
"""


@pytest.fixture
def duo(tmp_path: Path) -> Duo:
    duo = Duo(tmp_path, mappings=2)
    duo.store.close()
    return duo


def folder_of_two(duo: Duo) -> tuple[Folder, TaskList, TaskList]:
    folder = duo.clickup.add_folder(duo.lists[0].space, "Web", statuses=STATUSES)  # type: ignore[arg-type]
    return folder, duo.clickup.add_list(folder, "Old"), duo.clickup.add_list(folder, "New")


def configure(duo: Duo, folder: Path, *places: str) -> Config:
    text = f"""
version = 1
store.url = "{duo.store_url}"
[trackers.ado]
kind = "azure-devops"
url = "https://dev.azure.com/contoso"
token = "{duo.bot.token}"
[trackers.clickup]
kind = "clickup"
workspace = "{duo.workspace.id}"
token = "{duo.sync_member.token}"
"""
    for project, place in zip(duo.projects, places, strict=True):
        text += MAPPING.format(name=project.name.lower(), project=project.name, place=place)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return load(folder / "config.toml", {})


def problems(duo: Duo, config: Config) -> dict[str, str | None]:
    transport = duo.transport()
    with App.open(config, clock=duo.clock, transports={"ado": transport, "clickup": transport}) as app:
        [group] = app.groups()
        return {report.name: report.problem for report in app.cycle(group, app.options(), None)}


def tasks(duo: Duo) -> list[str]:
    return sorted(item.title for item in duo.azure.world.items.values())


@pytest.mark.parametrize("wide", ["folder", "space"])
@pytest.mark.parametrize("wide_first", [True, False])
def test_a_list_inside_another_mappings_place_stops_the_later_mapping(
    duo: Duo, tmp_path: Path, wide: str, wide_first: bool
) -> None:
    folder, old, new = folder_of_two(duo)
    duo.planner.create_task(new, "Copied once")
    place = folder.id if wide == "folder" else folder.space.id
    places = [f'{wide} = "{place}", create_list = "{old.id}"', f'list = "{new.id}"']
    config = configure(duo, tmp_path, *(places if wide_first else reversed(places)))
    found = problems(duo, config)
    assert found["web"] is None
    assert found["web1"] is not None
    assert f'covers List {new.id}, as does mapping "web"' in found["web1"]
    assert tasks(duo) == ["Copied once"]
    transport = duo.transport()
    connections = Connections(config, duo.clock, transports={"ado": transport, "clickup": transport})
    [error] = [f for f in check(config, duo.clock, connections) if f.level is Level.ERROR]
    assert (error.subject, error.error) == ("web1", "ConfigError")
    assert f"covers List {new.id}" in error.what


def test_places_that_lie_apart_are_both_synchronised(duo: Duo, tmp_path: Path) -> None:
    folder, old, new = folder_of_two(duo)
    other = duo.clickup.add_folder(duo.lists[0].space, "Else", statuses=STATUSES)  # type: ignore[arg-type]
    apart = duo.clickup.add_list(other, "Apart")
    duo.planner.create_task(new, "In the one")
    duo.planner.create_task(apart, "In the other")
    places = [f'folder = "{folder.id}", create_list = "{old.id}"', f'folder = "{other.id}", create_list = "{apart.id}"']
    assert problems(duo, configure(duo, tmp_path, *places)) == {"web": None, "web1": None}
    assert tasks(duo) == ["In the one", "In the other"]


def test_a_list_that_is_moved_into_another_mappings_folder_stops_the_later_one_with_the_next_look(
    duo: Duo, tmp_path: Path
) -> None:
    folder, old, _ = folder_of_two(duo)
    config = configure(
        duo, tmp_path, f'folder = "{folder.id}", create_list = "{old.id}"', f'list = "{duo.lists[1].id}"'
    )
    transport = duo.transport()
    with App.open(config, clock=duo.clock, transports={"ado": transport, "clickup": transport}) as app:
        [group] = app.groups()
        assert [report.problem for report in app.cycle(group, app.options(), None)] == [None, None]
        duo.lists[1].folder.lists.remove(duo.lists[1])
        duo.lists[1].folder = folder
        folder.lists.append(duo.lists[1])
        duo.clickup.world.index.invalidate()
        duo.clock.advance(3_700)
        first, second = app.cycle(group, app.options(), None)
    assert first.problem is None
    assert second.problem_kind == "ConfigError"
