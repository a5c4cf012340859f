"""TrackerContract: what `trackers/base.py` promises, as tests that every tracker inherits.

A tracker's own test module makes a `World` of itself and a service to talk to, and inherits the class:

    class TestMemory(TrackerContract):
        @pytest.fixture
        def world(self) -> World: ...
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest

from reconciler.errors import Gone, OutcomeUnknown, Rejected, StaleRevision
from reconciler.mapping.equality import same_value
from reconciler.mapping.kinship import named
from reconciler.model.attachment import Attachment, AttachmentDraft
from reconciler.model.comment import Comment, CommentDraft
from reconciler.model.draft import Draft
from reconciler.model.field import FIELDS, LINKS, MUTUAL, SETS, Value, kind_of
from reconciler.model.item import Item
from reconciler.model.origin import Origin, marker_for
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import plain
from reconciler.trackers.base import Fate, Page, Scope, Tracker, Written

FILE_NAMES = ["a.bin", "Größe & Maß 100%.txt", "報告書 (1).pdf", "שלום.png", "🙂 #1.gif", "no extension"]

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class World(ABC):
    """A tracker under test, its service, and somebody who works there by hand. Every act of theirs gets a time stamp
    of its own. `member` is the address of somebody who can be assigned."""

    tracker: Tracker
    scope: Scope
    member: str

    @abstractmethod
    def create(self, title: str) -> str:
        """Somebody makes an item of the default type; returns its key."""

    @abstractmethod
    def rename(self, key: str, title: str) -> None: ...

    @abstractmethod
    def comment(self, key: str, text: str) -> None: ...

    @abstractmethod
    def attach(self, key: str, name: str, content: bytes) -> None:
        """Somebody hangs a file on the item."""

    @abstractmethod
    def put_under(self, key: str, parent: str | None) -> None:
        """Somebody gives an item another parent, or none."""

    @abstractmethod
    def tie(self, key: str, field: str, other: str, *, there: bool = True) -> None:
        """Somebody links the item to another one, as `field` says, or takes the link away."""

    @abstractmethod
    def throw_away(self, key: str) -> None:
        """Into the trash or recycle bin."""

    @abstractmethod
    def lose_next_answer(self) -> None:
        """The next write happens and nobody is told."""

    @abstractmethod
    def tick(self) -> None:
        """Lets time pass, more than the resolution of the service's stamps."""

    def read(self, key: str) -> Item:
        return self.tracker.read(self.scope, [key])[key]

    def update(self, base: Item, **changes: Value) -> list[Written]:
        return list(self.tracker.update(self.scope, base, changes))

    def draft(self, number: int = 1, **fields: Value) -> Draft:
        kind = self.tracker.schema(self.scope).default_type
        return Draft({"title": f"Copy {number}", "type": kind, **fields}, origin(number))

    def copy(self, number: int = 1, **fields: Value) -> Item:
        return self.tracker.create(self.scope, self.draft(number, **fields)).item

    def changes(self, since: datetime | None, known: Mapping[str, str] | None = None) -> dict[str, Item]:
        pages = list(self.tracker.changed_since([self.scope], since, known or {}))
        return items(pages)


def origin(number: int = 1) -> Origin:
    url = f"https://other.example.com/items/{number}"
    return Origin(url, f"OT-{number}", marker_for("contract", "left", str(number)))


def items(pages: list[Page]) -> dict[str, Item]:
    return {item.key: item for page in pages for _, item in page.items}


def say(world: World, item: Item, text: str = "Hello", number: int = 7) -> Comment:
    draft = CommentDraft("Piet Okafor", RichText(Form.MARKDOWN, text), origin(number))
    return world.tracker.add_comment(world.scope, item, draft)


def assert_well_formed(item: Item) -> None:
    assert item.fields.keys() <= FIELDS.keys()
    assert {"title", "type", "state"} <= item.fields.keys()
    for name, value in item.fields.items():
        assert isinstance(value, tuple) is (FIELDS[name] in SETS), name
    assert item.revision
    assert item.label
    assert item.url.startswith("https://")
    assert item.changed_at.tzinfo is not None
    assert json.loads(json.dumps(dict(item.native))) == item.native


