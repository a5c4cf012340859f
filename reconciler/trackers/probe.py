"""Probe: trying out, on items made for it, what nobody has confirmed of a service. Each kind brings its experiments.

An experiment writes only to items that it made, in a place that somebody named for it, and the laboratory deletes every
one of them afterwards, whatever happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from reconciler.errors import TrackerError

TITLE = "reconciler probe, made to be deleted"

UNTOLD = "could not be told"


@dataclass(frozen=True, slots=True)
class Learned:
    """What a service does. `assumed` is what this program takes for granted until it is told; `matters` says what
    follows where the answer is another one."""

    key: str
    question: str
    answer: str
    assumed: str
    matters: str

    @property
    def surprises(self) -> bool:
        return self.answer != self.assumed and not self.answer.startswith(UNTOLD)


class Laboratory(Protocol):
    """A scratch place behind a token. Every item that an experiment makes is in `made` before anything else is done."""

    def clean_up(self) -> Sequence[str]:
        """Deletes what was made; sentences about what could not be."""

    def close(self) -> None:
        """Ends connections. Idempotent."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """`run` gets the laboratory of its kind and answers in a word."""

    key: str
    question: str
    assumed: str
    matters: str
    run: Callable[[Any], str]


def carry_out(experiments: Sequence[Experiment], lab: Laboratory) -> Iterator[Learned]:
    """Each experiment's answer; one that the service refuses says so and spoils no other."""
    for each in experiments:
        try:
            answer = each.run(lab)
        except TrackerError as refused:
            answer = f"{UNTOLD}: {refused.message}"
        yield Learned(each.key, each.question, answer, each.assumed, each.matters)


def yes_or_no(answer: bool) -> str:
    return "yes" if answer else "no"
