from __future__ import annotations

from reconciler.mapping.choices import by_category, by_rank, from_table, overlay
from reconciler.model.schema import Category, State

AGILE = (
    State("New", Category.PROPOSED),
    State("Active", Category.ACTIVE),
    State("Resolved", Category.ACTIVE),
    State("Closed", Category.DONE),
    State("Removed", Category.REMOVED),
)
LIST = (
    State("to do", Category.PROPOSED),
    State("in progress", Category.ACTIVE),
    State("blocked", Category.ACTIVE),
    State("complete", Category.DONE),
)


def test_states_without_a_table_pair_by_category_and_order() -> None:
    choices = by_category(AGILE, LIST)
    assert [choices.translate(s.name, "right") for s in AGILE] == [
        "to do",
        "in progress",
        "in progress",
        "complete",
        "complete",
    ]
    assert [choices.translate(s.name, "left") for s in LIST] == ["New", "Active", "Active", "Closed"]


def test_every_pair_of_one_category_is_acceptable_and_no_other() -> None:
    choices = by_category(AGILE, LIST)
    assert choices.acceptable("Resolved", "BLOCKED")
    assert not choices.acceptable("New", "in progress")
    assert not choices.acceptable("Closed", "to do")


def test_a_category_that_the_other_side_lacks_falls_to_its_neighbour() -> None:
    choices = by_category(AGILE, (State("open", Category.ACTIVE), State("done", Category.DONE)))
    assert choices.translate("New", "right") == "open"
    assert choices.acceptable("New", "open")


def test_two_states_may_stand_together_whichever_side_is_called_the_left_one() -> None:
    """Removed becomes a state that means done over there; that state beside it is no contradiction, and no conflict."""
    assert by_category(AGILE, LIST).acceptable("Removed", "complete")
    assert by_category(LIST, AGILE).acceptable("complete", "Removed")


def test_the_same_name_wins_among_states_of_one_category() -> None:
    choices = by_category((State("Waiting", Category.ACTIVE),), (*LIST, State("waiting", Category.ACTIVE)))
    assert choices.translate("Waiting", "right") == "waiting"


def test_table_writes_the_first_and_reads_all() -> None:
    choices = from_table({"Active": ("in progress", "blocked"), "Closed": ("complete",)})
    assert choices.translate("active", "right") == "in progress"
    assert choices.translate("Blocked", "left") == "Active"
    assert choices.acceptable("Active", "blocked")
    assert choices.translate("New", "right") is None


def test_a_right_name_written_for_one_left_name_belongs_to_it_even_if_listed_earlier_elsewhere() -> None:
    choices = from_table({"Active": ("in progress", "in review"), "Resolved": ("in review",)})
    assert choices.translate("in review", "left") == "Resolved"


def test_overlay_keeps_what_the_table_does_not_name() -> None:
    choices = overlay(by_category(AGILE, LIST), {"Resolved": ("complete",)})
    assert choices.translate("Resolved", "right") == "complete"
    assert choices.translate("Removed", "right") == "complete"
    assert choices.translate("to do", "left") == "New"


def test_priorities_of_equal_number_pair_by_rank() -> None:
    choices = by_rank(("1", "2", "3", "4"), ("urgent", "high", "normal", "low"))
    assert [choices.translate(n, "right") for n in "1234"] == ["urgent", "high", "normal", "low"]
    assert choices.translate("low", "left") == "4"


def test_priorities_of_unequal_number_share_neighbours_and_accept_them() -> None:
    choices = by_rank(("1", "2", "3", "4"), ("high", "low"))
    assert [choices.translate(n, "right") for n in "1234"] == ["high", "high", "low", "low"]
    assert choices.acceptable("2", "high")
    assert choices.acceptable("1", "high")
    assert not choices.acceptable("2", "low")
