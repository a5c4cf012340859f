"""Filled: a store with something of everything that a dashboard can show, and the configuration it belongs to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from reconciler.clock import VirtualClock
from reconciler.config import Config, load
from reconciler.demo.backlog import EPICS
from reconciler.model.conflict_record import ConflictRecord
from reconciler.model.field import Value
from reconciler.model.intent import Intent
from reconciler.model.item import Item
from reconciler.model.link import Link
from reconciler.model.pending import AMBIGUOUS
from reconciler.model.person import Person
from reconciler.model.rich_text import Form, RichText
from reconciler.model.snapshot import Snapshot
from reconciler.store import Store

CONFIG = """
version = 1
store.url = "sqlite:///{folder}/store.db"
dashboard.listen = "127.0.0.1:0"
{dashboard}

[trackers.ado]
kind = "azure-devops"
url = "https://dev.azure.com/contoso"
token = "an-invented-secret"

[trackers.clickup]
kind = "clickup"
workspace = "9013012345"
token = "pk_0_invented"

[[mappings]]
name = "web"
left = {{ tracker = "ado", project = "Web", types = ["Epic", "User Story", "Bug", "Task"], area_path = 'Web\\Shop' }}
right = {{ tracker = "clickup", list = "901100200300" }}
states = {{ "New" = "to do", "Active" = ["in progress", "blocked"], "Resolved" = "in review", "Closed" = "complete" }}
types."Bug" = {{ right = "Bug" }}
priorities = {{ "1" = "urgent", "2" = "high" }}
people = {{ "mara@contoso.example" = "mara@agency.example" }}
fields = {{ estimate = "to-right", tags = "off" }}
conflicts = {{ description = "hold", title = "hold" }}
custom_fields = [{{ left = "Severity", right = "Severity", values = {{ "1 - Critical" = "critical" }} }}]

[[mappings]]
name = "app"
poll_every = "5m"
left = {{ tracker = "ado", project = "App", types = ["Task"] }}
right = {{ tracker = "clickup", list = "901100200301" }}
"""

TITLES = (
    *(title for stories in EPICS.values() for title in stories),
    "إضافة طرق دفع جديدة في صفحة السداد",
    "תשלום בלחיצה אחת",
    "🚀 Launch week: countdown, confetti 🎉 and a banner",
    "A title that somebody pasted from a mail and that goes on and on, about invoices, " + "their addresses, " * 8,
    "<script>alert('not a title')</script> & \"quotes\"",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsversammlungsprotokollprüfung",
)

OLD = "<p>The voucher may be used <b>once</b>. If the order is cancelled it becomes valid again after a day.</p>"
LEFT = RichText(
    Form.HTML,
    "<p>The voucher may be used <b>once per customer</b>. If the order is cancelled it becomes valid again after"
    " two days.</p><ul><li>Mail the customer</li><li>Log it</li></ul>" + "<p>Legal has read this paragraph.</p>" * 8,
)
RIGHT = RichText(
    Form.MARKDOWN,
    "The voucher may be used **twice**. If the order is cancelled it becomes valid again after a day.\n\n"
    "* Mail the customer\n* Log it\n* Tell support\n\n" + "Legal has read this paragraph.\n\n" * 8,
)


def configuration(folder: Path, dashboard: str = "") -> Config:
    """`dashboard` is a line of that table."""
    path = folder / "config.toml"
    path.write_text(CONFIG.format(folder=folder, dashboard=dashboard), encoding="utf-8")
    return load(path, {"WEB_TOKEN": "a token for tests only"})


def fill(config: Config, clock: VirtualClock) -> None:
    """Ends at the clock's present, half a day after it began."""
    with Store.open(config.store.url, clock=clock) as store, store.transaction():
        _Filling(store, clock).run()


