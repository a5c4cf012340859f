"""Mutations: plants each bug of tests/mutations in a copy of the tree and sees whether the tests named for it notice.

Red is what is wanted. Green, or tests that cannot even be collected, is a failure of the check.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.campaign.record import ROOT
from tests.campaign.ring import Outcome, Ring
from tests.mutations.catalogue import BUGS

LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "data")
SOME_TESTS_FAILED = 1  # pytest's exit code; 2 and more: nothing was tested
LONGEST_S = 900


def run(number: int, folder: Path) -> Outcome:
    bug, tree = BUGS[number], folder / "tree"
    shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
    (tree / bug.file).write_text(bug.planted())
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "--tb=short", "--hypothesis-seed=0", *bug.red],
        cwd=tree,
        env={
            **os.environ,
            "PYTHONPATH": str(tree),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "examples"),
        },
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    history = [bug.story, *done.stdout.splitlines(), *done.stderr.splitlines()]
    if done.returncode == SOME_TESTS_FAILED:
        red = re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
        return Outcome(Counter(red=1), Counter([str(bug)]), history=[*history, *red])
    what = "stays green" if done.returncode == 0 else f"was not tested: pytest ended with {done.returncode}"
    return Outcome(broken=[f"{bug} {what}: {bug.story}", *history[-3:]], history=history)


def name_of(number: int) -> str:
    return str(BUGS[number])


RING = Ring(
    "mutations",
    "planted bugs that the tests must notice",
    len(BUGS),
    run,
    name_of,
    expected=[str(bug) for bug in BUGS],
)
