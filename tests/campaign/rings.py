"""The rings there are. A new one is a file that defines `RING`, and its entry here."""

from __future__ import annotations

from tests.campaign import crash, kills, laws, mutations, simulation, worlds
from tests.campaign.ring import Ring

RINGS: dict[str, Ring] = {
    ring.name: ring
    for ring in (
        worlds.RING,
        kills.RING,
        laws.RING,
        mutations.RING,
        simulation.SIMULATION,
        simulation.PAIRS,
        crash.RING,
        crash.RING_TWICE,
    )
}
