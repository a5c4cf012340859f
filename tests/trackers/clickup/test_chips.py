"""What ClickUp's editor holds besides text is not overwritten unless somebody said so."""

from __future__ import annotations

import pytest

from reconciler.errors import Rejected
from reconciler.model.draft import Draft
from reconciler.model.item import Item
from reconciler.model.rich_text import Form, RichText
from reconciler.trackers.clickup.chips import chips
from tests.trackers.clickup.conftest import Bench, origin

MENTION = "Ask [@Ann Archer](#user_mention#7) today"


def text(markdown: str) -> RichText:
    return RichText(Form.MARKDOWN, markdown)


def described(bench: Bench) -> Item:
    draft = Draft({"title": "Task", "type": "Task", "description": text(MENTION)}, origin())
    return bench.read(bench.tracker.create(bench.scope, draft).item.key)


def shown(bench: Bench, item: Item) -> str:
    description = bench.read(item.key).fields["description"]
    assert isinstance(description, RichText)
    return description.text


def test_a_description_with_a_mention_is_left_as_it_is_and_the_refusal_says_why(bench: Bench) -> None:
    item = described(bench)
    with pytest.raises(Rejected, match=r"a mention.*overwrite_chips") as refused:
        list(bench.tracker.update(bench.scope, item, {"description": text("Ask Ann tomorrow"), "title": "New"}))
    assert refused.value.field == "description"
    assert shown(bench, item) == MENTION


def test_other_fields_of_such_a_task_are_written(bench: Bench) -> None:
    item = described(bench)
    list(bench.tracker.update(bench.scope, item, {"title": "New", "description": item.fields["description"]}))
    assert bench.read(item.key).title == "New"
    assert shown(bench, item) == MENTION


def test_it_is_overwritten_where_the_configuration_says_so(bench: Bench) -> None:
    item = described(bench)
    tracker = bench.another_tracker(overwrite_chips=True)
    list(tracker.update(bench.scope, item, {"description": text("Ask Ann tomorrow")}))
    assert shown(bench, item) == "Ask Ann tomorrow"


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("see [the page](https://e.example) and @Ann", []),
        (MENTION, ["a mention"]),
        ("[](https://app.clickup.com/t/86abc)", ["a task card"]),
        ("[\n\ne.example\n\nhttps://e.example/a\n\n](https://e.example/a)", []),
    ],
)
def test_chips_are_told_from_links(markdown: str, expected: list[str]) -> None:
    assert chips(markdown) == expected
