"""The targets, on real documents (richtext.md 6), measured with another parser."""

from __future__ import annotations

import pytest

from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import lines, same, to_html, to_markdown
from tests.richtext import corpora, figures
from tests.richtext.echo import rounds
from tests.richtext.figures import Figures

pytestmark = pytest.mark.skipif(not corpora.is_present(), reason="the corpora are not beside the project")


@pytest.fixture(scope="module")
def azure_devops() -> Figures:
    return figures.there_and_back(corpora.azure_devops())


def test_no_text_of_azure_devops_documents_is_lost(azure_devops: Figures) -> None:
    assert azure_devops.failures["text kept"] == []
    assert azure_devops.failures["words and spaces"] == []


def test_the_lines_of_azure_devops_documents_stay_the_same(azure_devops: Figures) -> None:
    assert azure_devops.failures["lines equal"] == []


def test_converting_there_and_back_gives_the_same_markdown(azure_devops: Figures) -> None:
    assert azure_devops.share("md1 == md2") >= 99


def test_marks_links_and_pictures_survive(azure_devops: Figures) -> None:
    assert azure_devops.share("marks") >= 99
    assert azure_devops.share("links") >= 99
    assert azure_devops.failures["images"] == []


def test_another_renderer_shows_the_same_text(azure_devops: Figures) -> None:
    assert azure_devops.share("text by cmark") >= 99


def test_clickup_documents_mean_the_same_after_a_round_trip() -> None:
    assert figures.semantic_round_trip(corpora.clickup()).failures["semantically equal"] == []


def test_examples_of_the_specification_mean_the_same_after_a_round_trip() -> None:
    found = figures.semantic_round_trip(corpora.specification())
    assert found.share("semantically equal") >= 99.7
    assert found.failures["text kept"] == []


def test_the_renderer_underneath_conforms_to_commonmark() -> None:
    found = figures.commonmark_conformance(corpora.specification())
    assert (found.total, found.failures["exact"]) == (655, [])


def test_both_forms_of_a_document_have_the_same_visual_lines() -> None:
    for entry in corpora.azure_devops():
        assert lines(RichText(Form.HTML, entry.text)) == lines(RichText(Form.MARKDOWN, to_markdown(entry.text))), (
            entry.id
        )
    for entry in corpora.clickup():
        assert same(RichText(Form.MARKDOWN, entry.text), RichText(Form.HTML, to_html(entry.text))), entry.id


def test_a_write_reads_back_as_what_was_written_after_random_edits_on_both_sides() -> None:
    bodies = [RichText(Form.MARKDOWN, entry.text) for entry in corpora.clickup()[::3]]
    bodies += [RichText(Form.HTML, entry.text) for entry in corpora.azure_devops()[::3]]
    echoes = rounds(bodies, seed=7, edits=5)
    assert echoes.writes > 350
    assert echoes.text_seen == 0, echoes.example
    assert echoes.seen <= echoes.writes / 250
