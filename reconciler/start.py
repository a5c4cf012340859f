"""Start: from two tokens to a first configuration - looking around on both sides, and writing what is proposed.

Whoever asks the questions (`cli/init.py`) stands above; what kinds of trackers there are and what each must be asked
is data of theirs (`trackers/guide.py`).
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from reconciler.clock import Clock
from reconciler.config import load
from reconciler.config.draft import DraftSide, DraftTracker, draft
from reconciler.errors import ConfigError, Rejected
from reconciler.log import register_secret
from reconciler.model.side import Side
from reconciler.propose import Proposal, Survey, propose
from reconciler.trackers.guide import FoundPlace, Guide
from reconciler.trackers.registry import KINDS, make_scope, make_tracker

Answers = Mapping[str, str]


@dataclass(slots=True)
class Doorway:
    """One side whose token was accepted: what lies behind it can be looked at."""

    kind: str
    guide: Guide
    name: str
    answers: Answers
    connection: BaseModel
    places: Sequence[FoundPlace]

    def draft(self) -> DraftTracker:
        """The tracker's table, with the names of variables in the place of secrets."""
        secret = {question.key: f"${question.variable}" for question in self.guide.questions if question.secret}
        keys = {**self.guide.connection(self.answers), **secret}
        return DraftTracker(self.name, self.guide.title, {"kind": self.kind, **keys})


@dataclass(frozen=True, slots=True)
class Chosen:
    """A place behind a door, with what was read of it."""

    door: Doorway
    place: FoundPlace
    keys: Mapping[str, Any]
    survey: Survey


def knock(kind: str, name: str, answers: Answers, clock: Clock, transport: Any = None) -> Doorway:
    """Tries the answers. Raises ConfigError for what cannot be right, and what trackers raise: Unauthorized for a bad
    token, Unavailable where nobody answers, Rejected where nothing is there."""
    guide = KINDS[kind].guide
    for question in guide.questions:
        if question.secret:
            register_secret(answers.get(question.key, ""))
    connection = _validated(KINDS[kind].connection, {"kind": kind, **guide.connection(answers)}, guide.title)
    with closing(make_tracker(name, connection, clock, transport)) as tracker:
        tracker.connect()
    with closing(guide.surveyor(connection, clock, transport)) as surveyor:
        places = surveyor.places()
    if not places:
        raise Rejected(f"this token sees no {guide.noun} at all; give it the right to, or use another", tracker=name)
    return Doorway(kind, guide, name, answers, connection, places)


def look_around(door: Doorway, place: FoundPlace, clock: Clock, transport: Any = None) -> Chosen:
    """Reads what a place holds. Raises what trackers raise."""
    with (
        closing(door.guide.surveyor(door.connection, clock, transport)) as surveyor,
        closing(make_tracker(door.name, door.connection, clock, transport)) as tracker,
    ):
        keys = surveyor.side(place, door.answers)
        side = _validated(KINDS[door.kind].side, {"tracker": door.name, **keys}, place.title)
        scope = make_scope(door.connection, side, "UTC")
        survey = Survey(tracker.schema(scope), tuple(tracker.custom_fields(scope)), tuple(surveyor.people(place)))
    return Chosen(door, place, keys, survey)


def options(kind: str, key: str, answers: Answers, clock: Clock) -> Sequence[tuple[str, str]]:
    """What a question may be answered with, see `Guide.choices`. Raises as `knock` does."""
    guide = KINDS[kind].guide
    try:
        return guide.choices(key, answers, clock, None)
    except ValidationError as refused:
        raise _mistakes(refused, guide.title) from None


def _validated(model: type[BaseModel], table: Mapping[str, Any], about: str) -> BaseModel:
    try:
        return model.model_validate(table)
    except ValidationError as refused:
        raise _mistakes(refused, about) from None


def _mistakes(refused: ValidationError, about: str) -> ConfigError:
    problems = refused.errors(include_url=False, include_input=False)
    return ConfigError([f"{about}: {_path(error['loc'])}{_said(error)}" for error in problems])


def _path(at: tuple[int | str, ...]) -> str:
    return f"{'.'.join(map(str, at))}: " if at else ""


def _said(error: Any) -> str:
    return str((error.get("ctx") or {}).get("error") or error["msg"])


def suggested_name(place: FoundPlace) -> str:
    """A mapping's name made from a place's: only what such names may hold."""
    return re.sub(r"[^\w.-]+", "-", place.name.lower()).strip("-")[:64] or "first"


def compose(chosen: Mapping[Side, Chosen], schema_file: str = "") -> tuple[str, Proposal]:
    """The text of the configuration, and what was proposed in it."""
    left, right = chosen["left"], chosen["right"]
    proposal = propose(left.survey, right.survey)
    trackers = [left.door.draft(), right.door.draft()]
    name = suggested_name(left.place)
    return draft(trackers, name, _side(left), _side(right), proposal, schema_file), proposal


def _side(chosen: Chosen) -> DraftSide:
    return DraftSide(chosen.door.name, f"{chosen.door.guide.noun} {chosen.place.title}", chosen.keys)


def write(path: Path, text: str, *, overwrite: bool, environ: Mapping[str, str] | None = None) -> None:
    """Writes the file whole or not at all, once it is known to be valid where `environ` is given. Raises ConfigError
    where it cannot, and for one that is there already unless told to `overwrite` it."""
    folder = path.parent
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=folder)
    except OSError as error:
        raise ConfigError([f"{path}: cannot be written: {error.strerror}"]) from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        if environ is not None:
            load(temporary, environ)
        if overwrite:
            temporary.replace(path)
        else:
            _put(temporary, path)
    except OSError as error:
        raise ConfigError([f"{path}: cannot be written: {error.strerror}"]) from None
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _put(temporary: Path, path: Path) -> None:
    """Under its name, which nobody may have taken meanwhile."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise ConfigError([already_there(path)]) from None
    except OSError:  # a file system without links
        if path.exists():
            raise ConfigError([already_there(path)]) from None
        temporary.replace(path)


def already_there(path: Path) -> str:
    return f"{path}: is there already; --force writes it anew, --config names another file"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
