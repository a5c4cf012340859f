"""Pairs that were there before: found by what people wrote and by titles, reviewed, linked, and not copied."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from reconciler.adopt import COLUMNS, Adopted, adopt, find, read_review, review
from reconciler.config import load
from reconciler.connections import Connections
from reconciler.errors import ConfigError
from reconciler.simulators.clickup.entities import Task
from tests.support.configured import configured
from tests.support.duo import Duo


class Bench:
    def __init__(self, folder: Path) -> None:
        self.duo = Duo(folder)
        duo = self.duo
        duo.clickup.add_field(duo.lists[0], "Link", "url")
        configured(duo, folder)
        path = folder / "config.toml"
        text = path.read_text(encoding="utf-8").replace('"secret"', '"$ADO"').replace('"pk_secret"', '"$CLICKUP"')
        path.write_text(text, encoding="utf-8")
        self.config = load(path, {"ADO": duo.bot.token, "CLICKUP": duo.sync_member.token})

    def work_item(self, title: str, description: str = "") -> int:
        return self.duo.developer.create("Web", "Task", title, {"System.Description": description}).id

    def task(self, title: str, markdown: str = "") -> Task:
        return self.duo.planner.create_task(self.duo.lists[0], title, markdown_content=markdown)

    def connections(self) -> Connections:
        network = {name: self.duo.transport() for name in ("ado", "clickup")}
        return Connections(self.config, self.duo.local, read_only=True, transports=network)

    def review(self) -> str:
        context = self.connections().context(self.config.mappings[0])
        return review({"web": find(context, self.duo.store)})

    def rows(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Answer and reason by titles."""
        found = csv.DictReader(io.StringIO(self.review()))
        return {(row["left title"], row["right title"]): (row["pair"], row["reason"]) for row in found}

    def adopt(self, text: str) -> Adopted:
        return adopt(self.config, self.connections(), self.duo.store, self.duo.local, read_review(text))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_what_people_wrote_tells_who_belongs_together(bench: Bench) -> None:
    label, address, link, page = (bench.work_item(f"Work {n}") for n in range(4))
    by_label = bench.task("Named by its label", f"See AB#{label} for the rest.")
    by_page = bench.task("Named by its page", f"[there](https://dev.azure.com/contoso/Web/_workitems/edit/{address})")
    target = bench.task("Named by a hyperlink")
    bench.duo.developer.add_hyperlink(link, f"https://app.clickup.com/t/{target.id}")
    other = bench.task("Named in a text")
    bench.duo.developer.edit(page, {"System.Description": f"<div>as https://app.clickup.com/t/{other.id}.</div>"})
    assert bench.rows() == {
        ("Work 0", "Named by its label"): (
            "yes",
            f"CU-{by_label.id} names AB#{label}",
        ),
        ("Work 1", "Named by its page"): (
            "yes",
            f"CU-{by_page.id} names AB#{address}",
        ),
        ("Work 2", "Named by a hyperlink"): ("yes", f"AB#{link} names CU-{target.id}"),
        ("Work 3", "Named in a text"): ("yes", f"AB#{page} names CU-{other.id}"),
    }


def test_a_title_is_sure_where_only_two_have_it_and_nearly_so_is_a_question(bench: Bench) -> None:
    for title in ("Log in", "Twice", "Payment fails on older iOS devices"):
        bench.work_item(title)
    for title in ("log in", "Twice", "Twice", "Payments fail on older iOS devices", "Something else"):
        bench.task(title)
    found = bench.rows()
    assert found["Log in", "log in"][0] == "yes"
    assert found["Twice", "Twice"] == ("no", "same title, which 1 and 2 items have")
    assert found["Payment fails on older iOS devices", "Payments fail on older iOS devices"][0] == "no"
    assert len(found) == 3


def test_looking_writes_nothing_and_linking_keeps_sync_from_copying(bench: Bench) -> None:
    number = bench.work_item("Work 0")
    task = bench.task("Other words", f"AB#{number}")
    writes = bench.duo.azure.log.writes, bench.duo.clickup_log.writes
    text = bench.review()
    done = bench.adopt(text)
    assert done.made == (f"web: AB#{number} and CU-{task.id}",)
    assert (bench.duo.azure.log.writes, bench.duo.clickup_log.writes) == writes
    assert bench.adopt(text) == Adopted((), 1, 0, ())
    assert bench.rows() == {}
    bench.duo.settle()
    assert len(bench.duo.azure.world.items) == len(bench.duo.clickup.world.tasks) == 1


def test_each_line_that_cannot_be_done_is_named_and_stops_no_other(bench: Bench) -> None:
    one, two = bench.work_item("One"), bench.work_item("Two")
    task = bench.task("One")
    head = ",".join(COLUMNS[:4])
    lines = (
        f"yes,web,AB#{one},CU-{task.id}",
        f"yes,web,AB#{two},CU-{task.id}",
        f"perhaps,web,AB#{one},x",
        "no,web,a,b",
    )
    strange = ("yes,mobile,AB#1,CU-2", "yes,web,AB#999,CU-zzz", "yes,web,?,!")
    done = bench.adopt("\n".join((head, *lines, *strange)))
    assert (len(done.made), done.already, done.declined) == (1, 0, 1)
    assert [sentence.split(":")[0] for sentence in done.refused][:3] == ["line 3", "line 4", "line 6"]
    assert "is paired with" in done.refused[0]
    assert '"perhaps" is neither yes nor no' in done.refused[1]
    assert 'no mapping "mobile"' in done.refused[2]
    assert any(sentence.startswith("line 7") for sentence in done.refused)
    assert done.refused[-1].startswith("line 8")


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_what_spreadsheets_write_is_read(delimiter: str) -> None:
    text = "\ufeff" + delimiter.join(COLUMNS[:4]) + "\r\n" + delimiter.join(("YES", "web", "AB#1", "CU-2")) + "\r\n"
    (line,) = read_review(text)
    assert (line.answer, line.mapping, line.left, line.right) == ("YES", "web", "AB#1", "CU-2")


def test_what_is_no_review_is_refused() -> None:
    with pytest.raises(ConfigError, match="not a review"):
        read_review("a,b\n1,2\n")


def test_a_title_is_never_a_formula(bench: Bench) -> None:
    bench.work_item("=1+1")
    bench.task("=1+1")
    assert "'=1+1" in bench.review()
