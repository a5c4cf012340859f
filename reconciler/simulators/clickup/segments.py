"""Segments: the structured text of comments, a list of runs in which a "\\n" carries its line's format (11.5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from reconciler.simulators.clickup import inline, markdown
from reconciler.simulators.clickup.entities import Attachment, Member
from reconciler.simulators.clickup.markdown import Block
from reconciler.simulators.clickup.switches import Switches

Segment = dict[str, Any]
_LISTS = {"bullet": "bullet", "ordered": "ordered", "todo": "unchecked", "done": "checked"}


def from_text(text: str) -> list[Segment]:
    """Plain text is one segment without attributes, as recorded."""
    return [{"text": text}] if text else []


def valid(segments: object) -> bool:
    return isinstance(segments, list) and all(isinstance(segment, dict) for segment in segments)


def from_markdown(text: str, switches: Switches) -> list[Segment]:
    """What `comment_markdown` becomes; headings are bold lines, rules and tables stay text (FACTS clickup 11.4)."""
    segments: list[Segment] = []
    for block in markdown.parse(text, switches):
        segments += _block(block, switches)
    return segments


def mention(member: Member) -> Segment:
    """What typing "@" and a name makes."""
    return {"type": "tag", "user": {"id": member.id}, "text": f"@{member.name}"}


def image(attachment: Attachment, url: str) -> Segment:
    """A picture in a comment; it is an attachment of the task with the same id (FACTS clickup 11.15)."""
    return {
        "type": "image",
        "text": attachment.title,
        "image": {
            "id": attachment.id,
            "name": attachment.title,
            "title": attachment.title,
            "type": attachment.extension,
            "extension": attachment.mime_type,
            "thumbnail_large": url,
            "thumbnail_medium": url,
            "thumbnail_small": url,
            "url": url,
            "uploaded": True,
        },
        "attributes": {"data-id": attachment.id, "data-attachment": None},
    }


def read(segments: Iterable[Segment], members: dict[int, Member]) -> list[Segment]:
    """Segments as a listing shows them: mentions of known people carry the whole person (FACTS clickup 11.6)."""
    return [_mentioned(segment, members) if segment.get("type") == "tag" else segment for segment in segments]


def flattened(segments: Sequence[Segment]) -> str:
    """`comment_text`, which loses image targets and formats (FACTS clickup 11.7)."""
    return "".join(str(segment.get("text", "")) for segment in segments)


def _mentioned(segment: Segment, members: dict[int, Member]) -> Segment:
    user: Segment = segment.get("user") or {}
    member = members.get(user.get("id", 0))
    if member is None:
        return {"type": "tag", "text": segment.get("text", "@")}
    user = {
        "id": member.id,
        "username": member.name,
        "email": member.address,
        "initials": member.initials,
        "profilePicture": None,
    }
    return {"type": "tag", "user": user, "text": f"@{member.name}"}


def _block(block: Block, switches: Switches) -> list[Segment]:
    if block.kind == "code":
        ending = {"text": "\n", "attributes": {"code-block": {"code-block": block.language or "plain"}}}
        return [segment for line in block.lines for segment in ({"text": line, "attributes": {}}, ending)]
    if block.kind in ("table", "rule"):
        return [{"text": markdown.render([block], switches) + "\n", "attributes": {}}]
    bold = frozenset({"bold"}) if block.kind == "heading" else frozenset()
    runs = [_run(run, run.marks | bold) for run in block.runs]
    attributes: Segment = {}
    if block.kind in _LISTS:
        attributes["list"] = {"list": _LISTS[block.kind]}
        if block.level > 1:
            attributes["indent"] = block.level - 1
    if block.kind == "quote":
        attributes["blockquote"] = {}
    return [*runs, {"text": "\n", "attributes": attributes}]


def _run(run: inline.Run, marks: frozenset[str]) -> Segment:
    attributes: Segment = dict.fromkeys(sorted(marks), True)
    if run.link:
        attributes["link"] = run.link
    return {"text": run.text or run.image, "attributes": attributes}
