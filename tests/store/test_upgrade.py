"""Upgrade (I29): a store that a released version left behind is taken on without a single write to either side.

Each dump is what that version remembered of the same world, which the simulators make again, id for id. A change of
the schema, of how values are kept or of how they are compared must not look like an edit.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.support.duo import Duo

DUMPS = sorted((Path(__file__).parent / "schemas").glob("world-*.sql"))


def scenario(folder: Path) -> Duo:
    """Pairs that people made equal by themselves, so that the world does not depend on what a version writes, and what
    it remembers of them. `python -m tests.store.test_upgrade` prints it."""
    duo = Duo(folder)
    member = duo.mara_member.id
    bug = duo.developer.create(
        duo.projects[0],
        "Bug",
        "Log in",
        {
            "System.Description": "<div>Ein <b>Satz</b> &amp; ein <i>anderer</i></div><ul><li>1</li><li>2</li></ul>",
            "System.Tags": "blue; red",
            "System.AssignedTo": "mara.lindqvist@example.com",
            "Microsoft.VSTS.Common.Priority": 1,
        },
    )
    task = duo.planner.create_task(
        duo.lists[0],
        "Log in",
        markdown_content="Ein **Satz** & ein *anderer*\n\n*   1\n*   2",
        tags=["blue", "red"],
        assignees=[member],
        priority=1,
        custom_item_id=next(kind.id for kind in duo.workspace.task_types.values() if kind.name == "Bug"),
    )
    duo.developer.create(duo.projects[0], "Task", "Résumé 🙂", {"System.State": "Active"})
    duo.planner.create_task(duo.lists[0], "Résumé 🙂", status="in progress", priority=2)
    mark = duo.mark()
    for _ in range(4):
        duo.cycle(after_s=60)
    duo.developer.edit(bug, {"System.Title": "Sign in"})
    duo.planner.edit(task, name="Sign in")
    for _ in range(4):
        duo.cycle(after_s=60)
    written = [e for exchanges in duo.since(mark) for e in exchanges if e.writes]
    assert not written, [(e.method, e.path, e.body) for e in written]
    return duo


def test_there_is_a_dump_of_every_released_version() -> None:
    assert [dump.stem for dump in DUMPS] == ["world-1"]


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_a_store_of_an_earlier_version_is_taken_on_without_a_write(dump: Path, tmp_path: Path) -> None:
    duo = scenario(tmp_path)
    duo.store.close()
    (tmp_path / "store.db").unlink()
    connection = sqlite3.connect(tmp_path / "store.db")
    connection.executescript(dump.read_text())
    connection.close()
    duo.restart()
    try:
        mark = duo.mark()
        for number in range(4):
            [report] = duo.cycle(sweep=number == 3)
            assert (report.pending, report.in_doubt, report.paired, report.conflicts) == (0, 0, 0, 0)
        ado, clickup = duo.since(mark)
        assert (ado.writes, clickup.writes) == (0, 0)
        assert duo.store.count_links("web") == 2
        # Nor does the first edit afterwards find that anything else has changed.
        duo.developer.edit(1, {"Microsoft.VSTS.Common.Priority": 2})
        duo.settle()
        ado, clickup = duo.since(mark)
        assert ado.writes == 0
        assert [exchange.body for exchange in clickup if exchange.writes] == [b'{"priority":2}']
    finally:
        duo.close()


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        scenario(Path(folder)).close()
        with sqlite3.connect(Path(folder) / "store.db") as written:
            print(*written.iterdump(), sep="\n")
