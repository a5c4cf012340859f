"""What long texts look like after a save."""

from __future__ import annotations

import pytest

from reconciler.simulators.azure_devops import AzureDevOps
from reconciler.simulators.azure_devops.html import rewrite_html, rewrite_markdown
from tests.simulators.azure_devops.caller import Caller, put

DESCRIPTION = "System.Description"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("<p>first</p>", "<p>first </p>"),
        ("<div>a<br/>b</div><ul><li>c</li></ul>", "<div>a<br>b </div><ul><li>c </li></ul>"),
        ("<p>first </p>", "<p>first </p>"),
        ("<p></p><div><p>x</p></div>", "<p></p><div><p>x </p></div>"),
        ("R&D &amp; &lt;b&gt; &quot;q&quot; &#8364;", "R&amp;D &amp; &lt;b&gt; &quot;q&quot; &#8364;"),
        ("List<String> is generic", "List is generic"),
        ("if a <b then all of it is gone", "if a "),
        ("<script>alert(1)</script><b onclick='x()'>bold</b><blink>x</blink>", "<b>bold</b>x"),
        (
            '<a href="javascript:x()">a</a><a href="https://x.example.com/?a=1&amp;b=2">b</a>',
            '<a>a</a><a href="https://x.example.com/?a=1&amp;b=2">b</a>',
        ),
        ('<span style="position:fixed;color:red" class="x">a</span>', '<span style="color:red;">a</span>'),
        (
            '<a href="#" data-vss-mention="version:2.0,1">@Ada</a>',
            '<a href="#" data-vss-mention="version:2.0,1">@Ada</a>',
        ),
        ("<p>a<!-- marker --></p>", "<p>a </p>"),
        ("plain text", "plain text"),
    ],
)
def test_html_is_rewritten_once_and_then_stays(written: str, kept: str) -> None:
    assert rewrite_html(written) == kept
    assert rewrite_html(kept) == kept


def test_comments_may_survive_and_emoji_may_become_entities() -> None:
    assert rewrite_html("a<!--m-->", comments_survive=True) == "a<!--m-->"
    assert rewrite_html("\U0001f512 ü", encode_non_bmp=True) == "&#128274; ü"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("# Head\n\n> quoted & **bold**", "# Head\n\n> quoted &amp; **bold**"),
        ("`List<String>`", "`List`"),
        ("a <b>bold</b> &lt;x&gt;", "a <b>bold</b> &lt;x&gt;"),
        ("<https://x.example.com/a>", "<https://x.example.com/a>"),
        ("a <!-- m --> b", "a  b"),
        ("1 < 2", "1 < 2"),
    ],
)
def test_markdown_is_sanitised_too(written: str, kept: str) -> None:
    assert rewrite_markdown(written) == kept


def test_a_field_keeps_its_format_and_markdown_is_one_way(api: Caller, azure: AzureDevOps) -> None:
    item = api.create("Task", "Search", put(DESCRIPTION, "<p>a</p>"))
    assert item["multilineFieldsFormat"] == {DESCRIPTION: "html"}
    to_markdown = {"op": "add", "path": f"/multilineFieldsFormat/{DESCRIPTION}", "value": "Markdown"}
    item = api.update(1, put(DESCRIPTION, "**a**\n\n> b"), to_markdown)
    assert (item["fields"][DESCRIPTION], item["multilineFieldsFormat"]) == ("**a**\n\n> b", {DESCRIPTION: "markdown"})
    item = api.update(1, put(DESCRIPTION, "<p>c</p>"))
    assert (item["fields"][DESCRIPTION], item["multilineFieldsFormat"]) == ("<p>c</p>", {DESCRIPTION: "markdown"})
    to_html = {**to_markdown, "value": "Html"}
    assert api.try_update(1, put(DESCRIPTION, "<p>d</p>"), to_html).status_code == 400
    azure.switches.markdown_can_revert = True
    assert api.update(1, put(DESCRIPTION, "<p>d</p>"), to_html)["fields"][DESCRIPTION] == "<p>d </p>"


def test_a_format_needs_a_value_and_a_long_text(api: Caller, azure: AzureDevOps) -> None:
    api.create("Task", "Search")
    alone = {"op": "add", "path": f"/multilineFieldsFormat/{DESCRIPTION}", "value": "Markdown"}
    assert api.try_update(1, alone).status_code == 400
    title = {"op": "add", "path": "/multilineFieldsFormat/System.Title", "value": "Markdown"}
    refused = api.try_update(1, put("System.Title", "x"), title).json()
    assert refused["message"] == "Operation of changing value type is not supported for the field System.Title"
    azure.switches.multiline_formats = False
    assert "multilineFieldsFormat" not in api.item(1)
