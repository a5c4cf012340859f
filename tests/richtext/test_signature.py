"""Footers and attributions: written, rewritten by trackers, moved and removed by people."""

from __future__ import annotations

import pytest

from reconciler.model.origin import Origin
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import (
    Attribution,
    attach_attribution,
    attach_footer,
    detach_attribution,
    detach_footer,
    same,
)
from reconciler.simulators.azure_devops.html import rewrite_html
from reconciler.simulators.clickup.markdown import stored
from reconciler.simulators.clickup.switches import Switches

ITEM = Origin("https://dev.azure.com/contoso/Web/_workitems/edit/1234", "AB#1234", "abcdefghij23")
COMMENT = Attribution(
    "Jane_Doe *PM*", Origin("https://app.clickup.com/t/86d1?comment=9", "AB#12 comment", "abcdefghij45")
)
LINK = ITEM.href


def _html(text: str) -> RichText:
    return RichText(Form.HTML, text)


def _markdown(text: str) -> RichText:
    return RichText(Form.MARKDOWN, text)


def test_a_quoted_attribution_is_part_of_the_text() -> None:
    signed = attach_attribution(_html("<p>text</p>"), COMMENT).text
    quoted = _html(f"<blockquote>{signed}</blockquote><p>me too</p>")
    assert detach_attribution(quoted) == (quoted, None)
    signed = attach_attribution(_markdown("text"), COMMENT).text
    quoted = _markdown("> " + signed.replace("\n", "\n> ") + "\n\nme too")
    assert detach_attribution(quoted) == (quoted, None)


def test_a_footer_is_the_last_line_after_a_blank_one() -> None:
    assert attach_footer(_markdown("text\n"), ITEM, Form.MARKDOWN).text == f"text\n\n[AB#1234]({LINK})"
    assert attach_footer(None, ITEM, Form.MARKDOWN).text == f"[AB#1234]({LINK})"
    html = attach_footer(_html("<div>text</div>"), ITEM, Form.HTML).text
    assert html == f'<div>text</div><div><br></div><div><a href="{LINK}">AB#1234</a></div>'


def test_the_text_without_its_footer_is_byte_for_byte_what_it_was() -> None:
    for text in (_html("<div>a <B>b</B><br/></div>"), _markdown("*   a\n\n\n*   b  \nc")):
        assert detach_footer(attach_footer(text, ITEM, text.form)) == (text, ITEM)


def test_a_footer_survives_both_trackers() -> None:
    saved = stored(attach_footer(_markdown("- a\n- b"), ITEM, Form.MARKDOWN).text, Switches())
    rest, origin = detach_footer(_markdown(saved))
    assert (origin, same(rest, _markdown("- a\n- b"))) == (ITEM, True)
    saved = rewrite_html(attach_footer(_html("<ul><li>a</li></ul>"), ITEM, Form.HTML).text, encode_non_bmp=True)
    rest, origin = detach_footer(_html(saved))
    assert (origin, same(rest, _html("<ul><li>a</li></ul>"))) == (ITEM, True)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (f"text\n[AB#1234]({LINK})  ", "text"),
        (f"text\n\n\\[AB#1234\\]\n[{LINK}]({LINK})\n\n", "text\n\n\\[AB#1234\\]"),
        (f"text\n\n<{LINK}>", "text"),
        (f"text\n\n**[AB\\#1234]({LINK})**", "text"),
        (f"text\n\n[AB#1234]({LINK})\ntyped below", "text\n\ntyped below"),
        (f"[AB#1234]({LINK})\n\ntyped below", "typed below"),
    ],
)
def test_a_rewritten_or_moved_markdown_footer_is_found(text: str, rest: str) -> None:
    found, origin = detach_footer(_markdown(text))
    assert found.text == rest
    assert origin is not None
    assert origin.marker == ITEM.marker
    assert origin.url == ITEM.url


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (f"text<br><a href={LINK}>AB#1234</a> ", "text"),
        (f'<div>text</div><div><span><a href="{LINK}">AB#1234</a>&nbsp;</span><br></div>', "<div>text</div>"),
        (f'<div>text</div><div><a href="{LINK}">AB#1234</a> </div><div>typed</div>', "<div>text</div><div>typed</div>"),
        (f"<div>text</div><div>{LINK} </div>", "<div>text</div>"),
    ],
)
def test_a_rewritten_or_moved_html_footer_is_found(text: str, rest: str) -> None:
    found, origin = detach_footer(_html(text))
    assert found.text == rest
    assert origin is not None
    assert origin.marker == ITEM.marker


