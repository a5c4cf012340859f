"""The twenty ways in which common converters damage texts (richtext.md 3), each once with its example."""

from __future__ import annotations

import pytest

from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import lines, same, to_html, to_markdown
from reconciler.richtext.line import Container, Mark
from tests.richtext.yardstick import SeenLine, seen_lines


def _shown(html: str) -> list[SeenLine]:
    """What is left of some HTML after it became Markdown and HTML again."""
    return seen_lines(to_html(to_markdown(html)))


def _texts(html: str) -> list[str]:
    return [line.text for line in _shown(html)]


def test_class_01_a_placeholder_in_angle_brackets_stays_text() -> None:
    assert to_markdown("<div>use &lt;SID&gt;</div>") == r"use \<SID>"
    assert _texts("<div>use &lt;SID&gt;</div>") == ["use <SID>"]


@pytest.mark.parametrize("typed", ["1. one", "# x", "- x", "+ x", "> x", "---", "===", "* x", "12) x", "-|", ":-:|-"])
def test_class_02_typed_list_and_heading_markers_stay_text(typed: str) -> None:
    html = f"<div>before |<br>{typed.replace('>', '&gt;')}</div>"
    assert [(line.text, line.context) for line in _shown(html)] == [("before |", ()), (typed, ())]


def test_class_03_a_break_at_the_end_of_a_block_shows_no_backslash() -> None:
    assert to_markdown("<div><div>a<br></div></div>") == "a"


def test_class_04_strong_with_punctuation_before_a_letter_is_recognised() -> None:
    assert to_markdown("<b>Note:</b>text") == "**Note**:text"
    assert [line.marks[:1] for line in _shown("<b>Note:</b>text")] == [(("N", "b"),)]


def test_class_05_words_are_not_glued_together() -> None:
    assert to_markdown("<b>Connect&nbsp;</b>next") == "**Connect** next"


def test_class_06_code_keeps_its_indentation_and_one_fence() -> None:
    html = "<pre><code><div>if x:</div><div>&nbsp; y</div></code></pre>"
    assert to_markdown(html) == "```\nif x:\n  y\n```"
    assert to_markdown("<pre><pre>a\n```\nb</pre></pre>") == "````\na\n```\nb\n````"


def test_class_07_a_list_indented_with_the_button_stays_nested() -> None:
    html = "<ul><li>a</li><ul><li>b</li></ul></ul>"
    assert to_markdown(html) == "- a\n    - b"
    assert [line.context for line in _shown(html)] == [("ul",), ("ul", "ul")]


def test_class_08_a_pipe_in_a_cell_loses_no_cell() -> None:
    html = "<table><tr><td><code>a|b</code></td><td>c|d</td></tr></table>"
    assert _texts(html) == ["a|b", "c|d"]


def test_class_09_lists_and_paragraphs_in_cells_keep_their_lines() -> None:
    html = "<table><tr><td>x<ul><li>p</li><li>q</li></ul><p>r</p></td><td>s</td></tr></table>"
    assert to_markdown(html) == "| x<br>p<br>q<br>r | s |\n| --- | --- |"
    assert _texts(html) == ["x", "p", "q", "r", "s"]


def test_class_10_pictures_in_cells_and_headings_stay_pictures() -> None:
    heading = '<h2><img src="https://e.example/a.png" alt="A"> t</h2>'
    html = f'{heading}<table><tr><td><img src="/b.png" alt="B"></td></tr></table>'
    assert [line.images for line in _shown(html)] == [["https://e.example/a.png"], ["/b.png"]]
    assert "![A](https://e.example/a.png)" in to_markdown(html)


@pytest.mark.parametrize(
    "address", ["http://e/a b(c", "http://e/a)b", "http://e/<x>", "http://e/a|b", "http://e/\\x", "http://e/&copy;"]
)
def test_class_11_odd_addresses_stay_links(address: str) -> None:
    escaped = address.replace("&", "&amp;").replace("<", "&lt;")
    html = f'<table><tr><td><a href="{escaped}">t</a></td></tr></table>'
    assert [line.links for line in _shown(html)] == [(address,)]


