"""The rings there are. A new one is a file here that defines a `Ring`, and its entry in this list."""

from __future__ import annotations

from tests.campaign import kills, simulation, worlds
from tests.campaign.ring import Ring

RINGS: dict[str, Ring] = {
    ring.name: ring for ring in (worlds.RING, kills.RING, simulation.SIMULATION, simulation.PAIRS)
}
