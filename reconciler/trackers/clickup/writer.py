"""Writer: creates and changes tasks. Every write is a partial one with absolute values, so that repeating it is
harmless; creation is the exception and happens in one request."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from reconciler.errors import Gone, Rejected
from reconciler.mapping.equality import is_empty, tags
from reconciler.mapping.kinship import named
from reconciler.model.draft import Draft
from reconciler.model.field import LINKS, Kind, Value, kind_of
from reconciler.model.item import Item
from reconciler.model.origin import Origin
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import attach_footer
from reconciler.trackers.base import Written
from reconciler.trackers.clickup import translate
from reconciler.trackers.clickup.chips import chips
from reconciler.trackers.clickup.client import Client
from reconciler.trackers.clickup.custom_fields import CustomFields, is_no_change
from reconciler.trackers.clickup.people import People
from reconciler.trackers.clickup.places import Places
from reconciler.trackers.clickup.scope import Place
from reconciler.trackers.clickup.translate import Glossary

Json = dict[str, Any]

DESCRIPTION_KB_MAX = 256  # FACTS clickup 6.20


class Writer:
    """Turns drafts and changes into requests, and answers into proof."""

    def __init__(
        self,
        client: Client,
        places: Places,
        people: People,
        fields: CustomFields,
        glossary: Glossary,
        *,
        overwrites_chips: bool,
    ) -> None:
        self._client = client
        self._overwrites_chips = overwrites_chips
        self._places = places
        self._people = people
        self._fields = fields
        self._glossary = glossary

    # --- creating ----------------------------------------------------------------------------------------------------

    def create(self, place: Place, draft: Draft) -> Written:
        """One POST with everything. The answer proves all of it but the spelling of the description. A subtask is made
        in the List of its parent, wherever in the place that is (FACTS clickup 6.8)."""
        try:
            return self._create_in(place.create_list, draft)
        except Rejected as error:
            if error.field != "parent" or place.kind == "list":
                raise
            home = self._home_of(str(draft.fields["parent"]), self._places.territory(place).list_ids)
            if home == place.create_list:
                raise
        return self._create_in(home, draft)

    def _create_in(self, list_id: str, draft: Draft) -> Written:
        content = _signed(draft.fields.get("description"), draft.origin)
        body: Json = {
            "name": translate.title(draft.fields.get("title")),
            "markdown_content": content,  # not markdown_description (FACTS clickup 6.3)
            "custom_item_id": self._type_id(draft.fields.get("type")),  # the List's default may be refused (6.4)
        }
        own: list[Json] = []
        for name, value in draft.fields.items():
            if name in self._glossary.custom:
                own += self._set_at_creation(list_id, name, value)
            elif name == "assignees":
                body["assignees"] = [int(p.key) for p in self._assignable(translate.members(value))]  # 6.15
            elif name == "tags":
                body["tags"] = translate.folded_tags(value)
            elif value is not None and name not in ("title", "description", "type"):
                body |= self._scalar(list_id, name, value)
        if own:
            body["custom_fields"] = own
        answer = self._client.create_task(list_id, body)
        item = self._as_sent(answer, content)
        arrived = set(draft.fields)
        if set(body.get("tags", ())) - set(translate.folded_tags(item.fields["tags"])):
            arrived.discard("tags")  # new ones appear only later (FACTS clickup 6.7); a fresh look decides
        # Those that do not apply are dropped without a word (6.10); writing them by themselves says why.
        arrived -= {name for name in self._glossary.custom if name not in item.fields}
        return _proof(replace(item, ours=True, origin=draft.origin), frozenset(arrived), draft.fields)

    # --- changing ----------------------------------------------------------------------------------------------------

    def update(self, base: Item, changes: Mapping[str, Value], list_ids: Collection[str]) -> Iterator[Written]:
        """Tags and custom fields first, one request each (FACTS clickup 6.12, 8.1, 9.1), then one PUT with the rest,
        whose answer shows those too. A change that is none is proved by `base` and costs nothing (FACTS clickup 6.23).
        `list_ids` are the Lists that a new parent may take the task to."""
        item = base
        if changes.get("parent", base.fields.get("parent")) != base.fields.get("parent"):
            self._try_parent(base, changes["parent"], list_ids)
        own = {name: value for name, value in changes.items() if name in self._glossary.custom}
        changes = {name: value for name, value in changes.items() if name not in own}
        for written in self._update_tags(base, changes):
            item = written.item
            yield written
        for name, value in own.items():
            written = self._update_own(item, name, value)
            item = written.item
            yield written
        links = {n: changes[n] for n in LINKS if n in changes and not _same(n, changes[n], base.fields.get(n))}
        changes = {name: value for name, value in changes.items() if name not in links}
        body = self._body(base, changes)
        if body:
            written = self._put(item, body, changes)
            item = written.item
            yield written
        else:
            tagged = item.fields.get("tags") != base.fields.get("tags")
            idle = frozenset(changes) - ({"tags"} if tagged else frozenset())
            if idle:
                yield _proof(item, idle, changes)
        yield from self._update_links(item, base, links)

    def _update_tags(self, base: Item, changes: Mapping[str, Value]) -> Iterator[Written]:
        if "tags" not in changes:
            return
        native = {folded: name for name in tags(base.fields.get("tags")) for folded in translate.folded_tags((name,))}
        now, wanted = translate.folded_tags(base.fields.get("tags")), translate.folded_tags(changes["tags"])
        steps = [(True, name) for name in wanted if name not in now]
        steps += [(False, name) for name in now if name not in wanted]
        item = base
        for position, (adds, name) in enumerate(steps, 1):
            (self._client.add_tag if adds else self._client.remove_tag)(base.key, name if adds else native[name])
            now = [*now, name] if adds else [tag for tag in now if tag != name]
            item = replace(item, fields={**item.fields, "tags": tuple(now)})
            yield Written(item, frozenset({"tags"} if position == len(steps) else ()))

    def _update_links(self, item: Item, base: Item, links: Mapping[str, Value]) -> Iterator[Written]:
        """Last, one request a link (FACTS clickup 10.1, 10.2). One that is refused keeps no other from being made."""
        refused: dict[str, Rejected] = {}
        for name, wanted in links.items():
            there, aimed = named(base.fields.get(name)), named(wanted)
            for key in (*(k for k in aimed if k not in there), *(k for k in there if k not in aimed)):
                try:
                    self._link(base.key, name, key, adds=key in aimed)
                except Rejected as error:
                    refused.setdefault(name, Rejected(f"{name}: {error.message}", code=error.code, field=name))
                    continue
                now = {*named(item.fields.get(name))} - {key} | ({key} if key in aimed else set())
                item = replace(item, fields={**item.fields, name: tuple(sorted(now))})
                yield Written(item, frozenset())
        if links:
            yield Written(item, frozenset(links) - refused.keys())
        for first in refused.values():
            raise first

    def _link(self, task: str, name: str, key: str, *, adds: bool) -> None:
        """Raises Rejected, also for a task that is not there; one to which a link is to end needs not be."""
        make, end = (
            (self._client.depend, self._client.depend_no_more)
            if name == "predecessors"
            else (self._client.link, self._client.unlink)
        )
        try:
            (make if adds else end)(task, key)
        except Gone:
            if adds:
                raise

    def _body(self, base: Item, changes: Mapping[str, Value]) -> Json:
        """The PUT body with what differs from `base`."""
        body: Json = {}
        for name, value in changes.items():
            if name == "assignees":
                body |= self._assignee_changes(base, value)
            elif name == "description":
                body |= self._description_change(base, value)
            elif name != "tags" and not _same(name, value, base.fields.get(name)):
                body |= self._scalar(str(base.native.get("list") or ""), name, value)
        return body

    def _put(self, item: Item, body: Json, changes: Mapping[str, Value]) -> Written:
        list_id = str(item.native.get("list") or "")
        try:
            answer = self._client.update_task(item.key, body)
        except Rejected as error:
            if error.field != "state" or "status" not in body:
                raise
            self._places.forget_states(list_id)  # renamed since we looked (FACTS clickup trap 22); nothing happened yet
            body["status"] = self._places.status(list_id, str(changes["state"]))
            answer = self._client.update_task(item.key, body)
        if "markdown_content" in body or "description" in body:
            after = self._as_sent(answer, body.get("markdown_content", ""))
        else:
            after = _with_description_of(item, translate.to_item(answer, self._glossary))
        return _proof(after, frozenset(changes) - {"tags"}, changes)

    def _try_parent(self, base: Item, parent: Value, list_ids: Collection[str]) -> None:
        """Raises Rejected for a move that ClickUp cannot make, or that would end outside of `list_ids`."""
        if parent is None:  # FACTS clickup 6.16
            said = "ClickUp lets no program make a subtask a task of its own; move it out by hand there"
            raise Rejected(said, field="parent", key=base.key)
        self._home_of(str(parent), list_ids)

    def _home_of(self, parent: str, list_ids: Collection[str]) -> str:
        """The List of a task that is to get a subtask, which goes there too (FACTS clickup 6.16)."""
        try:
            home = translate.to_item(self._client.task(parent), self._glossary).native["list"]
        except Gone as gone:
            raise Rejected(f"its parent is not there: {gone.message}", code=gone.code, field="parent") from gone
        if home not in list_ids:
            raise Rejected(f"its parent lies in another List ({home}), and would take it along", field="parent")
        return str(home)

    # --- custom fields -----------------------------------------------------------------------------------------------

    def _set_at_creation(self, list_id: str, name: str, value: Value) -> list[Json]:
        field = self._glossary.custom[name]
        if field.kind is Kind.PEOPLE:
            ids = [int(p.key) for p in self._assignable(translate.members(value))]
            return [{"id": field.id, "value": {"add": ids, "rem": []}}] if ids else []
        return [{"id": field.id, **self._fields.body(field, name, value, list_id, self._glossary.zone)}]

    def _update_own(self, item: Item, name: str, value: Value) -> Written:
        """One request, whose answer is empty: what was written stands in until the next listing shows it."""
        sent = frozenset({name})
        if is_no_change(value, item.fields.get(name)):
            return Written(item, sent)
        try:
            stored = self._send_own(item, name, value)
        except Rejected as refused:
            refused.field = name
            raise
        return _proof(replace(item, fields={**item.fields, name: stored}), sent, {name: value})

    def _send_own(self, item: Item, name: str, value: Value) -> Value:
        """Sets or empties one field, and answers what it holds then."""
        field, known = self._glossary.custom[name], item.fields.get(name)
        if field.kind is Kind.PEOPLE:
            members = self._membership(known, value)
            if members:
                self._client.set_field(item.key, field.id, {"value": members})
            kept = [person for person in translate.members(known) if person in translate.members(value)]
            return (*kept, *self._assignable(p for p in translate.members(value) if p not in kept))
        if is_empty(value):
            self._client.unset_field(item.key, field.id)  # null is refused (FACTS clickup 9.1)
        else:
            body = self._fields.body(field, name, value, str(item.native.get("list") or ""), self._glossary.zone)
            self._client.set_field(item.key, field.id, body)
        return value

    # --- values ------------------------------------------------------------------------------------------------------

    def _scalar(self, list_id: str, name: str, value: Value) -> Json:
        """The keys that set one field. Raises Rejected for a value that the List or workspace does not have."""
        match name:
            case "title":
                return {"name": translate.title(value)}
            case "state":
                return {"status": self._places.status(list_id, str(value or ""))}
            case "type":
                return {"custom_item_id": self._type_id(value)}
            case "priority":
                return {"priority": _priority(value)}
            case "start_date" | "due_date":
                return translate.day(name, value, self._glossary.zone)
            case "parent":
                return {"parent": value}
            case "points":
                return {"points": value}
            case "estimate":
                return {"time_estimate": translate.estimate_ms(value)}
        raise Rejected(f'ClickUp tasks have no field "{name}"', field=name)

    def _type_id(self, value: Value) -> int:
        number = self._glossary.type_id(str(value or translate.TASK))
        if number is None:
            raise Rejected(f'the workspace has no task type "{value}"', field="type")
        return number

    def _description_change(self, base: Item, value: Value) -> Json:
        """The footer goes back; where a person removed it, it stays away."""
        if _same("description", value, base.fields.get("description")):
            return {}
        before = base.fields.get("description")
        held = [] if self._overwrites_chips or not isinstance(before, RichText) else chips(before.text)
        if held:
            raise Rejected(
                f"the description holds {' and '.join(held)}, which ClickUp would turn into text if it were written;"
                " make this edit there by hand, or set overwrite_chips = true for this tracker",
                field="description",
                key=base.key,
            )
        content = _signed(value, base.origin)
        return {"markdown_content": content} if content.strip() else {"description": translate.CLEARED}

    def _assignee_changes(self, base: Item, value: Value) -> Json:
        members = self._membership(base.fields.get("assignees"), value)
        return {"assignees": members} if members else {}

    def _membership(self, known: Value, value: Value) -> Json:
        """Members added and removed (FACTS clickup 6.15, 9.4), so that somebody added meanwhile stays."""
        now = {p.identity: p for p in translate.members(known)}
        wanted = {p.identity: p for p in translate.members(value)}
        add = self._assignable([p for i, p in wanted.items() if i not in now])
        gone = [p for identity, p in now.items() if identity not in wanted and p.key.isdigit()]
        if not add and not gone:
            return {}
        return {"add": [int(p.key) for p in add], "rem": [int(p.key) for p in gone]}

    def _assignable(self, wanted: Iterable[Person]) -> list[Person]:
        """Those of `wanted` that ClickUp can be told."""
        found = (p if p.key.isdigit() else self._people.find(p.address) for p in wanted)
        return [member for member in found if member is not None]

    def _as_sent(self, answer: Json, content: str) -> Item:
        """An answer lacks the description as stored (FACTS clickup 6.1, 6.13). What was sent stands in until the next
        listing shows it, which costs no request."""
        item = translate.to_item(answer, self._glossary)
        if translate.is_complete(item.revision):
            return item
        description, origin = translate.described(content)
        return replace(
            item,
            revision=translate.as_sent(answer),
            fields={**item.fields, "description": description},
            origin=origin,
        )


def _proof(item: Item, sent: frozenset[str], changes: Mapping[str, Value]) -> Written:
    people = [name for name in changes if kind_of(name) is Kind.PEOPLE]
    lost = {name: _dropped(changes[name], item.fields.get(name)) for name in people} | _not_kept(changes, item)
    lost = {name: said for name, said in lost.items() if said}
    return Written(item, sent - lost.keys(), tuple(sentence for said in lost.values() for sentence in said))


def _dropped(wanted: Value, shown: Value) -> tuple[str, ...]:
    """A sentence for everybody who should be assigned and is not: who is not a member, or has no access to the List, is
    dropped in silence (FACTS clickup 6.6)."""
    present = {key for p in translate.members(shown) for key in (p.key, p.identity) if key}
    return tuple(_nobody(p) for p in translate.members(wanted) if not {p.key, p.identity} & present)


def _signed(value: Value, origin: Origin | None) -> str:
    """The Markdown to send: the text, and below it the link to the original where there is one. A text that is too long
    is refused here: ClickUp's answer does not name the field, and everything else in the request would stay behind."""
    text = translate.markdown(value)
    if origin is not None:
        text = attach_footer(RichText(Form.MARKDOWN, text), origin, Form.MARKDOWN).text
    if (size := len(text.encode())) > DESCRIPTION_KB_MAX * 1024:
        said = f"the description has {-(-size // 1024)} KB; ClickUp takes {DESCRIPTION_KB_MAX}"
        raise Rejected(said, field="description")
    return text


