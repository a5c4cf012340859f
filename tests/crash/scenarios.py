"""Scenarios: what the program is doing when it dies. Each begins in a world at rest in which people then did something.

`STATES` of both trackers, people and types are those of tests/support/duo.py. Titles name items, because objects do not
survive a death.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from reconciler.app import App
from reconciler.model.policy import GuardLimits, OnDelete, Rule
from reconciler.simulators.azure_devops.item import Relation, WorkItem
from reconciler.simulators.clickup.entities import Task
from reconciler.store import migrations
from reconciler.store.database import Database
from tests.crash.stage import Stage

Act = Callable[[Stage], None]

DUE = {"Microsoft.VSTS.Scheduling.DueDate": "2026-03-20T00:00:00Z"}
MARA = "mara.lindqvist@example.com"


@dataclass(frozen=True, slots=True)
class Scenario:
    """`prepare` leads a new stage, on which the program runs, to the beginning. `steps` are lived one after the other;
    after a death the one under way is lived anew. With `forgets` the store is gone at the beginning; `unseen` says that
    people did what no feed shows, and `around` what is different for as long as the scenario is lived."""

    about: str
    prepare: Act
    steps: tuple[Act, ...] = ()
    policy: Mapping[str, Any] = field(default_factory=dict)
    forgets: bool = False
    unseen: bool = False
    around: Callable[[], AbstractContextManager[object]] = nullcontext

    @property
    def sweeps(self) -> bool:
        return sweep in self.steps


# --- people ----------------------------------------------------------------------------------------------------------


def item(stage: Stage, title: str) -> WorkItem:
    return next(i for i in stage.azure.world.items.values() if i.title == title)


def task(stage: Stage, title: str) -> Task:
    return next(t for t in stage.clickup.world.tasks.values() if t.name == title)


def full_item(stage: Stage, title: str) -> WorkItem:
    fields = {
        "System.Description": f"<p>What <b>{title}</b> is about</p>",
        "System.AssignedTo": MARA,
        "System.Tags": "red; blue",
        "Microsoft.VSTS.Common.Priority": 1,
    }
    return stage.developer.create("Web", "Task", title, fields)


def full_task(stage: Stage, title: str, **keys: Any) -> Task:
    return stage.planner.create_task(
        stage.lists[0],
        title,
        markdown_content=f"What **{title}** is about",
        assignees=[stage.mara_member.id],
        tags=["red", "blue"],
        priority=1,
        **keys,
    )


def rest(stage: Stage) -> None:
    stage.rest()


def sweep(stage: Stage) -> None:
    stage.rest(sweep=True)


def wait(stage: Stage) -> None:
    """Until the feeds no longer show what was done before."""
    stage.clock.advance(3600)
    stage.rest()


def let_looks_come(stage: Stage) -> None:
    """ClickUp's feed does not show edits of comments; the program looks every ten minutes."""
    stage.clock.advance(timedelta(minutes=11).total_seconds())
    stage.rest()


# --- creating --------------------------------------------------------------------------------------------------------


def _new_item(stage: Stage) -> None:
    stage.rest()
    made = full_item(stage, "Log in")
    stage.developer.edit(made, {"System.State": "Active"})
    stage.developer.comment(made, "<p>as soon as possible</p>")


def _new_task(stage: Stage) -> None:
    stage.rest()
    made = full_task(stage, "Pay", status="complete", due_date=1_775_217_600_000)
    stage.planner.comment(made, "as soon as possible")


# --- changing --------------------------------------------------------------------------------------------------------


def _pairs(*titles: str) -> Act:
    def prepare(stage: Stage) -> None:
        for title in titles:
            full_item(stage, title)
        stage.rest()
        stage.clock.advance(3600)

    return prepare


