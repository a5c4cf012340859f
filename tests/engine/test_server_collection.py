"""Azure DevOps Server, named by the address of a collection."""

from __future__ import annotations

from pathlib import Path

from tests.support.duo import Duo


def test_a_collection_of_a_server_is_synchronised_like_an_organisation(tmp_path: Path) -> None:
    duo = Duo(tmp_path, azure_url="https://tfs.example.com/tfs/DefaultCollection")
    item = duo.developer.create("Web", "Bug", "Crash", {"System.AssignedTo": "mara.lindqvist@example.com"})
    duo.developer.comment(item, "<p>seen today</p>")
    task = duo.planner.create_task(duo.lists[0], "Pay by card")
    duo.settle()
    duo.planner.edit(task, name="Pay by phone")
    duo.settle()
    assert duo.titles() == (["Crash", "Pay by phone"], ["Crash", "Pay by phone"])
    copy = next(t for t in duo.clickup.world.tasks.values() if t.name == "Crash")
    assert "https://tfs.example.com/tfs/DefaultCollection/Web/_workitems/edit/1" in copy.markdown
    assert [member.address for member in copy.assignees] == ["mara.lindqvist@example.com"]
    assert len(copy.comments) == 1
    duo.close()
