"""References: links to items, seen as one thing on both sides, and exchanged for those to the counterpart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import Vocabulary, address_key, addresses, convert, same, weave

HERE = "https://dev.azure.com/contoso/_workitems/edit/12"
THERE = "https://app.clickup.com/t/86c12"
SHORT = "AB#12"
WORDS = Vocabulary(
    things={address_key(HERE): "item:12", address_key(THERE): "item:12", "x:12": "item:12"},
    short={SHORT: "item:12"},
    there={"left": {address_key(THERE): HERE}, "right": {address_key(HERE): THERE, "x:12": THERE}},
    names={"left": {}, "right": {SHORT: THERE}},
)


def html(text: str) -> RichText:
    return RichText(Form.HTML, text)


def markdown(text: str) -> RichText:
    return RichText(Form.MARKDOWN, text)


def to_right(text: RichText) -> str:
    return WORDS.spoken(text, "right").text


def to_left(text: RichText) -> str:
    return WORDS.spoken(text, "left").text


def test_a_link_a_bare_address_and_a_short_name_lead_to_the_counterpart() -> None:
    assert to_right(html(f'<p class="x">see <a target=_blank href={HERE}/ >it</a></p>')) == (
        f'<p class="x">see <a target=_blank href="{THERE}" >it</a></p>'
    )
    assert to_right(html(f"<p>see {HERE}.</p>")) == f"<p>see {THERE}.</p>"
    assert to_right(html("<p>see AB#12, not AB#123</p>")) == f'<p>see <a href="{THERE}">AB#12</a>, not AB#123</p>'
    assert to_right(html('<a href="x:12" data-vss-mention="version:1.0">#12</a>')) == (
        f'<a href="{THERE}" data-vss-mention="version:1.0">#12</a>'
    )
    assert to_left(markdown(f"*   **see** [it]({THERE}) or <{THERE}>, ({THERE})")) == (
        f"*   **see** [it]({HERE}) or <{HERE}>, ({HERE})"
    )


def test_code_and_what_leads_elsewhere_stays() -> None:
    for text in (
        html(f"<pre>{HERE}</pre><code>{HERE} AB#12</code><a href='{HERE}3'>AB#12</a>"),
        markdown(f"```\n{HERE}\n```\n`{HERE} AB#12` [AB#12](u) {HERE}3"),
    ):
        assert to_right(text) == text.text


def test_both_ways_of_saying_it_look_alike_and_anything_else_does_not() -> None:
    for here, there in (
        (html(f'<p><a href="{HERE}">it</a></p>'), markdown(f"[it]({THERE})")),
        (html(f"<p>{HERE}</p>"), markdown(f"[{THERE}]({THERE})")),
        (html("<p>AB#12</p>"), markdown(f"[AB#12]({THERE})")),
        (html('<p><a href="x:12">#12</a></p>'), markdown(f"[#12]({HERE})")),
    ):
        assert same(here, there, WORDS)
        assert not same(here, there)
    assert not same(html(f'<a href="{HERE}3">it</a>'), markdown(f"[it]({THERE})"), WORDS)
    assert not same(html("it"), markdown(f"[it]({THERE})"), WORDS)


def test_an_edit_beside_a_reference_leaves_the_reference_of_the_other_side_byte_for_byte() -> None:
    left = html(f'<div>see <a style="x" href="{HERE}?q=1">it</a> soon</div><div>AB#12</div>')
    words = Vocabulary(
        {**WORDS.things, address_key(f"{HERE}?q=1"): "item:12"},
        WORDS.short,
        {**WORDS.there, "right": {**WORDS.there["right"], address_key(f"{HERE}?q=1"): THERE}},
        WORDS.names,
    )
    right = convert(words.spoken(left, "right"), Form.MARKDOWN)
    assert same(left, right, words)
    reworded = weave(left, left, right, markdown(right.text.replace("soon", "later")), words)
    assert reworded is not None
    assert reworded.left.text == left.text.replace("soon", "later")
    edited = markdown(right.text.replace("soon", f"later, and [that]({THERE})"))
    woven = weave(left, left, right, edited, words)
    assert woven is not None
    assert woven.right is edited
    assert woven.left.text == (
        f'<div>see <a href="{HERE}?q=1">it</a> later, and <a href="{HERE}?q=1">that</a></div><div>AB#12</div>'
    )


def test_edits_of_both_sides_go_together_around_a_reference() -> None:
    left, right = html(f'<p>one <a href="{HERE}">it</a> two</p><p>x</p>'), markdown(f"one [it]({THERE}) two\n\nx")
    left_now = html(left.text.replace("one", "1"))
    right_now = markdown(right.text.replace("two", "2"))
    woven = weave(left, left_now, right, right_now, WORDS)
    assert woven is not None
    assert woven.left.text == f'<p>1 <a href="{HERE}">it</a> 2</p><p>x</p>'
    assert woven.right.text == f"1 [it]({THERE}) 2\n\nx"


_SIGNS = (
    "*",
    "`",
    ".",
    "&",
    "\\",
    "(",
    ")",
    f"<{THERE}>",
    "é",
    "\n\n- ",
    "\n\n",
    "word",
    SHORT,
    "#12",
    HERE,
    THERE,
    f"{HERE}3",
)
_LINKS = (f"[it]({THERE})", f"[a]({HERE})", f"![p]({THERE})")
_MARKDOWN = st.lists(st.sampled_from((*_SIGNS, *_LINKS)), max_size=12).map(" ".join).map(markdown)
_TAGS = (f'<a href="{HERE}">', f"<a href='{THERE}'>", "</a>", "<p>", "</p>", "<code>", "</code>", f'<img src="{HERE}">')
_WORDS = (HERE, THERE, SHORT, "word", "&amp;", "<", ".")
_HTML = st.lists(st.sampled_from((*_TAGS, *_WORDS)), max_size=12).map(" ".join).map(html)
_TEXTS = st.one_of(_MARKDOWN, _HTML)


@given(_TEXTS)
def test_what_is_said_in_the_other_sides_words_looks_the_same_and_saying_it_twice_adds_nothing(text: RichText) -> None:
    for side in ("left", "right"):
        words = WORDS if side == "right" else WORDS.mirrored
        spoken = words.spoken(text, "right")
        assert same(text, spoken, words)
        assert words.spoken(spoken, "right") == spoken


@given(_TEXTS)
def test_what_comes_back_leads_to_where_it_led(text: RichText) -> None:
    assert same(WORDS.spoken(WORDS.spoken(text, "right"), "left"), text, WORDS)
    assert {address_key(a) for a in addresses(WORDS.spoken(text, "right"))}.isdisjoint(
        WORDS.there["right"].keys() - {address_key(a) for a in _in_code(text)}
    )


def _in_code(text: RichText) -> set[str]:
    return set(addresses(text)) if "`" in text.text or "<code" in text.text else set()


@given(_TEXTS, _TEXTS, st.sampled_from(("front", "back")))
def test_an_edit_travels_in_both_directions_whatever_the_text_points_to(
    text: RichText, added: RichText, where: str
) -> None:
    """Where it cannot be woven, both sides say so alike; where it can, both show the same and are at rest."""
    there = WORDS.spoken(text, "right")
    edited = RichText(
        text.form, added.text + "\n\n" + text.text if where == "front" else text.text + "\n\n" + added.text
    )
    woven = weave(text, edited, there, there, WORDS)
    mirror = weave(there, there, text, edited, WORDS.mirrored)
    assert (woven and (woven.left, woven.right)) == (mirror and (mirror.right, mirror.left))
    if woven:
        assert woven.left is edited
        assert same(woven.left, woven.right, WORDS)
