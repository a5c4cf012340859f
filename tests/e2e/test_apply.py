"""`plan -o` and `apply` through the real command line."""

from __future__ import annotations

from tests.e2e.conftest import Bench


def test_a_plan_is_saved_looked_at_and_carried_out(bench: Bench) -> None:
    one, two = (bench.mara.create("Web", "Task", title) for title in ("Log in", "Pay by card"))
    saved = str(bench.folder / "plan.json")
    assert bench.run("plan", "-o", saved).code == 0
    bench.mara.edit(two, {"System.Title": "Pay by invoice"})
    done = bench.run("apply", saved)
    assert done.code == 1, done.err
    assert "1 done, 1 refused" in done.out
    assert f'refused create on the right: "Pay by card" from AB#{two.id}' in done.out
    assert bench.titles()[1] == ["Log in"]
    assert bench.run("sync", "--yes").code == 0
    bench.mara.edit(one, {"System.Title": "Sign in"})
    assert bench.run("plan", "-o", saved).code == 0
    for fate in ("done", "already done"):
        ended = bench.run("apply", saved, "--json")
        assert ended.code == 0, ended.err
        assert [operation["fate"] for operation in ended.json["mappings"][0]["operations"]] == [fate]
    assert bench.titles()[1] == ["Pay by invoice", "Sign in"]
    assert bench.run("apply", str(bench.config)).code == 2
