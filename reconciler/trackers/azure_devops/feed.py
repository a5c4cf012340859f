"""Feed: drains a WIQL query, however many work items it finds, without skipping any while people edit.

Results are cut or refused past a limit and there are no pages (FACTS ado 3.10, 3.11). So ids are asked for in ascending
order, an order that edits do not disturb, and every further query begins behind the last id.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.errors import Rejected, Unavailable
from reconciler.trackers.azure_devops import wiql
from reconciler.trackers.azure_devops.client import Client, Hits
from reconciler.trackers.azure_devops.verdicts import TOO_MANY_RESULTS

QUERY_TOP = 10_000
"""Ids a query asks for: well below the 20,000 at which answers fail or are cut, so that a full answer means "more"."""


def drain(
    client: Client, conditions: Sequence[str], optional: Sequence[str] = (), *, project: str = "", after: int = 0
) -> Iterator[Hits]:
    """All items behind the id `after` that meet the conditions, as one or more answers. `optional` conditions only
    spare us items that are known already; they are given up where the service refuses them. Raises Rejected for the
    other conditions."""
    top = QUERY_TOP
    while True:
        try:
            hits = client.query(wiql.query([*conditions, *optional], after), top=top, project=project)
        except Rejected as refused:
            if refused.code == TOO_MANY_RESULTS and top > 1:
                top //= 2
            elif optional:
                optional = ()
            else:
                raise
            continue
        yield hits
        if len(hits.ids) < top:
            return
        if max(hits.ids) <= after:
            raise Unavailable("a query for work items repeats itself")
        after = max(hits.ids)
