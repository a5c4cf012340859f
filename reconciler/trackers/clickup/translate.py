"""Translate: ClickUp's tasks as items, and values of items as the bodies ClickUp takes. Pure; no HTTP.

A revision is the task's date_updated in milliseconds and a digest of what was seen, since not every change moves that
date (FACTS clickup 4.1, 4.4) and two can share a millisecond (4.7). What an answer to a write leaves open is marked, so
that the next listing row, which has the same date, is looked at again:

    1769437675549.6f2c…   the whole task was seen
    1769437675549?        the description was not part of the answer; it is assumed to be what it was
    1769437675549?d9a41…  the description is as we sent it, ClickUp's own spelling of it is still to be read; the digest
                          is of its plain text, which answers to writes do show
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from hashlib import blake2b
from typing import Any

from reconciler.model.custom_field import CustomField
from reconciler.model.field import Value
from reconciler.model.item import Item
from reconciler.model.origin import Origin
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import convert, detach_footer, one_line
from reconciler.trackers.clickup import custom_fields
from reconciler.trackers.clickup.instants import day_of, instant, noon_ms, number, to_ms
from reconciler.trackers.clickup.naming import label_of, page_of
from reconciler.trackers.clickup.people import person

Json = dict[str, Any]

TASK, MILESTONE = "Task", "Milestone"
TYPES = {0: TASK, 1: MILESTONE}  # FACTS clickup 2.10

PRIORITIES = ("urgent", "high", "normal", "low")
"""From most to least urgent; written as 1 to 4 (FACTS clickup 5.4)."""

MS_AN_HOUR = 3_600_000

CLEARED = " "
"""In `description` an empty text is ignored and a blank one clears; of markdown_content that is not known (FACTS
clickup 6.14)."""

_CARRIED = (
    *("name", "markdown_description", "custom_item_id", "start_date", "due_date", "points", "time_estimate"),
    *("archived", "url", "custom_id", "parent"),
)
_CARRIED_NESTED = (("status", "status"), ("priority", "priority"), ("list", "id"))
_DATE = re.compile(r"\d+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNSEEN, _AS_SENT = "?", "?d"
_EDITOR_JSON = '{"ops":'  # FACTS clickup trap 54


@dataclass(frozen=True, slots=True)
class Glossary:
    """What is needed to read a task: the token user's time zone and id, the names of the task types, and the fields
    that only the mapping at hand carries."""

    zone: tzinfo = UTC
    own_id: str = ""
    types: Mapping[int, str] = field(default_factory=lambda: dict(TYPES))
    custom: Mapping[str, CustomField] = field(default_factory=dict)

    def type_name(self, custom_item_id: object) -> str:
        number = int(float(str(custom_item_id or 0)))  # old tasks have null (FACTS clickup 2.10)
        return self.types.get(number, f"Type {number}")

    def type_id(self, name: str) -> int | None:
        wanted = name.strip().casefold()
        return next((number for number, known in self.types.items() if known.casefold() == wanted), None)


# --- reading -------------------------------------------------------------------------------------------------------


def to_item(task: Mapping[str, Any], glossary: Glossary) -> Item:
    """A task of any answer as an item. Every key but id, name and status may be missing (FACTS clickup 5.14)."""
    description, origin = described(str(task.get("markdown_description") or ""))
    fields: dict[str, Value] = {
        "type": glossary.type_name(task.get("custom_item_id")),
        "title": str(task.get("name") or ""),
        "description": description,
        "state": str(_mapping(task.get("status")).get("status") or ""),
        "assignees": tuple(person(user) for user in task.get("assignees") or ()),
        "priority": _priority(task.get("priority")),
        "tags": tuple(str(tag.get("name") or "") for tag in task.get("tags") or ()),
        "start_date": day_of(task.get("start_date"), glossary.zone),
        "due_date": day_of(task.get("due_date"), glossary.zone),
        "parent": str(task.get("parent") or "") or None,
        "predecessors": predecessors(task),
        "related": related(task),
        "points": number(task.get("points")),
        "estimate": hours(task.get("time_estimate")),
    }
    fields |= custom_fields.values(task, glossary.custom, glossary.zone)
    if "markdown_description" not in task or _is_editor_json(task):
        del fields["description"]  # nothing is known about it, which is not the same as empty
    home = _mapping(task.get("list"))
    return Item(
        key=str(task["id"]),
        revision=revision_of(task),
        changed_at=_changed_at(task),
        url=str(task.get("url") or page_of(str(task["id"]))),  # FACTS clickup 5.13
        label=str(task.get("custom_id") or label_of(str(task["id"]))),
        fields=fields,
        home=str(home.get("name") or home.get("id") or ""),
        created_at=instant(task.get("date_created")),
        origin=origin,
        ours=bool(glossary.own_id) and str(_mapping(task.get("creator")).get("id")) == glossary.own_id,
        archived=bool(task.get("archived")),
        native={"list": list_of(task)},
    )


def predecessors(task: Mapping[str, Any]) -> tuple[str, ...]:
    """The tasks that this one waits on; both ends show the same row (FACTS clickup 5.8)."""
    rows = [row for row in task.get("dependencies") or () if str(row.get("task_id")) == str(task["id"])]
    return tuple(sorted({str(row["depends_on"]) for row in rows if row.get("depends_on")}))


def related(task: Mapping[str, Any]) -> tuple[str, ...]:
    """The linked tasks; either end may be the first of a row (FACTS clickup 5.8)."""
    ends = {str(row.get(end)) for row in task.get("linked_tasks") or () for end in ("task_id", "link_id")}
    return tuple(sorted(ends - {str(task["id"]), "None"}))


def list_of(task: Mapping[str, Any]) -> str:
    """The id of the task's home List."""
    return str(_mapping(task.get("list")).get("id") or "")