class TrackerContract:
    """Inherit, and give it a `world`."""

    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError("the inheriting class makes the world")

    # --- beginning and end -------------------------------------------------------------------------------------------

    def test_connecting_and_closing_twice_is_harmless(self, world: World) -> None:
        world.tracker.connect()
        before = world.tracker.requests
        world.tracker.connect()
        assert world.tracker.requests <= before + 1
        world.tracker.close()
        world.tracker.close()

    def test_the_schema_names_types_states_and_priorities(self, world: World) -> None:
        schema = world.tracker.schema(world.scope)
        assert schema.default_type in schema.types
        assert schema.priorities
        for name, kind in schema.types.items():
            assert kind.name == name
            assert kind.states
            assert kind.fields <= FIELDS.keys()

    def test_items_have_the_fields_that_the_scope_carries_and_no_others_of_that_sort(self, world: World) -> None:
        known = [field for field in world.tracker.custom_fields(world.scope) if not field.refusal]
        own = {f"{field.kind}:{field.id}": field for field in known}
        carrying = world.scope.carrying(own)
        for kind in world.tracker.schema(carrying).types.values():
            assert kind.fields <= FIELDS.keys() | own.keys()
        key = world.copy().key
        shown = world.tracker.read(carrying, [key])[key].fields
        assert shown.keys() - FIELDS.keys() <= own.keys()
        for name, value in shown.items():
            assert isinstance(value, tuple) is (kind_of(name) in SETS), name
        assert world.read(key).fields.keys() <= FIELDS.keys()

    def test_people_are_found_by_address_and_strangers_are_not(self, world: World) -> None:
        found = world.tracker.person(world.member)
        assert found is not None
        assert found.address == world.member
        before = world.tracker.requests
        assert world.tracker.person(world.member) == found
        assert world.tracker.requests == before
        assert world.tracker.person("stranger@example.com") is None

    # --- the feed ----------------------------------------------------------------------------------------------------

    def test_a_first_scan_lists_everything_and_ends_with_the_only_watermark(self, world: World) -> None:
        keys = {world.create(f"Item {number}") for number in range(5)}
        world.tick()
        pages = list(world.tracker.changed_since([world.scope], None, {}))
        assert items(pages).keys() == keys
        assert [page.watermark for page in pages[:-1]] == [None] * (len(pages) - 1)
        assert pages[-1].watermark is not None
        assert pages[-1].watermark.tzinfo is not None
        for page in pages:
            for scope, item in page.items:
                assert scope == world.scope
                assert_well_formed(item)

    def test_what_changes_after_a_scan_is_in_the_next(self, world: World) -> None:
        edited, still = world.create("Edited"), world.create("Still")
        world.tick()
        watermark = list(world.tracker.changed_since([world.scope], None, {}))[-1].watermark
        world.tick()
        world.rename(edited, "Edited again")
        made = world.create("Made")
        found = world.changes(watermark)
        assert {edited, made} <= found.keys()
        assert found[edited].title == "Edited again"
        world.tick()
        world.tick()
        assert still not in world.changes(watermark)

    def test_a_revision_that_was_processed_may_be_left_out_and_a_newer_one_never(self, world: World) -> None:
        edited, still = world.create("Edited"), world.create("Still")
        known = {key: item.revision for key, item in world.changes(LONG_AGO).items()}
        assert all(item.revision == known[key] for key, item in world.changes(LONG_AGO, known).items())
        world.tick()
        world.rename(edited, "Edited again")
        found = world.changes(LONG_AGO, known)
        assert found[edited].title == "Edited again"
        assert found[edited].revision != known[edited]
        assert still not in found or found[still].revision == known[still]

    def test_an_idle_poll_is_one_request(self, world: World) -> None:
        world.create("Item")
        world.changes(LONG_AGO)
        world.tick()
        world.tick()
        since = world.tracker.server_time()
        assert since is not None
        world.tick()
        before = world.tracker.requests
        assert world.changes(since + timedelta(seconds=1)) == {}
        assert world.tracker.requests == before + 1

    def test_items_that_were_thrown_away_are_not_in_the_feed(self, world: World) -> None:
        kept, thrown = world.create("Kept"), world.create("Thrown")
        world.throw_away(thrown)
        assert world.changes(None).keys() == {kept}
        assert world.changes(LONG_AGO).keys() == {kept}

    def test_a_sweep_meets_every_item(self, world: World) -> None:
        keys = {world.create(f"Item {number}") for number in range(5)}
        pages = list(world.tracker.sweep(world.scope))
        assert items(pages).keys() == keys
        assert pages[-1].watermark is not None

    # --- single items ------------------------------------------------------------------------------------------------

    def test_reading_shows_what_the_feed_shows_and_leaves_out_what_is_not_there(self, world: World) -> None:
        keys = [world.create(f"Item {number}") for number in range(7)]
        thrown = world.create("Thrown")
        world.throw_away(thrown)
        found = world.tracker.read(world.scope, [*keys, thrown])
        assert found.keys() == set(keys)
        listed = world.changes(None)
        assert {key: item.revision for key, item in found.items()} == {key: listed[key].revision for key in keys}
        assert world.tracker.read(world.scope, []) == {}

    def test_who_was_overtaken_is_told_where_the_tracker_cannot_compare(self, world: World) -> None:
        keys = [world.create(f"Item {number}") for number in range(3)]
        items = world.tracker.read(world.scope, keys)
        world.tick()
        polled = world.tracker.server_time()
        assert polled is not None
        world.rename(keys[0], "Renamed")
        if not world.tracker.capabilities.compare_and_swap:
            known = {key: item.revision for key, item in items.items()}
            assert world.tracker.overtaken(world.scope, known, polled) == {keys[0]}

    def test_only_what_was_thrown_away_is_called_deleted(self, world: World) -> None:
        kept, thrown = world.create("Kept"), world.create("Thrown")
        world.throw_away(thrown)
        assert world.tracker.fate(world.scope, kept) is Fate.PRESENT
        assert world.tracker.fate(world.scope, thrown) is Fate.DELETED
        assert world.tracker.fate(world.scope, "987654321") is Fate.UNKNOWN

    def test_the_key_is_found_in_the_address_also_behind_a_marker(self, world: World) -> None:
        item = world.read(world.create("Item"))
        marked = replace(origin(), url=item.url)
        assert world.tracker.key_of(item.url) == item.key
        assert world.tracker.key_of(marked.href) == item.key
        assert world.tracker.key_of("https://elsewhere.example.com/1") is None

    # --- creating ----------------------------------------------------------------------------------------------------

    def test_a_copy_is_ours_and_carries_its_origin(self, world: World) -> None:
        theirs = world.read(world.create("Theirs"))
        assert not theirs.ours
        assert theirs.origin is None
        written = world.tracker.create(world.scope, world.draft())
        assert {"title", "type"} <= written.fields
        for item in (written.item, world.read(written.item.key)):
            assert_well_formed(item)
            assert item.ours
            assert item.title == "Copy 1"
            assert item.origin is not None
            assert item.origin.marker == origin().marker

    def test_every_field_that_a_copy_claims_is_read_back(self, world: World) -> None:
        member = world.tracker.person(world.member)
        assert member is not None
        schema = world.tracker.schema(world.scope)
        fields: dict[str, Value] = {
            "description": RichText(Form.MARKDOWN, "Some **bold** text\n\n- one\n- two"),
            "state": schema.types[schema.default_type].states[0].name,
            "assignees": (member,),
            "priority": schema.priorities[0],
            "tags": ("blue", "red"),
            "start_date": date(2026, 3, 1),
            "due_date": date(2026, 3, 31),
        }
        draft = world.draft(1, **{n: v for n, v in fields.items() if n in schema.types[schema.default_type].fields})
        written = world.tracker.create(world.scope, draft)
        assert written.fields <= draft.fields.keys()
        world.tick()
        read = world.read(written.item.key)
        for name in written.fields:
            assert_arrived(name, draft.fields[name], written.item)
            assert_arrived(name, draft.fields[name], read)

    def test_a_copy_is_found_by_its_marker_and_a_quotation_of_it_is_not(self, world: World) -> None:
        started = world.tracker.server_time() or LONG_AGO
        world.create(f"Quoting {origin(2).href}")
        copy = world.copy(1)
        found = world.tracker.find_copy(world.scope, origin(1), started)
        assert found is not None
        assert found.key == copy.key
        assert world.tracker.find_copy(world.scope, origin(2), started) is None

    def test_a_creation_without_an_answer_is_in_doubt_and_is_found(self, world: World) -> None:
        draft, started = world.draft(), world.tracker.server_time() or LONG_AGO
        world.lose_next_answer()
        with pytest.raises(OutcomeUnknown):
            world.tracker.create(world.scope, draft)
        found = world.tracker.find_copy(world.scope, origin(), started)
        assert found is not None
        assert world.changes(None).keys() == {found.key}

    # --- changing ----------------------------------------------------------------------------------------------------

    def test_only_what_was_to_change_changes(self, world: World) -> None:
        base = world.copy(description=RichText(Form.MARKDOWN, "Text"), tags=("blue",))
        world.tick()
        base = world.read(base.key)
        written = world.update(base, title="New title")
        assert "title" in frozenset().union(*(each.fields for each in written))
        assert written[-1].item.title == "New title"
        after = world.read(base.key)
        assert after.title == "New title"
        assert after.revision != base.revision
        for name in base.fields.keys() - {"title"}:
            assert same_value(name, after.fields[name], base.fields[name]), name

    def test_several_changes_all_arrive_and_each_is_proved_once_it_has(self, world: World) -> None:
        schema = world.tracker.schema(world.scope)
        base = world.read(world.create("Item"))
        changes: dict[str, Value] = {
            "title": "New title",
            "description": RichText(Form.MARKDOWN, "New *text*"),
            "state": schema.types[base.type].states[1].name,
            "priority": schema.priorities[-1],
            "tags": ("blue", "red"),
            "due_date": date(2026, 4, 1),
        }
        proved: set[str] = set()
        for written in world.tracker.update(world.scope, base, changes):
            assert not proved & written.fields
            proved |= written.fields
            for name in written.fields:
                assert_arrived(name, changes[name], written.item)
        assert proved == changes.keys()
        world.tick()
        for name, value in changes.items():
            assert_arrived(name, value, world.read(base.key))

    def test_fields_can_be_emptied(self, world: World) -> None:
        member = world.tracker.person(world.member)
        assert member is not None
        base = world.copy(assignees=(member,), tags=("blue",), description=RichText(Form.MARKDOWN, "Text"))
        world.tick()
        base = world.read(base.key)
        world.update(base, assignees=(), tags=(), description=None)
        world.tick()
        after = world.read(base.key)
        assert (after.fields["assignees"], after.fields["tags"], after.fields["description"]) == ((), (), None)

    def test_what_is_no_change_is_done_without_a_request(self, world: World) -> None:
        base = world.read(world.create("Item"))
        before = world.tracker.requests
        written = world.update(base, title="Item", state=base.fields["state"], assignees=())
        assert world.tracker.requests == before
        assert frozenset().union(*(each.fields for each in written)) == {"title", "state", "assignees"}
        assert world.read(base.key).revision == base.revision

    def test_a_write_from_an_old_view_is_refused_where_the_tracker_can_tell(self, world: World) -> None:
        if not world.tracker.capabilities.compare_and_swap:
            pytest.skip("this tracker cannot tell")
        base = world.read(world.create("Item"))
        world.rename(base.key, "Somebody was faster")
        with pytest.raises(StaleRevision):
            world.update(base, title="Ours")
        assert world.read(base.key).title == "Somebody was faster"

    def test_a_change_without_an_answer_is_in_doubt(self, world: World) -> None:
        base = world.read(world.create("Item"))
        world.lose_next_answer()
        with pytest.raises(OutcomeUnknown):
            world.update(base, title="Ours")
        assert world.read(base.key).title == "Ours"

    def test_deleting_leads_to_the_trash_and_what_is_gone_is_gone(self, world: World) -> None:
        base = world.copy()
        world.tracker.delete(world.scope, base)
        assert world.tracker.fate(world.scope, base.key) is Fate.DELETED
        with pytest.raises(Gone):
            world.tracker.delete(world.scope, base)
        with pytest.raises(Gone):
            world.update(base, title="Too late")

    # --- parents -----------------------------------------------------------------------------------------------------

    def test_a_copy_is_made_below_its_parent(self, world: World) -> None:
        parent = world.create("Parent")
        written = world.tracker.create(world.scope, world.draft(parent=parent))
        assert "parent" in written.fields
        for item in (written.item, world.read(written.item.key)):
            assert item.fields["parent"] == parent
        assert world.read(parent).fields["parent"] is None

    def test_an_item_moves_below_another_parent_with_everything_else_that_changes(self, world: World) -> None:
        one, two, key = (world.create(name) for name in ("One", "Two", "Item"))
        for parent in (one, two):
            world.tick()
            written = world.update(world.read(key), parent=parent, title=f"Below {parent}")
            assert {"parent", "title"} == frozenset().union(*(each.fields for each in written))
            for item in (written[-1].item, world.read(key)):
                assert (item.fields["parent"], item.title) == (parent, f"Below {parent}")

    def test_a_child_is_taken_out_or_that_is_refused_for_its_parent(self, world: World) -> None:
        parent, key = world.create("Parent"), world.create("Child")
        world.put_under(key, parent)
        said = "parent"
        written: list[Written] = []
        try:
            written = world.update(world.read(key), parent=None)
        except Rejected as refused:
            said = refused.field
        assert said == "parent"
        assert world.read(key).fields["parent"] == (None if written else parent)
        assert all(each.item.fields["parent"] is None for each in written)

    def test_a_place_below_itself_is_refused_for_the_parent_and_nothing_happens(self, world: World) -> None:
        top, child = world.create("Top"), world.create("Child")
        world.put_under(child, top)
        with pytest.raises(Rejected) as refused:
            world.update(world.read(top), parent=child)
        assert refused.value.field == "parent"
        assert world.read(top).fields["parent"] is None

    def test_a_parent_that_is_not_there_is_refused_for_the_parent(self, world: World) -> None:
        gone, key = world.create("Gone"), world.create("Item")
        world.throw_away(gone)
        with pytest.raises(Rejected) as refused:
            world.update(world.read(key), parent=gone)
        assert refused.value.field == "parent"
        with pytest.raises(Rejected) as refused:
            world.tracker.create(world.scope, world.draft(parent=gone))
        assert refused.value.field == "parent"
        assert not [item for item in world.changes(None).values() if item.ours]

    def test_people_who_move_an_item_are_noticed(self, world: World) -> None:
        one, two, key = (world.create(name) for name in ("One", "Two", "Item"))
        world.tick()
        world.changes(None)
        since = world.tracker.server_time()
        assert since is not None
        for before, parent in ((None, one), (one, two), (two, None)):
            world.tick()
            known = world.read(key)
            world.tick()
            world.put_under(key, parent)
            assert world.read(key).revision != known.revision
            assert world.read(key).fields["parent"] == parent
            if "parent" not in world.tracker.capabilities.unseen_in_feed:
                assert world.changes(since, {key: known.revision})[key].fields["parent"] == parent
                continue
            rows = world.tracker.relinked_since([world.scope], since, ["parent"])
            told = {(row.key, row.other): row.there for row in rows}
            assert before is None or told[key, before] is False
            assert parent is None or told[key, parent] is True

    def test_nobody_who_moved_costs_one_request(self, world: World) -> None:
        world.create("Item")
        world.tick()
        world.changes(None)
        since = world.tracker.server_time()
        assert since is not None
        before = world.tracker.requests
        assert list(world.tracker.relinked_since([world.scope], since, ["parent", *LINKS])) == []
        assert world.tracker.requests <= before + 1

    def test_children_are_never_deleted_with_their_parent(self, world: World) -> None:
        parent, child = world.create("Parent"), world.create("Child")
        world.put_under(child, parent)
        with suppress(Rejected):
            world.tracker.delete(world.scope, world.read(parent))
        assert world.tracker.fate(world.scope, child) is Fate.PRESENT

    # --- links -------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("field", LINKS)
    def test_links_are_made_and_removed_with_everything_else_that_changes(self, world: World, field: str) -> None:
        one, two, three, key = (world.create(name) for name in ("One", "Two", "Three", "Item"))
        for wanted in ((one, two), (two, three), ()):
            world.tick()
            written = world.update(world.read(key), **{field: wanted, "title": f"With {len(wanted)}"})
            assert {field, "title"} == frozenset().union(*(each.fields for each in written))
            for item in (written[-1].item, world.read(key)):
                assert (set(named(item.fields[field])), item.title) == ({*wanted}, f"With {len(wanted)}")
        assert world.read(one).fields["parent"] is None

    def test_a_related_item_names_this_one_and_a_predecessor_does_not(self, world: World) -> None:
        one, two, key = (world.create(name) for name in ("One", "Two", "Item"))
        world.update(world.read(key), related=(one,), predecessors=(two,))
        assert world.read(one).fields["related"] == (key,)
        assert (world.read(two).fields["predecessors"], world.read(two).fields["related"]) == ((), ())
        world.update(world.read(one), related=())
        assert world.read(key).fields["related"] == ()

    @pytest.mark.parametrize("field", LINKS)
    def test_links_that_others_made_or_removed_meanwhile_stay_so(self, world: World, field: str) -> None:
        one, two, three, key = (world.create(name) for name in ("One", "Two", "Three", "Item"))
        world.tie(key, field, one)
        base = world.read(key)
        world.tie(key, field, two)
        written = world.update(base, **{field: (one, three)})
        assert {*named(world.read(key).fields[field])} == {one, two, three}
        assert written[-1].fields == {field}
        world.tie(key, field, one, there=False)
        world.update(base, **{field: (one, three)})
        assert {*named(world.read(key).fields[field])} == {two, three}

    @pytest.mark.parametrize("field", LINKS)
    def test_a_link_that_cannot_be_is_refused_for_its_field_and_the_others_are_made(
        self, world: World, field: str
    ) -> None:
        gone, one, two, key = (world.create(name) for name in ("Gone", "One", "Two", "Item"))
        world.throw_away(gone)
        with pytest.raises(Rejected) as refused:
            world.update(world.read(key), **{field: (one, gone, two), "title": "Renamed"})
        assert (refused.value.field, refused.value.whole_item) == (field, False)
        assert {*named(world.read(key).fields[field])} == {one, two}
        assert world.read(key).title == "Renamed"

    def test_waiting_for_each_other_is_refused_for_the_predecessors(self, world: World) -> None:
        one, two = world.create("One"), world.create("Two")
        world.tie(two, "predecessors", one)
        with pytest.raises(Rejected) as refused:
            world.update(world.read(one), predecessors=(two,))
        assert refused.value.field == "predecessors"
        assert world.read(one).fields["predecessors"] == ()

    @pytest.mark.parametrize("field", LINKS)
    def test_people_who_link_items_are_noticed(self, world: World, field: str) -> None:
        one, key = world.create("One"), world.create("Item")
        world.tick()
        world.changes(None)
        since = world.tracker.server_time()
        assert since is not None
        for there in (True, False):
            known = world.read(key)
            world.tick()
            world.tie(key, field, one, there=there)
            assert world.read(key).revision != known.revision
            assert world.read(key).fields[field] == ((one,) if there else ())
            if world.tracker.capabilities.tells_links:
                rows = list(world.tracker.relinked_since([world.scope], since, [field]))
                told = {(row.key, row.field, row.other): row.there for row in rows}
                assert told[key, field, one] is there
                assert told.get((one, field, key)) is (there if field in MUTUAL else None)

    # --- comments ----------------------------------------------------------------------------------------------------

    def test_comments_come_oldest_first_with_their_authors(self, world: World) -> None:
        item = world.read(world.create("Item"))
        for number in range(3):
            world.comment(item.key, f"Remark {number}")
        ours = say(world, item)
        found = world.tracker.comments(world.scope, item)
        assert [plain(comment.text) for comment in found] == ["Remark 0", "Remark 1", "Remark 2", "Hello"]
        assert [comment.ours for comment in found] == [False, False, False, True]
        assert len({comment.key for comment in found}) == 4
        assert found[-1].key == ours.key

    def test_a_comment_is_answered_as_it_is_read_back(self, world: World) -> None:
        item = world.read(world.create("Item"))
        written = say(world, item, "Some **bold** words")
        [read] = world.tracker.comments(world.scope, item)
        assert plain(written.text) == plain(read.text) == "Some bold words"
        for comment in (written, read):
            assert comment.key == read.key
            assert comment.ours
            assert comment.credit == "Piet Okafor"
            assert comment.origin is not None
            assert comment.origin.marker == origin(7).marker
        assert same_value("description", written.text, read.text)

    def test_a_comment_is_found_by_its_marker(self, world: World) -> None:
        item = world.read(world.create("Item"))
        written = say(world, item)
        found = world.tracker.find_comment(world.scope, item, origin(7))
        assert found is not None
        assert found.key == written.key
        assert world.tracker.find_comment(world.scope, item, origin(8)) is None

    def test_an_edited_comment_keeps_its_attribution_and_repeating_it_is_harmless(self, world: World) -> None:
        item = world.read(world.create("Item"))
        comment = say(world, item)
        for _ in range(2):
            comment = world.tracker.edit_comment(world.scope, item, comment, RichText(Form.MARKDOWN, "Better"))
            [read] = world.tracker.comments(world.scope, item)
            assert plain(comment.text) == plain(read.text) == "Better"
            assert (read.key, read.credit) == (comment.key, "Piet Okafor")

    def test_deleting_a_comment_twice_is_harmless(self, world: World) -> None:
        item = world.read(world.create("Item"))
        comment = say(world, item)
        world.tracker.delete_comment(world.scope, item, comment.key)
        world.tracker.delete_comment(world.scope, item, comment.key)
        assert world.tracker.comments(world.scope, item) == []

    def test_a_new_comment_is_never_overlooked_where_the_tracker_promises_so(self, world: World) -> None:
        before = world.read(world.create("Item"))
        assert not world.tracker.discussion_moved(before, before)
        world.tick()
        world.comment(before.key, "Hello")
        assert world.tracker.discussion_moved(before, world.read(before.key))
        assert world.tracker.discussion_moved(None, world.read(before.key))

    def test_an_edit_of_a_title_is_no_move_of_the_discussion(self, world: World) -> None:
        before = world.read(world.create("Item"))
        world.tick()
        world.rename(before.key, "New")
        assert not world.tracker.discussion_moved(before, world.read(before.key))

    # --- attachments -------------------------------------------------------------------------------------------------

    def test_files_are_listed_and_fetched_as_somebody_added_them(self, world: World) -> None:
        item = world.read(world.create("Item"))
        assert world.tracker.attachments(world.scope, item) == []
        for name in FILE_NAMES:
            world.attach(item.key, name, name.encode())
        found = world.tracker.attachments(world.scope, world.read(item.key))
        assert [attachment.name for attachment in found] == FILE_NAMES
        assert {(attachment.ours, attachment.marker) for attachment in found} == {(False, "")}
        assert [content_of(world, attachment).decode() for attachment in found] == FILE_NAMES
        assert [attachment.size_bytes for attachment in found] == [len(name.encode()) for name in FILE_NAMES]

    def test_files_are_added_under_their_names(self, world: World) -> None:
        item = world.read(world.create("Item"))
        written = []
        for number, name in enumerate(FILE_NAMES):
            written.append(add(world, item, name, name.encode(), number))
            world.tick()
        found = world.tracker.attachments(world.scope, item)
        assert [attachment.name for attachment in found] == [attachment.name for attachment in written] == FILE_NAMES
        assert [attachment.key for attachment in found] == [attachment.key for attachment in written]
        assert all(attachment.ours for attachment in (*found, *written))
        assert [content_of(world, attachment).decode() for attachment in found] == FILE_NAMES

    @pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 1000], ids=["empty", "one byte", "256 kB"])
    def test_a_file_is_added_whatever_is_in_it(self, world: World, content: bytes) -> None:
        item = world.read(world.create("Item"))
        written = add(world, item, "a.bin", content)
        [read] = world.tracker.attachments(world.scope, item)
        assert (written.size_bytes, read.size_bytes) == (len(content), len(content))
        assert content_of(world, read) == content

    def test_two_files_of_one_name_are_two(self, world: World) -> None:
        item = world.read(world.create("Item"))
        add(world, item, "a.txt", b"one", number=1)
        world.tick()
        add(world, item, "a.txt", b"two", number=2)
        found = world.tracker.attachments(world.scope, item)
        assert [content_of(world, attachment) for attachment in found] == [b"one", b"two"]

    def test_a_file_that_carries_its_mark_is_not_added_again(self, world: World) -> None:
        item = world.read(world.create("Item"))
        first = add(world, item, "a.txt", b"one")
        if first.marker:
            assert add(world, item, "a.txt", b"one") == first
            assert world.tracker.attachments(world.scope, item) == [first]

    def test_a_file_larger_than_wanted_is_refused(self, world: World) -> None:
        item = world.read(world.create("Item"))
        attachment = add(world, item, "a.txt", b"12345")
        with pytest.raises(Rejected):
            world.tracker.fetch_attachment(world.scope, attachment, BytesIO(), 4)

    def test_removing_a_file_twice_is_harmless_or_refused(self, world: World) -> None:
        item = world.read(world.create("Item"))
        first, second = (add(world, item, "a.txt", b"one", number=number) for number in (1, 2))
        for _ in range(2):
            if world.tracker.capabilities.removes_attachments:
                world.tracker.remove_attachment(world.scope, item, first.key)
            else:
                with pytest.raises(Rejected):
                    world.tracker.remove_attachment(world.scope, item, first.key)
        left = {attachment.key for attachment in world.tracker.attachments(world.scope, item)}
        removes = world.tracker.capabilities.removes_attachments
        assert left == ({second.key} if removes else {first.key, second.key})

    def test_a_new_file_is_never_overlooked_where_the_tracker_promises_so(self, world: World) -> None:
        before = world.read(world.create("Item"))
        world.tick()
        world.attach(before.key, "a.txt", b"x")
        now = world.read(before.key)
        assert world.tracker.may_have_attachments(now)
        if world.tracker.capabilities.edits_show_comments:
            assert not world.tracker.may_have_attachments(before)
            assert world.tracker.discussion_moved(before, now)
            assert world.tracker.discussion_moved(None, now)


def add(world: World, item: Item, name: str, content: bytes, number: int = 1) -> Attachment:
    draft = AttachmentDraft(name, len(content), origin(number).marker)
    return world.tracker.add_attachment(world.scope, item, draft, BytesIO(content))


def content_of(world: World, attachment: Attachment) -> bytes:
    into = BytesIO()
    world.tracker.fetch_attachment(world.scope, attachment, into, 1_000_000)
    return into.getvalue()


def assert_arrived(name: str, wanted: Value, item: Item) -> None:
    """Rich text as a reader sees it, everything else by value."""
    found = item.fields[name]
    if isinstance(wanted, RichText):
        assert isinstance(found, RichText), name
        assert plain(found) == plain(wanted)
    else:
        assert same_value(name, found, wanted), (name, found, wanted)
