"""The protocol in which the engine meets every tracker. Its text is the specification; the contract suite tests it.

Terms. A *scope* is the part of a tracker that one side of a mapping covers (a project, some lists); the engine only
passes it around. A *key* is the tracker's own id of an item, as text. A *revision* is opaque and changes whenever the
item may have changed. *Server time* is the tracker's own clock, taken from its answers; the local clock plays no part.

Every method may raise Unavailable, Unauthorized (nothing happened) and Rejected. Methods that write may also raise
OutcomeUnknown. Nothing here retries a write whose fate is unknown. Implementations are used by one thread at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Protocol, Self

from reconciler.model.attachment import Attachment, AttachmentDraft
from reconciler.model.comment import Comment, CommentDraft
from reconciler.model.custom_field import CustomField
from reconciler.model.draft import Draft
from reconciler.model.field import Value
from reconciler.model.item import Item
from reconciler.model.origin import Origin
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.model.schema import Schema
from reconciler.trackers.circuit import CircuitState


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the engine must know to adapt. `compare_and_swap`: a write based on an old revision is refused by the
    tracker itself. `several_assignees`: an item may have more than one. `form`: in which form it prefers rich text.
    `edits_show_comments`: a changed comment or attachment always moves the item's revision. `unseen_in_feed`: fields
    that name items and whose changes alone do not put an item among those that changed; where `tells_links`,
    `relinked_since` says who has to be read again for them, else only a look at the item shows them.
    `requests_per_minute`: the ceiling of the credential, None where the tracker does not name one.
    `removes_attachments`: it can take an attachment off an item. `attachment_bytes_max`: larger ones it refuses, None
    where it names no limit. `calls_in_fields`, `calls_in_comments`: a mention in such a text reaches whom it names.
    `pictures_in_comments`: a comment can show a picture; else it links to it."""

    compare_and_swap: bool
    several_assignees: bool
    form: Form
    edits_show_comments: bool
    requests_per_minute: int | None = None
    removes_attachments: bool = True
    attachment_bytes_max: int | None = None
    unseen_in_feed: frozenset[str] = frozenset()
    tells_links: bool = False
    calls_in_fields: bool = True
    calls_in_comments: bool = True
    pictures_in_comments: bool = True


Followed = Callable[[Sequence[str]], set[str]]
"""Of these keys, those of items that are followed already, whatever a scope's admission condition says of them."""


def nobody(keys: Sequence[str]) -> set[str]:
    """Follows no item: only the admission conditions decide."""
    del keys
    return set()


class Scope(Protocol):
    """One side of one mapping. Hashable; `name` is for people ("project Web", "list 901…")."""

    @property
    def name(self) -> str: ...

    def carrying(self, fields: Mapping[str, CustomField]) -> Self:
        """The same scope whose items have these fields, by neutral name, and no other custom ones."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a scan. Only the last page of a fully drained scan has a `watermark`: the server time at which the
    scan started, so that everything committed before it has been seen. `resume` tells a later sweep to go on behind
    this page."""

    items: tuple[tuple[Scope, Item], ...]
    watermark: datetime | None = None
    resume: str = ""


@dataclass(frozen=True, slots=True)
class Relinked:
    """The item `key` names `other` in `field`, or, if not `there`, does so no more."""

    key: str
    field: str
    other: str
    there: bool


