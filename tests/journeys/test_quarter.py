"""The quarter in a real browser: axe-core finds nothing, no page is wider than the screen, charts fit the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import flask
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect

from portal.core.access import Permission
from portal.core.database import db
from portal.core.settings import Settings
from portal.metrics.rules.closing import State
from portal.metrics.views import dashboard
from tests.conftest import close_apps, make_app
from tests.journeys.pages import DESKTOP, PATIENCE_MS, PHONE, UNFOLD
from tests.journeys.test_accounts import Desk, desk, fits, sign_in
from tests.metrics.sample import sample
from tests.metrics.test_dashboard import SIGNED, kept_as
from tests.staff import someone

__all__ = ["desk"]
MAIL = "jidu@example.org"
TABLET = (768, 1024)
DRAWN = "/desk/quarters/2026Q3"


@pytest.fixture(scope="module")
def secret(desk: Desk) -> str:
    """Make somebody who reads figures."""
    return desk.add(MAIL, "分析林静", "analyst")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Draw the page of an invented report, over and running, in both languages."""
    over = kept_as(sample(), State.CONFIRMED, **SIGNED)
    running = kept_as(sample(is_over=False, as_of="2026-08-15T04:00:00+00:00", demo=True))
    app = make_app(Settings(data=Path(tmp_path_factory.mktemp("drawn"))))
    with app.app_context():
        db.create_all()
    found = {}
    for locale in ("zh-Hans", "en"):
        for name, kept in (("over", over), ("running", running)):
            with app.test_request_context(DRAWN):
                flask.g.locale, flask.g.actor = locale, someone(*Permission, locale=locale)
                found[f"{name} {locale}"] = dashboard.render(kept)
    close_apps()
    return found


def show(page: Page, html: str) -> None:
    """Open a drawn page where the portal would serve it, with the portal's own stylesheets."""

    def answer(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page.route(f"**{DRAWN}", answer)
    page.goto(DRAWN)
    page.unroute(f"**{DRAWN}")


def _complains(said: ConsoleMessage) -> bool:
    return said.type in ("error", "warning") and "the server responded with a status of 422" not in said.text


@pytest.fixture
def window(desk: Desk, browser: Browser, request: pytest.FixtureRequest) -> Any:
    """Return a page of one size and scheme; it may complain of nothing."""
    size, scheme = request.param
    context = browser.new_context(
        base_url=desk.address,
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        locale="zh-CN",
        bypass_csp=False,
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    told: list[str] = []
    # Chromium counts a form that is sent back as a complaint.
    page.on("console", lambda said: told.append(said.text) if _complains(said) else None)
    yield page
    context.close()
    assert told == []


@pytest.mark.parametrize(
    "window", [(size, scheme) for size in (PHONE, TABLET, DESKTOP) for scheme in ("light", "dark")], indirect=True
)
def test_a_quarter_with_figures_can_be_read_by_everybody(window: Page, drawn: dict[str, str]) -> None:
    found: list[str] = []
    for html in drawn.values():
        show(window, html)
        window.evaluate(UNFOLD)
        found += fits(window)
    assert found == []


@pytest.mark.parametrize("window", [(size, "light") for size in (PHONE, TABLET, DESKTOP)], indirect=True)
def test_one_drawing_of_each_chart_is_seen_and_all_of_it(window: Page, drawn: dict[str, str]) -> None:
    for html in drawn.values():
        show(window, html)
        narrow = (window.viewport_size or {"width": 0})["width"] < TABLET[0]
        expect(window.locator(f".chart--{'phone' if narrow else 'wide'}:visible")).to_have_count(7)
        expect(window.locator(f".chart--{'wide' if narrow else 'phone'}:visible")).to_have_count(0)
        beyond = window.evaluate(
            """() => [...document.querySelectorAll('.chart')].filter(one => one.clientWidth).flatMap(one => {
              const [, , width, height] = one.getAttribute('viewBox').split(' ').map(Number)
              return [...one.querySelectorAll('text, line, rect, circle')].filter(mark => {
                const box = mark.getBBox()
                return box.x < 0 || box.y < 0 || box.x + box.width > width || box.y + box.height > height
              }).map(mark => mark.outerHTML)
            })"""
        )
        assert beyond == []


@pytest.mark.parametrize("window", [(PHONE, "dark")], indirect=True)
def test_on_paper_the_numbers_behind_charts_are_unfolded(window: Page, drawn: dict[str, str]) -> None:
    show(window, drawn["over zh-Hans"])
    expect(window.locator(".quarter-numbers").first).not_to_be_visible()
    window.emulate_media(media="print")
    assert window.locator(".quarter-numbers:visible").count() == 7
    assert window.locator(".chart--wide:visible").count() == 7


@pytest.mark.parametrize("window", [(PHONE, "light")], indirect=True)
def test_pages_without_figures_can_be_read_by_everybody(window: Page, desk: Desk, secret: str) -> None:
    sign_in(window, MAIL, secret)
    found: list[str] = []
    for path in (
        "/desk/quarters/",
        "/desk/quarters/2020Q1",
        "/desk/quarters/2020Q1/work",
        "/desk/quarters/2099Q1",
        "/desk/quarters/definitions",
        "/desk/quarters/2020Q1/surveys",
        "/desk/quarters/entries",
        "/desk/quarters/year/2020",
    ):
        for size in (PHONE, DESKTOP):
            window.set_viewport_size({"width": size[0], "height": size[1]})
            window.goto(path)
            expect(window.locator(".desk-nav [aria-current=page]")).to_have_attribute("href", "/desk/quarters/")
            found += fits(window)
    assert found == []


@pytest.mark.parametrize("window", [(PHONE, "light")], indirect=True)
def test_the_work_of_a_quarter_is_done_on_a_phone(window: Page, desk: Desk) -> None:
    # A code is good once: somebody else signs in.
    mail = "jidu-shouji@example.org"
    sign_in(window, mail, desk.add(mail, "分析周敏", "analyst"))
    window.goto("/desk/quarters/2021Q2/work")
    window.evaluate(UNFOLD)
    found = fits(window)
    window.locator("[name=text]").fill("本季度集中开展防骗宣传，重点是养老骗局。")
    window.get_by_role("button", name="保存，待审核").click()
    expect(window.get_by_text("分析周敏 撰写，等待审核")).to_be_visible()
    window.evaluate(UNFOLD)
    # What is wrong is said beside the field, and what was typed is kept.
    window.locator("[name=numerator]").fill("十二")
    window.locator("[name=source]").fill("培训系统签到表")
    window.get_by_role("button", name="录入", exact=True).click()
    expect(window.locator("[name=numerator]")).to_have_attribute("aria-invalid", "true")
    expect(window.locator("[name=source]")).to_have_value("培训系统签到表")
    found += fits(window)
    window.locator("[name=numerator]").fill("118")
    window.locator("[name=denominator]").fill("120")
    window.locator("[name=signer]").fill("周敏")
    window.get_by_role("button", name="录入", exact=True).click()
    expect(window.get_by_text("118 / 120 · 培训系统签到表 · 周敏")).to_be_visible()
    for size in (PHONE, TABLET, DESKTOP):
        window.set_viewport_size({"width": size[0], "height": size[1]})
        window.evaluate(UNFOLD)
        found += fits(window)
    assert found == []
