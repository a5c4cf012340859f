"""Values that a side can hold only in part, and states that only some types have: nothing is lost, nothing repeats."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.clickup.entities import Task
from reconciler.verify import verify
from tests.support.duo import Duo

STATES = {
    "New": ("to do",),
    "Active": ("in progress",),
    "Resolved": ("in review",),
    "Closed": ("complete",),
}


@pytest.fixture
def duo(tmp_path: Path) -> Iterator[Duo]:
    duo = Duo(tmp_path, states=STATES)
    yield duo
    duo.close()


def lose_the_store(duo: Duo, folder: Path) -> None:
    duo.store.close()
    for path in folder.glob("store.db*"):
        path.unlink()
    duo.restart()


def first(duo: Duo) -> WorkItem:
    return duo.azure.item(1)


def names(task: Task) -> set[str]:
    return {tag.name for tag in task.tags}


def tags_of(item: WorkItem) -> set[str]:
    tags = item.fields.get("System.Tags", ())
    assert isinstance(tags, tuple)
    return {tag.name for tag in tags}


def test_a_title_that_is_too_long_for_one_side_stays_whole_on_the_other_although_the_store_is_lost(
    duo: Duo, tmp_path: Path
) -> None:
    task = duo.planner.create_task(duo.lists[0], "y" * 300)
    duo.settle()
    lose_the_store(duo, tmp_path)
    duo.settle()
    assert task.name == "y" * 300
    assert first(duo).title == "y" * 254 + "…"
    assert verify(duo.contexts[0], duo.store).is_clean
    duo.planner.edit(task, name="z" + "y" * 299)
    duo.settle()
    assert first(duo).title == "z" + "y" * 253 + "…"


def test_tags_that_one_side_spells_differently_do_not_come_back_as_second_ones(duo: Duo, tmp_path: Path) -> None:
    task = duo.planner.create_task(duo.lists[0], "Pay", tags=["a,b", "plain"])
    duo.settle()
    assert tags_of(first(duo)) == {"a b", "plain"}
    lose_the_store(duo, tmp_path)
    duo.settle()
    assert names(task) == {"a,b", "plain"}
    assert verify(duo.contexts[0], duo.store).is_clean


def test_a_tag_that_one_side_spells_differently_is_removed_there_too(duo: Duo) -> None:
    task = duo.planner.create_task(duo.lists[0], "Pay", tags=["a,b", "plain"])
    duo.settle()
    duo.planner.remove_tag(task, "a,b")
    duo.settle()
    assert tags_of(first(duo)) == {"plain"}
    assert names(task) == {"plain"}


def test_a_tag_removed_under_its_other_spelling_is_removed_from_its_original_too(duo: Duo) -> None:
    task = duo.planner.create_task(duo.lists[0], "Pay", tags=["a,b", "plain"])
    duo.settle()
    duo.developer.untag(first(duo), "a b")
    duo.settle()
    assert names(task) == {"plain"}
    assert tags_of(first(duo)) == {"plain"}


@pytest.mark.parametrize("noise", ["\0", "\x07", "\x1b[0m", "\ufffe", "\x9f"])
def test_what_no_text_may_hold_is_left_out_or_shown_as_such_on_the_other_side(
    duo: Duo, tmp_path: Path, noise: str
) -> None:
    item = duo.developer.create(
        "Web", "Task", f"Log {noise}in", {"System.Description": f"<p>a {noise}b</p>", "System.Tags": "web"}
    )
    duo.developer.comment(item, f"<p>one {noise}two</p>")
    paid = duo.planner.create_task(duo.lists[0], f"Pay {noise}now", tags=[f"a{noise}b"], markdown=f"c {noise}d")
    duo.planner.comment(paid, f"three {noise}four")
    duo.settle()
    task = next(t for t in duo.clickup.world.tasks.values() if t is not paid)
    title = duo.azure.item(2).title
    assert task.name in ("Log in", "Log [0min")
    assert title in ("Pay now", "Pay [0mnow")
    assert not duo.store.pending("web")
    assert verify(duo.contexts[0], duo.store).is_clean
    lose_the_store(duo, tmp_path)
    duo.settle()
    assert verify(duo.contexts[0], duo.store).is_clean
    assert not duo.store.conflicts("web")
    duo.developer.edit(duo.azure.item(2), {"System.Title": title.replace("now", "later")})
    duo.settle()
    assert paid.name == title.replace("now", "later")


def test_a_description_that_is_too_long_holds_back_nothing_but_itself(duo: Duo) -> None:
    item = duo.developer.create("Web", "Task", "Log in")
    duo.settle()
    duo.developer.edit(item, {"System.Description": f"<p>{'word ' * 60_000}</p>", "System.Title": "Sign in"})
    duo.settle()
    task = next(iter(duo.clickup.world.tasks.values()))
    assert task.name == "Sign in"
    [waiting] = duo.store.pending("web")
    assert "the description has 294 KB; ClickUp takes 256" in waiting.reason
    duo.developer.edit(item, {"System.Description": "<p>short</p>"})
    duo.settle()
    assert task.markdown.startswith("short")
    assert not duo.store.pending("web")


def test_a_state_in_the_table_that_a_type_lacks_becomes_one_of_the_same_category(duo: Duo) -> None:
    duo.planner.create_task(duo.lists[0], "Pay", status="in review")
    duo.settle()
    item = first(duo)
    assert (item.fields["System.WorkItemType"], item.fields["System.State"]) == ("Task", "Active")
    assert verify(duo.contexts[0], duo.store).is_clean
    assert not duo.store.pending("web")


def test_a_state_in_the_table_still_counts_for_the_types_that_have_it(duo: Duo) -> None:
    item = duo.developer.create("Web", "Bug", "Crash", {"System.State": "Resolved"})
    duo.settle()
    task = next(iter(duo.clickup.world.tasks.values()))
    assert task.status.name == "in review"
    duo.planner.set_status(task, "in progress")
    duo.settle()
    assert item.fields["System.State"] == "Active"
