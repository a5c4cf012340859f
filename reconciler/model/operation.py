"""Operation: one thing that a plan would do, as a document that a file can hold and that can be recognised again.

Two plans have the same operation where its documents are equal but for the reason: the same is done to the same
revision of the same item, from the same value to the same value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import blake2b
from typing import Any

from reconciler.model.field import Value
from reconciler.model.person import Person
from reconciler.model.plan import (
    AddComment,
    Adopt,
    AttachmentOperation,
    CommentOperation,
    CopyAttachment,
    Create,
    Delete,
    DeleteComment,
    EditComment,
    PairPlan,
    Plan,
    RemoveAttachment,
)
from reconciler.model.rich_text import RichText
from reconciler.model.side import Side

Operation = Mapping[str, Any]
"""JSON with stable keys, `action` and `reason` always among them."""


def identity(operation: Operation) -> str:
    """The same for operations that do the same."""
    facts = {name: value for name, value in operation.items() if name != "reason"}
    return blake2b(json.dumps(facts, sort_keys=True).encode(), digest_size=10).hexdigest()


def value_of(value: Value) -> Any:
    """A value for JSON, nothing cut off."""
    match value:
        case RichText():
            return {"form": value.form.value, "text": value.text}
        case tuple():
            return [member.address or member.name if isinstance(member, Person) else member for member in value]
        case date():
            return value.isoformat()
        case _:
            return value


def operations(plan: Plan) -> list[Operation]:
    """Everything that the plan would ask of the trackers, in the order in which it would be carried out."""
    return [
        *(of_create(create) for create in plan.creates),
        *(of_update(pair, side) for pair, side in plan.updates()),
        *(of_delete(delete) for delete in plan.deletes),
        *(of_attachment(operation) for operation in plan.attachments),
        *(of_comment(operation) for operation in plan.comments),
    ]


def of_create(create: Create) -> Operation:
    return {
        "action": "create",
        "side": create.side,
        "source": create.source.label,
        "key": create.source.key,
        "revision": create.source.revision,
        "title": create.source.title,
        "after": _values(create.draft.fields),
        "reason": create.reason,
    }


def of_update(pair: PairPlan, side: Side) -> Operation:
    writes, reasons = pair.writes(side), {decision.field: decision.reason for decision in pair.decisions}
    return {
        "action": "update",
        "side": side,
        "item": pair.item(side).label,
        "key": pair.item(side).key,
        "revision": pair.item(side).revision,
        "before": {name: value_of(write.before) for name, write in writes.items()},
        "after": {name: value_of(write.after) for name, write in writes.items()},
        "reason": {name: reasons[name] for name in writes},
    }


def of_delete(delete: Delete) -> Operation:
    return {
        "action": delete.action.value,
        "side": delete.side,
        "item": delete.victim.label,
        "key": delete.victim.key,
        "revision": delete.victim.revision,
        "after": _values(delete.changes),
        "reason": delete.reason,
    }


def of_pairing(adopt: Adopt) -> Operation:
    return {
        "left": adopt.left.label,
        "right": adopt.right.label,
        "left_key": adopt.left.key,
        "right_key": adopt.right.key,
        "reason": adopt.reason,
    }


def of_comment(operation: CommentOperation) -> Operation:
    item = operation.link.side(operation.side).item
    document = {"side": operation.side, "item": item.label, "key": item.key, "reason": operation.reason}
    match operation:
        case AddComment():
            text = value_of(operation.draft.text)
            return {"action": "comment", **document, "source": operation.source.key, "after": text}
        case EditComment():
            before, after = value_of(operation.target.text), value_of(operation.text)
            return {
                "action": "edit_comment",
                **document,
                "comment": operation.target.key,
                "before": before,
                "after": after,
            }
        case DeleteComment():
            before = value_of(operation.target.text)
            return {"action": "delete_comment", **document, "comment": operation.target.key, "before": before}


def of_attachment(operation: AttachmentOperation) -> Operation:
    item = operation.link.side(operation.side).item
    document = {"side": operation.side, "item": item.label, "key": item.key, "reason": operation.reason}
    match operation:
        case CopyAttachment(source=file):
            return {"action": "attachment", **document, "source": file.key, "file": file.name, "size": file.size_bytes}
        case RemoveAttachment(target=file):
            return {"action": "delete_attachment", **document, "attachment": file.key, "file": file.name}


def of_pair(pair: PairPlan) -> Iterator[Operation]:
    """What is to be done about one pair before it is in order: the pairing and its updates."""
    if pair.adopt:
        yield of_pairing(pair.adopt)
    for side in ("left", "right"):
        if pair.writes(side):
            yield of_update(pair, side)


def _values(values: Mapping[str, Value]) -> dict[str, Any]:
    return {name: value_of(value) for name, value in values.items()}
