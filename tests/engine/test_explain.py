"""What `explain` says, from the store alone, about items in every state they can be in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.decide import decide, retry, unlink
from reconciler.explain import Answer, FieldAnswer, explain
from reconciler.model.policy import Direction, Rule
from reconciler.naming import references
from reconciler.simulators.clickup.entities import Task
from tests.support.configured import configured
from tests.support.duo import Duo


class Asked:
    """A Duo with its configuration, and the question."""

    def __init__(self, folder: Path, settings: str = "", **options: object) -> None:
        self.folder = folder
        self.duo = Duo(folder, **options)  # type: ignore[arg-type]
        self.config = configured(self.duo, folder, settings=settings)

    def all(self, text: str) -> list[Answer]:
        mark = self.duo.mark()
        found = explain(self.config, self.duo.store, text, self.duo.clock.now())
        assert [len(exchanges) for exchanges in self.duo.since(mark)] == [0, 0]
        return found

    def one(self, text: str) -> Answer:
        [answer] = self.all(text)
        return answer

    def why(self, text: str) -> str:
        """The sentences about an item that is not synchronised."""
        answer = self.one(text)
        assert answer.link is None
        assert all(reason.fix for reason in answer.reasons)
        return "\n".join(reason.what for reason in answer.reasons)

    def field(self, text: str, name: str) -> FieldAnswer:
        return next(field for field in self.one(text).fields if field.field == name)

    def task(self, title: str) -> Task:
        return next(task for task in self.duo.clickup.world.tasks.values() if task.name == title)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    made = Asked(tmp_path)
    yield made
    made.duo.close()


# --- pairs ---------------------------------------------------------------------------------------------------------


def test_every_name_of_either_side_gives_the_same_answer(asked: Asked) -> None:
    item = asked.duo.developer.create("Web", "Task", "Log in")
    asked.duo.settle()
    key = asked.task("Log in").id
    page = f"https://dev.azure.com/contoso/Web/_workitems/edit/{item.id}"
    names = [f"AB#{item.id}", f"ab#{item.id}", f"#{item.id}", str(item.id), page, f"CU-{key}", key]
    names += [f"https://app.clickup.com/t/{key}", f"https://app.clickup.com/t/{asked.duo.workspace.id}/{key}"]
    answers = [asked.one(name) for name in names]
    assert len({answer.link.id if answer.link else 0 for answer in answers}) == 1
    assert {answer.fields for answer in answers} == {answers[0].fields}
    assert answers[0].reasons == ()


def test_a_field_that_travelled_says_what_when_by_which_case_and_in_which_run(asked: Asked) -> None:
    item = asked.duo.developer.create("Web", "Task", "Log in")
    asked.duo.settle()
    asked.duo.developer.edit(item, {"System.Title": "Sign in"})
    asked.duo.settle()
    title = asked.field(f"AB#{item.id}", "title")
    assert (title.left_base, title.left, title.right, title.state) == ("Sign in", "Sign in", "Sign in", "agreed")
    assert title.last is not None
    assert (title.last.before, title.last.after, title.last.case) == ("Log in", "Sign in", "one side")
    assert "changed on the left" in title.why
    assert asked.field(f"AB#{item.id}", "description").last is None


def test_a_held_conflict_says_how_to_decide_it_and_then_that_it_is_decided(tmp_path: Path) -> None:
    asked = Asked(tmp_path, conflict=Rule.HOLD)
    item = asked.duo.developer.create("Web", "Task", "Log in")
    asked.duo.settle()
    task = asked.task("Log in")
    asked.duo.developer.edit(item, {"System.Title": "from left"})
    asked.duo.planner.edit(task, name="from right")
    asked.duo.settle()
    title = asked.field(f"CU-{task.id}", "title")
    assert (title.left_base, title.left, title.right, title.state) == ("Log in", "from left", "from right", "conflict")
    [conflict] = asked.one(task.id).conflicts
    assert f"conflicts resolve {conflict.id} left|right" in title.why
    decide(asked.duo.store, asked.duo.clock, conflict.id, "right")
    assert "decided for the right" in asked.field(task.id, "title").why
    asked.duo.settle()
    title = asked.field(task.id, "title")
    assert (title.state, title.last.case if title.last else "") == ("agreed", "a person decided")
    asked.duo.close()


def test_a_value_that_cannot_be_carried_waits_with_its_reason(tmp_path: Path) -> None:
    asked = Asked(tmp_path, priorities={"1": "urgent", "2": "high"})
    item = asked.duo.developer.create("Web", "Task", "Log in")
    asked.duo.settle()
    asked.duo.developer.edit(item, {"Microsoft.VSTS.Common.Priority": 4})
    asked.duo.cycle()
    priority = asked.field(f"AB#{item.id}", "priority")
    assert (priority.left_base, priority.left, priority.right, priority.state) == ("2", "4", "high", "waits")
    assert '"4" has no' in priority.why
    asked.duo.close()


def test_a_field_that_is_off_or_travels_one_way_says_so(tmp_path: Path) -> None:
    lines = 'fields = { title = "to-right", description = "off" }'
    directions = {"title": Direction.TO_RIGHT, "description": Direction.OFF}
    asked = Asked(tmp_path, lines, directions=directions)
    item = asked.duo.developer.create("Web", "Task", "Log in")
    asked.duo.settle()
    assert asked.field(f"AB#{item.id}", "description").state == "off"
    assert "only to the right" in asked.field(f"AB#{item.id}", "title").why
    asked.duo.close()


def test_comments_are_counted_and_their_last_look_told(asked: Asked) -> None:
    item = asked.duo.developer.create("Web", "Task", "Log in")
    asked.duo.developer.comment(item, "<p>hello</p>")
    asked.duo.settle()
    answer = asked.one(f"AB#{item.id}")
    assert answer.comments == 1
    assert {look.side for look in answer.looks if look.looked_at} == {"left", "right"}


def test_a_refused_write_says_what_was_refused_and_when_it_is_tried_again(asked: Asked) -> None:
    item = asked.duo.developer.create("Web", "Task", "Log in")
    asked.duo.settle()
    asked.duo.clickup_service.faults.answer("PUT .*/task/", 400, times=1_000)
    asked.duo.developer.edit(item, {"System.Title": "Sign in"})
    asked.duo.cycle()
    [row] = asked.one(f"AB#{item.id}").pending
    [reason] = asked.one(f"AB#{item.id}").reasons
    assert "refused 1 times" in reason.what
    assert f"{row.due_at:%H:%M:%S}" in reason.fix
    for _ in range(10):
        asked.duo.cycle(after_s=7 * 3600)
    [reason] = asked.one(f"AB#{item.id}").reasons
    assert "in quarantine" in reason.what
    assert "reconciler retry" in reason.fix


def test_a_partner_out_of_sight_is_told(asked: Asked) -> None:
    item = asked.duo.developer.create("Web", "Task", "Log in")
    asked.duo.settle()
    task = asked.task("Log in")
    asked.duo.planner.move(task, asked.duo.clickup.add_list(task.home.folder.space, "Elsewhere"))
    asked.duo.cycle(sweep=True)
    assert any("was moved" in reason.what for reason in asked.one(f"AB#{item.id}").reasons)


# --- not synchronised ----------------------------------------------------------------------------------------------


def test_titles_of_several_items(asked: Asked) -> None:
    items = [asked.duo.developer.create("Web", "Task", "Twin") for _ in range(2)]
    asked.duo.planner.create_task(asked.duo.lists[0], "Twin")
    asked.duo.cycle()
    for name in (f"AB#{items[0].id}", f"AB#{items[1].id}", asked.task("Twin").id):
        assert f"AB#{items[1].id}" in asked.why(name)


def test_archived_before_it_had_a_partner(asked: Asked) -> None:
    task = asked.duo.planner.create_task(asked.duo.lists[0], "Old")
    asked.duo.planner.archive(task)
    asked.duo.cycle()
    asked.duo.cycle(sweep=True)
    asked.duo.cycle(sweep=True)
    assert "is archived; it is left alone" in asked.why(task.id)
    assert len(asked.duo.store.events(1, 9)) == 1


def test_proved_deleted(asked: Asked) -> None:
    item = asked.duo.developer.create("Web", "Task", "Log in")
    asked.duo.settle()
    task = asked.task("Log in")
    asked.duo.planner.delete(task)
    asked.duo.cycle(sweep=True)
    asked.duo.settle()
    for name in (f"AB#{item.id}", task.id):
        assert "proved deleted on the right" in asked.why(name)


def test_released_by_a_person_and_asked_back(asked: Asked) -> None:
    item = asked.duo.developer.create("Web", "Task", "Log in")
    asked.duo.settle()
    task = asked.task("Log in")
    standing = asked.one(task.id).link
    assert standing is not None
    unlink(asked.duo.store, asked.duo.clock, standing)
    asked.duo.planner.edit(task, name="Sign in")
    asked.duo.cycle()
    assert f"a person released it from CU-{task.id}" in asked.why(f"AB#{item.id}")
    assert f"a person released it from AB#{item.id}" in asked.why(task.id)
    retry(asked.duo.store, asked.duo.clock, references(asked.config, asked.duo.store, task.id), task.id)
    asked.duo.settle()
    assert asked.one(f"AB#{item.id}").link is not None


def test_a_creation_in_doubt(asked: Asked) -> None:
    item = asked.duo.developer.create("Web", "Task", "Log in")
    asked.duo.clickup_service.faults.drop_response("POST .*/list/.*/task", times=1)
    asked.duo.cycle()
    assert "the creation of its counterpart on the right was asked for" in asked.why(f"AB#{item.id}")


def test_what_the_mapping_never_saw_is_said_to_be_unknown(asked: Asked) -> None:
    epic = asked.duo.developer.create("Web", "Feature", "Not one of the types")
    assert "was never synchronised" in asked.why(f"AB#{epic.id}")
    asked.duo.cycle()
    sentence = asked.why(f"AB#{epic.id}")
    assert "never saw it on the left" in sentence
    assert "project Web, types User Story or Bug or Task" in sentence
    assert "only the tracker knows" in sentence


def test_a_number_that_both_sides_may_mean_is_answered_for_both(asked: Asked) -> None:
    asked.duo.cycle()
    assert [answer.meant.side for answer in asked.all("999")] == ["left", "right"]


def test_a_mapping_that_the_configuration_has_no_more(asked: Asked) -> None:
    item = asked.duo.developer.create("Web", "Task", "Log in")
    asked.duo.settle()
    asked.config = configured(asked.duo, asked.folder, names={"web": "site"})
    [reason] = asked.one(f"AB#{item.id}").reasons
    assert 'no mapping "web"' in reason.what


def test_what_keeps_the_whole_mapping_is_told_with_the_item(asked: Asked) -> None:
    item = asked.duo.developer.create("Web", "Task", "Log in")
    asked.duo.settle()
    asked.duo.store.set_problem("web", "clickup: the token is refused")
    [reason] = asked.one(f"AB#{item.id}").reasons
    assert "the token is refused" in reason.what


@pytest.mark.parametrize("text", ["", "nonsense !", "https://example.com/t/86abc", "https://["])
def test_what_names_no_item_has_no_answer(asked: Asked, text: str) -> None:
    assert asked.all(text) == []


def test_what_is_said_goes_with_the_history(asked: Asked) -> None:
    item = asked.duo.developer.create("Web", "Task", "Log in")
    asked.duo.settle()
    asked.duo.developer.edit(item, {"System.Title": "Sign in"})
    asked.duo.settle()
    asked.duo.clock.advance(timedelta(days=91).total_seconds())
    asked.duo.store.prune()
    title = asked.field(f"AB#{item.id}", "title")
    assert (title.state, title.last) == ("agreed", None)
