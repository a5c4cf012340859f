"""Beginning: the conversation of `init`, with somebody at a terminal or with nobody; then the same is refused in a
sentence where it would have been asked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from reconciler.cli.asking import Asker, position
from reconciler.clock import Clock
from reconciler.errors import ConfigError, ReconcilerError, Unauthorized
from reconciler.model.side import SIDES, Side, other
from reconciler.propose import SURE, places
from reconciler.start import Chosen, Doorway, knock, look_around, options
from reconciler.trackers.guide import FoundPlace, Question
from reconciler.trackers.registry import KINDS


def answered(kind: str, environ: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """What needs not be asked: what was `given`, else what the environment says."""
    guide = KINDS[kind].guide
    every = (*guide.questions, guide.place, *guide.narrowing)
    found = {question.key: environ.get(question.variable, "").strip() for question in every if question.variable}
    return {key: text for key, text in {**found, **given}.items() if text}


def enter(kind: str, name: str, known: Mapping[str, str], clock: Clock, asker: Asker | None) -> Doorway:
    """Asks what is not known yet until the tracker lets us in; without an asker the first mistake is raised."""
    guide = KINDS[kind].guide
    if asker is not None:
        asker.say(f"{guide.title}:")
    answers = dict(known)
    defaults: dict[str, str] = {}
    while True:
        try:
            for question in guide.questions:
                if question.asks and question.key not in answers:
                    answers[question.key] = _answer(kind, question, answers, defaults, clock, asker)
            return knock(kind, name, answers, clock)
        except ReconcilerError as error:
            if asker is None:
                raise
            for problem in error.problems if isinstance(error, ConfigError) else [str(error)]:
                asker.say(problem)
            refused = {question.key for question in guide.questions if question.secret}
            defaults = {k: v for k, v in answers.items() if not (isinstance(error, Unauthorized) and k in refused)}
            asked = {question.key for question in guide.questions if question.asks}
            answers = {key: text for key, text in answers.items() if key not in asked}


def _answer(
    kind: str,
    question: Question,
    answers: Mapping[str, str],
    defaults: Mapping[str, str],
    clock: Clock,
    asker: Asker | None,
) -> str:
    guide, found = KINDS[kind].guide, options(kind, question.key, answers, clock)
    if len(found) == 1:
        return found[0][0]
    names = [f"{name} ({key})" for key, name in found]
    if asker is None:
        which = f"; one of: {', '.join(names)}" if names else f": {question.hint}"
        raise ConfigError([f"{guide.title}: {question.asks} is not given; set {question.variable}{which}"])
    if found:
        keys = [key for key, _ in found]
        earlier = defaults.get(question.key, "")
        return keys[asker.choose(question.asks, names, keys.index(earlier) if earlier in keys else 0)]
    return asker.text(question.asks, question.hint, defaults.get(question.key, ""), secret=question.secret)


def choose(doors: Mapping[Side, Doorway], clock: Clock, asker: Asker | None) -> dict[Side, Chosen]:
    """The place on each side: the one that was given, the only one, the one whose name is like the other's; or the one
    that is chosen."""
    found = {side: _candidates(doors[side], side, asker) for side in SIDES}
    while True:
        picked = _pick(doors, found, asker)
        try:
            return {side: look_around(doors[side], picked[side], clock) for side in SIDES}
        except ReconcilerError as error:
            if asker is None:
                raise
            asker.say(str(error))
            found = {side: list(doors[side].places) for side in SIDES}


def _candidates(door: Doorway, side: Side, asker: Asker | None) -> list[FoundPlace]:
    """All places, or the one that was named beforehand."""
    named = door.answers.get(door.guide.place.key, "")
    if not named:
        return list(door.places)
    by_key = [place for place in door.places if named in place.keys.values()]
    by_name = [place for place in door.places if named.casefold() in (place.name.casefold(), place.title.casefold())]
    at = position(named, [place.title for place in door.places]) if not named.isdecimal() else None
    if by_key or by_name or at is not None:
        return by_key or by_name or [door.places[at or 0]]
    names = [place.name for place in door.places]
    near = get_close_matches(named, names, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"there is: {_listed(names)}"
    problem = f'{door.guide.title} has no {door.guide.noun} "{named}" that this token sees; {hint} (--{side}-place)'
    if asker is None:
        raise ConfigError([problem])
    asker.say(problem)
    return list(door.places)


def _pick(
    doors: Mapping[Side, Doorway], found: Mapping[Side, Sequence[FoundPlace]], asker: Asker | None
) -> dict[Side, FoundPlace]:
    names = {side: [place.name for place in found[side]] for side in SIDES}
    pairs = places(names["left"], names["right"])
    if asker is not None:
        left = _asked(doors["left"], found["left"], pairs[0][0] if pairs else 0, asker)
        at = found["left"].index(left)
        likely = places([left.name], names["right"])
        partner = next((j for i, j, _ in pairs if i == at), likely[0][1] if likely else 0)
        return {"left": left, "right": _asked(doors["right"], found["right"], partner, asker)}
    if all(len(found[side]) == 1 for side in SIDES):
        return {side: found[side][0] for side in SIDES}
    sure = [(i, j) for i, j, score in pairs if score >= SURE]
    if len(sure) == 1 and _is_unrivalled(sure[0], names):
        return {"left": found["left"][sure[0][0]], "right": found["right"][sure[0][1]]}
    raise ConfigError([_unclear(doors[side], side, found) for side in SIDES if len(found[side]) > 1])


def _is_unrivalled(pair: tuple[int, int], names: Mapping[Side, Sequence[str]]) -> bool:
    """Whether no other place carries the same name as one of the two."""
    chosen: dict[Side, str] = {"left": names["left"][pair[0]], "right": names["right"][pair[1]]}
    return all([name.casefold() for name in names[side]].count(chosen[side].casefold()) == 1 for side in SIDES)


def _unclear(door: Doorway, side: Side, found: Mapping[Side, Sequence[FoundPlace]]) -> str:
    theirs = found[other(side)]
    partner = f' belongs to "{theirs[0].title}"' if len(theirs) == 1 else " is meant"
    which = f"--{side}-place or {door.guide.place.variable}"
    titles = _listed([f"{place.title}, {next(iter(place.keys.values()))}" for place in found[side]])
    return f"{door.guide.title}: which {door.guide.noun}{partner} is not clear; name it with {which}: {titles}"


def _asked(door: Doorway, found: Sequence[FoundPlace], default: int, asker: Asker) -> FoundPlace:
    if len(found) == 1:
        return found[0]
    return found[asker.choose(f"{door.guide.title} {door.guide.noun}", [place.title for place in found], default)]


def _listed(names: Sequence[str], most: int = 12) -> str:
    return "; ".join(names[:most]) + (f"; and {len(names) - most} more" if len(names) > most else "")
