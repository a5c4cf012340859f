"""People at the web pages, under the same rules as clients."""

from __future__ import annotations

import pytest

from reconciler.clock import VirtualClock
from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.azure_devops.errors import ApiError
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.people import Person
from tests.simulators.azure_devops.caller import Caller, put


def test_a_person_creates_edits_and_is_named_as_the_author(api: Caller, web: Project, bo: Person) -> None:
    item = bo.create(web, "Bug", "Search", {"Assigned To": "ada@example.com", "State": "Active"})
    assert (item.rev, item.fields["System.State"], item.fields["System.Reason"]) == (2, "Active", "Approved")
    bo.edit(item, {"System.Description": "**x**"}, markdown=["System.Description"])
    shown = api.item(item.id)
    assert shown["fields"]["System.ChangedBy"]["displayName"] == "Bo Muster"
    assert shown["multilineFieldsFormat"] == {"System.Description": "markdown"}


def test_rules_hold_for_people_too(web: Project, bo: Person) -> None:
    item = bo.create(web, "Task", "Search")
    with pytest.raises(ApiError, match="not in the list of supported values"):
        bo.edit(item, {"System.State": "Nonsense"})
    with pytest.raises(ApiError, match="TF401232"):
        bo.edit(99, {"System.Title": "x"})
    assert item.rev == 1


def test_tags_comments_links_and_parents(web: Project, bo: Person) -> None:
    parent, child = bo.create(web, "User Story", "Shop"), bo.create(web, "Task", "Search")
    bo.tag(child, "ui", "web")
    bo.untag(child, "UI")
    assert [tag.name for tag in child.fields["System.Tags"]] == ["web"]  # type: ignore[union-attr]
    bo.set_parent(child, parent)
    assert child.parent is parent
    bo.set_parent(child, None)
    assert child.parent is None
    bo.add_hyperlink(child, "https://x.example.com/1")
    bo.remove_hyperlink(child, "https://x.example.com/1")
    assert child.relations == []
    comment = bo.comment(child, "one")
    bo.edit_comment(child, comment, "two")
    bo.delete_comment(child, comment)
    assert [version.text for version in comment.versions] == ["one", "two", "two"]
    born = bo.create(web, "Task", "Sort", parent=parent)
    assert born.parent is parent


def test_deleting_restoring_destroying(azure: AzureDevOps, web: Project, bo: Person) -> None:
    item = bo.create(web, "Task", "Search")
    bo.delete(item)
    with pytest.raises(ApiError, match="TF401232"):
        bo.delete(item)
    assert bo.restore(item).rev == 3
    bo.destroy(item)
    with pytest.raises(KeyError):
        azure.item(item.id)


def test_two_organisations_set_up_alike_are_alike(ada: User) -> None:
    other = AzureDevOps(VirtualClock()).add_user("Ada Beispiel", "ada@example.com")
    assert (other.id, other.token) == (ada.id, ada.token)


def test_only_what_changed_late_is_looked_at(
    api: Caller, azure: AzureDevOps, web: Project, bo: Person, clock: VirtualClock
) -> None:
    for number in range(20):
        bo.create(web, "Task", f"Task {number}")
    clock.advance(60)
    bo.edit(7, {"System.Title": "late"})
    late = clock.now().replace(microsecond=0)
    assert [item.id for item in azure.world.changed_since(late)] == [7]
    assert api.ids(f"[System.ChangedDate] >= '{late:%Y-%m-%dT%H:%M:%SZ}'") == [7]


def test_a_right_for_each_privilege(api: Caller, ada: User) -> None:
    api.create("Task", "Search")
    path = "/_apis/wit/workitems/1"
    assert api.try_patch(path, put("System.Title", "x"), suppressNotifications="true").status_code == 403
    ada.may_suppress_notifications = True
    assert api.try_patch(path, put("System.Title", "x"), suppressNotifications="true").status_code == 200
    ada.may_create_tags = False
    assert api.try_patch(path, put("System.Tags", "new")).status_code == 403
