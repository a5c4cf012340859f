"""Feed: walks listings so that nothing is skipped while people edit (FACTS clickup 3.13).

ClickUp pages by number over a list that moves under the reader. So the reader moves instead: it always asks for the
first page, oldest first, of what lies at or after the last row seen. Pages are turned only while one timestamp fills
more than a page, and such a walk is repeated until it shows nothing new.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from reconciler.errors import Unavailable
from reconciler.trackers.clickup.client import Client, Params, Rows
from reconciler.trackers.clickup.instants import instant, to_ms

Json = dict[str, Any]
Order = Literal["created", "updated"]
Fetch = Callable[[int, Params], Rows]

LISTS_A_REQUEST = 100
"""Gateways refuse longer addresses."""

PAGES_MAX = 20_000
"""Two million rows; a listing that goes on after that does not end."""

BEYOND_MAX = 10
"""Pages of rows younger than the scan itself that are still read. There is hardly ever one: rows that lie ahead of the
service's clock since that was set back, but for a workspace that is edited faster than it can be read."""

WALKS_MAX = 3


@dataclass(slots=True)
class Scan:
    """What a scan learns besides rows. `started_at` is the server's time at the first answer: everything committed
    before it has been shown once the scan is drained."""

    started_at: datetime | None = None
    pages: int = 0


def changed(client: Client, list_ids: Sequence[str], since: datetime, scan: Scan) -> Iterator[list[Json]]:
    """Tasks of these Lists by their last change, from `since` on. One request when there is at most a page of them
    and the Lists fit into one address."""
    since_ms = to_ms(since)
    for fetch in _requests(client, list_ids):
        for rows in _Keyset("updated", since_ms, fetch, scan).pages():
            # A row may not match the filter of its own listing (FACTS clickup 3.4).
            yield [row for row in rows if stamp_ms(row, "updated") >= since_ms]


def created(client: Client, list_ids: Sequence[str], since: datetime | None, scan: Scan) -> Iterator[list[Json]]:
    """Tasks of these Lists by creation, an order that edits do not disturb, from `since` or the beginning on."""
    for fetch in _requests(client, list_ids):
        yield from _Keyset("created", to_ms(since) if since else None, fetch, scan).pages()


def created_anywhere(client: Client, since: datetime, scan: Scan) -> Iterator[list[Json]]:
    """Tasks of the whole workspace by creation, wherever they were moved since."""
    yield from _Keyset("created", to_ms(since), _request(client, ()), scan).pages()


def changed_anywhere(client: Client, since: datetime, scan: Scan) -> Iterator[list[Json]]:
    """Tasks of the whole workspace by their last change, wherever they are now."""
    yield from _Keyset("updated", to_ms(since), _request(client, ()), scan).pages()


def archived(client: Client, list_ids: Sequence[str], since: datetime | None, scan: Scan) -> Iterator[list[Json]]:
    """The archived tasks of these Lists by creation. The team-wide listing cannot show them, and whether the filter
    means "only" is not known: the row's own flag decides (FACTS clickup 3.9)."""
    for list_id in list_ids:
        fetch = _archived_request(client, list_id)
        for rows in _Keyset("created", to_ms(since) if since else None, fetch, scan).pages():
            yield [row for row in rows if row.get("archived")]


def everything(client: Client, list_ids: Sequence[str], after: str, scan: Scan) -> Iterator[tuple[list[Json], str]]:
    """All tasks of these Lists by creation, then the archived ones List by List; with each page the word by which a
    later walk goes on behind it: which listing, up to when. A listing that is there no more begins the walk anew."""
    listings = [
        ("created", list_ids[start], _request(client, list_ids[start : start + LISTS_A_REQUEST]))
        for start in range(0, len(list_ids), LISTS_A_REQUEST)
    ]
    listings += [("archived", list_id, _archived_request(client, list_id)) for list_id in list_ids]
    where, _, stamp = after.rpartition("/")
    begin = next((n for n, (kind, first, _) in enumerate(listings) if f"{kind}/{first}" == where), None)
    for number, (kind, first, fetch) in enumerate(listings[begin or 0 :]):
        reached_ms = int(stamp) if begin is not None and number == 0 else None
        for rows in _Keyset("created", reached_ms, fetch, scan).pages():
            reached_ms = max([reached_ms or 0, *(stamp_ms(row, "created") for row in rows)])
            shown = [row for row in rows if kind == "created" or row.get("archived")]
            yield shown, f"{kind}/{first}/{reached_ms}"


