"""Row: one fault of reliability.md, section 5 - how it strikes, what is expected of it, and where it is tested."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from reconciler.model.side import Side
from reconciler.simulators.kit.faults import Fault, Matcher
from tests.simulation.tape import Entry
from tests.simulation.world import World

Strike = Callable[[World], None]
Scenario = Callable[[World], None]

READS = {"left": "^GET |/wiql$|/workitemsbatch$", "right": "^GET "}
LISTINGS = {"left": "/wiql$", "right": r"^GET /api/v2/team/\d+/task$"}
CREATES = {"left": r"^POST .*/workitems/\$", "right": r"^POST /api/v2/list/\d+/task$"}
UPDATES = {"left": r"^PATCH .*/workitems/\d+$", "right": r"^PUT /api/v2/task/\w+$"}
WRITES = {
    "left": r"^(POST .*/(workitems/\$|comments)|(PATCH|PUT|DELETE) )",
    "right": "^(POST|PUT|DELETE) ",
}
BOTH: tuple[Side, Side] = ("left", "right")


@dataclass(frozen=True, slots=True)
class Row:
    """`strike` arms the fault in any world, at a moment that the world's seed decides; None where it cannot strike
    here. `scenario` is the fault alone, in a world made for it, with its expected behaviour. `elsewhere` says where a
    row without a scenario is tested, or why it is not."""

    number: int
    title: str
    expected: str
    strike: Strike | None = None
    scenario: Scenario | None = None
    elsewhere: str = ""

    @property
    def name(self) -> str:
        return f"fault_{self.number:02d}_{self.title}"

    def arm(self, world: World) -> None:
        """Strikes; only for rows that can."""
        assert self.strike is not None
        self.strike(world)


def some_side(world: World) -> Side:
    return world.random.choice(BOTH)


def nth(world: World, most: int = 2) -> int:
    return world.random.randint(0, most)


def sent(world: World, mark: int, side: Side, pattern: str) -> list[Entry]:
    """What was sent to a side since `mark`, by "METHOD /path"."""
    return [
        entry
        for entry in world.tape.since(mark)
        if entry.side == side and re.search(pattern, f"{entry.request.method} {entry.request.path}")
    ]


def on(world: World, name: str, side: Side, how: str, match: Matcher, *args: object, **options: object) -> Fault:
    """Injects a fault of the kit's by the name of its method, counted under the row's."""
    return world.strike(name, getattr(world.faults(side), how)(match, *args, **options))


def later_than_the_write(world: World) -> None:
    """What somebody does during a request, they do at least some milliseconds after the server's last write."""
    world.clock.advance(0.002)


def is_about(side: Side, key: str) -> str:
    """Requests that change the item itself."""
    return rf"^PATCH .*/workitems/{key}$" if side == "left" else rf"^(PUT|POST|DELETE) /api/v2/task/{key}\b"


def title(world: World) -> str:
    return f"Title {world.ledger.token()}"


def text(world: World) -> str:
    return f"text {world.ledger.token()}"


def some_live(world: World, side: Side) -> str | None:
    live = [key for key in world.people[side].live() if world.people[side].is_inside(key)]
    return world.random.choice(live) if live else None


def some_pair(world: World) -> tuple[str, str] | None:
    pairs = [
        (link.key("left"), link.key("right"))
        for link in (world.links() if world.up else ())
        if all(world.people[s].is_live(link.key(s)) and world.people[s].is_inside(link.key(s)) for s in BOTH)
    ]
    return world.random.choice(pairs) if pairs else None
