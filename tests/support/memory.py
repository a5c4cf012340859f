"""A tracker in memory: the protocol of `trackers/base.py` without HTTP, with faults on request.

It behaves like a demanding real one: own words for states and priorities, own clock, rewriting of rich text on save,
revisions that move on every change. What people do on it goes through the `ui_*` methods.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import BinaryIO

from reconciler.clock import VirtualClock
from reconciler.errors import Gone, OutcomeUnknown, Rejected, StaleRevision, Unavailable
from reconciler.mapping.equality import same_value
from reconciler.mapping.kinship import named, named_by, names_items
from reconciler.model.attachment import Attachment, AttachmentDraft
from reconciler.model.comment import Comment, CommentDraft
from reconciler.model.custom_field import CustomField
from reconciler.model.draft import Draft
from reconciler.model.field import FIELDS, LINKS, MUTUAL, SETS, Value
from reconciler.model.item import Item
from reconciler.model.origin import Origin, split_marker
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.model.schema import Category, Schema, State, TypeSchema
from reconciler.richtext import convert
from reconciler.trackers.base import Capabilities, Fate, Followed, Hindrance, Page, Relinked, Scope, Written, nobody
from reconciler.trackers.circuit import CircuitState


@dataclass(frozen=True)
class MemoryScope:
    name: str
    fields: tuple[tuple[str, CustomField], ...] = ()

    def carrying(self, fields: Mapping[str, CustomField]) -> MemoryScope:
        return replace(self, fields=tuple(fields.items()))


@dataclass
class Fault:
    """What happens to the next write: `before` or `after` the commit the answer is lost, or the commit itself comes
    `late` by so many seconds (creations only); `error` is raised instead."""

    when: str = "after"
    error: Exception | None = None
    method: str = ""
    late_s: float = 0.0


@dataclass
class File:
    """`content` is None where the tracker lists the file and does not hand it out."""

    shown: Attachment
    content: bytes | None


@dataclass
class Row:
    item: Item
    comments: dict[str, Comment] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    deleted: bool = False


_HANGING = ("comments", "files")

BOT = Person("sync@example.com", "Sync", "bot")
RULE = Person("rule@example.com", "Rule", "rule")


class MemoryTracker:
    """One project in memory. `states` are (name, category) pairs; the first one is where every item begins."""

    def __init__(
        self,
        name: str,
        clock: VirtualClock,
        *,
        states: Sequence[tuple[str, Category]],
        priorities: Sequence[str],
        types: Sequence[str] = ("Task",),
        form: Form = Form.HTML,
        several_assignees: bool = False,
        compare_and_swap: bool = True,
        edits_show_comments: bool = True,
        shows_deleted: bool = True,
        marks_attachments: bool = True,
        removes_attachments: bool = True,
        unseen_in_feed: Collection[str] = LINKS,
        tells_links: bool = False,
        detaches: bool = True,
        names_have_ids: bool = False,
        people: Sequence[Person] = (),
    ) -> None:
        self.name = name
        self.clock = clock
        self.capabilities = Capabilities(
            compare_and_swap,
            several_assignees,
            form,
            edits_show_comments,
            removes_attachments=removes_attachments,
            unseen_in_feed=frozenset(unseen_in_feed),
            tells_links=tells_links,
        )
        self.marks_attachments = marks_attachments
        self.shows_deleted = shows_deleted
        self.detaches = detaches
        """Whether a child can be made a root by a program, and whether it outlives its parent."""
        self._relinked: list[tuple[datetime, Relinked]] = []
        self.rows: dict[str, Row] = {}
        self._first: dict[str, Item] = {}
        self.default_priority: str | None = None
        """What an item gets that is made without one."""
        self._late: list[tuple[datetime, Callable[[], Item]]] = []
        self.came_late: set[str] = set()
        self.faults: list[Fault] = []
        self.read_faults: list[tuple[str, Exception]] = []
        self.before_write: Callable[[str], None] | None = None
        self.after_write: Callable[[str], None] | None = None
        self.automation: Callable[[Item], Mapping[str, Value]] | None = None
        """The tracker's own: what it changes about an item as RULE, after it has answered a write of ours."""
        self.writing = ""
        self.changing: frozenset[str] = frozenset()
        self.reads = 0
        self.discussions_read = 0
        self.lag_s = 0.0
        self.hidden = False
        self.refuses: dict[str, str] = {}
        """Fields that it does not take, each with the field that its refusal names; "" where it names none."""
        self.notes: tuple[str, ...] = ()
        self.page_size = 100
        self.asked: Counter[str] = Counter()
        self.circuit: CircuitState = "closed"
        self.writes: list[tuple[str, str]] = []
        self._people = {person.address: person for person in people}
        self._counter = 0
        self._pasted: dict[str, bytes] = {}
        self._schema = Schema(
            {
                t: TypeSchema(
                    t,
                    tuple(State(n, c, f"s{i}" if names_have_ids else "") for i, (n, c) in enumerate(states)),
                    frozenset(FIELDS),
                    f"t{number}" if names_have_ids else "",
                )
                for number, t in enumerate(types)
            },
            tuple(priorities),
            types[0],
        )

    @property
    def requests(self) -> int:
        return self.reads + len(self.writes)

    # --- what people do --------------------------------------------------------------------------------------------

    def ui_create(self, title: str, **fields: Value) -> str:
        return self._insert({"title": title, **fields}, ours=False, origin=None).key

    def ui_edit(self, key: str, **fields: Value) -> None:
        self._change(key, fields)

    def ui_delete(self, key: str) -> list[str]:
        """The keys of all that went, children included where they do not outlive their parent."""
        gone = [key] if self.detaches else [key, *self.descendants(key)]
        for each in gone:
            self.rows[each].deleted = True
        return gone

    def ui_restore(self, key: str) -> None:
        self.rows[key].deleted = False
        self._touch(key)

    def ui_comment(self, key: str, text: str, author: str = "Ada Example") -> str:
        person = Person(f"{author.split()[0].lower()}@example.com", author, author)
        return self._put_comment(key, person, RichText(self.capabilities.form, text), None, "", ours=False).key

    def ui_edit_comment(self, key: str, comment_key: str, text: str) -> None:
        row = self.rows[key]
        row.comments[comment_key] = replace(row.comments[comment_key], text=RichText(self.capabilities.form, text))
        self._touch(key, comments=1)

    def ui_delete_comment(self, key: str, comment_key: str) -> None:
        del self.rows[key].comments[comment_key]
        self._touch(key, comments=1)

    def ui_attach(self, key: str, name: str, content: bytes | None = b"content") -> str:
        return self._put_file(key, name, content, 7 if content is None else len(content), "", ours=False).key

    def ui_paste(self, name: str, content: bytes) -> str:
        """The address of a picture for a text; it hangs on no item."""
        self._counter += 1
        self._pasted[f"f{self._counter}"] = content
        return f"https://{self.name}.example.com/files/f{self._counter}?name={name}"

    def ui_detach(self, key: str, attachment_key: str) -> None:
        del self.rows[key].files[attachment_key]
        self._touch_files(key)

    def files(self, key: str) -> list[tuple[str, bytes | None]]:
        """The names and contents of an item's attachments, oldest first."""
        return [(file.shown.name, file.content) for file in self.rows[key].files.values()]

    def drop_states(self, *names: str) -> None:
        """The workflow loses states."""
        self._set_states(lambda states: tuple(state for state in states if state.name not in names))

    def rename_state(self, old: str, new: str) -> None:
        """As an administrator does: every item in it shows the new name, and none of them was changed by that."""
        self._set_states(lambda states: tuple(replace(s, name=new) if s.name == old else s for s in states))
        self._show("state", old, new)

    def rename_type(self, old: str, new: str) -> None:
        types = {k.name: k for k in (replace(k, name=new) if k.name == old else k for k in self._schema.types.values())}
        self._schema = replace(self._schema, types=types)
        self._show("type", old, new)

    def lose_field(self, name: str) -> None:
        """No type has the field any more."""
        types = {t: replace(kind, fields=kind.fields - {name}) for t, kind in self._schema.types.items()}
        self._schema = replace(self._schema, types=types)

    def _show(self, field: str, old: str, new: str) -> None:
        for row in self.rows.values():
            if row.item.fields.get(field) == old:
                row.item = replace(row.item, fields={**row.item.fields, field: new})

    def learn_states(self, *states: tuple[str, Category]) -> None:
        def learnt(known: tuple[State, ...]) -> tuple[State, ...]:
            ids = (f"s{len(known) + n}" if known[0].id else "" for n in range(len(states)))
            return (*known, *(State(name, category, i) for (name, category), i in zip(states, ids, strict=True)))

        self._set_states(learnt)

    def _set_states(self, change: Callable[[tuple[State, ...]], tuple[State, ...]]) -> None:
        types = {name: replace(kind, states=change(kind.states)) for name, kind in self._schema.types.items()}
        self._schema = replace(self._schema, types=types)

    def drop_types(self, *names: str) -> None:
        types = {name: kind for name, kind in self._schema.types.items() if name not in names}
        self._schema = replace(self._schema, types=types)

    def learn_people(self, *people: Person) -> None:
        self._people |= {person.address: person for person in people}

    def ui_remove_field(self, key: str, name: str) -> None:
        """As by a change of type: the item cannot hold the field any more."""
        row = self.rows[key]
        row.item = replace(row.item, fields={n: v for n, v in row.item.fields.items() if n != name})
        self._touch(key)

    def ui_add_field(self, key: str, name: str) -> None:
        row = self.rows[key]
        row.item = replace(row.item, fields={**row.item.fields, name: None})
        self._touch(key)

    def ui_twin(self, key: str, *, ours: bool = True) -> str:
        """A second item like this one, mark included; `ours`: a late twin, or made by the owner of the token."""
        item = self.rows[key].item
        return self._insert(item.fields, ours=ours, origin=item.origin).key

    def ui_twin_comment(self, key: str, comment_key: str) -> None:
        """A late twin: what we asked for once came into being twice."""
        self._counter += 1
        twin = replace(self.rows[key].comments[comment_key], key=f"c{self._counter}")
        self.rows[key].comments[twin.key] = twin
        self._touch(key, comments=1)

    def item(self, key: str) -> Item:
        return self.rows[key].item

    def live(self) -> list[Item]:
        return [row.item for row in self.rows.values() if not row.deleted]

    def children(self, key: str) -> list[str]:
        return [item.key for item in self.live() if item.fields.get("parent") == key]

    def descendants(self, key: str) -> list[str]:
        return [each for child in self.children(key) for each in (child, *self.descendants(child))]

    def _visible(self) -> list[Item]:
        """What the token may see; with `hidden` a right was taken away and everything looks gone."""
        return [] if self.hidden else [self._shown(item) for item in self.live()]

    def _shown(self, item: Item) -> Item:
        """Links to what is in the recycle bin are not shown, and come back with it."""
        if not self.detaches or not any(self._is_binned(key) for key in named_by(item.fields)):
            return item
        shown = dict(item.fields)
        for name in filter(names_items, item.fields):
            kept = tuple(key for key in named(shown[name]) if not self._is_binned(key))
            shown[name] = kept if name in LINKS else next(iter(kept), None)
        return replace(item, revision=self._revision(serial(item.revision), shown), fields=shown)

    def _is_binned(self, key: str) -> bool:
        return key in self.rows and self.rows[key].deleted

    def _revision(self, count: int, fields: Mapping[str, Value]) -> str:
        """Where edits of links are counted nowhere, they show in the revision all the same."""
        links = [f"{key}" for name in (*LINKS, "parent") for key in sorted(named(fields.get(name)))]
        return ".".join([str(count), *(links if self.capabilities.unseen_in_feed else ())])

    def _listed(self) -> list[Item]:
        """What listings and searches show: with `lag_s`, new items come into sight late."""
        seen_by = self.clock.now() - timedelta(seconds=self.lag_s)
        return [i for i in self._visible() if not self.lag_s or i.changed_at <= seen_by or serial(i.revision) > 1]

    def _read(self, method: str) -> None:
        """Counts a request that reads; raises what was laid in its way."""
        self.reads += 1
        self.asked[method] += 1
        for due in [late for late in self._late if late[0] <= self.clock.now()]:
            self._late.remove(due)
            self.came_late.add(due[1]().key)
        for fault in self.read_faults:
            if fault[0] == method:
                self.read_faults.remove(fault)
                raise fault[1]

    # --- Tracker: reading ------------------------------------------------------------------------------------------

    def connect(self) -> None:
        self._read("connect")

    def schema(self, scope: Scope) -> Schema:
        self._read("schema")
        return self._schema

    def further_texts(self, scope: Scope, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
        del scope, keys
        return {}

    def hindrances(self, scope: Scope) -> Sequence[Hindrance]:
        del scope
        return ()

    def overlap(self, one: Scope, two: Scope) -> str:
        del one, two
        return ""

    def custom_fields(self, scope: Scope) -> Sequence[CustomField]:
        del scope
        return ()

    def person(self, address: str) -> Person | None:
        return self._people.get(address)

    def person_with(self, key: str) -> Person | None:
        return next((person for person in self._people.values() if person.key == key), None)

    def changed_since(
        self,
        scopes: Sequence[Scope],
        since: datetime | None,
        known: Mapping[str, str],
        followed: Followed = nobody,
    ) -> Iterator[Page]:
        self._read("changed_since")
        at = self.clock.now()
        found = tuple(
            (scopes[0], item)
            for item in self._listed()
            if (since is None or item.changed_at >= since) and known.get(item.key) != item.revision
        )
        yield Page(found[: len(found) // 2])
        yield Page(found[len(found) // 2 :], at)

    def relinked_since(self, scopes: Sequence[Scope], since: datetime, fields: Collection[str]) -> Iterator[Relinked]:
        self._read("relinked_since")
        return iter([row for at, row in self._relinked if at >= since and row.field in fields])

    def overtaken(self, scope: Scope, known: Mapping[str, str], since: datetime) -> set[str]:
        self._read("overtaken")
        return {key for key, row in self.rows.items() if key in known and row.item.revision != known[key]}

    def read(self, scope: Scope, keys: Sequence[str]) -> dict[str, Item]:
        self._read("read")
        return {item.key: item for item in self._visible() if item.key in set(keys)}

    def fate(self, scope: Scope, key: str) -> Fate:
        self._read("fate")
        row = self.rows.get(key)
        return Fate.UNKNOWN if row is None or self.hidden else Fate.DELETED if row.deleted else Fate.PRESENT

    def discussion_moved(self, before: Item | None, now: Item) -> bool:
        if self.capabilities.edits_show_comments:
            return [now.native[n] for n in _HANGING] != [before.native[n] if before else 0 for n in _HANGING]
        return before is None or all(same_value(n, before.fields[n], now.fields[n]) for n in now.fields)

    def comments(self, scope: Scope, item: Item) -> list[Comment]:
        self._read("comments")
        self.discussions_read += 1
        return list(self._row(item.key).comments.values())

    def may_have_attachments(self, item: Item) -> bool:
        return not self.capabilities.edits_show_comments or int(item.native["files"]) > 0

    def attachments(self, scope: Scope, item: Item) -> list[Attachment]:
        self._read("attachments")
        return [file.shown for file in self._row(item.key).files.values()]

    def fetch_attachment(self, scope: Scope, attachment: Attachment, into: BinaryIO, bytes_max: int) -> None:
        self._read("fetch_attachment")
        held = [row.files[attachment.key].content for row in self.rows.values() if attachment.key in row.files]
        content = next(iter(held), self._pasted.get(attachment.key))
        if content is None:
            raise Gone(f"{attachment.name} is not there", tracker=self.name)
        if len(content) > bytes_max:
            raise Rejected(f"{attachment.name} has more than {bytes_max} bytes", tracker=self.name)
        into.write(content)

    def find_copy(self, scope: Scope, origin: Origin, since: datetime) -> Item | None:
        self._read("find_copy")
        return next(
            (
                i
                for i in self._listed()
                if i.ours and i.origin and i.origin.marker == origin.marker and i.changed_at >= since
            ),
            None,
        )

    def deleted_copies(self, scope: Scope, draft: Draft, since: datetime) -> Sequence[str]:
        self._read("deleted_copies")
        marked = [r for r in self.rows.values() if r.item.origin and r.item.origin.marker == draft.origin.marker]
        found = [r.item for r in marked if r.deleted and r.item.ours and (r.item.created_at or since) >= since]
        return [item.key for item in found] if self.shows_deleted and not self.hidden else []

    def as_created(self, scope: Scope, item: Item) -> Item | None:
        self._read("as_created")
        return self._first[item.key] if self.capabilities.compare_and_swap else None

    def label_at(self, url: str) -> str:
        return ""

    def file_at(self, url: str) -> Attachment | None:
        found = re.fullmatch(rf"https://{self.name}\.example\.com/files/(\w+)(?:\?name=(.*))?", url)
        if found is None:
            return None
        return Attachment(found[1], found[2] or "file", None, self.clock.now(), url, Person(""), inline=True)

    def page_of(self, key: str) -> str:
        return f"https://{self.name}.example.com/{key}"

    def short_names(self, text: RichText) -> Mapping[str, str]:
        return {f"{self.name}:{key}": key for key in re.findall(rf"{self.name}:(\w+)", text.text)}

    def key_of(self, url: str) -> str | None:
        prefix = f"https://{self.name}.example.com/"
        key = split_marker(url)[0].removeprefix(prefix) if url.startswith(prefix) else ""
        return key if key.isalnum() else None

    def server_time(self) -> datetime | None:
        return self.clock.now()

    def sweep(self, scope: Scope, followed: Followed = nobody, after: str = "") -> Iterator[Page]:
        """By creation, `page_size` items a request."""
        while True:
            self._read("sweep")
            rest = [item for item in self._listed() if number(item.key) > int(after or 0)]
            page, after = rest[: self.page_size], str(number(rest[: self.page_size][-1].key)) if rest else after
            yield Page(tuple((scope, item) for item in page), resume=after)
            if len(rest) <= self.page_size:
                break
        yield Page((), self.clock.now())

    def is_older(self, item: Item, than: Item) -> bool:
        return serial(item.revision) < serial(than.revision)

    def find_comment(self, scope: Scope, item: Item, origin: Origin) -> Comment | None:
        self._read("find_comment")
        comments = self._row(item.key).comments.values()
        return next((c for c in comments if c.origin and c.origin.marker == origin.marker), None)

    def close(self) -> None:
        """Nothing to close."""

    # --- Tracker: writing ------------------------------------------------------------------------------------------

    def create(self, scope: Scope, draft: Draft) -> Written:
        first = self._schema.types[str(draft.fields["type"])].states[0].name
        fields = {n: v for n, v in draft.fields.items() if n != "state" or v == first}
        late = next((f for f in self.faults if f.when == "late"), None)
        try:
            with self._write("create", draft.origin.label):
                self._judge(fields)
                item = self._insert(fields, ours=True, origin=draft.origin)
        except OutcomeUnknown:
            if late is not None and late not in self.faults:
                due_at = self.clock.now() + timedelta(seconds=late.late_s)
                self._late.append((due_at, partial(self._insert, fields, ours=True, origin=draft.origin, at=due_at)))
            raise
        return Written(item, frozenset(fields))

    def update(self, scope: Scope, base: Item, changes: Mapping[str, Value]) -> Iterator[Written]:
        self.writing, self.changing = base.key, frozenset(changes)
        self._interfere("update")
        row = self._row(base.key)
        moved = "parent" in changes and self._shown(row.item).fields["parent"] != base.fields["parent"]
        if self.capabilities.compare_and_swap and (moved or serial(row.item.revision) != serial(base.revision)):
            raise StaleRevision(f"{base.key} is at {row.item.revision}, not {base.revision}", key=base.key)
        groups = (
            [changes]
            if self.capabilities.compare_and_swap
            else [{n: changes[n]} for n in sorted(changes, key=LINKS.__contains__)]
        )
        for group in groups:
            if all(same_value(name, base.fields.get(name), value) for name, value in group.items()):
                yield Written(self._shown(self.rows[base.key].item), frozenset(group))
                continue
            refused = self._refused_links(base.key, group)
            with self._write("update", base.key):
                self._judge(group, base.key)
                self._change(base.key, self._without(refused, base, group))
            yield Written(self._shown(self.rows[base.key].item), frozenset(group) - refused.keys())
            for name, keys in refused.items():
                said = f"{', '.join(keys)} waits for it, or is not there"
                raise Rejected(said, tracker=self.name, key=base.key, field=name)
        if self.automation is not None and (made := self.automation(self._row(base.key).item)):
            self._change(base.key, made)
            self.rows[base.key].item = replace(self.rows[base.key].item, changed_by=RULE)

    def delete(self, scope: Scope, base: Item) -> None:
        self._row(base.key)
        if not self.detaches and (children := self.children(base.key)):
            raise Rejected(f"{base.key} has {len(children)} children", tracker=self.name, key=base.key)
        with self._write("delete", base.key):
            self.rows[base.key].deleted = True

    def add_comment(self, scope: Scope, item: Item, draft: CommentDraft) -> Comment:
        with self._write("add_comment", item.key):
            return self._put_comment(item.key, BOT, draft.text, draft.origin, draft.author, ours=True)

    def edit_comment(self, scope: Scope, item: Item, comment: Comment, text: RichText) -> Comment:
        with self._write("edit_comment", item.key):
            row = self._row(item.key)
            edited = replace(row.comments[comment.key], text=self._rewritten(text))
            row.comments[comment.key] = edited
            self._touch(item.key, comments=1)
            return edited

    def delete_comment(self, scope: Scope, item: Item, comment_key: str) -> None:
        with self._write("delete_comment", item.key):
            self._row(item.key).comments.pop(comment_key, None)
            self._touch(item.key, comments=1)

    def add_attachment(self, scope: Scope, item: Item, draft: AttachmentDraft, content: BinaryIO) -> Attachment:
        there = [f.shown for f in self._row(item.key).files.values() if f.shown.marker == draft.marker != ""]
        if there:
            return there[0]
        with self._write("add_attachment", item.key):
            content.seek(0)
            marker = draft.marker if self.marks_attachments else ""
            return self._put_file(item.key, draft.name, content.read(), draft.size_bytes, marker, ours=True)

    def remove_attachment(self, scope: Scope, item: Item, attachment_key: str) -> None:
        if not self.capabilities.removes_attachments:
            raise Rejected("attachments cannot be removed", tracker=self.name, key=item.key)
        with self._write("remove_attachment", item.key):
            if self._row(item.key).files.pop(attachment_key, None) is not None:
                self._touch_files(item.key)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _write(self, method: str, key: str) -> _Commit:
        if method != "update":
            self._interfere(method)
        if self.hidden:
            raise Gone("no right to see or change it", tracker=self.name, key=key)
        self.writes.append((method, key))
        fault = next((f for f in self.faults if f.method in ("", method)), None)
        if fault is not None:
            self.faults.remove(fault)
            if fault.error is not None:
                self.writes.pop()
                raise fault.error
            if fault.when in ("before", "late"):
                raise OutcomeUnknown("the answer was lost", tracker=self.name, key=key)
        return _Commit(fault is not None, self, method, key)

    def _interfere(self, method: str) -> None:
        """Somebody's chance to act between our read and our write."""
        if self.before_write is not None:
            self.before_write(method)

    def _judge(self, fields: Mapping[str, Value], key: str = "") -> None:
        if "parent" in fields:
            self._judge_parent(key, fields["parent"])
        named = next((self.refuses[name] for name in fields if name in self.refuses), None)
        if named is not None:
            raise Rejected("not acceptable", tracker=self.name, field=named)

    def _refused_links(self, key: str, fields: Mapping[str, Value]) -> dict[str, list[str]]:
        """New links to what is not there, or that would close a circle."""
        refused: dict[str, list[str]] = {}
        for name in LINKS:
            new = [k for k in named(fields.get(name)) if k not in named(self.rows[key].item.fields[name])]
            for each in new:
                closes = name == "predecessors" and key in {each, *self.before(each)}
                if each not in self.rows or self.rows[each].deleted or closes:
                    refused.setdefault(name, []).append(each)
        return refused

    def before(self, key: str) -> set[str]:
        """All that an item waits for, directly or not."""
        found: set[str] = set()
        ahead = [key]
        while ahead:
            row = self.rows.get(ahead.pop())
            new = {*named(row.item.fields["predecessors"])} - found if row else set()
            found |= new
            ahead += new
        return found

    def _without(self, refused: Mapping[str, list[str]], base: Item, fields: Mapping[str, Value]) -> dict[str, Value]:
        """Links are made and removed one by one, so that others stay."""
        wanted = dict(fields)
        for name in LINKS:
            if name in fields:
                before, after = named(base.fields.get(name)), named(fields[name])
                kept = [k for k in named(self.rows[base.key].item.fields[name]) if k in after or k not in before]
                added = (key for key in after if key not in before and key not in refused.get(name, ()))
                wanted[name] = tuple(dict.fromkeys((*kept, *added)))
        return wanted

    def _judge_parent(self, key: str, parent: Value) -> None:
        above = self.rows.get(str(parent))
        if parent is None:
            problem = "" if self.detaches else "a child cannot be taken out"
        elif above is None or above.deleted:
            problem = f"{parent} is not there"
        else:
            problem = f"{parent} is below it" if parent in (key, *self.descendants(key)) else ""
        if problem:
            raise Rejected(problem, tracker=self.name, key=key, field="parent")

    def _row(self, key: str) -> Row:
        row = self.rows.get(key)
        if row is None or row.deleted:
            raise Gone(f"{key} is not there", tracker=self.name, key=key)
        return row

    def _insert(
        self, fields: Mapping[str, Value], *, ours: bool, origin: Origin | None, at: datetime | None = None
    ) -> Item:
        self._counter += 1
        key = f"{self.name[0]}{self._counter}"
        kind = str(fields.get("type") or self._schema.default_type)
        blank: dict[str, Value] = {n: () if k in SETS else None for n, k in FIELDS.items()}
        blank |= {"priority": self.default_priority}
        blank |= {"type": kind, "state": self._schema.types[kind].states[0].name}
        now = at or self.clock.now()
        item = Item(
            key=key,
            revision="1",
            changed_at=now,
            url=f"https://{self.name}.example.com/{key}",
            label=f"{self.name.upper()}#{key}",
            fields={**blank, **self._stored(fields)},
            created_at=now,
            origin=origin,
            ours=ours,
            native={"comments": 0, "files": 0},
        )
        self.rows[key] = Row(item)
        self._place(key, {})
        self._first[key] = self.rows[key].item
        return self.rows[key].item

    def _change(self, key: str, fields: Mapping[str, Value]) -> None:
        row = self._row(key)
        for name, value in fields.items():
            if name == "state" and value not in [s.name for s in self._schema.types[row.item.type].states]:
                raise Rejected(f'no state "{value}"', tracker=self.name, key=key, field="state")
        before = row.item.fields
        row.item = replace(row.item, fields={**row.item.fields, **self._stored(fields)})
        if not fields.keys() <= self.capabilities.unseen_in_feed:
            self._touch(key)
        self._place(key, before)

    def _place(self, key: str, before: Mapping[str, Value]) -> None:
        """Tells the feed of links, where there is one, and the other ends of those that both name."""
        item = self.rows[key].item
        at = max(self.clock.now(), item.changed_at)
        for name in filter(names_items, item.fields):
            was, now = named(before.get(name)), named(item.fields[name])
            for each in {*was} ^ {*now}:
                self._relinked.append((at, Relinked(key, name, each, each in now)))
                if name in MUTUAL and each in self.rows:
                    back = named(self.rows[each].item.fields[name])
                    if (key in back) is not (each in now):
                        wanted = (*back, key) if each in now else tuple(k for k in back if k != key)
                        self._change(each, {name: wanted})
        self.rows[key].item = replace(item, revision=self._revision(serial(item.revision), item.fields))

    def _touch(self, key: str, *, comments: int = 0) -> None:
        """Moves the revision; `comments` says how many changes of the discussion did that."""
        row = self.rows[key]
        row.item = replace(
            row.item,
            revision=_counted(row.item.revision),
            changed_at=self.clock.now(),
            native={**row.item.native, "comments": row.item.native["comments"] + comments},
        )

    def _touch_files(self, key: str) -> None:
        """Where edits do not show comments, attachments move nothing at all."""
        row = self.rows[key]
        if self.capabilities.edits_show_comments:
            self._touch(key)
            row.item = replace(row.item, native={**row.item.native, "files": len(row.files)})

    def _put_file(
        self, key: str, name: str, content: bytes | None, size: int, marker: str, *, ours: bool
    ) -> Attachment:
        self._counter += 1
        shown = Attachment(
            key=f"f{self._counter}",
            name=name,
            size_bytes=size,
            created_at=self.clock.now(),
            url=f"https://{self.name}.example.com/files/f{self._counter}",
            author=BOT if ours else Person("ada@example.com", "Ada", "ada"),
            marker=marker,
            ours=ours,
        )
        self._row(key).files[shown.key] = File(shown, content)
        self._touch_files(key)
        return shown

    def _stored(self, fields: Mapping[str, Value]) -> dict[str, Value]:
        return {n: self._rewritten(v) if isinstance(v, RichText) else v for n, v in fields.items()}

    def _rewritten(self, text: RichText) -> RichText:
        """Trackers rewrite what they save: the same visual lines, other bytes."""
        native = convert(text, self.capabilities.form)
        if native.form is Form.HTML:
            return RichText(Form.HTML, native.text.replace("</p>", " </p>"))
        return RichText(Form.MARKDOWN, native.text + "\n")

    def _put_comment(
        self, key: str, author: Person, text: RichText, origin: Origin | None, credit: str, *, ours: bool
    ) -> Comment:
        self._counter += 1
        comment = Comment(
            key=f"c{self._counter}",
            author=author,
            text=self._rewritten(text),
            created_at=self.clock.now(),
            url=f"https://{self.name}.example.com/{key}",
            label=f"{key} comment",
            origin=origin,
            credit=credit,
            ours=ours,
        )
        self._row(key).comments[comment.key] = comment
        self._touch(key, comments=1)
        return comment


class _Commit:
    """Around the server's commit: with `lost`, the answer gets lost after it."""

    def __init__(self, lost: bool, tracker: MemoryTracker, method: str, key: str) -> None:
        self._lost, self._tracker, self._method, self._key = lost, tracker, method, key

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            return
        if self._tracker.after_write is not None:
            self._tracker.after_write(self._method)
        if self._lost:
            raise OutcomeUnknown("the answer was lost", tracker=self._tracker.name, key=self._key)


def serial(revision: str) -> int:
    """The part of a revision that counts; behind it may stand the parent."""
    return int(revision.partition(".")[0])


def _counted(revision: str) -> str:
    count, dot, parent = revision.partition(".")
    return f"{int(count) + 1}{dot}{parent}"


def number(key: str) -> int:
    """The how-manieth an item is."""
    return int(key[1:])


def outage(seconds: float | None = None) -> Unavailable:
    return Unavailable("the tracker is down", retry_after_s=seconds)
