"""Staff at work in a real browser: four editions are written, refused, mended, reviewed, and read by the public."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from portal.articles import services
from portal.articles.models import Article, Link, Sheet
from portal.articles.rules import Outcome
from portal.core import clock
from portal.core.database import transaction
from tests.journeys.pages import DESKTOP, PATIENCE_MS, PHONE
from tests.journeys.test_access import findings
from tests.journeys.test_accounts import Desk, desk, fits, session_of

__all__ = ["desk"]

GOOD = """[一句话]
先挂断，再打电话问一问。
[/]

凡是催您马上转账的，都先停下来。

## 现在怎么做

[停问转]
### 先停：不转钱
挂断电话，先不转钱。
### 再问：打电话问
打 [[hotline:110]] 问一问。
### 后转：问清再说
问清楚了，再决定。
[/]

没有“保本保息”的理财。

## 怎么认出来

骗子催得很急，还不让您告诉家人。[[source:s1]]
"""
BAD = GOOD.replace("没有“保本保息”的理财。", "这款产品保本保息，请放心买。")
SOURCE = {"key": "s1", "title": "国家反诈中心手册", "publisher": "公安部", "checked": "2026-11-01"}
MAIL = {
    "writer": "lin@example.org",
    "typist": "shen@example.org",
    "reviewer": "zhou@example.org",
    "keeper": "guan@example.org",
}
AUDIENCES = ("general", "elderly", "youth", "new-resident")


@pytest.fixture(scope="module")
def people(desk: Desk, browser: Browser) -> dict[str, Any]:
    """Return what the browsers of writers and reviewers hold who have signed in."""
    roles = {
        "writer": ("林静", "author"),
        "typist": ("沈月", "author"),
        "reviewer": ("周明", "reviewer"),
        "keeper": ("管理员", "administrator", "analyst", "reviewer"),
    }
    return {who: session_of(desk, browser, MAIL[who], desk.add(MAIL[who], *roles[who])) for who in roles}


@pytest.fixture
def enter(people: dict[str, Any], desk: Desk, browser: Browser) -> Iterator[object]:
    """Return a function that opens a window of somebody who has signed in."""
    contexts = []
    complaints: list[str] = []

    def start(who: str, size: tuple[int, int] = DESKTOP) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="zh-CN", storage_state=people[who]
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(f"{desk.address}/desk/")
        return page

    yield start
    for context in contexts:
        context.close()
    # The browser itself remarks on each answer that is a refusal; nothing else may be said.
    assert [text for text in complaints if "Failed to load resource" not in text] == []


def write(page: Page, body: str) -> None:
    """Type a text into the editor, past its own field."""
    page.locator(".CodeMirror").wait_for()
    page.evaluate("text => document.querySelector('.CodeMirror').CodeMirror.setValue(text)", body)


def picture(folder: Path) -> Path:
    """Make a photograph."""
    path = folder / "photo.jpg"
    Image.new("RGB", (1600, 900), (20, 90, 110)).save(path)
    return path


def test_from_the_first_word_to_the_public(desk: Desk, enter: object, tmp_path: Path) -> None:
    writer = enter("writer")  # type: ignore[operator]
    assert findings(writer) == []

    # a picture needs words for those who cannot see it
    writer.goto(f"{desk.address}/desk/media/new")
    writer.locator("input[type=file]").first.set_input_files(picture(tmp_path))
    for name, text in {"title": "挂断电话", "source": "本行拍摄", "licence": "本行所有"}.items():
        writer.locator(f"[name={name}]").fill(text)
    writer.locator("main form button[type=submit]").first.click()
    assert writer.locator(".errors").count() == 1
    writer.locator("[name=alt]").fill("一只手按下手机上的红色挂断键")
    writer.locator("input[type=file]").first.set_input_files(picture(tmp_path))
    writer.locator("main form button[type=submit]").first.click()
    expect(writer.locator(".errors")).to_have_count(0)
    key = writer.url.rstrip("/").rsplit("/", 1)[1].partition("?")[0]

    writer.goto(f"{desk.address}/desk/articles/new")
    writer.locator("input[name=slug]").fill("just-hang-up")
    writer.locator("select[name=topic]").select_option(index=0)
    writer.locator("main form button[type=submit]").click()
    expect(writer).to_have_url(re.compile("/facts$"))
    assert findings(writer) == []
    writer.get_by_role("button", name="加一个来源").click()
    for name, text in SOURCE.items():
        writer.locator(f"[name=source_0_{name}]").fill(text)
    writer.locator("input[name=checked]").check()
    assert findings(writer) == []
    writer.get_by_role("button", name="保存，等送审").click()
    expect(writer).not_to_have_url(re.compile("/facts"))
    overview = writer.url.partition("#")[0]

    for audience in AUDIENCES:
        writer.goto(f"{overview}/{audience}/zh-Hans")
        writer.locator("input[name=title]").fill(f"接到急催转账的电话，先挂断（{audience}）")
        writer.locator("input[name=summary]").fill("先挂断，再自己打电话问。")
        figure = f"\n[图片: {key}]\n" if audience == "general" else ""
        write(writer, (BAD if audience == "general" else GOOD) + figure)
        if audience == "general":
            expect(writer.locator("[data-part=check]")).to_contain_text("保本保息")
            expect(writer.locator("[data-part=kept]")).not_to_be_empty()
            assert findings(writer) == []
        writer.locator("button[value=save]").click()
        expect(writer.locator(".notice").first).to_be_visible()
        assert writer.locator(".errors").count() == 0

    # refused for the promise, mended, submitted as a set
    writer.goto(overview)
    assert findings(writer) == []
    form = writer.locator("form[action$='/submit']")
    assert form.locator("input:checked").count() == 3  # what the check holds back is not chosen beforehand
    form.locator("input[type=checkbox]").first.check()
    form.locator("button[type=submit]").click()
    expect(writer.locator("main")).to_contain_text("必须先改")
    writer.goto(f"{overview}/general/zh-Hans")
    write(writer, GOOD + f"\n[图片: {key}]\n")
    writer.locator("button[value=save]").click()
    expect(writer.locator(".notice").first).to_be_visible()
    submit(writer, overview)
    review = writer.url

    # the author cannot publish by any crafted request
    token = writer.locator("input[name=csrf_token]").first.input_value()
    for act in ("decide", "publish", "schedule", "confirm"):
        form = {"csrf_token": token, "decision": "approve", "day": "2030-01-01", "time": "09:00", "opinion": "x"}
        assert writer.request.post(f"{review}/{act}", form=form).status == 403
    assert writer.request.get(f"{desk.address}/articles/just-hang-up").status == 404

    reviewer = enter("reviewer")  # type: ignore[operator]
    reviewer.goto(review)
    assert findings(reviewer) == []
    reviewer.locator("button[value=approve]").click()
    expect(reviewer.locator("h1 + .state")).to_contain_text("已通过")

    # an edit voids the approval
    writer.goto(f"{overview}/youth/zh-Hans")
    write(writer, GOOD + "\n再想一想。\n")
    writer.locator("button[value=save]").click()
    expect(writer.locator(".notice").first).to_be_visible()
    reviewer.goto(review)
    expect(reviewer.locator("h1 + .state")).to_contain_text("作废")
    submit(writer, overview)
    reviewer.goto(writer.url)
    reviewer.locator("button[value=approve]").click()
    reviewer.locator("form[action$='/publish'] button").click()
    expect(reviewer.locator("h1 + .state")).to_contain_text("已发布")

    # at once in all four editions, soon in search
    public = reviewer.context.browser.new_context() if reviewer.context.browser else reviewer.context
    page = public.new_page()
    for audience in AUDIENCES:
        prefix = "" if audience == "general" else f"/{audience}"
        assert page.goto(f"{desk.address}{prefix}/articles/just-hang-up").status == 200  # type: ignore[union-attr]
        expect(page.locator("h1")).to_contain_text("先挂断")
    page.goto(f"{desk.address}/articles/just-hang-up")
    expect(page.locator("main img").first).to_have_attribute("alt", "一只手按下手机上的红色挂断键")
    found = page.request.get(f"{desk.address}/api/v1/search?q=急催转账")
    deadline = 20
    while "just-hang-up" not in found.text() and deadline:
        page.wait_for_timeout(100)
        found = page.request.get(f"{desk.address}/api/v1/search?q=急催转账")
        deadline -= 1
    assert "just-hang-up" in found.text()
    public.close()
    for path in ("/desk/", "/desk/articles/", "/desk/media/"):
        reviewer.goto(desk.address + path)
        assert findings(reviewer) == []


def submit(page: Page, overview: str) -> None:
    """Submit what can be submitted."""
    page.goto(overview)
    page.locator("form[action$='/submit'] button[type=submit]").click()
    expect(page).to_have_url(re.compile(r"/desk/reviews/\d+$"))


def test_the_desk_on_a_phone_and_without_a_mouse(desk: Desk, enter: object) -> None:
    page = enter("writer", PHONE)  # type: ignore[operator]
    for path in ("/desk/", "/desk/articles/", "/desk/articles/new"):
        page.goto(desk.address + path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE[0], path
        assert findings(page) == []
    page.goto(f"{desk.address}/desk/articles/new")
    seen = set()
    for _press in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.name || document.activeElement.href || ''"))
    assert {"kind", "topic", "slug"} <= seen


def typed(page: Page, text: str, whole: str) -> None:
    """Type into the editor, which takes over what the browser did a moment later."""
    page.keyboard.type(text)
    page.wait_for_function("whole => document.querySelector('.CodeMirror').CodeMirror.getValue() === whole", arg=whole)


def test_the_editor_by_keyboard_alone(desk: Desk, enter: object) -> None:
    page = enter("typist")  # type: ignore[operator]
    page.goto(f"{desk.address}/desk/articles/1/youth/zh-Hans")
    field = page.locator(".CodeMirror [contenteditable=true]")
    inside = "document.activeElement.closest('.CodeMirror') !== null"
    write(page, "")
    field.focus()
    typed(page, "- 先停", "- 先停")
    page.keyboard.press("Enter")
    typed(page, "再问", "- 先停\n- 再问")  # a list goes on
    page.keyboard.press("Control+b")
    page.keyboard.press("Control+p")
    typed(page, "人", "- 先停\n- 再问**人**")
    assert page.locator(".editor-preview-active").count() == 0

    page.keyboard.press("Tab")
    assert page.evaluate(inside) is False
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(inside) is True
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "save":
            break
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text(re.compile("已保存|存"))


def test_what_is_typed_is_seen_as_its_readers_would(desk: Desk, enter: object) -> None:
    page = enter("typist")  # type: ignore[operator]
    page.goto(f"{desk.address}/desk/articles/1/elderly/zh-Hans")
    write(page, GOOD + "\n还没有保存的一句话。\n")
    for button, frame in (("typed-preview", "typed-preview"), ("typed-preview-wide", "typed-preview-wide")):
        page.locator(f"button[formtarget={button}]").click()
        shown = page.frame_locator(f"iframe[name={frame}]")
        expect(shown.locator("main")).to_contain_text("还没有保存的一句话。")
        expect(shown.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page).to_have_url(re.compile(r"/elderly/zh-Hans$"))
    read = page.request.get(f"{desk.address}/elderly/articles/fake-police-safe-account")
    assert (read.status, "还没有保存" in read.text()) == (200, False)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nobody_is_kept_out_of_the_rest_of_the_desk(desk: Desk, enter: object, size: tuple[int, int]) -> None:
    page = enter("keeper", size)  # type: ignore[operator]
    paths = [
        "/desk/articles/1",
        "/desk/editions/1/history",
        "/desk/articles/1/elderly/zh-Hans",
        "/desk/articles/1/facts",
        "/desk/people/",
        "/desk/people/invite",
        "/desk/audit",
        "/desk/messages",
        "/desk/helpful",
        "/desk/transfer",
        "/desk/media/new",
        "/desk/me",
        "/desk/reviews/1",
        "/desk/reviews/1/opinion",
    ]
    found: list[str] = []
    for path in paths:
        page.goto(desk.address + path)
        found += findings(page)
        if page.evaluate("document.documentElement.scrollWidth") > size[0]:
            found.append(f"{path} is wider than the screen")
    assert found == []


def break_a_source() -> None:
    """Give a source of article 1 an address that is gone, as checks of two days would find it."""
    now = clock.now()
    with transaction() as session:
        article = session.get_one(Article, 1)
        for one in (article, *session.scalars(sa.select(Sheet).where(Sheet.article_id == article.id))):
            one.sources = [{**one.sources[0], "url": "https://www.example.org/gone"}, *one.sources[1:]]
    services.collect_links()
    with transaction() as session:
        gone = {"outcome": Outcome.GONE, "status": 404, "failures": 2}
        session.execute(sa.update(Link).values(checked_at=now, failed_at=now, counted_at=now, **gone))


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_links_that_lead_nowhere_are_shown_to_everybody(desk: Desk, enter: object, size: tuple[int, int]) -> None:
    desk.beside(break_a_source)
    page = enter("keeper", size)  # type: ignore[operator]
    found: list[str] = []
    for path in ("/desk/articles/1", "/desk/articles/1/general/zh-Hans"):
        page.goto(desk.address + path)
        expect(page.locator("section:has(#links) li a").first).to_have_text("https://www.example.org/gone")
        found += fits(page)
    page.goto(f"{desk.address}/desk/")
    found += fits(page)
    assert found == []
