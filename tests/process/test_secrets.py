"""No token comes out anywhere (I25), whatever the trackers answer and however the program ends.

Both trackers repeat the credentials they were sent in every kind of error; the configuration has them where they do
not belong. Then everything is searched: both streams, the store's bytes with its log, every file that was written.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest

from reconciler.simulators.kit.faults import Faults
from reconciler.simulators.kit.wire import Request, Response
from tests.e2e.conftest import Bench, Ended

WORDS = {"message": "{}", "err": "{}", "ECODE": "{}", "typeKey": "{}", "$id": "1", "errorCode": 0}


@pytest.fixture(autouse=True)
def _loud(bench: Bench) -> None:
    bench.environ["LOG_LEVEL"] = "DEBUG"
    for number in range(4):
        bench.mara.create("Web", "Task", f"left {number}")
        bench.piet.create_task(bench.list, f"right {number}")


def echoing(status: int, content_type: str = "application/json") -> Callable[[Request], Response]:
    """An answer that repeats the credentials in every spelling and place."""

    def answer(request: Request) -> Response:
        authorization = request.headers["authorization"]
        token = authorization.rpartition(" ")[2]
        if authorization.startswith("Basic "):
            token = b64decode(token).decode()[1:]
        told = f"refused: Authorization: {authorization} token={token} https://x/?t={quote(token)} {token}"
        body = json.dumps({name: str(word).format(told) for name, word in WORDS.items()} | {"id": {"echo": told}})
        headers = {"content-type": content_type, "location": f"https://x/?token={token}", "x-told": told}
        return Response(status, headers, body.encode())

    return answer


def strike(faults: Faults, match: str, *answers: Callable[[Request], Response]) -> None:
    for number, answer in enumerate(answers):
        faults.inject(f"echo {number}", match, on_request=answer, after=number)


def assert_nothing_came_out(bench: Bench, *ends: Ended) -> None:
    places = {f"output {n}": (end.out + end.err).encode() for n, end in enumerate(ends)}
    places |= {file.name: file.read_bytes() for file in bench.folder.iterdir() if file.name != "config.toml"}
    places |= bodies(bench)
    for token in (bench.environ["TEST_ADO_TOKEN"], bench.environ["TEST_CLICKUP_TOKEN"]):
        spellings = [token, quote(token), b64encode(token.encode()).decode(), b64encode(f":{token}".encode()).decode()]
        for spelling in spellings:
            for place, content in places.items():
                at = content.find(spelling.rstrip("=").encode())
                assert at < 0, f"{place}: {content[max(0, at - 300) : at + 40]!r}"


def bodies(bench: Bench) -> dict[str, bytes]:
    """What the store keeps deflated."""
    if not (bench.folder / "store.db").exists():
        return {}
    connection = sqlite3.connect(bench.folder / "store.db")
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    cells = [cell for table in tables for row in connection.execute(f"SELECT * FROM {table}") for cell in row]
    connection.close()
    deflated = [cell for cell in cells if isinstance(cell, bytes) and not cell.startswith(b"{")]
    return {f"body {number}": zlib.decompress(cell) for number, cell in enumerate(deflated)}


def look(bench: Bench) -> list[Ended]:
    """Everything that shows what is stored."""
    commands = [["log", "--json", "-n", "1000"], ["plan", "--json", "-o", str(bench.folder / "plan.json")]]
    return [bench.run("--debug", *command) for command in commands]


def test_writes_that_are_refused_with_the_token_in_every_answer(bench: Bench) -> None:
    statuses = [echoing(status) for status in (400, 403, 404, 409, 413, 500, 503, 302, 200)]
    for faults in (bench.azure.faults, bench.clickup_faults):
        strike(faults, "^(POST .*/task|PATCH .*workitems/|PUT .*/task)", *statuses)
    first = bench.run("--debug", "sync", "--yes")
    second = bench.run("--debug", "sync", "--yes", "--json")
    assert "refused: Authorization: " in first.out
    assert_nothing_came_out(bench, first, second, *look(bench))


@pytest.mark.parametrize("side", ["ado", "clickup"])
def test_reads_that_fail_with_the_token_in_every_answer(bench: Bench, side: str) -> None:
    faults = bench.azure.faults if side == "ado" else bench.clickup_faults
    reads = "wiql|reporting|workitemsbatch" if side == "ado" else "^GET .*/list/.*/task|^GET .*/team/.*/task"
    ends = [bench.run("--debug", "sync", "--yes")]
    for answer in (echoing(401), echoing(200), echoing(203, "text/html")):
        struck = faults.inject("echo", reads, on_request=answer, times=3)
        ends.append(bench.run("--debug", "sync", "--full"))
        assert struck.hits > 0
        struck.cancel()
    assert_nothing_came_out(bench, *ends)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"$TEST_ADO_TOKEN"', '"{ado}"'),
        ('"$TEST_CLICKUP_TOKEN"', '"{clickup}"\ntokenn = "{clickup}"'),
        ('workspace = "', 'workspace = "{clickup}'),
        ('url = "http://', 'url = "http://x:{ado}@'),
        ("requests_per_minute = 10000", 'requests_per_minute = "{clickup}"'),
    ],
    ids=["in the file", "under a wrong key", "as the workspace", "in an address", "as a number"],
)
def test_a_token_where_it_does_not_belong(bench: Bench, before: str, after: str) -> None:
    tokens = {"ado": bench.environ["TEST_ADO_TOKEN"], "clickup": bench.environ["TEST_CLICKUP_TOKEN"]}
    bench.configure(before, after.format(**tokens))
    assert_nothing_came_out(bench, bench.run("--debug", "sync"))


def test_a_token_that_cannot_be_sent(bench: Bench) -> None:
    token = bench.environ["TEST_CLICKUP_TOKEN"]
    bench.environ["BROKEN"] = f"{token}\n\u2028{token}"
    bench.configure('"$TEST_CLICKUP_TOKEN"', '"$BROKEN"')
    ended = bench.run("--debug", "sync", "--yes")
    assert ended.code == 2, ended.err
    assert_nothing_came_out(bench, ended)
