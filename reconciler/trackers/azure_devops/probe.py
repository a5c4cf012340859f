"""Probe: what nobody has confirmed of Azure DevOps (FACTS ado 21), tried on work items made for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from reconciler.clock import Clock
from reconciler.errors import Gone, OutcomeUnknown, Rejected, TrackerError
from reconciler.trackers.azure_devops.client import Client, Json, Patch
from reconciler.trackers.azure_devops.settings import Connection, Side
from reconciler.trackers.azure_devops.wiql import literal
from reconciler.trackers.azure_devops.work_item_type import DESCRIPTION, TITLE
from reconciler.trackers.probe import TITLE as WORDS
from reconciler.trackers.probe import UNTOLD, Experiment, yes_or_no

_TAG = "reconciler-probe"
_ADDRESS = "https://example.com/reconciler-probe"


class Laboratory:
    """A project, and work items of one type made in it."""

    def __init__(self, connection: BaseModel, side: BaseModel, clock: Clock, transport: Any) -> None:
        assert isinstance(connection, Connection)
        assert isinstance(side, Side)
        self.client = Client("", connection, clock, transport)
        self.project, self._type = side.project, side.create_type or side.types[-1]
        self.made: list[int] = []
        self._lost: list[str] = []

    def make(self, fields: Mapping[str, object] | None = None, *more: Mapping[str, Any]) -> Json:
        patch: Patch = [
            *(
                {"op": "add", "path": f"/fields/{name}", "value": value}
                for name, value in {TITLE: WORDS, **(fields or {})}.items()
            ),
            *more,
        ]
        try:
            item = self.client.create(self.project, self._type, patch)
        except OutcomeUnknown:
            self._lost.append(f'a work item "{WORDS}" may have been left in {self.project}: the answer was lost')
            raise
        self.made.append(int(item["id"]))
        return item

    def save(self, item: Json, *operations: Mapping[str, Any]) -> Json:
        return self.client.update(self.project, int(item["id"]), operations)

    def revision(self, item: Json) -> int:
        return int(self.client.work_item(int(item["id"]))["rev"])

    def clean_up(self) -> Sequence[str]:
        left = self._lost
        for number in self.made:
            try:
                self.client.delete(self.project, number)
            except Gone:
                continue
            except TrackerError as error:
                left.append(f"work item {number} could not be deleted: {error.message}")
        self.made.clear()
        return left

    def close(self) -> None:
        self.client.close()


def _idle_save(lab: Laboratory) -> str:
    item = lab.make()
    before = lab.revision(item)
    lab.save(item, {"op": "add", "path": f"/fields/{TITLE}", "value": WORDS})
    return yes_or_no(lab.revision(item) > before)


def _comment(lab: Laboratory) -> tuple[Json, str]:
    item = lab.make()
    return item, str(lab.client.add_comment(lab.project, int(item["id"]), "one", "html")["id"])


def _comment_edited(lab: Laboratory) -> str:
    item, comment = _comment(lab)
    before = lab.revision(item)
    lab.client.edit_comment(lab.project, int(item["id"]), comment, "two", "html")
    return yes_or_no(lab.revision(item) > before)


def _comment_deleted(lab: Laboratory) -> str:
    item, comment = _comment(lab)
    before = lab.revision(item)
    lab.client.delete_comment(lab.project, int(item["id"]), comment)
    return yes_or_no(lab.revision(item) > before)


def _html_comment(lab: Laboratory) -> str:
    kept = lab.make({DESCRIPTION: "<div>text</div><!-- mark -->"})
    return yes_or_no("<!--" in str(kept["fields"].get(DESCRIPTION) or ""))


def _tag_case(lab: Laboratory) -> str:
    lab.make({"System.Tags": _TAG})
    other = lab.make({"System.Tags": _TAG.upper()})
    return yes_or_no(str(other["fields"].get("System.Tags")) == _TAG.upper())


def _fractions(lab: Laboratory) -> str:
    """Asks for what changed at or after the last thousandth of the second in which the item was made."""
    item = lab.make()
    whole, _, fraction = str(item["fields"]["System.ChangedDate"]).rstrip("Z").partition(".")
    if fraction.startswith("999"):
        return UNTOLD

    def found(moment: str) -> bool:
        text = f"SELECT [System.Id] FROM WorkItems WHERE [System.Id] = {item['id']} AND [System.ChangedDate] >= "  # noqa: S608
        return bool(lab.client.query(text + literal(moment), top=1).ids)

    return yes_or_no(not found(f"{whole}.999Z")) if found(f"{whole}Z") else UNTOLD


def _markdown(lab: Laboratory) -> str:
    try:
        lab.make(
            {DESCRIPTION: "*text*"}, {"op": "add", "path": f"/multilineFieldsFormat/{DESCRIPTION}", "value": "Markdown"}
        )
    except Rejected:
        return "no"
    return "yes"


def _markdown_back(lab: Laboratory) -> str:
    form = f"/multilineFieldsFormat/{DESCRIPTION}"
    item = lab.make({DESCRIPTION: "*text*"}, {"op": "add", "path": form, "value": "Markdown"})
    text = {"op": "add", "path": f"/fields/{DESCRIPTION}", "value": "<div>text</div>"}
    try:
        lab.save(item, text, {"op": "add", "path": form, "value": "Html"})
    except Rejected:
        return "no"
    return "yes"


def _hyperlink(lab: Laboratory) -> str:
    address = f"{_ADDRESS}/{lab.make()['id']}"  # an address that no other item links to
    link = {"op": "add", "path": "/relations/-", "value": {"rel": "Hyperlink", "url": address}}
    item = lab.make({}, link)
    return yes_or_no(int(item["id"]) in lab.client.linked_to(lab.project, address))


def _remove_of_empty(lab: Laboratory) -> str:
    try:
        lab.save(lab.make(), {"op": "remove", "path": f"/fields/{DESCRIPTION}"})
    except Rejected:
        return "yes"
    return "no"


EXPERIMENTS = (
    Experiment("idle-save", "does a save that changes nothing make a revision?", "no", "looks cost more", _idle_save),
    Experiment(
        "comment-edited",
        "does editing a comment make a revision?",
        "yes",
        "edits of comments travel only when everything is compared",
        _comment_edited,
    ),
    Experiment(
        "comment-deleted",
        "does deleting a comment make a revision?",
        "yes",
        "deletions of comments travel only when everything is compared",
        _comment_deleted,
    ),
    Experiment("html-comment", "do HTML comments in texts survive?", "no", "none: marks are elsewhere", _html_comment),
    Experiment("tag-case", "are tags of another spelling other tags?", "no", "tags may differ in case only", _tag_case),
    Experiment(
        "fractions",
        "do queries mind fractions of a second?",
        "no",
        "none: queries ask from a whole second on",
        _fractions,
    ),
    Experiment("markdown", "can descriptions be Markdown?", "yes", "texts are written as HTML", _markdown),
    Experiment(
        "markdown-back", "can Markdown become HTML again?", "no", "none: a text keeps the form it has", _markdown_back
    ),
    Experiment(
        "hyperlink",
        "are items found by the address of a hyperlink?",
        "yes",
        "copies in doubt are looked for among all that were made since, which costs more",
        _hyperlink,
    ),
    Experiment(
        "remove-of-empty",
        "is removing an empty field refused?",
        "no",
        "emptying a field that somebody emptied meanwhile waits for another round",
        _remove_of_empty,
    ),
)
