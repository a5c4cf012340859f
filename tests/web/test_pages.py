"""What the pages say; how they look and whether everybody can use them is seen in test_browser.py."""

from __future__ import annotations

import re
from http.client import HTTPConnection
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from reconciler.clock import VirtualClock
from reconciler.store import Store
from tests.web.conftest import Site, served
from tests.web.filled import TITLES, configuration

PAGES = [
    "/",
    "/conflicts",
    "/waiting",
    "/log?limit=10",
    "/runs",
    "/runs/2",
    "/items/web/left/1201",
    "/items/web/left/1399",
    "/mappings",
    "/requests",
]


def page(site: Site, path: str, code: int = 200) -> LexborNode:
    answer = site.get(path)
    assert answer.status_code == code, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    root = LexborHTMLParser(answer.text).root
    assert root is not None
    return root


def text_of(node: LexborNode | None) -> str:
    assert node is not None
    return " ".join(node.text().split())


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_a_heading_and_nothing_that_a_strict_browser_would_refuse(site: Site, path: str) -> None:
    found = page(site, path)
    assert len(found.css("h1")) == 1
    assert text_of(found.css_first("title")).endswith("· reconciler")
    assert not found.css("[style]")
    assert not found.css("style")
    assert [script.attributes["src"] for script in found.css("script")] == ["/static/live.js?0.1.0"]
    assert not [name for node in found.css("*") for name in node.attributes if name.startswith("on")]


def test_every_link_within_leads_somewhere(site: Site) -> None:
    links = {link.attributes.get("href") or "" for path in PAGES for link in page(site, path).css("a")}
    targets = {link.partition("#")[0] for link in links if link.startswith("/")}
    assert len(targets) > 30
    assert [target for target in targets if site.get(target).status_code != 200] == []


def test_the_overview_says_the_worst_first_and_counts_everything(site: Site) -> None:
    found = page(site, "/")
    assert text_of(found.css_first("h1")) == "A tracker does not answer"
    figures = {text_of(div.css_first("dt")): text_of(div.css_first("b")) for div in found.css(".figures > div")}
    assert figures == {
        "Pairs with nothing open": "81.8 %",
        "Conflicts": "2",
        "Quarantine": "2",
        "Backlog": "1",
        "In doubt": "1",
    }
    states = {text_of(card.css_first("h3")): text_of(card.css_first(".pill")) for card in found.css(".connection")}
    assert states == {"ado azure-devops": "answers", "clickup clickup": "left alone"}


def test_all_is_well_where_all_is_well(tmp_path: Path) -> None:
    clock = VirtualClock()
    config = configuration(tmp_path)
    with Store.open(config.store.url, clock=clock) as store:
        store.set_watermark("web", "left", clock.now())
    with served(config, clock) as site:
        assert text_of(page(site, "/").css_first("h1")) == "All is well"
        for path in ("/conflicts", "/waiting", "/log", "/runs", "/requests"):
            assert page(site, path).css(".empty"), f"{path} says what is normal"


def test_a_conflict_shows_both_values_and_the_very_commands(site: Site) -> None:
    texts, titles = page(site, "/conflicts").css("section:first-of-type > .conflict")
    assert [text_of(code) for code in texts.css(".command code")] == [
        "reconciler conflicts resolve 1 left",
        "reconciler conflicts resolve 1 right",
    ]
    assert [text_of(value) for value in titles.css(".value")] == [f"{TITLES[-6]} (جديد)", "Neue Zahlungsarten 💳"]


def test_long_texts_are_compared_word_by_word(site: Site) -> None:
    difference = page(site, "/conflicts").css_first(".difference")
    assert difference is not None
    assert "once per customer" in text_of(difference.css_first("del"))
    assert "twice" in text_of(difference.css_first("ins"))
    assert "Legal has read" not in text_of(difference)


def test_what_waits_says_why_since_when_and_what_to_type(site: Site) -> None:
    found = page(site, "/waiting")
    first = found.css_first(".card")
    assert 'there is no status "on hold"' in text_of(first)
    assert "refused 5 times" in text_of(first)
    assert [text_of(code) for code in found.css(".command code")] == [
        "reconciler retry AB#1204",
        "reconciler link AB#1399 …",
    ]
    assert "the answer was lost" in text_of(found)


