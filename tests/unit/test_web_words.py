"""How pages say instants, shares and values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.web.chart import HEIGHT, chart
from reconciler.web.words import contrast, lasting, percent, relative, words_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "now"), (-14, "14 s ago"), (16, "in 16 s"), (-60, "1 min ago"), (3_599, "in 59 min"), (-90_000, "1 d ago")],
)
def test_instants_are_relative(seconds: int, words: str) -> None:
    assert relative(NOON + timedelta(seconds=seconds), NOON) == words


def test_a_share_that_is_not_quite_all_never_looks_like_all() -> None:
    assert [percent(share) for share in (1, 0.99999, 0.5, 0)] == ["100", "99.9", "50.0", "0.0"]


def test_lengths_of_time_are_in_the_largest_unit_that_fits() -> None:
    assert [lasting(s) for s in (30, 90, 300, 5_400, 86_400)] == ["30 s", "90 s", "5 min", "90 min", "24 h"]


def test_values_are_what_people_know() -> None:
    assert words_of((Person("a@example.com", "Anna"), Person("b@example.com"))) == "Anna, b@example.com"
    assert (words_of(5.0), words_of(2.5), words_of(None)) == ("5", "2.5", "")
    assert words_of(RichText(Form.HTML, "<p>one <b>two</b></p>")) == "one two"
    assert words_of("12", "parent", lambda key: f"AB#{key}") == "AB#12"
    assert words_of(("12", "13"), "related", lambda key: f"AB#{key}") == "AB#12, AB#13"
    assert words_of("12", "text:Number", lambda key: f"AB#{key}") == "12"
    assert words_of("gone", "comment 7") == "gone"


def test_only_long_texts_are_compared_word_by_word() -> None:
    assert contrast("one", "two").lines == []
    assert contrast("one\ntwo", "one\nthree").lines == [[("-", "two"), ("+", "three")]]
    assert contrast("", "a\nb").lines == []


def test_the_ceiling_is_in_the_picture_once_it_is_near() -> None:
    hour = NOON - timedelta(hours=3)
    far, near = chart({hour: 100}, NOON, 100), chart({hour: 3_000}, NOON, 100)
    assert (far.top, far.ceiling, far.ceiling_y, far.share) == (100, 6_000, None, 100 / 6_000)
    assert (near.top, near.busiest, near.ceiling_y) == (10_000, 3_000, pytest.approx(HEIGHT * 0.4))
    assert [bar.requests for bar in near.bars if bar.requests] == [3_000]
    assert chart({}, NOON, None).total == 0