def _edit_item(stage: Stage) -> None:
    _pairs("Log in")(stage)
    stage.developer.edit(
        item(stage, "Log in"),
        {
            "System.Title": "Sign in",
            "System.State": "Active",
            "System.Tags": "red; green; yellow",
            "System.AssignedTo": "",
            "System.Description": "<p>Another <i>text</i></p>",
            "Microsoft.VSTS.Common.Priority": 3,
        },
    )


def _edit_task(stage: Stage) -> None:
    _pairs("Log in")(stage)
    there = task(stage, "Log in")
    stage.planner.edit(there, name="Sign in", status="complete", priority=3, markdown_content="Another *text*")
    stage.planner.unassign(there, stage.mara_member)
    stage.planner.remove_tag(there, "blue")
    stage.planner.add_tag(there, "green")


def _many_edits(stage: Stage) -> None:
    _pairs(*(f"Item {n}" for n in range(6)))(stage)
    for number in range(3):
        stage.developer.edit(item(stage, f"Item {number}"), {"Microsoft.VSTS.Common.Priority": 4})
        stage.planner.edit(task(stage, f"Item {number + 3}"), status="in progress")
    stage.planner.add_tag(task(stage, "Item 0"), "green")
    stage.developer.tag(item(stage, "Item 3"), "yellow")
    full_item(stage, "Item 6")
    full_task(stage, "Item 7")


def _move_children(stage: Stage) -> None:
    """Below another parent, below one for the first time, out of a family, and new below one that is there."""
    _pairs("Old", "New", "Child", "Other", "Leaver")(stage)
    stage.developer.set_parent(item(stage, "Child"), item(stage, "Old"))
    stage.planner.set_parent(task(stage, "Leaver"), task(stage, "Old"))
    stage.rest()
    stage.clock.advance(3600)
    stage.developer.set_parent(item(stage, "Child"), item(stage, "New"))
    stage.planner.set_parent(task(stage, "Other"), task(stage, "New"))
    stage.planner.set_parent(task(stage, "Leaver"), None)
    stage.developer.create("Web", "Task", "Baby", parent=item(stage, "New"))


# --- comments --------------------------------------------------------------------------------------------------------


def _say(stage: Stage) -> None:
    _pairs("Log in")(stage)
    stage.developer.comment(item(stage, "Log in"), "<p>from <b>Mara</b></p>")
    stage.planner.comment(task(stage, "Log in"), "from Piet")


def _hang(stage: Stage) -> None:
    """Twice the same name and content on one side, one file that both have, one that is too large."""
    stage.rest()
    made, twin = full_item(stage, "Log in"), full_task(stage, "Log in")
    stage.rest()
    for name, content in (("a.txt", b"one"), ("a.txt", b"one"), ("both.txt", b"same"), ("large.bin", bytes(60))):
        stage.developer.attach(made, name, content)
    stage.planner.attach(twin, "both.txt", b"same")
    stage.planner.attach(twin, "b.txt", b"two")


def _take_off(stage: Stage) -> None:
    made, twin = item(stage, "Log in"), task(stage, "Log in")
    held = stage.azure.world.attachments
    file = next(
        held[str(r.url).rpartition("/")[2].partition("?")[0]] for r in made.relations if _is_file(r, "both.txt")
    )
    stage.developer.detach(made, file)
    stage.planner.delete_attachment(twin, next(file for file in twin.attachments if file.title == "b.txt"))


def _is_file(relation: Relation, name: str) -> bool:
    return relation.rel == "AttachedFile" and relation.attributes["name"] == name


def _correct(stage: Stage) -> None:
    there, here = task(stage, "Log in"), item(stage, "Log in")
    mine = next(comment for comment in there.comments if comment.user is stage.piet)
    stage.planner.edit_comment(mine, "from Piet, corrected")
    stage.developer.edit_comment(here, here.comments[0], "<p>from <b>Mara</b>, corrected</p>")


