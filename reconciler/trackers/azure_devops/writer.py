"""Writer: creates and changes work items. Every change is tied to the revision it was planned from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from reconciler.errors import Gone, Rejected, StaleRevision
from reconciler.mapping.kinship import named
from reconciler.model.custom_field import CustomField
from reconciler.model.draft import Draft
from reconciler.model.field import LINKS, Kind, Value, kind_of
from reconciler.model.item import Item
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import one_line, same
from reconciler.trackers.azure_devops import custom_fields, patch
from reconciler.trackers.azure_devops.catalog import Catalog
from reconciler.trackers.azure_devops.client import Client, Json
from reconciler.trackers.azure_devops.patch import Operation
from reconciler.trackers.azure_devops.scope import ProjectScope
from reconciler.trackers.azure_devops.translate import PARENT_LINK, Lens, form_of, linked, parent_of, to_item
from reconciler.trackers.azure_devops.verdicts import UNKNOWN_IDENTITY
from reconciler.trackers.azure_devops.work_item_type import AREA, STATE, TYPE, WorkItemType
from reconciler.trackers.base import Written


class Writer:
    """Turns drafts and changes into patches, and answers into proof. `lens` has the time zone of the scope."""

    def __init__(self, client: Client, catalog: Catalog, lens: Lens) -> None:
        self._client = client
        self._catalog = catalog
        self._lens = lens

    # --- creating ----------------------------------------------------------------------------------------------------

    def create(self, scope: ProjectScope, draft: Draft) -> Written:
        """One POST with everything, the link to the original included. A state that cannot be the first one is left
        out (FACTS ado 7.15)."""
        kind = self._type(scope.project, draft.fields.get("type"))
        operations: list[Operation] = []
        carried = {"type"}
        for name, value in draft.fields.items():
            if name == "type" or (name == "state" and not _is_initial(kind, value)):
                continue
            carried.add(name)
            if name == "parent":
                operations += self._under(value)
            elif not _is_empty(value):
                operations += self._set(kind, name, value, Form.HTML)
        if scope.area_path:
            operations.append(patch.set_text(AREA, scope.area_path))
        operations.append(patch.hyperlink(draft.origin))
        send = partial(self._client.create, scope.project, kind.name)
        answer, notes = _assigning(kind, operations, partial(_linking, send))
        carried -= {"assignees"} if notes else set()
        item = self._item(answer)
        if _same("state", draft.fields.get("state"), item.fields.get("state")):
            carried.add("state")
        return Written(
            item, frozenset(carried & draft.fields.keys()), (*_losses(draft.fields, self._lens.custom), *notes)
        )

    def _type(self, project: str, name: Value) -> WorkItemType:
        kind = self._catalog.named(project, str(name or ""))
        if kind is None:
            raise Rejected(f'project {project} has no work item type "{name}"', field="type")
        return kind.carrying(self._lens.custom)

    # --- changing ----------------------------------------------------------------------------------------------------

    def update(self, base: Item, changes: Mapping[str, Value]) -> Iterator[Written]:
        """A change of type first, since it decides what the rest means; then one PATCH with everything, the first step
        to the wanted state included; then one for every further step. What is no change is proved by `base` and costs
        nothing (FACTS ado 5.11)."""
        item = base
        rest = dict(changes)
        if not _same("type", rest.get("type", item.fields.get("type")), item.fields.get("type")):
            written = self._change_type(item, rest.pop("type"))
            item = written.item
            yield written
        if rest:
            yield from self._change_fields(item, rest)

    def _change_type(self, item: Item, name: Value) -> Written:
        """The description moves along where the new type keeps it in another field (FACTS ado 12.11)."""
        old = self._type_of(item)
        new = self._type(str(item.native["project"]), name)
        operations = [patch.set_text(TYPE, new.name)]
        description = item.fields.get("description")
        there = new.fields.get("description", "")
        if isinstance(description, RichText) and there not in ("", old.fields.get("description")):
            form = Form.MARKDOWN if form_of(item, there) is Form.MARKDOWN else description.form
            operations += patch.set_field("description", there, description, form, self._lens.zone)
        return Written(self._item(self._send(item, operations)), frozenset({"type"}))

    def _change_fields(self, item: Item, changes: Mapping[str, Value]) -> Iterator[Written]:
        kind = self._type_of(item)
        operations = [
            operation
            for name, value in changes.items()
            if name not in ("state", "parent", *LINKS)
            and not _same(name, _as_written(name, value), item.fields.get(name))
            for operation in self._replace(kind, item, name, value)
        ]
        if "parent" in changes and changes["parent"] != item.fields.get("parent"):
            operations += self._moved(item, changes["parent"])
        links = {n: changes[n] for n in LINKS if n in changes and not _same(n, changes[n], item.fields.get(n))}
        changes = {name: value for name, value in changes.items() if name not in links}
        steps = _steps(kind, item, changes)
        carried = frozenset(changes) - ({"state"} if len(steps) > 1 else frozenset())
        first = [*operations, *(patch.set_text(STATE, state) for state in steps[:1])]
        after, notes = item, _losses(changes, self._lens.custom)
        if first:
            answer, unknown = _assigning(kind, first, partial(_linking, partial(self._send, item)))
            after = self._item(answer) if answer else item
            carried, notes = carried - {"assignees"} if unknown else carried, (*notes, *unknown)
        if changes:
            yield Written(after, carried, notes)
        for position, state in enumerate(steps[1:], 2):
            after = self._item(self._send(after, [patch.set_text(STATE, state)]))
            yield Written(after, frozenset({"state"} if position == len(steps) else ()))
        if links:
            yield from self._change_links(after, item, links)

    def _change_links(self, item: Item, base: Item, links: Mapping[str, Value]) -> Iterator[Written]:
        """All at once, in a request of their own; where that is refused one by one, so that only those stay behind that
        cannot be. They move no revision (FACTS ado 5.2), so what stands now is read right before (7.8)."""
        refusals: dict[str, list[Rejected]] = {}
        parts = [[step for name, wanted in links.items() for step in _link_steps(name, base.fields.get(name), wanted)]]
        while parts:
            part = parts.pop(0)
            now = self._client.work_item(int(item.key))
            try:
                item = self._link(now, part)
            except StaleRevision:
                raise
            except Rejected as refused:
                if len(part) > 1:
                    parts = [[step] for step in part]
                else:
                    refusals.setdefault(part[0].field, []).append(refused)
        yield Written(item, frozenset(links) - refusals.keys())
        for name, errors in refusals.items():
            said = "; ".join(error.message for error in errors)
            raise Rejected(f"{name}: {said}", code=errors[0].code, field=name, key=item.key)

    def _link(self, now: Json, steps: Sequence[_LinkStep]) -> Item:
        """Takes the steps from the item as just read, as far as they are still to be taken."""
        away = [each for step in steps if not step.adds for each in patch.no_link(now, step.field, step.key)]
        missing = [step for step in steps if step.adds and step.key not in linked(now, step.field)]
        operations = [
            *sorted(away, key=_position, reverse=True),
            *(patch.link(self._client.base_url, step.field, step.key) for step in missing),
        ]
        item = self._item(now)
        return self._item(self._send(item, operations)) if operations else item

    def _send(self, item: Item, operations: Sequence[Operation]) -> Json:
        if not operations:
            return {}
        guarded = [patch.at_revision(item.revision), *operations]
        return self._client.update(str(item.native["project"]), int(item.key), guarded)

    # --- pieces ------------------------------------------------------------------------------------------------------

    def _replace(self, kind: WorkItemType, item: Item, name: str, value: Value) -> list[Operation]:
        """Emptying a text empties every field that it may be read from, else the other one would come to light."""
        if name == "description" and _is_empty(value) and item.native.get("texts"):
            places = [str(reference) for reference in item.native["texts"]]
            return [each for place in places for each in patch.set_field(name, place, None, Form.HTML, self._lens.zone)]
        return self._set(kind, name, value, form_of(item, kind.fields.get(name, "")))

    def _under(self, parent: Value) -> list[Operation]:
        return [patch.link(self._client.base_url, "parent", str(parent))] if parent is not None else []

    def _moved(self, item: Item, parent: Value) -> list[Operation]:
        """Links move no revision that the patch could be tied to (FACTS ado 7.8), so they are looked at right before.
        Raises StaleRevision where somebody was faster."""
        now = self._client.work_item(int(item.key))
        if parent_of(now) not in (item.fields.get("parent"), parent):
            raise StaleRevision("it was put under another parent meanwhile", key=item.key, field="parent")
        before = parent_of(now)
        away = patch.no_link(now, "parent", before) if before else []
        return [] if before == parent else [*away, *self._under(parent)]

    def _set(self, kind: WorkItemType, name: str, value: Value, form: Form) -> list[Operation]:
        reference = kind.fields.get(name)
        if reference is None:
            raise Rejected(f"a {kind.name} has no field for {name}", field=name)
        if name in self._lens.custom:
            return custom_fields.operations(self._lens.custom[name], name, value, form, self._lens.zone)
        return patch.set_field(name, reference, value, form, self._lens.zone)

    def _type_of(self, item: Item) -> WorkItemType:
        return self._type(str(item.native["project"]), item.type)

    def _item(self, answer: Json) -> Item:
        return to_item(answer, self._catalog.type_of(answer).carrying(self._lens.custom), self._lens)


def _assigning(
    kind: WorkItemType, operations: list[Operation], send: Callable[[list[Operation]], Json]
) -> tuple[Json, tuple[str, ...]]:
    """The answer; and a note where somebody whom the service does not know was left out (FACTS ado 13.4). An empty
    answer where nothing else was to be written."""
    try:
        return send(operations), ()
    except Rejected as refused:
        path = f"/fields/{kind.fields.get('assignees')}"
        kept = [operation for operation in operations if operation["path"] != path]
        if refused.code != UNKNOWN_IDENTITY or len(kept) == len(operations):
            raise
        return send(kept), (f"the assignee was left out: {refused}",)


def _linking(send: Callable[[list[Operation]], Json], operations: list[Operation]) -> Json:
    """The answer; where the item named as parent is not there, that is no reason for everything else to stay behind."""
    try:
        return send(operations)
    except Gone as gone:
        if not any(operation["path"] == patch.RELATIONS_END and _names_parent(operation) for operation in operations):
            raise
        raise Rejected(f"the parent is not there: {gone.message}", code=gone.code, field="parent") from gone


@dataclass(frozen=True, slots=True)
class _LinkStep:
    """A link to be made or removed."""

    field: str
    key: str
    adds: bool


def _link_steps(field: str, before: Value, wanted: Value) -> list[_LinkStep]:
    """Only what differs from the last view: links that others made meanwhile stay."""
    there, aimed = named(before), named(wanted)
    steps = [_LinkStep(field, key, adds=True) for key in aimed if key not in there]
    return steps + [_LinkStep(field, key, adds=False) for key in there if key not in aimed]


def _position(removal: Operation) -> int:
    """Removed from the end, so that no removal moves another (FACTS ado 9.2)."""
    return int(str(removal["path"]).rpartition("/")[2])


def _names_parent(operation: Operation) -> bool:
    return bool(operation["value"]["rel"] == PARENT_LINK)


def _steps(kind: WorkItemType, item: Item, changes: Mapping[str, Value]) -> tuple[str, ...]:
    """The states to go through. Where the workflow shows no way the service gets to say so itself: our view of it may
    be old."""
    if "state" not in changes:
        return ()
    wanted, now = str(changes["state"] or ""), str(item.fields.get("state") or "")
    names = {state.name.casefold(): state.name for state in kind.states}
    goal = names.get(wanted.casefold(), wanted)
    path = kind.path(now, goal)
    return (goal,) if path is None else path


def _is_initial(kind: WorkItemType, state: Value) -> bool:
    return str(state or "").casefold() in {name.casefold() for name in kind.initial_states}


def _as_written(name: str, value: Value) -> Value:
    """The part of a value that can be written: one line, tags that are allowed, one assignee."""
    if kind_of(name) is Kind.PEOPLE:
        return value[:1] if isinstance(value, tuple) else ()
    return patch.kept(name, value)


def _losses(fields: Mapping[str, Value], custom: Mapping[str, CustomField]) -> tuple[str, ...]:
    """What is said to the operator about values that had to be changed to be written."""
    notes = []
    title, names = str(fields.get("title") or ""), fields.get("tags")
    if one_line(title) != patch.title(title):
        notes.append(f"the title was cut to {patch.TITLE_CHARS_MAX} characters")
    if isinstance(names, tuple) and _folded(names) != _folded(patch.tags(names)):
        notes.append("tags were changed: a tag has no comma, semicolon or emoji, and an item has at most 100")
    for name, field in custom.items():
        value = fields.get(name)
        if isinstance(value, str) and one_line(str(custom_fields.kept_of(field, value))) != one_line(value):
            notes.append(f"{field.name} was cut to {patch.TITLE_CHARS_MAX} characters")
    return tuple(notes)


def _is_empty(value: Value) -> bool:
    return value is None or value == () or (isinstance(value, str | RichText) and _same_text(value, None))


def _same(name: str, one: Value, two: Value) -> bool:
    match kind_of(name):
        case Kind.RICH_TEXT:
            return _same_text(one, two)
        case Kind.CHOICE:
            return str(one or "").casefold() == str(two or "").casefold()
        case Kind.TAGS:
            return _folded(one) == _folded(two)
        case Kind.ITEMS:
            return {*named(one)} == {*named(two)}
        case Kind.PEOPLE:
            return patch.assignee(one).casefold() == patch.assignee(two).casefold()
    return one == two


def _same_text(one: Value, two: Value) -> bool:
    if isinstance(one, RichText) or isinstance(two, RichText):
        return same(one if isinstance(one, RichText) else None, two if isinstance(two, RichText) else None)
    return (one or "") == (two or "")


def _folded(names: Value) -> frozenset[str]:
    return frozenset(str(name).casefold() for name in names) if isinstance(names, tuple) else frozenset()
