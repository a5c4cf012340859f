"""Proof: both trackers compared field by field, from what their servers hold, with rules of its own.

Nothing of the engine's judgement is used but the list of pairs: the tables below are written out by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from reconciler.demo.backlog import PEOPLE, POINTS, SEVERITIES, SEVERITY
from reconciler.demo.stage import Stage
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import detach_attribution, detach_footer, plain
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.item import WorkItem
from reconciler.simulators.clickup.entities import Comment, Task

_WORK_ITEM = re.compile(r"/_workitems/edit/(\d+)")
_TASK = re.compile(r"\(https://app\.clickup\.com/t/([a-z0-9]+)\)")
_FILE = re.compile(r"/_apis/wit/attachments/([0-9a-f-]{36})")
_MENTION = re.compile(r"version:2\.0,([0-9a-f-]{36})")

STATES = {
    "New": {"to do"},
    "Active": {"in progress", "blocked"},
    "Resolved": {"in review"},
    "Closed": {"complete"},
}
FIELDS = (
    *("title", "type", "state", "description", "assignees", "priority", "tags", "due date", "points", "severity"),
    *("parent", "references", "files", "comments", "mentions"),
)


@dataclass
class Proof:
    """`pairs` compared, `values` that were equal, and every difference as a sentence; items without a partner count
    as differences."""

    pairs: int = 0
    values: int = 0
    differences: list[str] = field(default_factory=list)


def compare(stage: Stage, pairs: list[tuple[str, str]]) -> Proof:
    """`pairs` are (work item id, task id). Every live item of either side must be in exactly one of them."""
    proof = Proof(pairs=len(pairs))
    items = {str(i.id): i for i in stage.azure.world.items.values() if not i.deleted}
    tasks = {t.id: t for t in stage.clickup.world.tasks.values() if t.trashed_ms is None}
    proof.differences += [f"work item {key} has no partner" for key in items.keys() - {left for left, _ in pairs}]
    proof.differences += [f"task {key} has no partner" for key in tasks.keys() - {right for _, right in pairs}]
    partners = dict(pairs)
    for left, right in pairs:
        if left not in items or right not in tasks:
            proof.differences.append(f"the pair {left} / {right} is not alive on both sides")
            continue
        for name in FIELDS:
            one, two = _values(stage, name, items[left], tasks[right], partners)
            if _equal(name, one, two):
                proof.values += 1
            else:
                proof.differences.append(f"{left} / {right}: {name}: {one!r} is not {two!r}")
    return proof


def _values(stage: Stage, name: str, item: WorkItem, task: Task, partners: Mapping[str, str]) -> tuple[object, object]:
    fields = item.fields
    match name:
        case "title":
            return fields["System.Title"], task.name
        case "type":
            return item.type_name, task.workspace.task_types[task.type_id].name
        case "state":
            return fields["System.State"], task.status.name
        case "description":
            return _words(_description(item)), _words(detach_footer(RichText(Form.MARKDOWN, task.markdown))[0])
        case "assignees":
            assigned = fields.get("System.AssignedTo")
            return assigned.address if isinstance(assigned, User) else "", [m.address for m in task.assignees]
        case "priority":
            return fields.get("Microsoft.VSTS.Common.Priority"), task.priority
        case "tags":
            tags = fields.get("System.Tags", ())
            assert isinstance(tags, tuple)
            return sorted(t.name.lower() for t in tags), sorted(t.name for t in task.tags)
        case "due date":
            return _day(_due(item)), _day(
                None if task.due_ms is None else datetime.fromtimestamp(task.due_ms / 1000, UTC)
            )
        case "points":
            return fields.get(POINTS), task.points
        case "severity":
            chosen = task.values.get(stage.severity.id)
            return SEVERITIES.get(str(fields.get(SEVERITY))), stage.word(chosen) if chosen else None
        case "parent":
            return item.parent.title if item.parent else "", task.parent.name if task.parent else ""
        case "references":
            named = (partners[number] for number in _WORK_ITEM.findall(_description(item).text))
            return sorted(named), sorted(_TASK.findall(task.markdown))
        case "mentions":
            return _called_by_item(stage, item), _called_by_task(task)
        case "files":
            return _files_of_item(stage, item), sorted((f.title, f.data) for f in task.attachments if not f.deleted)
        case _:
            return _remarks_of_item(item), _remarks_of_task(task)


def _equal(name: str, one: object, two: object) -> bool:
    if name == "state":
        return str(two) in STATES.get(str(one), set())
    if name == "assignees":
        assert isinstance(two, list)
        return one in two if one else not two
    if name == "priority":
        # A priority nobody set in ClickUp is left alone; the work item has its process default.
        return two is None or one == two
    return one == two


def _description(item: WorkItem) -> RichText:
    name = "Microsoft.VSTS.TCM.ReproSteps" if item.type_name == "Bug" else "System.Description"
    form = Form.MARKDOWN if name in item.current.formats else Form.HTML
    return RichText(form, str(item.fields.get(name, "")))


def _words(text: RichText) -> list[str]:
    return plain(text).split()


def _due(item: WorkItem) -> datetime | None:
    for name in ("DueDate", "TargetDate", "FinishDate"):
        value = item.fields.get(f"Microsoft.VSTS.Scheduling.{name}")
        if isinstance(value, datetime):
            return value
    return None


def _day(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).date().isoformat()


def _files_of_item(stage: Stage, item: WorkItem) -> list[tuple[str, bytes]]:
    """Names and contents, of pictures in the description too."""
    attached = [str(relation.url) for relation in item.relations if relation.rel == "AttachedFile"]
    held = stage.azure.world.attachments
    keys = {key for text in (*attached, _description(item).text) for key in _FILE.findall(text)}
    return sorted((held[key].file_name, bytes(held[key].data)) for key in keys)


def _called_by_item(stage: Stage, item: WorkItem) -> list[str]:
    """The addresses of those whom comments mention."""
    addresses = {user.id: user.address for user in stage.azure.world.members}
    live = [comment.latest.text for comment in item.comments if not comment.latest.deleted]
    return sorted(addresses[key] for text in live for key in _MENTION.findall(text))


def _called_by_task(task: Task) -> list[str]:
    addresses = {member.id: member.address for member in task.workspace.members.values()}
    segments = [segment for comment in task.comments for segment in comment.segments]
    return sorted(addresses[segment["user"]["id"]] for segment in segments if segment.get("type") == "tag")


def _remarks_of_item(item: WorkItem) -> list[str]:
    live = [c.latest for c in item.comments if not c.latest.deleted]
    return _remarks([RichText(Form.MARKDOWN if v.format == "markdown" else Form.HTML, v.text) for v in live])


def _remarks_of_task(task: Task) -> list[str]:
    return _remarks([RichText(Form.MARKDOWN, _own_words(comment)) for comment in task.comments])


def _own_words(comment: Comment) -> str:
    """A comment's text; of a copy without its first line, which names author and original."""
    text = "".join(str(segment.get("text", "")) for segment in comment.segments)
    return text.partition("\n")[2] if comment.user.address == PEOPLE["sync"][1] else text


def _remarks(texts: list[RichText]) -> list[str]:
    """The letters and digits of every remark, without attribution lines and markup, in no order."""
    return sorted("".join(c for c in plain(detach_attribution(text)[0]) if c.isalnum()) for text in texts)