def _take_back(stage: Stage) -> None:
    there, here = task(stage, "Log in"), item(stage, "Log in")
    mine = next(comment for comment in there.comments if comment.user is stage.piet)
    stage.planner.delete_comment(mine)
    stage.developer.delete_comment(here, here.comments[0])


# --- deleting --------------------------------------------------------------------------------------------------------


def _delete_item(stage: Stage) -> None:
    _pairs("Log in", "Pay")(stage)
    stage.developer.delete(item(stage, "Log in"))


def _delete_task(stage: Stage) -> None:
    _pairs("Log in", "Pay")(stage)
    stage.planner.delete(task(stage, "Log in"))


def _delete_and_edit(stage: Stage) -> None:
    _pairs("Log in", "Pay")(stage)
    stage.developer.delete(item(stage, "Log in"))
    stage.planner.edit(task(stage, "Log in"), priority=3)


def _restore_item(stage: Stage) -> None:
    stage.developer.restore(item(stage, "Log in"))


# --- pairing ---------------------------------------------------------------------------------------------------------


def _two_backlogs(stage: Stage) -> None:
    for title in ("Log in", "Pay"):
        full_item(stage, title)
        stage.planner.create_task(stage.lists[0], title, status="in progress")
    stage.planner.create_task(stage.lists[0], "Twice")
    stage.planner.create_task(stage.lists[0], "Twice")
    full_item(stage, "Twice")
    full_item(stage, "Only here")
    full_task(stage, "Only there")
    stage.clock.advance(3600)


def _lost_store(stage: Stage) -> None:
    _say(stage)
    full_task(stage, "Pay")
    stage.rest()
    stage.developer.edit(item(stage, "Log in"), {"System.State": "Active"})
    stage.clock.advance(3600)


# --- conflicts -------------------------------------------------------------------------------------------------------


def _collide(stage: Stage) -> None:
    _pairs("Log in")(stage)
    stage.developer.edit(item(stage, "Log in"), {"Microsoft.VSTS.Common.Priority": 3, "System.Tags": "red; green"})
    stage.clock.advance(1)
    stage.planner.edit(task(stage, "Log in"), priority=4, markdown_content="Piet's text")
    stage.planner.remove_tag(task(stage, "Log in"), "red")
    stage.clock.advance(1)
    stage.developer.edit(item(stage, "Log in"), {"System.Description": "<p>Mara's text</p>"})


def _decide(stage: Stage) -> None:
    for conflict in stage.store.open_conflicts("web"):
        stage.store.decide_conflict(conflict.id, "left" if conflict.field == "description" else "right")


# --- rare ------------------------------------------------------------------------------------------------------------


def _unseen(stage: Stage) -> None:
    """Something changes that no feed shows."""
    _pairs("Log in", "Pay")(stage)
    there = task(stage, "Log in")
    before_ms = there.updated_ms
    stage.planner.edit(there, priority=3)
    there.updated_ms = before_ms
    stage.clickup.world.index.invalidate()
    stage.developer.delete(item(stage, "Pay"))


def _maintain(stage: Stage) -> None:
    """Once a day; see App.maintain, which needs nothing but the store and the clock."""
    App(None, clock=stage.clock, store=stage.store, connections=None).maintain()  # type: ignore[arg-type]


def _old_history(stage: Stage) -> None:
    _edit_item(stage)
    for _ in range(4):
        stage.rest()
        stage.clock.advance(timedelta(days=100).total_seconds())
        _maintain(stage)
    stage.clock.advance(timedelta(days=100).total_seconds())
    stage.developer.edit(item(stage, "Sign in"), {"Microsoft.VSTS.Common.Priority": 4})


def _bulk_edit(stage: Stage) -> None:
    _pairs(*(f"Item {n}" for n in range(4)))(stage)
    for number in range(4):
        stage.developer.edit(item(stage, f"Item {number}"), {"Microsoft.VSTS.Common.Priority": 4})


