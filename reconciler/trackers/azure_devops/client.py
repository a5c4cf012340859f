"""Client: the addresses and bodies of the Azure DevOps REST API that we use. Knows no Item.

Answers are native JSON. Every method may raise what `trackers.http.Http.send` raises; numbers are work item ids.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, quote, urlsplit

from reconciler.clock import Clock
from reconciler.errors import OutcomeUnknown, Unavailable
from reconciler.trackers.answer import Answer
from reconciler.trackers.azure_devops.entra import EntraSignIn, credential
from reconciler.trackers.azure_devops.pacing import DelayPacer
from reconciler.trackers.azure_devops.settings import Connection
from reconciler.trackers.azure_devops.verdicts import judge
from reconciler.trackers.circuit import Circuit
from reconciler.trackers.http import Http, Permit, Transport, granted

Json = dict[str, Any]
Patch = Sequence[Mapping[str, Any]]

BATCH_MAX = 200
"""More ids in one read are refused (FACTS ado 4.2)."""

_V, _VERSION = "api-version", "7.1"
_WRITE_VERSION = "7.2-preview.3"  # the first that may set multilineFieldsFormat (FACTS ado 2.5)
_COMMENTS_VERSION = "7.1-preview.4"  # FACTS ado 2.3
_CONNECTION_VERSION = "7.1-preview.1"  # FACTS ado 1.12
_PATCH_TYPE = "application/json-patch+json"  # FACTS ado 2.9
_COMMENTS_PAGE = 200
_PROJECTS_PAGE = 100
_FILES = "/_apis/wit/attachments"
_BYTES = "application/octet-stream"  # FACTS ado 11.1


@dataclass(frozen=True, slots=True)
class Hits:
    """What a query found: ids in its order, and the server's time when it ran."""

    ids: tuple[int, ...]
    as_of: str


