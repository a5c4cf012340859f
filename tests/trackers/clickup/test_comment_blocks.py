"""The structured array of comments and Markdown, in both directions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.trackers.clickup.comment_blocks import to_markdown
from reconciler.trackers.clickup.comment_writer import to_segments

SHARED = Path(__file__).resolve().parents[3].parent / "shared"
EXAMPLES = SHARED / "apis" / "clickup" / "examples"
CORPUS = SHARED / "corpora" / "richtext" / "clickup_markdown.jsonl"


def example(name: str) -> dict[str, Any]:
    path = EXAMPLES / name
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(
    ("name", "markdown"),
    [
        ("plain", "plain text"),
        ("bold", "**bold text**"),
        ("italic", "_italics_"),
        ("inline_code", "`inline code`"),
        ("code_block", "```\ncode block\n```"),
        ("bulleted_list", "- bulleted list"),
        ("numbered_list", "1. numbered list"),
        ("checklist", "- [ ] Checklist\n- [x] Checked item"),
        ("toggle_list", "- Toggle list heading\n    Item in a toggle list"),
        ("emoji", "😊"),
        ("link", "[Task comment content](https://clickup.com/api)"),
    ],
)
def test_every_documented_form_is_read(name: str, markdown: str) -> None:
    bodies = example("official/guide_comment_formatting.json")["request_bodies"]
    assert to_markdown(bodies[name]["comment"]) == markdown


@pytest.mark.parametrize("name", ["plain", "bold", "italic", "inline_code", "code_block", "bulleted_list", "link"])
def test_every_documented_form_is_written_as_documented(name: str) -> None:
    segments = example("official/guide_comment_formatting.json")["request_bodies"][name]["comment"]
    assert to_segments(to_markdown(segments)) == segments


def test_a_recorded_comment_keeps_its_mention_and_its_image() -> None:
    comment = example("community/comment_with_mention_and_image.json")["comment"]
    first, second = to_markdown(comment["comment"]).split("\n")
    assert re.fullmatch(r"\[@Sam Sample\]\(#user_mention#\d+\) I created a new version", first)
    assert second.startswith("![image.png](https://t529.p.clickup-attachments.com/")


@pytest.mark.parametrize(
    ("segments", "markdown"),
    [
        ([], ""),
        ([{"text": "one\ntwo"}], "one\ntwo"),
        ([{"text": "- not a list\n1. neither\n# nor this"}], "\\- not a list\n1\\. neither\n\\# nor this"),
        ([{"text": "2 * 3 < 7, a_b, _c_, [x], `y`"}], "2 \\* 3 \\< 7, a_b, \\_c\\_, \\[x\\], \\`y\\`"),
        (
            [{"text": "Note:", "attributes": {"bold": True}}, {"text": "text"}],
            "**Note**:text",
        ),
        ([{"text": "in", "attributes": {"italic": True}}, {"text": "side"}], "*in*side"),
        ([{"text": "a`b", "attributes": {"code": True}}], "``a`b``"),
        ([{"text": " padded ", "attributes": {"bold": True}}, {"text": "x"}], "**padded** x"),
        ([{"text": "Head"}, {"text": "\n", "attributes": {"header": 2}}], "## Head"),
        ([{"text": "said"}, {"text": "\n", "attributes": {"blockquote": {}}}, {"text": "I"}], "> said\n\nI"),
        ([{"text": "```"}, {"text": "\n", "attributes": {"code-block": {"code-block": "sql"}}}], "````sql\n```\n````"),
        ([{"text": "x"}, {"text": "\n", "attributes": {"list": "bullet", "indent": 1}}], "    - x"),
        ([{"type": "tag", "text": ""}, {"text": "!"}], "@?!"),
        ([{"type": "bookmark", "bookmark": {"url": "https://example.com/a"}}], "[https://example.com/a](https://example.com/a)"),
        ([{"type": "attachment", "text": "a.pdf", "attachment": {"url": "https://e.com/a b.pdf"}}], "[a.pdf](https://e.com/a%20b.pdf)"),
        ([{"type": "hologram", "text": "unknown"}], "unknown"),
        ([{"type": "emoticon", "text": "x", "emoticon": {"code": "nonsense"}}], "x"),
    ],
)  # fmt: skip
def test_segments_as_markdown(segments: list[dict[str, Any]], markdown: str) -> None:
    assert to_markdown(segments) == markdown


@pytest.mark.parametrize(
    ("markdown", "read_back"),
    [
        ("# Head\n\ntext", "**Head**\n\ntext"),
        ("![Door](https://example.com/a.png)", "[Door](https://example.com/a.png)"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "```\n| a | b |\n|---|---|\n| 1 | 2 |\n```"),
        ("> quoted", "\\> quoted"),
        ("---", "\\---"),
        ("- one\n  - two\n    more", "- one\n    - two\n        more"),
        ("- [ ] open\n- [x] done", "- [ ] open\n- [x] done"),
        ("~~old~~", "old"),
    ],
)
def test_forms_that_comments_do_not_have_are_written_as_the_nearest_one(markdown: str, read_back: str) -> None:
    assert to_markdown(to_segments(markdown)) == read_back


def test_nothing_undocumented_is_ever_written() -> None:
    """Attributes beyond those of the guide may be refused or ignored (FACTS clickup 11.5)."""
    inline = "~~s~~ **b** _i_ `c` [l](https://e.com) ![p](https://e.com/p.png)"
    markdown = f"# H\n\n> q\n\n{inline}\n\n- [x] a\n  1. b\n\n```x\ny\n```"
    attributes = {name for segment in to_segments(markdown) for name in segment["attributes"]}
    assert attributes <= {"bold", "italic", "code", "link", "list", "indent", "code-block"}
    assert all(set(segment) == {"text", "attributes"} for segment in to_segments(markdown))


def test_real_markdown_is_stable_after_one_turn() -> None:
    if not CORPUS.exists():
        pytest.skip(f"{CORPUS.name} is not here")
    turns = 0
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        markdown = json.loads(line).get("text") or ""
        once = to_markdown(to_segments(markdown))
        assert to_markdown(to_segments(once)) == once
        turns += bool(markdown)
    assert turns > 50


@given(st.lists(st.text(alphabet="ab1 *_`[]<>#-+.~|\\&;:!()", max_size=20), max_size=4))
def test_typed_characters_are_never_taken_for_markdown(lines: list[str]) -> None:
    wanted = [" ".join(line.split()) for line in lines if line.split()]
    segments = to_segments(to_markdown([{"text": "\n\n".join(lines)}]))
    shown = "".join(str(segment["text"]) for segment in segments).split("\n")
    assert [" ".join(line.split()) for line in shown if line.split()] == wanted
    assert all(segment["attributes"] == {} for segment in segments)
