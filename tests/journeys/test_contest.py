"""A contest on a telephone: entered, drawn after its end, and checked by whoever likes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from portal.core import clock
from portal.core.database import transaction
from portal.quizzes.models import Contest, Document
from portal.quizzes.services import contests, drawing
from tests.journeys.pages import DESKTOP, PATIENCE_MS, PHONE
from tests.journeys.test_access import findings
from tests.journeys.test_accounts import Desk, desk
from tests.quizzes.gathering import terms

__all__ = ["desk"]
PICTURES = os.environ.get("MINGBAI_CONTEST_PICTURES", "")
"""A folder to draw what is seen into; empty: none."""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a telephone whose browser has nothing to complain about."""
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, has_touch=True, locale="zh-CN")
    context.set_default_timeout(PATIENCE_MS)
    found = context.new_page()
    complaints: list[str] = []
    found.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield found
    context.close()
    # The browser itself remarks on the one answer that is a refusal.
    assert [text for text in complaints if "Failed to load resource" not in text] == []


def look(page: Page, name: str) -> None:
    """Hold the page to axe and to its width, on a telephone and on a desk."""
    for size in (DESKTOP, PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{size[0]}.png"), full_page=True)


def test_a_contest_is_entered_drawn_and_checked(desk: Desk, page: Page, tmp_path: Path) -> None:
    def announce() -> None:
        now = clock.now()
        with transaction() as session:
            quiz_id = session.scalars(sa.select(Document.id).where(Document.name == "protect-your-codes")).one()
            changed = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(hours=1), "winners": 1}
            contests.set_up(session, values=terms(quiz_id, **changed), by="林静", at=now)

    def end() -> None:
        with transaction() as session:
            session.execute(sa.update(Contest).values(closes_at=clock.now()))
            drawing.close_due(session, at=clock.now())

    desk.beside(announce)
    page.goto(f"{desk.address}/contests/spring")
    commitment = page.locator(".proof code").first.inner_text()
    look(page, "contest-open")
    page.locator("main form button").click()
    for _question in range(50):
        unknown = page.locator("main form label:has(input[value='?'])")
        if unknown.count() == 0 and page.locator("form[action$='/finish']").count():
            break
        if page.locator("main form input[type=radio]").count():
            page.locator("main form label:has(input[type=radio])").first.click()
            page.locator("main form button[type=submit]").first.click()
        elif page.locator("main form .option--unknown").count():
            page.locator("main form .option--unknown").first.click()
            page.locator("main form button[type=submit]").first.click()
        else:
            page.locator(".quiz__next a").first.click()
    page.locator("form[action$='/finish'] button").click()
    expect(page.locator("#entry")).to_be_visible()
    page.locator("#contact").fill("12345")
    page.locator("input[name=agree]").check()
    page.locator("form[action*='/enter'] button").click()
    expect(page.locator("#contact")).to_have_attribute("aria-invalid", "true")
    look(page, "enter-wrong")
    page.locator("#contact").fill("+86 138 0013 8000")
    page.locator("input[name=agree]").check()
    page.locator("form[action*='/enter'] button").click()
    ticket = page.locator("#entry .code__signs").inner_text()
    look(page, "entered")

    desk.beside(end)
    record = tmp_path / "draw.json"
    record.write_text(desk.flask("quizzes", "draw", "spring"), "utf-8")
    page.goto(f"{desk.address}/contests/spring")
    expect(page.locator(".tickets li")).to_have_text([ticket])
    expect(page.locator(".ranks tbody th")).to_have_text([ticket])
    page.locator("summary").last.click()
    look(page, "contest-drawn")
    with page.expect_download() as download:
        page.locator("a[href$='draw.json']").click()
    saved = Path(download.value.path())
    told = desk.flask("quizzes", "draw", "--verify", str(saved))
    assert f"commitment {commitment}" in told
