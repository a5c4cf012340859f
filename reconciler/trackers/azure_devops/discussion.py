"""Discussion: the comments of a work item. Reads and writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.errors import Gone
from reconciler.model.comment import Comment, CommentDraft
from reconciler.model.item import Item
from reconciler.model.origin import Origin
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import Attribution, attach_attribution, convert, mentions
from reconciler.trackers.azure_devops.client import Client
from reconciler.trackers.azure_devops.mentions import called, uncalled
from reconciler.trackers.azure_devops.translate import Lens, rev_of, to_comment


class Discussion:
    """Reads, writes and finds comments. One request a page of 200."""

    def __init__(self, client: Client, lens: Lens) -> None:
        self._client = client
        self._lens = lens

    def read(self, item: Item) -> list[Comment]:
        """All comments that exist, oldest first."""
        return list(self._all(item))

    def add(self, item: Item, draft: CommentDraft) -> Comment:
        """As HTML, which every version of the service takes. Only whom the draft calls is called."""
        body = called(uncalled(convert(draft.text, Form.HTML)))
        signed = attach_attribution(body, Attribution(draft.author, draft.origin))
        native = self._client.add_comment(_project(item), int(item.key), signed.text, signed.form)
        return to_comment(native, item, self._lens)

    def edit(self, item: Item, comment: Comment, text: RichText) -> Comment:
        """In the form that the comment has: Markdown cannot become HTML again (FACTS ado 10.5)."""
        body = convert(text, comment.text.form)
        if comment.origin is not None:
            body = uncalled(body, but=set(mentions(comment.text)))
            body = attach_attribution(body, Attribution(comment.credit, comment.origin))
        body = called(body)
        native = self._client.edit_comment(_project(item), int(item.key), comment.key, body.text, body.form)
        edited = to_comment(native, item, self._lens)
        return replace(comment, text=edited.text, origin=edited.origin, credit=edited.credit)

    def delete(self, item: Item, comment_key: str) -> None:
        """Deleting what is gone is harmless."""
        try:
            self._client.delete_comment(_project(item), int(item.key), comment_key)
        except Gone:
            return

    def find(self, item: Item, origin: Origin) -> Comment | None:
        """The comment of ours that carries the marker."""
        for comment in self._all(item):
            if comment.ours and comment.origin is not None and comment.origin.marker == origin.marker:
                return comment
        return None

    def _all(self, item: Item) -> Iterator[Comment]:
        for native in self._client.comments(_project(item), int(item.key)):
            if not native.get("isDeleted"):
                yield to_comment(native, item, self._lens)


def moved(before: Item | None, now: Item) -> bool:
    """Whether comments or attachments may differ: their number does, the newest revision says so, or a revision that
    we did not see may have been an edit of one (FACTS ado 4.20, 5.5-5.7). A missing count proves nothing (4.17)."""
    count, files = now.native.get("comments"), now.native.get("files", "")
    if before is None:
        return count is None or int(count) > 0 or bool(files)
    steps = rev_of(now.revision) - rev_of(before.revision)
    if steps == 0:
        return False
    if files != before.native.get("files", ""):
        return True
    return steps != 1 or bool(now.native.get("comment")) or count is None or count != before.native.get("comments")


def _project(item: Item) -> str:
    return str(item.native["project"])
