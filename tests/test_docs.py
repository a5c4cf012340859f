"""What the documents promise is what there is, and nothing that there is goes unmentioned."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable
from typing import Any

import pytest
import typer.main

from reconciler import __version__
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.main import app
from reconciler.trackers.registry import KINDS
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterable[str]:
    if path:
        yield " ".join(path)
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


COMMANDS = sorted(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("command", COMMANDS)
def test_readme_names_every_command(command: str) -> None:
    assert re.search(rf"`{re.escape(command)}[ `]", README)


def test_readme_offers_no_command_that_does_not_exist() -> None:
    table = README.split("| command | does |")[1].split("\n\n")[0]
    offered = set(re.findall(r"^\| `([a-z-]+)", table, flags=re.MULTILINE))
    assert offered == {command.split()[0] for command in COMMANDS}


def test_readme_explains_every_exit_code() -> None:
    table = README.split("| exit code | means |")[1].split("\n\n")[0]
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", table, flags=re.MULTILINE)] == [
        code.value for code in ExitCode
    ]


@pytest.mark.parametrize("module", ["planner", "merge", "discussion"])
def test_readme_has_the_rows_of_the_decision_tables(module: str) -> None:
    docstring = ast.get_docstring(ast.parse((ROOT / "reconciler" / f"{module}.py").read_text(encoding="utf-8"))) or ""
    rows = [re.split(r"\s{2,}", line.strip()) for line in docstring.splitlines() if re.search(r"\S\s{2,}\S", line)]
    assert len(rows) >= 6
    missing = [row for row in rows if f"| {' | '.join(row)} |" not in README]
    assert missing == []


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_tracker_is_documented_everywhere(kind: str) -> None:
    folder = kind.replace("-", "_")
    assert (ROOT / "reconciler" / "trackers" / folder / "README.md").is_file()
    assert f"| `{kind}` |" in README
    assert f'`kind = "{kind}"`' in CHANGELOG
    assert f'\nkind = "{kind}"' in (ROOT / "config.toml").read_text(encoding="utf-8")


def test_changelog_starts_with_this_version() -> None:
    first = re.search(r"^## \[(.+?)\]", CHANGELOG, flags=re.MULTILINE)
    assert first is not None
    assert first[1] == __version__


def test_links_between_documents_lead_somewhere() -> None:
    documents = [ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("reconciler/**/README.md")]
    targets = {
        document.parent / target
        for document in documents
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8"))
    }
    assert len(targets) > 10
    assert {target for target in targets if not target.exists()} == set()


def test_changelog_says_nothing_twice() -> None:
    entries = re.findall(r"^- (.*(?:\n  .*)*)", CHANGELOG, flags=re.MULTILINE)
    assert len(entries) == len({" ".join(entry.split()[:5]) for entry in entries})
    assert "Not yet" not in CHANGELOG


def test_reading_order_leaves_no_module_out() -> None:
    order = README.split("Read in this order")[1]
    modules = {path.name for path in (ROOT / "reconciler").glob("*.py") if not path.name.startswith("__")}
    folders = {path.parent.name for path in (ROOT / "reconciler").glob("*/__init__.py")}
    mentioned = set(re.findall(r"\(reconciler/([\w.]+)\)", order)) | set(re.findall(r"\(reconciler/(\w+)/", order))
    assert (modules | folders) - mentioned == set()


def test_the_two_commands_of_readme_are_those_of_ci() -> None:
    command = "python3 .ci/env.py test"
    assert f"\n    {command}\n" in README
    assert f"\n{command} " in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_pyproject_asks_for_what_readme_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11"
    assert "Python 3.11 or later" in README