class Client:
    """One organisation or collection, with one token, or one sign-in."""

    def __init__(
        self,
        name: str,
        connection: Connection,
        clock: Clock,
        transport: Transport | None = None,
        permit: Permit = granted,
    ) -> None:
        token = connection.token.get_secret_value() if connection.token else ""
        basic = {"Authorization": "Basic " + b64encode(f":{token}".encode()).decode()} if token else {}  # FACTS ado 1.4
        auth = connection.auth
        sign_in = EntraSignIn(lambda: credential(auth), clock) if auth is not None else None  # FACTS ado 1.5
        pacer, self.circuit = DelayPacer(clock), Circuit(clock)

        def connect(url: str) -> Http:
            return Http(
                url,
                tracker=name,
                headers={**basic, "X-TFS-FedAuthRedirect": "Suppress"},  # FACTS ado 1.6
                secrets=[token] if token else [],
                sign_in=sign_in,
                pacer=pacer,
                circuit=self.circuit,
                judge=judge,
                clock=clock,
                transport=transport,
                permit=permit,
            )

        self.base_url = connection.url
        self._http = connect(connection.url)
        identity_url = identity_base(connection.url)
        self._identity_http = self._http if identity_url == connection.url else connect(identity_url)

    @property
    def server_time(self) -> datetime | None:
        return self._http.server_time

    @property
    def requests_sent(self) -> int:
        other = 0 if self._identity_http is self._http else self._identity_http.requests_sent
        return self._http.requests_sent + other

    def close(self) -> None:
        self._http.close()
        self._identity_http.close()

    # --- who and what --------------------------------------------------------------------------------------------

    def connection_data(self) -> Json:
        """`{"authenticatedUser": {"id", "providerDisplayName", "properties": {"Account": {"$value"}}}}` (1.12)."""
        return self._get("/_apis/connectionData", version=_CONNECTION_VERSION)

    def identities(self, address: str) -> list[Json]:
        """Identities that a search for an e-mail address finds (13.1); null entries are left out."""
        return self._identities([("searchFilter", "General"), ("filterValue", address), ("queryMembership", "None")])

    def identities_with(self, key: str) -> list[Json]:
        return self._identities([("identityIds", key)])

    def _identities(self, params: Sequence[tuple[str, str]]) -> list[Json]:
        answer = self._identity_http.send("GET", "/_apis/identities", params=[*params, (_V, _VERSION)], writes=False)
        return [identity for identity in _rows(answer, "value") if identity]

    def projects(self) -> Iterator[Json]:
        """The projects that the token may see (2.15)."""
        token = ""
        while True:
            params = [("stateFilter", "wellFormed"), ("$top", str(_PROJECTS_PAGE))]
            page = self._read("/_apis/projects", params + ([("continuationToken", token)] if token else []))
            yield from _rows(page, "value")
            token = page.headers.get("x-ms-continuationtoken", "")
            if not token:
                return

    def categories(self, project: str) -> list[Json]:
        """Which types people plan with: `[{"referenceName", "workItemTypes": [{"name"}]}]`."""
        return self._list(f"/{quote(project, safe='')}/_apis/wit/workitemtypecategories")

    def work_item_types(self, project: str) -> list[Json]:
        """All types of a project with fields and transitions, most often also states (12.1)."""
        return self._list(f"/{quote(project, safe='')}/_apis/wit/workitemtypes")

    def states(self, project: str, item_type: str) -> list[Json]:
        """`[{"name", "category"}]` in workflow order (12.2)."""
        path = f"/{quote(project, safe='')}/_apis/wit/workitemtypes/{quote(item_type, safe='')}/states"
        return self._list(path)

    def fields(self, project: str) -> list[Json]:
        """The definitions of all fields of the organisation, as the project sees them (12.5)."""
        return self._list(f"/{quote(project, safe='')}/_apis/wit/fields")

    def fields_of_type(self, project: str, item_type: str) -> list[Json]:
        """The fields of a type with the values that each may have (12.4)."""
        path = f"/{quote(project, safe='')}/_apis/wit/workitemtypes/{quote(item_type, safe='')}/fields"
        return self._list(path, [("$expand", "allowedValues")])

    # --- reading -------------------------------------------------------------------------------------------------

    def query(self, text: str, *, top: int, project: str = "") -> Hits:
        """Runs WIQL, over the whole organisation or in a project, which `@Project` needs (3.1, 3.5, 3.15)."""
        answer = self._http.send(
            "POST",
            f"{_below(project)}/_apis/wit/wiql",
            params=[("timePrecision", "true"), ("$top", str(top)), (_V, _VERSION)],
            body={"query": text},
            writes=False,
        )
        ids = tuple(int(row["id"]) for row in _rows(answer, "workItems"))
        return Hits(ids, str(answer.json.get("asOf") or ""))

    def work_items(self, numbers: Sequence[int]) -> Iterator[list[Json]]:
        """The items that exist and may be read, with relations, a list per request. May come in any order and with
        null entries for those that are missing (4.4), which are left out here."""
        for start in range(0, len(numbers), BATCH_MAX):
            part = list(numbers[start : start + BATCH_MAX])
            answer = self._http.send(
                "POST",
                "/_apis/wit/workitemsbatch",
                params=[(_V, _VERSION)],
                body={"ids": part, "$expand": "relations", "errorPolicy": "omit"},
                writes=False,
            )
            yield [item for item in _rows(answer, "value") if item]

    def work_item(self, number: int) -> Json:
        """One item with relations. Raises Gone."""
        return self._get(f"/_apis/wit/workitems/{number}", [("$expand", "relations")], key=str(number))

    def first_revision(self, number: int) -> Json:
        """One item as it was created (6.11). Raises Gone."""
        path = f"/_apis/wit/workItems/{number}/revisions"
        first: Json = self._get(path, [("$top", "1")], key=str(number))["value"][0]
        return first

    def recycled(self, project: str, number: int) -> Json:
        """The entry of the project's recycle bin (16.2). Raises Gone where it holds none."""
        return self._get(f"/{quote(project, safe='')}/_apis/wit/recyclebin/{number}", key=str(number))

    def relinked(self, project: str, since: datetime, link_types: Iterable[str]) -> Iterator[list[Json]]:
        """Links between items that came or went, oldest first; in a project, or everywhere (6.5): `{"rel":
        "System.LinkTypes.Hierarchy", "sourceId": parent, "targetId": child, "isActive": false where it went}`."""
        params = [("linkTypes", ",".join(link_types)), ("startDateTime", since.astimezone(UTC).isoformat())]
        while True:
            page = self._read(f"{_below(project)}/_apis/wit/reporting/workitemlinks", params)
            yield _rows(page, "values")
            token = str(page.json.get("continuationToken") or _token(str(page.json.get("nextLink") or "")))
            if page.json.get("isLastBatch", True) or not token:
                return
            params = [params[0], ("continuationToken", token)]

    def linked_to(self, project: str, url: str) -> list[int]:
        """Items that have a link to an address, as far as the service indexes it (7.28, unconfirmed for hyperlinks)."""
        answer = self._http.send(
            "POST",
            f"/{quote(project, safe='')}/_apis/wit/artifacturiquery",
            params=[(_V, _VERSION)],
            body={"artifactUris": [url]},
            writes=False,
        )
        found = _object(answer).get("artifactUrisQueryResult") or {}
        return [int(row["id"]) for rows in found.values() for row in rows or ()]

    def try_create(self, project: str, item_type: str, patch: Patch) -> None:
        """What `create` would say to it; nothing is made (7.3, 5.14)."""
        path = f"/{quote(project, safe='')}/_apis/wit/workitems/${quote(item_type, safe='')}"
        params = [("validateOnly", "true"), (_V, _VERSION)]
        self._http.send("POST", path, params=params, body=list(patch), content_type=_PATCH_TYPE, writes=False)

    # --- writing -------------------------------------------------------------------------------------------------

    def create(self, project: str, item_type: str, patch: Patch) -> Json:
        """Makes an item in one atomic request (7.1, 7.5); the new item with relations."""
        path = f"/{quote(project, safe='')}/_apis/wit/workitems/${quote(item_type, safe='')}"
        return self._patch("POST", path, patch)

    def update(self, project: str, number: int, patch: Patch) -> Json:
        """Changes an item atomically. The project in the address keeps the write from an item that moved away (2.11):
        that raises Gone."""
        path = f"/{quote(project, safe='')}/_apis/wit/workitems/{number}"
        return self._patch("PATCH", path, patch, key=str(number))

    def delete(self, project: str, number: int) -> None:
        """Moves an item to the recycle bin (16.1). Raises Gone."""
        path = f"/{quote(project, safe='')}/_apis/wit/workitems/{number}"
        self._http.send("DELETE", path, params=[(_V, _VERSION)], writes=True, key=str(number))

    # --- comments ------------------------------------------------------------------------------------------------

    def comments(self, project: str, number: int) -> Iterator[Json]:
        """All comments that exist, oldest first (10.2)."""
        token = ""
        while True:
            params = [("$top", str(_COMMENTS_PAGE)), ("order", "asc")]
            params += [("continuationToken", token)] if token else []
            page = self._read(_comments(project, number), params, version=_COMMENTS_VERSION, key=str(number))
            yield from _rows(page, "comments")
            token = str(page.json.get("continuationToken") or "")
            if not token:
                return

    def add_comment(self, project: str, number: int, text: str, form: str) -> Json:
        """`form` is "html" or "markdown"; without it text would be HTML (10.4)."""
        return self._write_comment("POST", _comments(project, number), text, form, number)

    def edit_comment(self, project: str, number: int, comment: str, text: str, form: str) -> Json:
        path = f"{_comments(project, number)}/{comment}"
        return self._write_comment("PATCH", path, text, form, number)

    def delete_comment(self, project: str, number: int, comment: str) -> None:
        """Raises Gone for one that is not there."""
        path = f"{_comments(project, number)}/{comment}"
        self._http.send("DELETE", path, params=[(_V, _COMMENTS_VERSION)], writes=True, key=str(number))

    # --- files ---------------------------------------------------------------------------------------------------

    def fetch_file(self, guid: str, name: str, into: BinaryIO, bytes_max: int) -> Answer:
        """The content of an attachment (11.6). Raises Gone."""
        params = [("fileName", name), ("download", "true"), (_V, _VERSION)]
        return self._http.fetch(f"/_apis/wit/attachments/{guid}", into, bytes_max=bytes_max, params=params)

    def upload_file(self, project: str, name: str, content: BinaryIO) -> Json:
        """`{"id", "url"}` of a file that no item has yet (11.1)."""
        params = [("fileName", name), ("uploadType", "Simple"), (_V, _VERSION)]
        return _written(self._http.upload(f"{_below(project)}{_FILES}", content, params=params), "url")

    def start_upload(self, project: str, name: str) -> Json:
        """As `upload_file`, of a file to be sent in chunks (11.3)."""
        params = [("fileName", name), ("uploadType", "Chunked"), (_V, _VERSION)]
        path = f"{_below(project)}{_FILES}"
        return _written(self._http.send("POST", path, params=params, body=b"", content_type=_BYTES, writes=True), "url")

    def continue_upload(self, project: str, guid: str, name: str, piece: bytes, start: int, size: int) -> None:
        """The next bytes, from `start` on, of a file of `size` bytes (11.3)."""
        self._http.send(
            "PUT",
            f"{_below(project)}{_FILES}/{guid}",
            params=[("fileName", name), ("uploadType", "Chunked"), (_V, _VERSION)],
            body=piece,
            content_type=_BYTES,
            headers={"Content-Range": f"bytes {start}-{start + len(piece) - 1}/{size}"},
            writes=True,
        )

    # --- shared --------------------------------------------------------------------------------------------------

    def _read(
        self, path: str, params: Sequence[tuple[str, str]] = (), version: str = _VERSION, key: str = ""
    ) -> Answer:
        return self._http.send("GET", path, params=[*params, (_V, version)], writes=False, key=key)

    def _get(self, path: str, params: Sequence[tuple[str, str]] = (), version: str = _VERSION, key: str = "") -> Json:
        return _object(self._read(path, params, version, key))

    def _list(self, path: str, params: Sequence[tuple[str, str]] = ()) -> list[Json]:
        answer = self._read(path, params)
        return answer.json if isinstance(answer.json, list) else _rows(answer, "value")  # some are bare (2.12)

    def _patch(self, method: str, path: str, patch: Patch, key: str = "") -> Json:
        params = [("$expand", "relations"), (_V, _WRITE_VERSION if _sets_format(patch) else _VERSION)]
        answer = self._http.send(
            method, path, params=params, body=list(patch), content_type=_PATCH_TYPE, writes=True, key=key
        )
        return _written(answer, "rev")

    def _write_comment(self, method: str, path: str, text: str, form: str, number: int) -> Json:
        params = [("format", form), (_V, _COMMENTS_VERSION)]
        answer = self._http.send(method, path, params=params, body={"text": text}, writes=True, key=str(number))
        return _written(answer, "text")


