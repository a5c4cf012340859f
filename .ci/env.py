#!/usr/bin/env python3
"""Runs the project on a machine that has nothing but Python 3.11 or later.

    python3 .ci/env.py demo            the demonstration, on this machine alone
    python3 .ci/env.py test [ARG…]     all tests, several at a time; or what the arguments tell pytest
    python3 .ci/env.py campaign RING…  a long ring of tests, as tests/campaign says: campaign worlds --seeds 5000
    python3 .ci/env.py lint            lint, formatting, types and the import rules
    python3 .ci/env.py run ARG…        the program itself: run check, run sync --yes, …

Everything goes into `.venv` in the project's folder: the locked packages (exact versions, checked by hash) through uv
where it is installed, else through venv and pip. Both take packages from wherever this machine's own settings say. When
nothing changed since the last time, nothing is installed. A `.venv` made by somebody else is left alone.
The exit code is that of what was run; 2 means the environment could not be made.
"""

from __future__ import annotations  # and nothing else newer than Python 3.7, so that an old one gets a sentence

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / ".ci" / "locks"
VENV = ROOT / ".venv"
PROGRAMS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = PROGRAMS / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / ".made-by-env.py"

ALL_TESTS = ["-n", "auto", "--maxprocesses", "4", "--dist", "worksteal"]
LINT = (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"], ["lint-imports"])


class CannotInstall(Exception):
    """Why the environment cannot be made, in words that say what to do."""


def main(arguments: list[str]) -> int:
    command, rest = arguments[0] if arguments else "", arguments[1:]
    try:
        if command in ("demo", "run"):
            make_environment("runtime")
            program = ["reconciler", "demo"] if command == "demo" else ["reconciler"]
            return subprocess.call([PYTHON, "-m", *program, *rest])
        if command == "test":
            make_environment("dev")
            return subprocess.call([PYTHON, "-m", "pytest", *(rest or ALL_TESTS)], cwd=ROOT)
        if command == "campaign":
            make_environment("dev")
            return subprocess.call([PYTHON, "-m", "tests.campaign", *rest], cwd=ROOT)
        if command == "lint":
            make_environment("dev")
            return max([subprocess.call([PROGRAMS / name, *options], cwd=ROOT) for name, *options in LINT])
    except CannotInstall as problem:
        print(f".ci/env.py: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    asked = command in ("-h", "--help")
    print(__doc__, file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2


def make_environment(kind: str) -> None:
    """Makes `.venv` hold the locked packages of a kind ("runtime", or "dev", which holds all of runtime) and the
    project itself. Quick when it already does."""
    if sys.version_info < (3, 11):
        raise CannotInstall(f"Python 3.11 or later is needed, this is {sys.version.split()[0]} ({sys.executable})")
    if VENV.exists() and not STAMP.is_file():
        raise CannotInstall(f"{VENV} was not made by this script; move it away, or go on with it by hand")
    contents = fingerprint()
    ready = STAMP.read_text(encoding="utf-8") if PYTHON.exists() else ""
    if ready in (f"{kind} {contents}", f"dev {contents}"):
        return
    print(f"preparing {VENV} …", file=sys.stderr, flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir()
    STAMP.touch()  # ours from the first moment on, also when interrupted
    install(kind)
    STAMP.write_text(f"{kind} {contents}", encoding="utf-8")


def fingerprint() -> str:
    """Changes with whatever an installed environment depends on."""
    digest = hashlib.sha256(f"{sys.version} {sys.base_prefix} {ROOT}".encode())
    for path in (*sorted(LOCKS.iterdir()), ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def install(kind: str) -> None:
    """Locked packages first, then the project, built by the locked build tool, which needs nothing from outside."""
    packages = ["--require-hashes", "-r", str(LOCKS / "build.txt"), "-r", str(LOCKS / f"{kind}.txt")]
    project = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    base = getattr(sys, "_base_executable", sys.executable)  # also when started from the environment to be replaced

    uv = shutil.which("uv")
    if uv and succeeds(uv, "venv", "--quiet", "--allow-existing", "--python", base, VENV):
        pip = [uv, "pip", "install", "--quiet", "--python", PYTHON]
        if succeeds(*pip, *packages) and succeeds(*pip, *project):
            return
        print("uv could not install the packages; trying pip", file=sys.stderr)

    if not find_spec("venv") or not find_spec("ensurepip"):
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise CannotInstall(
            "this Python cannot make virtual environments: install the package that completes it"
            f" (Debian and Ubuntu: apt-get install python{version}-venv), or uv"
        )
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if not (succeeds(base, "-m", "venv", VENV) and succeeds(*pip, *packages) and succeeds(*pip, *project)):
        raise CannotInstall("the packages could not be installed; the messages above say why")


def succeeds(*command: str | Path) -> bool:
    """Runs an installer. What it says goes to standard error: standard output belongs to the program."""
    return subprocess.call(command, stdout=sys.stderr, cwd=ROOT) == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
