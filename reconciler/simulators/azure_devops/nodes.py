"""Projects and their trees of areas and iterations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from reconciler.simulators.azure_devops.process import Process


@dataclass(eq=False)
class Node:
    """An area or iteration. Items point to nodes, so a rename shows in all of them at once (FACTS ado 5.12)."""

    id: int
    identifier: str
    name: str
    group: str
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    start: str | None = None
    finish: str | None = None

    @property
    def path(self) -> str:
        """As item fields spell it: the project, then the nodes (FACTS ado 12.7)."""
        return f"{self.parent.path}\\{self.name}" if self.parent else self.name

    @property
    def levels(self) -> list[str]:
        return self.path.split("\\")

    @property
    def node_path(self) -> str:
        """As classification nodes spell it: a leading backslash and the group after the project."""
        project, *below = self.levels
        return "\\".join(["", project, self.group.capitalize(), *below])

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()

    def under(self, other: Node) -> bool:
        node: Node | None = self
        while node is not None:
            if node is other:
                return True
            node = node.parent
        return False

    def child(self, name: str) -> Node | None:
        return next((child for child in self.children if child.name.lower() == name.lower()), None)

    def find(self, path: str) -> Node | None:
        """The node at `path`, project name first, slashes of either kind; the root of its tree is `self`."""
        names = [name for name in path.replace("/", "\\").split("\\") if name]
        if not names or names[0].lower() != self.name.lower():
            return None
        node: Node | None = self
        for name in names[1:]:
            node = node.child(name) if node else None
        return node


@dataclass(eq=False)
class Project:
    id: str
    name: str
    process: Process
    areas: Node
    iterations: Node
    created_at: datetime
    description: str = ""
    revision: int = 1

    def tree(self, group: str) -> Node | None:
        """The root for "areas" or "iterations"; None for any other word."""
        return {"areas": self.areas, "iterations": self.iterations}.get(group.lower())
