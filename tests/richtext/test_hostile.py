"""Nothing that is sent to us can crash a conversion, run code on the other side or keep us busy without end."""

from __future__ import annotations

import pytest

from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import convert, detach_footer, digest, lines, plain, to_html, to_markdown
from reconciler.richtext.hostile import BRACKETS_MAX, LONG_CHARS_MAX, RUNS_MAX, clean, one_line
from tests.richtext.adversarial import STRANGE, html_inputs, markdown_inputs
from tests.richtext.yardstick import seen_lines


@pytest.mark.parametrize("name", html_inputs(1))
def test_hostile_html_is_converted(name: str) -> None:
    html = html_inputs(300)[name]
    markdown = to_markdown(html)
    assert [line.text for line in lines(RichText(Form.HTML, html))] == [
        line.text for line in lines(RichText(Form.MARKDOWN, markdown))
    ]


@pytest.mark.parametrize("name", markdown_inputs(1))
def test_hostile_markdown_is_converted(name: str) -> None:
    markdown = markdown_inputs(300)[name]
    again = to_markdown(to_html(markdown))
    assert to_markdown(to_html(again)) == again


@pytest.mark.parametrize("text", STRANGE)
def test_strange_characters_raise_nothing_and_can_be_sent(text: str) -> None:
    for form in Form:
        rich = RichText(form, text)
        other = convert(rich, Form.MARKDOWN if form is Form.HTML else Form.HTML)
        other.text.encode("utf-8")
        assert "\0" not in other.text
        assert detach_footer(rich) == (rich, None)
        assert digest(rich) == digest(rich)
        plain(rich).encode("utf-8")


def test_lone_surrogates_become_the_replacement_character_and_pairs_become_one() -> None:
    assert clean("a\ud800b") == "a\ufffdb"
    assert clean("\ud83d\ude42") == "\U0001f642"
    assert to_markdown("<p>a\udc00</p>") == "a\ufffd"


def test_noncharacters_and_nul_are_dropped() -> None:
    assert to_markdown("<p>a\0b\ufdd0c\uffffd&#xFDD1;e</p>") == "abcde"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "&#106;avascript:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "file:///etc/passwd",
    ],
)
def test_links_that_run_code_lose_their_target_and_keep_their_text(address: str) -> None:
    assert to_markdown(f'<p><a href="{address}">text</a></p>') == "text"
    html = to_html(f"[text](<{address}>)")
    assert not [link for line in seen_lines(html) for link in line.links]
    assert "text" in html


def test_pictures_with_code_are_their_alternative_text() -> None:
    assert to_markdown('<img src="javascript:x" alt="A">') == "A"
    assert to_markdown('<img src="data:image/png;base64,AAAA" alt="A">') == "![A](data:image/png;base64,AAAA)"
    assert to_markdown('<img src="data:text/html,x" alt="A">') == "A"


def test_scripts_and_styles_are_no_text_and_markup_in_markdown_is() -> None:
    assert to_markdown("<style>p{}</style>a<script>alert(1)</script>b<iframe src='//e'>c</iframe>") == "ab"
    assert "<script" not in to_html("<script>alert(1)</script> <img src=x onerror=alert(1)>")
    assert "<img" not in to_html("<script>alert(1)</script> <img src=x onerror=alert(1)>")


def test_a_very_long_markdown_text_is_carried_word_for_word() -> None:
    text = "**line** <x> & more\n" * (LONG_CHARS_MAX // 18)
    html = to_html(text)
    assert html.startswith("<p>**line** &lt;x&gt; &amp; more</p>\n<p>")
    assert [line.text for line in lines(RichText(Form.MARKDOWN, text))][:1] == ["**line** <x> & more"]


def test_a_very_long_html_text_is_carried_without_formatting() -> None:
    html = "<p>a <b>*b*</b></p>" * (LONG_CHARS_MAX // 5 + 1)
    assert to_markdown(html).startswith("a \\*b\\*\n\na ")
    assert "**" not in to_markdown("<b>x</b>y" * RUNS_MAX)


def test_texts_full_of_markers_and_blanks_are_searched_in_bounded_time() -> None:
    link = '<a href="https://e.example/1#s=abcdefghijkl">x</a>'
    html = RichText(Form.HTML, f"<ul>{f'<li>{link}</li>' * 3000}</ul><div>{chr(160) * 3000}x</div>")
    assert detach_footer(html) == (html, None)
    markdown = RichText(Form.MARKDOWN, "see [x](https://e.example/1#s=abcdefghijkl) here\n" * 3000)
    assert detach_footer(markdown) == (markdown, None)


@pytest.mark.parametrize(
    "text", ["| a |\n" + "-" * 20_000 + "x", "<p>" + "-" * 20_000 + "x", "<p>" + "x<span>" * 20_000]
)
def test_long_runs_of_one_sign_cost_no_more_than_their_length(text: str) -> None:
    assert to_html(text)
    assert to_markdown(text)


def test_styles_do_not_make_a_document_long() -> None:
    html = f'<p style="{"x" * (LONG_CHARS_MAX + 1)}">a <b>b</b></p>'
    assert to_markdown(html) == "a **b**"


def test_markdown_that_no_parser_can_follow_is_carried_word_for_word() -> None:
    assert to_html("[" * (BRACKETS_MAX + 1)) == f"<p>{'[' * (BRACKETS_MAX + 1)}</p>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" a\r\n\tb\x0bc\x85d ", "a b c d"),
        ("a\0b\x07\x1b[0m\x7f\x9f\ufffe", "ab[0m"),
        ("lone \ud800 and \ude00", "lone \ufffd and \ufffd"),
        ("pair \ud83d\ude00", "pair \U0001f600"),
        ("\u05e9\u05dc\u05d5\u05dd \u202eabc", "\u05e9\u05dc\u05d5\u05dd \u202eabc"),
        ("\x01 \0", ""),
    ],
)
def test_a_title_holds_no_line_break_and_nothing_that_is_no_character(text: str, shown: str) -> None:
    assert one_line(text) == shown
    assert one_line(shown) == shown
    one_line(text).encode()
