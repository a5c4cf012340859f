"""A simulated ClickUp, built from what is known of the real one and from nothing a client of ours happens to send."""

from reconciler.simulators.clickup.clickup import ClickUp
from reconciler.simulators.clickup.entities import ADMIN, GUEST, MEMBER, OWNER
from reconciler.simulators.clickup.switches import ALL_MOVE, FEWEST_MOVE, LIKELY_MOVES, Change, Switches

__all__ = [
    "ADMIN",
    "ALL_MOVE",
    "FEWEST_MOVE",
    "GUEST",
    "LIKELY_MOVES",
    "MEMBER",
    "OWNER",
    "Change",
    "ClickUp",
    "Switches",
]
