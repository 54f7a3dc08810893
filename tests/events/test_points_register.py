"""What none of the known programs has, as far as registering goes: named after the points of the list."""

from __future__ import annotations

import io
import json
import logging
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from portal.audit.models import Event as Act
from portal.core.database import db, transaction
from portal.core.settings import Settings
from portal.events.models import Consent, Event, Guardian, Registration
from portal.events.rules import codes, keeping
from portal.events.rules.keeping import Purpose, Relation
from portal.events.rules.seats import ContactKind, Kind, State
from portal.events.services import managing, own_data
from tests.conftest import POSTGRES
from tests.events.guests import Watch, count, event, filled, guardian_token, hall, page, registered, row, watch
from tests.events.hall import AT, come, lecture, taken
from tests.reading.test_machines import drawn

__all__ = ["watch"]
pytestmark = pytest.mark.usefixtures("desk_library", "watch")


def decoded(client: FlaskClient, own: str) -> list[str]:
    """Return what a camera reads on an own page."""
    text = client.get(own).text
    source = text.partition('class="own__qr" src="')[2].partition('"')[0]
    answer = client.get(source)
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    picture = io.BytesIO()
    drawn(answer.text).save(picture, "PNG")
    return [found.text for found in zxingcpp.read_barcodes(Image.open(picture))]


def test_2_guardian_consent(client: FlaskClient, watch: Watch) -> None:
    slug = hall(seats=2)
    asked = {
        "contact_kind": "none",
        "age": "under-14",
        "guardian_is": "ask",
        "guardian_name": "王女士",
        "guardian_contact": "13900000001",
    }
    first, second = (registered(client, slug, name=name, **asked) for name in ("小明", "小红"))
    assert [row(own).state for own in (first, second)] == [State.PENDING] * 2
    assert row(first).hold_until == AT + timedelta(hours=48)
    # The guardian's page says what the law asks to be told, in every language.
    for prefix in ("", "/zh-Hant", "/en", "/elderly"):
        text = client.get(f"{prefix}/events/guardian/{guardian_token(row(first).id)}").text
        assert f"{keeping.GUARDIAN_NOTE}" in text
        assert text.count("<dt>") >= 7
    watch.at = AT + timedelta(hours=47)
    agrees = {"guardian_name": "王芳", "relation": "grandparent", "agree_child": keeping.GUARDIAN_NOTE}
    client.post(f"/events/guardian/{guardian_token(row(first).id)}", data=agrees)
    kept = db.session.get_one(Guardian, row(first).id)
    assert (kept.text_version, kept.confirmed_at, kept.relation) == (
        keeping.GUARDIAN_NOTE,
        watch.at,
        Relation.GRANDPARENT,
    )
    said = db.session.scalars(sa.select(Consent).where(Consent.purpose == Purpose.CHILD)).one()
    assert (said.given_at, said.text_version) == (watch.at, keeping.GUARDIAN_NOTE)
    # Without a word within 48 hours the seat is released.
    watch.at = AT + timedelta(hours=48)
    with transaction() as session:
        managing.lapse_due(session, at=watch.at)
    assert taken(db.session(), event(slug)) == 1
    # Withdrawal erases and releases.
    number = row(first).id
    client.post(f"/events/guardian/{guardian_token(number)}/refuse")
    found = db.session.get_one(Registration, number, populate_existing=True)
    assert (found.state, found.name) == (State.CANCELLED, None)
    assert db.session.get(Guardian, number) is None
    assert taken(db.session(), event(slug)) == 0


def test_3_group_head_count_registers_no_name_of_a_child(client: FlaskClient) -> None:
    slug = hall(seats=40)
    address = page(client, slug, prefix="/youth", group=True)
    values = filled(client, address, organisation="滨河小学", name="王老师", people="30", children="y", how="list")
    refused = client.post(address, data={**values, "members": "小明\n小红"})
    assert refused.status_code == 422
    own = client.post(address, data={**values, "how": "heads", "members": "小明\n小红"}).headers["Location"]
    found = row(own)
    assert (found.kind, found.seats, found.members, found.under_14) == (Kind.GROUP, 30, None, True)
    late = client.post(address, data={**values, "how": "heads", "organisation": "另一所", "request": "x" * 43})
    assert late.status_code == 303
    # The same person with the same contact is known, whatever the organisation is called.
    assert late.headers["Location"].endswith("/register/known")


def test_6_phone_only_shared_phone(client: FlaskClient) -> None:
    slug = hall(seats=10)
    owns = [registered(client, slug, name=name, phone="138-0000-0001") for name in ("张三", "李四", "王五")]
    found = [row(own) for own in owns]
    assert {one.contact_kind for one in found} == {ContactKind.PHONE}
    assert len({one.contact_digest for one in found}) == 1
    assert len({one.person_digest for one in found}) == 3
    for own, one in zip(owns, found, strict=True):
        text = client.get(own).text
        assert codes.spoken(one.code) in text
        assert decoded(client, own) == [one.code]
        assert codes.typed(decoded(client, own)[0]) == codes.typed(codes.spoken(one.code)) == one.code


