"""Discussion: the comments of a task, replies included, as comments of ours. Reads and writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from reconciler.errors import Gone
from reconciler.model.comment import Comment, CommentDraft
from reconciler.model.item import Item
from reconciler.model.origin import Origin
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import Attribution, attach_attribution, convert, detach_attribution
from reconciler.trackers.clickup.client import COMMENTS_A_PAGE, Client
from reconciler.trackers.clickup.comment_blocks import to_markdown
from reconciler.trackers.clickup.comment_writer import to_segments
from reconciler.trackers.clickup.instants import instant
from reconciler.trackers.clickup.people import People, person

Json = dict[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Discussion:
    """Reads, writes and finds comments. One request a page of 25, one more for every comment with replies."""

    def __init__(self, client: Client, people: People) -> None:
        self._client = client
        self._people = people

    def read(self, item: Item) -> list[Comment]:
        """All comments and replies, oldest first."""
        rows = [row for page in self._pages(item.key) for row in self._with_replies(item.key, page)]
        comments = [self._comment(item, row) for row in {str(row["id"]): row for row in rows}.values()]
        return sorted(comments, key=lambda comment: (comment.created_at, len(comment.key), comment.key))

    def add(self, item: Item, draft: CommentDraft) -> Comment:
        """Writes a comment with its attribution line. Nobody is mentioned, nobody is assigned."""
        text = attach_attribution(convert(draft.text, Form.MARKDOWN), Attribution(draft.author, draft.origin))
        segments = to_segments(text.text)
        answer = self._client.create_comment(item.key, {"comment": segments, "notify_all": False})
        me = {"id": self._people.own_id, "username": self._people.own_name, "email": self._people.own_address}
        return self._comment(item, {**answer, "comment": segments, "user": me})  # the id is a number here (11.3)

    def edit(self, item: Item, comment: Comment, text: RichText) -> Comment:
        """Replaces the whole body, which is all that ClickUp offers, and keeps whether it is resolved (FACTS clickup
        11.8); hence one more request. Raises Gone where the comment is not there any more."""
        row = self._row(item.key, comment.key)
        if row is None:
            raise Gone("the comment is not there any more", key=item.key)
        body = convert(text, Form.MARKDOWN)
        if comment.origin is not None:
            body = attach_attribution(body, Attribution(comment.credit, comment.origin))
        segments = to_segments(body.text)
        state = {"resolved": row["resolved"]} if "resolved" in row else {}
        self._client.update_comment(comment.key, item.key, {"comment": segments, **state})
        return replace(comment, text=self._text(segments)[0])

    def delete(self, item: Item, comment_key: str) -> None:
        """Deleting what is gone is harmless."""
        try:
            self._client.delete_comment(comment_key, item.key)
        except Gone:
            return

    def find(self, item: Item, origin: Origin) -> Comment | None:
        """The comment of ours that carries the marker. Our copies are never replies, so these are not read."""
        for page in self._pages(item.key):
            for row in page:
                comment = self._comment(item, row)
                if comment.ours and comment.origin and comment.origin.marker == origin.marker:
                    return comment
        return None

    def _pages(self, task_id: str) -> Iterator[list[Json]]:
        """Newest first; the end shows only in a page that is not full (FACTS clickup 11.1)."""
        before: Json | None = None
        known: set[str] = set()
        while True:
            page = self._client.comments(task_id, before)
            fresh = [row for row in page if str(row.get("id")) not in known]
            known |= {str(row.get("id")) for row in fresh}
            yield fresh
            if len(page) < COMMENTS_A_PAGE or not fresh:
                return
            before = page[-1]

    def _with_replies(self, task_id: str, rows: list[Json]) -> Iterator[Json]:
        """Replies are not part of the list; only their number is (FACTS clickup 11.11)."""
        for row in rows:
            yield row
            if int(str(row.get("reply_count") or 0)) > 0:
                yield from self._client.replies(str(row["id"]), task_id)

    def _row(self, task_id: str, comment_key: str) -> Json | None:
        for page in self._pages(task_id):
            for row in self._with_replies(task_id, page):
                if str(row.get("id")) == comment_key:
                    return row
        return None

    def _comment(self, item: Item, row: Mapping[str, Any]) -> Comment:
        author = self._author(row.get("user"))
        text, credit, origin = self._text(row.get("comment") or [{"text": row.get("comment_text") or ""}])
        key = str(row["id"])
        return Comment(
            key=key,
            author=author,
            text=text,
            created_at=instant(row.get("date")) or _EPOCH,
            url=f"{item.url}?comment={key}",
            label=f"{item.label} comment",
            origin=origin,
            credit=credit,
            ours=bool(author.key) and author.key == self._people.own_id,
        )

    def _author(self, user: object) -> Person:
        return person(user) if isinstance(user, Mapping) else Person("")

    def _text(self, segments: Any) -> tuple[RichText, str, Origin | None]:
        """The text as it reads back, without the attribution line. Built from the segments: the flat text loses links,
        images and tables (FACTS clickup 11.7)."""
        body, attribution = detach_attribution(RichText(Form.MARKDOWN, to_markdown(segments)))
        return (body, attribution.author, attribution.origin) if attribution else (body, "", None)
