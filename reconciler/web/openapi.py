"""Openapi: what /api/openapi.json says, which is what the addresses for programs do."""

from __future__ import annotations

from typing import Any

from reconciler import __version__
from reconciler.web.query import LIMIT_MAX, PAGE_MAX, WORDS_MAX

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 0}
INSTANT: Schema = {"type": "string", "format": "date-time"}
SIDE: Schema = {"type": "string", "enum": ["left", "right"]}
CIRCUIT: Schema = {"type": "string", "enum": ["closed", "open"]}


def description() -> dict[str, Any]:
    """The OpenAPI document of everything that answers JSON, and of the metrics."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "reconciler",
            "version": __version__,
            "description": "How the mappings stand and what was done. Everything is read from the store; nothing here"
            " sends a request to a tracker.",
        },
        "paths": {
            "/api/health": {"get": _health()},
            "/metrics": {"get": _metrics()},
            "/api/dashboard/stats": {"get": _document("How everything stands", _stats())},
            "/api/dashboard/project-maps": {"get": _project_maps()},
            "/api/dashboard/sync-log": {"get": _sync_log()},
            "/api/conflicts/{id}/resolve": {"post": _resolve()},
            "/api/items/{mapping}/{side}/{key}/retry": {"post": _retry()},
            "/api/openapi.json": {"get": _document("This document", {"type": "object"}, store=False)},
        },
        "components": {
            "schemas": {"Error": _object(error=TEXT, status=TEXT), "Event": _event()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "dashboard.token"}},
        },
    }


# --- operations ----------------------------------------------------------------------------------------------------


def _health() -> Schema:
    well = _object(status={"const": "ok"}, timestamp=INSTANT)
    names: Schema = {"type": "array", "items": TEXT}
    ill = _object(status={"enum": ["late", "in doubt"]}, timestamp=INSTANT)
    ill["properties"] |= {"late": names, "in_doubt": names}
    return {
        "summary": "Whether every mapping still finishes its cycles",
        "responses": {"200": _answer("It does", well), "503": _answer("One does not", ill)},
    }


def _metrics() -> Schema:
    return {
        "summary": "Metrics for Prometheus",
        "responses": {
            "200": {"description": "Text format 0.0.4", "content": {"text/plain": {"schema": TEXT}}},
            "503": _error("The store cannot be read"),
        },
    }


def _project_maps() -> Schema:
    table = {"type": "array", "items": _object(left=TEXT, right=TEXT)}
    side = _object(tracker=TEXT, place={"type": "object"})
    mapping = _object(
        name=TEXT,
        left=side,
        right=side,
        poll_every_s=NUMBER,
        sweep_every_s=NUMBER,
        timezone=TEXT,
        fields={
            "type": "array",
            "items": _object(
                field=TEXT,
                direction={"enum": ["both", "to-right", "to-left", "off"]},
                conflict={"enum": ["newest", "left", "right", "hold", None]},
            ),
        },
        states={
            "type": "array",
            "items": _object(left=TEXT, right={"type": "array", "items": TEXT}),
        },
        priorities=table,
        people=COUNT,
    )
    return _document(
        "The mappings as configured, defaults filled in",
        _object(mappings={"type": "array", "items": mapping}),
        store=False,
    )


def _stats() -> Schema:
    mapping = _object(
        name=TEXT,
        left=TEXT,
        right=TEXT,
        linked=COUNT,
        open_pairs=COUNT,
        parity=_or_null({"type": "number", "minimum": 0, "maximum": 1}),
        polled_left=_or_null(INSTANT),
        polled_right=_or_null(INSTANT),
        pending=COUNT,
        quarantined=COUNT,
        conflicts=COUNT,
        in_doubt=COUNT,
        oldest_look=_or_null(INSTANT),
        oldest_pending=_or_null(INSTANT),
        oldest_doubt=_or_null(INSTANT),
        last_problem=_or_null(TEXT),
        circuit_left=CIRCUIT,
        circuit_right=CIRCUIT,
        waiting={"type": "array", "items": TEXT},
        last_cycle_at=_or_null(INSTANT),
        next_cycle_at=_or_null(INSTANT),
    )
    tracker = _object(
        name=TEXT,
        kind=TEXT,
        circuit=CIRCUIT,
        requests_per_minute=_or_null(COUNT),
        requests_this_hour=COUNT,
        requests_last_day=COUNT,
        requests_by_hour={"type": "array", "items": _object(hour=INSTANT, requests=COUNT)},
    )
    return _object(
        status={"enum": ["ok", "late", "in doubt"]},
        timestamp=INSTANT,
        version=TEXT,
        started_at=INSTANT,
        mappings={"type": "array", "items": mapping},
        trackers={"type": "array", "items": tracker},
    )


def _sync_log() -> Schema:
    words: Schema = {"type": "string", "maxLength": WORDS_MAX}
    page = _object(
        total=COUNT, page=COUNT, limit=COUNT, events={"type": "array", "items": {"$ref": "#/components/schemas/Event"}}
    )
    operation = _document("What was done and why, newest first", page)
    operation["parameters"] = [
        _parameter("page", {"type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": 1}, "The first is 1"),
        _parameter("limit", {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": 20}, "Events a page"),
        _parameter("mapping", words, "Only of this mapping"),
        _parameter("kind", words, "Only events of this kind"),
        _parameter("item", words, "Only of this item and its partner: a label, a key, or the address of a page"),
        _parameter("text", words, "Only those whose text has these words"),
    ]
    operation["responses"]["400"] = _error("A value that cannot be meant")
    return operation


def _resolve() -> Schema:
    done = _object(conflict=COUNT, winner=SIDE)
    operation = _deed(
        "Decide a conflict; the next cycle, which begins at once, carries it", done, "It is settled already"
    )
    operation["parameters"] = [_place("id", {"type": "integer", "minimum": 1, "maximum": 2**31})]
    body = {"application/json": {"schema": {**_object(winner=SIDE), "additionalProperties": False}}}
    operation["requestBody"] = {"required": True, "content": body}
    operation["responses"]["400"] = _error("The body is not what it has to be")
    return operation


def _retry() -> Schema:
    done = _object(mapping=TEXT, side=SIDE, key=TEXT)
    operation = _deed("Have an item tried again in the next cycle, which begins at once", done, "It does not wait")
    operation["parameters"] = [_place("mapping", TEXT), _place("side", SIDE), _place("key", TEXT)]
    return operation


def _deed(summary: str, done: Schema, in_vain: str) -> Schema:
    return {
        "summary": summary,
        "security": [{"token": []}],
        "responses": {
            "202": _answer("It will be done", done),
            "401": _error("The token is missing or wrong"),
            "403": _error("Everything is read-only, since dashboard.token is not set"),
            "404": _error("There is no such thing"),
            "409": _error(in_vain),
            "503": _error("A cycle takes too long to be waited for, or the store cannot be read"),
        },
    }


# --- parts ---------------------------------------------------------------------------------------------------------


def _event() -> Schema:
    return _object(
        id=COUNT,
        at=INSTANT,
        run=_or_null(COUNT),
        mapping=TEXT,
        kind=TEXT,
        text=TEXT,
        side=_or_null(SIDE),
        key=_or_null(TEXT),
        field=_or_null(TEXT),
    )


def _object(**properties: Schema) -> Schema:
    """An object that has all of these, and may have more later."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _parameter(name: str, schema: Schema, text: str) -> Schema:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": text}


def _place(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _document(summary: str, schema: Schema, *, store: bool = True) -> Schema:
    responses = {"200": _answer(summary, schema)}
    if store:
        responses["503"] = _error("The store cannot be read")
    return {"summary": summary, "responses": responses}


def _answer(text: str, schema: Schema) -> Schema:
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _error(text: str) -> Schema:
    return _answer(text, {"$ref": "#/components/schemas/Error"})