def test_the_log_is_filtered_by_its_form(site: Site) -> None:
    found = page(site, "/log?mapping=web&kind=conflict&item=CU-86c7mc001&text=description")
    assert [text_of(row.css_first(".text")) for row in found.css(".log li")] == [
        "AB#1201: description changed on both sides; held"
    ]
    chosen = [text_of(option) for option in found.css("option[selected]")]
    assert chosen == ["web", "conflict"]
    assert "Nothing matches" in text_of(page(site, "/log?item=no such item"))


def test_pages_of_the_log_follow_each_other_and_keep_the_filter(site: Site) -> None:
    older = page(site, "/log?mapping=web").css_first("a[rel=next]")
    assert older is not None
    assert older.attributes["href"] == "/log?page=2&mapping=web"
    assert len(page(site, "/log?page=2&mapping=web").css(".log li")) == 34


def test_a_pair_is_told_field_by_field_with_links_to_both_trackers(site: Site) -> None:
    by_left, by_right = page(site, "/items/web/left/1201"), page(site, "/items/web/right/86c7mc001")
    for found in (by_left, by_right):
        assert [link.attributes["href"] for link in found.css("a.open")] == [
            "https://dev.azure.com/contoso/Web/_workitems/edit/1201",
            "https://app.clickup.com/t/86c7mc001",
        ]
        states = {text_of(row.css_first("h3")): text_of(row.css_first(".pill")) for row in found.css(".fields header")}
        assert (states["description"], states["due date"], states["tags"]) == ("conflict", "agreed", "off")


def test_a_run_shows_its_operations_before_and_after(site: Site) -> None:
    found = page(site, "/runs/1?page=2")
    change = text_of(found.css_first(".changes"))
    assert change == "state before: New → after: Active"


def test_titles_are_text_whatever_they_hold(site: Site) -> None:
    answer = site.get(f"/items/web/left/{1200 + len(TITLES) - 2}")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text


def test_the_chart_has_a_bar_an_hour_and_its_figures_in_words(site: Site) -> None:
    found = page(site, "/requests")
    assert [len(chart.css("svg rect")) for chart in found.css(".chart")] == [48, 48]
    assert "1,900 in the busiest" in (found.css_first(".chart svg").attributes["aria-label"] or "")  # type: ignore[union-attr]
    assert text_of(found.css_first(".hours li")).endswith("UTC1,900")


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/items/web/left/none",
        "/items/web/middle/1",
        "/items/no/left/1",
        "/runs/99",
        f"/runs/{10**30}",
        "/static/x",
    ],
)
def test_a_bad_address_is_answered_kindly(site: Site, path: str) -> None:
    found = page(site, path, 404)
    assert text_of(found.css_first("h1")) == "Not found"
    assert found.css("nav a")


def test_a_question_that_cannot_be_meant_is_a_sentence(site: Site) -> None:
    assert "Page must be a whole number" in text_of(page(site, "/log?page=none", 400))


@pytest.mark.parametrize("path", ["/", "/conflicts", "/waiting", "/log", "/runs", "/items/web/left/1", "/requests"])
def test_a_store_that_cannot_be_read_is_a_page_that_says_so(empty_site: Site, path: str) -> None:
    found = page(empty_site, path, 503)
    assert "There is no store at" in text_of(found)
    assert "Traceback" not in text_of(found)
    assert found.css("main[data-live]"), "it asks again by itself"


def test_a_mistake_in_the_program_is_no_traceback(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from reconciler.web import views

    monkeypatch.setattr(views, "conflicts", lambda _instance: 1 / 0)
    assert "the log has the details" in text_of(page(site, "/conflicts", 500))


def test_a_connection_outlives_a_mistake_in_the_program(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from reconciler.web import views

    monkeypatch.setattr(views, "conflicts", lambda _instance: 1 / 0)
    connection = HTTPConnection(site.address.removeprefix("http://"), timeout=30)
    codes = []
    for path in ("/conflicts", "/", "/conflicts", "/"):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        codes.append((answer.status, answer.will_close))
    connection.close()
    assert codes == [(500, False), (200, False), (500, False), (200, False)]


def test_an_instant_is_relative_with_the_exact_one_at_hand(site: Site) -> None:
    time = page(site, "/log").css_first(".log time")
    assert time is not None
    assert re.fullmatch(r"\d+ s ago", text_of(time))
    assert re.fullmatch(r"2026-03-03 \d\d:\d\d:\d\d UTC", time.attributes["title"] or "")


def test_no_secret_is_on_any_page(site: Site) -> None:
    for path in PAGES:
        text = site.get(path).text
        assert "an-invented-secret" not in text
        assert "pk_0_invented" not in text
