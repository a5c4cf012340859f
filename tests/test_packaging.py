"""The files around the code: complete, loadable, free of secrets and of addresses that belong to one machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.config import load
from tests.cassettes.test_files import TOKENS
from tests.conftest import ROOT

TEXT = {".cfg", ".cron", ".json", ".lock", ".md", ".py", ".service", ".toml", ".txt", ".yaml", ".yml", ""}
SECRETS = TOKENS[:4]
INVENTED = re.compile(r"pk_\d+_(?:[A-Z]+_?)+\b|pk_0_\w+")
LOCKED = re.compile(r"^[a-z0-9-]+==\S+(?: ; .+)? \\$", flags=re.MULTILINE)


def tracked_files() -> list[Path]:
    """What is in the repository; the test is skipped where this is no repository (an unpacked archive)."""
    git = shutil.which("git")
    listed = git and subprocess.run([git, "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True, check=False)
    if not listed or listed.returncode:
        pytest.skip("not a git repository")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def project() -> dict[str, Any]:
    return tomllib.loads(text_of("pyproject.toml"))


# --- config.toml ---------------------------------------------------------------------------------------------------

ENVIRONMENT = {
    **dict.fromkeys(re.findall(r'"\$(\w+)"', text_of("config.toml")), "of sixteen signs or more"),
    "SLACK_URL": "json://localhost",
    "ADO_CLIENT_SECRET": "of a principal",
    "FEED_SECRET": "another of sixteen signs",
}


def test_config_toml_loads_as_it_is_once_the_tokens_are_there() -> None:
    config = load(ROOT / "config.toml", ENVIRONMENT)
    assert config.names == ("web",)
    assert config.warnings == ()


def test_every_line_that_config_toml_offers_is_right(tmp_path: Path) -> None:
    """Uncommenting everything that is carried gives a valid file, and all of it a file with warnings only."""
    carried, later = text_of("config.toml").split("# --- accepted, not carried yet")
    offered = re.compile(r"^# (?=(?:\w+|\"[^\"]+\") = |\[)", flags=re.MULTILINE)
    alternatives = re.compile(r"^(?:(?:folder|space) = |token = \"\$ADO_PAT\").*$", flags=re.MULTILINE)
    full = tmp_path / "config.toml"

    full.write_text(alternatives.sub("", offered.sub("", carried)), encoding="utf-8")
    assert load(full, ENVIRONMENT).warnings == ()

    [key] = re.findall(r"settle = .*", later)
    full.write_text(carried.replace("[mappings.left]", f"{key}\n[mappings.left]", 1), encoding="utf-8")
    [warning] = load(full, ENVIRONMENT).warnings
    assert "settle" in warning


def test_config_toml_holds_no_secret() -> None:
    tokens = [table["token"] for table in tomllib.loads(text_of("config.toml"))["trackers"].values()]
    assert tokens == ["$ADO_PAT", "$CLICKUP_API_TOKEN"]


# --- what may not be in the repository -----------------------------------------------------------------------------


def test_no_file_names_where_packages_come_from() -> None:
    """Whoever installs the locked packages takes them from wherever their own machine is told to."""
    index = re.compile(
        r"https?://[^\s\"']*(?:/simple\b|/pypi/|/packages/|artifactory|nexus)|--(?:extra-)?index-url[ =]\S"
    )
    found = {str(path.relative_to(ROOT)) for path in _texts() if index.search(path.read_text(encoding="utf-8"))}
    assert found - {"tests/test_packaging.py"} == set()


def test_no_file_holds_something_that_looks_like_a_token() -> None:
    found = []
    for path in _texts():
        text = INVENTED.sub("", path.read_text(encoding="utf-8"))
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for secret in SECRETS for match in secret.finditer(text)]
    assert found == []


def _texts() -> list[Path]:
    return [path for path in tracked_files() if path.suffix in TEXT]


# --- dependencies --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["build", "runtime", "dev"])
def test_every_locked_package_has_one_version_and_a_hash(name: str) -> None:
    entries = [entry for entry in re.split(r"\n(?=\S)", text_of(f".ci/locks/{name}.txt")) if not entry.startswith("#")]
    assert entries
    assert [entry for entry in entries if not LOCKED.match(entry) or "--hash=sha256:" not in entry] == []


def test_the_locks_hold_everything_that_pyproject_asks_for() -> None:
    asked = {
        "build": project()["build-system"]["requires"],
        "runtime": [*project()["project"]["dependencies"], *chain.from_iterable(_extras())],
        "dev": project()["dependency-groups"]["dev"],
    }
    for name, requirements in asked.items():
        locked = {line.split("==")[0] for line in text_of(f".ci/locks/{name}.txt").splitlines() if "==" in line}
        assert {_plain(requirement) for requirement in requirements} - locked == set(), name


def test_what_runs_is_tested_in_the_same_versions() -> None:
    """Where a marker says that a package is not always needed, the developers' tools may need it all the same."""
    runtime, dev = (set(re.findall(r"(?m)^\S+==\S+", text_of(f".ci/locks/{name}.txt"))) for name in ("runtime", "dev"))
    assert len(runtime) > 20
    assert runtime - dev == set()


