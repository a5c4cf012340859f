"""What signed-in people and programs may do, and that nobody else may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from reconciler.clock import VirtualClock
from reconciler.config import Config, load
from reconciler.errors import ConfigError
from reconciler.store import Store
from reconciler.web import Busy, Hands
from reconciler.web.session import AT_MOST, LASTS_S, Sessions
from tests.web.conftest import Site, client_of, copied, served
from tests.web.filled import CONFIG

TOKEN = "a token for tests only"
BEARER = {"authorization": f"Bearer {TOKEN}"}

DEEDS = [("/api/conflicts/1/resolve", {"winner": "left"}), ("/api/items/web/left/1204/retry", None)]


def sign_in(site: Site, token: str = TOKEN, **headers: str) -> httpx.Response:
    return site.client.post("/login", data={"token": token, "back": "/conflicts"}, headers=headers)


def csrf(site: Site) -> str:
    field = LexborHTMLParser(site.get("/conflicts").text).css_first("input[name=csrf]")
    assert field is not None
    return field.attributes["value"] or ""


def winner_of(site: Site, conflict_id: int = 1) -> str | None:
    with site.instance.reading() as store:
        found = store.conflict(conflict_id)
        assert found is not None
        return found.winner


def is_parked(site: Site) -> bool:
    with site.instance.reading() as store:
        return any(row.parked for row in store.pending("web"))


# --- by form -------------------------------------------------------------------------------------------------------


def test_a_signed_in_person_decides_a_conflict_and_goes_back_to_the_page(acting_site: Site) -> None:
    assert sign_in(acting_site).headers["location"] == "/conflicts"
    form = {"winner": "right", "csrf": csrf(acting_site), "back": "/conflicts"}
    answer = acting_site.client.post("/conflicts/1/resolve", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/conflicts")
    assert winner_of(acting_site) == "right"
    assert "clickup wins at the next cycle" in acting_site.get("/conflicts").text


def test_a_signed_in_person_takes_an_item_out_of_quarantine(acting_site: Site) -> None:
    sign_in(acting_site)
    form = {"csrf": csrf(acting_site), "back": "/waiting"}
    assert acting_site.client.post("/items/web/left/1204/retry", data=form).status_code == 303
    assert not is_parked(acting_site)


def test_the_cookie_is_of_no_use_to_scripts_and_other_pages(acting_site: Site) -> None:
    cookie = sign_in(acting_site).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in cookie


def test_whoever_does_not_know_the_token_is_told_so_and_sees_no_buttons(acting_site: Site) -> None:
    answer = sign_in(acting_site, "another token, just as long")
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert "That is not the token" in answer.text
    assert "<button name=" not in acting_site.get("/conflicts").text


def test_signing_out_ends_the_session_for_good(acting_site: Site) -> None:
    sign_in(acting_site)
    form = {"winner": "left", "csrf": csrf(acting_site)}
    kept = dict(acting_site.client.cookies)
    assert acting_site.client.post("/logout", data=form).status_code == 303
    with client_of(acting_site.address) as again:
        again.cookies.update(kept)
        assert again.post("/conflicts/1/resolve", data=form).status_code == 403
    assert winner_of(acting_site) is None


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({}, {}),
        ({"csrf": "made up"}, {}),
        (None, {"sec-fetch-site": "cross-site"}),
        (None, {"sec-fetch-site": "same-site"}),
        (None, {"origin": "https://elsewhere.example.com"}),
        (None, {"origin": "null"}),
    ],
)
def test_no_other_page_can_send_the_form(
    acting_site: Site, form: dict[str, str] | None, headers: dict[str, str]
) -> None:
    sign_in(acting_site)
    sent = {"winner": "left", **({"csrf": csrf(acting_site)} if form is None else form)}
    assert acting_site.client.post("/conflicts/1/resolve", data=sent, headers=headers).status_code == 403
    assert winner_of(acting_site) is None


@pytest.mark.parametrize("back", ["https://elsewhere.example.com/", "//elsewhere.example.com", "/\\elsewhere", "x", ""])
def test_signing_in_leads_nowhere_else(acting_site: Site, back: str) -> None:
    answer = acting_site.client.post("/login", data={"token": TOKEN, "back": back})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_form_that_is_larger_than_any_is_refused(acting_site: Site) -> None:
    assert sign_in(acting_site, "x" * 20_000).status_code == 413


# --- by program ----------------------------------------------------------------------------------------------------


def test_a_program_decides_and_retries_with_the_token(acting_site: Site) -> None:
    for path, document in DEEDS:
        assert acting_site.client.post(path, json=document, headers=BEARER).status_code == 202
    assert winner_of(acting_site) == "left"
    assert not is_parked(acting_site)


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer no"}, {"authorization": f"Basic {TOKEN}"}])
def test_without_the_token_a_program_may_only_look(acting_site: Site, headers: dict[str, str]) -> None:
    for path, document in DEEDS:
        answer = acting_site.client.post(path, json=document, headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert winner_of(acting_site) is None
    assert is_parked(acting_site)


def test_a_cookie_is_no_token_of_a_program(acting_site: Site) -> None:
    sign_in(acting_site)
    assert acting_site.client.post("/api/conflicts/1/resolve", json={"winner": "left"}).status_code == 401


@pytest.mark.parametrize(
    ("path", "document", "code"),
    [
        ("/api/conflicts/99/resolve", {"winner": "left"}, 404),
        (f"/api/conflicts/{10**30}/resolve", {"winner": "left"}, 404),
        ("/api/conflicts/3/resolve", {"winner": "left"}, 409),
        ("/api/conflicts/1/resolve", {"winner": "both"}, 400),
        ("/api/conflicts/1/resolve", ["left"], 400),
        ("/api/items/web/left/1200/retry", None, 409),
        ("/api/items/web/left/none/retry", None, 404),
        ("/api/items/web/middle/1200/retry", None, 404),
    ],
)
def test_what_cannot_be_done_is_answered_in_a_sentence(
    acting_site: Site, path: str, document: object, code: int
) -> None:
    answer = acting_site.client.post(path, json=document, headers=BEARER)
    assert (answer.status_code, bool(answer.json()["error"])) == (code, True)


def test_a_cycle_that_takes_its_time_is_not_waited_for_for_ever(filled: tuple[Path, datetime], tmp_path: Path) -> None:
    @contextmanager
    def busy(_mapping: str) -> Iterator[None]:
        raise Busy
        yield

    config, clock = copied(filled, tmp_path, 'dashboard.token = "$WEB_TOKEN"')
    with (
        Store.open(config.store.url, clock=clock) as store,
        served(config, clock, Hands(config, store, clock, busy)) as site,
    ):
        answer = site.client.post("/api/conflicts/1/resolve", json={"winner": "left"}, headers=BEARER)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert winner_of(site) is None


# --- without a token -----------------------------------------------------------------------------------------------


def test_without_a_token_in_the_file_everything_is_read_only(site: Site) -> None:
    assert "Sign in" not in site.get("/").text
    assert site.get("/login").status_code == 403
    for path, document in [*DEEDS, ("/login", None), ("/conflicts/1/resolve", None)]:
        answer = site.client.post(path, json=document, headers={"authorization": "Bearer x"})
        assert answer.status_code == 403
        assert "read-only" in answer.text


def test_a_session_ends_by_itself_and_the_oldest_gives_way() -> None:
    clock = VirtualClock()
    sessions = Sessions(clock, TOKEN)
    first = sessions.begin(TOKEN)
    assert first is not None
    assert sessions.find(first.id) is first
    for _ in range(AT_MOST):
        last = sessions.begin(TOKEN)
    assert sessions.find(first.id) is None
    assert last is not None
    clock.advance(LASTS_S)
    assert sessions.find(last.id) is None


# --- configuration -------------------------------------------------------------------------------------------------


def loaded(folder: Path, dashboard: str, token: str = TOKEN) -> Config:
    text = CONFIG.replace('dashboard.listen = "127.0.0.1:0"', "").format(folder=folder, dashboard=dashboard)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return load(folder / "config.toml", {"WEB_TOKEN": token})


@pytest.mark.parametrize("token", ["", "short"])
def test_a_token_that_is_missing_or_easily_guessed_is_a_mistake_of_the_file(tmp_path: Path, token: str) -> None:
    with pytest.raises(ConfigError, match=r"dashboard\.token: (the environment variable|must have at least 16)"):
        loaded(tmp_path, 'dashboard.token = "$WEB_TOKEN"', token)


@pytest.mark.parametrize(
    ("listen", "is_local"),
    [
        ("127.0.0.1:80", True),
        ("localhost:80", True),
        ("[::1]:80", True),
        ("127.8.0.1:80", True),
        ("", True),
        ("0.0.0.0:80", False),
        ("[::]:80", False),
        ("192.168.1.5:80", False),
        ("dash.example.com:80", False),
    ],
)
def test_whoever_opens_it_to_others_is_warned(tmp_path: Path, listen: str, is_local: bool) -> None:
    dashboard = loaded(tmp_path, f'dashboard.listen = "{listen}"').dashboard
    assert (dashboard.is_local, dashboard.warning is None) == (is_local, is_local)


def test_the_token_is_shown_nowhere(tmp_path: Path) -> None:
    assert TOKEN not in repr(loaded(tmp_path, 'dashboard.token = "$WEB_TOKEN"'))
