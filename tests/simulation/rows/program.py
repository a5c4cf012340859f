"""Rows 46 to 68: the process, its store, its configuration, and what other programs do."""

from __future__ import annotations

import json
from base64 import b64encode

from reconciler.model.policy import GuardLimits
from reconciler.simulators.kit.wire import Request, Response
from tests.simulation.mortality import fail
from tests.simulation.rows.row import BOTH, Row, nth, some_side, text
from tests.simulation.world import World


def fill_disk(world: World) -> None:
    world.fuse.arm(world.random.randint(1, 20), fail, lasts=True)
    world.later(60.0, world.fuse.disarm)
    world.happened("fault_49_disk_full")


def disk_full(world: World) -> None:
    _, right = world.pair()
    mark = world.tape.mark
    for writes in range(1, 9):
        world.fuse.arm(writes, fail, lasts=True)
        world.edit("right", right, "description", text(world))
        before = len([entry for entry in world.tape.since(mark) if entry.writes])
        world.cycle()
        after = len([entry for entry in world.tape.since(mark) if entry.writes])
        assert after <= before + 1, "nothing is sent once the store fails"
        assert world.up == (world.fuse.struck < writes) or not world.up
        world.fuse.disarm()
        world.happened("fault_49_disk_full")
        world.quiet()


def see_clearly(world: World) -> None:
    """What neither the store nor a tracker shows cannot be known by anybody."""
    for side in BOTH:
        world.show_late(side, 0.0)
        world.grant(side)
        world.hide(side, hidden=False)


def lose_store(world: World) -> None:
    see_clearly(world)
    world.lose_store()
    world.happened("fault_51_store_deleted")


def store_deleted(world: World) -> None:
    for side in BOTH:
        world.create(side, title=f"Title {world.ledger.token()}", description=text(world))
    world.quiet()
    for side in BOTH:
        world.edit(side, world.people[side].live()[0], "description", text(world))
    lose_store(world)
    world.quiet(cycles=20)
    assert len(world.people["left"].live()) == len(world.people["right"].live()) == 2


def restore_store(world: World) -> None:
    see_clearly(world)
    if not world.restore_store():
        world.back_up_store()
    world.happened("fault_52_store_restored")


def store_restored(world: World) -> None:
    left, right = world.pair()
    world.back_up_store()
    for side, key in zip(BOTH, (left, right), strict=True):
        world.edit(side, key, "description", text(world))
        world.comment(side, key)
        world.create(side, title=f"Title {world.ledger.token()}")
        world.quiet()
    mark = world.tape.mark
    restore_store(world)
    world.quiet(cycles=20)
    assert not [entry for entry in world.tape.since(mark) if entry.writes], "everything agrees already"


def states_are_mapped_anew(world: World) -> None:
    """The table now says what the categories said before."""
    for _ in range(2):
        world.pair()
    states = {"New": ("to do",), "Active": ("in progress", "in review"), "Closed": ("complete",)}
    mark = world.tape.mark
    world.configure(states=states)
    for number in range(4):
        world.cycle(sweep=number == 1)
    assert not [entry for entry in world.tape.since(mark) if entry.writes]


def bulk_edit(world: World) -> None:
    pairs = [world.pair() for _ in range(5)]
    world.configure(guard=GuardLimits(max_updates=3))
    world.start()
    mark = world.tape.mark
    for left, _ in pairs:
        world.edit("left", left, "description", text(world))
    for _ in range(3):
        report = world.cycle()
        assert report is not None
        assert report.problem_kind == "GuardTripped"
    assert not [entry for entry in world.tape.since(mark) if entry.writes]
    digest = report.problem.rpartition(" ")[2].rstrip("`") if report.problem else ""
    world.edit("left", pairs[0][0], "title", f"Title {world.ledger.token()}")
    report = world.cycle(allow=digest)
    assert report is not None
    assert report.problem_kind == "GuardTripped", "the permission was for another plan"
    digest = report.problem.rpartition(" ")[2].rstrip("`") if report.problem else ""
    world.cycle(allow=digest)
    world.quiet()
    assert len([entry for entry in world.tape.since(mark) if entry.writes]) == 5


