"""Switches: every behaviour of the real service that nobody has confirmed, with the answer assumed by default.

A client has to work with all of them; tests turn them one by one. The names U1 to U18 are those of FACTS ado 21.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Switches:
    """May be changed while the simulator runs."""

    wiql_fractions: Literal["ignored", "respected"] = "ignored"
    """U1: whether a literal's fraction of a second counts. Ignored: it is cut to whole seconds (FACTS ado 3.8)."""

    noop_bumps_rev: bool = False
    """U2: whether a patch that changes nothing makes a revision (FACTS ado 5.11)."""

    comment_edit_bumps_rev: bool = True
    """U3: whether editing a comment makes a revision (FACTS ado 5.6 says so)."""

    comment_delete_bumps_rev: bool = True
    """U3: whether deleting a comment makes a revision (FACTS ado 5.7 says so)."""

    comment_delete_lowers_count: bool = True
    """U3: whether the revision made by a deletion has a lower System.CommentCount (FACTS ado 5.7)."""

    deleted_comment_keeps_text: bool = True
    """U3: whether a deleted comment is listed with its text (FACTS ado 10.6; the sample answer keeps it)."""

    html_comments_survive: bool = False
    """U4: whether `<!-- -->` outlives a save (FACTS ado 10.12)."""

    batch_is_atomic: bool = False
    """U5: whether one failing entry of $batch undoes and replaces all answers by its own (FACTS ado 8.5)."""

    comments_per_item: int = 1_000
    """U6: how many comments an item may have (folklore, FACTS ado 14.5)."""

    comment_length: int = 1_048_576
    """U6: how long a comment may be (the limit of long text is assumed, FACTS ado 10.8)."""

    markdown_can_revert: bool = False
    """U7: whether a Markdown field may become HTML again over REST (FACTS ado 18.4)."""

    tag_case_matters: bool = False
    """U8: whether "Web" and "web" are two tags. False: the first spelling is reused (FACTS ado 7.18)."""

    query_lag_s: float = 0.0
    """U9: how long WIQL keeps seeing the past."""

    feed_lag_s: float = 0.0
    """U9: how long the reporting feeds keep seeing the past."""

    zone_hours: float = 0.0
    """U10: the zone of dates without one, of whole-day comparisons and of @Today, as an offset from UTC."""

    conflict_status: int = 409
    """U11: the status of TF26071, when another save wins the race inside the server (409, 412 or 400)."""

    node_rename_bumps_rev: bool = False
    """U12: whether renaming an area or iteration makes revisions of the items in it (FACTS ado 5.12)."""

    others_comments_editable: bool = False
    """U13: whether the API lets one edit or delete somebody else's comment; otherwise 403 (FACTS ado 10.14)."""

    feed_shows_history_of_moved: bool = True
    """U14: whether a project's feed shows earlier revisions of an item that has moved in (FACTS ado 6.7)."""

    query_error_type_key: str = "QueryException"
    """U15: the typeKey of WIQL errors (FACTS ado 3.20)."""

    link_error_type_key: str = "WorkItemLinkInvalidException"
    """U15: the typeKey of link topology errors (FACTS ado 9.9)."""

    recycle_bin_days: float = 0.0
    """U16: after how many days deleted items are destroyed by themselves; 0 is never (FACTS ado 16.7)."""

    query_cap: int = 20_000
    """The most ids one WIQL answer can have (FACTS ado 3.10); lower it to test paging."""

    query_over_cap: Literal["error", "truncate"] = "error"
    """U17: whether more matches than `query_cap` fail with VS402337 or are cut silently."""

    multiline_formats: bool = True
    """U18: whether items show multilineFieldsFormat and accept Markdown; older servers do not (FACTS ado 2.5)."""

    latest_version: tuple[int, int] = (7, 2)
    """U18: the newest API version the server knows; it is a preview unless it is below 7.2 (FACTS ado 2.4)."""

    attachment_bytes_max: int = 60 * 1024 * 1024
    """U18: 60 MB on the cloud, 4 MB by default on older servers (FACTS ado 11.4)."""

    artifact_query_finds_hyperlinks: bool = True
    """FACTS ado 7.28: whether artifacturiquery also finds items by the address of a Hyperlink."""

    omitted_items: Literal["null", "dropped"] = "null"
    """FACTS ado 4.4: what `errorPolicy=omit` puts in the place of an item that cannot be read."""

    sign_in_page: Literal["203", "302"] = "203"
    """FACTS ado 1.9: how a bad token is answered where no X-TFS-FedAuthRedirect header asks for a plain 401."""

    remove_of_empty_fails: bool = False
    """FACTS ado 7.9: whether `remove` of a field that is empty already is an error."""

    identity_lookup_pads_with_null: bool = False
    """FACTS ado 13.1: whether an unknown identity gives a null entry instead of none."""
