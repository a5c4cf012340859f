"""How a plan looks to a person: item by item, in names, with what became of long texts word by word."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime

import pytest

from reconciler.app import MappingPlan
from reconciler.cli.output import as_text
from reconciler.cli.plans import plan_as_json, print_plans
from reconciler.model.decision import Decision, Write
from reconciler.model.item import Item
from reconciler.model.operation import identity
from reconciler.model.plan import PairPlan, Plan
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import word_difference

BEFORE = "The quick brown fox.\n\nThis line stays.\n\nGone soon."
AFTER = "The slow brown fox.\n\nThis line stays.\n\nA line that is new.\n\nAnd another."


def item(key: str, label: str) -> Item:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Item(key, "1", at, f"https://x.example.com/{key}", label, {"type": "Task", "title": "Pay by card"})


PLAN = Plan(
    "web",
    pairs=(
        PairPlan(
            item("1234", "AB#1234"),
            item("86c1", "CU-86c1"),
            (
                Decision(
                    "description",
                    "changed on the left",
                    (Write("right", RichText(Form.MARKDOWN, BEFORE), RichText(Form.MARKDOWN, AFTER)),),
                ),
                Decision("choice:Custom.Severity", "changed on the left", (Write("right", "low", "[high]"),)),
                Decision("parent", "changed on the left", (Write("right", None, "86c2"),)),
                Decision("due_date", "changed on the left", (Write("right", None, date(2026, 3, 9)),)),
            ),
        ),
        PairPlan(item("5", "AB#5"), item("86c5", "CU-86c5"), ()),
    ),
)


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    print_plans([MappingPlan("web", plan=PLAN)], {"web": lambda side, key: f"<{side} {key}>"})
    return capsys.readouterr().out


def test_what_becomes_of_an_item_stands_below_it_in_names_that_people_know(capsys: pytest.CaptureFixture[str]) -> None:
    shown = printed(capsys)
    assert [line for line in shown.splitlines() if line.startswith("  ~")] == ['  ~ AB#1234 = CU-86c1 "Pay by card"']
    assert "CU-86c1 Custom.Severity: low -> [high] (changed on the left)" in shown
    assert "CU-86c1 parent: (empty) -> <right 86c2> (changed on the left)" in shown
    assert "choice:" not in shown


def test_a_long_text_shows_which_words_changed_and_not_what_stayed(capsys: pytest.CaptureFixture[str]) -> None:
    shown = printed(capsys)
    assert "The [-quick-]{+slow+} brown fox." in shown
    assert "{+And another.+}" in shown
    assert "This line stays." not in shown


def test_without_a_terminal_there_is_no_colour(capsys: pytest.CaptureFixture[str]) -> None:
    assert not re.search("\x1b", printed(capsys))


def test_the_pieces_of_a_difference_make_both_texts() -> None:
    [pieces] = word_difference("a (b) c  d", "a [b] c e d")
    assert "".join(text for sign, text in pieces if sign in "- ") == "a (b) c  d"
    assert "".join(text for sign, text in pieces if sign in "+ ") == "a [b] c e d"


def test_a_text_too_long_to_compare_word_by_word_still_shows_where_it_changed() -> None:
    before, after = ["word "] * 5000, ["word "] * 5000
    after[2500] = "other "
    [pieces] = word_difference("".join(before), "".join(after))
    assert [piece for piece in pieces if piece[0] != " "] == [("-", "word"), ("+", "other")]


def test_an_operation_read_from_a_file_is_the_one_that_was_saved() -> None:
    document = plan_as_json(MappingPlan("web", plan=PLAN))
    again = json.loads(as_text(document))
    assert again["operations"] == document["operations"]
    assert [identity(one) for one in again["operations"]] == [identity(one) for one in document["operations"]]
    assert again["operations"][0]["after"]["description"]["text"] == AFTER  # whole, however long