class _Filling:
    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self._store, self._clock = store, clock
        self._run = store.start_run("run")
        self._links: list[Link] = []

    def run(self) -> None:
        for hour in range(30):
            self._store.add_requests({"ado": 260 + hour * 17 % 90, "clickup": 130 + hour * hour % 140})
            self._clock.advance(3_600)
        self._store.add_requests({"ado": 1_900, "clickup": 640})
        for number, title in enumerate(TITLES):
            self._pair(number, title)
        for number in range(60):
            self._edit(self._links[number % len(self._links)], number)
        self._conflicts()
        self._waiting()
        self._doubt()
        for mapping in ("web", "app"):
            for side, ago_s in (("left", 14), ("right", 11)):
                self._store.set_watermark(mapping, side, self._clock.now() - timedelta(seconds=ago_s))  # type: ignore[arg-type]
        self._short_run()

    def _short_run(self) -> None:
        """One with every way in which an operation may end."""
        daemon, self._run = self._run, self._store.start_run("sync")
        right, text = self._links[1].right.item, RichText(Form.MARKDOWN, "The voucher may be used **once**.")
        self._journal("update", "right", right.key, "", {"description": text}, {"description": RIGHT}, right.label)
        self._journal("update", "right", right.key, "", {"tags": ("api",)}, {"tags": ()}, right.label, "rejected")
        self._journal("create", "right", "", "1399", {}, {"title": "Not there"}, "AB#1399", "abandoned")
        self._journal("comment", "left", "1201", "", {}, {}, "AB#1201", "adopted")
        self._clock.advance(9)
        self._store.finish_run(self._run, {"mappings": []})
        self._run = daemon

    def _item(self, left: bool, number: int, title: str) -> Item:
        key = str(1200 + number) if left else f"86c7mc{number:03}"
        once = "The voucher may be used once."
        fields: dict[str, Value] = {
            "type": "User Story",
            "title": title,
            "description": RichText(Form.HTML, OLD) if left else RichText(Form.MARKDOWN, once),
            "state": "Active" if left else "in progress",
            "assignees": (Person("mara.lindqvist@example.com", "Mara Lindqvist", "1"),),
            "priority": "2" if left else "high",
            "tags": ("api", "customer"),
            "due_date": date(2026, 4, 3),
            "points": 5.0,
            "related": ("1202",) if left else ("86c7mc002",),
            "text:Microsoft.VSTS.Common.AcceptanceCriteriaOfTheWholeTeam": None,
        }
        return Item(
            key=key,
            revision="7",
            changed_at=self._clock.now(),
            url=f"https://dev.azure.com/contoso/Web/_workitems/edit/{key}"
            if left
            else f"https://app.clickup.com/t/{key}",
            label=f"AB#{key}" if left else f"CU-{key}",
            fields=fields,
            ours=not left,
        )

    def _pair(self, number: int, title: str) -> None:
        left, right = self._item(True, number, title), self._item(False, number, title)
        link = self._store.add_link("web", Snapshot(left), Snapshot(right), run=self._run)
        self._links.append(link)
        self._journal("create", "right", right.key, left.key, {}, right.fields, left.label)
        self._event(link, "created", f"{right.label}: made from {left.label}", "right")
        self._clock.advance(40)

    def _edit(self, link: Link, number: int) -> None:
        side, item = ("left", link.left.item) if number % 2 else ("right", link.right.item)
        before, after = "New", "Active"
        self._journal("update", side, item.key, "", {"state": before}, {"state": after}, item.label)
        self._event(link, "updated", f"{item.label}: state: {before} -> {after}", side, "state", before, after)
        self._clock.advance(55)

    def _event(self, link: Link, kind: str, text: str, side: str, field: str | None = None, *values: Value) -> None:
        before, after = values or (None, None)
        self._store.add_event(
            self._run,
            "web",
            kind,
            text,
            side=side,
            key=link.key(side),
            field=field,
            before=before,
            after=after,  # type: ignore[arg-type]
        )

    def _journal(self, kind, side, key, source, before, after, label, outcome="done") -> None:  # type: ignore[no-untyped-def]
        now = self._clock.now()
        intent = Intent(0, "web", self._run, kind, side, now, now, key, source, "abcdefghij23", label, before, after)
        self._store.close_intent(self._store.open_intent(intent), outcome)

    def _conflicts(self) -> None:
        voucher, named, done = self._links[1], self._links[len(TITLES) - 6], self._links[2]
        texts = replace(self._conflict(voucher, "description", LEFT, RIGHT), left_base=RichText(Form.HTML, OLD))
        titles = self._conflict(named, "title", named.left.item.title + " (جديد)", "Neue Zahlungsarten 💳")
        settled = self._conflict(done, "state", "Closed", "blocked")
        comment = replace(settled, field="comment 7", left_value=LEFT, right_value=RIGHT, winner="right")
        self._store.add_conflict(texts)
        self._store.add_conflict(titles)
        self._store.add_conflict(replace(settled, rule="newest", winner="left", settled_at=self._clock.now()))
        self._store.add_conflict(replace(comment, settled_at=self._clock.now()))
        for link, field in ((voucher, "description"), (named, "title")):
            self._event(link, "conflict", f"{link.left.item.label}: {field} changed on both sides; held", "left", field)

    def _conflict(self, link: Link, field: str, left: Value, right: Value) -> ConflictRecord:
        return ConflictRecord(
            0,
            "web",
            link.id,
            link.key("left"),
            link.key("right"),
            field,
            left,
            right,
            "hold",
            self._clock.now(),
            note="changed on both sides",
            run=self._run,
        )

    def _waiting(self) -> None:
        now, store = self._clock.now(), self._store
        reason = (
            'AB#1204: state: there is no status "on hold" in the List; add it, or name another in [mappings.states]'
        )
        store.add_pending("web", "left", "1204", reason, due_at=now, attempts=5, parked=True)
        store.add_pending("web", "left", "1399", AMBIGUOUS, due_at=now)
        later = now + timedelta(minutes=4)
        store.add_pending("web", "right", "86c7mc006", "the tracker answered 503", due_at=later, attempts=2)
        store.set_problem("app", "ClickUp: left alone for a while after 5 failures in a row, the last: 503")
        store.set_circuit("clickup", "open")

    def _doubt(self) -> None:
        now, item = self._clock.now(), self._links[4].right.item
        intent = Intent(0, "web", self._run, "update", "right", now, now, item.key, label=item.label)
        self._store.open_intent(intent)
