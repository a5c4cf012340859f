"""Checks exchanges against a vendor's OpenAPI documents (Swagger 2.0 or OpenAPI 3), request and answer alike.

The documents are read from `../shared` and repaired by documented patches first; where they are absent `load` skips
the test that asks for them.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from reconciler.simulators.kit.wire import Request, Response, Service

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Patch:
    """A known mistake of a document: `repair` changes the document in place."""

    reason: str
    repair: Callable[[Json], None]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. Bodies are parsed JSON, None where there is none; `query` keeps repetitions."""

    method: str
    path: str
    query: Sequence[tuple[str, str]]
    request_body: Any
    status: int
    response_body: Any


def load(*names: str, patches: Sequence[Patch] = ()) -> OpenApi:
    """The documents at `names` below `../shared/apis`, repaired; skips the calling test where they are absent."""
    documents = []
    for name in names:
        path = SHARED / "apis" / name
        if not path.exists():
            pytest.skip(f"{path.name} is not here")
        document = json.loads(path.read_text(encoding="utf-8"))
        for patch in patches:
            patch.repair(document)
        documents.append(document)
    return OpenApi(documents)


@dataclass
class OpenApi:
    """Some documents of one API."""

    documents: Sequence[Json]

    @cached_property
    def operations(self) -> list[Operation]:
        return [operation for document in self.documents for operation in _operations(document)]

    def problems(self, exchange: Exchange) -> list[str]:
        """What is wrong with the exchange according to the documents; empty where nothing is.

        Where several operations share a path, the one that fits best counts. A path that no document knows is a
        problem. Answers of 400 and above are not checked, because documents rarely describe them, and requests that
        were refused as malformed (400) are not either.
        """
        if exchange.status == 400:
            return []
        found = [operation.problems(exchange) for operation in self.operations if operation.fits(exchange)]
        if not found:
            return [f"{exchange.method} {exchange.path} is in no document"]
        return [f"{exchange.method} {exchange.path}: {problem}" for problem in min(found, key=len)]


@dataclass
class Operation:
    document: Json
    method: str
    template: str
    spec: Json
    parameters: list[Json]
    _validators: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(_expression(self.template.partition("?")[0], self.parameters), re.IGNORECASE)

    def fits(self, exchange: Exchange) -> bool:
        return exchange.method == self.method and self.pattern.fullmatch(exchange.path) is not None

    def problems(self, exchange: Exchange) -> list[str]:
        problems = list(self._query_problems(exchange.query))
        problems += self._request_problems(exchange.request_body)
        if exchange.status < 400:
            problems += self._response_problems(exchange.status, exchange.response_body)
        return problems

    def _query_problems(self, query: Sequence[tuple[str, str]]) -> Iterator[str]:
        declared = {parameter["name"]: parameter for parameter in self.parameters if parameter["in"] == "query"}
        given = dict(query)
        for name in given:
            if name.removesuffix("[]") not in declared and name not in declared:
                yield f"the query parameter {name} is not declared"
        for name, parameter in declared.items():
            if parameter.get("required") and name not in given:
                yield f"the query parameter {name} is missing"
            elif name in given and not _acceptable(given[name], self._schema_of(parameter)):
                yield f"the query parameter {name} is {given[name]!r}"

    def _schema_of(self, parameter: Json) -> Json:
        schema: Json = parameter.get("schema", parameter)
        return _resolved(self.document, schema)

    def _request_problems(self, body: Any) -> list[str]:
        schema = self._request_schema()
        if schema is None:
            return [] if body is None else ["a request body is not declared"]
        return self._against("request", schema, body) if body is not None else []

    def _request_schema(self) -> Json | None:
        for parameter in self.parameters:
            if parameter["in"] == "body":
                return dict(parameter["schema"])
        content = _resolved(self.document, self.spec.get("requestBody", {})).get("content", {})
        return next((dict(kind["schema"]) for kind in content.values() if "schema" in kind), None)

    def _response_problems(self, status: int, body: Any) -> list[str]:
        responses = self.spec["responses"]
        response = responses.get(str(status)) or responses.get("default") or responses.get("200")
        if response is None:
            return [f"the status {status} is not declared"]
        response = _resolved(self.document, response)
        content = response.get("content", {}).get("application/json", {})
        schema = response.get("schema") or content.get("schema")
        return self._against(f"response {status}", schema, body) if schema and body is not None else []

    def _against(self, part: str, schema: Json, body: Any) -> list[str]:
        if part not in self._validators:
            whole: Json = {key: self.document[key] for key in ("definitions", "components") if key in self.document}
            modern = "components" in whole
            kind = jsonschema_rs.Draft202012Validator if modern else jsonschema_rs.Draft4Validator
            self._validators[part] = kind({"allOf": [schema], **whole})
        errors = self._validators[part].iter_errors(body)
        return [f"{part} {'/'.join(map(str, error.instance_path))}: {error.message[:200]}" for error in errors]


def _operations(document: Json) -> Iterator[Operation]:
    base = document.get("basePath", "").rstrip("/")
    for section in ("paths", "x-ms-paths"):
        for template, methods in document.get(section, {}).items():
            shared = methods.get("parameters", [])
            for method, spec in methods.items():
                if method in ("get", "put", "post", "delete", "options", "head", "patch"):
                    parameters = [_resolved(document, one) for one in [*shared, *spec.get("parameters", [])]]
                    yield Operation(document, method.upper(), base + template, spec, parameters)


def _resolved(document: Json, node: Json) -> Json:
    while "$ref" in node:
        found: Any = document
        for key in node["$ref"].removeprefix("#/").split("/"):
            found = found[key.replace("~1", "/").replace("~0", "~")]
        node = found
    return node


def _expression(template: str, parameters: Sequence[Json]) -> str:
    """`{name}` is one segment, or any number where it may be left out."""
    optional = {one["name"] for one in parameters if one["in"] == "path" and one.get("x-ms-required") is False}
    expression = ""
    for segment in template.strip("/").split("/"):
        name = segment.strip("{}")
        if segment.startswith("{") and name in optional:
            expression += r"(?:/[^/]+)?" if name != "path" else r"(?:/.+)?"
        else:
            expression += "/" + re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(segment))
    return expression + "/?"


def _acceptable(text: str, schema: Mapping[str, Any]) -> bool:
    if enum := schema.get("enum"):
        return text.lower() in {str(value).lower() for value in enum}
    match schema.get("type"):
        case "integer":
            return re.fullmatch(r"-?\d+", text) is not None
        case "number":
            return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None
        case "boolean":
            return text.lower() in ("true", "false")
        case _:
            return True


@dataclass
class Checked:
    """A service whose every exchange is checked; `problems` collects what was wrong. `unwrap` takes the documented
    body out of what goes over the wire, for APIs that wrap collections; `ignore` names paths no document has."""

    service: Service
    documents: OpenApi
    ignore: str = r"$^"
    unwrap: Callable[[Any], Any] = lambda body: body
    problems: list[str] = field(default_factory=list)
    exchanges: int = 0

    def handle(self, request: Request) -> Response:
        response = self.service.handle(request)
        if not re.search(self.ignore, request.path, re.IGNORECASE):
            self.exchanges += 1
            exchange = Exchange(
                request.method,
                request.path,
                request.query,
                _json(request.headers, request.body),
                response.status,
                self.unwrap(copy.deepcopy(_json(response.headers, response.body))),
            )
            self.problems += self.documents.problems(exchange)
        return response


def _json(headers: Mapping[str, str], body: bytes) -> Any:
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    try:
        return json.loads(body) if body and "json" in kind else None
    except ValueError:
        return None