def test_class_12_a_shown_address_is_not_decoded() -> None:
    assert [line.text for line in seen_lines(to_html("<http://e/a%20b>"))] == ["http://e/a%20b"]


def test_class_13_marks_reach_every_line_they_cover() -> None:
    assert to_markdown("<b><div>x</div>y<br>z</b>") == "**x**\n\n**y**  \n**z**"


def test_class_14_a_mention_is_its_name_and_a_work_item_link_stays_a_link() -> None:
    mention = '<a href="#" data-vss-mention="version:2.0,00000000-0000-4000-8000-000000000001">@Ann One</a>'
    assert to_markdown(f"<div>{mention} look</div>") == "@Ann One look"
    link = '<a href="https://dev.azure.com/contoso/_workitems/edit/4711" data-vss-mention="version:1.0">#4711</a>'
    assert to_markdown(f"<div>see {link}</div>") == "see [#4711](https://dev.azure.com/contoso/_workitems/edit/4711)"


def test_class_15_checkboxes_and_strikes_survive() -> None:
    html = "<ul><li><input type=checkbox checked>done</li><li><input type=checkbox> <strike>open</strike></li></ul>"
    assert to_markdown(html) == "- [x] done\n- [ ] ~~open~~"
    assert [line.path[0].done for line in lines(RichText(Form.HTML, html))] == [True, False]


def test_class_16_loose_lists_do_not_drift() -> None:
    html = "<ul><li><p>a</p><p>b</p></li><li><p>c</p><ul><li>d</li></ul></li></ul>"
    markdown = to_markdown(html)
    assert markdown == "- a  \n    b\n- c\n    - d"
    assert to_markdown(to_html(markdown)) == markdown


def test_class_17_nesting_without_end_is_flattened_and_keeps_its_text() -> None:
    html = "<div><ul><li>" * 400 + "deep" + "</li></ul></div>" * 400 + "<b>" * 400 + "strong"
    assert _texts(html) == ["deep", "strong"]
    assert "deep" in to_html("> " * 500 + "deep")


@pytest.mark.parametrize("block", ["*   item", "| h |\n| --- |\n| 1 |", "> q", "1. item"])
def test_class_18_a_line_below_a_clickup_block_is_a_block_of_its_own(block: str) -> None:
    shown = seen_lines(to_html(f"{block}\nText"))
    assert (shown[-1].text, shown[-1].context) == ("Text", ())


def test_class_18_a_nested_item_below_such_a_line_stays_nested() -> None:
    found = lines(RichText(Form.MARKDOWN, "1. a\nText\n    *   b\n1. c"))
    assert [[step.container for step in line.path] for line in found] == [
        [Container.ORDERED],
        [],
        [Container.ORDERED, Container.BULLET],
        [Container.ORDERED],
    ]


def test_class_19_every_line_end_of_clickup_is_one() -> None:
    assert [line.text for line in seen_lines(to_html("**A**: x\n**B**: y"))] == ["A: x", "B: y"]


def test_class_20_tags_in_clickup_text_are_text_and_breaks_are_breaks() -> None:
    assert [line.text for line in seen_lines(to_html('Add "<serverIP>:1" now<br>then'))] == [
        'Add "<serverIP>:1" now',
        "then",
    ]


def test_a_mark_that_markdown_cannot_express_is_given_up_and_the_text_kept() -> None:
    html = "x<i><s>y</s></i>z <b>w</b>"
    found = lines(RichText(Form.HTML, to_html(to_markdown(html))))
    assert found[0].text == "xyz w"
    assert found[0].runs[-1].marks == {Mark.STRONG}


def test_a_long_document_with_every_kind_of_block_looks_the_same_in_both_forms() -> None:
    html = (
        "<h1>T</h1><p>a<br>b</p><ol start=3><li>c<pre>x\n  y</pre></li><li>d</li></ol><hr>"
        "<blockquote>q<ul><li>r</li></ul></blockquote><table><tr><th>h</th><td></td></tr><tr><td></td><td>i</td></tr></table>"
    )
    assert same(RichText(Form.HTML, html), RichText(Form.MARKDOWN, to_markdown(html)))
    assert [line.text for line in seen_lines(html)] == _texts(html)