def _changed_at(task: Mapping[str, Any]) -> datetime:
    return instant(task.get("date_updated")) or instant(task.get("date_created")) or _EPOCH


def described(stored: str) -> tuple[RichText | None, Origin | None]:
    """A stored description without the footer of ours, None where nothing is left, and what the footer names."""
    body, origin = detach_footer(RichText(Form.MARKDOWN, stored))
    return (body if body.text.strip() else None), origin


def _is_editor_json(task: Mapping[str, Any]) -> bool:
    shown = task.get("markdown_description") or task.get("description") or ""
    return str(shown).lstrip().startswith(_EDITOR_JSON)


def _priority(value: object) -> str | None:
    """An object, null, or false (FACTS clickup 5.4)."""
    name = value.get("priority") if isinstance(value, Mapping) else None
    return str(name) if name else None


def hours(estimate_ms: object) -> float | None:
    """An estimate of none and of no time are the same to people."""
    told_ms = number(estimate_ms)
    return told_ms / MS_AN_HOUR if told_ms else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


# --- revisions -----------------------------------------------------------------------------------------------------


def revision_of(task: Mapping[str, Any]) -> str:
    """The revision that a task of any answer shows; cheap, so that known rows need not be translated."""
    seen = _digest(task) if "markdown_description" in task else _UNSEEN
    return f"{to_ms(_changed_at(task))}{seen}"


def _digest(task: Mapping[str, Any]) -> str:
    """A dot and sixteen digits that differ where anything we carry differs; the order of people and tags does not
    count."""
    facts = [task.get(name) for name in _CARRIED]
    facts += [_mapping(task.get(name)).get(key) for name, key in _CARRIED_NESTED]
    facts += [sorted(str(user.get("id")) for user in task.get("assignees") or ())]
    facts += [sorted(str(tag.get("name")) for tag in task.get("tags") or ())]
    facts += [[name, keys] for name, keys in (("waits", predecessors(task)), ("links", related(task))) if keys]
    facts += custom_fields.facts(task)
    return "." + blake2b(json.dumps(facts).encode(), digest_size=8).hexdigest()


def date_ms(revision: str) -> int:
    """The date_updated that a revision of ours stands for; 0 for anything else."""
    digits = _DATE.match(revision)
    return int(digits[0]) if digits else 0


def is_overtaken(revision: str, task: Mapping[str, Any]) -> bool:
    """Whether a task known at `revision` was certainly changed since, showing `task` now. Its date may stand still."""
    now = revision_of(task)
    if date_ms(revision) != date_ms(now):
        return date_ms(revision) < date_ms(now)
    if is_complete(revision) and is_complete(now):
        return revision != now
    return _AS_SENT in revision and not spells_what_we_sent(revision, task)


def is_complete(revision: str) -> bool:
    """Whether the whole task was seen at this revision."""
    return _UNSEEN not in revision


def as_sent(answer: Mapping[str, Any]) -> str:
    """The revision of a task whose description we sent, of which `answer` shows all but the spelling."""
    return f"{to_ms(_changed_at(answer))}{_AS_SENT}{_text_digest(answer)}"


def spells_what_we_sent(revision: str, task: Mapping[str, Any]) -> bool:
    """Whether the description of `task` is ClickUp's spelling of what was sent at `revision`: its plain text is the
    same. The date says nothing: our own comments move it, and one that lies in the future stays where it is."""
    _, sent, text = revision.partition(_AS_SENT)
    return bool(sent) and text == _text_digest(task)


def _text_digest(task: Mapping[str, Any]) -> str:
    shown = str(task.get("text_content") or task.get("description") or "")
    return blake2b("\n".join(shown.split()).encode(), digest_size=8).hexdigest()


# --- writing -------------------------------------------------------------------------------------------------------


def markdown(value: Value) -> str:
    """A rich text of any form as the Markdown to be sent; "" for none."""
    return convert(value, Form.MARKDOWN).text if isinstance(value, RichText) else ""


def title(value: Value) -> str:
    """One line without outer blanks and control characters: what becomes of others is not known (FACTS clickup 6.2)."""
    return one_line(str(value or ""))


def priority_number(value: Value) -> int | None:
    """1 to 4; None for none. Raises ValueError for a word that is no priority."""
    return None if value is None else PRIORITIES.index(str(value).strip().lower()) + 1


def folded_tags(value: Value) -> list[str]:
    """Tag names as ClickUp keeps them (FACTS clickup 8.2), each once."""
    names = value if isinstance(value, tuple) else ()
    folded = (one_line(name).lower() for name in names if isinstance(name, str))
    return list(dict.fromkeys(filter(None, folded)))


def members(value: Value) -> list[Person]:
    return [entry for entry in value if isinstance(entry, Person)] if isinstance(value, tuple) else []


def estimate_ms(value: Value) -> int | None:
    """Hours as ClickUp keeps them; None for none."""
    return round(value * MS_AN_HOUR) if isinstance(value, int | float) else None


def kept(name: str, value: Value) -> Value:
    """What ClickUp keeps of a field's value: an estimate to the millisecond."""
    return hours(estimate_ms(value)) if name == "estimate" else value


def day(name: str, value: Value, zone: tzinfo) -> Json:
    """The keys that set "start_date" or "due_date" to a calendar day, or clear it (FACTS clickup 5.6, 6.14)."""
    if not isinstance(value, date):
        return {name: None}
    return {name: noon_ms(value, zone), f"{name}_time": False}
