"""The errors of Azure DevOps, with the codes, texts and type keys of the real ones (FACTS ado 15)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.simulators.kit.wire import Response

_TRACKING = "Microsoft.TeamFoundation.WorkItemTracking.Server"
_FRAMEWORK = "Microsoft.TeamFoundation.Framework.Server"
_BOARDS = "Microsoft.Azure.Boards.WebApi.Common"
_WEB_API = "Microsoft.VisualStudio.Services.WebApi"

TRACKING_EVENT = 3200
FRAMEWORK_EVENT = 3000


class ApiError(Exception):
    """An answer that is not a success; raised anywhere below `api.py`, which sends it."""

    def __init__(
        self,
        status: int,
        message: str,
        type_key: str,
        *,
        namespace: str = _TRACKING,
        event_id: int = TRACKING_EVENT,
        code: int = 0,
        custom: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body: dict[str, Any] = {"$id": "1"}
        if custom is not None:
            self.body["customProperties"] = dict(custom)
        self.body |= {
            "innerException": None,
            "message": message,
            "typeName": f"{namespace}.{type_key}, {namespace}",
            "typeKey": type_key,
            "errorCode": code,
            "eventId": event_id,
        }

    def response(self) -> Response:
        headers = {"content-type": "application/json; charset=utf-8", **self.headers}
        return Response(self.status, headers, json.dumps(self.body, ensure_ascii=False).encode())


def framework_error(status: int, message: str, type_key: str, namespace: str = _FRAMEWORK) -> ApiError:
    return ApiError(status, message, type_key, namespace=namespace, event_id=FRAMEWORK_EVENT)


# --- reading ---------------------------------------------------------------------------------------------------------


def item_missing(item_id: int) -> ApiError:
    """Deleted, foreign, hidden and never existing look alike (FACTS ado 15.3)."""
    text = f"TF401232: Work item {item_id} does not exist, or you do not have permissions to read it."
    return ApiError(404, text, "WorkItemUnauthorizedAccessException")


def project_missing(name: str) -> ApiError:
    text = (
        f"TF200016: The following project does not exist: {name}. Verify that the name of the project is correct and "
        "that the project exists on the specified Azure DevOps Server."
    )
    return framework_error(404, text, "ProjectDoesNotExistWithNameException", "Microsoft.TeamFoundation.Core.WebApi")


def type_missing(name: str) -> ApiError:
    return ApiError(404, f"VS403072: Work item type {name} does not exist.", "WorkItemTypeNotFoundException")


def field_missing(name: str) -> ApiError:
    return ApiError(400, f"TF51535: Cannot find field {name}.", "WorkItemTrackingFieldDefinitionNotFoundException")


def node_missing(path: str) -> ApiError:
    text = f"VS402485: The classification node name {path} is not recognized."
    return ApiError(404, text, "WorkItemTrackingTreeNodeNotFoundException")


def comment_missing(comment_id: int) -> ApiError:
    return ApiError(404, f"Comment with id {comment_id} does not exist.", "CommentNotFoundException")


def bad_request(message: str, type_key: str = "VssPropertyValidationException") -> ApiError:
    return ApiError(400, message, type_key, namespace=_BOARDS, event_id=FRAMEWORK_EVENT)


def too_many_ids(count: int, limit: int) -> ApiError:
    text = f"VS403474: You requested {count} work items which exceeds the limit of {limit}."
    return ApiError(400, text, "WorkItemTrackingRequestLimitExceededException")


def expand_with_fields() -> ApiError:
    return bad_request(
        "The expand parameter can not be used with the fields parameter.", "ConflictingParametersException"
    )


# --- writing ---------------------------------------------------------------------------------------------------------


def test_failed(path: str, value: object, actual: object) -> ApiError:
    text = f"VS403351: Test Operation for path {path} failed, value {actual} was not equal to test value {value}."
    return ApiError(
        412, text, "TestPatchOperationFailedException", namespace=f"{_WEB_API}.Patch", event_id=FRAMEWORK_EVENT
    )


def lost_race(status: int) -> ApiError:
    text = (
        "TF26071: This work item has been changed by someone else since you opened it. You will need to refresh it "
        "and discard your changes."
    )
    return ApiError(status, text, "WorkItemRevisionMismatchException")


def rule_errors(problems: Sequence[tuple[str, str, str]]) -> ApiError:
    """`problems` are (field, flags, message); the shape is that of FACTS ado 15.4."""
    message = problems[0][2]
    if len(problems) == 2:
        message += " One additional error occurred."
    elif len(problems) > 2:
        message += f" {len(problems) - 1} additional errors occurred."
    custom = {
        "FieldReferenceName": None,
        "FieldStatusFlags": "none",
        "ErrorMessage": message,
        "FieldStatusCode": 0,
        "RuleValidationErrors": [
            {
                "fieldReferenceName": field,
                "fieldStatusFlags": flags,
                "errorMessage": text,
                "fieldStatusCode": 524289,
                "ruleValidationErrors": None,
            }
            for field, flags, text in problems
        ],
    }
    return ApiError(400, message, "RuleValidationException", custom=custom)


def unknown_identity(value: str, field: str, field_name: str) -> ApiError:
    text = f"The identity value '{value}' for field '{field_name}' is an unknown identity."
    custom = {"ReferenceName": field}
    return ApiError(400, text, "WorkItemFieldInvalidException", code=600171, custom=custom)


def bad_tree_name(item_id: int, field: str) -> ApiError:
    text = f"TF401347: Invalid tree name given for work item {item_id}, field '{field}'."
    return ApiError(400, text, "WorkItemFieldInvalidTreeNameException")


def too_long(field: str) -> ApiError:
    return ApiError(400, f"TF401324: Value for field '{field}' is too long", "WorkItemFieldInvalidException")


def same_field_twice(field: str) -> ApiError:
    text = f"VS403691: The request contains more than one operation for the field {field}."
    return ApiError(400, text, "WorkItemPatchDuplicateFieldException")


def relation_exists() -> ApiError:
    text = "Relation already exists."
    return ApiError(400, text, "RelationAlreadyExistsException", namespace=_BOARDS, event_id=FRAMEWORK_EVENT)


def forbidden(message: str, type_key: str = "AccessDeniedException") -> ApiError:
    return ApiError(403, message, type_key)


# --- protocol --------------------------------------------------------------------------------------------------------


def version_missing(method: str) -> ApiError:
    text = (
        f'No api-version was supplied for the "{method}" request. The version must be supplied either as part of the '
        'Accept header (e.g. "application/json; api-version=1.0") or as a query parameter (e.g. "?api-version=1.0").'
    )
    return framework_error(400, text, "VssVersionNotSpecifiedException", _WEB_API)


def preview_flag_missing(version: str) -> ApiError:
    text = (
        f'The requested version "{version}" of the resource is under preview. The -preview flag must be supplied in '
        f'the api-version for such requests. For example: "{version}-preview"'
    )
    return framework_error(400, text, "VssInvalidPreviewVersionException", _WEB_API)


def version_out_of_range(version: str, latest: str) -> ApiError:
    text = (
        f"The requested REST API version of {version} is out of range for this server. The latest REST API version "
        f"this server supports is {latest}."
    )
    return framework_error(400, text, "VssVersionOutOfRangeException", _WEB_API)


def content_type_unsupported(given: str, method: str, valid: Sequence[str]) -> ApiError:
    text = (
        f'The request indicated a Content-Type of "{given}" for method type "{method}" which is not supported. '
        f"Valid content types for this method are: {', '.join(valid)}."
    )
    return framework_error(400, text, "VssRequestContentTypeNotSupportedException", _WEB_API)


def not_authorized(user: str) -> ApiError:
    text = f"TF400813: The user '{user}' is not authorized to access this resource."
    error = framework_error(401, text, "UnauthorizedRequestException")
    error.headers["www-authenticate"] = (
        "Bearer authorization_uri=https://login.microsoftonline.com/common, TFS-Federated"
    )
    return error


def blocked(retry_after_s: int) -> ApiError:
    text = (
        "TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource "
        "'Concurrency' in namespace 'User'. For more information on why your request was blocked, see the topic "
        '"Rate limits" on the Microsoft Web site.'
    )
    error = framework_error(429, text, "RequestBlockedException")
    error.headers["retry-after"] = str(retry_after_s)
    return error
