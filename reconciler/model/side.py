"""Side: the two ends of a mapping, which are all the engine calls them."""

from __future__ import annotations

from typing import Literal

Side = Literal["left", "right"]

SIDES: tuple[Side, Side] = ("left", "right")


def other(side: Side) -> Side:
    return "right" if side == "left" else "left"
