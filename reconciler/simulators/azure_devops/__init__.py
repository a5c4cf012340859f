"""A faithful Azure DevOps for work items, built from facts about its API and never from what our own client sends.

Start with `simulator.py` (how to set one up), then `world.py` (what it keeps) and `api.py` (how it answers).
"FACTS ado N.M" in comments names the entry of the collected facts on which a line rests.
"""

from reconciler.simulators.azure_devops.simulator import AzureDevOps
from reconciler.simulators.azure_devops.switches import Switches

__all__ = ["AzureDevOps", "Switches"]
