"""Codec: whatever a tracker may return comes back equal, and equal values give equal bytes."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import StoreError
from reconciler.model.comment import Comment
from reconciler.model.field import Value
from reconciler.model.item import Item
from reconciler.model.origin import Origin
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.model.snapshot import Snapshot
from reconciler.store import codec
from tests.store.builders import NOON, comment, item, snapshot

TEXT = st.text(st.characters(exclude_categories=()), max_size=30)  # surrogates and control characters, too
INSTANTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]))
PEOPLE = st.builds(Person, TEXT, TEXT, TEXT)
RICH = st.builds(RichText, st.sampled_from(Form), TEXT)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    TEXT,
    st.floats(allow_nan=False),
    st.dates(),
    RICH,
    st.lists(PEOPLE, max_size=3).map(tuple),
    st.lists(TEXT, max_size=3).map(tuple),
)
FIELDS = st.dictionaries(TEXT, VALUES, max_size=4)
ORIGINS = st.none() | st.builds(Origin, TEXT, TEXT, TEXT)
NATIVE = st.dictionaries(
    TEXT,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=3,
)
ITEMS = st.builds(
    Item,
    key=TEXT,
    revision=TEXT,
    changed_at=INSTANTS,
    url=TEXT,
    label=TEXT,
    fields=FIELDS,
    home=TEXT,
    created_at=st.none() | INSTANTS,
    origin=ORIGINS,
    ours=st.booleans(),
    archived=st.booleans(),
    native=NATIVE,
)
SNAPSHOTS = st.builds(Snapshot, ITEMS, FIELDS, st.frozensets(TEXT, max_size=3))
COMMENTS = st.builds(Comment, TEXT, PEOPLE, RICH, INSTANTS, TEXT, TEXT, ORIGINS, TEXT, st.booleans())


@given(SNAPSHOTS)
def test_any_snapshot_comes_back_equal(given_snapshot: Snapshot) -> None:
    body = codec.pack(codec.snapshot_to_json(given_snapshot))
    assert codec.snapshot_from_json(codec.unpack(body)) == given_snapshot


@given(COMMENTS)
def test_any_comment_comes_back_equal(given_comment: Comment) -> None:
    body = codec.pack(codec.comment_to_json(given_comment))
    assert codec.comment_from_json(codec.unpack(body)) == given_comment


@given(VALUES)
def test_any_value_comes_back_equal_and_of_the_same_kind(value: Value) -> None:
    back = codec.value_from_json(json.loads(json.dumps(codec.value_to_json(value))))
    assert back == value
    assert type(back) is type(value)


@given(FIELDS)
def test_the_order_of_fields_does_not_change_the_bytes(fields: dict[str, Value]) -> None:
    turned = dict(reversed(fields.items()))
    assert codec.pack(codec.values_to_json(fields)) == codec.pack(codec.values_to_json(turned))


@pytest.mark.parametrize(
    "value",
    [True, datetime(2026, 3, 2, tzinfo=UTC), ["a"], {"a": 1}, b"bytes", ("tag", Person("a@example.com")), object()],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_field_value_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="is not a field value"):
        codec.value_to_json(value)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        codec.pack(codec.item_to_json(item(changed_at=NOON.replace(tzinfo=None))))


@pytest.mark.parametrize(("size", "deflated"), [(10, False), (5_000, True)])
def test_only_bodies_that_profit_are_deflated(size: int, deflated: bool) -> None:
    body = codec.pack({"text": "x" * size})
    assert (body[:1] != b"{") is deflated
    assert codec.unpack(body) == {"text": "x" * size}
    assert len(body) < 200


def test_a_body_from_a_driver_that_returns_memory_views_is_read() -> None:
    assert codec.unpack(memoryview(codec.pack({"a": 1}))) == {"a": 1}


@pytest.mark.parametrize("wrap", [bytes, zlib.compress], ids=["plain", "deflated"])
def test_a_body_of_an_unknown_format_is_refused(wrap: Callable[[bytes], bytes]) -> None:
    with pytest.raises(StoreError, match="has format 2; this version reads format 1"):
        codec.unpack(wrap(b'{"format":2,"new":"things"}'))


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[1]", b"\x78\x9cgarbage", zlib.compress(b"no json"), b"{\xff}"])
def test_a_damaged_body_is_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(StoreError, match="damaged"):
        codec.unpack(body)


@pytest.mark.parametrize("document", [{"place": "x"}, {"date": 3}, ["a"]])
def test_a_value_of_an_unknown_kind_is_refused(document: Any) -> None:
    with pytest.raises(StoreError, match="unknown kind"):
        codec.value_from_json(document)


def test_the_stored_form_of_format_1_does_not_change() -> None:
    """Bodies written by released versions look like this; whatever else changes, they must stay readable."""
    stored = (
        b'{"forgotten":["state"],"format":1,"item":{"archived":false,"changed_at":"2026-03-02T12:00:00.123456+00:00",'
        b'"created_at":"2026-03-02T11:00:00.123456+00:00","fields":{"assignees":{"people":[["kim@example.com",'
        b'"Kim Str\\u00f6m","17"]]},"due_date":{"date":"2026-04-01"},"priority":2.5,"tags":{"tags":["red","Blue"]},'
        b'"title":"Item 1"},"home":"Web","key":"1","label":"T#1","native":{"rev":3},"origin":'
        b'["https://other.example.com/9","O#9","abcdefghij23"],"ours":true,"revision":"1",'
        b'"url":"https://tracker.example.com/1"},"unsettled":{"description":{"form":"html","rich_text":"<p>x</p>"}}}'
    )
    fields: dict[str, Value] = {
        "assignees": (Person("kim@example.com", "Kim Ström", "17"),),
        "due_date": date(2026, 4, 1),
        "priority": 2.5,
        "tags": ("red", "Blue"),
        "title": "Item 1",
    }
    expected = Snapshot(
        item("1", fields=fields, native={"rev": 3}),
        {"description": RichText(Form.HTML, "<p>x</p>")},
        frozenset({"state"}),
    )
    assert codec.snapshot_from_json(codec.unpack(stored)) == expected
    assert codec.unpack(codec.pack(codec.snapshot_to_json(expected))) == codec.unpack(stored)


def test_a_comment_and_a_snapshot_are_small() -> None:
    assert len(codec.pack(codec.snapshot_to_json(snapshot()))) < 600
    assert len(codec.pack(codec.comment_to_json(comment()))) < 300
