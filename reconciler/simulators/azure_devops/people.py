"""Person: somebody who works in the web pages, for scripts and tests. The same rules hold as over the API."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import quote

from reconciler.simulators.azure_devops import json_patch
from reconciler.simulators.azure_devops.comments import add_comment, delete_comment, edit_comment, find_comment
from reconciler.simulators.azure_devops.edit import Edit
from reconciler.simulators.azure_devops.endpoints.recycle_bin import delete_item, restore_item
from reconciler.simulators.azure_devops.errors import ApiError, item_missing, type_missing
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.item import HIERARCHY_UP, Comment, Relation, WorkItem
from reconciler.simulators.azure_devops.json_patch import AddRelation, Operation, RemoveRelation
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.world import Attachment, World


class Person:
    """Acts as `user`. Items may be given as themselves or by id; fields by reference name ("System.State") or by the
    name on the page ("State"). Every method raises ApiError where the service would refuse."""

    def __init__(self, world: World, user: User, lock: threading.RLock) -> None:
        self._world = world
        self._lock = lock
        self.user = user

    def create(
        self,
        project: Project | str,
        type_name: str,
        title: str,
        fields: Mapping[str, Any] | None = None,
        *,
        markdown: Collection[str] = (),
        parent: WorkItem | int | None = None,
    ) -> WorkItem:
        """A new item. A state that cannot be the first one is reached by a second save, as people do it. `markdown`
        names the long texts that are written as Markdown."""
        with self._lock:
            home = self._project(project)
            kind = home.process.type(type_name)
            if kind is None:
                raise type_missing(type_name)
            wanted = {"System.Title": title, **(fields or {})}
            state = next((wanted.pop(name) for name in ("System.State", "State") if name in wanted), kind.initial_state)
            operations = _operations(wanted, markdown)
            if parent is not None:
                operations.append(self._link(HIERARCHY_UP, self._item(parent)))
            item = Edit(self._world, WorkItem(0), self.user, home, kind).carry_out(operations)
            return item if state == kind.initial_state else self.edit(item, {"System.State": state})

    def edit(self, item: WorkItem | int, fields: Mapping[str, Any], *, markdown: Collection[str] = ()) -> WorkItem:
        """Sets fields in one save; None or "" empties one. Tags replace the whole list, as the page does."""
        return self._save(self._item(item), _operations(fields, markdown))

    def move(self, item: WorkItem | int, project: Project | str) -> WorkItem:
        """Into another project, keeping the id."""
        return self.edit(item, {"System.TeamProject": self._project(project).name})

    def change_type(self, item: WorkItem | int, type_name: str) -> WorkItem:
        return self.edit(item, {"System.WorkItemType": type_name})

    def tag(self, item: WorkItem | int, *names: str) -> WorkItem:
        """Adds tags to those that are there."""
        return self._save(self._item(item), [json_patch.SetField("System.Tags", "; ".join(names), False)])

    def untag(self, item: WorkItem | int, *names: str) -> WorkItem:
        with self._lock:
            subject = self._item(item)
            gone = {name.lower() for name in names}
            tags = subject.fields.get("System.Tags", ())
            assert isinstance(tags, tuple)
            kept = "; ".join(tag.name for tag in tags if tag.name.lower() not in gone)
            return self._save(subject, [json_patch.SetField("System.Tags", kept, True)])

    # --- relations ---------------------------------------------------------------------------------------------------

    def link(self, item: WorkItem | int, rel: str, other: WorkItem | int, comment: str = "") -> WorkItem:
        return self._save(self._item(item), [self._link(rel, self._item(other), comment)])

    def unlink(self, item: WorkItem | int, rel: str, other: WorkItem | int) -> WorkItem:
        subject, target = self._item(item), self._item(other)
        return self._drop(subject, lambda relation: relation.rel == rel and relation.target is target)

    def set_parent(self, item: WorkItem | int, parent: WorkItem | int | None) -> WorkItem:
        """Puts the item under another parent, or under none, in one save."""
        with self._lock:
            subject = self._item(item)
            operations: list[Operation] = [
                RemoveRelation(index)
                for index, relation in enumerate(subject.visible_relations)
                if relation.rel == HIERARCHY_UP
            ]
            if parent is not None:
                operations.append(self._link(HIERARCHY_UP, self._item(parent)))
            return self._save(subject, operations) if operations else subject

    def add_hyperlink(self, item: WorkItem | int, url: str, comment: str = "") -> WorkItem:
        value = {"rel": "Hyperlink", "url": url, "attributes": {"comment": comment} if comment else {}}
        return self._save(self._item(item), [AddRelation(value)])

    def remove_hyperlink(self, item: WorkItem | int, url: str) -> WorkItem:
        return self._drop(self._item(item), lambda relation: relation.rel == "Hyperlink" and relation.url == url)

    def attach(self, item: WorkItem | int, file_name: str, data: bytes, comment: str = "") -> Attachment:
        with self._lock:
            file = self._world.keep_file(self.user, file_name, data)
            attributes = {"name": file_name} | ({"comment": comment} if comment else {})
            url = f"https://dev.azure.com/{self._world.organization}/_apis/wit/attachments/{file.id}"
            value = {"rel": "AttachedFile", "url": url, "attributes": attributes}
            self._save(self._item(item), [AddRelation(value)])
            return file

    def paste(self, file_name: str, data: bytes, project: Project | str) -> str:
        """A picture for a text: uploaded, and nothing else (FACTS ado 11.9). The address that the editor writes."""
        with self._lock:
            file = self._world.keep_file(self.user, file_name, data)
            base = f"https://dev.azure.com/{self._world.organization}/{self._project(project).id}"
            return f"{base}/_apis/wit/attachments/{file.id}?fileName={quote(file_name)}"

    def detach(self, item: WorkItem | int, file: Attachment) -> WorkItem:
        return self._drop(self._item(item), lambda relation: file.id in (relation.url or ""))

    # --- comments ----------------------------------------------------------------------------------------------------

    def comment(self, item: WorkItem | int, text: str, format: str = "html") -> Comment:
        with self._lock:
            return add_comment(self._world, self._item(item), self.user, text, format)

    def edit_comment(self, item: WorkItem | int, comment: Comment | int, text: str) -> Comment:
        with self._lock:
            subject = self._item(item)
            return edit_comment(self._world, subject, self.user, self._comment(subject, comment), text, None)

    def delete_comment(self, item: WorkItem | int, comment: Comment | int) -> None:
        with self._lock:
            subject = self._item(item)
            delete_comment(self._world, subject, self.user, self._comment(subject, comment))

    # --- the bin -----------------------------------------------------------------------------------------------------

    def delete(self, item: WorkItem | int) -> None:
        """Into the recycle bin."""
        with self._lock:
            delete_item(self._world, self._item(item), self.user)

    def restore(self, item: WorkItem | int) -> WorkItem:
        with self._lock:
            subject = self._item(item, deleted=True)
            restore_item(self._world, subject, self.user)
            return subject

    def destroy(self, item: WorkItem | int) -> None:
        """For good, from wherever it is."""
        with self._lock:
            number = item if isinstance(item, int) else item.id
            self._world.forget(self._item(number, deleted=self._world.items[number].deleted))

    # --- pieces ------------------------------------------------------------------------------------------------------

    def _project(self, project: Project | str) -> Project:
        found = self._world.project(project) if isinstance(project, str) else project
        if found is None:
            raise KeyError(project)
        return found

    def _item(self, item: WorkItem | int, *, deleted: bool = False) -> WorkItem:
        number = item if isinstance(item, int) else item.id
        found = self._world.items.get(number)
        if found is None or found.deleted is not deleted or not self._world.sees(self.user, found):
            raise item_missing(number)
        return found

    def _comment(self, item: WorkItem, comment: Comment | int) -> Comment:
        return find_comment(item, comment if isinstance(comment, int) else comment.id)

    def _save(self, item: WorkItem, operations: list[Operation]) -> WorkItem:
        with self._lock:
            kind = item.project.process.types[item.type_name]
            return Edit(self._world, item, self.user, item.project, kind).carry_out(operations)

    def _link(self, rel: str, other: WorkItem, comment: str = "") -> AddRelation:
        attributes = {"comment": comment} if comment else {}
        return AddRelation({"rel": rel, "url": f"/_apis/wit/workItems/{other.id}", "attributes": attributes})

    def _drop(self, item: WorkItem, wanted: Callable[[Relation], bool]) -> WorkItem:
        with self._lock:
            indexes = [index for index, relation in enumerate(item.visible_relations) if wanted(relation)]
            if not indexes:
                raise ApiError(404, "The relation does not exist.", "RelationNotFoundException")
            return self._save(item, [RemoveRelation(index) for index in reversed(indexes)])


def _operations(fields: Mapping[str, Any], markdown: Collection[str]) -> list[Operation]:
    document = [{"op": "replace", "path": f"/fields/{name}", "value": value} for name, value in fields.items()]
    formats = [{"op": "add", "path": f"/multilineFieldsFormat/{name}", "value": "Markdown"} for name in markdown]
    return json_patch.parse([*document, *formats])
