"""`check --probe`: what nobody has confirmed is recognised whichever way the service does it, and nothing is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.config import load
from reconciler.errors import ConfigError
from reconciler.model.finding import Level
from reconciler.probing import findings, probe, remember, remembered
from reconciler.simulators.clickup.switches import LIKELY_MOVES, Change
from reconciler.trackers.registry import KINDS
from tests.support.configured import configured
from tests.support.duo import Duo

ADO_SWITCHES: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "idle-save": ({"noop_bumps_rev": False}, {"noop_bumps_rev": True}),
    "comment-edited": ({"comment_edit_bumps_rev": False}, {"comment_edit_bumps_rev": True}),
    "comment-deleted": ({"comment_delete_bumps_rev": False}, {"comment_delete_bumps_rev": True}),
    "html-comment": ({"html_comments_survive": False}, {"html_comments_survive": True}),
    "tag-case": ({"tag_case_matters": False}, {"tag_case_matters": True}),
    "fractions": ({"wiql_fractions": "ignored"}, {"wiql_fractions": "respected"}),
    "markdown": ({"multiline_formats": False}, {"multiline_formats": True}),
    "markdown-back": ({"markdown_can_revert": False}, {"markdown_can_revert": True}),
    "hyperlink": ({"artifact_query_finds_hyperlinks": False}, {"artifact_query_finds_hyperlinks": True}),
    "remove-of-empty": ({"remove_of_empty_fails": False}, {"remove_of_empty_fails": True}),
}
CLICKUP_SWITCHES: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "at-or-after": ({"after_includes_equal": False}, {"after_includes_equal": True}),
    "archived": ({"archived_filter": "only"}, {"archived_filter": "also"}),
    "comment-added": ({"moves": LIKELY_MOVES - {Change.COMMENT_ADD}}, {"moves": LIKELY_MOVES | {Change.COMMENT_ADD}}),
    "comment-edited": ({"moves": LIKELY_MOVES}, {"moves": LIKELY_MOVES | {Change.COMMENT_EDIT}}),
    "comment-deleted": ({"moves": LIKELY_MOVES}, {"moves": LIKELY_MOVES | {Change.COMMENT_DELETE}}),
    "stranger": ({"unknown_assignee_on_update": "dropped"}, {"unknown_assignee_on_update": "refused"}),
    "trims": ({"trims_names": False}, {"trims_names": True}),
    "blank-clears": ({"blank_clears_markdown": False}, {"blank_clears_markdown": True}),
    "children-follow": ({"children_follow_into_trash": False}, {"children_follow_into_trash": True}),
    "comment-markdown": ({"accepts_comment_markdown": False}, {"accepts_comment_markdown": True}),
}


class Bench:
    """Two services with a scratch place each, and a configuration that covers neither."""

    def __init__(self, folder: Path) -> None:
        self.duo = Duo(folder)
        self.duo.azure.add_project("Sandbox")
        self.scratch = self.duo.clickup.add_list(self.duo.lists[0].folder.space, "Scratch")
        configured(self.duo, folder)
        path = folder / "config.toml"
        tokens = path.read_text(encoding="utf-8").replace('"secret"', '"$ADO"').replace('"pk_secret"', '"$CLICKUP"')
        path.write_text(tokens, encoding="utf-8")
        self.config = load(path, {"ADO": self.duo.bot.token, "CLICKUP": self.duo.sync_member.token})

    def answers(self, scratch: Mapping[str, str]) -> dict[str, str]:
        network = {name: self.duo.transport() for name in ("ado", "clickup")}
        answers = {}
        for _, learned, left in probe(self.config, scratch, self.duo.local, network):
            assert left == []
            answers |= {entry.key: entry.answer for entry in learned}
        return answers

    def live(self) -> int:
        items = sum(not item.deleted for item in self.duo.azure.world.items.values())
        return items + sum(task.trashed_ms is None for task in self.duo.clickup.world.tasks.values())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize("way", [0, 1], ids=["no", "yes"])
def test_every_switch_is_recognised_both_ways(bench: Bench, way: int) -> None:
    def turned(table: Mapping[str, tuple[dict[str, Any], dict[str, Any]]], *alone: str) -> dict[str, Any]:
        return {key: value for name, ways in table.items() if name not in alone for key, value in ways[way].items()}

    before = bench.live()
    for key, value in turned(ADO_SWITCHES).items():
        setattr(bench.duo.azure.switches, key, value)
    said = bench.answers({"ado": "Sandbox"})
    expected = dict.fromkeys(ADO_SWITCHES, "yes" if way else "no")
    if not way:
        expected["markdown-back"] = said["markdown-back"]  # without Markdown there is no way back
        assert said["markdown-back"].startswith("could not be told")
    assert said == expected
    for name, ways in CLICKUP_SWITCHES.items():
        bench.duo.clickup.switches = replace(bench.duo.clickup.switches, **ways[way])
        said = bench.answers({"clickup": bench.scratch.id})
        assert said[name] == ("yes" if way else "no"), name
    assert bench.live() == before


@pytest.mark.parametrize("code", ["ITEM_114", "CRTSK_001"])
def test_the_code_of_an_unknown_status_is_learned(bench: Bench, code: str) -> None:
    bench.duo.clickup.switches = replace(bench.duo.clickup.switches, update_status_code=code)
    assert bench.answers({"clickup": "Scratch"})["unknown-status"] == code


def test_every_experiment_is_tried_both_ways() -> None:
    assert set(ADO_SWITCHES) == {each.key for each in KINDS["azure-devops"].experiments}
    assert {*CLICKUP_SWITCHES, "unknown-status"} == {each.key for each in KINDS["clickup"].experiments}


@pytest.mark.parametrize(
    ("scratch", "sentence"),
    [
        ({"ado": "Web"}, 'is synchronised by mapping "web"'),
        ({"ado": "Sandbax"}, 'did you mean "Sandbox"'),
        ({"jira": "X"}, r"no \[trackers.jira\]"),
    ],
)
def test_a_place_that_is_not_for_it_is_refused_before_anything_is_written(
    bench: Bench, scratch: dict[str, str], sentence: str
) -> None:
    writes = bench.duo.azure.log.writes
    with pytest.raises(ConfigError, match=sentence):
        bench.answers({"clickup": "Scratch", **scratch})
    assert bench.duo.azure.log.writes == writes
    assert bench.live() == 0


def test_an_experiment_that_fails_spoils_no_other_and_leaves_nothing(bench: Bench) -> None:
    bench.duo.azure.faults.answer("^POST .*/comments", 400)
    said = bench.answers({"ado": "Sandbox"})
    assert said["comment-edited"].startswith("could not be told")
    assert said["hyperlink"] == "yes"
    assert bench.live() == 0


def test_what_was_learned_is_remembered_and_a_surprise_is_a_warning(bench: Bench) -> None:
    bench.duo.azure.switches.comment_edit_bumps_rev = False
    network = {"ado": bench.duo.transport()}
    ((name, learned, _),) = probe(bench.config, {"ado": "Sandbox"}, bench.duo.local, network)
    remember(bench.duo.store, name, learned, bench.duo.local.now())
    again, at = remembered(bench.duo.store, name)
    assert (again, at) == (learned, bench.duo.local.now())
    surprising = [finding.what for finding in findings(name, again, at) if finding.level is Level.WARNING]
    assert len(surprising) == 1
    assert surprising[0].startswith("does editing a comment make a revision? no")
    assert remembered(bench.duo.store, "clickup") == ([], None)
