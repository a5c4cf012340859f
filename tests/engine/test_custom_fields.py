"""A mapping's own fields, through the real clients: every kind there and back, choices, and what cannot be carried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from reconciler.model.custom_field import FieldPair
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.clickup.dates import day_only
from reconciler.simulators.clickup.entities import Field, Task
from tests.support.duo import Duo

NOON_MS = 1_772_452_800_000  # 2026-03-02T12:00Z

LEVELS_OF_BUGS = ("1 - Critical", "2 - High", "3 - Medium", "4 - Low")
LEVELS = ("1 - Critical", "2 - High", "3 - Low")


class Own:
    """A mapping with one field of its own: `left` a kind of Azure DevOps, `right` a type of ClickUp."""

    def __init__(
        self,
        folder: Path,
        left: str,
        right: str,
        *,
        allowed: tuple[str, ...] = (),
        options: tuple[str, ...] = (),
        config: dict[str, Any] | None = None,
        direction: str = "both",
        values: Mapping[str, str] = {},
    ) -> None:
        self.duo = Duo(folder)
        self.reference = self.duo.azure.add_field(self.duo.projects[0], f"Own {left}", left, allowed=allowed)
        self.field: Field = self.duo.clickup.add_field(self.duo.lists[0], "Own", right, options=options, config=config)
        self.duo.set_policy(custom_fields=(FieldPair(self.reference, "Own", direction, values),))
        self.duo.restart()

    def work_item(self, value: Any = None, title: str = "Log in") -> WorkItem:
        fields = {} if value is None else {self.reference: value}
        return self.duo.developer.create(self.duo.projects[0], "Task", title, fields)

    def left(self, item: WorkItem) -> Any:
        return self.duo.azure.item(item.id).fields.get(self.reference)

    @property
    def task(self) -> Task:
        [task] = self.duo.clickup.world.tasks.values()
        return task

    @property
    def right(self) -> Any:
        return self.task.values.get(self.field.id)

    def option(self, text: str) -> str:
        return next(o["id"] for o in self.field.config["options"] if text in (o.get("name"), o.get("label")))


TEXTS = [("string", "short_text"), ("plainText", "text"), ("string", "url"), ("string", "email"), ("string", "phone")]


@pytest.mark.parametrize(("left", "right"), TEXTS)
def test_texts_travel_both_ways_and_can_be_emptied(tmp_path: Path, left: str, right: str) -> None:
    own = Own(tmp_path, left, right)
    item = own.work_item("+49 30 1")
    own.duo.settle()
    assert own.right == "+49 30 1"
    own.duo.planner.set_field(own.task, own.field, "+49 30 2")
    own.duo.settle()
    assert own.left(item) == "+49 30 2"
    own.duo.developer.edit(item, {own.reference: ""})
    own.duo.settle()
    assert own.right is None
    own.duo.planner.set_field(own.task, own.field, "+49 30 3")
    own.duo.settle()
    own.duo.planner.unset_field(own.task, own.field)
    own.duo.settle()
    assert own.left(item) is None


PAIRS: list[tuple[str, str, Any, Any, Any, Any]] = [
    ("double", "number", 1.5, 1.5, 2.25, 2.25),
    ("integer", "currency", 3, 3, 4, 4),
    ("integer", "emoji", 3, 3, 5, 5),
    ("integer", "manual_progress", 30, 30, {"current": 45}, 45),
    ("boolean", "checkbox", True, True, False, False),
    ("double", "short_text", 1.5, "1.5", "2", 2.0),
    ("string", "number", "1.5", 1.5, 2, "2"),
]


@pytest.mark.parametrize(("left", "right", "there", "arrives", "back", "returns"), PAIRS)
def test_values_travel_there_and_back(
    tmp_path: Path, left: str, right: str, there: Any, arrives: Any, back: Any, returns: Any
) -> None:
    own = Own(tmp_path, left, right)
    item = own.work_item(there)
    own.duo.settle()
    assert own.right == arrives
    own.duo.planner.set_field(own.task, own.field, back)
    own.duo.settle()
    assert own.left(item) == returns
    own.duo.settle(sweep=True)


def test_a_pair_that_was_there_before_gets_a_field_that_is_joined_later(tmp_path: Path) -> None:
    own = Own(tmp_path, "string", "short_text")
    own.duo.set_policy(custom_fields=())
    own.duo.restart()
    item = own.work_item("+49 30 1")
    own.duo.settle()
    assert own.right is None
    own.duo.set_policy(custom_fields=(FieldPair(own.reference, "Own", "both", {}),))
    own.duo.restart()
    own.duo.settle()
    assert (own.left(item), own.right) == ("+49 30 1", "+49 30 1")


def test_a_day_is_the_same_day_on_both_sides(tmp_path: Path) -> None:
    own = Own(tmp_path, "dateTime", "date")
    item = own.work_item("2026-03-02T00:00:00Z")
    own.duo.settle()
    assert day_only(NOON_MS, own.duo.piet.timezone) == own.right
    own.duo.planner.set_field(own.task, own.field, NOON_MS + 24 * 3_600_000)
    own.duo.settle()
    assert own.left(item).date() == date(2026, 3, 3)


def test_a_long_text_loses_its_formatting_only_where_the_other_side_edits_it(tmp_path: Path) -> None:
    own = Own(tmp_path, "html", "text")
    item = own.work_item("<p>All <b>doors</b> close</p>")
    own.duo.settle()
    assert own.right == "All doors close"
    assert "<b>" in own.left(item)
    own.duo.planner.set_field(own.task, own.field, "All doors\nare < open")
    own.duo.settle()
    assert own.left(item).split() == ["<div>All", "doors", "</div><div>are", "&lt;", "open", "</div>"]


def test_people_travel_as_members(tmp_path: Path) -> None:
    own = Own(tmp_path, "identity", "users")
    item = own.work_item(own.duo.mara.address)
    own.duo.settle()
    assert own.right == [own.duo.mara_member]
    own.duo.planner.set_field(own.task, own.field, {"add": [], "rem": [own.duo.mara_member.id]})
    own.duo.settle()
    assert own.left(item) is None


def test_choices_are_paired_by_the_table_and_by_name(tmp_path: Path) -> None:
    own = Own(
        tmp_path,
        "string",
        "drop_down",
        allowed=LEVELS,
        options=("critical", "2 - high"),
        values={"1 - Critical": "critical"},
    )
    item = own.work_item("1 - Critical")
    own.duo.settle()
    assert own.right == own.option("critical")
    own.duo.planner.set_field(own.task, own.field, own.option("2 - high"))
    own.duo.settle()
    assert own.left(item) == "2 - High"


def test_what_a_new_item_is_born_with_is_told_to_its_original(tmp_path: Path) -> None:
    duo = Duo(tmp_path)
    field = duo.clickup.add_field(duo.lists[0], "Severity", "drop_down", options=LEVELS_OF_BUGS)
    duo.set_policy(custom_fields=(FieldPair("Severity", "Severity"),))
    duo.restart()
    bug = next(kind for kind in duo.workspace.task_types.values() if kind.name == "Bug")
    duo.planner.create_task(duo.lists[0], "Leak", custom_item_id=bug.id)
    duo.settle()
    [item], [task] = duo.azure.world.items.values(), duo.clickup.world.tasks.values()
    assert item.fields["Microsoft.VSTS.Common.Severity"] == "3 - Medium"
    assert task.values == {field.id: next(o["id"] for o in field.config["options"] if o["name"] == "3 - Medium")}
    assert duo.store.pending("web") == []


def test_values_may_come_as_text_or_not(tmp_path: Path) -> None:
    own = Own(tmp_path, "double", "number")
    world = own.duo.clickup.world
    item = own.work_item(1.5)
    own.duo.settle()
    world.switches = replace(world.switches, plain_value_types=not world.switches.plain_value_types)
    mark = own.duo.mark()
    own.duo.settle(sweep=True)
    assert all(not seen.writes for seen in own.duo.since(mark))
    own.duo.planner.set_field(own.task, own.field, 2)
    own.duo.settle()
    assert own.left(item) == 2


def test_a_choice_that_is_missing_there_waits_and_everything_else_travels(tmp_path: Path) -> None:
    own = Own(tmp_path, "string", "drop_down", allowed=LEVELS, options=("2 - High",))
    item = own.work_item("2 - High")
    own.duo.settle()
    own.duo.developer.edit(item, {own.reference: "3 - Low", "System.Title": "Sign in"})
    own.duo.settle()
    assert (own.task.name, own.right) == ("Sign in", own.option("2 - High"))
    [waiting] = own.duo.store.pending("web")
    assert waiting.parked
    assert f'[[mappings.custom_fields]] left = "{own.reference}"' in waiting.reason


def test_an_option_renamed_meanwhile_is_chosen_by_the_name_it_has_now(tmp_path: Path) -> None:
    own = Own(tmp_path, "string", "drop_down", options=("low", "high"))
    item = own.work_item("low")
    own.duo.settle()
    high = own.option("high")
    own.duo.planner.rename_option(own.field, high, "top")
    own.duo.contexts[0].refresh()
    own.duo.developer.edit(item, {own.reference: "top"})
    own.duo.settle()
    assert own.right == high


def test_labels_are_words_separated_by_semicolons(tmp_path: Path) -> None:
    own = Own(tmp_path, "string", "labels", options=("red", "green", "blue"))
    item = own.work_item("red; Green")
    own.duo.settle()
    assert set(own.right) == {own.option("red"), own.option("green")}
    own.duo.planner.set_field(own.task, own.field, [own.option("blue"), own.option("red")])
    own.duo.settle()
    assert set(own.left(item).split("; ")) == {"red", "blue"}


def test_a_value_that_does_not_fit_waits_alone(tmp_path: Path) -> None:
    own = Own(tmp_path, "integer", "number")
    item = own.work_item(3)
    own.duo.settle()
    own.duo.planner.set_field(own.task, own.field, 2.5)
    own.duo.planner.edit(own.task, name="Sign in")
    own.duo.settle()
    assert (own.left(item), own.duo.azure.item(item.id).title) == (3, "Sign in")
    [waiting] = own.duo.store.pending("web")
    assert "2.5 is no whole number" in waiting.reason


def test_a_text_that_is_too_long_for_a_string_is_cut_and_said(tmp_path: Path) -> None:
    own = Own(tmp_path, "string", "text")
    item = own.work_item("short")
    own.duo.settle()
    own.duo.planner.set_field(own.task, own.field, "long " * 100)
    [report] = own.duo.cycle()
    assert any("was cut to 255 characters" in note for note in report.notes)
    own.duo.settle(cycles=3)
    assert len(own.left(item)) <= 255
    assert own.right == "long " * 100


def test_words_that_are_no_number_wait_for_a_person(tmp_path: Path) -> None:
    own = Own(tmp_path, "double", "short_text")
    item = own.work_item(1.5)
    own.duo.settle()
    own.duo.planner.set_field(own.task, own.field, "a few")
    own.duo.settle()
    assert own.left(item) == 1.5
    [waiting] = own.duo.store.pending("web")
    assert '"a few" is no number' in waiting.reason


def test_a_field_may_travel_one_way(tmp_path: Path) -> None:
    own = Own(tmp_path, "string", "short_text", direction="to-right")
    item = own.work_item("one")
    own.duo.settle()
    own.duo.planner.set_field(own.task, own.field, "two")
    own.duo.settle()
    assert (own.left(item), own.right) == ("one", "two")


def test_what_clickup_computes_travels_away_only(tmp_path: Path) -> None:
    own = Own(tmp_path, "string", "location")
    own.duo.planner.create_task(own.duo.lists[0], "Paint")
    place = {"location": {"lat": 52.5, "lng": 13.4}, "formatted_address": "Berlin, Germany"}
    own.duo.planner.set_field(own.task, own.field, place)
    own.duo.settle()
    [item] = own.duo.azure.world.items.values()
    assert own.left(item) == "Berlin, Germany"
    own.duo.developer.edit(item, {own.reference: "Paris"})
    own.duo.settle()
    assert own.right == place


def test_fields_that_cannot_be_joined_are_all_said_at_once(tmp_path: Path) -> None:
    duo = Duo(tmp_path)
    reference = duo.azure.add_field(duo.projects[0], "Own identity", "identity")
    duo.azure.add_field(duo.projects[0], "Own string", "string")
    duo.clickup.add_field(duo.lists[0], "Twice", "number")
    duo.clickup.add_field(duo.lists[0], "Twice", "number")
    duo.clickup.add_field(duo.lists[0], "Severity", "drop_down", options=("high",))
    duo.clickup.add_field(duo.lists[0], "Related", "tasks")
    duo.set_policy(
        custom_fields=(
            FieldPair(reference, "Severitty"),
            FieldPair("Own string", "Twice"),
            FieldPair("Microsoft.VSTS.Build.FoundIn", "Related"),
            FieldPair("Own Identity", "Severity"),
            FieldPair("System.State", "Severity"),
            FieldPair("Microsoft.VSTS.Common.Severity", "Severity", values={"1 - Critical": "higher"}),
        )
    )
    duo.restart()
    slip = duo.contexts[0].slip(started=False)
    assert slip is not None
    said = "\n".join(slip.problems)
    assert 'did you mean "Severity"?' in said
    assert '"Twice" exists 2 times' in said
    assert "relationships are links" in said
    assert '"Own Identity" (identity) cannot be joined with "Severity" (drop_down)' in said
    assert "[mappings.fields] state" in said
    assert '"higher" is no option of Severity' in said
    assert len(slip.problems) == 6


def test_a_field_that_is_gone_stops_itself_and_nothing_else(tmp_path: Path) -> None:
    own = Own(tmp_path, "string", "short_text")
    item = own.work_item("one")
    own.duo.settle()
    own.duo.planner.delete_field(own.field)
    own.duo.developer.edit(item, {own.reference: "two", "System.Title": "Sign in"})
    own.duo.contexts[0].refresh()
    own.duo.settle()
    assert own.task.name == "Sign in"
    assert own.duo.contexts[0].slip(started=True) is None
    [gone] = own.duo.contexts[0].correspondence.unknown
    assert '"Own" does not exist on the right side' in gone.sentence


def test_a_task_type_without_the_field_keeps_it_out(tmp_path: Path) -> None:
    duo = Duo(tmp_path)
    reference = duo.azure.add_field(duo.projects[0], "Own string", "string")
    bug = next(kind for kind in duo.workspace.task_types.values() if kind.name == "Bug")
    field = duo.clickup.add_field(duo.lists[0], "Own", "short_text", types=[bug])
    duo.set_policy(custom_fields=(FieldPair(reference, "Own"),))
    duo.restart()
    duo.developer.create(duo.projects[0], "Task", "Sweep", {reference: "no"})
    duo.developer.create(duo.projects[0], "Bug", "Leak", {reference: "yes"})
    duo.settle()
    values = {task.name: task.values.get(field.id) for task in duo.clickup.world.tasks.values()}
    assert values == {"Sweep": None, "Leak": "yes"}
    assert duo.store.pending("web") == []


@pytest.mark.parametrize("seed", range(2))
def test_any_edits_on_both_sides_end_in_agreement(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    duo = Duo(tmp_path)
    words = ("red", "green", "blue")
    kinds = {"string": "short_text", "double": "number", "boolean": "checkbox", "dateTime": "date", "html": "text"}
    places = {kind: duo.azure.add_field(duo.projects[0], f"Own {kind}", kind) for kind in kinds}
    fields = {kind: duo.clickup.add_field(duo.lists[0], f"Own {form}", form) for kind, form in kinds.items()}
    places["choice"] = duo.azure.add_field(duo.projects[0], "Own choice", "string", allowed=words)
    fields["choice"] = duo.clickup.add_field(duo.lists[0], "Own choice", "drop_down", options=words)
    places["labels"] = duo.azure.add_field(duo.projects[0], "Own labels", "string")
    fields["labels"] = duo.clickup.add_field(duo.lists[0], "Own labels", "labels", options=words)
    duo.set_policy(custom_fields=tuple(FieldPair(places[kind], fields[kind].id) for kind in places))
    duo.restart()

    def left(kind: str) -> Any:
        day = f"2026-03-{random.randint(1, 28):02}T00:00:00Z"
        made = {"double": random.randint(0, 9) / 4, "boolean": random.random() < 0.5, "dateTime": day}
        labels = "; ".join(random.sample(words, random.randint(1, 2)))
        return random.choice([made.get(kind, labels if kind == "labels" else random.choice(words)), ""])

    def right(kind: str, task: Task) -> None:
        word = random.choice(words)
        options = {o.get("name") or o["label"]: o["id"] for o in fields[kind].config.get("options", ())}
        made = {"double": random.randint(0, 9) / 4, "boolean": random.random() < 0.5, "choice": options.get(word)}
        made |= {"labels": [options.get(word)], "dateTime": NOON_MS + random.randint(0, 20) * 86_400_000}
        if random.random() < 0.2:
            duo.planner.unset_field(task, fields[kind])
        else:
            duo.planner.set_field(task, fields[kind], made.get(kind, word))

    for step in range(60):
        items, tasks = list(duo.azure.world.items.values()), list(duo.clickup.world.tasks.values())
        kind = random.choice(list(places))
        match random.randint(0, 5):
            case 0 if len(items) < 5:
                duo.developer.create(duo.projects[0], "Task", f"Item {step}", {places[kind]: left(kind)})
            case 0 | 1 if len(tasks) < 8:
                right(kind, duo.planner.create_task(duo.lists[0], f"Task {step}"))
            case 2 | 3 if items:
                duo.developer.edit(random.choice(items), {places[kind]: left(kind)})
            case 4 if tasks:
                right(kind, random.choice(tasks))
            case _:
                duo.cycle(after_s=random.choice((5, 30)))
    duo.settle(sweep=True)
    [context] = duo.contexts
    links = list(duo.store.all_links("web"))
    assert len(links) == len(duo.azure.world.items) == len(duo.clickup.world.tasks) > 3
    for link in links:
        one = context.trackers["left"].read(context.scopes["left"], [link.left.item.key])[link.left.item.key]
        two = context.trackers["right"].read(context.scopes["right"], [link.right.item.key])[link.right.item.key]
        for name in context.correspondence.custom:
            values = one.fields[name], two.fields[name]
            assert context.correspondence.agree(name, *values, one.type, two.type), (name, values)
    assert duo.store.pending("web") == []
