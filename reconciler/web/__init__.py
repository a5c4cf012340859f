"""Web: the dashboard, its JSON and the metrics, answered by the daemon's process; the engine knows nothing of it.

Everything that is shown is read through a read-only connection of its own, so that whoever looks disturbs no cycle.
"""

from reconciler.web.activity import Activity
from reconciler.web.application import make_application
from reconciler.web.hands import Busy, Hands
from reconciler.web.instance import Instance
from reconciler.web.serving import serve

__all__ = ["Activity", "Busy", "Hands", "Instance", "make_application", "serve"]
