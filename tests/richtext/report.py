"""Prints the figures of the rich-text conversion: `python -m tests.richtext.report`.

Numbers as in richtext.md 2 and 6; what needs the corpora is left out where they are absent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from time import perf_counter

from reconciler.model.rich_text import Form, RichText
from reconciler.richtext import to_html, to_markdown
from tests.richtext import carrying, corpora, documents, echo, figures
from tests.richtext.adversarial import html_inputs, markdown_inputs
from tests.richtext.figures import Figures


def main() -> None:
    if corpora.is_present():
        _show("a, c  Azure DevOps HTML -> Markdown -> HTML -> Markdown", figures.there_and_back(corpora.azure_devops()))
        _show("b     ClickUp Markdown -> HTML -> Markdown", figures.semantic_round_trip(corpora.clickup()))
        _show("b     examples of the specification", figures.semantic_round_trip(corpora.specification()))
        _show("3     CommonMark conformance of the renderer", figures.commonmark_conformance(corpora.specification()))
    else:
        print("The corpora are not beside the project.")
    _show("d     escaping torture", figures.torture())
    _show("d     600 random documents", _random_documents())
    if corpora.is_present():
        _show_echoes()
        _show_carrying()
    _show_adversarial("e, 7  hostile HTML, patterns repeated 10,000 times", html_inputs(10_000), to_markdown)
    _show_adversarial("e, 7  hostile Markdown, patterns repeated 10,000 times", markdown_inputs(10_000), to_html)
    if corpora.is_present():
        print("f, 8  speed")
        _show_speed("HTML -> Markdown", [entry.text for entry in corpora.azure_devops()], to_markdown)
        _show_speed("Markdown -> HTML", [entry.text for entry in corpora.clickup()], to_html)


def _show(title: str, found: Figures) -> None:
    print(f"{title}: {found.total}")
    for name, failures in found.failures.items():
        rest = f"   not: {', '.join(failures[:8])}{' …' if len(failures) > 8 else ''}" if failures else ""
        print(f"      {name:20} {found.share(name):6.2f} %{rest}")


def _random_documents() -> Figures:
    entries = [corpora.Entry(str(seed), documents.document(Random(seed))) for seed in range(600)]
    return figures.there_and_back(entries)


def _show_echoes() -> None:
    bodies = [RichText(Form.MARKDOWN, entry.text) for entry in corpora.clickup()]
    bodies += [RichText(Form.HTML, entry.text) for entry in corpora.azure_devops()]
    found = echo.rounds(bodies, seed=1, edits=24)
    print(f"6     writes read back after rewriting: {found.writes}")
    print(f"      looked different     {100 * found.seen / found.writes:6.2f} %")
    print(f"      in their text        {100 * found.text_seen / found.writes:6.2f} %   {found.example}")


def _show_carrying() -> None:
    entries = corpora.azure_devops()
    for title, found in (
        ("edits of Markdown into HTML", carrying.into_html(entries, 1, 6)),
        ("edits of HTML into Markdown", carrying.into_markdown(entries, 1, 6)),
    ):
        print(f"4     {title}: {found.edits}")
        print(f"      no other leaf changed {found.pure_share:6.2f} %")
        print(f"      leaves kept          {found.kept_share:6.2f} %   given up: {found.given_up}")
    both = carrying.both_ways(entries, 1, 4)
    print(f"5     edits on both sides: {both.pairs}")
    print(f"      conflicts            {both.conflicts}   disagreeing: {both.disagreeing}   missing: {both.missing}")


def _show_adversarial(title: str, inputs: Mapping[str, str], convert: Callable[[str], str]) -> None:
    crashes: list[str] = []
    worst = (0.0, "", 0)
    for name, text in inputs.items():
        started = perf_counter()
        try:
            convert(text)
        except Exception as error:
            crashes.append(f"{name}: {type(error).__name__}")
        worst = max(worst, (perf_counter() - started, name, len(text)))
    print(f"{title}: {len(inputs)}")
    print(f"      crashes              {len(crashes)}   {'; '.join(crashes)}")
    print(f"      worst                {worst[0]:.2f} s   {worst[1]}, {worst[2]:,} characters")


def _show_speed(title: str, texts: list[str], convert: Callable[[str], str]) -> None:
    started = perf_counter()
    for text in texts:
        convert(text)
    elapsed_ms = (perf_counter() - started) * 1000
    size = sum(map(len, texts))
    print(f"      {title:20} {elapsed_ms * 10_000 / size:6.1f} ms per 10 kB")


if __name__ == "__main__":
    main()
