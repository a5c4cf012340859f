"""Types with their states and fields, fields, categories, kinds of relations, transitions (FACTS ado 12)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.endpoint import Call, answer, collection, endpoint
from reconciler.simulators.azure_devops.errors import ApiError
from reconciler.simulators.azure_devops.nodes import Project
from reconciler.simulators.azure_devops.process import (
    CATEGORY_COLORS,
    READ_ONLY_FIELDS,
    SYSTEM_FIELDS,
    Field,
    WorkItemType,
    field_named,
    fields,
)
from reconciler.simulators.azure_devops.relation_types import RELATION_TYPES, RelationType
from reconciler.simulators.azure_devops.render import Json
from reconciler.simulators.kit.wire import Response

_TYPES = "/_apis/wit/workitemtypes"
_ONE = _TYPES + "/{type}"
_ALWAYS_REQUIRED = ("System.IterationId", "System.AreaId", "System.Title", "System.State")
_COMPARISONS = ("Equals", "NotEquals", "GreaterThan", "LessThan", "GreaterThanEquals", "LessThanEquals", "In")
_SIGNS = {
    "Equals": "=",
    "NotEquals": "<>",
    "GreaterThan": ">",
    "LessThan": "<",
    "GreaterThanEquals": ">=",
    "LessThanEquals": "<=",
}


@endpoint("GET", _TYPES, project="required")
def list_types(call: Call) -> Response:
    project = call.the_project
    return collection([_type(call, project, kind) for kind in project.process.types.values()])


@endpoint("GET", _ONE, project="required")
def show_type(call: Call) -> Response:
    return answer(_type(call, call.the_project, _kind(call)))


@endpoint("GET", _ONE + "/states", project="required")
def list_states(call: Call) -> Response:
    return collection(_states(_kind(call)))


@endpoint("GET", _ONE + "/fields", project="required")
def list_type_fields(call: Call) -> Response:
    kind = _kind(call)
    expand = call.request.param("$expand").lower()
    return collection([_type_field(call, kind, field, expand) for field in _fields_of(kind)])


@endpoint("GET", _ONE + "/fields/{field}", project="required")
def show_type_field(call: Call) -> Response:
    kind, field = _kind(call), _field(call)
    if not kind.has(field.reference):
        raise errors.field_missing(call.values["field"])
    return answer(_type_field(call, kind, field, call.request.param("$expand").lower()))


@endpoint("GET", "/_apis/wit/fields")
def list_fields(call: Call) -> Response:
    return collection([_field_definition(call, field) for field in fields().values()])


@endpoint("GET", "/_apis/wit/fields/{field}")
def show_field(call: Call) -> Response:
    return answer(_field_definition(call, _field(call)))


@endpoint("GET", "/_apis/wit/workitemtypecategories", project="required")
def list_categories(call: Call) -> Response:
    project = call.the_project
    names = dict.fromkeys(kind.category for kind in project.process.types.values() if kind.category)
    return collection([_category(call, project, name) for name in names])


@endpoint("GET", "/_apis/wit/workitemtypecategories/{category}", project="required")
def show_category(call: Call) -> Response:
    project, wanted = call.the_project, call.values["category"].lower()
    for kind in project.process.types.values():
        if kind.category and kind.category.lower() == wanted:
            return answer(_category(call, project, kind.category))
    raise ApiError(
        404, f"VS402323: Work item type category {wanted} does not exist.", "WorkItemTypeCategoryNotFoundException"
    )


@endpoint("GET", "/_apis/wit/workitemrelationtypes", project="none")
def list_relation_types(call: Call) -> Response:
    return collection([_relation_type(call, kind) for kind in RELATION_TYPES.values()])


@endpoint("GET", "/_apis/wit/workitemrelationtypes/{relation}", project="none")
def show_relation_type(call: Call) -> Response:
    wanted = call.values["relation"].lower()
    for kind in RELATION_TYPES.values():
        if kind.reference.lower() == wanted:
            return answer(_relation_type(call, kind))
    raise ApiError(404, f"VS402608: The relation type {wanted} does not exist.", "WorkItemLinkTypeNotFoundException")


@endpoint("GET", "/_apis/wit/workitemtransitions", project="none")
def list_transitions(call: Call) -> Response:
    """The state after a check-in: the nearest one that is resolved or done."""
    shown = []
    for text in call.names("ids"):
        item = call.item(text)
        kind = item.project.process.types[item.type_name]
        state = str(item.fields["System.State"])
        ahead = [
            to
            for to in kind.states
            if to.category in ("Resolved", "Completed") and (state, to.name) in kind.transitions
        ]
        shown.append({"id": item.id, "stateOnTransition": ahead[0].name if ahead else state})
    return collection(shown)


# --- shapes ----------------------------------------------------------------------------------------------------------


def _kind(call: Call) -> WorkItemType:
    kind = call.the_project.process.type(call.values["type"])
    if kind is None:
        raise errors.type_missing(call.values["type"])
    return kind


def _field(call: Call) -> Field:
    field = field_named(call.values["field"])
    if field is None:
        text = f"TF51535: Cannot find field {call.values['field']}."
        raise ApiError(404, text, "WorkItemTrackingFieldDefinitionNotFoundException")
    return field


def _fields_of(kind: WorkItemType) -> list[Field]:
    return [field for field in fields().values() if kind.has(field.reference)]


def _states(kind: WorkItemType) -> list[Json]:
    return [
        {"name": state.name, "color": CATEGORY_COLORS[state.category], "category": state.category}
        for state in kind.states
    ]


def _type(call: Call, project: Project, kind: WorkItemType) -> Json:
    icon = f"{call.base}/_apis/wit/workItemIcons/{kind.icon}?color={kind.color}&v=2"
    url = call.render.type_url(project, kind.name)
    shown_fields = [_type_field(call, kind, field, "") for field in _fields_of(kind)]
    return {
        "name": kind.name,
        "referenceName": kind.reference,
        "description": "",
        "color": kind.color,
        "icon": {"id": kind.icon, "url": icon},
        "isDisabled": False,
        "xmlForm": "",
        "fields": shown_fields,
        "fieldInstances": shown_fields,
        "transitions": _transitions(kind),
        "states": _states(kind),
        "_links": {"self": {"href": url}},
        "url": url,
    }


def _transitions(kind: WorkItemType) -> dict[str, list[Json]]:
    """Each state lists itself; "" is where a new item comes from (FACTS ado 12.3)."""
    targets: dict[str, list[str]] = {state.name: [state.name] for state in kind.states}
    for origin, to in kind.transitions:
        targets.setdefault(origin, []).append(to)
    return {origin: [{"to": to, "actions": None} for to in reached] for origin, reached in targets.items()}


def _type_field(call: Call, kind: WorkItemType, field: Field, expand: str) -> Json:
    rule = kind.rules.get(field.reference)
    body: Json = {
        "defaultValue": _text(rule.default) if rule else None,
        "helpText": "",
        "alwaysRequired": field.reference in _ALWAYS_REQUIRED or bool(rule and rule.required),
        "referenceName": field.reference,
        "name": field.name,
        "url": f"{call.base}/_apis/wit/fields/{quote(field.reference)}",
    }
    if expand in ("allowedvalues", "all"):
        body["allowedValues"] = _allowed(call, kind, field)
    if expand in ("dependentfields", "all"):
        body["dependentFields"] = []
    return body


def _allowed(call: Call, kind: WorkItemType, field: Field) -> list[Any]:
    if field.kind == "identity":
        return [call.render.identity(user) for user in call.world.members]
    if field.reference == "System.State":
        return [state.name for state in kind.states]
    rule = kind.rules.get(field.reference)
    return [_text(value) for value in rule.allowed] if rule else []


def _text(value: Any) -> str | None:
    """Lists and defaults are text, whatever the kind of the field."""
    return None if value is None else str(value)


def _field_definition(call: Call, field: Field) -> Json:
    return {
        "name": field.name,
        "referenceName": field.reference,
        "type": "string" if field.kind == "identity" else field.kind,
        "usage": "workItem",
        "readOnly": field.reference in READ_ONLY_FIELDS,
        "canSortBy": not field.long_text,
        "isQueryable": True,
        "supportedOperations": _operations(field),
        "isIdentity": field.kind == "identity",
        "isPicklist": False,
        "isPicklistSuggested": False,
        "isDeleted": False,
        "isLocked": field.reference in SYSTEM_FIELDS,
        "url": f"{call.base}/_apis/wit/fields/{quote(field.reference)}",
    }


def _operations(field: Field) -> list[Json]:
    if field.long_text:
        names = ["ContainsWords", "NotContainsWords", "IsEmpty", "IsNotEmpty"]
    elif field.kind == "treePath":
        names = ["Under", "NotUnder", "Equals", "NotEquals", "In"]
    else:
        names = [
            *_COMPARISONS,
            *(["Contains", "NotContains"] if field.kind in ("string", "plainText", "identity") else []),
        ]
    return [{"referenceName": f"SupportedOperations.{name}", "name": _SIGNS.get(name, name)} for name in names]


def _category(call: Call, project: Project, name: str) -> Json:
    kinds = [
        {"name": kind.name, "url": call.render.type_url(project, kind.name)}
        for kind in project.process.types.values()
        if kind.category == name
    ]
    return {
        "name": name.removeprefix("Microsoft.").removesuffix("Category") + " Category",
        "referenceName": name,
        "defaultWorkItemType": kinds[0],
        "workItemTypes": kinds,
        "url": f"{call.base}/{project.id}/_apis/wit/workItemTypeCategories/{name}",
    }


def _relation_type(call: Call, kind: RelationType) -> Json:
    return {
        "attributes": kind.attributes,
        "referenceName": kind.reference,
        "name": kind.name,
        "url": f"{call.base}/_apis/wit/workItemRelationTypes/{kind.reference}",
    }
