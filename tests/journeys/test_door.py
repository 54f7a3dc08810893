"""The door in a real browser: a camera that shows a real code, a photo, no network, a lock; by keyboard too."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
import segno
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from portal.accounts.models import Person
from portal.core.database import db, transaction
from portal.core.settings import Settings
from portal.events.models import Registration
from portal.events.queries import door as reads
from portal.events.rules.keeping import AccessNeed
from tests.conftest import close_apps, make_app
from tests.events.hall import come, lecture, mobile
from tests.journeys.conftest import CHROMIUM, FLAGS
from tests.journeys.pages import PHONE
from tests.journeys.test_accounts import PASSWORD, Desk, desk, fits

__all__ = ["desk"]

PIN = "471108"
WIDE, HIGH = 640, 480
MAIL, KEEPER = "door@example.org", "门口的人"


def film(path: Path, text: str) -> None:
    """Write what a camera sees that is held over a code, as Chromium takes it for a camera."""
    rows = [list(row) for row in segno.make_qr(text, error="m").matrix_iter(scale=12, border=4)]
    left, top = (WIDE - len(rows[0])) // 2, (HIGH - len(rows)) // 2
    light = bytearray([190] * (WIDE * HIGH))
    for y, row in enumerate(rows):
        start = (top + y) * WIDE + left
        light[start : start + len(row)] = bytes(25 if dark else 230 for dark in row)
    frame = b"FRAME\n" + bytes(light) + bytes([128]) * (WIDE * HIGH // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDE} H{HIGH} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 5)


def picture(text: str) -> dict[str, Any]:
    """Return a photo of a code, as a telephone hands it over."""
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(out, kind="png", scale=20, border=6)
    return {"name": "photo.png", "mimeType": "image/png", "buffer": out.getvalue()}


@dataclass(frozen=True)
class House:
    """A lecture of today in the served portal, and the browser of whoever keeps its door."""

    app: Flask
    address: str
    event: int
    codes: dict[str, str]
    state: Any

    @property
    def path(self) -> str:
        return f"/desk/events/{self.event}/door"

    def inside(self) -> int:
        with self.app.app_context():
            counts = reads.counts(db.session(), self.event)
            db.session.remove()
            return counts.inside


def _sign_in(desk: Desk, browser: Browser) -> Any:
    secret = desk.add(MAIL, KEEPER, "organiser")
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(f"{desk.address}/desk/sign-in")
    page.locator("input[name=email]").fill(MAIL)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.locator("input[name=code]").fill(str(pyotp.TOTP(secret).at(time.time())))
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_url(re.compile(r"/desk/$"))
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="module")
def served(desk: Desk, browser: Browser) -> Iterator[tuple[Flask, Any]]:
    state = _sign_in(desk, browser)
    url = desk.environ.get("PORTAL_DATABASE_URL", "")
    app = make_app(Settings(data=Path(desk.environ["PORTAL_DATA"]), database_url=url))
    yield app, state
    close_apps()


@pytest.fixture
def house(desk: Desk, served: tuple[Flask, Any]) -> House:
    app, state = served
    now = datetime.now(UTC)
    with app.app_context():
        with transaction() as session:
            person = session.query(Person).filter_by(name=KEEPER).one()
            event = lecture(
                session,
                seats=30,
                owner_id=person.id,
                starts_at=now + timedelta(hours=1),
                ends_at=now + timedelta(hours=3),
                opens_at=now - timedelta(days=3),
                closes_at=now + timedelta(minutes=50),
            )
            needs = {"needs": frozenset({AccessNeed.HEARING}), "access_note": "坐前排"}
            wishes: dict[str, dict[str, Any]] = {
                "赵桂芳": {**mobile(1111), **needs},
                "钱建国": mobile(2222),
                "孙丽华": {"seats": 3},
            }
            ids = {name: come(session, event, name, at=now, **wish).id for name, wish in wishes.items()}
            codes = {name: session.get_one(Registration, number).code for name, number in ids.items()}
            number = event.id
        db.session.remove()
    return House(app, desk.address, number, codes, state)


Start = Callable[..., tuple[BrowserContext, Page]]


@pytest.fixture
def door(house: House, tmp_path: Path, browser: Browser) -> Iterator[Start]:
    """Return a function that opens a phone whose camera sees a code; nothing may be refused by the page's policy."""
    film(tmp_path / "code.y4m", house.codes["赵桂芳"])
    camera = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'code.y4m'}",
    ]
    phone = browser.browser_type.launch(executable_path=CHROMIUM, args=FLAGS + camera)
    told: list[str] = []

    def start(*, workers: bool = False) -> tuple[BrowserContext, Page]:
        context = phone.new_context(
            base_url=house.address,
            viewport={"width": PHONE[0], "height": PHONE[1]},
            has_touch=True,
            locale="zh-CN",
            storage_state=house.state,
            service_workers="allow" if workers else "block",
        )
        context.set_default_timeout(15_000)
        context.on("console", lambda said: told.append(said.text) if said.type in ("error", "warning") else None)
        context.on("weberror", lambda error: told.append(str(error.error)))
        return context, context.new_page()

    yield start
    phone.close()
    usual = ("ERR_INTERNET_DISCONNECTED", "blocked by Playwright", "Failed to load resource")
    assert [text for text in told if not any(word in text for word in usual)] == []


