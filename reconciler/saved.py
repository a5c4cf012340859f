"""Saved: reads a plan that `plan -o` saved, and says what became of each of its operations."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from reconciler.errors import ConfigError
from reconciler.model.field import SETS, Value, kind_of
from reconciler.model.link import Link
from reconciler.model.operation import Operation, identity, value_of
from reconciler.model.report import MappingReport
from reconciler.model.rich_text import Form, RichText
from reconciler.model.side import Side, other
from reconciler.richtext import Vocabulary, address_key, pictures, same
from reconciler.selection import Selection
from reconciler.store import Store


class Fate(StrEnum):
    DONE = "done"
    ALREADY = "already done"
    REFUSED = "refused"  # not what would be done now
    LATER = "left for later"  # tried, and not finished


@dataclass(frozen=True, slots=True)
class Applied:
    """What a saved plan did in one mapping: each saved operation with what became of it, and why."""

    report: MappingReport
    fates: tuple[tuple[Operation, Fate, str], ...]


def read_plan(path: Path) -> dict[str, Selection]:
    """What a file of `plan -o` asks for, by mapping. Raises ConfigError where it is no such file."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from None
    except ValueError as error:
        raise ConfigError([f"{path}: is no JSON ({error}); save a plan with `reconciler plan -o {path}`"]) from None
    try:
        return {each["name"]: _selection(each) for each in document["mappings"] if "operations" in each}
    except (KeyError, TypeError):
        raise ConfigError([f"{path}: is no plan; save one with `reconciler plan -o {path}`"]) from None


def _selection(document: Mapping[str, Any]) -> Selection:
    wanted = (*document.get("pairings", ()), *document["operations"])
    for operation in wanted:
        keys = set(operation) if isinstance(operation, dict) else set()
        if not (keys >= {"left_key", "right_key"} or keys >= {"action", "side", "key"}):
            raise TypeError
    return Selection(document["digest"], wanted)


def fates(store: Store, mapping: str, selection: Selection) -> Iterator[tuple[Operation, Fate, str]]:
    """What became of each saved operation once a cycle has offered what would be done now, as the store knows it."""
    for operation in selection.wanted:
        done = _is_done(store, mapping, operation)
        if identity(operation) in selection.met:
            why = "" if done else "`reconciler status` says what is in its way"
            yield operation, Fate.DONE if done else Fate.LATER, why
        else:
            why = "" if done else _why(store, mapping, operation, selection)
            yield operation, Fate.ALREADY if done else Fate.REFUSED, why


def _why(store: Store, mapping: str, operation: Operation, selection: Selection) -> str:
    alike = ("action", "side", "key", "comment", "source", "attachment", "left_key", "right_key")
    if any(all(one.get(n) == operation.get(n) for n in alike) for one in selection.passed_over):
        return "it changed since: what would be done to it now is something else"
    link = _link(store, mapping, operation)
    if link is None and operation.get("action") == "update":
        return "it has no partner any more"
    return "it changed since: nothing of this is to be done to it now"


def _link(store: Store, mapping: str, operation: Operation) -> Link | None:
    return store.link(mapping, operation["side"], operation["key"]) if "side" in operation else None


def _is_done(store: Store, mapping: str, operation: Operation) -> bool:
    """Whether both sides are known to be as the operation wants them, whoever saw to that."""
    if "left_key" in operation:
        paired = store.link(mapping, "left", operation["left_key"])
        return paired is not None and paired.key("right") == operation["right_key"]
    side, key, action = operation["side"], operation["key"], operation["action"]
    if action == "create":
        return store.link(mapping, other(side), key) is not None
    link = store.link(mapping, side, key)
    if action in ("close", "delete", "keep", "ignore"):
        return link is None and any(stone.key(side) == key for stone in store.tombstones(mapping))
    if link is None:
        return False
    if action == "update":
        now = link.side(side).item.fields
        return all(_is(name, now.get(name), saved) for name, saved in operation["after"].items())
    return _hanging_is_done(store, link, side, operation)


def _hanging_is_done(store: Store, link: Link, side: Side, operation: Operation) -> bool:
    match operation["action"]:
        case "comment":
            return any(pair.side(other(side)).key == operation["source"] for pair in store.comment_links(link.id))
        case "edit_comment":
            pairs = [pair for pair in store.comment_links(link.id) if pair.side(side).key == operation["comment"]]
            return any(_is("description", pair.side(side).text, operation["after"]) for pair in pairs)
        case "delete_comment":
            return all(pair.side(side).key != operation["comment"] for pair in store.comment_links(link.id))
        case "attachment":
            files = [pair.side(other(side)) for pair in store.attachment_links(link.id)]
            return any(file is not None and file.key == operation["source"] for file in files)
        case "delete_attachment":
            files = [pair.side(side) for pair in store.attachment_links(link.id)]
            return all(file is None or file.key != operation["attachment"] for file in files)
    return False


def _says(now: RichText, saved: RichText) -> bool:
    """Whether a text says what was saved: instead of a picture it shows its copy by now, or a link to it."""
    shown = map(address_key, (*pictures(now), *pictures(saved)))
    return same(now, saved, Vocabulary(things=dict.fromkeys(shown, "picture"), linked=frozenset({"picture"})))


def _is(field: str, now: Value, saved: Any) -> bool:
    if isinstance(now, RichText) and isinstance(saved, dict):
        return _says(now, RichText(Form(saved["form"]), saved["text"]))
    if kind_of(field) in SETS:
        return sorted(map(str.casefold, value_of(now) or ())) == sorted(map(str.casefold, saved or ()))
    return bool(value_of(now) == saved)
