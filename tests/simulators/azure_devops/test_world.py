"""Whatever people do, in whatever order, the world stays in order."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from reconciler.clock import VirtualClock
from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.azure_devops.errors import ApiError
from reconciler.simulators.azure_devops.people import Person
from reconciler.simulators.azure_devops.relation_types import RELATION_TYPES

KINDS = ["System.LinkTypes.Hierarchy-Forward", "System.LinkTypes.Hierarchy-Reverse", "System.LinkTypes.Related"]


def act(chance: random.Random, azure: AzureDevOps, person: Person) -> None:
    """One thing that somebody might do, sensible or not."""
    number = chance.randint(1, max(1, len(azure.world.items)))
    other = chance.randint(1, max(1, len(azure.world.items)))
    match chance.randrange(9):
        case 0 | 1:
            person.create(chance.choice(["Web", "Shop"]), chance.choice(["Task", "Bug"]), "x")
        case 2:
            person.edit(
                number, {"System.Title": f"t{chance.randrange(3)}", "System.Tags": chance.choice(["", "a", "b; a"])}
            )
        case 3 | 4:
            person.link(number, chance.choice(KINDS), other)
        case 5:
            person.unlink(number, chance.choice(KINDS), other)
        case 6:
            person.comment(number, "c")
        case 7:
            chance.choice([person.delete, person.restore])(number)
        case 8:
            person.move(number, chance.choice(["Web", "Shop"]))


@pytest.mark.parametrize("seed", range(5))
def test_links_have_two_ends_revisions_have_no_gaps_and_nothing_is_lost(seed: int) -> None:
    chance = random.Random(seed)
    clock = VirtualClock()
    azure = AzureDevOps(clock)
    for name in ("Web", "Shop"):
        azure.add_project(name)
    people = [azure.as_user(azure.add_user(name, f"{name}@example.com")) for name in ("ada", "bo")]
    refused: Counter[int] = Counter()
    for _ in range(400):
        clock.advance(chance.choice([0, 0.0004, 2]))
        try:
            act(chance, azure, chance.choice(people))
        except ApiError as error:
            refused[error.status] += 1
    world = azure.world
    assert refused.keys() <= {400, 404}
    assert sum(len(item.revisions) for item in world.items.values()) == len(world.revision_log)
    assert [revision.watermark for _, revision in world.revision_log] == list(range(1, len(world.revision_log) + 1))
    for item in world.items.values():
        assert [revision.rev for revision in item.revisions] == list(range(1, item.rev + 1))
        times = [revision.changed_at for revision in item.revisions]
        assert times == sorted(set(times))
        assert sum(update.changes_fields for update in item.updates) == item.rev
        assert sum(relation.rel == KINDS[1] for relation in item.relations) <= 1
        for relation in item.relations:
            assert relation.target
            opposite = RELATION_TYPES[relation.rel].opposite
            assert [back.target for back in relation.target.relations if back.rel == opposite].count(item) == 1
    by_change = sorted(world.items.values(), key=lambda item: (item.current.changed_at, item.id))
    assert world.changed_since(by_change[0].current.changed_at) == by_change
