"""Relations of an item: a planned change of them, checked as a whole before anything is touched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.errors import ApiError
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.item import HIERARCHY_DOWN, HIERARCHY_UP, Relation, WorkItem
from reconciler.simulators.azure_devops.relation_types import RELATION_TYPES, RelationType
from reconciler.simulators.azure_devops.render import iso
from reconciler.simulators.azure_devops.world import FOREVER, World

LINKS_MAX = 1_000
ATTACHMENTS_MAX = 100
_ITEM_ADDRESS = re.compile(r"/_apis/wit/workitems/(-?\d+)/?$", re.IGNORECASE)
_ATTACHMENT_ADDRESS = re.compile(r"/_apis/wit/attachments/([0-9a-f-]{36})", re.IGNORECASE)


@dataclass
class RelationPlan:
    """What a patch wants of the relations of `item`. An index means the list as earlier operations have left it, so
    several are removed from the highest index down (FACTS ado 9.2).

    The methods raise ApiError; `commit` does not and is the only one that changes anything.
    """

    world: World
    item: WorkItem
    user: User
    added: list[Relation] = field(default_factory=list)
    removed: list[Relation] = field(default_factory=list)
    edited: list[tuple[Relation, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listed = self.item.visible_relations

    @property
    def changes_resources(self) -> bool:
        """Hyperlinks, attachments and artifacts make a revision, links between items do not (FACTS ado 5.2, 5.3)."""
        touched = [*self.added, *self.removed, *(relation for relation, _ in self.edited)]
        return any(relation.target is None for relation in touched)

    def add(self, value: Any, batch_items: Mapping[int, WorkItem]) -> None:
        """Plans `{"rel", "url", "attributes"}`; negative ids in the url mean earlier entries of the same batch."""
        kind = RELATION_TYPES.get(str(value.get("rel"))) if isinstance(value, Mapping) else None
        if kind is None or not value.get("url"):
            raise errors.bad_request("The relation type or its address is missing or unknown.")
        attributes = dict(value.get("attributes") or {})
        relation = (
            self._link(kind, value, attributes, batch_items)
            if kind.links_items
            else self._resource(kind, value, attributes)
        )
        if any(_same(relation, other) for other in self._staying()):
            raise errors.relation_exists()
        self._check_limits(relation)
        self.added.append(relation)

    def remove(self, index: int) -> None:
        self.removed.append(self._at(index))
        del self._listed[index]

    def edit(self, index: int, attributes: dict[str, Any]) -> None:
        self.edited.append((self._at(index), attributes))

    def commit(self) -> None:
        """Changes both ends of every link and the link feed; recording the update is left to the save."""
        for relation in self.removed:
            self.item.relations.remove(relation)
            if relation.target:
                self._drop_other_end(relation)
        for relation in self.added:
            if relation.target:
                self._drop_binned_parents(relation, relation.target)
            self.item.relations.append(relation)
            if relation.target:
                self._add_other_end(relation, relation.target)
        for relation, attributes in self.edited:
            for end in [relation, *_other_ends(self.item, relation)]:
                end.attributes = {
                    name: text for name, text in (end.attributes | attributes).items() if text is not None
                }

    def _at(self, index: int) -> Relation:
        if not 0 <= index < len(self._listed):
            raise errors.bad_request(
                f"Index out of range for path /relations/{index}.", "VssPropertyValidationException"
            )
        return self._listed[index]

    def _staying(self) -> Iterator[Relation]:
        yield from (relation for relation in self.item.relations if relation not in self.removed)
        yield from self.added

    def _link(
        self,
        kind: RelationType,
        value: Mapping[str, Any],
        attributes: dict[str, Any],
        batch_items: Mapping[int, WorkItem],
    ) -> Relation:
        found = _ITEM_ADDRESS.search(str(value["url"]))
        target_id = int(found[1]) if found else 0
        target = batch_items.get(target_id) or self.world.items.get(target_id)
        if target is None or target.deleted or not self.world.sees(self.user, target):
            raise errors.item_missing(target_id)
        if kind.base == "System.LinkTypes.Hierarchy":
            parent, child = (target, self.item) if kind.reference == HIERARCHY_UP else (self.item, target)
            self._check_hierarchy(parent, child)
        elif target is self.item:
            raise self._topology(
                "TF201035", f"Linking work item {self.item.id} to itself would result in a circular relationship."
            )
        elif kind.topology == "dependency":
            self._check_circle(kind, target)
        comment = {"comment": str(attributes["comment"])} if attributes.get("comment") else {}
        return Relation(kind.reference, target=target, attributes=comment)

    def _check_circle(self, kind: RelationType, target: WorkItem) -> None:
        """Whoever is a predecessor of the target cannot become its successor (FACTS ado 9.5, 9.9)."""
        line = [target]
        for each in line:
            line += [r.target for r in each.relations if r.rel == kind.reference and r.target and r.target not in line]
        if self.item in line:
            text = f"Adding a {kind.name} link between work items {self.item.id} and {target.id}"
            raise self._topology("TF201035", f"{text} would result in a circular relationship.")

    def _check_hierarchy(self, parent: WorkItem, child: WorkItem) -> None:
        ancestors = [parent]
        for ancestor in ancestors:
            if ancestor is child:
                text = f"Adding a Child link between work items {parent.id} and {child.id}"
                raise self._topology("TF201035", f"{text} would result in a circular relationship.")
            ancestors += [link.target for link in ancestor.parent_links if link.target and link.target not in ancestors]
        if child is self.item:
            current = [link.target for link in self._staying() if link.rel == HIERARCHY_UP and not _binned(link)]
        else:
            detached = {link.target for link in self.removed if link.rel == HIERARCHY_DOWN}
            current = [] if child in detached else [child.parent]
            current += [self.item for link in self.added if link.rel == HIERARCHY_DOWN and link.target is child]
        if any(other is not None and other is not parent for other in current):
            text = (
                f"You cannot add a Child link between work items {parent.id} and {child.id} because a work item can "
                "have only one Parent link."
            )
            raise self._topology("TF201036", text)

    def _resource(self, kind: RelationType, value: Mapping[str, Any], attributes: dict[str, Any]) -> Relation:
        url = str(value["url"])
        if kind.reference == "ArtifactLink" and not attributes.get("name"):
            raise errors.bad_request("The name attribute is required for artifact links.")
        now = iso(self.world.stamp(self.item))
        details: dict[str, Any] = {
            "authorizedDate": now,
            "id": self.world.count("resource", 10_118_499),
            "resourceCreatedDate": now,
            "resourceModifiedDate": now,
            "revisedDate": iso(FOREVER),
        }
        if kind.reference == "AttachedFile":
            details |= self._file(url)
        named = {name: attributes[name] for name in ("name", "comment") if attributes.get(name)}
        return Relation(kind.reference, url=url, attributes=details | named)

    def _file(self, url: str) -> dict[str, Any]:
        found = _ATTACHMENT_ADDRESS.search(url)
        file = self.world.attachments.get(found[1].lower()) if found else None
        if file is None or not file.complete:
            raise ApiError(404, "TF14061: The attachment does not exist.", "AttachmentNotFoundException")
        if file.owner is not self.user:
            text = "VS402330: You do not have permissions to use the attachment."
            raise errors.forbidden(text, "AttachmentUnauthorizedAccessException")
        return {"resourceSize": len(file.data), "name": file.file_name}

    def _check_limits(self, relation: Relation) -> None:
        staying = list(self._staying())
        if relation.rel == "AttachedFile" and sum(link.rel == "AttachedFile" for link in staying) >= ATTACHMENTS_MAX:
            text = f"VS403313: The work item has more than the {ATTACHMENTS_MAX} attachments it may have."
            raise ApiError(400, text, "WorkItemAttachmentLimitExceededException")
        if len(staying) >= LINKS_MAX:
            raise ApiError(
                400, f"VS403312: A work item can have {LINKS_MAX} links.", "WorkItemLinkLimitExceededException"
            )

    def _topology(self, code: str, text: str) -> ApiError:
        return ApiError(400, f"{code}: {text}", self.world.switches.link_error_type_key)

    def _add_other_end(self, relation: Relation, target: WorkItem) -> None:
        kind = RELATION_TYPES[relation.rel]
        back = Relation(kind.opposite, target=self.item, attributes=dict(relation.attributes))
        target.relations.append(back)
        self.world.save_links(target, self.user, added=[back])
        self._log(kind, target, active=True)

    def _drop_other_end(self, relation: Relation) -> None:
        assert relation.target
        ends = _other_ends(self.item, relation)
        for end in ends:
            relation.target.relations.remove(end)
        self.world.save_links(relation.target, self.user, removed=ends)
        self._log(RELATION_TYPES[relation.rel], relation.target, active=False)

    def _drop_binned_parents(self, relation: Relation, target: WorkItem) -> None:
        """A new parent takes the place of one in the recycle bin, so that a restore does not make it two."""
        child = {HIERARCHY_UP: self.item, HIERARCHY_DOWN: target}.get(relation.rel)
        for link in child.parent_links if child else []:
            if _binned(link) and child and link.target:
                ends = _other_ends(child, link)
                child.relations.remove(link)
                link.target.relations = [end for end in link.target.relations if end not in ends]

    def _log(self, kind: RelationType, target: WorkItem, *, active: bool) -> None:
        source, target = (self.item, target) if kind.forward else (target, self.item)
        self.world.log_link(kind.base, source, target, active=active)


def _binned(link: Relation) -> bool:
    return link.target is not None and link.target.deleted


def _same(one: Relation, other: Relation) -> bool:
    return (one.rel, one.target, one.url) == (other.rel, other.target, other.url)


def _other_ends(item: WorkItem, relation: Relation) -> list[Relation]:
    if relation.target is None:
        return []
    opposite = RELATION_TYPES[relation.rel].opposite
    return [end for end in relation.target.relations if end.target is item and end.rel == opposite]
