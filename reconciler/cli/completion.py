"""Completion: what a shell may offer for an argument. Never fails and says nothing: somebody is typing."""

from __future__ import annotations

import os
import tomllib
from contextlib import suppress
from pathlib import Path

import typer


def mappings(context: typer.Context, incomplete: str) -> list[str]:
    """The names of the mappings in the configuration that the command line or the environment names. Secrets are not
    looked up, nor is the file checked."""
    chosen = (context.parent.params.get("config") if context.parent else None) or os.environ.get("RECONCILER_CONFIG")
    with suppress(OSError, ValueError, AttributeError, TypeError):
        tables = tomllib.loads(Path(chosen or "config.toml").read_text(encoding="utf-8-sig"))["mappings"]
        return [str(table["name"]) for table in tables if str(table.get("name", "")).startswith(incomplete)]
    return []
