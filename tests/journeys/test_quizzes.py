"""A person takes a quiz: in each edition, by keyboard, without JavaScript, and with the connection cut."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open
from tests.journeys.pages import DESKTOP, PHONE, UNFOLD, place
from tests.journeys.test_access import findings

QUIZ = "/quizzes/spot-fake-police"
ALL = "/quizzes/money-basics"
AUDIENCES = ["general", "elderly", "youth", "new-resident"]


def begin(page: Page) -> None:
    """Press the button that begins."""
    page.locator("main form button[type=submit]").first.click()


def answer(page: Page) -> None:
    """Choose the first option and send it."""
    page.locator("main .option input").first.check()
    page.locator("main form button[type=submit]").first.click()


@pytest.mark.parametrize("audience", AUDIENCES)
def test_from_beginning_to_end_in_each_edition(reader: Open, audience: str) -> None:
    visit = reader(PHONE if audience != "youth" else DESKTOP)
    page = visit.open(place(QUIZ, audience=audience))
    begin(page)
    found = findings(page)
    for number in range(1, 9):
        expect(page.get_by_text(f"第 {number} 题，共 8 题")).to_be_visible()
        answer(page)
        expect(page.get_by_role("status").first).to_be_visible()
        if number in (1, 5):
            found += findings(page)
        page.locator(".quiz__next a").click()
    found += findings(page)
    page.get_by_role("button", name="看结果").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("您的结果")
    page.evaluate(UNFOLD)
    found += findings(page, rules=None)
    assert found == []


@pytest.mark.parametrize("locale", ["zh-Hant", "en"])
def test_other_languages(reader: Open, locale: str) -> None:
    page = reader(PHONE).open(place(QUIZ, locale=locale))
    begin(page)
    answer(page)
    assert findings(page) == []
    heading = page.get_by_role("heading", level=1).inner_text()
    assert any("a" <= sign.lower() <= "z" for sign in heading) is (locale == "en")


@pytest.mark.parametrize("audience", ["general", "elderly"])
def test_all_questions_on_one_page(reader: Open, audience: str) -> None:
    page = reader(PHONE).open(place(ALL, audience=audience))
    begin(page)
    assert findings(page) == []
    page.locator("main .option input[type=radio]").first.check()
    expect(page.locator(".quiz__status")).to_have_text("已保存")
    page.reload()
    expect(page.locator("main .option input[type=radio]").first).to_be_checked()
    page.get_by_role("button", name="交卷").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("您的结果")


def test_by_keyboard_alone(reader: Open) -> None:
    page = reader().open(place(QUIZ))
    page.locator("main form summary").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("第 1 题，共 8 题")).to_be_visible()
    page.locator("main .option input").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("main .option input").nth(1)).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="看答案")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2).first).to_be_visible()
    expect(page.get_by_role("link", name="下一题")).to_be_visible()


def test_what_a_screen_reader_says(reader: Open) -> None:
    page = reader().open(place(QUIZ))
    begin(page)
    group = page.get_by_role("group", name="您的判断")
    expect(group.get_by_role("radio", name="是骗局", exact=True)).to_be_visible()
    expect(group.get_by_role("radio")).to_have_count(3)
    expect(page.get_by_role("progressbar", name="第 1 题，共 8 题")).to_be_visible()


def test_without_javascript(reader: Open) -> None:
    visit = reader(PHONE, java_script_enabled=False)
    page = visit.open(place(ALL, audience="elderly"))
    begin(page)
    page.locator("main .option input[type=radio]").first.check()
    page.get_by_role("button", name="先保存").click()
    expect(page.locator("main .option input[type=radio]").first).to_be_checked()
    page.get_by_role("button", name="交卷").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("您的结果")


def test_the_connection_is_cut_in_the_middle(reader: Open) -> None:
    visit = reader(PHONE)
    page = visit.open(place(ALL))
    begin(page)
    options = page.locator("main .option input[type=radio]")
    options.first.check()
    expect(page.locator(".quiz__status")).to_have_text("已保存")
    visit.context.set_offline(True)
    page.locator(".quiz__one").nth(1).locator(".option input").first.check()
    expect(page.locator(".quiz__status")).to_contain_text("没有网络")
    page.get_by_role("button", name="交卷").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("您的结果")
    visit.context.set_offline(False)
    expect(page.locator(".quiz__status")).to_have_text("已保存")
    visit.complaints.clear()  # the browser itself remarks on what could not be sent
    page.reload()
    expect(page.locator(".quiz__one").nth(1).locator(".option input").first).to_be_checked()


def test_going_on_with_another_device(reader: Open) -> None:
    first = reader(PHONE)
    page = first.open(place(QUIZ, audience="elderly"))
    begin(page)
    answer(page)
    page.locator(".code summary").click()
    code = page.locator(".code__signs").inner_text()
    other = reader().open(place("/quizzes/attempts/"))
    other.get_by_label("答题时给您的接续码").fill(code.lower())
    other.locator("main button[type=submit]").click()
    expect(other.get_by_text("第 2 题，共 8 题")).to_be_visible()
    assert "/elderly/" in other.url


def test_targets_are_large_for_the_elderly(reader: Open) -> None:
    page = reader(PHONE).open(place(QUIZ, audience="elderly"))
    begin(page)
    for box in page.locator("main .option, main .btn").all():
        size = box.bounding_box()
        assert size is not None
        assert (size["height"] >= 60, size["width"] >= 60) == (True, True)
