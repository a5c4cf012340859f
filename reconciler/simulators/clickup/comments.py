"""Comments of tasks and Lists, and their replies (FACTS clickup 11).

The author is whoever writes; nothing is dated back; an edit leaves no trace but the text itself.
"""

from __future__ import annotations

from typing import Any

from reconciler.simulators.clickup import errors, segments
from reconciler.simulators.clickup.entities import Comment, Member, Task, TaskList, Workspace
from reconciler.simulators.clickup.switches import Change
from reconciler.simulators.clickup.views import Viewer
from reconciler.simulators.clickup.world import World

Body = dict[str, Any]
PAGE_SIZE = 25  # FACTS clickup 11.1


def add(world: World, actor: Member, place: Task | TaskList, body: Body) -> Comment:
    comment = _draft(world, actor, place, body)
    _thread(world, place).append(comment)
    _enter(world, comment, Change.COMMENT_ADD)
    return comment


def reply(world: World, actor: Member, parent: Comment, body: Body) -> Comment:
    comment = _draft(world, actor, parent.place, body)
    comment.parent = parent
    parent.replies.append(comment)
    _enter(world, comment, Change.REPLY)
    return comment


def edit(world: World, actor: Member, comment: Comment, body: Body) -> None:
    """Replaces the whole text, also by nothing where the body has none (FACTS clickup 11.8); id, author and date
    stay (11.9)."""
    comment.segments = _segments(world, body)
    if "assignee" in body:
        _assign(comment, actor, body["assignee"])
    if comment.assignee and isinstance(body.get("resolved"), bool):
        comment.resolved = body["resolved"]
    _record(world, comment, Change.COMMENT_EDIT)


def delete(world: World, comment: Comment) -> None:
    """Its replies go with it."""
    siblings = comment.parent.replies if comment.parent else _thread(world, comment.place)
    siblings.remove(comment)
    for gone in [comment, *comment.replies]:
        del world.comments[gone.id]
    _record(world, comment, Change.COMMENT_DELETE)


def react(world: World, actor: Member, comment: Comment, emoji: str) -> None:
    comment.reactions.append((emoji, actor, world.now_ms()))
    _record(world, comment, Change.REACTION)


def page(world: World, place: Task | TaskList, start: str, start_id: str) -> list[Comment]:
    """The newest comments, or those older than (`start`, `start_id`), of which one alone means nothing (11.1)."""
    newest_first = sorted(_thread(world, place), key=_age, reverse=True)
    if start.isdecimal() and start_id.isdecimal():
        newest_first = [comment for comment in newest_first if _age(comment) < (int(start), int(start_id))]
    return newest_first[:PAGE_SIZE]


def replies(world: World, comment: Comment) -> list[Comment]:
    return sorted(comment.replies, key=_age, reverse=world.switches.replies_newest_first)


def view(world: World, viewer: Viewer, comment: Comment) -> Body:
    """As listings show it; `resolved` and `assigned_by` exist only for assigned comments (FACTS clickup 11.2)."""
    shown = segments.read(comment.segments, _workspace(comment.place).members)
    found: Body = {
        "id": str(comment.id),
        "comment": shown,
        "comment_text": segments.flattened(shown),
        "user": viewer.person(comment.user),
        "assignee": viewer.person(comment.assignee) if comment.assignee else None,
        "group_assignee": None,
        "reactions": [
            {"reaction": emoji, "date": str(at_ms), "user": viewer.person(member)}
            for emoji, member, at_ms in comment.reactions
        ],
        "date": str(comment.created_ms),
        "reply_count": len(comment.replies),
    }
    if comment.assignee and comment.assigned_by:
        found |= {"resolved": comment.resolved, "assigned_by": viewer.person(comment.assigned_by)}
    return found


def created(world: World, comment: Comment) -> Body:
    """The answer to POST: numbers where listings have texts, and an undocumented `version` (FACTS clickup 11.3)."""
    on_task = isinstance(comment.place, Task)
    workspace_id = int(_workspace(comment.place).id)
    at_ms = comment.created_ms
    relationships = [
        ("comment-author", "user", str(comment.user.id)),
        ("comment-parent", "task" if on_task else "list", comment.place.id),
    ]
    audit = {"userid": comment.user.id, "current_time": at_ms, "route": "*"}
    context = {
        "root_parent_type": 1 if on_task else 6,
        "is_chat": False,
        "audit_context": audit,
        "originating_service": "publicapi",
    }
    return {
        "id": comment.id,
        "hist_id": str(world.ids.history()) if on_task else world.ids.unique(),
        "date": at_ms,
        "version": {
            "object_type": "comment",
            "object_id": str(comment.id),
            "workspace_id": workspace_id,
            "operation": "c",
            "data": {
                "context": context,
                "relationships": [
                    {"type": kind, "object_type": what, "object_id": one, "workspace_id": workspace_id}
                    for kind, what, one in relationships
                ],
                "changes": [{"field": "date_created", "after": at_ms}],
            },
            "master_id": 31,
            "version": at_ms * 1000,
            "deleted": False,
            "traceparent": str(world.ids.history()),
            "date_created": at_ms,
            "date_updated": at_ms,
            "event_publish_time": at_ms,
        },
    }


def _draft(world: World, actor: Member, place: Task | TaskList, body: Body) -> Comment:
    text = _segments(world, body)
    if not text:
        raise errors.comment_invalid()
    comment = Comment(world.ids.comment(), place, actor, world.now_ms(), text)
    _assign(comment, actor, body.get("assignee"))
    return comment


def _segments(world: World, body: Body) -> list[segments.Segment]:
    text, source = body.get("comment_text"), body.get("comment_markdown")
    if source is not None and world.switches.accepts_comment_markdown:
        if text is not None:
            raise errors.comment_ambiguous()
        found = segments.from_markdown(str(source), world.switches)
    elif "comment" in body:
        if not segments.valid(body["comment"]):
            raise errors.comment_invalid()
        found = body["comment"]
    else:
        found = segments.from_text(str(text or ""))
    most = world.switches.comment_characters_max
    if most is not None and len(segments.flattened(found)) > most:
        raise errors.comment_invalid()
    return found


def _assign(comment: Comment, actor: Member, member_id: Any) -> None:
    """Unknown people are dropped (recorded, FACTS clickup 11.3)."""
    comment.assignee = _workspace(comment.place).members.get(member_id)
    comment.assigned_by = actor if comment.assignee else None
    if not comment.assignee:
        comment.resolved = False


def _enter(world: World, comment: Comment, change: Change) -> None:
    world.comments[comment.id] = comment
    _record(world, comment, change)


def _record(world: World, comment: Comment, change: Change) -> None:
    if isinstance(comment.place, Task):
        world.record(comment.place, change)


def _thread(world: World, place: Task | TaskList) -> list[Comment]:
    return place.comments if isinstance(place, Task) else world.list_comments.setdefault(place.id, [])


def _workspace(place: Task | TaskList) -> Workspace:
    return place.workspace if isinstance(place, Task) else place.space.workspace


def _age(comment: Comment) -> tuple[int, int]:
    return comment.created_ms, comment.id
