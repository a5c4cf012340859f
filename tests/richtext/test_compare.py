"""What a tracker's rewriting may do to a text without changing it, and what counts as an edit."""

from __future__ import annotations

import pytest

from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import convert, digest, plain, same


def _html(text: str) -> RichText:
    return RichText(Form.HTML, text)


def _markdown(text: str) -> RichText:
    return RichText(Form.MARKDOWN, text)


@pytest.mark.parametrize(
    ("written", "read_back"),
    [
        ("<p>first</p>", "<p>first </p>"),
        ("<b>a</b> <i>b</i>", "<strong>a</strong> <em>b</em>"),
        ("<div>a</div><div>b</div>", "<p>a</p>\n<p>b<br></p>"),
        ("a<br>b", "<div>a</div><div><br></div><div>b</div>"),
        ("a&nbsp;b &amp; c", "a b &#38; c"),
        ("\U0001f512 x", "&#128274; x"),
        ('<a href="https://e.example/p">t</a>', "<a href=https://e.example/p>t</a>"),
        ("<div>a <custom>b</custom></div>", "<div>a b</div>"),
        ("<ul><li>a</li></ul><ul><li>b</li></ul>", "<ul><li>a </li><li>b </li></ul>"),
        ('<span style="color:red">a</span>', "a"),
    ],
)
def test_what_azure_devops_does_on_save_changes_nothing(written: str, read_back: str) -> None:
    assert same(_html(written), _html(read_back))
    assert digest(_html(written)) == digest(_html(read_back))


@pytest.mark.parametrize(
    ("written", "read_back"),
    [
        ("- a\n    - b", "*   a\n    *   b"),
        ("1. a\n2. b", "1. a\n1. b"),
        ("*i* and __b__", "_i_ and **b**"),
        ("text\n\n---\n\nmore", "text\n* * *\n\nmore"),
        ("[x] file_name", "\\[x\\] file\\_name"),
        ("![alt](https://e.example/a.png)", "![](https://e.example/a.png)"),
        ("https://e.example/p", "[https://e.example/p](https://e.example/p)"),
        ("<https://e.example/p>", "https://e.example/p"),
        ("https://e.example/p", "[\n\ne.example\n\nhttps://e.example/p\n\n](https://e.example/p)"),
        ("> a\n> b", "> a  \n> b  \n>"),
        ("# T", "# **T**"),
        ("a\n\n\n\nb", "a\n\u00a0\nb\n\n"),
        ("```python\nx\n```", "```plain\nx\n```"),
        ("- [ ] a\n- [X] b", "- [ ] a\n- [x] b"),
        ("a &amp; b", "a & b"),
        ("- a  \n    b", "*   a\nb"),
    ],
)
def test_what_clickup_does_on_save_changes_nothing(written: str, read_back: str) -> None:
    assert same(_markdown(written), _markdown(read_back))
    assert digest(_markdown(written)) == digest(_markdown(read_back))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a", "b"),
        ("a b", "ab"),
        ("a\n\nb", "a b"),
        ("a", "**a**"),
        ("- a", "a"),
        ("- a", "1. a"),
        ("- a\n- b", "- a\n    - b"),
        ("# a", "## a"),
        ("- [ ] a", "- [x] a"),
        ("[a](https://e.example/1)", "[a](https://e.example/2)"),
        ("[a](https://e.example/1)", "a"),
        ("a", "> a"),
        ("`a`", "a"),
        ("| a | b |\n| --- | --- |", "| b | a |\n| --- | --- |"),
        ("a\n\n* * *", "a"),
        ("![](https://e.example/1.png)", "![](https://e.example/2.png)"),
        ("```\na\n  b\n```", "```\na\nb\n```"),
    ],
)
def test_what_a_reader_would_notice_is_a_change(before: str, after: str) -> None:
    assert not same(_markdown(before), _markdown(after))
    assert digest(_markdown(before)) != digest(_markdown(after))
    assert not same(convert(_markdown(before), Form.HTML), convert(_markdown(after), Form.HTML))


def test_nothing_is_the_same_as_a_blank_text() -> None:
    assert same(None, None)
    assert same(None, _html("<div><br></div>&nbsp;"))
    assert same(_markdown(" \n\n\u00a0"), None)
    assert not same(None, _html("<hr>"))


def test_a_text_is_the_same_in_both_forms() -> None:
    html = _html("<h2>T</h2><p>a <b>b</b></p><ul><li>[x] c</li></ul>")
    assert same(html, _markdown("## T\n\na **b**\n\n- [x] c"))


def test_a_digest_names_its_version_and_is_short() -> None:
    assert digest(_markdown("x")).startswith("lines1:")
    assert len(digest(_markdown("x" * 10_000))) < 40


def test_a_preview_shows_lists_cells_and_pictures_as_plain_text() -> None:
    text = "# T\n- [x] a\n    - **b**\n\n| c | d |\n| --- | --- |\n| e | |\n\n> q ![](https://e.example/i.png)\n\n* * *"
    assert plain(_markdown(text)) == "T\n- [x] a\n  - b\nc | d\ne\n> q [image]\n---"
