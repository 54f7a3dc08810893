"""Organisers and reviewers at work on lectures in a real browser: planned and published by keyboard, then changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.pages import DESKTOP, PATIENCE_MS, PHONE
from tests.journeys.test_accounts import Desk, desk, fits, session_of

__all__ = ["desk"]

PEOPLE = {"planner": ("lin@example.org", "林静", "organiser"), "reviewer": ("zhou@example.org", "周明", "reviewer")}
STARTS = (datetime.now(tz=UTC) + timedelta(days=20)).strftime("%Y-%m-%dT14:00")
TEXTS = {
    "title_hans": "陌生人来电怎么办",
    "summary_hans": "一个半小时，学会认出骗局。",
    "learn_hans": "先挂断。\n再打电话问。",
    "venue_hans": "滨河支行二楼",
    "address_hans": "滨河路18号",
    "telephone": "021-12345678",
}
Enter = Callable[..., Page]
OPEN = "document.querySelectorAll('details').forEach(one => { one.open = true })"


@pytest.fixture(scope="module")
def signed_in(desk: Desk, browser: Browser) -> dict[str, Any]:
    """Let an organiser and a reviewer sign in; return what their browsers then hold."""
    states = {}
    for who, (mail, name, role) in PEOPLE.items():
        secret = desk.add(mail, name, role)
        states[who] = session_of(desk, browser, mail, secret)
    return states


@pytest.fixture
def enter(signed_in: dict[str, Any], browser: Browser) -> Iterator[Enter]:
    """Return a function that opens a window of somebody who has signed in."""
    contexts = []
    complaints: list[str] = []

    def start(who: str, size: tuple[int, int] = DESKTOP) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, storage_state=signed_in[who], locale="zh-CN"
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        return page

    yield start
    for context in contexts:
        context.close()
    # The browser itself remarks on each answer that is a refusal; nothing else may be said.
    assert [text for text in complaints if "Failed to load resource" not in text] == []


def press(page: Page, *, name: str, value: str = "", label: str = "", typed: dict[str, str] | None = None) -> None:
    """Go through a page with Tab alone, type into fields on the way, and press Enter on a button or link."""
    texts = dict(typed or {})
    for _press in range(160):
        page.keyboard.press("Tab")
        here, said, words = page.evaluate(
            "[document.activeElement.name || '', document.activeElement.value || '', document.activeElement.innerText]"
        )
        if here in texts:
            if here == "starts":
                page.locator("#starts").fill(texts.pop(here))  # each browser has keys of its own for it
            elif here == "topic":
                page.keyboard.press("ArrowDown")
                texts.pop(here)
            else:
                page.keyboard.type(texts.pop(here))
        elif here == name and said == value and label in words:
            assert texts == {}
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name} {value} {label} cannot be reached")


def test_a_lecture_goes_to_the_public_by_keyboard_alone(desk: Desk, enter: Enter) -> None:
    planner = enter("planner")
    planner.goto(f"{desk.address}/desk/events/new")
    press(planner, name="action", value="save", typed={**TEXTS, "starts": STARTS, "topic": "x"})
    expect(planner).to_have_url(re.compile(r"/desk/events/\d+$"))
    lecture = planner.url
    press(planner, name="", label="送审")
    expect(planner.locator("h1 + .state")).to_contain_text("审查")

    # Whoever planned it cannot publish it by any crafted request.
    token = planner.locator("input[name=csrf_token]").first.input_value()
    crafted = {"csrf_token": token, "decision": "approve", "number": "1"}
    assert planner.request.post(f"{lecture}/review", form=crafted).status == 403

    reviewer = enter("reviewer")
    reviewer.goto(f"{desk.address}/desk/")
    expect(reviewer.locator(".elsewhere")).to_contain_text("讲座")
    reviewer.goto(f"{lecture}/review")
    press(reviewer, name="decision", value="approve")
    expect(reviewer.locator("h1 + .state")).to_contain_text("报名中")


def published(desk: Desk, enter: Enter) -> str:
    """Plan a lecture and let somebody else approve it; return its path at the desk."""
    planner, reviewer = enter("planner"), enter("reviewer")
    planner.goto(f"{desk.address}/desk/events/new")
    for name, text in TEXTS.items():
        planner.locator(f"[name={name}]").fill(text)
    planner.locator("#starts").fill(STARTS)
    planner.locator("[name=topic]").select_option(index=1)
    planner.locator("button[value=save]").click()
    expect(planner).to_have_url(re.compile(r"/desk/events/\d+$"))
    planner.locator("form[action$='/submit'] button").click()
    expect(planner.locator("form[action$='/take-back']")).to_be_visible()
    reviewer.goto(f"{planner.url}/review")
    reviewer.locator("[value=approve]").click()
    expect(reviewer.locator("h1 + .state")).to_contain_text("报名中")
    return planner.url.removeprefix(desk.address)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nobody_is_kept_out_of_the_desk_of_lectures(desk: Desk, enter: Enter, size: tuple[int, int]) -> None:
    page = enter("planner", size)
    lecture = published(desk, enter)
    page.goto(f"{desk.address}{lecture}/people/new")
    page.locator("[name=name]").fill("陈女士")
    page.locator("[name=contact_kind][value=none]").check()
    page.locator("main form button[type=submit]").click()
    expect(page.locator("h1")).to_have_text("陈女士")
    found = fits(page)
    for path in (
        "/desk/events/",
        "/desk/events/new",
        "/desk/events/templates",
        lecture,
        *(
            f"{lecture}/{part}"
            for part in ("plan", "move", "call-off", "seats", "staff", "report", "repeat", "template", "people")
        ),
    ):
        page.goto(desk.address + path)
        page.evaluate(OPEN)
        found += fits(page)
    # with errors beside the fields, and the step that asks once more
    page.goto(f"{desk.address}/desk/events/new")
    page.locator("button[value=save]").click()
    expect(page.locator(".errors")).to_be_visible()
    found += fits(page)
    page.goto(f"{desk.address}{lecture}/move")
    page.locator("[name=venue_hans]").fill("图书馆")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("[name=confirmed]")).to_have_value("yes")
    found += fits(page)
    assert found == []


def test_two_who_write_at_once_see_both_texts(desk: Desk, enter: Enter) -> None:
    first, second = enter("planner"), enter("planner", PHONE)
    lecture = published(desk, enter)
    for page in (first, second):
        page.goto(f"{desk.address}{lecture}/plan")
    first.locator("[name=summary_hans]").fill("第一个人写的。")
    first.locator("button[value=save]").click()
    second.locator("[name=summary_hans]").fill("第二个人写的。")
    second.locator("button[value=save]").click()
    expect(second.locator("#clash")).to_be_visible()
    expect(second.locator("del").first).to_be_visible()
    expect(second.locator("[name=summary_hans]")).to_have_value("第二个人写的。")
    assert fits(second) == []
    second.locator("button[value=save]").click()
    expect(second.locator("h1 + .state")).to_be_visible()
    reviewer = enter("reviewer", PHONE)
    second.locator("form[action$='/submit'] button").click()
    expect(second.locator("form[action$='/take-back']")).to_be_visible()
    reviewer.goto(f"{desk.address}{lecture}/review")
    assert fits(reviewer) == []


def test_a_series_is_submitted_and_approved_in_one_go_and_a_date_thrown_away(desk: Desk, enter: Enter) -> None:
    planner, reviewer = enter("planner", PHONE), enter("reviewer", PHONE)
    lecture = published(desk, enter)
    planner.goto(f"{desk.address}{lecture}/repeat")
    planner.locator("[name=times]").fill("3")
    planner.locator("main form button[type=submit]").click()
    expect(planner).to_have_url(f"{desk.address}{lecture}")
    dates = [one.get_attribute("href") for one in planner.locator("section:has(#series) a").all()]
    assert len(dates) == 3
    planner.goto(f"{desk.address}{dates[2]}")
    assert fits(planner) == []
    planner.locator("a[href$='/discard']").click()
    assert fits(planner) == []
    planner.locator("main form button[type=submit]").click()
    expect(planner).to_have_url(f"{desk.address}/desk/events/")
    planner.goto(f"{desk.address}{dates[0]}")
    planner.locator("[name=series]").check()
    planner.locator("form[action$='/submit'] button").click()
    expect(planner.locator("form[action$='/take-back']")).to_be_visible()
    reviewer.goto(f"{desk.address}{dates[0]}/review")
    reviewer.evaluate(OPEN)
    expect(reviewer.locator("section:has(#dates) li b")).to_have_count(2)
    assert fits(reviewer) == []
    reviewer.locator("[name=series]").check()
    reviewer.locator("[value=approve]").click()
    for one in dates[:2]:
        reviewer.goto(f"{desk.address}{one}")
        expect(reviewer.locator("h1 + .state")).to_contain_text("已发布")
