"""Comments: adding, editing and deleting them, each of which also touches the item (FACTS ado 5.5 to 5.7, 10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.html import rewrite_html, rewrite_markdown
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.item import Comment, CommentVersion, Value, WorkItem
from reconciler.simulators.azure_devops.world import World

REACTIONS = ("like", "dislike", "heart", "hooray", "smile", "confused")


def prepare_comment(world: World, value: Any) -> tuple[str, str]:
    """Text and format of a System.History value: HTML text, or `{"format", "text"}` (FACTS ado 7.27)."""
    if isinstance(value, Mapping):
        form = str(value.get("format", "html")).lower()
        return rewritten(world, str(value.get("text", "")), form), form
    return rewritten(world, str(value), "html"), "html"


def rewritten(world: World, text: str, form: str) -> str:
    """`text` as the server keeps it; raises ApiError for an unknown format, an empty text or one that is too long."""
    if form not in ("html", "markdown"):
        raise errors.bad_request(f"The comment format {form} is unknown.")
    if not text.strip():
        raise errors.bad_request("The comment text must not be empty.")
    if len(text) > world.switches.comment_length:
        raise errors.too_long("System.History")
    survive = world.switches.html_comments_survive
    if form == "markdown":
        return rewrite_markdown(text, comments_survive=survive)
    return rewrite_html(text, comments_survive=survive, encode_non_bmp=True)


def add_comment(world: World, item: WorkItem, user: User, text: str, form: str) -> Comment:
    kept = rewritten(world, text, form)
    if len(item.comments) >= world.switches.comments_per_item:
        raise errors.bad_request("The work item has as many comments as it may have.", "CommentLimitExceededException")
    _check_area(world, item, user)
    at = world.stamp(item)
    comment = Comment(world.count("comment", 17_026_700), [CommentVersion(1, kept, form, user, at)])
    item.comments.append(comment)
    fields = dict(item.fields) | {"System.CommentCount": _count(item) + 1}
    world.save(item, user, fields, at=at, comment=(comment.id, 1, kept))
    return comment


def edit_comment(world: World, item: WorkItem, user: User, comment: Comment, text: str, form: str | None) -> Comment:
    """`form` None keeps the format; Markdown never becomes HTML again (FACTS ado 10.5)."""
    wanted = form or comment.latest.format
    if comment.latest.format == "markdown" and wanted == "html":
        raise errors.bad_request("The format of a comment cannot be changed from Markdown to HTML.")
    kept = rewritten(world, text, wanted)
    _check_author(world, comment, user)
    at = world.stamp(item)
    version = CommentVersion(comment.latest.version + 1, kept, wanted, user, at)
    comment.versions.append(version)
    if world.switches.comment_edit_bumps_rev:
        world.save(item, user, item.fields, at=at, comment=(comment.id, version.version, kept))
    return comment


def delete_comment(world: World, item: WorkItem, user: User, comment: Comment) -> Comment:
    _check_author(world, comment, user)
    at, latest = world.stamp(item), comment.latest
    text = latest.text if world.switches.deleted_comment_keeps_text else ""
    comment.versions.append(CommentVersion(latest.version + 1, text, latest.format, user, at, deleted=True))
    fields: dict[str, Value] = dict(item.fields)
    if world.switches.comment_delete_lowers_count:
        fields["System.CommentCount"] = _count(item) - 1
    if world.switches.comment_delete_bumps_rev:
        world.save(item, user, fields, at=at, comment=(comment.id, latest.version + 1, ""))
    return comment


def find_comment(item: WorkItem, comment_id: int, *, deleted: bool = False) -> Comment:
    """Raises ApiError 404 for one that is not there, or is deleted and not asked for."""
    comment = item.comment(comment_id)
    if comment is None or (comment.latest.deleted and not deleted):
        raise errors.comment_missing(comment_id)
    return comment


def _count(item: WorkItem) -> int:
    count = item.fields["System.CommentCount"]
    assert isinstance(count, int)
    return count


def _check_author(world: World, comment: Comment, user: User) -> None:
    if comment.first.by is not user and not world.switches.others_comments_editable:
        raise errors.forbidden("You do not have permissions to change the comment of another user.")


def _check_area(world: World, item: WorkItem, user: User) -> None:
    if not world.may_write(user, item.fields["System.AreaPath"]):
        raise errors.forbidden(
            "TF237111: The current user does not have permissions to save work items under the specified area path."
        )
