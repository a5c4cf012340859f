"""Probe: what nobody has confirmed of ClickUp (FACTS clickup 19), tried on tasks made for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pydantic import BaseModel

from reconciler.clock import Clock
from reconciler.errors import Gone, OutcomeUnknown, Rejected, TrackerError
from reconciler.trackers.clickup.client import Client, Json
from reconciler.trackers.clickup.settings import Connection, Side
from reconciler.trackers.probe import TITLE, UNTOLD, Experiment, yes_or_no

_STRANGER = 1
"""Nobody in any workspace has this number."""


class Laboratory:
    """A List, and tasks made in it."""

    def __init__(self, connection: BaseModel, side: BaseModel, clock: Clock, transport: Any) -> None:
        assert isinstance(connection, Connection)
        assert isinstance(side, Side)
        self.client = Client("", connection, clock, transport)
        self.list_id = side.list or side.create_list or ""
        self.made: list[str] = []
        self._lost: list[str] = []
        self._clock = clock

    def make(self, **keys: Any) -> Json:
        try:
            task = self.client.create_task(self.list_id, {"name": TITLE, **keys})
        except OutcomeUnknown:
            self._lost.append(f'a task "{TITLE}" may have been left in List {self.list_id}: the answer was lost')
            raise
        self.made.append(str(task["id"]))
        return task

    def pause(self) -> None:
        """Long enough for two stamps to differ."""
        self._clock.sleep(1.1)

    def stamp(self, task: Json) -> int:
        return int(self.client.task(str(task["id"]))["date_updated"])

    def clean_up(self) -> Sequence[str]:
        left = self._lost
        for key in reversed(self.made):
            try:
                self.client.delete_task(key)
            except Gone:
                continue
            except TrackerError as error:
                left.append(f"task {key} could not be deleted: {error.message}")
        self.made.clear()
        return left

    def close(self) -> None:
        self.client.close()


def _at_or_after(lab: Laboratory) -> str:
    task = lab.make()
    stamp = lab.stamp(task)

    def listed(after_ms: int) -> bool:
        rows = lab.client.tasks([lab.list_id], 0, [("date_updated_gt", str(after_ms))])
        return any(row["id"] == task["id"] for row in rows.tasks)

    return yes_or_no(listed(stamp)) if listed(stamp - 1) else UNTOLD


def _archived(lab: Laboratory) -> str:
    shelved, other = lab.make(), lab.make()
    lab.client.update_task(str(shelved["id"]), {"archived": True})
    ids = {row["id"] for row in lab.client.archived_tasks(lab.list_id, 0, []).tasks}
    return yes_or_no(other["id"] in ids) if shelved["id"] in ids else UNTOLD


def _moves(act: Callable[[Laboratory, Json, str], object], lab: Laboratory) -> str:
    """Whether something done to a comment moves the date of its task."""
    task = lab.make()
    comment = str(lab.client.create_comment(str(task["id"]), {"comment_text": "one"})["id"])
    before = lab.stamp(task)
    lab.pause()
    act(lab, task, comment)
    return yes_or_no(lab.stamp(task) != before)


def _add(lab: Laboratory, task: Json, _comment: str) -> None:
    lab.client.create_comment(str(task["id"]), {"comment_text": "two"})


def _edit(lab: Laboratory, task: Json, comment: str) -> None:
    lab.client.update_comment(comment, str(task["id"]), {"comment_text": "two"})


def _delete(lab: Laboratory, task: Json, comment: str) -> None:
    lab.client.delete_comment(comment, str(task["id"]))


def _stranger(lab: Laboratory) -> str:
    try:
        lab.client.update_task(str(lab.make()["id"]), {"assignees": {"add": [_STRANGER]}})
    except Rejected:
        return "yes"
    return "no"


def _unknown_status(lab: Laboratory) -> str:
    try:
        lab.client.update_task(str(lab.make()["id"]), {"status": "no such status, surely"})
    except Rejected as refused:
        return refused.code or UNTOLD
    return UNTOLD


def _trims(lab: Laboratory) -> str:
    name = f"{TITLE}  twice"
    task = lab.make(name=name)
    return yes_or_no(str(lab.client.task(str(task["id"]))["name"]) != name)


def _blank_clears(lab: Laboratory) -> str:
    task = lab.make(markdown_content="text")
    lab.client.update_task(str(task["id"]), {"markdown_content": " "})
    return yes_or_no(not str(lab.client.task(str(task["id"])).get("markdown_description") or "").strip())


def _children_follow(lab: Laboratory) -> str:
    parent = lab.make()
    child = lab.make(parent=parent["id"])
    lab.client.delete_task(str(parent["id"]))
    try:
        lab.client.task(str(child["id"]))
    except Gone:
        return "yes"
    return "no"


def _comment_markdown(lab: Laboratory) -> str:
    task = str(lab.make()["id"])
    try:
        lab.client.create_comment(task, {"comment_markdown": "**bold**"})
    except Rejected:
        return "no"  # a key that is not known leaves a comment without a text
    texts = [str(comment.get("comment_text") or "") for comment in lab.client.comments(task)]
    return yes_or_no(any("bold" in text and "**" not in text for text in texts))


EXPERIMENTS = (
    Experiment(
        "at-or-after", "does date_updated_gt include its own moment?", "no", "none: asked from earlier on", _at_or_after
    ),
    Experiment(
        "archived", "does archived=true list the others, too?", "no", "none: others are left out here", _archived
    ),
    Experiment(
        "comment-added",
        "does a new comment move the task's date?",
        "yes",
        "new comments travel with the looks at every pair, not at once",
        partial(_moves, _add),
    ),
    Experiment(
        "comment-edited",
        "does editing a comment move the task's date?",
        "no",
        "none: edits travel sooner",
        partial(_moves, _edit),
    ),
    Experiment(
        "comment-deleted",
        "does deleting a comment move the task's date?",
        "no",
        "none: deletions travel sooner",
        partial(_moves, _delete),
    ),
    Experiment(
        "stranger", "is an assignee from elsewhere refused?", "no", "an item whose assignee left waits", _stranger
    ),
    Experiment(
        "unknown-status", "how is an unknown status refused?", "ITEM_114", "none: both codes are known", _unknown_status
    ),
    Experiment("trims", "are blanks in names cut?", "no", "names are compared without them", _trims),
    Experiment(
        "blank-clears", "does a blank text empty a description?", "yes", "descriptions cannot be emptied", _blank_clears
    ),
    Experiment(
        "children-follow",
        "does deleting a task delete its subtasks?",
        "yes",
        "none: parents are not deleted",
        _children_follow,
    ),
    Experiment(
        "comment-markdown",
        "is comment_markdown rendered?",
        "yes",
        "none: comments are written piece by piece",
        _comment_markdown,
    ),
)
