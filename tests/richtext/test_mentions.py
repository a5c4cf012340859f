"""Mentions: called, or named, as people are on the other side; seen as one, and exchanged back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import Acquaintance, People, Vocabulary, convert, mentions, same, weave

GUID, GONE = "8bd6e3b2-0000-4000-8000-0000000000a1", "8bd6e3b2-0000-4000-8000-0000000000a2"
MARA = Acquaintance(Person("m@x.org", "Mara Lindqvist", GUID), Person("m@x.org", "Mara", "7"))
OMAR = Acquaintance(Person("o@x.org", "Omar", GONE), None)
PIET = Acquaintance(None, Person("", "Piet", "9"))
KNOWN = (MARA, OMAR, PIET)
COMMENTS = Vocabulary(people=People(KNOWN, {"left": True, "right": True}))
FIELDS = Vocabulary(people=People(KNOWN, {"left": True, "right": False}))

HERE = f'<a href="#" data-vss-mention="version:2.0,{GUID}">@Mara Lindqvist</a>'


def html(text: str) -> RichText:
    return RichText(Form.HTML, text)


def markdown(text: str) -> RichText:
    return RichText(Form.MARKDOWN, text)


def test_who_is_paired_is_called_and_everybody_else_is_named() -> None:
    text = html(f'<p>{HERE} or <a href="#" data-vss-mention="version:2.0,{GONE}">@Omar</a></p>')
    assert list(mentions(text)) == [GUID, GONE]
    assert convert(COMMENTS.spoken(text, "right"), Form.MARKDOWN).text == "[@Mara](#user_mention#7) or @Omar"
    assert convert(FIELDS.spoken(text, "right"), Form.MARKDOWN).text == "@Mara or @Omar"
    there = markdown("[@Mara](#user_mention#7) or [@Piet](#user_mention#9), `[@Mara](#user_mention#7)`")
    assert COMMENTS.spoken(there, "left").text.startswith(f"[@Mara Lindqvist](#user_mention#{GUID}) or @Piet, ")


def test_a_call_is_more_than_a_name_where_both_sides_can_call() -> None:
    called, named = markdown("ask [@Mara](#user_mention#7)"), markdown("ask @Mara")
    assert same(html(f"ask {HERE}"), called, COMMENTS)
    assert not same(html(f"ask {HERE}"), named, COMMENTS)
    assert same(html(f"ask {HERE}"), named, FIELDS)
    assert not same(html("ask @Marat"), named, FIELDS)


@pytest.mark.parametrize("native", [html(f"<p class=x>ask {HERE} soon</p>"), markdown(f"ask @<{GUID}> soon")])
@pytest.mark.parametrize("words", [COMMENTS, FIELDS])
def test_an_edit_beside_a_mention_leaves_the_mention_byte_for_byte(native: RichText, words: Vocabulary) -> None:
    there = convert(words.spoken(native, "right"), Form.MARKDOWN)
    assert same(native, there, words)
    edited = markdown(there.text.replace("soon", "now"))
    woven = weave(native, native, there, edited, words)
    assert woven is not None
    assert woven.left.text == native.text.replace("soon", "now")
    assert woven.right is edited


_PIECES = st.sampled_from(
    (HERE, "@Mara", "@Mara Lindqvist", "@Omar", "word", "<p>", "</p>", "<code>", "</code>", "</a>", "@", "&lt;")
)
_SIGNS = st.sampled_from(
    ("[@Mara](#user_mention#7)", "[@Piet](#user_mention#9)", "@Mara", f"@<{GUID}>", "`", "word", "\n\n", "@", "*")
)
_TEXTS = st.one_of(
    st.lists(_PIECES, max_size=10).map(" ".join).map(html), st.lists(_SIGNS, max_size=10).map(" ".join).map(markdown)
)


@given(_TEXTS, st.sampled_from((COMMENTS, FIELDS)))
def test_saying_it_twice_calls_nobody_twice(text: RichText, words: Vocabulary) -> None:
    once = words.spoken(text, "right")
    assert len(list(mentions(once))) <= len(list(mentions(text)))
    assert words.spoken(once, "right") == once or "@Mara Lindqvist" in once.text
