"""Catalogue: the planted bugs, read from the files of this folder."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INVARIANTS = tuple(f"I{number}" for number in range(1, 31))


@dataclass(frozen=True, slots=True)
class Bug:
    """`red` are the tests that must fail while `old` stands replaced by `new` in `file`."""

    name: str
    breaks: tuple[str, ...]
    story: str
    file: str
    old: str
    new: str
    red: tuple[str, ...]

    def __str__(self) -> str:
        return f"{' '.join(self.breaks)} {self.name}"

    def planted(self, root: Path = ROOT) -> str:
        """The source with the bug in it. Raises ValueError where the place is not to be found, or more than once."""
        source = (root / self.file).read_text()
        if source.count(self.old) != 1:
            raise ValueError(f"{self}: {self.file} has {source.count(self.old)} places that read:\n{self.old}")
        return source.replace(self.old, self.new)


def bugs() -> tuple[Bug, ...]:
    """All of them, in the order of files and entries."""
    found = []
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        for entry in tomllib.loads(path.read_text())["bug"]:
            lists = {name: tuple(entry.pop(name)) for name in ("breaks", "red")}
            found.append(Bug(**entry, **lists))
    return tuple(found)


BUGS = bugs()
