"""The door in a real browser: a camera that shows a real code, a photo, no network, a lock; by keyboard too."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, Page, expect

from portal.core.database import db, transaction
from portal.events.models import Registration
from tests.journeys.doors import PIN, House, Start, desk, door, house, picture, served, small
from tests.journeys.test_accounts import fits

__all__ = ["desk", "door", "house", "served"]


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
    # Found by the last digits of the telephone, as the door with a network does; of more digits, the last count.
    for digits, found in (("222", "钱建国"), ("1111", "赵桂芳"), ("13800002222", "钱建国"), ("11", ""), ("8000", "")):
        page.locator("#text").fill(digits)
        page.locator("#text").press("Enter")
        expect(page.locator("#text")).to_have_value("")
        if found:
            expect(result).to_contain_text(found)
        else:
            expect(result.locator(".checkin__who")).to_have_count(0)
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
    assert "ends" not in stored["text"]
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
        from tests.events.doors import let_in

        with transaction() as session:
            row = session.query(Registration).filter_by(code=house.codes["钱建国"]).one()
            now = datetime.now(UTC)
            let_in(session, house.event, row.id, at=now, received_at=now)
        db.session.remove()
    context.set_offline(False)
    expect(state).to_have_attribute("data-state", "online")
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
