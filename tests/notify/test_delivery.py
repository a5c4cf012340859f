"""The change feed, from the store to a receiver on a real port that is killed, started again and refuses."""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from reconciler.config.feed import FeedTable
from reconciler.delivery import Delivery
from reconciler.model.snapshot import Snapshot
from tests.notify.receiver import Receiver
from tests.store.builders import item
from tests.support.configured import configured
from tests.support.duo import Duo

SECRET = "a secret of sixteen and more"


class Sender:
    """A store with a feed, and whoever delivers it."""

    def __init__(self, folder: Path, receiver: Receiver, attempts: int = 3) -> None:
        self.duo = Duo(folder)
        url = SecretStr(f"http://127.0.0.1:{receiver.port}/hook?to=them")
        feed = FeedTable(url=url, secret=SecretStr(SECRET), attempts=attempts)
        self.config = replace(configured(self.duo, folder), feed=feed)
        self.receiver = receiver
        self.delivery = Delivery(self.config, self.duo.store, self.duo.clock)

    def restart(self) -> None:
        self.delivery.close()
        self.duo.restart()
        self.delivery = Delivery(self.config, self.duo.store, self.duo.clock)

    def see(self, *numbers: int) -> None:
        for number in numbers:
            self.duo.store.feed.item_added("web", "left", item(str(number)))

    def deliver(self, after_s: float = 0.0) -> int:
        self.duo.clock.advance(after_s)
        return self.delivery.deliver()

    @property
    def arrived(self) -> list[int]:
        return [int(document["item"]["key"]) for document in self.receiver.documents]


@pytest.fixture
def sender(tmp_path: Path, receiver: Receiver) -> Iterator[Sender]:
    made = Sender(tmp_path, receiver)
    yield made
    made.delivery.close()
    made.duo.close()


def test_every_change_arrives_once_and_in_order_though_the_receiver_is_killed(sender: Sender) -> None:
    sender.see(1, 2)
    assert sender.deliver() == 2
    sender.receiver.stop()
    sender.see(3, 4)
    assert sender.deliver() == 0
    sender.restart()
    sender.see(5)
    assert sender.deliver() == 0
    sender.receiver.start()
    assert sender.deliver(after_s=60) == 3
    assert sender.deliver() == 0
    assert sender.arrived == [1, 2, 3, 4, 5]
    assert len({document["id"] for document in sender.receiver.documents}) == 5


@pytest.mark.parametrize("status", [500, 503, 429, 401, 404, 302])
def test_a_receiver_that_has_a_problem_of_its_own_is_waited_for(sender: Sender, status: int) -> None:
    sender.see(1, 2)
    sender.receiver.status = status
    for _ in range(20):
        sender.deliver(after_s=400)
    sender.receiver.status = 204
    sender.deliver(after_s=400)
    assert sender.arrived == [1, 2]
    assert sender.duo.store.feed.backlog().dead == 0


def test_what_is_refused_again_and_again_is_put_aside_and_can_be_brought_back(sender: Sender) -> None:
    sender.see(1, 2)
    sender.receiver.status = 422
    for _ in range(2):
        assert sender.deliver(after_s=400) == 0
    sender.restart()  # attempts are counted across it
    sender.deliver(after_s=400)
    sender.receiver.status = 200
    sender.deliver(after_s=400)
    assert sender.arrived == [2]
    [dead] = sender.duo.store.feed.dead()
    assert (dead.key, dead.attempts) == ("1", 3)
    assert "422" in dead.note
    assert "to=them" not in dead.note
    assert sender.duo.store.feed.retry() == 1
    sender.deliver()
    assert sender.arrived == [2, 1]


def test_a_refused_change_waits_before_it_is_tried_again(sender: Sender) -> None:
    sender.see(1)
    sender.receiver.status = 400
    sender.deliver()
    asked = sender.receiver.asked
    sender.deliver()
    assert sender.receiver.asked == asked


def test_deliveries_are_signed(sender: Sender) -> None:
    sender.see(1)
    sender.deliver()
    [(headers, body)] = sender.receiver.received
    sent_at = headers["x-reconciler-timestamp"]
    assert int(sent_at) == int(sender.duo.clock.now().timestamp())
    covered = f"{sent_at}.{headers['x-reconciler-id']}.".encode() + body
    digest = hmac.new(SECRET.encode(), covered, "sha256").hexdigest()
    assert headers["x-reconciler-signature"] == f"sha256={digest}"
    [document] = sender.receiver.documents
    assert document["id"] == headers["x-reconciler-id"]
    assert document["tracker"] == "ado"
    assert (document["kind"], document["side"], document["after"]) == ("item added", "left", "Item 1")


def test_a_flush_ends_in_time(sender: Sender) -> None:
    sender.see(1, 2)
    assert sender.delivery.deliver(within_s=0.0) == 0
    assert sender.delivery.deliver(within_s=20.0) == 2


def test_what_was_seen_before_anybody_took_the_feed_is_not_delivered(tmp_path: Path, receiver: Receiver) -> None:
    sender = Sender(tmp_path, receiver)
    nobody = replace(sender.config, feed=FeedTable())
    Delivery(nobody, sender.duo.store, sender.duo.clock)
    sender.see(1)
    sender.restart()
    sender.see(2)
    sender.deliver()
    assert sender.arrived == [2]
    sender.delivery.close()
    sender.duo.close()


def test_sql_reads_what_changed(sender: Sender) -> None:
    link = sender.duo.store.add_link("web", _snapshot("L1"), _snapshot("R1"), run=None)
    after = item("L1", fields={**link.left.item.fields, "tags": ("red",), "title": "Sign in"})
    sender.duo.store.save_snapshot(link.id, "left", replace(link.left, item=after))
    with sqlite3.connect(sender.duo.store_url.removeprefix("sqlite:///")) as connection:
        rows = connection.execute(
            "SELECT side, kind, item, field, old_value, new_value, state FROM changes WHERE field <> '' ORDER BY id"
        ).fetchall()
    connection.close()
    assert rows == [
        ("left", "item changed", "T#L1", "title", "Item L1", "Sign in", "waiting"),
        ("left", "item changed", "T#L1", "tags", '["red", "Blue"]', '["red"]', "waiting"),
    ]


def test_what_waits_outlives_the_history(sender: Sender) -> None:
    sender.see(1, 2)
    sender.receiver.status = 422
    for _ in range(3):
        sender.deliver(after_s=400)
    sender.duo.clock.advance(100 * 86_400)
    sender.duo.store.prune()
    assert [change.key for change in sender.duo.store.feed.page(1, 10)] == ["2"]


def _snapshot(key: str) -> Snapshot:
    return Snapshot(item(key))
