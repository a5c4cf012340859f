"""What Microsoft's own clients ask for before anything else: which resource lives at which path.

The ids are those by which those clients name the resources; the paths are those of the published documents.
"""

from __future__ import annotations

from typing import Any

_RESOURCES = (
    # id, area, resource, path, resource version
    ("e81700f7-3be2-46de-8624-2eb35882fcaa", "Location", "ResourceAreas", "_apis/{resource}/{areaId}", 1),
    ("00d9565f-ed9c-4a06-9a50-00e7896ccab4", "Location", "ConnectionData", "_apis/{resource}", 1),
    ("603fe2ac-9723-48b9-88ad-09305aa6c6e1", "core", "projects", "_apis/{resource}/{*projectId}", 4),
    ("93878975-88c5-4e6a-8abb-7ddd77a8a7d8", "process", "processes", "_apis/{area}/{resource}/{processId}", 1),
    ("28010c54-d0c0-4c89-a5b0-1c9e188b9fb7", "IMS", "Identities", "_apis/{resource}/{identityId}", 1),
    ("72c7ddf8-2cdc-4f60-90cd-ab71c14a399b", "wit", "workItems", "{project}/_apis/{area}/{resource}/{id}", 3),
    ("62d3d110-0047-428c-ad3c-4fe872c91c74", "wit", "workItems", "{project}/_apis/{area}/{resource}/${type}", 3),
    ("908509b6-4248-4475-a1cd-829139ba419f", "wit", "workItemsBatch", "{project}/_apis/{area}/{resource}", 1),
    ("8bc57545-27e5-420d-b709-f6e3ebcc1fc1", "wit", "workItemsDelete", "{project}/_apis/{area}/{resource}", 1),
    ("1a9c53f7-f243-4447-b110-35ef023636e4", "wit", "wiql", "{project}/{team}/_apis/{area}/{resource}", 2),
    ("a02355f5-5f8a-4671-8e32-369d23aac83d", "wit", "wiql", "{project}/{team}/_apis/{area}/{resource}/{id}", 2),
    ("a9a9aa7a-8c09-44d3-ad1b-46e855c1e3d3", "wit", "artifactUriQuery", "{project}/_apis/{area}/{resource}", 1),
    (
        "608aac0a-32e1-4493-a863-b9cf4566d257",
        "wit",
        "comments",
        "{project}/_apis/{area}/workItems/{workItemId}/{resource}/{commentId}",
        4,
    ),
    (
        "49e03b34-3be0-42e3-8a5d-e8dfb88ac954",
        "wit",
        "versions",
        "{project}/_apis/{area}/workItems/{workItemId}/comments/{commentId}/{resource}/{version}",
        1,
    ),
    (
        "f6cb3f27-1028-4851-af96-887e570dc21f",
        "wit",
        "reactions",
        "{project}/_apis/{area}/workItems/{workItemId}/comments/{commentId}/{resource}/{reactionType}",
        1,
    ),
    (
        "6570bf97-d02c-4a91-8d93-3abe9895b1a9",
        "wit",
        "updates",
        "{project}/_apis/{area}/workItems/{id}/{resource}/{updateNumber}",
        3,
    ),
    (
        "a00c85a5-80fa-4565-99c3-bcd2181434bb",
        "wit",
        "revisions",
        "{project}/_apis/{area}/workItems/{id}/{resource}/{revisionNumber}",
        3,
    ),
    ("b70d8d39-926c-465e-b927-b1bf0e5ca0e0", "wit", "recyclebin", "{project}/_apis/{area}/{resource}/{id}", 2),
    (
        "f828fe59-dd87-495d-a17c-7a8d6211ca6c",
        "wit",
        "workItemRevisions",
        "{project}/_apis/{area}/reporting/{resource}",
        2,
    ),
    (
        "4a644469-90c5-4fcc-9a9f-be0827d369ec",
        "wit",
        "discussions",
        "{project}/_apis/{area}/reporting/workItemRevisions/{resource}",
        1,
    ),
    ("b5b5b6d0-0308-40a1-b3f4-b9bb3c66878f", "wit", "workItemLinks", "{project}/_apis/{area}/reporting/{resource}", 3),
    ("7c8d7a76-4a09-43e8-b5df-bd792f4ac6aa", "wit", "workItemTypes", "{project}/_apis/{area}/{resource}/{type}", 2),
    (
        "7c9d7a76-4a09-43e8-b5df-bd792f4ac6aa",
        "wit",
        "states",
        "{project}/_apis/{area}/workItemTypes/{type}/{resource}",
        1,
    ),
    (
        "bd293ce5-3d25-4192-8e67-e8092e879efb",
        "wit",
        "fields",
        "{project}/_apis/{area}/workItemTypes/{type}/{resource}/{field}",
        3,
    ),
    (
        "b51fd764-e5c2-4b9b-aaf7-3395cf4bdd94",
        "wit",
        "fields",
        "{project}/_apis/{area}/{resource}/{fieldNameOrRefName}",
        3,
    ),
    (
        "9b9f5734-36c8-415e-ba67-f83b45c31408",
        "wit",
        "workItemTypeCategories",
        "{project}/_apis/{area}/{resource}/{category}",
        2,
    ),
    ("f5d33bc9-5b49-4a3c-a9bd-f3cd46dd2165", "wit", "workItemRelationTypes", "_apis/{area}/{resource}/{relation}", 2),
    ("afae844b-e2f6-44c2-8053-17b3bb936a40", "wit", "workItemTransitions", "_apis/{area}/{resource}", 1),
    ("a70579d1-f53a-48ee-a5be-7be8659023b9", "wit", "classificationNodes", "{project}/_apis/{area}/{resource}", 2),
    (
        "5a172953-1b41-49d3-840a-33f79c3ce89f",
        "wit",
        "classificationNodes",
        "{project}/_apis/{area}/{resource}/{structureGroup}/{*path}",
        2,
    ),
    ("bc15bc60-e7a8-43cb-ab01-2106be3983a1", "wit", "tags", "{project}/_apis/{area}/{resource}/{tagIdOrName}", 1),
    ("e07b5fa4-1499-494d-a496-64b860fd64ff", "wit", "attachments", "{project}/_apis/{area}/{resource}/{id}", 3),
)
_AREAS = {
    "wit": "5264459e-e5e0-4bd8-b118-0985e68a4ec5",
    "core": "79134c72-4a58-4b42-976c-04e7115f32bf",
    "IMS": "8a3d49b8-91f0-46ef-b33d-dda338c25db3",
}


def resource_locations(latest: tuple[int, int]) -> list[dict[str, Any]]:
    return [
        {
            "id": identifier,
            "area": area,
            "resourceName": resource,
            "routeTemplate": template,
            "resourceVersion": version,
            "minVersion": 1.0,
            "maxVersion": float(f"{latest[0]}.{latest[1]}"),
            "releasedVersion": "7.1" if latest >= (7, 1) else f"{latest[0]}.{latest[1]}",
        }
        for identifier, area, resource, template, version in _RESOURCES
    ]


def resource_areas(base: str) -> list[dict[str, Any]]:
    """Everything is served below the organisation's own address here."""
    return [{"id": identifier, "name": name, "locationUrl": f"{base}/"} for name, identifier in _AREAS.items()]