def small(page: Page) -> list[str]:
    """Return what can be pressed at the door and is smaller than a thumb."""
    return page.evaluate(  # type: ignore[no-any-return]
        """() => [...document.querySelectorAll('main .checkin__big, main .checkin__input, main .checkin__undo')]
        .filter(one => one.offsetParent).map(one => [one.textContent.trim().slice(0, 20), one.getBoundingClientRect()])
        .filter(([, box]) => box.height < 60 || box.width < 60).map(([text]) => text)"""
    )


# --- with a network -----------------------------------------------------------------------------------------------


def test_the_camera_the_photo_and_the_keyboard_let_people_in(house: House, door: Start) -> None:
    _context, page = door()
    page.goto(house.path)
    assert fits(page) == []
    assert small(page) == []
    result = page.locator("#result")
    page.locator("[data-scan=camera]").click()
    expect(result).to_contain_text("赵桂芳")
    expect(result).to_contain_text("坐前排")
    expect(page.locator("video")).to_be_visible()
    assert house.inside() == 1
    assert fits(page) == []
    page.locator("[data-scan=stop]").click()
    expect(page.locator("video")).to_be_hidden()
    page.locator("[data-scan=photo] input").set_input_files(picture(house.codes["钱建国"]))
    expect(result).to_contain_text("钱建国")
    page.locator("[data-scan=photo] input").set_input_files(
        {"name": "x.png", "mimeType": "image/png", "buffer": b"no picture"}
    )
    expect(page.locator(".checkin__alert")).to_be_visible()
    # By keyboard alone: a code, how many of a party, two steps for a walk-in, and back.
    page.locator("#code").focus()
    page.keyboard.type(house.codes["孙丽华"].lower())
    page.keyboard.press("Enter")
    expect(result).to_contain_text("孙丽华")
    assert small(page) == []
    result.locator("button[value='2']").press("Enter")
    expect(result).to_contain_text("2")
    expect(page.locator(".checkin__count--main dd")).to_have_text("4")
    page.locator(".checkin__more summary").first.press("Enter")
    page.locator(".checkin__more button[value='1']").press("Enter")
    expect(page.locator(".checkin__count--main dd")).to_have_text("5")
    result.locator("[data-form=undo] button").press("Enter")
    expect(page.locator(".checkin__count--main dd")).to_have_text("4")
    page.locator("#text").fill("桂芳")
    page.locator("#text").press("Enter")
    expect(page.locator(".checkin__list--found")).to_contain_text("赵桂芳")
    assert fits(page) == []
    assert house.inside() == 4


def test_a_step_that_did_not_arrive_is_pressed_again_and_counts_once(house: House, door: Start) -> None:
    context, page = door()
    page.goto(house.path)
    # The step arrives and its answer is lost.
    page.route("**/door/people", lambda route: (route.fetch(), route.abort()))
    page.locator(".checkin__more summary").first.click()
    page.locator(".checkin__more button[value='3']").click()
    expect(page.locator(".checkin__alert")).to_be_visible()
    page.unroute("**/door/people")
    page.locator(".checkin__more button[value='3']").click()
    expect(page.locator(".checkin__count--main dd")).to_have_text("3")
    assert house.inside() == 3
    context.close()


