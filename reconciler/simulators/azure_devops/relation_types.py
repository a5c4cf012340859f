"""The kinds of relations, as workItemRelationTypes lists them (FACTS ado 9.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RelationType:
    """`opposite` is the name of the other end; "" for resource links."""

    reference: str
    name: str
    topology: str = ""
    opposite: str = ""
    editable: bool = False
    remote: bool = False

    @property
    def links_items(self) -> bool:
        return bool(self.topology)

    @property
    def forward(self) -> bool:
        return not self.reference.endswith("-Reverse")

    @property
    def base(self) -> str:
        """Without the direction, as the link feed names it."""
        return self.reference.removesuffix("-Forward").removesuffix("-Reverse")

    @property
    def attributes(self) -> dict[str, Any]:
        if not self.links_items:
            return {"usage": "resourceLink", "editable": False, "enabled": True}
        directional = self.topology != "network"
        attributes = {
            "usage": "workItemLink",
            "editable": self.editable,
            "enabled": True,
            "acyclic": directional,
            "directional": directional,
            "singleTarget": self.topology != "tree",
            "topology": self.topology,
            "remote": self.remote,
        }
        if directional:
            attributes |= {"isForward": self.forward, "oppositeEndReferenceName": self.opposite}
        return attributes


def _pair(base: str, forward: str, reverse: str, topology: str, **more: bool) -> list[RelationType]:
    there, back = f"{base}-Forward", f"{base}-Reverse"
    return [
        RelationType(there, forward, topology, back, **more),
        RelationType(back, reverse, topology, there, **more),
    ]


def _all() -> Mapping[str, RelationType]:
    common, test, link = "Microsoft.VSTS.Common", "Microsoft.VSTS.TestCase", "System.LinkTypes"
    kinds = [
        *_pair(f"{common}.Affects", "Affects", "Affected By", "dependency", editable=True),
        *_pair(f"{test}.SharedParameterReferencedBy", "Referenced By", "References", "dependency", editable=True),
        *_pair(f"{common}.TestedBy", "Tested By", "Tests", "dependency", editable=True),
        *_pair(f"{test}.SharedStepReferencedBy", "Test Case", "Shared Steps", "dependency", editable=True),
        *_pair(f"{link}.Remote.Dependency", "Produces For", "Consumes From", "dependency", remote=True),
        *_pair(f"{link}.Duplicate", "Duplicate", "Duplicate Of", "tree"),
        *_pair(f"{link}.Dependency", "Successor", "Predecessor", "dependency"),
        *_pair(f"{link}.Hierarchy", "Child", "Parent", "tree"),
        RelationType(f"{link}.Related", "Related", "network", f"{link}.Related"),
        RelationType(f"{link}.Remote.Related", "Remote Related", "network", f"{link}.Remote.Related", remote=True),
        RelationType("AttachedFile", "Attached File"),
        RelationType("Hyperlink", "Hyperlink"),
        RelationType("ArtifactLink", "Artifact Link"),
    ]
    return {kind.reference: kind for kind in kinds}


RELATION_TYPES = _all()
