"""An edit carried into the other side's own text: what changed arrives, what did not stays byte for byte."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import Woven, convert, lines, replay, same, weave
from tests.richtext import corpora, documents
from tests.richtext.carrying import both_ways, into_html, into_markdown
from tests.richtext.echo import edit_html, edit_markdown


def html(text: str) -> RichText:
    return RichText(Form.HTML, text)


def markdown(text: str) -> RichText:
    return RichText(Form.MARKDOWN, text)


def into(body: str, before: str, after: str) -> str:
    """The HTML `body` after its Markdown twin went from `before` to `after`."""
    woven = weave(html(body), html(body), markdown(before), markdown(after))
    assert woven is not None
    assert woven.right == markdown(after)
    return woven.left.text


@pytest.mark.parametrize(
    ("body", "before", "after", "expected"),
    [
        pytest.param(
            '<div style="color:red">Log&nbsp;in <u>quickly</u> today</div><div>b</div>',
            "Log in quickly today\n\nb",
            "Log in quickly tomorrow\n\nb",
            '<div style="color:red">Log&nbsp;in <u>quickly</u> tomorrow</div><div>b</div>',
            id="a word, the colour stays",
        ),
        pytest.param(
            '<p><a href="#" data-vss-mention="version:2.0,8c8c">@Ann</a> see below</p>',
            "@Ann see below",
            "@Ann look below",
            '<p><a href="#" data-vss-mention="version:2.0,8c8c">@Ann</a> look below</p>',
            id="a word, the mention stays a mention",
        ),
        pytest.param(
            '<p>use <span class="x">&lt;SID&gt;</span> here &amp; there</p>',
            "use \\<SID> here & there",
            "use \\<PID> here & there",
            '<p>use <span class="x">&lt;PID&gt;</span> here &amp; there</p>',
            id="a word between entities",
        ),
        pytest.param(
            '<ul class="a"><li class="b">one</li><li>three</li></ul>',
            "- one\n- three",
            "- one\n- two\n- three",
            '<ul class="a"><li class="b">one</li><li class="b">two</li><li>three</li></ul>',
            id="an item more",
        ),
        pytest.param(
            '<div>a</div><ul><li style="x">one</li><li>two</li></ul>',
            "a\n\n- one\n- two",
            "a\n\n- one",
            '<div>a</div><ul><li style="x">one</li></ul>',
            id="an item less",
        ),
        pytest.param("<p>a</p>", "a", "a\n\n* b\n* c", "<p>a</p><ul>\n<li>b</li>\n<li>c</li>\n</ul>", id="a list"),
        pytest.param("first<br>second", "first\nsecond", "first\nmiddle\nsecond", "first<br>middle<br>second", id="br"),
        pytest.param(
            '<p class="t">a</p><p>b</p>',
            "a\n\nb",
            "a\n\n**b**",
            '<p class="t">a</p><p><strong>b</strong></p>',
            id="bold",
        ),
        pytest.param(
            '<table><tr class="r"><td width="9">a</td><td>b</td></tr></table>',
            "| a | b |\n| --- | --- |",
            "| a | b |\n| --- | --- |\n| c | d |",
            '<table><tr class="r"><td width="9">a</td><td>b</td></tr>'
            '<tr class="r"><td width="9">c</td><td>d</td></tr></table>',
            id="a row",
        ),
        pytest.param(
            '<p>a</p><pre class="k"><code class="language-sh">ls\npwd</code></pre>',
            "a\n\n```sh\nls\npwd\n```",
            "a\n\n```sh\nls -l\npwd\n```",
            '<p>a</p><pre class="k"><code class="language-sh">ls -l\npwd</code></pre>',
            id="code",
        ),
        pytest.param(
            '<ul><li><input type="checkbox" class="c"> buy</li></ul>',
            "- [ ] buy",
            "- [x] buy",
            '<ul><li><input type="checkbox" class="c" checked> buy</li></ul>',
            id="a checkbox ticked",
        ),
    ],
)
def test_an_edit_in_markdown_changes_only_its_line_of_the_html(
    body: str, before: str, after: str, expected: str
) -> None:
    assert into(body, before, after) == expected


@pytest.mark.parametrize(
    ("text", "before", "after", "expected"),
    [
        pytest.param(
            "*   one\n*   two  [x](https://e.example)",
            "<ul><li>one</li><li>two <a href='https://e.example'>x</a></li></ul>",
            "<ul><li>won</li><li>two <a href='https://e.example'>x</a></li></ul>",
            "*   won\n*   two  [x](https://e.example)",
            id="a word",
        ),
        pytest.param(
            "Ask @Ann\n**Now**: yes",
            "<div>Ask @Ann</div><div><b>Now</b>: yes</div>",
            "<div>Ask @Ann</div><div>Then</div><div><b>Now</b>: yes</div>",
            "Ask @Ann\nThen\n**Now**: yes",
            id="a line of ClickUp's",
        ),
        pytest.param(
            "a\n\n| x | y |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |",
            "<p>a</p><table><tr><td>x</td><td>y</td></tr><tr><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table>",
            "<p>a</p><table><tr><td>x</td><td>y</td></tr><tr><td>3</td><td>4</td></tr></table>",
            "a\n\n| x | y |\n| --- | --- |\n| 3 | 4 |",
            id="a row less",
        ),
    ],
)
def test_an_edit_in_html_changes_only_its_line_of_the_markdown(
    text: str, before: str, after: str, expected: str
) -> None:
    woven = weave(html(before), html(after), markdown(text), markdown(text))
    assert woven == Woven(html(after), markdown(expected))


def test_edits_of_different_lines_reach_both_sides() -> None:
    body = '<p style="a">one</p><p style="b">two</p><p>three</p>'
    woven = weave(
        html(body),
        html(body.replace("one", "one and a half")),
        markdown("one\n\ntwo\n\nthree"),
        markdown("one\n\ntwo\n\nthree\n\nfour"),
    )
    assert woven is not None
    assert woven.left.text == '<p style="a">one and a half</p><p style="b">two</p><p>three</p><p>four</p>'
    assert woven.right.text == "one and a half\n\ntwo\n\nthree\n\nfour"


def test_edits_of_different_words_of_one_line_go_together() -> None:
    woven = weave(
        html("<p>the <i>quick</i> brown fox jumps</p>"),
        html("<p>the <i>quick</i> red fox jumps</p>"),
        markdown("the _quick_ brown fox jumps"),
        markdown("the _quick_ brown fox sleeps"),
    )
    assert woven is not None
    assert woven.left.text == "<p>the <i>quick</i> red fox sleeps</p>"
    assert woven.right.text == "the _quick_ red fox sleeps"


def test_the_same_words_edited_on_both_sides_are_for_somebody_to_decide() -> None:
    assert weave(html("<p>a b</p>"), html("<p>a c</p>"), markdown("a b"), markdown("a d")) is None


def test_two_rewritings_of_the_same_lines_are_for_somebody_to_decide() -> None:
    base = html("<p>one two three</p><p>four five six</p>"), markdown("one two three\n\nfour five six")
    assert weave(base[0], html("<p>Order to BT1: 20 %</p>"), base[1], markdown("Legal says: wait")) is None


def test_an_edit_beats_a_deletion() -> None:
    woven = weave(html("<p>a</p><p>b</p>"), html("<p>a</p>"), markdown("a\n\nb"), markdown("a\n\nb, edited"))
    assert woven is not None
    assert same(woven.left, woven.right)
    assert same(woven.right, markdown("a\n\nb, edited"))


def test_lines_put_at_the_same_place_by_both_are_both_kept() -> None:
    woven = weave(html("<p>a</p>"), html("<p>a</p><p>left</p>"), markdown("a"), markdown("a\n\nright"))
    assert woven is not None
    assert same(woven.left, woven.right)
    assert [line.text for line in lines(woven.left)] == ["a", "left", "right"]


def test_what_one_side_has_already_is_not_carried_twice() -> None:
    """Half of a two-sided write arrived: the sides are woven again from the same bases."""
    bases = html("<p>a</p>"), markdown("a")
    edited = html("<p>a</p><p>left</p>"), markdown("a\n\nright")
    woven = weave(bases[0], edited[0], bases[1], edited[1])
    assert woven is not None
    again = weave(bases[0], woven.left, bases[1], edited[1])
    assert again == woven


def test_a_replay_brings_what_was_carried_and_nothing_else() -> None:
    base = html("<p>a</p><p>b</p>")
    before, after = html("<p>a, ours</p><p>b</p>"), html("<p>a, ours</p><p>b</p><p>theirs</p>")
    assert replay(before, after, base) == html("<p>a</p><p>b</p><p>theirs</p>")


# --- laws ----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.booleans())
def test_any_document_however_broken_is_woven_or_given_up(seed: int, broken: bool) -> None:
    random = Random(seed)
    body = html(documents.broken(random) if broken else documents.document(random))
    twin = convert(body, Form.MARKDOWN)
    left, right = html(edit_html(body.text, random)), markdown(edit_markdown(twin.text, random))
    woven = weave(body, left, twin, right)
    mirrored = weave(twin, right, body, left)
    assert (woven is None) == (mirrored is None)
    if woven is None or mirrored is None:
        return
    assert (mirrored.right, mirrored.left) == woven
    assert [line.text for line in lines(woven.left)] == [line.text for line in lines(woven.right)]
    assert weave(body, woven.left, twin, woven.right) == woven


@given(st.text(), st.text(), st.text(), st.text())
def test_no_string_makes_it_fail(one: str, two: str, three: str, four: str) -> None:
    weave(html(one), html(two), markdown(three), markdown(four))
    replay(markdown(one), markdown(two), markdown(three))


# --- real documents --------------------------------------------------------------------------------------------------

needs_corpora = pytest.mark.skipif(not corpora.is_present(), reason="the corpora are not beside the project")


@needs_corpora
def test_one_edit_leaves_every_other_line_of_a_real_document_as_it_was() -> None:
    for found in (into_html(corpora.azure_devops(), 5, 1), into_markdown(corpora.azure_devops(), 5, 1)):
        assert found.edits > 100
        assert found.pure_share >= 99
        assert found.kept_share >= 99.5
        assert found.given_up <= found.edits / 50


@needs_corpora
def test_edits_on_both_sides_of_a_real_document_are_both_on_both_sides() -> None:
    found = both_ways(corpora.azure_devops(), 5, 1)
    assert found.pairs > 100
    assert found.conflicts <= found.pairs / 25  # some of the random edits do meet at one word
    assert (found.disagreeing, found.missing) == (0, 0)
