"""Laws: every property of the pure core, with as many examples as there is time for. A case is a seed, under which each
law tries `EXAMPLES` examples."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.campaign.record import ROOT
from tests.campaign.ring import Outcome, Ring

EXAMPLES = 200
LAWS = ("tests/laws", "tests/store/test_codec.py")


def run(seed: int, folder: Path) -> Outcome:
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "--hypothesis-profile=campaign", "--timeout=3600"]
    done = subprocess.run(
        [*command, f"--hypothesis-seed={seed}", *LAWS],
        cwd=ROOT,
        env={**os.environ, "EXAMPLES": str(EXAMPLES), "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "examples")},
        capture_output=True,
        text=True,
        check=False,
    )
    laws = sum(int(number) for number in re.findall(r"(\d+) (?:passed|failed)", done.stdout))
    broken = re.findall(r"^FAILED (\S+)", done.stdout, re.MULTILINE)
    if done.returncode and not broken:
        broken = [done.stdout[-2000:] + done.stderr[-2000:]]
    return Outcome(Counter(laws=laws, examples=laws * EXAMPLES), broken=broken, history=done.stdout.splitlines())


RING = Ring("laws", "properties of the pure core", None, run, batch=EXAMPLES)
