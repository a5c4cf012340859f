"""ReadOnly: a tracker through which nothing can be written; what `plan` hands to the engine."""
# ruff: noqa: ARG002 - what a forbidden write was given does not matter

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import BinaryIO, NoReturn

from reconciler.model.attachment import Attachment, AttachmentDraft
from reconciler.model.comment import Comment, CommentDraft
from reconciler.model.custom_field import CustomField
from reconciler.model.draft import Draft
from reconciler.model.field import Value
from reconciler.model.item import Item
from reconciler.model.origin import Origin
from reconciler.model.person import Person
from reconciler.model.rich_text import RichText
from reconciler.model.schema import Schema
from reconciler.trackers.base import Fate, Followed, Hindrance, Page, Relinked, Scope, Tracker, Written, nobody
from reconciler.trackers.circuit import CircuitState


class WriteForbidden(AssertionError):
    """Something tried to write during a plan. A mistake in the program, so no ReconcilerError: nothing handles it."""


class ReadOnly:
    """Wraps any tracker: reading methods are passed on, every writing method raises WriteForbidden at once."""

    def __init__(self, inner: Tracker) -> None:
        self.name = inner.name
        self.capabilities = inner.capabilities
        self._inner = inner

    @property
    def requests(self) -> int:
        return self._inner.requests

    @property
    def circuit(self) -> CircuitState:
        return self._inner.circuit

    @property
    def notes(self) -> Sequence[str]:
        return self._inner.notes

    def connect(self) -> None:
        self._inner.connect()

    def schema(self, scope: Scope) -> Schema:
        return self._inner.schema(scope)

    def custom_fields(self, scope: Scope) -> Sequence[CustomField]:
        return self._inner.custom_fields(scope)

    def hindrances(self, scope: Scope) -> Sequence[Hindrance]:
        return self._inner.hindrances(scope)

    def further_texts(self, scope: Scope, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
        return self._inner.further_texts(scope, keys)

    def overlap(self, one: Scope, two: Scope) -> str:
        return self._inner.overlap(one, two)

    def person(self, address: str) -> Person | None:
        return self._inner.person(address)

    def person_with(self, key: str) -> Person | None:
        return self._inner.person_with(key)

    def changed_since(
        self,
        scopes: Sequence[Scope],
        since: datetime | None,
        known: Mapping[str, str],
        followed: Followed = nobody,
    ) -> Iterator[Page]:
        return self._inner.changed_since(scopes, since, known, followed)

    def relinked_since(self, scopes: Sequence[Scope], since: datetime, fields: Collection[str]) -> Iterator[Relinked]:
        return self._inner.relinked_since(scopes, since, fields)

    def overtaken(self, scope: Scope, known: Mapping[str, str], since: datetime) -> set[str]:
        return self._inner.overtaken(scope, known, since)

    def read(self, scope: Scope, keys: Sequence[str]) -> dict[str, Item]:
        return self._inner.read(scope, keys)

    def as_created(self, scope: Scope, item: Item) -> Item | None:
        return self._inner.as_created(scope, item)

    def fate(self, scope: Scope, key: str) -> Fate:
        return self._inner.fate(scope, key)

    def discussion_moved(self, before: Item | None, now: Item) -> bool:
        return self._inner.discussion_moved(before, now)

    def comments(self, scope: Scope, item: Item) -> list[Comment]:
        return self._inner.comments(scope, item)

    def may_have_attachments(self, item: Item) -> bool:
        return self._inner.may_have_attachments(item)

    def attachments(self, scope: Scope, item: Item) -> list[Attachment]:
        return self._inner.attachments(scope, item)

    def fetch_attachment(self, scope: Scope, attachment: Attachment, into: BinaryIO, bytes_max: int) -> None:
        self._inner.fetch_attachment(scope, attachment, into, bytes_max)

    def find_copy(self, scope: Scope, origin: Origin, since: datetime) -> Item | None:
        return self._inner.find_copy(scope, origin, since)

    def deleted_copies(self, scope: Scope, draft: Draft, since: datetime) -> Sequence[str]:
        return self._inner.deleted_copies(scope, draft, since)

    def find_comment(self, scope: Scope, item: Item, origin: Origin) -> Comment | None:
        return self._inner.find_comment(scope, item, origin)

    def key_of(self, url: str) -> str | None:
        return self._inner.key_of(url)

    def label_at(self, url: str) -> str:
        return self._inner.label_at(url)

    def file_at(self, url: str) -> Attachment | None:
        return self._inner.file_at(url)

    def page_of(self, key: str) -> str:
        return self._inner.page_of(key)

    def short_names(self, text: RichText) -> Mapping[str, str]:
        return self._inner.short_names(text)

    def server_time(self) -> datetime | None:
        return self._inner.server_time()

    def sweep(self, scope: Scope, followed: Followed = nobody, after: str = "") -> Iterator[Page]:
        return self._inner.sweep(scope, followed, after)

    def is_older(self, item: Item, than: Item) -> bool:
        return self._inner.is_older(item, than)

    def close(self) -> None:
        self._inner.close()

    def create(self, scope: Scope, draft: Draft) -> Written:
        self._forbid("create")

    def update(self, scope: Scope, base: Item, changes: Mapping[str, Value]) -> Iterator[Written]:
        self._forbid("update")

    def delete(self, scope: Scope, base: Item) -> None:
        self._forbid("delete")

    def add_comment(self, scope: Scope, item: Item, draft: CommentDraft) -> Comment:
        self._forbid("add_comment")

    def edit_comment(self, scope: Scope, item: Item, comment: Comment, text: RichText) -> Comment:
        self._forbid("edit_comment")

    def delete_comment(self, scope: Scope, item: Item, comment_key: str) -> None:
        self._forbid("delete_comment")

    def add_attachment(self, scope: Scope, item: Item, draft: AttachmentDraft, content: BinaryIO) -> Attachment:
        self._forbid("add_attachment")

    def remove_attachment(self, scope: Scope, item: Item, attachment_key: str) -> None:
        self._forbid("remove_attachment")

    def _forbid(self, method: str) -> NoReturn:
        raise WriteForbidden(f"{method} was called on the read-only view of {self.name}")
