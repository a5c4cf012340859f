"""People: what somebody may do in the pages of either tracker, and what the pages show, in words common to both.

Values: "title" and "description" are text, "tags" a tuple, dates are days, "priority" is 1 (most urgent) to 4 or None,
"state" a number (0 open, 1 under way, 2 done), "assignees" a tuple of addresses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Protocol

from reconciler.model.side import Side
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.clickup.entities import Member, Task, TaskList
from tests.support.duo import Duo

FIELDS = ("title", "description", "state", "priority", "tags", "start_date", "due_date", "assignees")

Face = dict[str, Any]


class People(Protocol):
    """Somebody at the pages of one side. Keys are those of the program."""

    side: Side
    keep_footers: bool

    def live(self) -> list[str]: ...
    def gone(self) -> list[str]: ...
    def is_live(self, key: str) -> bool: ...
    def is_inside(self, key: str) -> bool: ...
    def face(self, key: str) -> Face: ...
    def create(self, fields: Mapping[str, Any]) -> str: ...
    def edit(self, key: str, name: str, value: Any) -> None: ...
    def delete(self, key: str) -> None: ...
    def restore(self, key: str) -> None: ...
    def move(self, key: str, *, out: bool) -> None: ...
    def copy(self, key: str, title: str) -> str: ...
    def comments(self, key: str) -> dict[str, str]: ...
    def own_comments(self, key: str) -> list[str]: ...
    def comment(self, key: str, text: str) -> str: ...
    def edit_comment(self, key: str, comment: str, text: str) -> None: ...
    def delete_comment(self, key: str, comment: str) -> None: ...
    def copies(self) -> dict[str, list[str]]: ...
    def parent(self, key: str) -> str | None: ...
    def set_parent(self, key: str, parent: str | None) -> None: ...


_STATES = ("New", "Active", "Closed")
_STATUS_ORDER = ((0,), (1, 2), (3,))
"""Which statuses of the List mean the same, whatever they are called now."""
_START, _FINISH = "Microsoft.VSTS.Scheduling.StartDate", "Microsoft.VSTS.Scheduling.FinishDate"
_PLACES = {
    "title": "System.Title",
    "description": "System.Description",
    "state": "System.State",
    "priority": "Microsoft.VSTS.Common.Priority",
    "tags": "System.Tags",
    "start_date": _START,
    "due_date": _FINISH,
    "assignees": "System.AssignedTo",
}
_MARK = re.compile(r"#s=([a-z2-7]{12})")


class AzurePeople:
    side: Side = "left"
    keep_footers = True

    def __init__(self, duo: Duo) -> None:
        self._duo = duo
        self._world = duo.azure.world
        self._elsewhere = duo.azure.add_project("Elsewhere")

    def _item(self, key: str) -> WorkItem:
        return self._world.items[int(key)]

    def live(self) -> list[str]:
        return [str(item.id) for item in self._world.items.values() if not item.deleted]

    def gone(self) -> list[str]:
        return [str(item.id) for item in self._world.items.values() if item.deleted]

    def is_live(self, key: str) -> bool:
        return int(key) in self._world.items and not self._item(key).deleted

    def is_inside(self, key: str) -> bool:
        return self._item(key).project is self._duo.projects[0]

    def face(self, key: str) -> Face:
        fields = self._item(key).fields
        tags: Any = fields.get("System.Tags", ())
        assigned: Any = fields.get("System.AssignedTo")
        return {
            "title": str(fields["System.Title"]),
            "description": str(fields.get("System.Description", "")),
            "state": _STATES.index(str(fields["System.State"])),
            "priority": fields.get("Microsoft.VSTS.Common.Priority"),
            "tags": tuple(sorted(tag.name.lower() for tag in tags)),
            "start_date": _day(fields.get(_START)),
            "due_date": _day(fields.get(_FINISH)),
            "assignees": (assigned.address,) if assigned else (),
        }

    def _native(self, name: str, value: Any) -> Any:
        match name:
            case "description":
                return f"<p>{value}</p>" if value else ""
            case "state":
                return _STATES[value]
            case "tags":
                return "; ".join(value)
            case "start_date" | "due_date":
                return datetime.combine(value, time(), UTC).isoformat() if value else None
            case "assignees":
                return value[0] if value else None
        return value

    def create(self, fields: Mapping[str, Any]) -> str:
        rest = {_PLACES[name]: self._native(name, value) for name, value in fields.items() if name != "title"}
        item = self._duo.developer.create("Web", "Task", fields["title"], {k: v for k, v in rest.items() if v})
        return str(item.id)

    def edit(self, key: str, name: str, value: Any) -> None:
        self._duo.developer.edit(int(key), {_PLACES[name]: self._native(name, value)})

    def delete(self, key: str) -> None:
        self._duo.developer.delete(int(key))

    def restore(self, key: str) -> None:
        self._duo.developer.restore(int(key))

    def move(self, key: str, *, out: bool) -> None:
        self._duo.developer.move(int(key), self._elsewhere if out else self._duo.projects[0])

    def copy(self, key: str, title: str) -> str:
        original = self._item(key)
        made = self._duo.developer.create("Web", "Task", title, {_PLACES["description"]: self.face(key)["description"]})
        for relation in original.visible_relations:
            if relation.rel == "Hyperlink":
                self._duo.developer.add_hyperlink(made, relation.url, relation.attributes.get("comment", ""))
        return str(made.id)

    def comments(self, key: str) -> dict[str, str]:
        return {str(c.id): c.latest.text for c in self._item(key).comments if not c.latest.deleted}

    def own_comments(self, key: str) -> list[str]:
        bot = self._duo.bot
        return [str(c.id) for c in self._item(key).comments if not c.latest.deleted and c.first.by is not bot]

    def comment(self, key: str, text: str) -> str:
        return str(self._duo.developer.comment(int(key), f"<p>{text}</p>").id)

    def edit_comment(self, key: str, comment: str, text: str) -> None:
        self._duo.developer.edit_comment(int(key), int(comment), f"<p>{text}</p>")

    def delete_comment(self, key: str, comment: str) -> None:
        self._duo.developer.delete_comment(int(key), int(comment))

    def parent(self, key: str) -> str | None:
        above = self._item(key).parent
        return str(above.id) if above else None

    def set_parent(self, key: str, parent: str | None) -> None:
        self._duo.developer.set_parent(int(key), int(parent) if parent else None)

    def copies(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for item in self._world.items.values():
            if item.revisions[0].by is self._duo.bot:
                for relation in item.relations:
                    if mark := _MARK.search(relation.url):
                        found.setdefault(mark[1], []).append(str(item.id))
        return found


class ClickUpPeople:
    side: Side = "right"

    def __init__(self, duo: Duo) -> None:
        self._duo = duo
        self._world = duo.clickup.world
        self._elsewhere: TaskList = duo.clickup.add_list(duo.lists[0].space, "Elsewhere")
        self._elsewhere.own_statuses = list(duo.lists[0].own_statuses)
        self.keep_footers = True

    def _task(self, key: str) -> Task:
        return self._world.tasks[key]

    def live(self) -> list[str]:
        return [task.id for task in self._world.tasks.values() if task.trashed_ms is None]

    def gone(self) -> list[str]:
        return [task.id for task in self._world.tasks.values() if task.trashed_ms is not None]

    def is_live(self, key: str) -> bool:
        return key in self._world.tasks and self._task(key).trashed_ms is None

    def is_inside(self, key: str) -> bool:
        return self._task(key).home is self._duo.lists[0]

    def face(self, key: str) -> Face:
        task = self._task(key)
        return {
            "title": task.name,
            "description": task.markdown,
            "state": next(n for n, places in enumerate(_STATUS_ORDER) if task.status.order in places),
            "priority": task.priority,
            "tags": tuple(sorted(tag.name for tag in task.tags)),
            "start_date": _day_of_ms(task.start_ms),
            "due_date": _day_of_ms(task.due_ms),
            "assignees": tuple(member.address for member in task.assignees),
        }

    def _native(self, key: str | None, name: str, value: Any) -> dict[str, Any]:
        match name:
            case "title":
                return {"name": value}
            case "description":
                return {"markdown_content": self._with_our_footer(key, value) or " "}
            case "state":
                return {"status": self._duo.lists[0].statuses[_STATUS_ORDER[value][-1]].name}
            case "start_date" | "due_date":
                return {name: _noon_ms(value) if value else None}
            case "assignees":
                have = {member.id for member in self._task(key).assignees} if key else set()
                want = {member.id for member in map(self._member, value)}
                return {"assignees": {"add": sorted(want - have), "rem": sorted(have - want)} if key else sorted(want)}
        return {name: value}

    def _with_our_footer(self, key: str | None, text: str) -> str:
        """Most people write above the line that we put below the text."""
        shown = self._task(key).markdown if key and self.keep_footers else ""
        last = shown.rstrip().rpartition("\n")[2]
        return f"{text}\n\n{last}" if _MARK.search(last) else text

    def _member(self, address: str) -> Member:
        return next(m for m in self._duo.workspace.members.values() if m.address == address)

    def create(self, fields: Mapping[str, Any]) -> str:
        keys: dict[str, Any] = {}
        for name, value in fields.items():
            if name == "tags":
                keys["tags"] = list(value)
            elif name != "title" and value not in (None, ()):
                keys |= self._native(None, name, value)
        return self._duo.planner.create_task(self._duo.lists[0], fields["title"], **keys).id

    def edit(self, key: str, name: str, value: Any) -> None:
        task = self._task(key)
        if name == "tags":
            have = {tag.name for tag in task.tags}
            for tag in sorted(set(value) - have):
                self._duo.planner.add_tag(task, tag)
            for tag in sorted(have - set(value)):
                self._duo.planner.remove_tag(task, tag)
        else:
            self._duo.planner.edit(task, **self._native(key, name, value))

    def delete(self, key: str) -> None:
        self._duo.planner.delete(self._task(key))

    def restore(self, key: str) -> None:
        self._duo.planner.restore(self._task(key))

    def move(self, key: str, *, out: bool) -> None:
        task = self._task(key)
        while task.parent:
            task = task.parent  # only whole families move
        self._duo.planner.move(task, self._elsewhere if out else self._duo.lists[0])

    def copy(self, key: str, title: str) -> str:
        return self.create({"title": title, "description": self._task(key).markdown})

    def comments(self, key: str) -> dict[str, str]:
        return {str(c.id): "".join(str(s.get("text", "")) for s in c.segments) for c in self._task(key).comments}

    def own_comments(self, key: str) -> list[str]:
        return [str(c.id) for c in self._task(key).comments if c.user is not self._duo.sync_member]

    def comment(self, key: str, text: str) -> str:
        return str(self._duo.planner.comment(self._task(key), text).id)

    def edit_comment(self, key: str, comment: str, text: str) -> None:
        self._duo.planner.edit_comment(self._world.comments[int(comment)], text)

    def delete_comment(self, key: str, comment: str) -> None:
        self._duo.planner.delete_comment(self._world.comments[int(comment)])

    def parent(self, key: str) -> str | None:
        above = self._task(key).parent
        return above.id if above else None

    def set_parent(self, key: str, parent: str | None) -> None:
        self._duo.planner.set_parent(self._task(key), self._task(parent) if parent else None)

    def copies(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for task in self._world.tasks.values():
            if task.creator is self._duo.sync_member and (marks := _MARK.findall(task.markdown)):
                found.setdefault(marks[-1], []).append(task.id)
        return found


def _day(value: Any) -> date | None:
    return value.date() if isinstance(value, datetime) else None


def _day_of_ms(value: int | None) -> date | None:
    return None if value is None else datetime.fromtimestamp(value / 1000, UTC).date()


def _noon_ms(day: date) -> int:
    return int(datetime.combine(day, time(12), UTC).timestamp() * 1000)