@dataclass(frozen=True, slots=True)
class Written:
    """Proof of a write. `item` is the item as the tracker returned it afterwards; `fields` names the fields that this
    write carried and whose value in `item` is therefore ours, so not one of which the tracker dropped anything; `notes`
    are sentences for the operator about what the tracker dropped or changed ("no member with address …")."""

    item: Item
    fields: frozenset[str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Something that a credential may not do in a scope. `fatal`: nothing can be synchronised with it."""

    what: str
    why: str
    fix: str
    fatal: bool = False


class Fate(StrEnum):
    """What became of an item that a listing does not show."""

    PRESENT = "present"
    ARCHIVED = "archived"
    MOVED = "moved"  # exists, but outside the scope
    DELETED = "deleted"  # proved: recycle bin, or an answer that only deletion gives
    UNKNOWN = "unknown"  # cannot see it; proves nothing


class Tracker(Protocol):
    """One external system behind one credential."""

    name: str
    """The name of its table in the configuration; part of error texts, logs and reports."""

    capabilities: Capabilities

    @property
    def requests(self) -> int:
        """How many requests this tracker has sent since it was made; for reports."""

    @property
    def circuit(self) -> CircuitState:
        """ "open" while the tracker is left alone because it kept failing; its methods then raise without a request."""

    @property
    def notes(self) -> Sequence[str]:
        """Sentences about the account that an operator should know ("the token is a guest's …"); after `connect`."""

    def connect(self) -> None:
        """Learns who we are there and what else all scopes need. Idempotent. Raises Unauthorized for a bad token."""

    def schema(self, scope: Scope) -> Schema:
        """What the scope can hold, read afresh. Raises Rejected with a sentence where the scope does not exist or
        names things (types, lists, areas, conditions) that do not."""

    def custom_fields(self, scope: Scope) -> Sequence[CustomField]:
        """Every field beyond those of FIELDS that items of the scope may have, read afresh; those that cannot be
        carried with the reason. Raises like `schema`."""

    def hindrances(self, scope: Scope) -> Sequence[Hindrance]:
        """Rights that are missing there, as far as that can be tried without writing anything: creating an item of each
        type, seeing what was deleted. Empty where the tracker cannot be asked, which promises nothing."""

    def overlap(self, one: Scope, two: Scope) -> str:
        """What both scopes cover, in words, where only the service can tell ("List 901"); "" for nothing, and for what
        the configuration alone shows. Costs requests only for a scope whose schema was never read."""

    def person(self, address: str) -> Person | None:
        """The person with that e-mail address who can be assigned here; None if there is none. Cached."""

    def person_with(self, key: str) -> Person | None:
        """The person with that key, whether they can be assigned or not; None if there is none. Cached."""

    # --- reading -------------------------------------------------------------------------------------------------

    def changed_since(
        self,
        scopes: Sequence[Scope],
        since: datetime | None,
        known: Mapping[str, str],
        followed: Followed = nobody,
    ) -> Iterator[Page]:
        """All items of any of `scopes` that changed at or after `since` (server time), closed ones and children
        included, deleted ones not; None means everything. One request when nothing changed, however many scopes.

        `known` maps keys to revisions already processed: items still at that revision are left out, or may be.
        Items whose key is in `known`, and those that `followed` names, come even if they no longer meet a scope's
        admission condition; it is asked only where there is such a condition.
        An item may come twice; the later one is newer. If the iteration raises, nothing may be inferred.
        """

    def relinked_since(self, scopes: Sequence[Scope], since: datetime, fields: Collection[str]) -> Iterator[Relinked]:
        """Who names another item, or one less, in any of `fields`, at or after `since` (server time), oldest first,
        perhaps beyond `scopes` too; a link that both ends name comes twice. One request when nothing changed, however
        many scopes and fields. Asked only where `capabilities.tells_links`."""

    def overtaken(self, scope: Scope, known: Mapping[str, str], since: datetime) -> set[str]:
        """The keys of `known`, which maps them to revisions, whose items changed at or after `since` (server time) and
        are at another revision by now, wherever they are: `changed_since` does not show one that was edited and then
        moved out of its scope. One request when little changed. Not asked where `capabilities.compare_and_swap`."""

    def read(self, scope: Scope, keys: Sequence[str]) -> dict[str, Item]:
        """The current items by key, in as few requests as possible. Keys that are not visible are missing."""

    def fate(self, scope: Scope, key: str) -> Fate:
        """What became of an item that `read` does not return or a sweep did not meet. Costs one to three requests."""

    def discussion_moved(self, before: Item | None, now: Item) -> bool:
        """Pure: whether the comments or attachments of the item may differ between these two views of it; with no
        `before`, whether it may have any. False is a promise only where `capabilities.edits_show_comments`."""

    def comments(self, scope: Scope, item: Item) -> list[Comment]:
        """All comments that exist, oldest first."""

    def may_have_attachments(self, item: Item) -> bool:
        """Pure: False promises that the item had none at this revision."""

    def attachments(self, scope: Scope, item: Item) -> list[Attachment]:
        """All attachments that exist, oldest first. One request. Raises Rejected where the answer does not show them:
        an empty list means that there are none."""

    def fetch_attachment(self, scope: Scope, attachment: Attachment, into: BinaryIO, bytes_max: int) -> None:
        """Writes the content to `into`, from its beginning, a piece at a time. Raises Gone where it is not there any
        more, and Rejected where the tracker does not hand it out or it has more than `bytes_max` bytes."""

    def find_copy(self, scope: Scope, origin: Origin, since: datetime) -> Item | None:
        """The item that carries `origin.marker` and was created by us at or after `since` (server time), if any.
        A None is not proof: a commit may become visible later."""

    def deleted_copies(self, scope: Scope, draft: Draft, since: datetime) -> Sequence[str]:
        """Keys of deleted items that we made from `draft` at or after `since` (server time), as far as the tracker
        shows what was deleted: one that does not answers nothing, which proves nothing."""

    def as_created(self, scope: Scope, item: Item) -> Item | None:
        """The item as its creation left it, before anybody touched it; None where the tracker keeps no history. One
        request at most."""

    def key_of(self, url: str) -> str | None:
        """Pure: the key of the item whose page this is; None if the address is not one of this tracker's."""

    def label_at(self, url: str) -> str:
        """Pure: the label of the item whose page this is, where the address says that and not the key; "" otherwise."""

    def file_at(self, url: str) -> Attachment | None:
        """Pure: the file of this tracker's at that address, with what the address says of it; None for any other."""

    def page_of(self, key: str) -> str:
        """Pure: an address under which people find the item."""

    def short_names(self, text: RichText) -> Mapping[str, str]:
        """Pure: what stands for an item in a text of this tracker without being an address ("AB#12"), and its key."""

    def further_texts(self, scope: Scope, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """By key, what an item carries that is in no field of it and may name an item of another tracker: hyperlinks
        that people put there, fields that no mapping joins. In as few requests as possible; comments are left out."""

    # --- writing -------------------------------------------------------------------------------------------------

    def create(self, scope: Scope, draft: Draft) -> Written:
        """Makes the item, carrying `draft.origin`, in one request. `Written.fields` names what arrived; fields that
        need a second step (a state that cannot be the first one) are not in it and are written by a later update, as
        those of kind ITEMS always are."""

    def update(self, scope: Scope, base: Item, changes: Mapping[str, Value]) -> Iterator[Written]:
        """Sets `changes` on the item, of which `base` is the last view; one Written per request, in order, so that
        what is done stays known when a later request fails. Only `changes` are sent. Never sends a no-op.
        Raises StaleRevision before writing where the tracker can tell that `base` is outdated.
        PEOPLE, TAGS and ITEMS hold the complete wanted value; the tracker sends the difference to `base`. A parent that
        the item cannot have (its own descendant, or none where an item cannot be taken out) is Rejected for "parent".
        A link to an item that it cannot have is Rejected for its field after all others were made."""

    def delete(self, scope: Scope, base: Item) -> None:
        """Moves the item to the tracker's recycle bin or trash. Deleting what is gone raises Gone. Never takes children
        along: where the tracker would, an item that has any is Rejected."""

    def add_comment(self, scope: Scope, item: Item, draft: CommentDraft) -> Comment:
        """Writes a comment with its attribution line. The answer is the comment as it will be read back."""

    def edit_comment(self, scope: Scope, item: Item, comment: Comment, text: RichText) -> Comment:
        """Replaces the text of a comment; one that carries an origin keeps its attribution line. Absolute, so
        repeating it is harmless. Raises Rejected where the tracker lets only the author edit."""

    def delete_comment(self, scope: Scope, item: Item, comment_key: str) -> None:
        """Deletes a comment. Deleting one that is gone is harmless."""

    def add_attachment(self, scope: Scope, item: Item, draft: AttachmentDraft, content: BinaryIO) -> Attachment:
        """Hangs a file on the item, a piece at a time, read from the beginning of `content`. Where the tracker holds
        marks, an attachment that carries `draft.marker` already is returned as it is."""

    def remove_attachment(self, scope: Scope, item: Item, attachment_key: str) -> None:
        """Takes an attachment off the item. Removing one that is gone is harmless. Raises Rejected where not
        `capabilities.removes_attachments`."""

    def find_comment(self, scope: Scope, item: Item, origin: Origin) -> Comment | None:
        """The comment that carries `origin.marker`, if any."""

    def server_time(self) -> datetime | None:
        """The tracker's clock as of its last answer; None before the first."""

    def sweep(self, scope: Scope, followed: Followed = nobody, after: str = "") -> Iterator[Page]:
        """Every item of the scope by an order that edits do not disturb, archived ones included where possible.
        `followed` as in `changed_since`. `after` is the `resume` of a page of an earlier sweep of the same scope: what
        that page and those before it held may be left out; days may have passed, and what it names may be gone.
        For finding what feeds do not show; absence from it proves nothing by itself."""

    def is_older(self, item: Item, than: Item) -> bool:
        """Pure: whether one view of an item is certainly from before another one; listings may be behind."""

    def close(self) -> None:
        """Ends connections. Idempotent."""
