"""Field values: what a client sends, turned into what is kept, and what can be read of an item by field name."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.identity import User, find_user
from reconciler.simulators.azure_devops.item import Revision, Tag, Value, WorkItem
from reconciler.simulators.azure_devops.nodes import Node, Project
from reconciler.simulators.azure_devops.process import Field
from reconciler.simulators.azure_devops.world import FOREVER, World

STRING_MAX = 255
LONG_TEXT_MAX = 1_048_576
TAGS_MAX = 100
TAG_LENGTH_MAX = 400
_INVALID_IN_TAG = re.compile("[,\x00-\x1f\U00010000-\U0010ffff]")
_LINK_COUNTS = {
    "System.HyperLinkCount": "Hyperlink",
    "System.AttachedFileCount": "AttachedFile",
    "System.ExternalLinkCount": "ArtifactLink",
}


class KindError(ValueError):
    """The value cannot be read as one of the field's kind; its text is what a rule error says."""


def coerce(world: World, project: Project, item_id: int, field: Field, value: Any) -> Value | None:
    """What the server keeps for `value`; None where that is emptiness.

    Raises KindError, or ApiError for identities, paths and lengths, which have errors of their own.
    """
    if value is None or value == "":
        return None
    match field.kind:
        case "integer":
            return _integer(field, value)
        case "double":
            return _double(field, value)
        case "boolean":
            return _boolean(field, value)
        case "dateTime":
            return moment(str(value), world.switches.zone_hours, field.name)
        case "identity":
            return _identity(world, field, value)
        case "treePath":
            return _node(project, item_id, field, str(value))
        case _:
            return _text(field, value)


def _text(field: Field, value: Any) -> str:
    if isinstance(value, Mapping | list):
        raise KindError(f"The field '{field.name}' has a value that is not text.")
    text = str(value)
    if len(text) > (LONG_TEXT_MAX if field.long_text or field.kind == "plainText" else STRING_MAX):
        raise errors.too_long(field.reference)
    return text


def _integer(field: Field, value: Any) -> int:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not number.is_integer() or isinstance(value, bool):
        raise KindError(f"The field '{field.name}' contains the value '{value}' that is not an integer.")
    return int(number)


def _double(field: Field, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise KindError(f"The field '{field.name}' contains the value '{value}' that is not a number.")
    return number


def _boolean(field: Field, value: Any) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise KindError(f"The field '{field.name}' contains the value '{value}' that is not true or false.")
    return str(value).lower() == "true"


def moment(text: str, zone_hours: float, name: str) -> datetime:
    """An aware UTC time of an ISO-8601 text; one without a zone is read in the switch's (FACTS ado 7.20, U10)."""
    shortened = re.sub(r"(\.\d{6})\d+", r"\1", text.strip())
    try:
        parsed = datetime.fromisoformat(shortened)
    except ValueError as error:
        raise KindError(f"The field '{name}' contains the value '{text}' that is not a date.") from error
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=timezone(timedelta(hours=zone_hours)))
    utc = parsed.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def _identity(world: World, field: Field, value: Any) -> User:
    user = find_user(world.members, value)
    if user is None:
        shown = value.get("uniqueName") or value.get("displayName") if isinstance(value, Mapping) else value
        raise errors.unknown_identity(str(shown), field.reference, field.name)
    return user


def _node(project: Project, item_id: int, field: Field, path: str) -> Node:
    tree = project.areas if field.reference == "System.AreaPath" else project.iterations
    node = None if path.startswith("\\") else tree.find(path)  # FACTS ado 7.22: no leading backslash
    if node is None:
        raise errors.bad_tree_name(item_id, field.reference)
    return node


def tags_from(world: World, project: Project, user: User, text: str) -> list[Tag]:
    """The tags of a `;` separated text, made where they do not exist; raises ApiError (FACTS ado 7.18)."""
    names = {name.strip().lower(): name.strip() for name in text.split(";") if name.strip()}
    for name in names.values():
        if len(name) > TAG_LENGTH_MAX or _INVALID_IN_TAG.search(name):
            raise errors.ApiError(400, f"TF401407: The tag name '{name[:60]}' is not valid.", "InvalidTagNameException")
    if len(names) > TAGS_MAX:
        raise errors.ApiError(400, f"TF401243: A work item can have {TAGS_MAX} tags.", "TagLimitExceededException")
    if not user.may_create_tags and any(world.tag(project, name) is None for name in names.values()):
        raise errors.forbidden("TF401289: The current user does not have permissions to create tags.")
    return [world.make_tag(project, name) for name in names.values()]


def joined(tags: tuple[Tag, ...]) -> str:
    """Alphabetical, however they were written (FACTS ado 7.17)."""
    return "; ".join(sorted((tag.name for tag in tags), key=str.lower))


def read(item: WorkItem, revision: Revision, reference: str) -> Value | None:
    """A field of an item as of one of its revisions, computed ones included; None where it is empty.

    Relations have no history here: the parent and the counts of links are always today's.
    """
    if (stored := revision.fields.get(reference)) is not None:
        return _standing(stored) if isinstance(stored, tuple) else stored
    match reference:
        case "System.Id":
            return item.id
        case "System.Rev":
            return revision.rev
        case "System.Watermark":
            return revision.watermark
        case "System.AuthorizedDate":
            return revision.saved_at
        case "System.AuthorizedAs":
            return revision.by
        case "System.PersonId":
            return int(revision.by.id[:7], 16)
        case "System.RevisedDate":
            after = item.revisions[revision.rev] if revision.rev < item.rev else None
            return after.saved_at if after else FOREVER
        case "System.IsDeleted":
            return revision.deleted
        case "System.Parent":
            return item.parent.id if item.parent else None
        case "System.RelatedLinkCount":
            return sum(relation.target is not None for relation in item.visible_relations)
        case "System.HyperLinkCount" | "System.AttachedFileCount" | "System.ExternalLinkCount":
            return sum(relation.rel == _LINK_COUNTS[reference] for relation in revision.resources)
        case _:
            return _of_node(revision, reference)


def _standing(tags: tuple[Tag, ...]) -> tuple[Tag, ...] | None:
    return tuple(tag for tag in tags if not tag.deleted) or None


def _of_node(revision: Revision, reference: str) -> Value | None:
    group = "Iteration" if "Iteration" in reference else "Area"
    node = revision.fields[f"System.{group}Path"]
    assert isinstance(node, Node)
    match reference:
        case "System.AreaId" | "System.IterationId":
            return node.id
        case "System.NodeName":
            return node.name
    if reference.startswith(f"System.{group}Level"):
        level = int(reference.removeprefix(f"System.{group}Level"))
        return node.levels[level - 1] if level <= len(node.levels) else None
    return None