def test_the_locked_build_tool_is_the_one_that_builds() -> None:
    assert project()["dependency-groups"]["build"] == project()["build-system"]["requires"]


def _extras() -> list[list[str]]:
    return list(project()["project"]["optional-dependencies"].values())


def _plain(requirement: str) -> str:
    return re.split(r"[\[<>=!~ ]", requirement)[0].lower()


# --- the script behind README's commands ---------------------------------------------------------------------------


def env(*arguments: str, root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, root / ".ci" / "env.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PATH": "/nowhere"})


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_an_environment_of_somebody_else_is_left_alone(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "precious").touch()
    ended = env("test", root=checkout)
    assert ended.returncode == 2
    assert "was not made by this script" in ended.stderr
    assert [path.name for path in (checkout / ".venv").iterdir()] == ["precious"]


def test_a_command_that_does_not_exist_shows_those_that_do(checkout: Path) -> None:
    ended = env("tset", root=checkout)
    assert ended.returncode == 2
    assert "python3 .ci/env.py test" in ended.stderr
    assert not (checkout / ".venv").exists()


# --- running it for good -------------------------------------------------------------------------------------------


def test_the_image_runs_the_daemon_as_nobody_in_particular() -> None:
    instructions = [line for line in text_of("Dockerfile").splitlines() if line and not line.startswith(("#", " "))]
    words = [instruction.split()[0] for instruction in instructions]
    assert words[0] == "ARG"
    assert words.count("FROM") == 2
    assert {"USER 10001:10001", "VOLUME /data", 'CMD ["run"]'} <= set(instructions)
    assert 'ENTRYPOINT ["reconciler", "--config", "/etc/reconciler/config.toml"]' in instructions
    assert any(word == "HEALTHCHECK" for word in words)
    assert "/api/health" in text_of("Dockerfile")


def test_the_image_is_built_from_files_that_exist_and_are_not_ignored() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text_of("Dockerfile"), flags=re.MULTILINE)
    sources = {source.rstrip("/") for line in copied for source in line.split()}
    assert {source for source in sources if not (ROOT / source).exists()} == set()
    assert {f"!{source}" for source in sources} <= set(text_of(".dockerignore").splitlines())


@pytest.mark.skipif(not shutil.which("hadolint"), reason="hadolint is not installed")
def test_the_dockerfile_passes_its_linter() -> None:
    ended = subprocess.run(["hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "")


def test_compose_and_image_agree() -> None:
    service = yaml.safe_load(text_of("compose.yaml"))["services"]["reconciler"]
    assert "./config.toml:/etc/reconciler/config.toml:ro" in service["volumes"]
    assert "data:/data" in service["volumes"]
    assert service["read_only"] is True


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_the_unit_is_one_that_systemd_understands_and_locks_down(tmp_path: Path) -> None:
    """Misspelt settings are warnings with exit code 0, so nothing at all may be said."""
    unit = tmp_path / "reconciler.service"
    unit.write_text(text_of("deploy/reconciler.service").replace("/opt/reconciler/bin/reconciler", "/bin/true"))
    verified = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout
