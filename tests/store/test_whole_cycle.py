"""The whole engine on every database, not only the store's own methods."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.duo import Duo


@pytest.mark.parametrize("database", ["new_postgresql_url", "new_mysql_url"])
def test_both_sides_become_equal_on_a_database_server(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    duo = Duo(tmp_path, store_url=request.getfixturevalue(database))
    for number in range(10):
        item = duo.developer.create("Web", "Task", f"Item {number}", {"System.Description": "<p>héllo \U0001f389</p>"})
        duo.developer.comment(item, "<p>a remark</p>")
        duo.planner.create_task(duo.lists[0], f"Task {number}")
    duo.settle()
    duo.restart()
    duo.settle()
    items, tasks = duo.titles()
    assert items == tasks
    assert len(items) == 20
    duo.close()