def stamp_ms(row: Json, order: Order) -> int:
    """When the task was created or last changed, in milliseconds; 0 where the row does not say."""
    moment = instant(row.get(f"date_{order}"))
    return to_ms(moment) if moment else 0


def _requests(client: Client, list_ids: Sequence[str]) -> Iterator[Fetch]:
    for start in range(0, len(list_ids), LISTS_A_REQUEST):
        yield _request(client, list_ids[start : start + LISTS_A_REQUEST])


def _request(client: Client, list_ids: Sequence[str]) -> Fetch:
    return lambda page, params: client.tasks(list_ids, page, params)


def _archived_request(client: Client, list_id: str) -> Fetch:
    return lambda page, params: client.archived_tasks(list_id, page, params)


class _Keyset:
    """One listing, drained. Yields each (task, change) once. Ends where the listing ends, or some pages into the rows
    younger than the scan itself: those belong to the next scan, and waiting for a busy workspace to fall silent would
    never end."""

    def __init__(self, order: Order, since_ms: int | None, fetch: Fetch, scan: Scan) -> None:
        self._order: Order = order
        self._fetch = fetch
        self._scan = scan
        self._after_ms = -1 if since_ms is None else since_ms - 1  # right for a strict and an inclusive filter (3.4)
        self._filtered = since_ms is not None
        self._seen: dict[tuple[str, int], int] = {}
        self._beyond = 0

    def pages(self) -> Iterator[list[Json]]:
        while True:
            rows, newest_ms = self._read(0)
            yield self._fresh(rows)
            if rows.last or self._outruns(newest_ms):
                return
            if newest_ms - 1 <= self._after_ms:
                newest_ms, ended = yield from self._walk(self._after_ms + 1)
                if ended or self._outruns(newest_ms):
                    return
            self._advance(newest_ms - 1)

    def _walk(self, crowded_ms: int) -> Generator[list[Json], None, tuple[int, bool]]:
        """Turns pages until the crowded timestamp lies behind, so that the next first page is a new one under an
        inclusive filter too. Returns the newest stamp met and whether the listing ended. A row touched meanwhile pulls
        those behind it forward, over a page border: hence the repetition."""
        newest_ms, ended = crowded_ms, False
        for attempt in range(WALKS_MAX):
            page, found, ended = (0 if attempt else 1), False, False
            newest_ms = crowded_ms
            while newest_ms <= crowded_ms and not ended:
                if page > len(self._seen):
                    raise Unavailable("a listing of tasks repeats itself")
                rows, page_newest_ms = self._read(page)
                fresh = self._fresh(rows)
                found |= bool(fresh)
                yield fresh
                newest_ms, ended, page = max(newest_ms, page_newest_ms), rows.last, page + 1
            if not found:
                break
        return newest_ms, ended

    def _read(self, page: int) -> tuple[Rows, int]:
        self._scan.pages += 1
        if self._scan.pages > PAGES_MAX:
            raise Unavailable("a listing of tasks does not end")
        params = [("order_by", self._order), ("reverse", "true")]
        if self._filtered:
            params.append((f"date_{self._order}_gt", str(self._after_ms)))
        rows = self._fetch(page, params)
        self._scan.started_at = self._scan.started_at or rows.server_time
        return rows, max((stamp_ms(row, self._order) for row in rows.tasks), default=self._after_ms)

    def _fresh(self, rows: Rows) -> list[Json]:
        fresh = []
        for row in rows.tasks:
            version = str(row.get("id")), stamp_ms(row, "updated")
            if version not in self._seen:
                self._seen[version] = stamp_ms(row, self._order)
                fresh.append(row)
        return fresh

    def _advance(self, after_ms: int) -> None:
        self._after_ms, self._filtered = after_ms, True
        self._seen = {version: stamp for version, stamp in self._seen.items() if stamp >= after_ms}

    def _outruns(self, newest_ms: int) -> bool:
        """The Date header has whole seconds, hence one of tolerance."""
        started_at = self._scan.started_at
        if started_at is not None and newest_ms > to_ms(started_at) + 1000:
            self._beyond += 1
        return self._beyond > BEYOND_MAX
