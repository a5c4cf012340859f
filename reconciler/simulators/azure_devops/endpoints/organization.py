"""The organisation itself: discovery, who is calling, projects, processes, identities (FACTS ado 1.12, 2.15, 13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.discovery import resource_areas, resource_locations
from reconciler.simulators.azure_devops.endpoint import Call, answer, collection, endpoint
from reconciler.simulators.azure_devops.errors import ApiError
from reconciler.simulators.azure_devops.identity import User
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.process import Process, process_named
from reconciler.simulators.azure_devops.render import Json, iso
from reconciler.simulators.kit.wire import Response

_PAGE = 100
_PROCESSES = ("Scrum", "Basic", "Agile", "CMMI")


@endpoint("OPTIONS", "/_apis", project="none", versioned=False)
def locations(call: Call) -> Response:
    return collection(resource_locations(call.world.switches.latest_version))


@endpoint("GET", "/_apis/ResourceAreas", project="none", versioned=False)
def areas(call: Call) -> Response:
    return collection(resource_areas(call.base))


@endpoint("GET", "/_apis/ResourceAreas/{area}", project="none", versioned=False)
def area(call: Call) -> Response:
    for known in resource_areas(call.base):
        if known["id"] == call.values["area"].lower():
            return answer(known)
    raise ApiError(404, "The resource area does not exist.", "ResourceAreaNotFoundException")


@endpoint("GET", "/_apis/connectionData", project="none", preview=True)
def connection_data(call: Call) -> Response:
    world, user = call.world, _short_identity(call.user)
    return answer(
        {
            "authenticatedUser": user,
            "authorizedUser": user,
            "instanceId": world.guid("instance"),
            "deploymentId": world.guid("deployment"),
            "deploymentType": "hosted",
            "locationServiceData": {
                "serviceOwner": world.guid("service-owner"),
                "defaultAccessMappingMoniker": "PublicAccessMapping",
                "lastChangeId": 1,
                "lastChangeId64": 1,
            },
        }
    )


# --- projects --------------------------------------------------------------------------------------------------------


@endpoint("GET", "/_apis/projects", project="none")
def list_projects(call: Call) -> Response:
    """Pages by `$top` and `$skip` or by the token of the header (FACTS ado 2.14)."""
    start = call.count("continuationToken", call.count("$skip", 0))
    size = call.count("$top", _PAGE)
    page = call.world.projects[start : start + size]
    more = {"x-ms-continuationtoken": str(start + size)} if start + size < len(call.world.projects) else {}
    return collection([_project(call, project) for project in page], headers=more)


@endpoint("GET", "/_apis/projects/{project}", project="none")
def show_project(call: Call) -> Response:
    project = call.the_project
    url = f"{call.base}/_apis/projects/{project.id}"
    body = _project(call, project)
    if call.flag("includeCapabilities"):
        body["capabilities"] = {
            "processTemplate": {"templateName": project.process.name, "templateTypeId": project.process.id},
            "versioncontrol": {"sourceControlType": "Git", "gitEnabled": "True", "tfvcEnabled": "False"},
        }
    team = call.world.guid("team", project.id)
    body["_links"] = {
        "self": {"href": url},
        "collection": {"href": f"{call.base}/_apis/projectCollections/{call.world.guid('collection')}"},
        "web": {"href": f"{call.base}/{project.name}"},
    }
    body["defaultTeam"] = {"id": team, "name": f"{project.name} Team", "url": f"{url}/teams/{team}"}
    return answer(body)


def _project(call: Call, project: Project) -> Json:
    body: Json = {"id": project.id, "name": project.name}
    if project.description:
        body["description"] = project.description
    return body | {
        "url": f"{call.base}/_apis/projects/{project.id}",
        "state": "wellFormed",
        "revision": project.revision,
        "visibility": "private",
        "lastUpdateTime": iso(project.created_at),
    }


@endpoint("GET", "/_apis/process/processes", project="none")
def list_processes(call: Call) -> Response:
    return collection([_process(call, process_named(name)) for name in _PROCESSES])


def _process(call: Call, process: Process) -> Json:
    return {
        "id": process.id,
        "description": "",
        "isDefault": process.name == "Basic",
        "type": "system",
        "url": f"{call.base}/_apis/process/processes/{process.id}",
        "name": process.name,
    }


# --- identities ------------------------------------------------------------------------------------------------------

_FILTERS: dict[str, Callable[[User], tuple[str, ...]]] = {
    "general": lambda user: (user.address, user.name, _alias(user)),
    "accountname": lambda user: (user.address,),
    "mailaddress": lambda user: (user.address,),
    "displayname": lambda user: (user.name,),
    "directoryalias": lambda user: (_alias(user),),
}


@endpoint("GET", "/_apis/identities", project="none")
def find_identities(call: Call) -> Response:
    """By a filter or by ids; somebody of the directory who never joined is not found (FACTS ado 7.21)."""
    param = call.request.param
    if kind := param("searchFilter").lower():
        if kind not in _FILTERS:
            raise errors.bad_request(f"The search filter {kind} is unknown.")
        wanted = param("filterValue").lower()
        found = [user for user in call.world.members if wanted in (text.lower() for text in _FILTERS[kind](user))]
        shown: list[Json | None] = [_identity(call, user) for user in found]
        return collection(shown or ([None] if call.world.switches.identity_lookup_pads_with_null else []))
    ids = call.names("identityIds") or call.names("subjectDescriptors") or call.names("descriptors")
    if not ids:
        raise errors.bad_request("Identities are found by a search filter, by ids or by descriptors.")
    known = {
        key.lower(): user for user in call.world.members for key in (user.id, user.descriptor, user.claims_descriptor)
    }
    return collection([_identity(call, known[key.lower()]) if key.lower() in known else None for key in ids])


@endpoint("GET", "/_apis/identities/{identity}", project="none")
def show_identity(call: Call) -> Response:
    for user in call.world.members:
        if call.values["identity"].lower() in (user.id, user.descriptor.lower()):
            return answer(_identity(call, user))
    raise ApiError(404, "TF14045: The identity does not exist.", "IdentityNotFoundException")


def _alias(user: User) -> str:
    return user.address.partition("@")[0]


def _text(value: str) -> Json:
    return {"$type": "System.String", "$value": value}


def _short_identity(user: User) -> Json:
    return {
        "id": user.id,
        "descriptor": user.claims_descriptor,
        "subjectDescriptor": user.descriptor,
        "providerDisplayName": user.name,
        "customDisplayName": user.name,
        "isActive": True,
        "properties": {"Account": _text(user.address)},
        "resourceVersion": 2,
        "metaTypeId": 0,
    }


def _identity(call: Call, user: User) -> Json:
    properties: dict[str, Any] = {
        "SchemaClassName": _text("User"),
        "Description": _text(""),
        "Domain": _text(call.world.guid("tenant")),
        "Account": _text(user.address),
        "DN": _text(""),
        "Mail": _text(user.address),
        "SpecialType": _text("Generic"),
        "DirectoryAlias": _text(_alias(user)),
    }
    return _short_identity(user) | {"members": [], "memberOf": [], "memberIds": [], "properties": properties}
