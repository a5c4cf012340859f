"""Markdown and plain text as ClickUp stores and shows them (FACTS clickup 7)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.simulators.clickup import Switches, markdown

SHARED = Path(__file__).parents[4] / "shared"
CORPUS = SHARED / "corpora/richtext"
RECORDED = SHARED / "apis/clickup/examples/recorded/task_listing_team_markdown.json"
VARIANTS = (
    Switches(),
    Switches(bare_urls="bookmark", code_language="plain"),
    Switches(bare_urls="kept", ragged_quotes=False, code_language="dropped"),
)


def stored(text: str, **switches: object) -> str:
    return markdown.stored(text, replace(Switches(), **switches))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("- a\n+ b\n  - c", "*   a\n*   b\n    *   c"),
        ("3. a\n4) b", "1. a\n1. b"),
        ("text\n\n---\ntext", "text\n* * *\n\ntext"),
        ("*i* __b__ ***both***", "_i_ **b** **_both_**"),
        ("in*tra*word", "in*tra*word"),
        ("[x] file_name", "\\[x\\] file\\_name"),
        ("![alt text](https://example.com/a.png)", "![](https://example.com/a.png)"),
        ("- [ ] open\n- [x] done", "- [ ] open\n- [x] done"),
        ("~~gone~~ `co_de`", "~~gone~~ `co_de`"),
        ("-", "null."),
        ("<b>raw</b> &amp;", "<b>raw</b> &amp;"),
        ("a\r\nb\n\n\n\nc\n\n", "a\nb\n\nc"),
        ("Title\n=====\n## Sub ##", "# Title\n## Sub"),
        ("| a | b |\n|:--|---|\n| 1 | x \\| y |", "| a | b |\n| ---| --- |\n| 1 | x \\| y |"),
        ("> one\n> two\n\nafter", "> one  \n> two  \n>\n\nafter"),
        ("```py\na  = 1\n```", "```py\na  = 1\n```"),
        ("see https://example.com/a_b.", "see [https://example.com/a\\_b](https://example.com/a_b)."),
        ("1\\. no list", "1\\. no list"),
    ],
)
def test_a_form_reads_back_in_clickups_style(written: str, read: str) -> None:
    assert stored(written) == read


def test_code_languages_survive_or_not() -> None:
    assert stored("```\nx\n```") == "```plain\nx\n```"
    assert stored("```py\nx\n```", code_language="plain") == "```plain\nx\n```"
    assert stored("```py\nx\n```", code_language="dropped") == "```\nx\n```"


def test_a_bare_address_may_become_a_bookmark() -> None:
    bookmark = "[\n\nexample.com\n\nhttps://example.com/a\n\n](https://example.com/a)"
    assert stored("https://example.com/a", bare_urls="bookmark") == bookmark
    assert stored(bookmark) == bookmark


def test_plain_text_has_no_marks_and_blank_lines_hold_a_space_that_does_not_break() -> None:
    blocks = markdown.parse("# **Head**\n\n* a [l](https://x.y)\n\n---\n![](https://x.y/z.png)", Switches())
    assert markdown.plain_text(blocks) == "Head\n\u00a0\na l\n"


def test_a_plain_description_means_every_character_itself() -> None:
    blocks = markdown.literal("*not italic*\n\n# no heading")
    assert markdown.plain_text(blocks) == "*not italic*\n\u00a0\n# no heading"
    assert markdown.render(blocks, Switches()) == "\\*not italic\\*\n\n\\# no heading"


def assert_fixpoint(text: str, switches: Switches) -> None:
    once = markdown.stored(text, switches)
    assert markdown.stored(once, switches) == once
    shown = [markdown.plain_text(markdown.parse(version, switches)) for version in (text, once)]
    assert shown[0] == shown[1]


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab *_`[]()#->|~\\\n1.x!<\t:/", max_size=40), st.sampled_from(VARIANTS))
def test_storing_what_was_read_changes_nothing(text: str, switches: Switches) -> None:
    assert_fixpoint(text, switches)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpora are not here")
@pytest.mark.parametrize("switches", VARIANTS)
def test_real_documents_are_stable_once_stored(switches: Switches) -> None:
    entries = [json.loads(line)["text"] for line in (CORPUS / "clickup_markdown.jsonl").read_text().splitlines()]
    entries += [entry["text"] for entry in json.loads((CORPUS / "commonmark_spec.json").read_text())]
    for text in entries:
        assert_fixpoint(text, switches)


@pytest.mark.skipif(not RECORDED.exists(), reason="the recordings are not here")
def test_recorded_markdown_comes_back_byte_for_byte() -> None:
    tasks = json.loads(RECORDED.read_text())["exchanges"][0]["response"]["body"]["tasks"]
    texts = [task["markdown_description"] for task in tasks if task["markdown_description"]]
    kept = [text for text in texts if stored(text, bare_urls="kept") == text]
    assert len(texts) == 5
    assert len(kept) == 4  # the fifth has one more blank line before a rule, where the others have none
