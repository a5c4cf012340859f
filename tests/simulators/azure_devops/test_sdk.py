"""Microsoft's own Python client works against the simulator, over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from typing import Any

import pytest

from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.kit.serving import serve

pytest.importorskip("msrest")


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Microsoft's package, with its caches in a temporary folder and no proxy between."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AZURE_DEVOPS_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield import_module("azure.devops.connection")


@pytest.fixture
def connection(sdk: Any, azure: AzureDevOps, web: Project, ada: User) -> Iterator[Any]:
    with serve(azure) as base:
        credentials = import_module("msrest.authentication").BasicAuthentication("", ada.token)
        yield sdk.Connection(base_url=f"{base}/contoso", creds=credentials)


@pytest.fixture
def client(connection: Any) -> Any:
    return connection.clients_v7_1.get_work_item_tracking_client()


@pytest.fixture
def models() -> Any:
    return import_module("azure.devops.v7_1.work_item_tracking.models")


def operation(models: Any, op: str, path: str, value: Any = None) -> Any:
    return models.JsonPatchOperation(op=op, path=path, value=value)


def create(client: Any, models: Any, title: str) -> Any:
    return client.create_work_item([operation(models, "add", "/fields/System.Title", title)], "Web", "Task")


def test_items_are_created_read_queried_and_updated(client: Any, models: Any) -> None:
    item = create(client, models, "Search")
    assert (item.id, item.rev, item.fields["System.State"]) == (1, 1, "New")
    assert client.get_work_item(1, expand="All").fields["System.Id"] == 1
    document = [operation(models, "test", "/rev", 1), operation(models, "add", "/fields/System.State", "Active")]
    assert client.update_work_item(document, 1).rev == 2
    wiql = models.Wiql(query="SELECT [System.Id] FROM WorkItems WHERE [System.ChangedDate] >= '2026-03-02T08:00:00Z'")
    found = client.query_by_wiql(wiql, time_precision=True)
    assert [reference.id for reference in found.work_items] == [1]
    request = models.WorkItemBatchGetRequest(ids=[1], fields=["System.Title"], error_policy="omit")
    assert client.get_work_items_batch(request)[0].fields == {"System.Title": "Search"}
    assert [update.rev for update in client.get_updates(1)] == [1, 2]
    assert [revision.rev for revision in client.get_revisions(1)] == [1, 2]


def test_a_stale_revision_arrives_as_microsofts_own_error(client: Any, models: Any) -> None:
    create(client, models, "Search")
    errors = import_module("azure.devops.exceptions")
    document = [operation(models, "test", "/rev", 9), operation(models, "add", "/fields/System.Title", "x")]
    with pytest.raises(errors.AzureDevOpsServiceError, match="VS403351"):
        client.update_work_item(document, 1)


def test_comments_are_added_edited_listed_and_deleted(client: Any, models: Any) -> None:
    create(client, models, "Search")
    comment = client.add_work_item_comment(models.CommentCreate(text="**one**"), "Web", 1, "markdown")
    assert (comment.text, comment.version, comment.created_by.unique_name) == ("**one**", 1, "ada@example.com")
    edited = client.update_comment(models.CommentUpdate(text="two"), "Web", 1, comment.id)
    assert (edited.text, edited.version) == ("two", 2)
    assert client.get_comments("Web", 1).total_count == 1
    client.delete_comment("Web", 1, comment.id)
    assert client.get_comments("Web", 1).total_count == 0


def test_a_link_shows_as_the_parent(client: Any, models: Any, connection: Any) -> None:
    create(client, models, "parent")
    create(client, models, "child")
    value = {"rel": "System.LinkTypes.Hierarchy-Reverse", "url": f"{connection.base_url}/_apis/wit/workItems/1"}
    client.update_work_item([operation(models, "add", "/relations/-", value)], 2)
    assert client.get_work_item(2, expand="Relations").fields["System.Parent"] == 1


def test_deleting_and_restoring(client: Any, models: Any) -> None:
    create(client, models, "Search")
    assert client.delete_work_item(1, project="Web").resource.rev == 2
    assert [reference.id for reference in client.get_deleted_work_item_shallow_references("Web")] == [1]
    client.restore_work_item(models.WorkItemDeleteUpdate(is_deleted=False), 1, "Web")
    assert client.get_work_item(1).rev == 3


def test_metadata(client: Any, connection: Any) -> None:
    assert {kind.name for kind in client.get_work_item_types("Web")} >= {"Bug", "Task", "User Story"}
    assert next(state.name for state in client.get_work_item_type_states("Web", "Bug")) == "New"
    assert len(client.get_relation_types()) == 21
    assert client.get_classification_node("Web", "areas").name == "Web"
    assert client.get_tags("Web") == []
    assert [project.name for project in connection.clients_v7_1.get_core_client().get_projects()] == ["Web"]


def test_files(client: Any) -> None:
    reference = client.create_attachment(BytesIO(b"12345"), file_name="a.bin", project="Web")
    assert b"".join(client.get_attachment_content(reference.id)) == b"12345"


def test_identities(connection: Any, ada: User) -> None:
    client = connection.clients_v7_1.get_identity_client()
    found = client.read_identities(search_filter="General", filter_value="ada@example.com")
    assert [identity.id for identity in found] == [ada.id]