def test_without_scripts_the_door_works(house: House, door: Start, browser: Browser) -> None:
    context = browser.new_context(
        base_url=house.address,
        storage_state=house.state,
        java_script_enabled=False,
        viewport={"width": 360, "height": 740},
    )
    page = context.new_page()
    page.goto(house.path)
    expect(page.locator("[data-scan=camera]")).to_be_hidden()
    page.locator("#code").fill(house.codes["钱建国"])
    page.locator("[data-form=scan] button").click()
    expect(page.locator("#result")).to_contain_text("钱建国")
    page.locator("#text").fill("1111")
    page.locator("[data-form=find] button").click()
    page.locator(".checkin__list--found button[value='1']").click()
    expect(page.locator("#result")).to_contain_text("赵桂芳")
    page.locator("#result [data-form=undo] button").click()
    assert house.inside() == 1
    context.close()


# --- without a network --------------------------------------------------------------------------------------------


def prepare(page: Page, house: House) -> None:
    page.goto(f"{house.path}/offline")
    page.locator("#pin-new").fill(PIN)
    page.locator("#pin-again").fill(PIN)
    page.locator("[data-view=prepare] button").click()
    expect(page.locator("[data-view=open]")).to_be_visible()


def unlock(page: Page, pin: str = PIN) -> None:
    page.locator("#pin").fill(pin)
    page.locator("[data-view=locked] button").click()


STORED = """async () => {
  const open = indexedDB.open('mingbai-door');
  const db = await new Promise(done => { open.onsuccess = () => done(open.result); });
  const all = await Promise.all([...db.objectStoreNames].map(name => new Promise(done => {
    const rows = db.transaction(name).objectStore(name).getAll();
    rows.onsuccess = () => done(rows.result);
  })));
  db.close();
  const plain = (_key, value) => value instanceof ArrayBuffer ? new TextDecoder().decode(value) : value;
  return {text: JSON.stringify(all, plain), rows: all.map(rows => rows.length)};
}"""
CACHED = """async () => (await Promise.all((await caches.keys()).map(async name =>
  Promise.all((await (await caches.open(name)).matchAll()).map(one => one.clone().text()))))).flat().join('\\n')"""


def test_offline_on_and_off_counts_everybody_once(house: House, door: Start) -> None:
    context, page = door(workers=True)
    page.goto(f"{house.path}/offline")
    assert fits(page) == []
    page.locator("#pin-new").fill("123456")
    page.locator("#pin-again").fill("123456")
    page.locator("[data-view=prepare] button").click()
    expect(page.locator("[data-alert]")).not_to_be_empty()
    prepare(page, house)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    assert fits(page) == []
    assert small(page) == []
    context.set_offline(True)
    state = page.locator("[data-net]")
    expect(state).to_have_attribute("data-state", "offline")
    result = page.locator("#result")
    page.locator("[data-scan=camera]").click()
    expect(result).to_contain_text("赵桂芳")
    expect(result).to_contain_text("坐前排")
    page.locator("[data-scan=stop]").click()
    page.locator("[data-scan=photo] input").set_input_files(picture(house.codes["钱建国"]))
    expect(result).to_contain_text("钱建国")
    page.locator("#code").fill(house.codes["钱建国"])
    page.locator("#code").press("Enter")
    expect(result.locator(".notice--careful")).to_contain_text("钱建国")
    page.locator("#text").fill("丽华")
    page.locator("#text").press("Enter")
    result.get_by_role("button", name="2", exact=True).click()
    page.locator(".checkin__more summary").nth(0).click()
    page.locator(".checkin__more button[value='1']").click()
    expect(page.locator("[data-last] li")).to_have_count(4)
    assert fits(page) == []
    assert small(page) == []
    expect(state).to_contain_text("4")
    assert house.inside() == 0

    # A phone that was found: opened again without a network, it shows the lock and nothing else.
    stored = page.evaluate(STORED)
    kept = page.evaluate(CACHED)
    page.goto(f"{house.path}/offline")
    expect(page.locator("[data-view=locked]")).to_be_visible()
    assert fits(page) == []
    for hidden in (*house.codes, *house.codes.values(), "坐前排", "守住养老钱"):
        assert hidden not in page.content()
        assert hidden not in stored["text"]
        assert hidden not in kept
    assert "door-shell" in page.evaluate(
        "caches.open('door-1').then(c => c.keys()).then(k => k.map(r => r.url).join())"
    )
    assert stored["rows"] == [1, 3, 4]
    unlock(page, "000000")
    expect(page.locator("[data-alert]")).to_contain_text("4")
    unlock(page)
    expect(page.locator("[data-last] li")).to_have_count(4)
    page.locator("[data-last] li button").first.click()  # the walk-in
    expect(page.locator("[data-last] li")).to_have_count(3)

    # Meanwhile the other door lets the same man in.
    with house.app.app_context():
        from tests.events.test_door import let_in

        with transaction() as session:
            row = session.query(Registration).filter_by(code=house.codes["钱建国"]).one()
            now = datetime.now(UTC)
            let_in(session, house.event, row.id, at=now, received_at=now)
        db.session.remove()
    context.set_offline(False)
    expect(state).to_have_attribute("data-state", "online", timeout=30_000)
    expect(page.locator("[data-problems] .notice")).to_have_count(1)
    assert fits(page) == []
    assert house.inside() == 4
    page.locator("[data-problems] button").click()
    expect(page.locator("[data-problems] .notice")).to_have_count(0)
    assert page.evaluate(STORED)["rows"] == [1, 3, 0]
    context.close()


