"""A saved plan is carried out as it was saved, or not at all, operation by operation."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from reconciler.app import MappingPlan
from reconciler.cli.output import as_text
from reconciler.cli.plans import plan_as_json
from reconciler.cycle import make_plans
from reconciler.errors import ConfigError, Gone
from reconciler.model.plan import Plan
from reconciler.model.policy import GuardLimits
from reconciler.model.report import MappingReport
from reconciler.model.rich_text import Form, RichText
from reconciler.saved import Fate, fates, read_plan
from tests.engine.conftest import MakeWorld
from tests.engine.world import World
from tests.support.memory import Fault


def save(world: World, path: Path) -> Path:
    world.clock.advance(30)
    [plan] = make_plans([world.context], world.store, world.clock)
    assert isinstance(plan, Plan)
    path.write_text(as_text({"mappings": [plan_as_json(MappingPlan("web", plan=plan))]}), encoding="utf-8")
    return path


def apply(world: World, path: Path, allow: str | None = None) -> tuple[Counter[Fate], MappingReport]:
    selections = read_plan(path)
    report = world.cycle(selections=selections, allow=allow)
    return Counter(fate for _, fate, _ in fates(world.store, "web", selections["web"])), report


def test_a_first_plan_is_carried_out_once_and_twice_is_harmless(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world()
    world.configure(confirm_first_sync=True)
    world.left.ui_create("Log in", state="Active")
    world.right.ui_create("Pay by card")
    world.left.ui_create("Same title")
    world.right.ui_create("Same title")
    path = save(world, tmp_path / "plan.json")
    assert apply(world, path)[0] == {Fate.DONE: 3}
    again, report = apply(world, path)
    assert again == {Fate.ALREADY: 3}
    assert report.writes == 0
    assert not world.settle().creates
    assert world.differences() == []


def test_what_moved_since_is_refused_and_the_rest_is_done(world: World, tmp_path: Path) -> None:
    keys = [world.left.ui_create(f"Item {n}") for n in range(4)]
    world.settle()
    for key in keys:
        world.left.ui_edit(key, priority="1")
    path = save(world, tmp_path / "plan.json")
    world.right.ui_edit(world.partner(keys[0]).key, title="edited where it is to be written")
    world.left.ui_edit(keys[1], priority="2")
    done, _ = apply(world, path)
    assert done == {Fate.DONE: 2, Fate.REFUSED: 2}
    assert [world.partner(key).fields["priority"] for key in keys] == [None, None, "urgent", "urgent"]
    world.settle()
    assert world.differences() == []
    assert world.partner(keys[1]).fields["priority"] == "high"
    assert world.left.item(keys[0]).fields["title"] == "edited where it is to be written"


def test_nothing_else_is_done_and_nothing_of_it_is_forgotten(world: World, tmp_path: Path) -> None:
    wanted, other, third = (world.left.ui_create(f"Item {n}") for n in range(3))
    world.settle()
    world.left.ui_edit(wanted, title="wanted")
    world.left.ui_edit(other, title="taken out of the file")
    path = save(world, tmp_path / "plan.json")
    document = json.loads(path.read_text("utf-8"))
    [mapping] = document["mappings"]
    mapping["operations"] = [o for o in mapping["operations"] if o["after"].get("title") == "wanted"]
    path.write_text(json.dumps(document), encoding="utf-8")
    new = world.left.ui_create("made since")
    world.left.ui_comment(third, "said since")
    world.clock.advance(3600)  # beyond what a poll looks back
    assert apply(world, path)[0] == {Fate.DONE: 1}
    assert sorted(item.title for item in world.right.live()) == ["Item 1", "Item 2", "wanted"]
    assert not world.right.comments(world.context.scopes["right"], world.partner(third))
    world.settle()
    world.let_looks_come()
    world.settle()
    assert world.partner(new).title == "made since"
    assert world.partner(other).title == "taken out of the file"
    assert len(world.right.comments(world.context.scopes["right"], world.partner(third))) == 1


def test_comments_and_files_that_the_plan_shows_are_carried(world: World, tmp_path: Path) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    world.left.ui_comment(key, "first")
    world.left.ui_attach(key, "shot.png")
    path = save(world, tmp_path / "plan.json")
    world.left.ui_comment(key, "said since")
    assert apply(world, path)[0] == {Fate.DONE: 2}
    assert len(world.right.comments(world.context.scopes["right"], world.partner(key))) == 1
    assert apply(world, path)[0] == {Fate.ALREADY: 2}
    world.settle()
    world.let_looks_come()
    world.settle()
    assert len(world.right.comments(world.context.scopes["right"], world.partner(key))) == 2


@pytest.mark.parametrize("is_there", [True, False])
def test_a_text_whose_pictures_are_copied_or_cannot_be_is_done(world: World, tmp_path: Path, is_there: bool) -> None:
    key = world.left.ui_create("Log in")
    world.settle()
    address = world.left.ui_paste("door.png", b"door")
    world.left.ui_edit(key, description=RichText(Form.HTML, f'<p>see <img src="{address}"></p>'))
    path = save(world, tmp_path / "plan.json")
    if not is_there:
        world.left.read_faults.append(("fetch_attachment", Gone("door.png is not there")))
    assert apply(world, path)[0] == {Fate.DONE: 1}
    assert apply(world, path)[0] == {Fate.ALREADY: 1}
    world.right.ui_edit(world.partner(key).key, description=RichText(Form.MARKDOWN, "nothing to see"))
    world.settle()
    assert apply(world, path)[0] == {Fate.REFUSED: 1}


def test_the_guard_is_passed_by_the_name_of_the_saved_plan_only(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world()
    world.configure(guard=GuardLimits(max_updates=2))
    keys = [world.left.ui_create(f"Item {n}") for n in range(5)]
    world.settle()
    for key in keys:
        world.left.ui_edit(key, priority="1")
    path = save(world, tmp_path / "plan.json")
    world.left.ui_edit(keys[0], priority="2")
    digest = json.loads(path.read_text("utf-8"))["mappings"][0]["digest"]
    for allow in (None, "0123456789ab"):
        done, report = apply(world, path, allow)
        assert done == {Fate.LATER: 4, Fate.REFUSED: 1}
        assert report.problem is not None
        assert f"apply FILE --allow {digest}" in report.problem
    assert all(world.partner(key).fields["priority"] is None for key in keys)
    assert apply(world, path, digest)[0] == {Fate.DONE: 4, Fate.REFUSED: 1}


def test_a_saved_plan_goes_on_after_the_process_died(world: World, tmp_path: Path) -> None:
    keys = [world.left.ui_create(f"Item {n}") for n in range(3)]
    world.settle()
    for key in keys:
        world.left.ui_edit(key, title=f"New {key}")
    path = save(world, tmp_path / "plan.json")
    world.right.faults.append(Fault())
    first, _ = apply(world, path)
    assert first[Fate.DONE] == 2
    world.restart()
    assert apply(world, path)[0] == {Fate.ALREADY: 3}
    assert world.settle().writes == 0
    assert world.differences() == []


@pytest.mark.parametrize("text", ["", "[]", '{"mappings": [{"name": "web", "operations": [{}], "digest": "0"}]}'])
def test_a_file_that_is_no_plan_is_told_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="plan -o"):
        read_plan(path)
