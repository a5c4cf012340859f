"""Log: one format for everything, ids on every line, no secret and no local variable in any."""

from __future__ import annotations

import io
import json
import logging
import threading
import warnings
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import log
from reconciler.clock import VirtualClock

SECRET = 'test-token "ü/+\\ 0123456789'


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Restores logging and forgets the secrets of other tests."""
    monkeypatch.setattr(log, "_secrets", log._Secrets())
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    logging.captureWarnings(False)


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_off_a_terminal_every_line_is_one_json_object(stream: io.StringIO) -> None:
    log.configure("INFO", "auto", stream, clock=VirtualClock())
    log.get_logger("reconciler.cycle").info("cycle finished", writes=3, title="é\nx")
    assert lines(stream) == [
        {
            "event": "cycle finished",
            "writes": 3,
            "title": "é\nx",
            "level": "info",
            "logger": "reconciler.cycle",
            "timestamp": "2026-03-02T08:00:00.000+00:00",
        }
    ]


def test_on_a_terminal_lines_are_for_people() -> None:
    terminal = Terminal()
    log.configure("INFO", "auto", terminal, clock=VirtualClock())
    log.get_logger("reconciler.cycle").info("cycle finished", writes=3)
    assert "cycle finished" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")


def test_the_format_can_be_forced_either_way(stream: io.StringIO) -> None:
    terminal = Terminal()
    log.configure("INFO", "json", terminal)
    log.get_logger("x").info("one")
    log.configure("INFO", "console", stream)
    log.get_logger("x").info("two")
    assert json.loads(terminal.getvalue())["event"] == "one"
    assert "two" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
    assert "\x1b[" not in stream.getvalue()


def test_configuring_again_replaces_the_first_stream(stream: io.StringIO) -> None:
    first = io.StringIO()
    log.configure("INFO", "json", first)
    log.configure("INFO", "json", stream)
    log.get_logger("x").info("once")
    assert first.getvalue() == ""
    assert len(lines(stream)) == 1


def test_lines_below_the_level_are_left_out(stream: io.StringIO) -> None:
    log.configure("warning", "json", stream)
    log.get_logger("x").info("unimportant")
    log.get_logger("x").warning("important")
    assert [line["event"] for line in lines(stream)] == ["important"]


def test_bound_ids_come_with_every_line_within_and_with_none_after(stream: io.StringIO) -> None:
    log.configure("INFO", "json", stream)
    with log.bound(cycle="c1", mapping="web"):
        log.get_logger("x").info("ours")
        logging.getLogger("apscheduler.scheduler").warning("theirs")
    log.get_logger("x").info("after")
    ours, theirs, after = lines(stream)
    assert (ours["cycle"], ours["mapping"]) == ("c1", "web")
    assert (theirs["cycle"], theirs["mapping"]) == ("c1", "web")
    assert "cycle" not in after


def test_ids_bound_in_one_thread_do_not_show_in_another(stream: io.StringIO) -> None:
    log.configure("INFO", "json", stream)
    with log.bound(mapping="web"):
        thread = threading.Thread(target=lambda: log.get_logger("x").info("elsewhere"))
        thread.start()
        thread.join()
    assert "mapping" not in lines(stream)[0]


@pytest.mark.parametrize("name", ["apscheduler.executors.default", "httpx", "uvicorn.error", "some.library"])
def test_libraries_come_out_in_the_same_format(stream: io.StringIO, name: str) -> None:
    log.configure("INFO", "json", stream)
    logging.getLogger(name).error("broke after %d tries", 3)
    (line,) = lines(stream)
    assert (line["event"], line["logger"], line["level"]) == ("broke after 3 tries", name, "error")


def test_warnings_come_out_in_the_same_format(stream: io.StringIO) -> None:
    log.configure("INFO", "json", stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old habit", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(False)
    assert "old habit" in lines(stream)[0]["event"]


@pytest.mark.parametrize("name", ["httpx", "httpcore.connection", "peewee"])
def test_addresses_headers_and_statements_are_not_logged_even_at_debug(stream: io.StringIO, name: str) -> None:
    log.configure("DEBUG", "json", stream)
    logging.getLogger(name).info("GET https://example.com/?token=1")
    logging.getLogger(name).debug("('INSERT …', ['a description'])")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("format", ["json", "console"])
def test_tracebacks_show_no_local_variables(stream: io.StringIO, format: log.Format) -> None:
    log.configure("INFO", format, stream)
    try:
        hidden_local = "a local value nobody should read"
        raise ValueError(len(hidden_local))
    except ValueError:
        log.get_logger("x").exception("it failed")
        logging.getLogger("some.library").exception("it failed there, too")
    text = stream.getvalue()
    assert "ValueError" in text
    assert "a local value nobody" not in text


@pytest.mark.parametrize("format", ["json", "console"])
def test_a_secret_is_struck_out_wherever_it_stands(stream: io.StringIO, format: log.Format) -> None:
    log.configure("INFO", format, stream)
    log.register_secret(SECRET)
    logger = log.get_logger("x")
    logger.info(f"message {SECRET}", value=SECRET, nested={"list": [SECRET]}, shown=repr(SECRET))
    logging.getLogger("some.library").warning("header %s", SECRET)
    with log.bound(key=SECRET):
        logger.info("bound")
    try:
        raise ValueError(SECRET)
    except ValueError:
        logger.exception("it failed")
    text = stream.getvalue()
    assert text.count(log.REDACTED) >= 7
    assert "0123456789" not in text


@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param(b64encode(SECRET.encode()).decode(), id="base64"),
        pytest.param(b64encode(f":{SECRET}".encode()).decode(), id="basic without a user"),
        pytest.param(b64encode(f"me:{SECRET}".encode()).decode(), id="basic with a user"),
        pytest.param(urlsafe_b64encode(f"you:{SECRET}!".encode()).decode(), id="base64 for addresses, in the middle"),
        pytest.param(quote(SECRET, safe=""), id="in an address"),
        pytest.param(json.dumps(SECRET), id="in JSON"),
    ],
)
def test_encoded_spellings_of_a_secret_are_struck_out(stream: io.StringIO, spelling: str) -> None:
    log.configure("INFO", "json", stream)
    log.register_secret(SECRET)
    log.get_logger("x").info("sent", header=f"<{spelling}>")
    (line,) = lines(stream)
    assert log.REDACTED in line["header"]
    assert len(line["header"].replace(log.REDACTED, "")) < 12


@given(
    secret=st.text(min_size=log.SHORTEST_SECRET, max_size=40), before=st.binary(max_size=5), after=st.binary(max_size=5)
)
def test_no_position_in_base64_hides_a_secret(secret: str, before: bytes, after: bytes) -> None:
    secrets = log._Secrets()
    value = secret.encode("utf-8", "replace").decode()
    secrets.add(value)
    assert log.REDACTED in secrets.strike(b64encode(before + value.encode() + after).decode())


def test_of_two_secrets_the_longer_one_is_struck_out_whole() -> None:
    log.register_secret("test-token")
    log.register_secret("test-token-extended")
    assert log.redact("with test-token-extended and test-token") == f"with {log.REDACTED} and {log.REDACTED}"


@pytest.mark.parametrize("value", ["", "a", "admin"])
def test_very_short_values_are_not_taken_for_secrets(value: str) -> None:
    log.register_secret(value)
    assert log.redact("an admin was here") == "an admin was here"


def test_values_that_json_cannot_say_are_logged_as_text(stream: io.StringIO) -> None:
    log.configure("INFO", "json", stream)
    log.get_logger("x").info("odd", at=VirtualClock().now(), some={1})
    assert lines(stream)[0]["at"] == "2026-03-02 08:00:00+00:00"
