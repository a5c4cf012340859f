"""ApiError: the refusals of ClickUp with the codes and texts that are known (FACTS clickup 17).

Where a refusal is certain and its code is not, the family is kept and the number is 000.
"""

from __future__ import annotations


class ApiError(Exception):
    """Answered as `{"err", "ECODE"}` by v2 and as `{"status", "message", ...}` by v3. `counted` tells whether the
    answer carries rate-limit headers, which some refusals lack (FACTS clickup 14.2)."""

    def __init__(self, status: int, code: str, text: str, *, counted: bool = True) -> None:
        super().__init__(f"{status} {code}: {text}")
        self.status = status
        self.code = code
        self.text = text
        self.counted = counted


def header_missing() -> ApiError:
    return ApiError(400, "OAUTH_017", "Authorization header required", counted=False)  # FACTS clickup 1.8


def token_invalid() -> ApiError:
    return ApiError(401, "OAUTH_025", "Token invalid", counted=False)  # FACTS clickup 1.9


def token_unknown() -> ApiError:
    return ApiError(401, "OAUTH_019", "Oauth token not found", counted=False)  # FACTS clickup 1.9


def not_resolved(code: str = "OAUTH_018") -> ApiError:
    """An id that means nothing to this token: 401 although the token is fine (FACTS clickup 1.10)."""
    texts = {"OAUTH_023": "Team(s) not authorized", "OAUTH_027": "Team not authorized"}
    return ApiError(401, code, texts.get(code, "Oauth token not found"))


def workspace_unknown() -> ApiError:
    return ApiError(404, "SHARD_031", "Workspace not found", counted=False)  # FACTS clickup 1.11


def workspace_foreign() -> ApiError:
    return ApiError(401, "OAUTH_056", "Team not authorized")  # FACTS clickup 1.11


def link_foreign() -> ApiError:
    return ApiError(401, "OAUTH_023", "Team(s) not authorized")  # FACTS clickup 10.2


def no_access() -> ApiError:
    return ApiError(401, "ACCESS_083", "You do not have access to this task")  # FACTS clickup 6.9


def workspace_id_invalid() -> ApiError:
    return ApiError(400, "INPUT_001", "Team ID invalid")


def list_id_invalid() -> ApiError:
    return ApiError(400, "INPUT_003", "validateListIDEx List ID invalid", counted=False)


def task_id_invalid() -> ApiError:
    return ApiError(400, "INPUT_004", "Task ID invalid")


def folder_id_invalid() -> ApiError:
    return ApiError(400, "INPUT_011", "Folder ID invalid", counted=False)


def name_invalid() -> ApiError:
    return ApiError(400, "INPUT_005", "Task name invalid")


def body_invalid() -> ApiError:
    return ApiError(400, "INPUT_000", "Request body is not valid")


def body_too_large() -> ApiError:
    return ApiError(413, "INPUT_000", "Request entity too large")


def priority_invalid() -> ApiError:
    return ApiError(400, "ITEM_000", "Priority invalid")  # FACTS clickup 5.4 knows the text only


def date_invalid() -> ApiError:
    return ApiError(400, "ITEM_000", "Date invalid")


def task_deleted() -> ApiError:
    return ApiError(404, "ITEM_013", "Task not found, deleted")  # FACTS clickup 16.2


def parent_is_itself() -> ApiError:
    return ApiError(400, "ITEM_069", "Task cannot be its own parent")


def parent_elsewhere() -> ApiError:
    return ApiError(400, "ITEM_137", "Parent not child of list")


def nested_too_deep() -> ApiError:
    return ApiError(400, "ITEM_000", "Subtask nesting limit reached")


def limit_reached(what: str) -> ApiError:
    return ApiError(400, "ITEM_000", f"{what} limit reached")  # FACTS clickup 6.20 knows the limits only


def status_unknown(code: str) -> ApiError:
    return ApiError(400, code, "Status not found" if code == "CRTSK_001" else "Status does not exist")


def fields_malformed() -> ApiError:
    return ApiError(400, "ITEM_155", "Custom fields invalid")


