"""What commands print: one document, and never a secret, whichever value it stands in."""

from __future__ import annotations

import json

import pytest

from reconciler.cli.output import print_json
from reconciler.log import REDACTED, register_secret
from reconciler.model.report import MappingReport


def test_a_json_document_has_every_secret_struck_out(capsys: pytest.CaptureFixture[str]) -> None:
    register_secret("pk_echoed_by_a_proxy")
    report = MappingReport("web", notes=["refused: pk_echoed_by_a_proxy"], problem="bad gateway: pk_echoed_by_a_proxy")
    print_json({"mappings": [report.as_json()]})
    [shown] = json.loads(capsys.readouterr().out)["mappings"]
    assert (shown["notes"], shown["problem"]) == ([f"refused: {REDACTED}"], f"bad gateway: {REDACTED}")
