"""Guide: from a token to the tables of a ClickUp: `trackers.guide` for this kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from reconciler.clock import Clock
from reconciler.model.person import Person
from reconciler.trackers.clickup.client import Client
from reconciler.trackers.clickup.people import person
from reconciler.trackers.clickup.settings import Connection
from reconciler.trackers.guide import FoundPlace, Question, Surveyor

_NO_WORKSPACE = "0"
"""Stands for the workspace while it is still to be chosen; only asked what needs none."""


class ClickUpGuide:
    title = "ClickUp"
    table = "clickup"
    noun = "List"
    questions: tuple[Question, ...] = (
        Question(
            "token",
            "Personal API token",
            "Settings > Apps > API Token, of the account that shall appear as author; it starts with pk_",
            "CLICKUP_API_TOKEN",
            secret=True,
        ),
        Question("workspace", "Workspace", "the first number in the address of its pages", "CLICKUP_WORKSPACE_ID"),
        Question("url", variable="CLICKUP_URL"),
    )
    place = Question("list", "List", "", "CLICKUP_LIST_ID")
    narrowing: tuple[Question, ...] = ()

    def connection(self, answers: Mapping[str, str]) -> dict[str, Any]:
        return {name: answers[name] for name in ("url", "workspace", "token") if answers.get(name)}

    def choices(self, key: str, answers: Mapping[str, str], clock: Clock, transport: Any) -> Sequence[tuple[str, str]]:
        if key != "workspace":
            return ()
        known = {**self.connection(answers), "kind": "clickup", "workspace": _NO_WORKSPACE}
        client = Client("", Connection.model_validate(known), clock, transport)
        try:
            client.user()
            return [(str(row["id"]), str(row.get("name") or "")) for row in client.workspaces()]
        finally:
            client.close()

    def surveyor(self, connection: BaseModel, clock: Clock, transport: Any) -> Surveyor:
        assert isinstance(connection, Connection)
        return _Surveyor(Client("", connection, clock, transport))


class _Surveyor:
    def __init__(self, client: Client) -> None:
        self._client = client

    def places(self) -> Sequence[FoundPlace]:
        return list(self._lists())

    def _lists(self) -> Iterator[FoundPlace]:
        for space in self._client.spaces():
            name = str(space["name"])
            for folder in self._client.folders(str(space["id"])):
                for row in folder.get("lists") or ():
                    yield _found(row, f"{name} / {folder.get('name')}")
            for row in self._client.lists("space", str(space["id"])):
                yield _found(row, name)

    def side(self, place: FoundPlace, answers: Mapping[str, str]) -> dict[str, Any]:
        del answers
        return dict(place.keys)

    def people(self, place: FoundPlace) -> Sequence[Person]:
        """All members of the workspace."""
        del place
        rows = [row for row in self._client.workspaces() if str(row.get("id")) == self._client.workspace]
        return [person(member.get("user") or {}) for row in rows for member in row.get("members") or ()]

    def close(self) -> None:
        self._client.close()


def _found(row: Mapping[str, Any], where: str) -> FoundPlace:
    return FoundPlace(str(row["name"]), where, {"list": str(row["id"])})
