"""What the command line teaches: examples in every help, names while typing, no colours where nobody wants them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from reconciler.cli.main import app
from tests.conftest import ROOT


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if path:
        yield path
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


COMMANDS = sorted(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_help_has_an_example_of_that_very_command(path: tuple[str, ...]) -> None:
    ended = CliRunner().invoke(app, [*path, "--help"], prog_name="reconciler")
    assert ended.exit_code == 0
    examples = re.findall(r"Example.*?:\s*(.+)", ended.output)
    named = [text for text in examples if re.search(rf"reconciler .*{' '.join(path)}", text)]
    assert named, ended.output


def test_help_lists_every_command_in_a_group_and_cuts_no_sentence_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = CliRunner().invoke(app, ["--help"], prog_name="reconciler").output
    for group in ("Start here", "Every day", "By hand", "Store, change feed and alerts", "To try out"):
        assert f"─ {group}" in shown
    assert "─ Commands" not in shown
    assert "..." not in shown.split("─ Start here")[1]


def test_the_shell_completes_commands_and_the_mappings_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text('[[mappings]]\nname = "web"\n[[mappings]]\nname = "mobile"\n', encoding="utf-8")

    def completed(words: str) -> list[str]:
        environ = {"_RECONCILER_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        ended = subprocess.run(
            [sys.executable, "-m", "reconciler"],
            cwd=tmp_path,
            env={**os.environ, **environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        return ended.stdout.split()

    assert completed("reconciler expl") == ["explain"]
    assert completed("reconciler --config my.toml sync ") == ["web", "mobile"]
    assert completed("reconciler --config my.toml plan m") == ["mobile"]
    assert completed("reconciler --config missing.toml plan m") == []
