"""Attachments: what becomes of the files that hang on a pair. Pure.

new file                               copied to the other side
our copy whose link was lost           paired again by its mark, where the tracker holds one
same name and size on both sides       compared by content; one file if it is the same, else both are copied
removed on one side                    removed on the other, once a second look has confirmed it
removed where the other cannot follow  kept on record alone, told once
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.model.attachment import Attachment
from reconciler.model.attachment_link import AttachmentLink
from reconciler.model.intent import Intent
from reconciler.model.link import Link
from reconciler.model.origin import marker_for
from reconciler.model.plan import AttachmentOperation, CopyAttachment, RemoveAttachment
from reconciler.model.policy import Policy
from reconciler.model.side import SIDES, Side, other
from reconciler.richtext import one_line


@dataclass(frozen=True, slots=True)
class AttachmentPlan:
    """`operations` need requests. The rest is bookkeeping: `adopted` files to link before anything else, `compared`
    ones whose content decides whether they are one file, `noticed` pairs to be kept as they are now, `alone` ones of
    which one side is left and has to be told, `dropped` ones of which nothing is left."""

    operations: tuple[AttachmentOperation, ...] = ()
    adopted: tuple[tuple[Attachment, Attachment], ...] = ()
    compared: tuple[tuple[Attachment, Attachment], ...] = ()
    noticed: tuple[AttachmentLink, ...] = ()
    alone: tuple[AttachmentLink, ...] = ()
    dropped: tuple[AttachmentLink, ...] = ()

    @property
    def awaits_proof(self) -> bool:
        """Whether another look is to confirm what this one did not find."""
        return any(pair.missing for pair in self.noticed)


def attachment_marker(mapping: str, side: Side, item_key: str, attachment_key: str) -> str:
    return marker_for(mapping, side, f"{item_key}/a/{attachment_key}")


def file_name(name: str) -> str:
    """A name under which a file may be added anywhere: one line, without the separators of paths."""
    return one_line(name).translate(str.maketrans("/\\", "__")).strip() or "file"


def needs_both(shown: Sequence[Attachment], pairs: Sequence[AttachmentLink], side: Side) -> bool:
    """Whether one side's files are not enough to decide: one that is new here may be there all the same, and one that
    is gone here may be gone there, too."""
    known = {one.key for pair in pairs if (one := pair.side(side)) and not one.inline}
    return known != {attachment.key for attachment in shown}


def arrived(intent: Intent, shown: Sequence[Attachment], taken: Collection[str]) -> Attachment | None:
    """The file that a request of unknown fate has added: the one with our mark, or, where the tracker holds none, one
    of ours with that name and size that was not there before."""
    for attachment in shown:
        if attachment.marker == intent.marker:
            return attachment
    known = intent.after.get("known")
    before = {*taken, *(known if isinstance(known, tuple) else ())}
    for attachment in shown:
        if attachment.ours and not attachment.marker and attachment.key not in before:
            sizes = {attachment.size_bytes, intent.after.get("size")} - {None}
            if len(sizes) == 1 and _folded(attachment.name) == _folded(str(intent.after.get("name"))):
                return attachment
    return None


def plan_attachments(
    policy: Policy,
    link: Link,
    pairs: Sequence[AttachmentLink],
    now: Mapping[Side, Sequence[Attachment] | None],
    removable: Collection[Side],
) -> AttachmentPlan:
    """`now` holds the files as just listed, None for a side that was not looked at (it counts as unchanged).
    `removable` are the sides whose tracker can remove files."""
    draft = _Draft(policy, link, pairs, now, removable)
    for pair in pairs:
        draft.settle(pair)
    draft.match()
    for side in SIDES:
        draft.copy_new(side)
    return draft.done()


class _Draft:
    """Collects the plan while the files are gone through one by one."""

    def __init__(
        self,
        policy: Policy,
        link: Link,
        pairs: Sequence[AttachmentLink],
        now: Mapping[Side, Sequence[Attachment] | None],
        removable: Collection[Side],
    ) -> None:
        self._policy = policy
        self._link = link
        self._removable = removable
        self._now = now
        self._operations: list[AttachmentOperation] = []
        self._adopted: list[tuple[Attachment, Attachment]] = []
        self._compared: list[tuple[Attachment, Attachment]] = []
        self._noticed: list[AttachmentLink] = []
        self._alone: list[AttachmentLink] = []
        self._dropped: list[AttachmentLink] = []
        known = {side: {one.key for pair in pairs if (one := pair.side(side))} for side in SIDES}
        self._new: dict[Side, list[Attachment]] = {
            side: [a for a in now.get(side) or () if a.key not in known[side]] for side in SIDES
        }

    def done(self) -> AttachmentPlan:
        return AttachmentPlan(
            tuple(self._operations),
            tuple(self._adopted),
            tuple(self._compared),
            tuple(self._noticed),
            tuple(self._alone),
            tuple(self._dropped),
        )

    # --- pairs -----------------------------------------------------------------------------------------------------

    def _is_there(self, pair: AttachmentLink, side: Side) -> bool:
        one, shown = pair.side(side), self._now.get(side)
        return one is not None and (shown is None or any(attachment.key == one.key for attachment in shown))

    def settle(self, pair: AttachmentLink) -> None:
        if any(one is not None and one.inline for one in (pair.left, pair.right)):
            return
        there = [side for side in SIDES if self._is_there(pair, side)]
        if not there:
            self._dropped.append(pair)
        elif len(there) == 1 and pair.left is not None and pair.right is not None:
            self._removed(pair, other(there[0]))
        elif pair.missing is not None:
            self._noticed.append(replace(pair, missing=None))

    def _removed(self, pair: AttachmentLink, gone: Side) -> None:
        side = other(gone)
        target = pair.side(side)
        assert target is not None
        if pair.missing != gone:
            self._noticed.append(replace(pair, missing=gone))
        elif not self._policy.travels("attachments", side):
            # On record alone, so that the survivor is not copied again.
            self._noticed.append(_let_go(pair, gone, f"removed on the {gone}"))
        elif side not in self._removable:
            self._alone.append(
                _let_go(pair, gone, f"removed on the {gone}; it stays, since files can only be added here")
            )
        else:
            self._operations.append(RemoveAttachment(side, self._link, pair, target, f"removed on the {gone}"))

    # --- new files -------------------------------------------------------------------------------------------------

    def match(self) -> None:
        """Pairs what is one file already, or may be."""
        for side in SIDES:
            for copy in [a for a in self._new[side] if a.ours and a.marker]:
                self._adopt(side, copy)
        for left in list(self._new["left"]):
            right = next((one for one in self._new["right"] if _may_be_one(left, one)), None)
            if right is not None:
                self._new["left"].remove(left)
                self._new["right"].remove(right)
                self._compared.append((left, right))

    def _adopt(self, side: Side, copy: Attachment) -> None:
        """A copy whose original is not there any more is left alone."""
        self._new[side].remove(copy)
        for original in self._new[other(side)]:
            if self._marker(other(side), original) == copy.marker:
                self._new[other(side)].remove(original)
                self._adopted.append((original, copy) if side == "right" else (copy, original))
                return

    def copy_new(self, side: Side) -> None:
        if self._policy.travels("attachments", other(side)):
            for attachment in self._new[side]:
                self._operations.append(copy_of(self._policy, self._link, side, attachment))

    def _marker(self, side: Side, attachment: Attachment) -> str:
        return attachment_marker(self._policy.name, side, self._link.side(side).item.key, attachment.key)


def copy_of(policy: Policy, link: Link, side: Side, attachment: Attachment) -> CopyAttachment:
    """The operation that copies a file of `side` to the other one."""
    marker = attachment_marker(policy.name, side, link.side(side).item.key, attachment.key)
    return CopyAttachment(other(side), link, attachment, marker, f"new on the {side}")


def _let_go(pair: AttachmentLink, gone: Side, note: str) -> AttachmentLink:
    kept = replace(pair, missing=None, note=note)
    return replace(kept, left=None) if gone == "left" else replace(kept, right=None)


def _may_be_one(left: Attachment, right: Attachment) -> bool:
    return len({left.size_bytes, right.size_bytes} - {None}) <= 1 and _folded(left.name) == _folded(right.name)


def _folded(name: str) -> str:
    """Names that only a tracker's spelling tells apart: another normal form, another blank (FACTS clickup 12.10)."""
    return "".join(unicodedata.normalize("NFKC", file_name(name)).casefold().split())
