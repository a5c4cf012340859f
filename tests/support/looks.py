"""Looks: slow looks at what no feed shows, told from all other requests; design.md counts them apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

_COMMENTS = re.compile(r".*/comments?")
_TASK_OF = re.compile(r"(.*/task/[^/]+)/comment")

T = TypeVar("T")


def besides_looks(sent: Sequence[T], named: Callable[[T], tuple[str, str]]) -> list[T]:
    """The requests that are no part of a look. `named` tells method and path. A look reads the comments of an item and,
    right before them, of a task its attachments, which only the task itself shows."""
    left: list[T] = []
    for request in sent:
        method, path = named(request)
        if method == "GET" and _COMMENTS.fullmatch(path):
            task = _TASK_OF.fullmatch(path)
            if task and left and named(left[-1]) == ("GET", task[1]):
                left.pop()
        else:
            left.append(request)
    return left
