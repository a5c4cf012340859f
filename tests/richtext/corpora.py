"""The corpora of real rich text, read from `../shared`; tests that need them skip where it is absent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[2].parent / "shared" / "corpora" / "richtext"


@dataclass(frozen=True)
class Entry:
    """`html` is the expected rendering, for the examples of the CommonMark specification alone."""

    id: str
    text: str
    html: str = ""


def is_present() -> bool:
    return FOLDER.is_dir()


@cache
def azure_devops() -> tuple[Entry, ...]:
    """HTML bodies of Azure DevOps; test steps (XML) and Markdown fields left out."""
    return _entries("ado_html.jsonl", unlike=("tcm_steps", "field_markdown"))


@cache
def clickup() -> tuple[Entry, ...]:
    """Markdown as ClickUp exports it."""
    return _entries("clickup_markdown.jsonl", unlike=("comment_blocks_json",))


@cache
def specification() -> tuple[Entry, ...]:
    """Examples of CommonMark ("cm-…") and GitHub's dialect ("gfm-…", "gfmx-…")."""
    entries = json.loads((FOLDER / "commonmark_spec.json").read_text("utf-8"))
    return tuple(Entry(entry["id"], entry["text"], entry["html"]) for entry in entries)


def _entries(name: str, unlike: tuple[str, ...]) -> tuple[Entry, ...]:
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines if line.strip()]
    return tuple(Entry(entry["id"], entry["text"]) for entry in found if entry["kind"] not in unlike)
