"""`what-if` through the real command line: what another configuration would change, without asking anybody."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.conftest import Bench


def other(bench: Bench, before: str, after: str) -> Path:
    assert before in bench.text
    path = bench.folder / "new.toml"
    path.write_text(bench.text.replace(before, after), encoding="utf-8")
    return path


def test_a_field_switched_on_does_what_was_said(bench: Bench) -> None:
    new = bench.folder / "new.toml"
    new.write_text(bench.text, encoding="utf-8")
    bench.configure("[mappings.states]", '[mappings.fields]\ndescription = "off"\n\n[mappings.states]')
    for n in range(3):
        bench.mara.create("Web", "Task", f"Item {n}", {"System.Description": f"<p>text {n}</p>"})
    assert bench.run("sync", "--yes").code == 0
    [task] = [task for task in bench.clickup.world.tasks.values() if task.name == "Item 0"]
    bench.piet.edit(task, description="something else")
    assert bench.run("sync").code == 0
    requests = bench.azure.log.mark(), bench.clickup_log.mark()
    told = bench.run("what-if", "--against", str(new), "--json")
    assert told.code == 0, told.err
    [mapping] = told.json["mappings"]
    assert mapping["changes"] == ["description: off becomes both"]
    assert (mapping["pairs"], mapping["touched"], mapping["conflicts"]) == (3, 3, {"description": 1})
    assert sum(mapping["writes"]["description"].values()) == 3
    shown = bench.run("what-if", "--against", str(new))
    assert "3 of 3 pairs would be written" in shown.out
    assert (bench.azure.log.mark(), bench.clickup_log.mark()) == requests
    bench.config.write_text(new.read_text("utf-8"), encoding="utf-8")
    done = bench.run("sync", "--json")
    assert done.code == 0, done.err
    [report] = done.json["mappings"]
    assert sum(report["updates"].values()) == 3
    assert bench.run("verify").code == 0


def test_tables_rules_and_mappings_that_come_and_go(bench: Bench) -> None:
    bench.mara.create("Web", "Task", "Log in")
    assert bench.run("sync", "--yes").code == 0
    same = bench.run("what-if", "--against", str(bench.config))
    assert (same.code, "nothing would change" in same.out) == (0, True)
    swapped = '"New" = "in progress"\n"Active" = "to do"'
    new = other(bench, '"New" = "to do"\n"Active" = "in progress"', swapped)
    [mapping] = bench.run("what-if", "--against", str(new), "--json").json["mappings"]
    assert (mapping["changes"], mapping["touched"], mapping["apart"]) == (["states: another table"], 0, {"state": 1})
    new = other(bench, "[mappings.states]", '[mappings.fields]\nstate = "to-right"\n\n[mappings.states]')
    [mapping] = bench.run("what-if", "--against", str(new), "--json").json["mappings"]
    assert mapping["apart"] == {}, "a direction is no table"
    new = other(bench, 'name = "web"', 'name = "shop"')
    gone, come = bench.run("what-if", "--against", str(new), "--json").json["mappings"]
    assert ["is gone" in gone["changes"][0], "is new" in come["changes"][0]] == [True, True]
