"""The pages in a real browser: everybody can use them, in both themes, on a phone and on a desk.

Skipped where there is no Chromium; all in one session of it, since its start is what costs.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.web.conftest import Site
from tests.web.test_pages import PAGES

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield started
        started.close()


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[Page]:
    """Whatever the browser complains about, a script or style that the policy refuses above all, fails the test."""
    context = browser.new_context(viewport=DESK, reduced_motion="reduce", **options)  # type: ignore[arg-type]
    made = context.new_page()
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    made.on("console", listen)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser, permissions=["clipboard-read", "clipboard-write"]) as made:
        yield made


def violations(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


def require_usable(page: Page, address: str) -> None:
    """No rule of axe is broken, in either theme and at either width, and nothing has to be scrolled sideways."""
    page.goto(address)
    for theme, size in (("light", DESK), ("dark", PHONE)):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert violations(page) == [], (theme, size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (theme, size)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", [*PAGES, "/nowhere"])
def test_everybody_can_use_the_page(site: Site, page: Page, path: str) -> None:
    require_usable(page, site.address + path)


def test_everything_is_reached_by_keyboard_and_shows_that_it_is(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/conflicts")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    expected = page.evaluate(
        "[...document.querySelectorAll('a, button, summary')].filter((e) => e.checkVisibility()).length"
    )
    reached = 1
    for _ in range(expected - 1):
        page.keyboard.press("Tab")
        reached += page.evaluate("getComputedStyle(document.activeElement).outlineStyle !== 'none'")
    assert (reached, expected > 25) == (expected, True)
    page.goto(f"{site.address}/conflicts")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_command_can_be_copied(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/waiting")
    page.get_by_role("button", name="Copy reconciler retry AB#1204").click()
    page.get_by_text("Copied.").wait_for(state="attached")
    assert page.evaluate("navigator.clipboard.readText()") == "reconciler retry AB#1204"


def test_filters_apply_while_typing_without_a_reload(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/log")
    page.evaluate("window.stayed = true")
    page.get_by_label("Words").fill("title changed")
    page.wait_for_url("**/log?text=title+changed")
    page.get_by_text("1 event match").wait_for()
    assert page.locator(".log li").count() == 1
    assert page.evaluate("window.stayed")


def test_a_page_refreshes_by_itself_and_keeps_what_was_opened(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/conflicts")
    page.locator("#whole-1 summary").click()
    page.evaluate("document.activeElement.blur()")
    page.evaluate("document.querySelector('.lead').textContent = 'of yesterday'")
    page.evaluate("refresh()")
    page.get_by_text("of yesterday").wait_for(state="detached")
    assert page.locator("#whole-1").get_attribute("open") is not None


def test_without_scripts_everything_is_there(site: Site, browser: Browser) -> None:
    with opened(browser, java_script_enabled=False) as page:
        page.goto(f"{site.address}/log")
        page.get_by_label("Item").fill("AB#1201")
        page.get_by_role("button", name="Filter").click()
        assert page.locator(".log li").first.inner_text().endswith("run 1")
        assert "item=AB%231201" in page.url


def test_a_person_signs_in_and_decides(acting_site: Site, browser: Browser) -> None:
    with opened(browser) as page:
        page.goto(f"{acting_site.address}/conflicts")
        page.get_by_role("link", name="Sign in").first.click()
        page.get_by_label("Token").fill("not the token")
        page.get_by_role("button", name="Sign in").click()
        assert page.get_by_role("alert").inner_text() == "That is not the token."
        require_usable(page, page.url)
        page.goto(f"{acting_site.address}/login?back=/conflicts")
        page.get_by_label("Token").fill("a token for tests only")
        page.get_by_role("button", name="Sign in").click()
        require_usable(page, f"{acting_site.address}/conflicts")
        page.get_by_role("button", name="Keep clickup’s description of AB#1201").click()
        page.get_by_text("clickup wins at the next cycle").wait_for()
        page.get_by_role("button", name="Sign out").click()
        assert page.get_by_role("link", name="Sign in").is_visible()
