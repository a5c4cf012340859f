"""Lookalikes: findings of `check` about names that lead nowhere, each with the line that was probably meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.config import MappingConfig
from reconciler.connections import Connections
from reconciler.errors import TrackerError
from reconciler.mapping.choices import fold
from reconciler.mapping.custom_fields import JoinedField
from reconciler.model.field import Kind
from reconciler.model.finding import Finding, Level
from reconciler.model.side import SIDES, Side
from reconciler.propose import SURE, alike
from reconciler.trackers.guide import FoundPlace

SHOWN_MAX = 5


def lost_places(connections: Connections, mapping: MappingConfig) -> Iterator[Finding]:
    """Sides whose place is not among those that the token sees, with the most similar ones that are."""
    for side in SIDES:
        chosen = mapping.side(side)
        guide = connections.guide(chosen.tracker)
        key = guide.place.key
        named = getattr(chosen.settings, key, None)
        if not isinstance(named, str):
            continue  # a larger place, which says itself what is wrong
        try:
            places = connections.places(chosen.tracker)
        except TrackerError:
            continue
        if any(fold(place.keys.get(key, "")) == fold(named) for place in places):
            continue
        yield Finding(
            Level.ERROR,
            mapping.name,
            f'{guide.title} has no {guide.noun} "{named}" that this token sees',
            "nothing can be synchronised there",
            f"[mappings.{side}] {_nearest(places, key, named)}",
            error="Rejected",
        )


def _nearest(places: Sequence[FoundPlace], key: str, named: str) -> str:
    ranked = sorted(places, key=lambda place: -max(alike(named, place.name), alike(named, place.keys.get(key, ""))))
    lines = [
        f'{key} = "{place.keys[key]}"' + (f" ({place.name})" if place.keys[key] != place.name else "")
        for place in ranked[:SHOWN_MAX]
    ]
    return " or ".join(lines) if lines else f"give the token the right to see one, and name it in {key}"


def unknown_people(connections: Connections, mapping: MappingConfig) -> Iterator[Finding]:
    """Addresses in [mappings.people] that nobody has."""
    for left, right in mapping.policy.people.items():
        for side in SIDES:
            address = left if side == "left" else right
            tracker = connections.tracker(mapping.side(side).tracker)
            if tracker.person(address) is not None:
                continue
            near = _nearest_address(connections, mapping, side, address)
            line = f'"{near}" = "{right}"' if side == "left" else f'"{left}" = "{near}"'
            yield Finding(
                Level.WARNING,
                mapping.name,
                f'[mappings.people] "{address}": nobody on the {side} has that address',
                "what is assigned to them stays unassigned on the other side",
                f"[mappings.people] {line}" if near else "write the address of an account there, or take the line out",
            )


def _nearest_address(connections: Connections, mapping: MappingConfig, side: Side, address: str) -> str:
    try:
        known = [person.address for person in connections.people(mapping, side) if person.address]
    except TrackerError:
        return ""
    near = max(known, key=lambda other: alike(address, other), default="")
    return near if near and alike(address, near) >= SURE else ""


def missing_options(mapping: str, joined: JoinedField) -> Iterator[Finding]:
    """Choices of a joined field that the other side has no word for."""
    left, right = joined.fields["left"], joined.fields["right"]
    if joined.kind is not Kind.CHOICE or not left.options or not right.options:
        return
    lost = [option for option in left.options if joined.translate(option, "right") is None]
    if not lost:
        return
    lines = [f'"{option}" = "{max(right.options, key=lambda name: alike(option, name))}"' for option in lost]
    known = [
        f'"{option}" = "{word}"'
        for option in left.options
        if (word := joined.choices.translate(option, "right")) and option not in lost
    ]
    yield Finding(
        Level.WARNING,
        mapping,
        f"{left.name}: {', '.join(lost)} on the left {'has' if len(lost) == 1 else 'have'} no counterpart on the right",
        "an item with that choice keeps what its partner has",
        f"values = {{ {', '.join([*known, *lines])} }}",
    )
