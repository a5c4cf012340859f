"""Probing: experiments at scratch places, and remembering what they taught."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from reconciler.clock import Clock
from reconciler.config import Config
from reconciler.errors import ConfigError
from reconciler.model.finding import Finding, Level
from reconciler.model.side import SIDES
from reconciler.propose import alike
from reconciler.store import Store
from reconciler.trackers.guide import FoundPlace
from reconciler.trackers.probe import Learned, carry_out
from reconciler.trackers.registry import KINDS


def probe(
    config: Config, scratch: Mapping[str, str], clock: Clock, transports: Mapping[str, Any] | None = None
) -> Iterator[tuple[str, list[Learned], Sequence[str]]]:
    """Per tracker name: what was learned at its scratch place (name or id), and what could not be cleaned up. Nothing
    is written before every place is known to be there and in no mapping; else raises ConfigError. Raises what trackers
    raise; whatever happens, what was made is deleted."""
    network = transports or {}
    places = {name: _place(config, name, wanted, clock, network.get(name)) for name, wanted in scratch.items()}
    for name, (side, _) in places.items():
        kind = KINDS[_kind(config, name)]
        with closing(kind.laboratory(config.trackers[name], side, clock, network.get(name))) as lab:
            left: Sequence[str] = ()
            try:
                learned = list(carry_out(kind.experiments, lab))
            finally:
                left = lab.clean_up()
        yield name, learned, left


def _kind(config: Config, name: str) -> str:
    return str(config.trackers[name].kind)  # type: ignore[attr-defined]


def _place(config: Config, name: str, wanted: str, clock: Clock, transport: Any) -> tuple[Any, FoundPlace]:
    if name not in config.trackers:
        raise ConfigError([f"--probe: there is no [trackers.{name}]; there are {', '.join(config.trackers)}"])
    kind = KINDS[_kind(config, name)]
    with closing(kind.guide.surveyor(config.trackers[name], clock, transport)) as surveyor:
        known = surveyor.places()
        found = [place for place in known if wanted in place.keys.values() or wanted in (place.name, place.title)]
        if len(found) != 1:
            near = max(known, key=lambda place: alike(wanted, place.name), default=None)
            hint = f'did you mean "{near.title}"?' if near and not found else "name one by its id"
            count = "no" if not found else "more than one"
            raise ConfigError([f'--probe: {kind.guide.title} has {count} {kind.guide.noun} "{wanted}"; {hint}'])
        try:
            side = kind.side.model_validate({"tracker": name, **surveyor.side(found[0], {})})
        except ValidationError as refused:
            raise ConfigError([f"--probe: {found[0].title} cannot be used: {refused.errors()[0]['msg']}"]) from None
    for mapping in config.mappings:
        if any(mapping.side(s).tracker == name and kind.overlap(mapping.side(s).settings, side) for s in SIDES):
            what = f'--probe: {kind.guide.noun} "{found[0].title}" is synchronised by mapping "{mapping.name}"'
            raise ConfigError([f"{what}; name one that is not, so that nothing of the experiments is copied"])
    return side, found[0]


# --- remembering ---------------------------------------------------------------------------------------------------


def remember(store: Store, name: str, learned: Sequence[Learned], at: datetime) -> None:
    """Takes the place of what was learned of that tracker before."""
    document = {"at": at.isoformat(), "learned": [asdict(entry) for entry in learned]}
    store.set_meta(_key(name), json.dumps(document, ensure_ascii=False))


def remembered(store: Store, name: str) -> tuple[list[Learned], datetime | None]:
    """What was learned of a tracker, and when; nothing where it was never probed."""
    text = store.meta(_key(name))
    if not text:
        return [], None
    document = json.loads(text)
    return [Learned(**entry) for entry in document["learned"]], datetime.fromisoformat(document["at"])


def findings(name: str, learned: Sequence[Learned], at: datetime | None) -> Iterator[Finding]:
    """As `check` shows it: a warning where the service does otherwise than is assumed."""
    when = f", tried on {at:%Y-%m-%d}" if at else ""
    for entry in learned:
        level = Level.WARNING if entry.surprises else Level.OK
        yield Finding(level, name, f"{entry.question} {entry.answer}{when}", entry.matters if entry.surprises else "")


def _key(name: str) -> str:
    return f"learned:{name}"