def others_ask_too(world: World) -> None:
    """Another program uses up most of the budget of our token."""
    world.happened("fault_66_shared_token")
    request = Request("GET", "/api/v2/user", headers={"authorization": world.secrets[1]})
    for _ in range(world.rate_limit * 9 // 10):
        world.duo.clickup.handle(request)


def shared_token(world: World) -> None:
    left, _ = world.pair()
    for _ in range(3):
        others_ask_too(world)
        for _ in range(3):
            world.edit("left", left, "description", text(world))
            world.cycle()
    world.quiet()
    refused = [entry for entry in world.tape.entries if entry.side == "right" and entry.status == 429]
    assert len(refused) <= 1


def echo_secrets(world: World, after: int = 0) -> None:
    """An error that repeats the request's credentials, as some proxies do."""
    side = some_side(world)

    def repeat(request: Request) -> Response:
        token = world.secrets[0] if side == "left" else world.secrets[1]
        basic = b64encode(f":{token}".encode()).decode()
        said = f"bad request with {request.headers.get('authorization', '')}, {token} and {basic}"
        return Response(
            world.random.choice([400, 500]),
            {"content-type": "application/json"},
            json.dumps({"message": said, "err": said, "ECODE": "X"}).encode(),
        )

    world.strike(
        "fault_68_secrets_in_errors", world.faults(side).inject("secrets", ".", on_request=repeat, after=after)
    )


def secrets_in_errors(world: World) -> None:
    for after in range(4):
        left, right = world.pair()
        for _ in range(3):
            echo_secrets(world, after)
        world.edit("left", left, "description", text(world))
        world.edit("right", right, "title", f"Title {world.ledger.token()}")
        for _ in range(3):
            world.cycle()
        world.faults("left").clear()
        world.faults("right").clear()
    world.quiet(cycles=20)


_CRASH = "points of death are enumerated by the crash ring; here a crash may come at any request or store write"
_PROCESS = "tests/e2e: real processes"

ROWS = (
    Row(46, "killed", "", elsewhere=_CRASH),
    Row(47, "terminated", "", elsewhere="tests/e2e/test_daemon.py"),
    Row(48, "power_lost", "", elsewhere="as 46: tests/store/test_opening.py holds synchronous=FULL"),
    Row(49, "disk_full", "not sent; what was sent stays in doubt and is adopted", fill_disk, disk_full),
    Row(50, "store_locked_or_read_only", "", elsewhere="tests/e2e/test_store_accidents.py"),
    Row(51, "store_deleted", "marks are adopted: no duplicate", lose_store, store_deleted),
    Row(52, "store_restored", "equal values are accepted, marks adopted", restore_store, store_restored),
    Row(53, "two_daemons_one_store", "", elsewhere="tests/e2e/test_store_accidents.py, tests/store/test_opening.py"),
    Row(54, "two_daemons_cloned_store", "", elsewhere="not yet: needs an owner in the mark"),
    Row(55, "lease_holder_paused", "", elsewhere="not yet: needs several replicas; one host is held by a file lock"),
    Row(56, "misspelt_configuration", "", elsewhere="tests/config/test_load.py, tests/e2e/test_bad_input.py"),
    Row(57, "half_configured_mapping", "", elsewhere="tests/config, tests/e2e/test_commands.py"),
    Row(58, "states_mapped_anew", "no write where nothing changes for it", None, states_are_mapped_anew),
    Row(59, "bulk_edit", "the guard pauses; one plan is let through once", None, bulk_edit),
    Row(65, "parents", "", elsewhere="not yet: needs hierarchy"),
    Row(66, "shared_token", "the tracker's count slows us down", others_ask_too, shared_token),
    Row(67, "memory_pressure", "", elsewhere="not yet: tests/scale measures requests, not memory"),
    Row(68, "secrets_in_errors", "struck out everywhere", lambda w: echo_secrets(w, nth(w)), secrets_in_errors),
)