def type_quota_spent() -> ApiError:
    return ApiError(400, "ITEM_246", "Max usage for custom task types reached")


def type_unknown() -> ApiError:
    return ApiError(400, "ITEM_000", "Custom item not found")


def order_unknown() -> ApiError:
    return ApiError(500, "ITEMV2_003", "Internal server error")  # FACTS clickup 14.6: an input error all the same


def not_an_array(name: str) -> ApiError:
    return ApiError(400, "PUBAPITASK_017", f"{name} must be an array")  # FACTS clickup 1.16


def assignee_unknown() -> ApiError:
    return ApiError(400, "ITEM_000", "Assignee not found")


def dependency_cycle() -> ApiError:
    return ApiError(400, "ITEM_000", "Dependency would be circular")  # FACTS clickup 10.1: refused, code unknown


def dependency_ambiguous() -> ApiError:
    return ApiError(400, "ITEM_000", "Provide either depends_on or dependency_of")


def location_quota_spent() -> ApiError:
    return ApiError(403, "TIML_001", "Tasks in multiple lists limit reached")


def home_list_fixed() -> ApiError:
    return ApiError(400, "ITEM_000", "Task cannot be removed from its home list")  # FACTS clickup 10.9


def merge_invalid() -> ApiError:
    return ApiError(400, "ITEM_000", "Source tasks invalid")


def comment_ambiguous() -> ApiError:
    return ApiError(400, "COMMENT_000", "Provide either comment_text or comment_markdown")  # FACTS clickup 11.4


def comment_invalid() -> ApiError:
    return ApiError(400, "COMMENT_000", "Comment invalid")


def outsider_on_checklist() -> ApiError:
    return ApiError(400, "CHECK_026", "Assignees must have access to the checklist")


def file_missing() -> ApiError:
    return ApiError(400, "ATTCH_000", "No attachment in the request")


def storage_full() -> ApiError:
    return ApiError(400, "GBUSED_005", "The storage of the Workspace is full")


def folder_name_invalid() -> ApiError:
    return ApiError(400, "CAT_021", "Project name invalid")


def folder_name_taken() -> ApiError:
    return ApiError(400, "CAT_014", "Folder name taken")


def list_name_invalid() -> ApiError:
    return ApiError(400, "SUBCAT_020", "List Name Invalid")


def place_gone(what: str) -> ApiError:
    return ApiError(404, "PROJ_006", f"{what} not found")


def route_unknown() -> ApiError:
    return ApiError(404, "APP_001", "Route not found")


def rate_exceeded() -> ApiError:
    return ApiError(429, "APP_002", "Rate limit reached")


def keys_unknown(where: str, keys: list[str]) -> ApiError:
    return ApiError(400, "STRICT_001", f"Unknown {where}: {', '.join(keys)}")


class FieldError(ApiError):
    """Refusals of custom field writes (FACTS clickup 9.2)."""


def field_type_missing() -> FieldError:
    return FieldError(400, "FIELD_002", "Field type is required")


def option_unknown() -> FieldError:
    return FieldError(400, "FIELD_011", "Value must be an option index or uuid")


def field_date_invalid() -> FieldError:
    return FieldError(500, "FIELD_017", "Value is not a valid date")


def field_quota_spent() -> FieldError:
    return FieldError(400, "FIELD_033", "Custom field usages exceeded for your plan")


def field_id_invalid() -> FieldError:
    return FieldError(400, "FIELD_057", "Custom field id must be a valid UUID")


def field_elsewhere() -> FieldError:
    return FieldError(400, "FIELD_115", "Custom field does not exist in the task location hierarchy")


def labels_invalid() -> FieldError:
    return FieldError(400, "FIELD_144", "Labels must be an array")


def field_access_denied() -> FieldError:
    return FieldError(403, "FIELD_262", "Access denied for updating field api")


def relation_invalid() -> FieldError:
    return FieldError(400, "FIELD_342", "Invalid Value")


def field_value_invalid() -> FieldError:
    return FieldError(400, "FIELD_000", "Value is not valid")


def field_not_applicable() -> FieldError:
    return FieldError(400, "FIELD_000", "Custom field does not apply to this task type")
