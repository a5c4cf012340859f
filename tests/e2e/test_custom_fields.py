"""A field of the trackers' own, as an operator meets it: `check`, the first sync, `verify`, and the mistakes."""

from __future__ import annotations

from tests.e2e.conftest import Bench

SEVERITY = "Microsoft.VSTS.Common.Severity"
TABLE = """
[[mappings.custom_fields]]
left = "{left}"
right = "{right}"
values = {{ "1 - Critical" = "{critical}" }}

[mappings.states]
"""


def configure(bench: Bench, left: str = SEVERITY, right: str = "Severity", critical: str = "critical") -> None:
    bench.configure("[mappings.states]", TABLE.format(left=left, right=right, critical=critical))


def test_a_field_is_checked_synchronised_and_verified(bench: Bench) -> None:
    options = ("critical", "2 - High", "3 - Medium", "4 - Low")
    field = bench.clickup.add_field(bench.list, "Severity", "drop_down", options=options)
    configure(bench)
    checked = bench.run("check")
    assert checked.code == 0, checked.out
    assert "Severity (string) and Severity (drop_down) are joined as choice" in checked.out
    bench.mara.create("Web", "Bug", "Leak", {SEVERITY: "1 - Critical"})
    assert bench.run("sync", "--yes").code == 0
    [task] = bench.clickup.world.tasks.values()
    assert task.values == {field.id: field.config["options"][0]["id"]}
    assert bench.run("verify").code == 0


def test_mistakes_are_said_by_check_with_the_name_that_was_meant(bench: Bench) -> None:
    bench.clickup.add_field(bench.list, "Severity", "drop_down", options=("critical",))
    configure(bench, right="Severty")
    checked = bench.run("check")
    assert checked.code == 2
    assert 'did you mean "Severity"?' in checked.out + checked.err
    configure(bench, critical="urgent")
    synced = bench.run("sync")
    assert synced.code == 2
    assert '"urgent" is no option of Severity' in synced.out + synced.err
