"""Strings full of Markdown's special characters, and random documents made of them."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from reconciler.richtext import to_html, to_markdown
from tests.richtext import documents, figures
from tests.richtext.figures import text_of
from tests.richtext.yardstick import seen_lines


def test_nasty_strings_keep_their_text_in_every_place() -> None:
    found = figures.torture()
    assert found.total > 1565
    assert found.failures["text kept"] == []
    assert found.failures["md1 == md2"] == []


@pytest.mark.parametrize("seed", range(0, 100, 25))
def test_random_documents_keep_their_text_and_lines(seed: int) -> None:
    for number in range(seed, seed + 25):
        html = documents.document(Random(number))
        markdown = to_markdown(html)
        before, after = seen_lines(html), seen_lines(to_html(markdown))
        assert [line.text for line in before] == [line.text for line in after], number
        assert to_markdown(to_html(markdown)) == markdown, number


@pytest.mark.parametrize("seed", range(0, 100, 25))
def test_broken_documents_lose_no_character_that_a_browser_shows(seed: int) -> None:
    """Browsers cut the lines of broken documents elsewhere, and hide more of them."""
    for number in range(seed, seed + 25):
        html = documents.broken(Random(number))
        markdown = to_markdown(html)
        before, after = seen_lines(html), seen_lines(to_html(markdown))
        assert not Counter(text_of(before)) - Counter(text_of(after)), number
        assert to_markdown(to_html(markdown)) == markdown, number
