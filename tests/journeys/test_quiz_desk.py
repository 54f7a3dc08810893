"""Staff at work on questions and quizzes in a real browser: written, refused, mended, reviewed, taken by the public."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.pages import DESKTOP, PATIENCE_MS, PHONE
from tests.journeys.test_access import findings
from tests.journeys.test_accounts import Desk, desk, fits, session_of

__all__ = ["desk"]

MAIL = {"writer": "lin@example.org", "reviewer": "zhou@example.org", "organiser": "he@example.org"}
Enter = Callable[..., Page]
SAVE = ".q-save button[value=save]"
NAME = "code-on-the-phone"


@pytest.fixture(scope="module")
def signed_in(desk: Desk, browser: Browser) -> dict[str, Any]:
    """Let each of the staff sign in, with their authenticators; return what their browsers then hold."""
    states = {}
    people = (("writer", "林静", "author"), ("reviewer", "周明", "reviewer"), ("organiser", "何平", "organiser"))
    for who, name, role in people:
        secret = desk.add(MAIL[who], name, role)
        states[who] = session_of(desk, browser, MAIL[who], secret)
    return states


@pytest.fixture
def enter(signed_in: dict[str, Any], browser: Browser) -> Iterator[Enter]:
    """Return a function that opens a window of somebody who has signed in."""
    contexts = []
    complaints: list[str] = []

    def start(who: str, size: tuple[int, int] = DESKTOP, **options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, storage_state=signed_in[who], locale="zh-CN", **options
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


def put(page: Page, values: dict[str, str]) -> None:
    """Type into fields by their names."""
    for name, text in values.items():
        page.locator(f"[name={name}]").fill(text)


def saved(page: Page) -> None:
    """Press the button that saves, and see that it was saved."""
    page.locator(SAVE).click()
    expect(page.locator("main > .notice")).to_be_visible()
    assert page.locator(".errors").count() == 0


def test_from_the_first_word_to_the_public(desk: Desk, enter: Enter) -> None:
    writer = enter("writer")

    # the kind first, then its fields; a row more without losing what was typed
    writer.goto(f"{desk.address}/desk/questions/new")
    assert findings(writer) == []
    writer.locator("input[value=single_choice]").check()
    writer.locator("main form button").click()
    assert findings(writer) == []
    put(
        writer,
        {
            "name": NAME,
            "stem": "有人打电话要验证码。怎么办？",
            "option_0_text": "告诉他",
            "option_1_text": "不告诉他",
            "option_2_text": "先问问他是谁",
            "option_3_text": "报一半",
        },
    )
    writer.locator("select[name=topic]").select_option(index=1)
    writer.locator("button[value=add]").click()
    expect(writer.locator("[name=option_4_text]")).to_be_visible()
    expect(writer.locator("[name=stem]")).to_have_value("有人打电话要验证码。怎么办？")
    writer.locator("button[value=remove-4]").click()
    expect(writer.locator("[name=option_4_text]")).to_have_count(0)
    writer.locator("[name=option_1_right]").check()
    put(writer, {"option_1_feedback": "对。谁要都不给。", "explanation": "验证码谁要都不给。跟着老师买，保本保息。"})

    # three voices
    for start, stem in (
        ("elderly", "有人打电话问您要验证码。您怎么办？"),
        ("youth", "有人打电话要你手机上的验证码。怎么办？"),
        ("new_resident", "有人打电话，要您手机上的验证码。怎么办？"),
    ):
        writer.locator(f"details.voice:has([name={start}_stem]) > summary").click()
        put(writer, {f"{start}_stem": stem})
    writer.locator("[name=elderly_stem]").scroll_into_view_if_needed()
    assert findings(writer) == []
    saved(writer)
    expect(writer.locator("main")).to_contain_text("保本保息")
    assert fits(writer) == []

    # a quiz that asks it and one from the bank
    writer.goto(f"{desk.address}/desk/quizzes/new")
    put(writer, {"slug": "try-it", "title": "试一试", "intro": "两道题。"})
    writer.locator("select[name=topic]").select_option(index=1)
    writer.locator("button[value=add]").click()
    put(writer, {"slot_0_item": NAME})
    writer.locator("select[name=pick]").select_option("personal-information")
    writer.locator("button[value=pick]").click()
    assert findings(writer) == []
    writer.locator("[name=picked]").first.check()
    writer.locator("button[value=take]").click()
    expect(writer.locator("[name=slot_1_item]")).to_have_value(re.compile(".+"))
    saved(writer)
    assert fits(writer) == []

    # refused for the promise, mended, submitted as one set
    writer.locator("#reviewed + a").click()
    boxes = writer.locator("[name=documents]:checked")
    expect(boxes).to_have_count(2)
    writer.locator("main form button[type=submit]").click()
    expect(writer.locator("[role=alert]")).to_contain_text("检查")
    assert findings(writer) == []
    writer.locator(f"a[href$='/desk/questions/{NAME}']").click()
    put(writer, {"explanation": "验证码谁要都不给。拿不准，自己打96110问。"})
    saved(writer)
    writer.goto(f"{desk.address}/desk/quizzes/try-it")
    writer.locator("#reviewed + a").click()
    writer.locator("main form button[type=submit]").click()
    expect(writer).to_have_url(re.compile(r"/desk/quiz-reviews/\d+$"))
    review = writer.url
    assert fits(writer) == []

    # the author cannot publish by any crafted request
    token = writer.locator("input[name=csrf_token]").first.input_value()
    for act in ("decide", "publish"):
        form = {"csrf_token": token, "decision": "approve", "opinion": "x"}
        assert writer.request.post(f"{review}/{act}", form=form).status == 403
    assert writer.request.get(f"{desk.address}/quizzes/try-it").status == 404

    reviewer = enter("reviewer")
    reviewer.goto(review)
    expect(reviewer.locator(".qkey__option--right").first).to_contain_text("不告诉他")
    assert fits(reviewer) == []
    reviewer.locator("button[value=approve]").click()
    expect(reviewer.locator("h1 + .state")).to_contain_text("已通过")
    reviewer.locator("form[action$='/publish'] button").click()
    expect(reviewer.locator("h1 + .state")).to_contain_text("已发布")
    assert reviewer.request.get(f"{review}/opinion").status == 200
    for prefix in ("", "/elderly", "/youth", "/new-resident"):
        assert reviewer.request.get(f"{desk.address}{prefix}/quizzes/try-it").status == 200


PAGES = (
    "/desk/questions/",
    "/desk/questions/new",
    "/desk/questions/new?kind=multiple_choice",
    "/desk/questions/new?kind=judgement",
    "/desk/questions/new?kind=numeric",
    "/desk/questions/import",
    "/desk/quizzes/",
    "/desk/quizzes/new",
    "/desk/quiz-reviews/",
    "/desk/quiz-reviews/new",
)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nobody_is_kept_out_of_the_banks_desk(desk: Desk, enter: Enter, size: tuple[int, int]) -> None:
    page = enter("reviewer", size)
    page.goto(f"{desk.address}/desk/questions/")
    question = page.locator("tbody th a").first.get_attribute("href")
    page.goto(f"{desk.address}/desk/quizzes/")
    quiz = page.locator("tbody th a").first.get_attribute("href")
    found: list[str] = []
    for path in (
        *PAGES,
        question,
        f"{question}/history",
        f"{question}/preview?audience=elderly",
        quiz,
        f"{quiz}/history",
    ):
        page.goto(desk.address + str(path))
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        found += fits(page)
    assert found == []


def test_a_question_is_written_with_the_keyboard_alone(desk: Desk, enter: Enter) -> None:
    page = enter("writer")
    page.goto(f"{desk.address}/desk/questions/new?kind=true_false")
    typed = {"name": "by-keyboard", "stem": "银行会打电话要密码。", "explanation": "银行从不要密码。"}
    pressed = ""
    for _press in range(80):
        page.keyboard.press("Tab")
        name, value = page.evaluate("[document.activeElement.name || '', document.activeElement.value || '']")
        if name in typed:
            page.keyboard.type(typed[name])
        elif (name == "truth" and value != "false") or name == "topic":
            page.keyboard.press("ArrowDown")
        elif (name, value) == ("action", "save"):
            pressed = value
            page.keyboard.press("Enter")
            break
    assert pressed == "save"
    expect(page).to_have_url(f"{desk.address}/desk/questions/by-keyboard")
    expect(page.locator("[name=truth]:checked")).to_have_value("false")


def test_the_check_follows_what_is_typed(desk: Desk, enter: Enter) -> None:
    page = enter("writer")
    page.goto(f"{desk.address}/desk/questions/new?kind=single_choice")
    panel = page.locator("[data-part=check]")
    put(page, {"name": "while-typing", "stem": "存钱会不会亏？", "explanation": "这样存钱保本保息。"})
    expect(panel).to_contain_text("保本保息")
    put(page, {"explanation": "存款有存款保险。"})
    expect(panel).not_to_contain_text("保本保息")
    assert page.locator("main > .notice").count() == 0

    # the same beside a quiz: its words, and what it asks
    page.goto(f"{desk.address}/desk/quizzes/new")
    panel = page.locator("[data-part=check]")
    put(page, {"slug": "while-typing", "title": "存钱会不会亏？", "intro": "这样存钱保本保息。"})
    expect(panel).to_contain_text("保本保息")
    put(page, {"intro": "存款有存款保险。"})
    expect(panel).not_to_contain_text("保本保息")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert fits(page) == []


def test_the_editor_works_without_scripts(desk: Desk, enter: Enter) -> None:
    page = enter("writer", java_script_enabled=False)
    page.goto(f"{desk.address}/desk/questions/new?kind=ordering")
    put(page, {"stem": "按先后排一排。", "option_0_text": "再打电话问", "option_1_text": "先停"})
    page.locator("button[value=up-1]").click()
    expect(page.locator("[name=option_0_text]")).to_have_value("先停")
    expect(page.locator("[name=stem]")).to_have_value("按先后排一排。")
    page.locator("button[value=add]").click()
    expect(page.locator("[name=option_4_text]")).to_have_count(1)
    page.goto(f"{desk.address}/desk/quizzes/new")
    put(page, {"slug": "no-script", "title": "试一试", "intro": "这样存钱保本保息。"})
    page.locator("button[value=check]").click()
    expect(page.locator("[data-part=check]")).to_contain_text("保本保息")
    expect(page.locator("[name=title]")).to_have_value("试一试")


def test_two_who_change_one_contest_see_both_terms(desk: Desk, enter: Enter) -> None:
    first, second = enter("organiser"), enter("organiser", PHONE)
    first.goto(f"{desk.address}/desk/contests/new")
    put(first, {"title": "有奖问答", "slug": "two-at-once", "opens": "2090-01-01T09:00", "closes": "2090-02-01T09:00"})
    first.locator("select[name=quiz]").select_option(index=1)
    first.locator("main form button[type=submit]").click()
    expect(first).to_have_url(f"{desk.address}/desk/contests/two-at-once")
    for page in (first, second):
        page.goto(f"{desk.address}/desk/contests/two-at-once/edit")
    assert fits(second) == []
    for page, title in ((first, "元旦有奖问答"), (second, "春节有奖问答")):
        put(page, {"title": title})
        page.locator("main form button[type=submit]").click()
    expect(second.locator("#clash")).to_contain_text("何平")
    expect(second.locator("del").first).to_be_visible()
    expect(second.locator("[name=title]")).to_have_value("春节有奖问答")
    assert fits(second) == []
    put(second, {"closes": ""})
    second.locator("main form button[type=submit]").click()
    expect(second.locator(".errors")).to_be_visible()
    assert fits(second) == []
    put(second, {"closes": "2090-02-01T09:00"})
    second.locator("main form button[type=submit]").click()
    expect(second.locator("h1")).to_have_text("春节有奖问答")
    assert fits(second) == []
