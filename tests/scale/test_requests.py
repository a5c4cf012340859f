"""What synchronising costs in requests, counted by the simulated servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reconciler.simulators.kit.request_log import Exchanges
from tests.support import looks
from tests.support.duo import Duo

MakeDuo = Callable[..., Duo]


@pytest.fixture
def make_duo(tmp_path: Path) -> Iterator[MakeDuo]:
    made: list[Duo] = []

    def make(**options: object) -> Duo:
        made.append(Duo(tmp_path, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for duo in made:
        duo.close()


def besides_looks(exchanges: Exchanges) -> int:
    return len(looks.besides_looks(exchanges, lambda e: (e.method, e.path)))


def assert_idle(duo: Duo, *, cycles: int = 5) -> None:
    for _ in range(cycles):
        mark = duo.mark()
        duo.cycle()
        ado, clickup = duo.since(mark)
        assert len(ado) == 2, ado.by_route  # what changed, and who got another parent
        assert besides_looks(clickup) == 1, clickup.by_route
        assert ado.writes == clickup.writes == 0


@pytest.mark.parametrize("items", [10, 300])
def test_an_idle_cycle_costs_three_requests_however_many_items_are_linked(make_duo: MakeDuo, items: int) -> None:
    duo = make_duo(requests_per_minute=10_000)
    duo.seed_pairs(items)
    duo.settle()
    assert sum(duo.store.count_links(context.name) for context in duo.contexts) == items
    assert_idle(duo)


@pytest.mark.parametrize("mappings", [1, 5, 20])
def test_an_idle_cycle_costs_three_requests_however_many_mappings_share_the_credentials(
    make_duo: MakeDuo, mappings: int
) -> None:
    duo = make_duo(mappings=mappings, requests_per_minute=10_000)
    duo.seed_pairs(mappings * 3)
    duo.settle()
    assert_idle(duo)


def test_a_cycle_right_after_many_changes_is_idle_too(make_duo: MakeDuo) -> None:
    duo = make_duo()
    for number in range(30):
        duo.developer.create("Web", "Task", f"Item {number}")
    duo.settle()
    assert_idle(duo, cycles=3)


def test_twenty_edits_of_one_field_between_polls_make_one_write(make_duo: MakeDuo) -> None:
    duo = make_duo()
    item = duo.developer.create("Web", "Task", "Draft")
    duo.settle()
    mark = duo.mark()
    for number in range(20):
        duo.developer.edit(item, {"System.Title": f"Draft {number}"})
    duo.settle()
    ado, clickup = duo.since(mark)
    assert (ado.writes, clickup.writes) == (0, 1)
    assert duo.titles() == (["Draft 19"], ["Draft 19"])


def test_many_changed_work_items_cost_hardly_more_than_one_clickup_request_each(make_duo: MakeDuo) -> None:
    """At the ceiling, where it takes minutes and what is written blindly is looked at again every ten seconds."""
    duo = make_duo(requests_per_minute=100)
    duo.seed_pairs(300)
    duo.settle()
    mark = duo.mark()
    for number, item in enumerate(list(duo.azure.world.items.values())):
        if number % 2:
            duo.developer.edit(item, {"System.Title": f"Renamed {number}"})
        else:
            duo.developer.edit(item, {"System.State": "Active"})
    duo.settle()
    ado, clickup = duo.since(mark)
    assert clickup.writes == 300
    assert besides_looks(clickup) <= 324
    assert ado.writes == 0


def test_changed_tasks_cost_one_azure_devops_write_each(make_duo: MakeDuo) -> None:
    duo = make_duo(requests_per_minute=10_000)
    duo.seed_pairs(100)
    duo.settle()
    mark = duo.mark()
    for task in list(duo.clickup.world.tasks.values()):
        duo.planner.edit(task, priority=1)
    duo.settle()
    ado, clickup = duo.since(mark)
    assert ado.writes == 100
    assert ado.reads <= 12, ado.by_route
    assert clickup.writes == 0


def test_a_catch_up_runs_at_the_ceiling_without_one_refusal(make_duo: MakeDuo) -> None:
    duo = make_duo(requests_per_minute=100)
    count = 300
    for number in range(count):
        duo.developer.create("Web", "Task", f"Item {number}")
    duo.clock.advance(3600)
    mark, started_s = duo.mark(), duo.clock.monotonic_s()
    duo.cycle(after_s=0)
    elapsed_minutes = (duo.clock.monotonic_s() - started_s) / 60
    _, clickup = duo.since(mark)
    assert clickup.by_status[429] == 0
    assert clickup.writes == count
    # The ceiling allows a hundred at once and a hundred more every minute.
    fastest_minutes = (len(clickup) - 1) // 100
    assert fastest_minutes / elapsed_minutes >= 0.98
