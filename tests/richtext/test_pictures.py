"""Pictures in texts: shown from the copy, as a link where they cannot be, and back as what they were."""

from __future__ import annotations

import pytest

from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import Vocabulary, address_key, convert, pictures, same, weave

HERE = "https://dev.azure.com/c/_apis/wit/attachments/1f?fileName=a%20b.png&x=1"
THERE = "https://t9.p.clickup-attachments.com/t9/2f/a%20b%20(1).png"
THINGS = {address_key(HERE): "file:1", address_key(THERE): "file:1"}
BY_SIDE = {"left": {address_key(THERE): HERE}, "right": {address_key(HERE): THERE}}
SHOWN = Vocabulary(THINGS, there=BY_SIDE)  # type: ignore[arg-type]
LINKED = Vocabulary(THINGS, there=BY_SIDE, linked=frozenset({"file:1"}))  # type: ignore[arg-type]
ALONE = Vocabulary({address_key(HERE): "file:1"}, alone={"file:1": "(not copied: gone)"}, linked=frozenset({"file:1"}))

NATIVE = RichText(
    Form.HTML, f'<div style="x">see <img width=9 src="{HERE.replace("&", "&amp;")}" alt="door"></div><div>x</div>'
)


def markdown(text: str) -> RichText:
    return RichText(Form.MARKDOWN, text)


def test_a_picture_is_shown_from_its_copy() -> None:
    there = convert(SHOWN.spoken(NATIVE, "right"), Form.MARKDOWN)
    assert there.text == f"see ![door]({THERE})\n\nx"
    assert list(pictures(NATIVE)) == [HERE]
    assert list(pictures(there)) == [THERE]
    assert same(NATIVE, there, SHOWN)
    assert SHOWN.spoken(there, "left", NATIVE).text == f"see ![door]({HERE})\n\nx"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (SHOWN, f"![]({THERE})"),
        (LINKED, f"[a picture]({THERE})"),
        (ALONE, f"[door (not copied: gone)]({HERE})"),
    ],
)
def test_an_edit_beside_a_picture_leaves_it_as_it_is_however_the_other_side_says_it(
    words: Vocabulary, said: str
) -> None:
    there = markdown(f"see {said}\n\nx")
    assert same(NATIVE, there, words)
    woven = weave(NATIVE, NATIVE, there, markdown(f"see {said}\n\ny"), words)
    assert woven is not None
    assert woven.left.text == NATIVE.text.replace("x</div>", "y</div>")


@pytest.mark.parametrize("words", [SHOWN, LINKED, ALONE])
def test_an_edit_in_the_line_of_a_picture_brings_back_the_picture_that_was_there(words: Vocabulary) -> None:
    there = convert(words.spoken(NATIVE, "right"), Form.MARKDOWN)
    woven = weave(NATIVE, NATIVE, there, markdown(there.text.replace("see", "look at")), words)
    assert woven is not None
    assert "look at" in woven.left.text
    assert list(pictures(woven.left)) == [HERE]
    assert woven.left.text.endswith("<div>x</div>")


def test_what_cannot_be_copied_says_so_and_is_seen_as_the_picture() -> None:
    assert convert(ALONE.spoken(NATIVE, "right"), Form.MARKDOWN).text == f"see [door (not copied: gone)]({HERE})\n\nx"
    assert not same(NATIVE, markdown("see\n\nx"), ALONE)