def _let_through(stage: Stage) -> None:
    """A person looks at what the guard refused, and lets it through; again, where a death left a part of it."""
    for _ in range(4):
        report = stage.turn()
        refused = re.search(r"sync --allow (\w+)", report.problem or "")
        if refused is None:
            assert report.problem is None, report.problem
            break
        report = stage.turn(allow=refused[1])
        assert report.problem is None, report.problem
    stage.rest()


def _add_colour(database: Database) -> None:
    database.sql("ALTER TABLE link ADD COLUMN colour VARCHAR(20) NOT NULL DEFAULT 'red'")
    database.sql("UPDATE link SET colour = 'blue'")


def _add_weight(database: Database) -> None:
    database.sql("CREATE TABLE weight (grams VARCHAR(9) PRIMARY KEY)")
    database.sql("INSERT INTO weight VALUES ('1')")


@contextmanager
def a_newer_version() -> Iterator[None]:
    """The program knows two more schemas than the one that wrote the store."""
    now = migrations.newest()
    steps = (
        *migrations.MIGRATIONS,
        migrations.Migration(now + 1, "links have a colour", _add_colour),
        migrations.Migration(now + 2, "things have a weight", _add_weight),
    )
    with ExitStack() as stack:
        for function in (migrations.newest, migrations.refuse_newer, migrations.migrate, migrations.require_current):
            stack.enter_context(patch.object(function, "__defaults__", (steps,)))
        yield


SCENARIOS: dict[str, Scenario] = {
    "create-right": Scenario("a new item of the left gets its copy", _new_item, (rest,)),
    "create-left": Scenario("a new item of the right gets its copy, in two steps", _new_task, (rest,)),
    "update-right": Scenario("several fields travel to the right, in several requests", _edit_item, (rest,)),
    "update-left": Scenario("several fields travel to the left", _edit_task, (rest,)),
    "many-edits": Scenario("many edits travel both ways, and new items", _many_edits, (rest,)),
    "families": Scenario(
        "items move below each other on both sides, and new ones are made there", _move_children, (rest,)
    ),
    "comments": Scenario(
        "comments are added, edited and deleted on both sides",
        _say,
        (let_looks_come, _correct, let_looks_come, _take_back, let_looks_come),
    ),
    "attachments": Scenario(
        "files are added and removed on both sides, one of them too large",
        _hang,
        (let_looks_come, _take_off, let_looks_come),
        {"attachment_bytes_max": 50},
    ),
    "close": Scenario("a deletion is proved twice, then the partner closed", _delete_item, (sweep,)),
    "delete": Scenario(
        "a deletion is proved twice, then the partner deleted",
        _delete_task,
        (sweep,),
        {"on_delete": OnDelete.DELETE},
    ),
    "delete-and-edit": Scenario("a deletion meets an edit of the partner", _delete_and_edit, (sweep,)),
    "restore": Scenario("a deletion is taken back", _delete_item, (sweep, wait, _restore_item, rest)),
    "first-sync": Scenario("two backlogs meet, with pairs by title", _two_backlogs, (rest,)),
    "newest": Scenario("both sides change the same fields, the newer wins", _collide, (rest,)),
    "hold": Scenario(
        "both sides change the same fields, a person decides",
        _collide,
        (rest, _decide, rest),
        {"conflict": Rule.HOLD},
    ),
    "lost-store": Scenario("the store is gone, copies find their originals", _lost_store, (rest,), forgets=True),
    "sweep": Scenario("a sweep finds what no feed showed", _unseen, (sweep,), unseen=True),
    "maintenance": Scenario("old history is forgotten, a backup kept", _old_history, (_maintain, rest)),
    "migration": Scenario("an older store is led to a newer schema", _edit_task, (rest,), around=a_newer_version),
    "bulk-edit": Scenario(
        "a mass change is refused, then let through",
        _bulk_edit,
        (_let_through,),
        {"guard": GuardLimits(max_updates=3)},
    ),
}
