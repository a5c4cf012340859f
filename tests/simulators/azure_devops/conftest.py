"""One organisation with a project and two people, reached in process and checked against Microsoft's documents."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reconciler.clock import VirtualClock
from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.people import Person
from tests.openapi.azure_devops_patches import UNDOCUMENTED, documents, unwrapped
from tests.openapi.validator import SHARED, Checked, OpenApi
from tests.simulators.azure_devops.caller import Caller


@pytest.fixture(scope="session")
def microsofts_documents() -> OpenApi:
    """Without the documents nothing is checked, and the tests run all the same."""
    return documents() if SHARED.exists() else OpenApi([])


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def azure(clock: VirtualClock) -> AzureDevOps:
    return AzureDevOps(clock)


@pytest.fixture
def web(azure: AzureDevOps) -> Project:
    return azure.add_project("Web", "Agile")


@pytest.fixture
def ada(azure: AzureDevOps) -> User:
    return azure.add_user("Ada Beispiel", "ada@example.com")


@pytest.fixture
def bo(azure: AzureDevOps, web: Project) -> Person:
    """Somebody at the web pages."""
    return azure.as_user(azure.add_user("Bo Muster", "bo@example.com"))


@pytest.fixture
def api(azure: AzureDevOps, web: Project, ada: User, microsofts_documents: OpenApi) -> Iterator[Caller]:
    """A client of Ada's; every exchange has to agree with the documents."""
    checked = Checked(azure, microsofts_documents, ignore=UNDOCUMENTED, unwrap=unwrapped)
    caller = Caller(checked, ada.token)
    with caller.http:
        yield caller
    if microsofts_documents.documents:
        assert checked.problems == []
