"""Rules: what may happen in a history, drawn from its seed (reliability.md, section 2, "state machine").

Each rule is one method of `Persons` (what people do), `Trouble` (what breaks) or `House` (what happens to the program).
How often each happened is counted under its name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from reconciler.model.policy import Direction, Rule
from reconciler.model.side import SIDES, Side, other
from tests.simulation import people
from tests.simulation.ledger import UNIQUE
from tests.simulation.mortality import die
from tests.simulation.rows import STRIKES
from tests.simulation.rows.program import lose_store, restore_store
from tests.simulation.world import YEAR_S, World

ADDRESSES = ("mara.lindqvist@example.com", "sync@example.com")
Act = Callable[[Side], None]


class Persons:
    """What people do. Every method does nothing where there is nothing to do it to."""

    def __init__(self, world: World) -> None:
        self.world, self.random = world, world.random
        self._often: Sequence[Act] = (self.edit, self.edit, self.edit, self.same_value, self.different_values)
        self._seldom: Sequence[Act] = (
            *(self.create, self.create, self.bulk_edit, self.delete, self.restore, self.move, self.copy_with_marker),
            *(self.add_comment, self.add_comment, self.edit_comment, self.delete_comment),
        )

    def act(self) -> None:
        """One thing, by somebody. Stamps collide where no time passes."""
        self.world.pass_time(self.random.choice([0.0, 0.0, 0.4, 1.0]))
        rule = self.random.choice([*self._often, *self._often, *self._seldom])
        rule(self.random.choice(SIDES))
        self.world.happened(f"rule {rule.__name__}")

    def edit(self, side: Side) -> None:
        if key := self._somewhere(side):
            name = self.random.choice(people.FIELDS)
            self.world.edit(side, key, name, self.value(side, name, key))

    def bulk_edit(self, side: Side) -> None:
        name = self.random.choice(UNIQUE)
        for key in self.world.people[side].live()[:6]:
            self.world.edit(side, key, name, self.value(side, name, key))

    def create(self, side: Side) -> None:
        names = self.random.sample(people.FIELDS[1:], self.random.randint(0, 3))
        fields = {name: self.value(side, name, None) for name in names}
        self.world.create(side, title=self.value(side, "title", None), **fields)

    def delete(self, side: Side) -> None:
        if (key := self._somewhere(side)) and self.random.random() < 0.6:
            self.world.delete(side, key)

    def restore(self, side: Side) -> None:
        gone = [key for key in self.world.people[side].gone() if (side, key) in self.world.ledger.deleted]
        if gone:
            self.world.restore(side, self.random.choice(gone))

    def move(self, side: Side) -> None:
        """Out of what the mapping covers, and most of the time back again."""
        away = [key for s, key in sorted(self.world.ledger.away) if s == side and self.world.people[side].is_live(key)]
        if away and self.random.random() < 0.8:
            self.world.move(side, self.random.choice(away), out=False)
        elif (key := self._somewhere(side)) and self.random.random() < 0.5:
            self.world.move(side, key, out=True)

    def copy_with_marker(self, side: Side) -> None:
        if key := self._somewhere(side):
            self.world.copy(side, key)

    def add_comment(self, side: Side) -> None:
        if key := self._somewhere(side):
            self.world.comment(side, key)

    def edit_comment(self, side: Side) -> None:
        if found := self._said_by_people(side):
            self.world.edit_comment(side, *found)

    def delete_comment(self, side: Side) -> None:
        if found := self._said_by_people(side):
            self.world.delete_comment(side, *found)

    def same_value(self, side: Side) -> None:
        self._both(side, same=True)

    def different_values(self, side: Side) -> None:
        self._both(side, same=False)

    def _both(self, side: Side, *, same: bool) -> None:
        key = self._somewhere(side)
        partner = self.world.partner(side, key) if key and self.world.up else None
        if key is None or partner is None or not self.world.people[other(side)].is_live(partner):
            return
        name = self.random.choice(UNIQUE if same else people.FIELDS)
        value = self.value(side, name, key)
        self.world.edit(side, key, name, value)
        self.world.edit(other(side), partner, name, value if same else self.value(other(side), name, partner))

    def value(self, side: Side, name: str, key: str | None) -> Any:
        ledger, pick = self.world.ledger, self.random.choice
        match name:
            case "title":
                return f"Title {ledger.token()}"
            case "description":
                return f"text {ledger.token()}"
            case "start_date" | "due_date":
                return ledger.day()
            case "state":
                return pick([0, 1, 2])
            case "priority":
                return pick([1, 2, 3, 4])
            case "assignees":
                return pick([(), (ADDRESSES[0],), (ADDRESSES[1],)])
        have = self.world.people[side].face(key)["tags"] if key else ()
        return (*(tag for tag in have if self.random.random() < 0.7), f"tag-{ledger.token()}")

    def _somewhere(self, side: Side) -> str | None:
        live = [key for key in self.world.people[side].live() if (side, key) not in self.world.ledger.away]
        return self.random.choice(live) if live else None

    def _said_by_people(self, side: Side) -> tuple[str, str] | None:
        shown = self.world.people[side]
        found = [(key, comment) for key in shown.live() for comment in shown.own_comments(key)]
        return self.random.choice(found) if found else None


class Trouble:
    """What breaks between now and the end of the next cycle, or until it is healed."""

    def __init__(self, world: World, persons: Persons) -> None:
        self.world, self.random, self.persons = world, world.random, persons
        self._rules = (*[self.inject] * 5, *[self.edit_during] * 3, *[self.crash] * 3, self.visibility, self.skew)

    def act(self) -> None:
        rule = self.random.choice(self._rules)
        rule()
        self.world.happened(f"rule {rule.__name__}")

    def inject(self) -> None:
        row = self.random.choice([row for row in STRIKES if row.number not in (51, 52)])
        self.world.say(f"fault: {row.name}")
        row.arm(self.world)

    def edit_during(self) -> None:
        """Somebody acts at the n-th request: before the server sees it, or before we see its answer."""
        side = self.random.choice(SIDES)
        act = partial(self._meanwhile, self.random.choice(SIDES))
        how = self.random.choice([self.world.faults(side).before, self.world.faults(side).between])
        how(".", act, after=self.random.randint(0, 8))

    def _meanwhile(self, side: Side) -> None:
        self.world.say("meanwhile:")
        self.world.pass_time(0.002)
        self.random.choice([self.persons.edit, self.persons.edit, self.persons.add_comment, self.persons.create])(side)

    def crash(self) -> None:
        """At a request, before it is sent or once it is committed; or at any write of the store."""
        side, nth = self.random.choice(SIDES), self.random.randint(0, 6)
        match self.random.choice(["before", "after", "store", "store"]):
            case "before":
                self.world.faults(side).before(".", die, after=nth)
            case "after":
                self.world.faults(side).between(".", die, after=nth)
            case _:
                self.world.fuse.arm(self.random.randint(1, 60))

    def visibility(self) -> None:
        if not self.world.ledger.past_was_lost:  # what neither store nor listing shows cannot be known
            self.world.show_late(self.random.choice(SIDES), self.random.choice([0.0, 5.0, 30.0]))

    def skew(self) -> None:
        """A server's clock drifts; by how much it is wrong was decided at the beginning."""
        side = self.random.choice(SIDES)
        self.world.skew(side, self.world.skew_of(side) + self.random.choice([-2.0, 2.0, 5.0]))


