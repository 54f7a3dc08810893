"""The own page of whoever registered, guardians, and the way back by the code."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.audit.models import Event as Act
from portal.audit.rules import Tag
from portal.core.database import db, transaction
from portal.events.models import AccessRow, Consent, Guardian, Registration
from portal.events.rules import codes, keeping, limits
from portal.events.rules.keeping import Purpose, Relation
from portal.events.rules.seats import State
from portal.events.services import managing
from tests.events.guests import Watch, count, event, guardian_token, hall, registered, row, watch
from tests.events.hall import AT, STARTS, taken

__all__ = ["watch"]
pytestmark = pytest.mark.usefixtures("desk_library", "watch")
NOBODY = "/events/registrations/" + "x" * 43
ACTS = ["/accept", "/pass", "/cancel", "/seats", "/correct", "/copy", "/withdraw", "/erase"]


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def acts() -> list[tuple[str, str, str, dict[str, Any]]]:
    db.session.rollback()
    rows = db.session.scalars(sa.select(Act).where(Act.tag.like("event:person:%")).order_by(Act.id)).all()
    return [(one.tag, one.actor, one.origin, one.details) for one in rows]


def english(client: FlaskClient, own: str) -> str:
    return words(client.get(f"/en{own}").text)


# --- guarding -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ACTS)
def test_acts_need_the_right_address_method_and_origin(client: FlaskClient, act: str) -> None:
    own = registered(client, hall())
    before = row(own).changed_at
    assert client.post(f"{NOBODY}{act}").status_code == 404
    assert client.post(f"{own}{act}", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.delete(f"{own}{act}").status_code == 405
    if act in ("/accept", "/pass", "/seats", "/copy", "/withdraw"):
        assert client.get(f"{own}{act}").status_code == 405
    assert (row(own).state, row(own).changed_at) == (State.CONFIRMED, before)


def test_unknown_addresses_say_what_to_do(client: FlaskClient) -> None:
    for place in (NOBODY, f"{NOBODY}/qr.svg", f"{NOBODY}/cancel", f"{NOBODY}/erase"):
        answer = client.get(f"/en{place}")
        assert answer.status_code == 404
        assert "type the code that you have kept" in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert client.get("/events/registrations/short").status_code == 404


# --- states -------------------------------------------------------------------------------------------------------


def test_every_state_is_said_in_words(client: FlaskClient, watch: Watch) -> None:
    slug = hall(seats=1)
    first = registered(client, slug, name="甲", phone="13800000001")
    second = registered(client, slug, name="乙", phone="13800000002")
    third = registered(client, slug, name="丙", phone="13800000003")
    assert "1 seat is yours" in english(client, first)
    assert "number 2 on the waiting list" in english(client, third)
    client.post(f"{first}/cancel")
    assert "This registration is cancelled" in english(client, first)
    offered = english(client, second)
    assert "1 seat is held for you Until 2 November 2026, 16:00." in offered
    assert "Leave it to the next" in offered
    assert "number 1 on the waiting list" in english(client, third)
    client.post(f"{second}/pass")
    assert "You have left the seat to the next" in english(client, second)
    watch.at = AT + timedelta(hours=6)
    assert "time to take the seat has run out" in english(client, third)
    answer = client.post(f"/en{third}/accept")
    assert (answer.status_code, "No seat is held for you now" in answer.text) == (409, True)
    with transaction() as session:
        managing.lapse_due(session, at=watch.at)
    assert "the seat was given on" in english(client, third)
    watch.at = STARTS + timedelta(hours=2)
    assert english(client, third).count("Register again") == 0


def test_a_held_seat_is_taken_once(client: FlaskClient) -> None:
    slug = hall(seats=1)
    first, second = registered(client, slug, name="甲"), registered(client, slug, name="乙")
    client.post(f"{first}/cancel")
    for _time in range(3):
        assert client.post(f"{second}/accept").headers["Location"] == second
    assert row(second).state is State.CONFIRMED


def test_seats_are_changed_within_what_is_free(client: FlaskClient, watch: Watch) -> None:
    slug = hall(seats=3)
    own = registered(client, slug, name="甲")
    assert client.post(f"{own}/seats", data={"seats": "3"}).status_code == 303
    assert row(own).seats == 3
    for typed, said in (
        ("4", "No more seats are free"),
        ("9", "Choose 1 to 4"),
        ("x", "Choose 1 to 4"),
        ("", "Choose"),
    ):
        answer = client.post(f"/en{own}/seats", data={"seats": typed})
        assert (answer.status_code, said in words(answer.text)) == (409, True)
    watch.at = STARTS
    answer = client.post(f"/en{own}/seats", data={"seats": "1"})
    assert (answer.status_code, "Nothing can be changed" in words(answer.text)) == (409, True)
    assert row(own).seats == 3
    assert f'action="/en{own}/seats"' not in client.get(f"/en{own}").text


def test_the_online_address_is_for_confirmed_seats_online(client: FlaskClient) -> None:
    slug = hall(seats=1, online=1, online_url="https://meet.example.org/9")
    online = registered(client, slug, name="甲", place="online")
    late = registered(client, slug, name="乙", place="online")
    here = registered(client, slug, name="丙")
    shown = ["meet.example.org" in client.get(own).text for own in (online, late, here)]
    assert shown == [True, False, False]


# --- what is kept -------------------------------------------------------------------------------------------------


def test_a_copy_has_everything_and_is_noted_without_content(client: FlaskClient) -> None:
    own = registered(client, hall(), needs=["hearing"], access_note="坐前面", agree_access="y")
    answer = client.post(f"{own}/copy")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mingbai-registration.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    kept = answer.get_json()
    assert (kept["name"], kept["contact"]["value"]) == ("张三", "13800000001")
    assert kept["access"] == {"needs": ["hearing"], "note": "坐前面"}
    assert [one["purpose"] for one in kept["consents"]] == ["registration", "access"]
    assert acts() == [(Tag.EVENT_DATA_COPIED, "registrant", "own page", {"registration": row(own).id})]


def test_name_contact_and_needs_are_put_right(client: FlaskClient) -> None:
    slug = hall()
    own = registered(client, slug)
    other = registered(client, slug, name="李四", phone="13800000002")
    form = client.get(f"{own}/correct").text
    assert 'value="13800000001"' in form
    values = {"name": "张三丰", "contact_kind": "mail", "mail": "a@b.example", "needs": "carer", "agree_access": "y"}
    assert client.post(f"{own}/correct", data=values).status_code == 303
    found = row(own)
    assert (found.name, found.contact) == ("张三丰", "a@b.example")
    assert db.session.scalars(sa.select(AccessRow.need)).all() == ["carer"]
    # The person is recognised by what stands now, and the former contact is free for others.
    assert registered(client, slug, name="张三丰", contact_kind="mail", mail="a@b.example").endswith("/register/known")
    assert registered(client, slug).startswith("/events/registrations/")
    taken_ = client.post(f"/en{other}/correct", data={**values, "agree_access": "y"})
    assert (taken_.status_code, "Somebody is registered with this name" in taken_.text) == (422, True)
    # Without needs, that consent is taken back.
    client.post(f"{own}/correct", data={"name": "张三丰", "contact_kind": "none"})
    gone = db.session.scalars(sa.select(Consent).where(Consent.purpose == Purpose.ACCESS)).one()
    assert gone.withdrawn_at == AT
    assert client.post(f"{own}/correct", data={"name": ""}).status_code == 422
    assert [tag for tag, *_rest in acts()] == [Tag.EVENT_DATA_CORRECTED] * 2
    assert all("张" not in str(details) for *_rest, details in acts())


def test_needs_are_taken_back_and_the_seat_stays(client: FlaskClient) -> None:
    own = registered(client, hall(), needs="hearing", agree_access="y")
    for _time in range(2):
        assert client.post(f"{own}/withdraw", data={"purpose": "access"}).status_code == 303
    assert db.session.scalars(sa.select(AccessRow)).all() == []
    assert row(own).state is State.CONFIRMED
    assert client.post(f"{own}/withdraw").headers["Location"] == f"{own}/erase"


def test_erasing_cancels_and_the_address_says_so(client: FlaskClient) -> None:
    slug = hall()
    own = registered(client, slug, seats="2")
    number, code = row(own).id, row(own).code
    assert "erased at once" in english(client, f"{own}/erase")
    assert client.post(f"{own}/erase").headers["Location"] == own
    found = db.session.get_one(Registration, number, populate_existing=True)
    assert (found.state, found.name, found.contact, found.erased_at) == (State.CANCELLED, None, None, AT)
    assert taken(db.session(), event(slug)) == 0
    for place in ("", "/cancel", "/erase", "/correct", "/qr.svg"):
        answer = client.get(f"/en{own}{place}")
        assert (answer.status_code, "Nothing is kept of this registration" in answer.text) == (410, True)
    for act in ACTS:
        assert client.post(f"{own}{act}").status_code == 410
    assert client.post("/events/code", data={"code": code, "name": ""}).status_code == 422
    assert [tag for tag, *_rest in acts()] == [Tag.EVENT_DATA_ERASED]
    assert registered(client, slug).startswith("/events/registrations/")


def test_after_the_lecture_rights_remain_and_nothing_is_cancelled(client: FlaskClient, watch: Watch) -> None:
    slug = hall()
    own = registered(client, slug)
    number = row(own).id
    watch.at = STARTS
    assert client.get(f"{own}/cancel").headers["Location"] == own
    assert client.post(f"{own}/cancel").status_code == 409
    assert client.post(f"{own}/copy").status_code == 200
    client.post(f"{own}/erase")
    found = db.session.get_one(Registration, number, populate_existing=True)
    assert (found.state, found.name) == (State.CONFIRMED, None)


# --- by the code --------------------------------------------------------------------------------------------------


def test_the_code_and_the_name_lead_to_the_own_page(client: FlaskClient) -> None:
    own = registered(client, hall(), contact_kind="none", name="Zhang San")
    code = row(own).code
    assert client.get("/events/code").status_code == 200
    for typed, name in ((code, "zhang san"), (f"{code[:4]}-{code[4:]} ".lower(), "ＺＨＡＮＧ·ｓａｎ")):
        assert client.post("/events/code", data={"code": typed, "name": name}).headers["Location"] == own
    wrong = codes.new_code()
    told = set()
    for typed, name in ((wrong, "Zhang San"), (code, "Zhang"), (code, "·"), ("12", "x")):
        answer = client.post("/en/events/code", data={"code": typed, "name": name})
        assert answer.status_code == 422
        told.add(re.sub(r'value="[^"]*"', "", answer.text))
    assert len(told) == 1
    assert client.post("/events/code", data={}).status_code == 422
    assert client.put("/events/code").status_code == 405
    assert client.post("/events/code", headers={"Origin": "https://elsewhere.example"}).status_code == 403


def test_guesses_are_limited(client: FlaskClient, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WRONG_CODES_FROM_ONE_NETWORK", 5)
    monkeypatch.setattr(limits, "WRONG_NAMES_FOR_ONE_CODE", 3)
    own = registered(client, hall(), contact_kind="none", name="甲")
    right = {"code": row(own).code, "name": "甲"}
    for _time in range(7):
        # What is right does not count.
        assert client.post("/events/code", data=right).status_code == 303
    for number in range(3):
        assert client.post("/events/code", data={**right, "name": f"乙{number}"}).status_code == 422
    answer = client.post("/events/code", data=right, environ_base={"REMOTE_ADDR": "198.51.100.7"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3601")
    for _number in range(2):
        assert client.post("/events/code", data={"code": codes.new_code(), "name": "乙"}).status_code == 422
    assert client.post("/events/code", data={"code": codes.new_code(), "name": "乙"}).status_code == 429
    watch.at = AT + timedelta(hours=1)
    assert client.post("/events/code", data=right).status_code == 303


# --- guardians ----------------------------------------------------------------------------------------------------


def child(client: FlaskClient, slug: str, **changed: Any) -> str:
    asked = {"age": "under-14", "guardian_is": "ask", "guardian_name": "王女士", "guardian_contact": "13900000001"}
    return registered(client, slug, **{"name": "小明", "contact_kind": "none", **asked, **changed})


AGREES = {"guardian_name": "王芳", "relation": "parent", "agree_child": keeping.GUARDIAN_NOTE}


def test_a_guardian_agrees_once(client: FlaskClient) -> None:
    own = child(client, hall())
    number = row(own).id
    page = f"/events/guardian/{guardian_token(number)}"
    assert "held until the guardian agrees" in english(client, own)
    assert "小明" in client.get(page).text
    for wrong in (
        {},
        {**AGREES, "relation": "x"},
        {**AGREES, "agree_child": "2020-01"},
        {**AGREES, "guardian_name": ""},
    ):
        assert client.post(page, data=wrong).status_code == 422
    assert row(own).state is State.PENDING
    for _time in range(2):
        assert client.post(page, data=AGREES).headers["Location"] == page
    assert row(own).state is State.CONFIRMED
    kept = db.session.get_one(Guardian, number)
    assert (kept.name, kept.relation, kept.confirmed_at) == ("王芳", Relation.PARENT, AT)
    assert "You have agreed" in english(client, page)


def test_a_guardian_who_comes_too_late_is_told_so(client: FlaskClient, watch: Watch) -> None:
    own = child(client, hall())
    page = f"/events/guardian/{guardian_token(row(own).id)}"
    watch.at = AT + timedelta(hours=48)
    for answer in (client.get(f"/en{page}"), client.post(f"/en{page}", data=AGREES)):
        assert (answer.status_code, "It is too late" in answer.text) == (410, True)
    assert row(own).state is State.PENDING


@pytest.mark.parametrize("after", [False, True])
def test_a_guardian_who_does_not_agree_has_everything_erased(client: FlaskClient, after: bool) -> None:
    own = child(client, hall(), needs="hearing", agree_access="y")
    number = row(own).id
    page = f"/events/guardian/{guardian_token(number)}"
    if after:
        client.post(page, data=AGREES)
    assert client.get(f"{page}/refuse").status_code == 200
    answer = client.post(f"{page}/refuse")
    assert answer.headers["Location"] == "/events/guardian/erased"
    assert client.get("/events/guardian/erased").status_code == 200
    found = db.session.get_one(Registration, number, populate_existing=True)
    assert (found.state, found.name, found.erased_at) == (State.CANCELLED, None, AT)
    assert db.session.get(Guardian, number) is None
    for method in (client.get, client.post):
        for place in (page, f"{page}/refuse"):
            assert method(place).status_code == 404
    assert client.get(own).status_code == 410


def test_pages_of_guardians_are_guarded(client: FlaskClient) -> None:
    own = child(client, hall())
    page = f"/events/guardian/{guardian_token(row(own).id)}"
    for place in (page, f"{page}/refuse"):
        assert client.post(place, data=AGREES, headers={"Sec-Fetch-Site": "same-site"}).status_code == 403
        assert client.delete(place).status_code == 405
        assert client.get(place).headers["Referrer-Policy"] == "no-referrer"
    assert client.get("/events/guardian/" + "x" * 43).status_code == 404
    assert row(own).state is State.PENDING


def test_a_guardian_who_registers_need_not_write_the_number_twice(client: FlaskClient) -> None:
    own = child(client, hall(), **{**AGREES, "guardian_is": "me", "guardian_contact": ""}, contact_kind="phone")
    assert row(own).state is State.CONFIRMED
    assert db.session.get_one(Guardian, row(own).id).contact == "13800000001"


# --- whatever anybody types ---------------------------------------------------------------------------------------

ANYTHING = st.text(st.characters(codec="utf-8"), max_size=50) | st.sampled_from(
    ["phone", "mail", "none", "13800000001", "1", "2", "y", "access", "parent", keeping.GUARDIAN_NOTE, "ABCD2345"]
)


def test_nothing_that_is_typed_breaks_a_page(app: Flask, client: FlaskClient) -> None:
    own = child(client, hall())
    page = f"/events/guardian/{guardian_token(row(own).id)}"
    fields = ["name", "contact_kind", "phone", "mail", "seats", "purpose", "code", "relation", "agree_child", "needs"]
    fields += ["guardian_name", "access_note", "agree_access"]
    places = [f"{own}{act}" for act in ("/accept", "/pass", "/seats", "/correct", "/withdraw")] + [page, "/events/code"]

    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.sampled_from(places), st.dictionaries(st.sampled_from(fields), ANYTHING))
    def typed(place: str, values: dict[str, str]) -> None:
        assert client.post(place, data=values).status_code in (200, 303, 409, 410, 422, 429)

    typed()
    assert count() == 1
