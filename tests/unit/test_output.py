"""What commands print: one document, and never a secret, whichever value it stands in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.cli.output import out, print_json
from reconciler.cli.reports import print_reports, print_status
from reconciler.log import REDACTED, register_secret
from reconciler.model.report import MappingReport
from reconciler.model.status import MappingStatus


def test_a_json_document_has_every_secret_struck_out(capsys: pytest.CaptureFixture[str]) -> None:
    register_secret("pk_echoed_by_a_proxy")
    report = MappingReport("web", notes=["refused: pk_echoed_by_a_proxy"], problem="bad gateway: pk_echoed_by_a_proxy")
    print_json({"mappings": [report.as_json()]})
    [shown] = json.loads(capsys.readouterr().out)["mappings"]
    assert (shown["notes"], shown["problem"]) == ([f"refused: {REDACTED}"], f"bad gateway: {REDACTED}")


def test_status_fits_eighty_columns_with_everything_in_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out, "width", 80)
    now = datetime(2026, 3, 9, 12, tzinfo=UTC)
    hour_ago = now - timedelta(minutes=59)
    entry = MappingStatus("storefront", 12_345, hour_ago, hour_ago, 12, 3, 1, 2, hour_ago, None)
    print_status([entry], now)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in "".join(lines)
    words = " ".join(" ".join(lines).split())
    assert "12 pending, 3 quarantined, 1 conflict, 2 in doubt" in words


def test_what_a_catch_up_did_fits_eighty_columns_and_no_count_is_cut_off(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out, "width", 80)
    both = Counter({"ado": 1234, "clickup": 4321})
    print_reports([MappingReport("web", 2, creates=both, updates=both, requests=both, paired=3, pending=8)])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines == [
        "web: creates 1234 ado, 4321 clickup; updates 1234 ado, 4321 clickup; pairings 3",
        "  left over: 8 pending; 2 cycles, requests 1234 ado, 4321 clickup",
    ]


def test_a_catch_up_that_had_nothing_to_do_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_reports([MappingReport("web", 1, requests=Counter({"ado": 2}))])
    assert capsys.readouterr().out.splitlines() == [
        "web: nothing to write",
        "  left over: nothing; 1 cycle, requests 2 ado",
    ]


def test_a_reader_that_has_seen_enough_ends_a_command_quietly() -> None:
    script = "import sys; from reconciler.cli import main; sys.argv = ['reconciler', '--help']"
    script += (
        "; from reconciler.cli.output import out; main.app = lambda **_: [out.print('x' * 100) for _ in range(9999)]"
    )
    script += "; main.main()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