def test_9_link_safety(client: FlaskClient, watch: Watch) -> None:
    slug = hall(seats=1)
    first = registered(client, slug, name="甲")
    second = registered(client, slug, name="乙")
    child = registered(
        client,
        slug,
        name="小明",
        age="under-14",
        guardian_is="ask",
        guardian_name="王芳",
        guardian_contact="13900000001",
    )
    client.post(f"{first}/cancel")
    guardian = f"/events/guardian/{guardian_token(row(child).id)}"
    before = [(row(own).state, row(own).changed_at, row(own).hold_until) for own in (first, second, child)]
    acts = db.session.scalar(sa.select(sa.func.count()).select_from(Act))
    watch.at = AT + timedelta(minutes=5)
    rests = ["", "/accept", "/pass", "/cancel", "/seats", "/correct", "/copy", "/withdraw", "/erase", "/qr.svg"]
    for place in [own + rest for own in (first, second, child) for rest in rests] + [guardian, f"{guardian}/refuse"]:
        for _time in range(5):
            assert client.get(place).status_code in (200, 303, 404, 405)
        assert client.head(place).status_code in (200, 303, 404, 405)
    assert [(row(own).state, row(own).changed_at, row(own).hold_until) for own in (first, second, child)] == before
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Act)) == acts
    # A POST acts, and acts once.
    for _time in range(2):
        assert client.post(f"{second}/accept").headers["Location"] == second
    assert row(second).state is State.CONFIRMED
    for _time in range(2):
        assert client.post(f"{second}/cancel").headers["Location"] == second
    assert row(second).state is State.CANCELLED
    # Whoever cancelled may come again, and the old address says what became of it.
    assert registered(client, slug, name="甲") != first
    assert "Register again" in client.get(f"/en{first}").text
    assert row(first).state is State.CANCELLED


def test_11_waitlist_for_this_public(client: FlaskClient, watch: Watch) -> None:
    slug = hall(seats=2)
    here = registered(client, slug, name="甲", seats="2")
    family = registered(client, slug, name="乙", seats="2")
    single = registered(client, slug, name="丙")
    for own, place in ((family, 1), (single, 2)):
        text = client.get(f"/en{own}").text
        assert f"You are number {place} on the waiting list" in text
        assert "A group that needs more seats than are free keeps its place" in text
        assert "It never runs out between 20:00 and 8:00" in text
    # One seat is free: the family cannot use it and keeps its place, the next who fits is asked.
    watch.at = AT + timedelta(hours=9)
    client.post(f"{here}/seats", data={"seats": "1"})
    assert (row(family).state, row(single).state) == (State.WAITING, State.OFFERED)
    assert "You are number 1 on the waiting list" in client.get(f"/en{family}").text
    # It is 19 o'clock: one hour today, five tomorrow; nobody who comes meanwhile gets it.
    assert "Until 3 November 2026, 13:00" in client.get(f"/en{single}").text
    late = registered(client, slug, name="丁")
    assert row(late).state is State.WAITING
    client.post(f"{single}/pass")
    assert (row(family).state, row(late).state) == (State.WAITING, State.OFFERED)
    # As soon as enough is free together, the family is asked first.
    client.post(f"{late}/pass")
    client.post(f"{here}/cancel")
    assert row(family).state is State.OFFERED


# --- nobody's data anywhere ---------------------------------------------------------------------------------------

CANARY = "欧阳不可见"
NUMBER = "13877776666"


def test_nothing_personal_is_in_addresses_logs_audit_or_the_file(
    app: Flask, client: FlaskClient, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    slug = hall()
    own = registered(
        client, slug, name=CANARY, phone=NUMBER, access_note=CANARY, agree_access="y", needs="other", seats="2"
    )
    places = [own]
    client.post(f"{own}/copy")
    client.post(f"{own}/correct", data={"name": f"{CANARY}二", "contact_kind": "phone", "phone": NUMBER})
    client.post("/events/code", data={"code": "ABCD2345", "name": CANARY})
    places.append(client.post("/events/code", data={"code": row(own).code, "name": f"{CANARY}二"}).headers["Location"])
    places.append(client.post(f"{own}/erase").headers["Location"])
    db.session.rollback()
    logged = json.dumps([one.details for one in db.session.scalars(sa.select(Act))], ensure_ascii=False)
    for secret in (CANARY, NUMBER, own.rpartition("/")[2]):
        assert secret not in logged + caplog.text
    assert not any(CANARY in place or NUMBER in place for place in places)
    if not POSTGRES:
        db.engine.dispose()
        raw = b"".join(one.read_bytes() for one in settings.data.glob("portal.sqlite3*"))
        assert CANARY.encode() not in raw
        assert NUMBER.encode() not in raw
        assert own.rpartition("/")[2].encode() not in raw


def test_a_copy_names_everything_that_is_stored(app: Flask) -> None:
    """A column that is added later has to be told to the person, or be here as one that says nothing of them."""
    silent = {"id", "event_id", "pool_id", "token", "token_digest", "request", "contact_digest", "person_digest"}
    silent |= {"hold_until", "told_sequence", "confirmed_at", "ended_at", "erased_at"}
    told: dict[str, Any] = {
        "code": "code",
        "state": "state",
        "seats": "seats",
        "name": "name",
        "contact": "contact",
        "contact_kind": "contact",
        "organisation": "organisation",
        "members": "members",
        "answers": "answers",
        "access_note": "access",
        "under_14": "under_14",
        "locale": "language",
        "audience": "edition",
        "source": "came_by",
        "kind": "kind",
        "created_at": "created_at",
        "changed_at": "changed_at",
    }
    assert set(Registration.__table__.columns.keys()) == silent | set(told)
    with transaction() as session:
        found = come(session, lecture(session))
        registration = session.get_one(Registration, found.id)
        kept = own_data.kept_of(session, registration, session.get_one(Event, registration.event_id))
        assert set(told.values()) <= set(kept)
    assert count() == 1