def _with_description_of(known: Item, item: Item) -> Item:
    """`item` with the description it had, where the answer lacked it. Its revision says that nobody looked."""
    if translate.is_complete(item.revision):
        return item
    fields = dict(item.fields)
    fields.pop("description", None)
    if "description" in known.fields:
        fields["description"] = known.fields["description"]
    return replace(item, fields=fields, origin=known.origin)


def _not_kept(changes: Mapping[str, Value], item: Item) -> dict[str, tuple[str, ...]]:
    """A sentence for every number that the answer shows otherwise than it was sent: of points and estimates it is not
    known what happens where the Space has them switched off, or to clearing them (FACTS clickup 6.14)."""
    sent = {name: translate.kept(name, changes[name]) for name in ("points", "estimate") if name in changes}
    return {
        name: (f"ClickUp did not keep the {name}; is its ClickApp on in this Space?",)
        for name, value in sent.items()
        if value != item.fields.get(name)
    }


def _priority(value: Value) -> int | None:
    try:
        return translate.priority_number(value)
    except ValueError as error:
        raise Rejected(f'"{value}" is not a ClickUp priority', field="priority") from error


def _same(name: str, value: Value, known: Value) -> bool:
    """Whether writing `value` over `known` would be a no-op, byte for byte in texts."""
    match kind_of(name):
        case Kind.CHOICE:
            return str(value or "").casefold() == str(known or "").casefold()
        case Kind.TEXT:
            return translate.title(value) == translate.title(known)
        case Kind.ITEMS:
            return {*named(value)} == {*named(known)}
        case _:
            return value == known


def _nobody(person: Person) -> str:
    return f"nobody who can be assigned in ClickUp has the address {person.address or person.name or person.key}"