class House:
    """What happens to the program between two cycles."""

    def __init__(self, world: World) -> None:
        self.world, self.random = world, world.random
        self._rules: Sequence[Callable[[], None]] = (
            *[self.advance_time] * 4,
            *(self.jump_local_clock, self.jump_local_clock, self.restart, self.restart),
            *(self.back_up, self.restore_backup, self.drop_store, self.change_config, self.revoke_access),
        )

    def act(self) -> None:
        rule = self.random.choice(self._rules)
        rule()
        self.world.happened(f"rule {rule.__name__}")

    def advance_time(self) -> None:
        self.world.pass_time(self.random.choice([5.0, 100.0, 700.0, 25_000.0]))

    def jump_local_clock(self) -> None:
        self.world.duo.local.ahead_s = self.random.choice([-10 * YEAR_S, -3_600.0, 0.0, 3_600.0, 10 * YEAR_S])
        self.world.say(f"the local clock is {self.world.duo.local.ahead_s} s ahead")

    def restart(self) -> None:
        self.world.stop("is restarted")

    def back_up(self) -> None:
        self.world.back_up_store()

    def restore_backup(self) -> None:
        restore_store(self.world)

    def drop_store(self) -> None:
        if self.random.random() < 0.3:
            lose_store(self.world)

    def change_config(self) -> None:
        self.world.configure(conflict=self.random.choice(list(Rule)))
        if self.random.random() < 0.3:
            direction = self.random.choice([Direction.TO_LEFT, Direction.TO_RIGHT, Direction.OFF])
            self.world.ledger.one_way.add("due_date")
            self.world.configure(directions={"due_date": direction})

    def revoke_access(self) -> None:
        side = self.random.choice(SIDES)
        if self.random.random() < 0.5:
            self.world.revoke(side)
            self.world.later(self.random.choice([30.0, 90.0]), partial(self.world.grant, side))
        else:
            self.world.hide(side)
            self.world.later(self.random.choice([30.0, 90.0]), partial(self.world.hide, side, hidden=False))
