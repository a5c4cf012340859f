"""Switches: what is not known of the real ClickUp, and what a run may want to be stricter about.

Every field that cites "U<n>" stands for a row of the list of unconfirmed behaviour (FACTS clickup 19); tests run with
both settings, because a client has to be right under either. Defaults are what most witnesses report.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Change(StrEnum):
    """A kind of change to a task, for the question whether it moves `date_updated` (FACTS clickup 4)."""

    EDIT = "edit"  # recorded: yes, even when nothing changes (4.1)
    TIME = "time"  # recorded: yes (4.1)
    LINK = "link"  # recorded: no (4.1)
    TAG = "tag"  # reported: yes (4.2)
    FIELD = "field"  # reported: yes (4.2)
    MOVE = "move"  # reported: yes (4.2)
    ARCHIVE = "archive"  # U2; through PUT it is an EDIT as well
    RESTORE = "restore"  # U2
    COMMENT_ADD = "comment add"  # U2: likely (4.3)
    COMMENT_EDIT = "comment edit"  # U2
    COMMENT_DELETE = "comment delete"  # U2
    REPLY = "reply"  # U2
    REACTION = "reaction"  # U2
    ATTACHMENT = "attachment"  # U2; a hint against it (4.4)
    CHECKLIST = "checklist"  # U2
    DEPENDENCY = "dependency"  # U2
    LOCATION = "location"  # U2: added to or taken from a further List
    SUBTASK = "subtask"  # U2: the parent's date when a subtask comes or goes
    RENAME = "rename"  # U2: a status, tag or option it shows got another name
    MERGE = "merge"  # the task that remains


LIKELY_MOVES = frozenset(
    {
        Change.EDIT,
        Change.TIME,
        Change.TAG,
        Change.FIELD,
        Change.MOVE,
        Change.ARCHIVE,
        Change.RESTORE,
        Change.COMMENT_ADD,
        Change.MERGE,
    }
)
ALL_MOVE = frozenset(Change) - {Change.LINK}
FEWEST_MOVE = frozenset({Change.EDIT, Change.TIME})


@dataclass(frozen=True, slots=True)
class Switches:
    """One simulated ClickUp's behaviour. Assign a changed copy (`dataclasses.replace`) to `ClickUp.switches`."""

    moves: frozenset[Change] = LIKELY_MOVES
    """U2: the changes that move a task's `date_updated`."""

    after_includes_equal: bool = False
    """U1: `date_updated_gt` and its kin mean "at or after" instead of "after" (FACTS clickup 3.4)."""

    archived_filter: Literal["only", "also"] = "only"
    """U3: `archived=true` lists archived tasks only, or all (FACTS clickup 3.9)."""

    done_is_listed: bool = True
    """U4: tasks in a status of type `done` are listed without `include_closed`."""

    page_size: int = 100
    """How many tasks a page of a listing has (FACTS clickup 3.1); lower it to test paging."""

    index_delay_ms: int = 0
    """U5: how long a listing goes on showing what was before a write (FACTS clickup 14.7)."""

    unknown_assignee_on_update: Literal["dropped", "refused"] = "dropped"
    """U6. On creation they are dropped (recorded, FACTS clickup 6.6)."""

    null_clears_points: bool = True
    """U7 (FACTS clickup 6.14)."""

    null_clears_time_estimate: bool = True
    """U7 (FACTS clickup 6.14)."""

    blank_clears_markdown: bool = True
    """U7: `markdown_content: " "` empties the description; otherwise it is ignored as `""` is."""

    update_status_code: Literal["ITEM_114", "CRTSK_001"] = "ITEM_114"
    """U8: the code for an unknown status in PUT (FACTS clickup 6.5)."""

    trims_names: bool = False
    """U9: outer blanks of task names are cut off and line breaks become blanks."""

    nesting_depth_max: int = 7
    """U10: levels of tasks below a root (FACTS clickup 10.4)."""

    children_follow_into_trash: bool = True
    """U10: deleting a task deletes its subtasks; otherwise they become root tasks (FACTS clickup 10.5)."""

    code_language: Literal["kept", "plain", "dropped"] = "kept"
    """U11: what becomes of the language of a code block. A block without one reads back as `plain`, as exports show."""

    bare_urls: Literal["linked", "kept", "bookmark"] = "linked"
    """U11: a bare address reads back as `[url](url)`, as it was, or (alone on its line) as a bookmark (7.3)."""

    ragged_quotes: bool = True
    """U11: quotes read back with trailing blanks and lone `>` lines (FACTS clickup 7.3)."""

    comment_characters_max: int | None = None
    """U12: longer comments are refused with 400."""

    body_bytes_max: int | None = None
    """U12: longer JSON bodies are refused with 413."""

    v3_file_part: Literal["attachment", "filename"] = "attachment"
    """U13: the name of the file's part in a v3 upload; v2 takes `attachment` and `attachment[0]` (12.1, 12.7)."""

    retry_after_on_429: bool = False
    """U14: 429 answers carry `Retry-After`."""

    plain_value_types: bool = False
    """U15: rating, number and checkbox fields read back as numbers and booleans instead of texts (9.4)."""

    masks_addresses_for_guests: bool = False
    """U16: a guest's token sees no e-mail addresses."""

    archived_places_hide_tasks: bool = False
    """U17: tasks of an archived List, Folder or Space count as archived in listings (FACTS clickup 3.10)."""

    cross_space_move: Literal["keeps", "drops"] = "keeps"
    """U18: what becomes of tags and of values of fields unknown at the destination."""

    accepts_comment_markdown: bool = True
    """U19: `comment_markdown` is rendered; otherwise ignored as an unknown key (FACTS clickup 11.4)."""

    trash_writes: Literal["refused", "ignored"] = "refused"
    """U20: tag, comment, link and attachment writes on a task in the trash get 404 ITEM_013, or 200 without effect.
    A field write gets 200 without effect in any case (FACTS clickup 9.3)."""

    status_case_matters: bool = False
    """Sources disagree whether a status is found whatever its case (FACTS clickup 2.7)."""

    new_tags_arrive_late: bool = True
    """A tag that the Space did not have is attached after the create answer was built; otherwise lost (6.7)."""

    shows_grandchildren: bool = True
    """`include_subtasks` goes below the first level (FACTS clickup 5.11)."""

    replies_newest_first: bool = False
    """The order of replies; no source tells it."""

    storage_bytes_max: int = 1 << 40
    """What the plan of a Workspace has room for (FACTS clickup 12.2)."""

    private_attachment_links: bool = False
    """The workspace setting of that name: files need a login (FACTS clickup 12.5)."""

    unknown_id_code: Literal["OAUTH_018", "OAUTH_023", "OAUTH_027"] = "OAUTH_018"
    """The code under 401 for ids that cannot be resolved; recorded 2026 and older (FACTS clickup 1.10)."""

    field_uses_max: int | None = None
    """Quota of the Free plan: values that may ever be set in the workspace, then FIELD_033 (FACTS clickup 9.7)."""

    custom_type_uses_max: int | None = None
    """Tasks of custom types that may be made, then ITEM_246 (FACTS clickup 6.4)."""

    location_uses_max: int | None = None
    """Tasks that may be added to further Lists, then 403 TIML_001 (FACTS clickup 10.9)."""

    strict: bool = False
    """Unknown query parameters and body keys are refused with 400 STRICT_001 instead of ignored: for tests of a
    client, because the real ClickUp hides every typing error (FACTS clickup 1.14)."""
