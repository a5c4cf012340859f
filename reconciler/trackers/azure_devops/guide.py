"""Guide: from a token to the tables of an Azure DevOps: `trackers.guide` for this kind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from reconciler.clock import Clock
from reconciler.model.person import Person
from reconciler.trackers.azure_devops import wiql
from reconciler.trackers.azure_devops.client import BATCH_MAX, Client
from reconciler.trackers.azure_devops.settings import Connection
from reconciler.trackers.azure_devops.translate import person
from reconciler.trackers.guide import FoundPlace, Question, Surveyor

_PLAIN_NAME = re.compile(r"[\w-]+")
_BACKLOGS = ("Epic", "Feature", "Requirement", "Bug", "Task")
"""The categories of what people plan with, from large to small; test cases, reviews and their like are in others."""

_PEOPLE = ("System.AssignedTo", "System.CreatedBy", "System.ChangedBy")


class AzureDevOpsGuide:
    title = "Azure DevOps"
    table = "ado"
    noun = "project"
    questions: tuple[Question, ...] = (
        Question(
            "url",
            "Organisation",
            "its name, as in https://dev.azure.com/NAME; or the whole address, also of a collection of a Server",
            "ADO_ORGANIZATION",
        ),
        Question(
            "token",
            "Personal access token",
            "User settings > Personal access tokens; Work Items (read & write), Project and Team, Identity (read)",
            "ADO_PAT",
            secret=True,
        ),
    )
    place = Question("project", "Project", "", "ADO_PROJECT")
    narrowing: tuple[Question, ...] = (Question("assigned_to", variable="ADO_ASSIGNED_TO"),)

    def connection(self, answers: Mapping[str, str]) -> dict[str, Any]:
        """A bare name is an organisation of the cloud, an address without scheme one of https."""
        url = answers.get("url", "").strip()
        if _PLAIN_NAME.fullmatch(url):
            url = f"https://dev.azure.com/{url}"
        elif "://" not in url:
            url = f"https://{url}"
        return {"url": url, "token": answers.get("token", "")}

    def choices(self, key: str, answers: Mapping[str, str], clock: Clock, transport: Any) -> Sequence[tuple[str, str]]:
        del key, answers, clock, transport
        return ()

    def surveyor(self, connection: BaseModel, clock: Clock, transport: Any) -> Surveyor:
        assert isinstance(connection, Connection)
        return _Surveyor(Client("", connection, clock, transport))


class _Surveyor:
    def __init__(self, client: Client) -> None:
        self._client = client

    def places(self) -> Sequence[FoundPlace]:
        names = sorted((str(row["name"]) for row in self._client.projects()), key=str.casefold)
        return [FoundPlace(name, "", {"project": name}) for name in names]

    def side(self, place: FoundPlace, answers: Mapping[str, str]) -> dict[str, Any]:
        """The types that people plan with. What has no counterpart becomes the smallest of them."""
        project = place.keys["project"]
        usable = [str(row["name"]) for row in self._client.work_item_types(project) if not row.get("isDisabled")]
        ranked = {f"Microsoft.{backlog}Category": rank for rank, backlog in enumerate(_BACKLOGS)}
        found = [
            (ranked[category], str(kind["name"]))
            for row in self._client.categories(project)
            if (category := str(row.get("referenceName"))) in ranked
            for kind in row.get("workItemTypes") or ()
        ]
        types = list(dict.fromkeys(name for _, name in sorted(found, key=lambda entry: entry[0]) if name in usable))
        types = types or usable
        side: dict[str, Any] = {"project": project, "types": types, "create_type": types[-1] if types else ""}
        if who := answers.get("assigned_to", "").strip():
            side["wiql"] = f"[System.AssignedTo] = {'@Me' if who.casefold() == '@me' else wiql.literal(who)}"
        return side

    def people(self, place: FoundPlace) -> Sequence[Person]:
        """Those whom some two hundred work items name; a list of all accounts needs a right that tokens seldom have."""
        met: dict[str, Person] = {}
        hits = self._client.query(wiql.assigned_in(place.keys["project"]), top=BATCH_MAX)
        for rows in self._client.work_items(hits.ids):
            for row in rows:
                for found in (person(row["fields"][name]) for name in _PEOPLE if row.get("fields", {}).get(name)):
                    if found.address:
                        met.setdefault(found.address, found)
        return list(met.values())

    def close(self) -> None:
        self._client.close()
