"""A telephone at the door: a lecture of today, and a camera that sees a code."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import segno
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from portal.accounts.models import Person
from portal.core.database import db, transaction
from portal.core.settings import Settings
from portal.events.models import Registration
from portal.events.queries import door as reads
from portal.events.rules.keeping import AccessNeed
from tests.conftest import close_apps, make_app
from tests.events.hall import come, lecture, mobile
from tests.journeys.conftest import CHROMIUM, FLAGS
from tests.journeys.pages import PATIENCE_MS, PHONE
from tests.journeys.test_accounts import Desk, desk, session_of

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


@pytest.fixture(scope="module")
def served(desk: Desk, browser: Browser) -> Iterator[tuple[Flask, Any]]:
    state = session_of(desk, browser, MAIL, desk.add(MAIL, KEEPER, "organiser"))
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
        context.set_default_timeout(PATIENCE_MS)
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