@pytest.mark.parametrize(
    "text",
    [
        _markdown(f"see [AB#1234]({LINK}) for more"),
        _markdown(f"```\n[AB#1234]({LINK})\n```"),
        _markdown(f"- [AB#1234]({LINK})"),
        _markdown("[AB#1234](https://e.example/#s=short)"),
        _html(f'<div>see <a href="{LINK}">AB#1234</a></div>'),
        _html(f'<ul><li><a href="{LINK}">AB#1234</a></li></ul>'),
        _html(f'<div><a href="{LINK}">AB#1234</a>, and <a href="{LINK}">again</a></div>'),
    ],
)
def test_a_marker_in_running_text_is_no_footer(text: RichText) -> None:
    assert detach_footer(text) == (text, None)


@pytest.mark.parametrize(
    "text", [_markdown("```\nopen"), _html("<pre>open"), _html("<ul><li>open"), _html("<!-- open")]
)
def test_an_unclosed_text_does_not_swallow_the_footer(text: RichText) -> None:
    rest, origin = detach_footer(attach_footer(text, ITEM, text.form))
    assert origin == ITEM
    assert same(rest, text)


@pytest.mark.parametrize("form", Form)
def test_an_attribution_names_the_author_and_can_be_taken_off(form: Form) -> None:
    text = RichText(form, "first line")
    signed = attach_attribution(text, COMMENT)
    assert "via" in signed.text
    assert COMMENT.origin.href in signed.text
    assert detach_attribution(signed) == (text, COMMENT)


def test_an_attribution_survives_both_trackers() -> None:
    saved = stored(attach_attribution(_markdown("- a"), COMMENT).text, Switches())
    rest, found = detach_attribution(_markdown(saved))
    assert (found, same(rest, _markdown("- a"))) == (COMMENT, True)
    saved = rewrite_html(attach_attribution(_html("<ul><li>a</li></ul>"), COMMENT).text, encode_non_bmp=True)
    rest, found = detach_attribution(_html(saved))
    assert (found, same(rest, _html("<ul><li>a</li></ul>"))) == (COMMENT, True)


def test_text_typed_behind_the_attribution_stays() -> None:
    rest, found = detach_attribution(_markdown(f"**Jane** via [x]({LINK}) hello\n\nmore"))
    assert rest.text == "hello\n\nmore"
    assert found == Attribution("Jane", Origin(ITEM.url, "x", ITEM.marker))
    rest, found = detach_attribution(_html(f'<div><b>Jane</b> via <a href="{LINK}">x</a> hello</div>'))
    assert same(rest, _html("hello"))
    assert found is not None


@pytest.mark.parametrize(
    "text",
    [
        _markdown(f"first\n\n**Jane** via [x]({LINK})"),
        _markdown(f"I came here through [x]({LINK})"),
        _html(f'<div>first</div><div><b>Jane</b> via <a href="{LINK}">x</a></div>'),
        _markdown("**Jane** via [x](https://e.example/)"),
    ],
)
def test_only_the_first_line_can_be_an_attribution(text: RichText) -> None:
    assert detach_attribution(text) == (text, None)


def test_an_attribution_that_was_removed_is_no_error() -> None:
    assert detach_attribution(_markdown("")) == (_markdown(""), None)
    assert detach_footer(_html("")) == (_html(""), None)
