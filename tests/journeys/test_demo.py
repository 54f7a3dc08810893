"""The demo in a real browser, on data of its own: it refuses to stand beside anything that somebody entered."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages import DESKTOP, PHONE
from tests.journeys.test_accounts import Desk, desk, fits, sign_in
from tests.journeys.test_quarter import window

__all__ = ["desk", "window"]


@pytest.mark.parametrize("window", [(PHONE, "light")], indirect=True)
def test_filled_pages_of_the_demo_can_be_read_by_everybody(window: Page, desk: Desk) -> None:
    desk.flask("demo", "--small")
    mail = "jidu-yanshi@example.org"
    sign_in(window, mail, desk.add(mail, "分析何敏", "analyst"))
    window.goto("/desk/quarters/")
    quarter = window.locator("a[href*='/desk/quarters/20']").first.get_attribute("href") or ""
    year = quarter.rsplit("/", 1)[1][:4]
    found: list[str] = []
    for path in (quarter, f"/desk/quarters/year/{year}", "/desk/quarters/entries", "/", "/elderly/"):
        for size in (PHONE, DESKTOP):
            window.set_viewport_size({"width": size[0], "height": size[1]})
            window.goto(path)
            expect(window.locator("body > aside")).to_contain_text("演示数据")
            found += fits(window)
    assert found == []
