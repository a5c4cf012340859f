"""Guide: how somebody who has nothing but a token gets to a first configuration; one for each kind of tracker.

A guide brings its kind's own questions as data, and a survey of what there is behind a token. It only reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel

from reconciler.clock import Clock
from reconciler.model.person import Person


@dataclass(frozen=True, slots=True)
class Question:
    """`key` names the answer, `variable` the environment variable that answers it, `hint` says where to find it. One
    with neither `asks` is answered by its variable or not at all; a `secret` is not shown and never written down."""

    key: str
    asks: str = ""
    hint: str = ""
    variable: str = ""
    secret: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """Something that a side of a mapping may cover. `name` is what people call it, `where` tells it from others of that
    name, `keys` are the keys of the side's table that choose it."""

    name: str
    where: str
    keys: Mapping[str, str]

    @property
    def title(self) -> str:
        return f"{self.name} ({self.where})" if self.where else self.name


class Surveyor(Protocol):
    """Looks around behind one token. Methods raise what trackers raise."""

    def places(self) -> Sequence[FoundPlace]:
        """Every place that a side of a mapping may cover, in the tracker's order."""

    def side(self, place: FoundPlace, answers: Mapping[str, str]) -> dict[str, Any]:
        """The side's table for that place, complete but for `tracker`."""

    def people(self, place: FoundPlace) -> Sequence[Person]:
        """Who works there, as far as it can be told in a few requests."""

    def close(self) -> None:
        """Ends connections. Idempotent."""


class Guide(Protocol):
    """`title` is what people call the tracker, `table` the name proposed for its table. `questions` come in order, an
    answer of a later one may be chosen from what `choices` finds with the earlier ones; `place` asks which of the
    surveyor's places is meant, `noun` is what those are called."""

    title: str
    table: str
    noun: str
    questions: tuple[Question, ...]
    place: Question
    narrowing: tuple[Question, ...]

    def connection(self, answers: Mapping[str, str]) -> dict[str, Any]:
        """The keys of [trackers.<name>] but for `kind`, with the answers as given: the token itself too."""

    def choices(self, key: str, answers: Mapping[str, str], clock: Clock, transport: Any) -> Sequence[tuple[str, str]]:
        """What a question may be answered with and what people call it; empty where anything may be right. Raises what
        trackers raise."""

    def surveyor(self, connection: BaseModel, clock: Clock, transport: Any) -> Surveyor:
        """Sends nothing until it is used."""