def identity_base(url: str) -> str:
    """Where identities are looked up: a host of its own in the cloud, the collection itself elsewhere (1.3)."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if host == "dev.azure.com":
        return f"https://vssps.dev.azure.com{parts.path}"
    if host.endswith(".visualstudio.com"):
        return f"https://vssps.dev.azure.com/{host.split('.')[0]}"
    return url


def _sets_format(patch: Patch) -> bool:
    return any(str(operation["path"]).startswith("/multilineFieldsFormat/") for operation in patch)


def _below(project: str) -> str:
    return f"/{quote(project, safe='')}" if project else ""


def _token(link: str) -> str:
    """The continuation token in an address."""
    return dict(parse_qsl(urlsplit(link).query)).get("continuationToken", "")


def _comments(project: str, number: int) -> str:
    """The project is required in the address (10.1)."""
    return f"/{quote(project, safe='')}/_apis/wit/workItems/{number}/comments"


def _object(answer: Answer) -> Json:
    if isinstance(answer.json, dict):
        return answer.json
    raise Unavailable(f"{answer.method} {answer.path} was answered with something else than expected: {answer.excerpt}")


def _rows(answer: Answer, name: str) -> list[Json]:
    """A list of an answer. One that lacks it comes from something in between, and is never an empty list."""
    rows = _object(answer).get(name)
    if isinstance(rows, list):
        return rows
    raise Unavailable(f"{answer.method} {answer.path} was answered without {name}: {answer.excerpt}")


def _written(answer: Answer, name: str) -> Json:
    """What a write made, recognised by a property that it always has."""
    if isinstance(answer.json, dict) and name in answer.json:
        return answer.json
    raise OutcomeUnknown(f"{answer.method} {answer.path} was answered without {name}: {answer.excerpt}")