def test_it_locks_when_unused_and_when_out_of_sight(house: House, door: Start) -> None:
    context, page = door(workers=True)
    page.clock.install()
    prepare(page, house)
    page.locator("#text").fill("桂芳")
    page.locator("#text").press("Enter")
    expect(page.locator("#result")).to_contain_text("赵桂芳")
    page.clock.fast_forward("05:10")
    expect(page.locator("[data-view=locked]")).to_be_visible()
    assert "赵桂芳" not in page.content()
    unlock(page)
    expect(page.locator("[data-view=open]")).to_be_visible()
    hide = """hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
      document.dispatchEvent(new Event('visibilitychange')); }"""
    page.evaluate(hide, True)
    page.clock.fast_forward("01:00")
    page.evaluate(hide, False)
    expect(page.locator("[data-view=open]")).to_be_visible()
    page.evaluate(hide, True)
    page.clock.fast_forward("02:01")
    page.evaluate(hide, False)
    expect(page.locator("[data-view=locked]")).to_be_visible()
    context.close()


def test_five_wrong_pins_erase_everything(house: House, door: Start) -> None:
    context, page = door(workers=True)
    prepare(page, house)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.locator("[data-do=lock]").click()
    for left in (4, 3, 2, 1):
        unlock(page, "999999")
        expect(page.locator("[data-alert]")).to_contain_text(str(left))
    unlock(page, "999999")
    expect(page.locator("[data-view=prepare]")).to_be_visible()
    assert page.evaluate(STORED)["rows"] == [0, 0, 0]
    assert page.evaluate("caches.has('door-1')") is False
    context.close()


def heads(page: Page, number: int) -> None:
    page.locator(".checkin__more summary").nth(1).click()
    page.locator("#heads").fill(str(number))
    page.locator("#heads").press("Enter")
    expect(page.locator("#result")).to_contain_text(str(number))


def test_what_is_over_is_erased_by_any_page_of_the_door(house: House, door: Start) -> None:
    context, page = door(workers=True)
    prepare(page, house)
    assert page.evaluate(STORED)["rows"] == [1, 3, 0]
    page.clock.install(time=datetime.now(UTC) + timedelta(days=2))
    page.goto(house.path)
    page.wait_for_load_state("networkidle")
    expect(page.locator(".checkin__alert")).to_have_count(0)
    assert page.evaluate(STORED)["rows"] == [0, 0, 0]
    context.close()


def test_signed_out_nothing_is_lost_and_signing_out_leaves_nothing(house: House, door: Start) -> None:
    """The last test: it ends the session that the others share."""
    context, page = door(workers=True)
    prepare(page, house)
    cookies = context.cookies()
    context.clear_cookies()
    heads(page, 6)
    expect(page.locator("[data-net] a")).to_have_attribute("href", f"/desk/sign-in?next={house.path}/offline")
    assert (page.evaluate(STORED)["rows"], house.inside()) == ([1, 3, 1], 0)
    context.add_cookies(cookies)  # signed in again
    heads(page, 5)
    expect(page.locator("[data-net] a")).to_have_count(0)
    expect(page.locator("[data-last] li")).to_have_count(2)
    assert house.inside() == 11
    context.set_offline(True)
    heads(page, 4)
    context.set_offline(False)
    page.route("**/door/sync", lambda route: route.abort())
    page.goto(house.path)
    page.unroute("**/door/sync")
    if house.inside() == 11:
        expect(page.locator(".checkin__alert")).to_be_visible()  # not sent, and signing out would erase it
    page.locator(".desk-who button").click()
    expect(page).to_have_url(re.compile("sign-in"))
    assert page.evaluate(STORED)["rows"] in ([], [0, 0, 0])
    assert page.evaluate("caches.has('door-1')") is False
    context.close()
