"""Registering on a telephone: without scripts, by keyboard, in the edition for the elderly, in three languages."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from portal.core import clock
from portal.core.database import db, transaction
from portal.events.models import Guardian
from tests.events.hall import WORDS, lecture
from tests.events.test_registering_views import ASKED
from tests.journeys.pages import PATIENCE_MS, PHONE
from tests.journeys.test_access import findings
from tests.journeys.test_accounts import Desk, desk

__all__ = ["desk"]
EDITIONS = ["/elderly", "/en/elderly", "/zh-Hant/elderly", "", "/youth", "/zh-Hant"]


@pytest.fixture
def hall(desk: Desk) -> str:
    """Announce a lecture; return its name."""
    slug: list[str] = []

    def announce() -> None:
        now = clock.now()
        times: dict[str, Any] = {
            "starts_at": now + timedelta(days=5),
            "ends_at": now + timedelta(days=5, hours=2),
            "opens_at": now - timedelta(days=1),
            "closes_at": now + timedelta(days=4),
        }
        with transaction() as session:
            made = lecture(session, seats=50, online=50, words={**WORDS, "questions": ASKED}, **times)
            slug.append(made.slug)

    desk.beside(announce)
    return slug[0]


@pytest.fixture
def phone(browser: Browser) -> Any:
    """Return a function that opens a telephone, with scripts or without."""
    opened = []

    def start(*, scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": PHONE[0], "height": PHONE[1]},
            has_touch=True,
            locale="zh-CN",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        return context.new_page()

    yield start
    for context in opened:
        context.close()


def look(page: Page) -> None:
    """Hold the page to axe and to its width."""
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def go_on(page: Page) -> None:
    """Press what leads on, as a keyboard does."""
    page.locator("main form button[type=submit]").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("prefix", EDITIONS)
def test_by_keyboard_from_the_form_to_the_code(desk: Desk, hall: str, phone: Callable[..., Page], prefix: str) -> None:
    page = phone()
    page.goto(f"{desk.address}{prefix}/events/{hall}/register")
    for _step in range(8):
        look(page)
        if page.locator("#name").is_visible():
            page.locator("#name").fill("陈奶奶")
        for one in ("[name=age][value='14']", "[name=contact_kind][value=phone]", "[name=place][value=in-person]"):
            if page.locator(one).is_visible():
                page.locator(one).focus()
                page.keyboard.press("Space")
        if page.locator("#phone").is_visible():
            page.locator("#phone").fill("13800000001")
        for one in ("[name=q-q2] >> nth=0", "#agree"):
            if page.locator(one).is_visible():
                page.locator(one).focus()
                page.keyboard.press("Space")
        go_on(page)
        if "/registrations/" in page.url:
            break
    code = page.locator(".own__signs").inner_text().replace(" ", "")
    picture = Image.open(io.BytesIO(page.locator(".own__qr").screenshot()))
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [code]
    look(page)


def test_without_scripts_everything_stands_there_and_works(desk: Desk, hall: str, phone: Callable[..., Page]) -> None:
    page = phone(scripts=False)
    page.goto(f"{desk.address}/events/{hall}/register")
    page.locator("#name").fill("小明")
    page.locator("[name=contact_kind][value=none]").check()
    page.locator("[name=place][value=in-person]").check()
    page.locator("[name=age][value=under-14]").check()
    page.locator("[name=guardian_is][value=ask]").check()
    page.locator("#guardian_name").fill("王女士")
    page.locator("[name=q-q2]").first.check()
    page.locator("#agree").check()
    go_on(page)
    expect(page.locator("#guardian_contact")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#name")).to_have_value("小明")
    page.locator("#guardian_contact").fill("13900000001")
    go_on(page)
    assert "/registrations/" in page.url
    own = page.url
    token: list[str | None] = []

    def find() -> None:
        rows = sa.select(Guardian).order_by(Guardian.registration_id.desc())
        token.append(db.session.scalars(rows).first().token)  # type: ignore[union-attr]  # it is there

    desk.beside(find)
    page.goto(f"{desk.address}/elderly/events/guardian/{token[0]}")
    page.locator("[name=relation][value=parent]").check()
    page.locator("#agree_child").check()
    go_on(page)
    expect(page.locator(".notice--safe")).to_be_visible()
    page.goto(own)
    expect(page.locator(".notice--safe")).to_be_visible()
    page.locator("a[href$='/cancel']").click()
    go_on(page)
    expect(page.locator(".own__signs")).to_have_count(0)
    page.locator("a[href$='/erase']").click()
    go_on(page)
    expect(page.locator("h1")).to_contain_text("删除")


@pytest.mark.parametrize("prefix", ["", "/elderly", "/en", "/zh-Hant/youth"])
def test_axe_finds_nothing_on_the_other_pages(desk: Desk, hall: str, phone: Callable[..., Page], prefix: str) -> None:
    page = phone()
    for path in (f"/events/{hall}/register-group", f"/events/{hall}/register/known", "/events/code"):
        page.goto(f"{desk.address}{prefix}{path}")
        look(page)
    page.goto(f"{desk.address}{prefix}/events/{hall}/register-group")
    go_on(page)
    assert page.locator(".reg__errors li").count() >= 4
    look(page)
    page.goto(f"{desk.address}{prefix}/events/registrations/{'x' * 43}")
    look(page)
