"""Alerts, from the store to a channel on a real port."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from reconciler.alerting import Alerting
from reconciler.config import Config
from reconciler.config.alerts import AlertsTable
from reconciler.errors import ConfigError
from reconciler.log import register_secret
from reconciler.notify import channels
from tests.notify.receiver import Receiver
from tests.support.configured import configured
from tests.support.duo import Duo

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # imported by Apprise


@pytest.fixture
def duo(tmp_path: Path) -> Iterator[Duo]:
    made = Duo(tmp_path)
    yield made
    made.close()


def alerting(duo: Duo, folder: Path, *receivers: Receiver) -> Alerting:
    urls = tuple(SecretStr(f"json://127.0.0.1:{receiver.port}/") for receiver in receivers)
    config: Config = replace(configured(duo, folder), alerts=AlertsTable(urls=urls))
    return Alerting(config, duo.store, duo.clock, channels(config.alerts.urls))


def titles(receiver: Receiver) -> list[str]:
    return [document["title"] for document in receiver.documents]


def test_a_failure_is_told_once_also_across_a_restart(duo: Duo, tmp_path: Path, receiver: Receiver) -> None:
    duo.store.set_problem("web", "clickup: answered 503", "Unavailable")
    assert alerting(duo, tmp_path, receiver).tell()
    duo.restart()
    assert alerting(duo, tmp_path, receiver).tell()
    assert titles(receiver) == ["reconciler: web: cannot finish its cycles"]
    duo.store.set_problem("web", None)
    assert alerting(duo, tmp_path, receiver).tell()
    assert titles(receiver)[1:] == ["reconciler: web: works again"]


def test_a_tripped_guard_is_told_as_such(duo: Duo, tmp_path: Path, receiver: Receiver) -> None:
    duo.store.set_problem("web", "12 deletions", "GuardTripped")
    alerting(duo, tmp_path, receiver).tell()
    assert titles(receiver) == ["reconciler: web: a plan waits for a person"]


def test_what_a_channel_did_not_take_is_sent_later(duo: Duo, tmp_path: Path, receiver: Receiver) -> None:
    duo.store.set_problem("web", "clickup: answered 503", "Unavailable")
    told = alerting(duo, tmp_path, receiver)
    receiver.status = 500
    assert not told.tell()
    asked = receiver.asked
    receiver.status = 200
    assert not told.tell()
    assert receiver.asked == asked  # not at once
    duo.clock.advance(61)
    assert told.tell()
    assert len(receiver.received) == 1


def test_a_channel_that_is_gone_keeps_no_other_from_hearing(duo: Duo, tmp_path: Path, receiver: Receiver) -> None:
    gone = Receiver()
    gone.stop()
    duo.store.set_problem("web", "down", "Unavailable")
    told = alerting(duo, tmp_path, gone, receiver)
    assert not told.tell()
    assert len(receiver.received) == 1
    gone.start()
    duo.clock.advance(61)
    assert told.tell()
    assert [len(gone.received), len(receiver.received)] == [1, 1]
    gone.stop()


def test_no_secret_is_in_an_alert(duo: Duo, tmp_path: Path, receiver: Receiver) -> None:
    [send] = channels([SecretStr(f"json://127.0.0.1:{receiver.port}/")]).values()
    register_secret("canary-0123456789")
    assert send("canary-0123456789", "the token canary-0123456789 is refused")
    assert b"canary" not in receiver.received[0][1]


def test_without_apprise_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert channels([]) == {}
    with pytest.raises(ConfigError, match=r"pip install 'reconciler\[notify\]'"):
        channels([SecretStr("json://127.0.0.1/")])


def test_an_address_that_means_nothing_is_a_mistake_that_does_not_show_it() -> None:
    with pytest.raises(ConfigError, match=r"alerts.urls\[1\]") as caught:
        channels([SecretStr("json://127.0.0.1/"), SecretStr("nonsense-0123456789")])
    assert "nonsense-0123456789" not in str(caught.value)
