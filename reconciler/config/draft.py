"""Draft: a proposal as a commented config.toml, to be read, changed and kept. Pure.

What is not sure stands there as a comment with its confidence; no secret does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.propose import DOUBTFUL, FieldSuggestion, Proposal, Suggestion

_COLUMN = 45
"""Where comments behind a line begin, as far as it is short enough."""

_HEAD = """\
# Written by `reconciler init`; yours to change. Every key, with its default: config.toml of the project.
#
#   reconciler check     tests every assumption below against both live sides, writing nothing
#   reconciler plan      shows what the first sync would do, writing nothing
#   reconciler sync --yes
#   reconciler run       keeps going
#
# Secrets are not written here: "$NAME" reads an environment variable, "file:/run/secrets/name" a file.
# What follows a % was proposed with that confidence; what was not sure enough is a comment: look, and uncomment.

version = 1

[store]
url = "sqlite:///reconciler.db"              # relative to this file; or postgresql://…, mysql://…

[log]
level = "INFO"                               # DEBUG, INFO, WARNING or ERROR
format = "auto"                              # auto: readable on a terminal, JSON lines otherwise

[dashboard]
listen = "127.0.0.1:8080"                    # where `run` answers /api/health; "" switches it off
"""

_MAPPING = """\
# --- what is kept equal ---------------------------------------------------------------------------------------------
# Any number of mappings. In every table below, left = right.

[[mappings]]
name = {name}
poll_every = "30s"                           # how often both sides are asked what changed
conflict = "newest"                          # both sides changed a field: newest, left or right wins; hold waits
on_delete = "close"                          # a proven deletion: close the other side's item, delete it, or ignore
match_by = "title"                           # pair equal titles at the first sync; or none
first_sync = "confirm"                       # the first plan waits for `sync --yes`
"""


@dataclass(frozen=True, slots=True)
class DraftTracker:
    """`name` of the table and what people call the tracker; `keys` hold "$NAME" in the place of a secret."""

    name: str
    title: str
    keys: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DraftSide:
    """A side's table, and what people call the place."""

    tracker: str
    place: str
    keys: Mapping[str, Any]


def draft(
    trackers: Sequence[DraftTracker],
    name: str,
    left: DraftSide,
    right: DraftSide,
    proposal: Proposal,
    schema_file: str = "",
) -> str:
    """The whole file, its last line ended. `schema_file` names the JSON Schema beside it, for editors."""
    blocks = [f"#:schema ./{schema_file}\n{_HEAD}" if schema_file else _HEAD]
    blocks.append("# --- where the items are " + "-" * 92 + "\n")
    blocks += [_table(f"trackers.{tracker.name}", tracker.keys, tracker.title) for tracker in trackers]
    blocks.append(_MAPPING.format(name=quoted(name)))
    for side, chosen in (("left", left), ("right", right)):
        blocks.append(_table(f"mappings.{side}", {"tracker": chosen.tracker, **chosen.keys}, chosen.place))
    blocks += _tables(proposal)
    return "\n".join(blocks)


def _tables(proposal: Proposal) -> Iterator[str]:
    yield _suggested(
        "mappings.states",
        proposal.states,
        "Where several statuses stand for one state, the first is the one written and all are read. States that no line"
        " names\n# pair by category: proposed, active, done.",
    )
    yield _types(proposal)
    yield _suggested("mappings.priorities", proposal.priorities, "Without this table: by rank.")
    yield _suggested(
        "mappings.people",
        proposal.people,
        f"Only people whose addresses differ; {proposal.same_people} were met under the same address on both sides.",
    )
    if proposal.fields:
        yield "# Fields of the trackers' own that hold the same.\n"
    yield from map(_field, proposal.fields)


def _types(proposal: Proposal) -> str:
    same = ", ".join(proposal.same_types) or "none"
    lines = [f"# Types called the same are paired: {_plain(same)}. The others become the default type."]
    for entry in proposal.types:
        if entry.confidence >= DOUBTFUL:
            lines.append(_with_comment(f"{_off(entry)}[mappings.types.{quoted(entry.left)}]", _sure(entry)))
            lines.append(f"{_off(entry)}right = {quoted(entry.right[0])}")
    return "\n".join(lines) + "\n"


def _suggested(path: str, entries: Iterable[Suggestion], about: str) -> str:
    shown = [entry for entry in entries if entry.confidence >= DOUBTFUL]
    off = "" if any(entry.sure for entry in shown) else "# "
    lines = [f"# {about}", f"{off}[{path}]"]
    for entry in shown:
        right = quoted(entry.right[0]) if len(entry.right) == 1 else value(list(entry.right))
        lines.append(_with_comment(f"{_off(entry)}{quoted(entry.left)} = {right}", _sure(entry)))
    return "\n".join(lines) + "\n"


def _field(entry: FieldSuggestion) -> str:
    off = _off(entry)
    lines = [
        _with_comment(f"{off}[[mappings.custom_fields]]", _sure(entry)),
        _with_comment(f"{off}left = {quoted(entry.left.id)}", f"# {_plain(entry.left.name)}"),
        _with_comment(f"{off}right = {quoted(entry.right.id)}", f"# {_plain(entry.right.name)}"),
    ]
    if entry.direction != "both":
        lines.append(f"{off}direction = {quoted(entry.direction)}")
    if entry.values:
        lines.append(f"{off}values = {value(dict(entry.values))}")
    return "\n".join(lines) + "\n"


def _off(entry: Suggestion | FieldSuggestion) -> str:
    return "" if entry.sure else "# "


def _sure(entry: Suggestion | FieldSuggestion) -> str:
    return f"# {entry.confidence} %: {_plain(entry.reason)}"


def _table(path: str, keys: Mapping[str, Any], about: str) -> str:
    lines = "".join(f"{key} = {value(entry)}\n" for key, entry in keys.items())
    return _with_comment(f"[{path}]", f"# {_plain(about)}") + f"\n{lines}"


def _with_comment(line: str, comment: str) -> str:
    return f"{line.ljust(_COLUMN - 1)} {comment}" if comment else line


def _plain(text: str) -> str:
    """Fit for a comment: names come from outside and may hold line ends."""
    return "".join(character if character.isprintable() else " " for character in text)


def quoted(text: str) -> str:
    """A basic string of TOML, whose escapes are those of JSON; the one control character that JSON leaves bare too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def value(native: Any) -> str:
    """A TOML value on one line."""
    match native:
        case bool():
            return "true" if native else "false"
        case int() | float():
            return str(native)
        case Mapping():
            return "{ " + ", ".join(f"{quoted(str(key))} = {value(entry)}" for key, entry in native.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(map(value, native)) + "]"
        case _:
            return quoted(str(native))
