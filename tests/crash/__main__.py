"""Lives one point of a scenario again and says what is wrong: `python -m tests.crash SCENARIO [POINT [POINT]]`.

Without a point it lists them; a second one is counted in the life after the first."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.crash.boundary import Photograph
from tests.crash.disk import Folder
from tests.crash.enumeration import course, survive


def main(name: str, *numbers: str) -> int:
    lived = course(name)
    points: Sequence[Photograph] = lived.points
    broken: list[str] = []
    with tempfile.TemporaryDirectory(prefix="crash-") as folder:
        for number in numbers:
            point = points[int(number)]
            print(f"dies in step {point.step}: {point.cause}")
            life = survive(lived, point, Folder(Path(folder)), watched=True)
            points, broken = life.further, life.broken
    print(*(f"{n:4} step {p.step}: {p.cause}" for n, p in enumerate(points)), sep="\n")
    print(*(broken or ["all promises hold"]), sep="\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
