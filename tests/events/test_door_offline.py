"""The door without a network: the day's list, what is sent afterwards, and a page that names nobody."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from portal.audit.models import Event as Act
from portal.audit.rules import Tag
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import db, transaction
from portal.events.forms import door as forms
from portal.events.models import Admission
from portal.events.rules.attendance import AdmissionKind, AdmissionSource
from portal.events.rules.keeping import AccessNeed
from portal.events.rules.seats import ContactKind
from portal.events.services import managing
from tests.events.hall import mobile
from tests.events.test_door_views import Hall
from tests.staff import CONFIRM, LONG_AGO, SIGN_IN, staff

DESK = Permission.DESK


@pytest.fixture
def hall(app: Flask) -> Hall:
    return Hall(app)


@pytest.fixture
def keeper(app: Flask) -> FlaskClient:
    return staff(app, DESK, person_id=7, name="门口的人")


def post(client: FlaskClient, hall: Hall, path: str, body: Any, *, token: str | None = None) -> TestResponse:
    held = token if token is not None else client.get(f"{hall.path}/state").get_json()["token"]
    return client.post(f"{hall.path}/{path}", json=body, headers={"X-CSRFToken": held, "Accept": "application/json"})


def step(nonce: str, **about: Any) -> dict[str, Any]:
    return {"nonce": nonce.ljust(22, "_"), "kind": "code", "at": clock.now().isoformat(), "people": 1, **about}


def outcomes(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["outcome"] for one in answer.get_json()["answers"]]


# --- the list -----------------------------------------------------------------------------------------------------


def test_the_list_holds_no_code_no_contact_and_no_name_of_those_without_a_seat(hall: Hall, keeper: FlaskClient) -> None:
    one = hall.come("张三", needs=frozenset({AccessNeed.HEARING}), access_note="坐前排", **mobile(1234))
    gone = hall.come("已取消", **mobile(5678))
    hall.come("有邮箱", contact_kind=ContactKind.MAIL, contact="x1234@example.org")
    with transaction() as session:
        managing.cancel(session, registration_id=gone, at=clock.now())
    answer = post(keeper, hall, "list", {})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    told = answer.get_json()
    found_by = hmac.new(bytes.fromhex(told["key"]), hall.code(one).encode(), hashlib.sha256).hexdigest()
    lines = {line["by"]: line for line in told["lines"]}
    assert lines[found_by]["name"] == "张三"
    assert lines[found_by]["needs"] == ["Hearing loop, or a seat near the front"]
    assert lines[found_by]["note"] == "坐前排"
    assert lines[found_by]["ends"] == "1234"
    for hidden in (hall.code(one), hall.code(gone), "13800001234", "3800001", "x1234", "已取消"):
        assert hidden not in answer.text
    assert sorted(line["standing"] for line in told["lines"]) == ["ended", "welcome", "welcome"]
    assert sorted(line.get("ends", "none") for line in told["lines"]) == ["", "1234", "none"]
    assert post(keeper, hall, "list", {}).get_json()["key"] != told["key"]
    acts = db.session.query(Act).filter_by(tag=Tag.EVENT_LIST_TAKEN.value).all()
    assert [(act.actor, act.details) for act in acts] == [("门口的人", {"registrations": 3})] * 2


def test_the_list_needs_somebody_who_has_just_proved_who_they_are(app: Flask, hall: Hall) -> None:
    tired = staff(app, DESK, person_id=7, confirmed_at=clock.now() - LONG_AGO)
    answer = post(tired, hall, "list", {})
    assert answer.location == CONFIRM
    assert post(staff(app, DESK, person_id=7), hall, "list", {}, token="").status_code == 400
    assert staff(app, DESK, person_id=7).get(f"{hall.path}/list").status_code == 405
    client = staff(app, DESK, person_id=7)
    token = client.get(f"{hall.path}/state").get_json()["token"]
    missing = client.post("/desk/events/999/door/list", json={}, headers={"X-CSRFToken": token})
    assert missing.status_code == 404
    for path in ("state", "offline"):
        assert staff(app, DESK, person_id=99).get(f"{hall.path}/{path}").status_code == 403
        assert staff(app, DESK, person_id=7).get(f"/desk/events/999/door/{path}").status_code == 404


def test_the_list_is_there_on_the_day_only(app: Flask) -> None:
    now = clock.now()
    far = Hall(app, starts_at=now + timedelta(hours=7), ends_at=now + timedelta(hours=8))
    answer = post(staff(app, DESK, person_id=7), far, "list", {})
    assert (answer.status_code, answer.get_json()["error"]["why"]) == (409, "late")


# --- what is sent afterwards --------------------------------------------------------------------------------------


def test_offline_steps_sent_twice_add_nothing(hall: Hall, keeper: FlaskClient) -> None:
    one, family = hall.come("甲"), hall.come("乙", seats=3)
    steps = [
        step("a", code=hall.code(one)),
        step("b", guest=family, people=2),
        step("c", kind="walk-in", people=2),
        step("d", kind="tally", people=7),
    ]
    sent = {"steps": steps, "device": "东门"}
    for _time in range(2):
        answer = post(keeper, hall, "sync", sent)
        assert outcomes(answer) == ["counted"] * 4
        assert answer.get_json()["inside"] == 12
    db.session.rollback()
    rows = db.session.query(Admission).all()
    assert [(row.source, row.device, row.by, row.by_id) for row in rows] == [
        (AdmissionSource.OFFLINE, "东门", "门口的人", 7)
    ] * 4
    assert [(row.kind.value, row.people) for row in rows] == [("code", 1), ("code", 2), ("walk-in", 2), ("tally", 7)]


def test_offline_each_step_is_answered_by_itself(hall: Hall, keeper: FlaskClient) -> None:
    one, gone = hall.come("甲"), hall.come("乙")
    with transaction() as session:
        managing.cancel(session, registration_id=gone, at=clock.now())
    steps = [
        step("a", code=hall.code(one)),
        step("b", code=hall.code(one)),
        step("c", code="23456789"),
        step("d", code=hall.code(gone)),
        step("e", people=0),
        step("f", kind="undo", of="a".ljust(22, "_")),
        step("g", kind="undo", of="never".ljust(22, "_")),
    ]
    answer = post(keeper, hall, "sync", {"steps": steps})
    assert outcomes(answer) == ["counted", "conflict", "unknown", "refused", "malformed", "undone", "unknown"]
    assert [one["nonce"][0] for one in answer.get_json()["answers"]] == list("abcdefg")
    assert answer.get_json()["conflicts"] == 1
    assert hall.inside() == 0
    assert db.session.query(Admission).count() == 2


def test_offline_a_wrong_clock_moves_nobody_out_of_the_day(hall: Hall, keeper: FlaskClient) -> None:
    one, other = hall.come("甲"), hall.come("乙")
    steps = [
        step("a", code=hall.code(one), at="2001-01-01T00:00:00Z"),
        step("b", code=hall.code(other), at="2190-01-01T00:00:00+08:00"),
    ]
    assert outcomes(post(keeper, hall, "sync", {"steps": steps})) == ["counted"] * 2
    db.session.rollback()
    early, late = db.session.query(Admission).order_by(Admission.id).all()
    assert early.at == hall._event().starts_at - timedelta(hours=6)
    assert late.at == late.received_at


def test_offline_too_late_is_said_and_not_counted(app: Flask, hall: Hall, keeper: FlaskClient) -> None:
    one = hall.come("甲")
    code = hall.code(one)
    with transaction():
        event = hall._event()
        event.opens_at = event.closes_at = event.starts_at = clock.now() - timedelta(hours=27)
        event.ends_at = clock.now() - timedelta(hours=25)
    steps = [step("a", code=code), step("b", kind="tally", people=3)]
    assert outcomes(post(keeper, hall, "sync", {"steps": steps})) == ["late"] * 2
    assert hall.inside() == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ([], 422),
        ("x", 422),
        ({"steps": []}, 422),
        ({"steps": {"a": 1}}, 422),
        ({"steps": [{}] * 51}, 422),
        ({"steps": [{"nonce": "x" * 40_000}]}, 413),
    ],
)
def test_offline_what_is_no_list_of_steps_is_refused(hall: Hall, keeper: FlaskClient, body: Any, status: int) -> None:
    assert post(keeper, hall, "sync", body).status_code == status


def test_offline_sending_is_guarded(app: Flask, hall: Hall) -> None:
    body = {"steps": [step("a", kind="walk-in")]}
    keeper = staff(app, DESK, person_id=7)
    token = keeper.get(f"{hall.path}/state").get_json()["token"]
    assert post(keeper, hall, "sync", body, token="").status_code == 400
    assert post(keeper, hall, "sync", body, token="foreign").status_code == 400
    assert keeper.get(f"{hall.path}/sync").status_code == 405
    assert keeper.post(f"{hall.path}/sync", data={"csrf_token": token}).status_code == 415
    assert keeper.post("/desk/events/999/door/sync", json=body, headers={"X-CSRFToken": token}).status_code == 404
    with keeper.session_transaction() as mine:
        held = dict(mine)
    for who, status in ((staff(app, DESK, person_id=99), 403), (staff(app), 303)):
        with who.session_transaction() as theirs:
            theirs.update(held)
        staff(app, *((DESK,) if status == 403 else ()), person_id=99)
        answer = post(who, hall, "sync", body, token=token)
        assert answer.status_code == status
    assert answer.location == SIGN_IN
    assert hall.inside() == 0


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["nonce", "kind", "at", "people", "code", "guest", "of"]), inner, max_size=7),
    max_leaves=12,
))  # fmt: skip
def test_offline_any_json_is_read_or_refused(value: Any) -> None:
    for sent in (value, {"steps": value}, {"steps": [value]}):
        read = forms.steps(sent)
        assert read is None or all(isinstance(nonce, str) for nonce, _step in read)
        assert isinstance(forms.device(sent), str)


def test_offline_a_step_is_read_as_it_was_made() -> None:
    sent = {"steps": [{"nonce": "n" * 22, "kind": "code", "at": "2026-11-20T05:52:00.000Z", "people": 2, "guest": 5}]}
    read = forms.steps(sent)
    assert read is not None
    at = datetime(2026, 11, 20, 5, 52, tzinfo=UTC)
    assert read[0][1] == forms.Step("n" * 22, "code", at, 2, "", 5, "")


# --- the page that a telephone keeps ------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant", "en"])
def test_the_kept_page_names_nobody_and_is_public(app: Flask, hall: Hall, locale: str) -> None:
    hall.come("欧阳不可见")
    keeper = staff(app, DESK, person_id=7, name="门口的人", locale=locale)
    answer = keeper.get(f"/desk/events/door-shell/{locale}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "Set-Cookie" not in answer.headers
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    for hidden in ("欧阳不可见", "门口的人", "csrf", "守住养老钱", "Keep your savings"):
        assert hidden not in answer.text
    assert answer.text == keeper.get(f"{hall.path}/offline").text
    again = staff(app).get(f"/desk/events/door-shell/{locale}")
    assert again.text == answer.text
    assert "camera=(self)" in again.headers["Permissions-Policy"]
    assert keeper.get("/desk/events/door-shell/xx").status_code == 404


def test_the_worker_stores_nothing_itself(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/desk/events/door-sw.js")
    assert answer.mimetype == "text/javascript"
    assert "Set-Cookie" not in answer.headers
    assert re.findall(r"\.put\(|\.add\(|\.addAll\(", answer.text) == []
    assert client.post("/desk/events/door-sw.js").status_code in (400, 405)


def test_what_is_counted_apart_stays_apart(hall: Hall, keeper: FlaskClient) -> None:
    post(keeper, hall, "sync", {"steps": [step("a", kind="walk-in", people=3), step("b", kind="tally", people=4)]})
    assert (hall.inside(AdmissionKind.WALK_IN), hall.inside(AdmissionKind.TALLY)) == (3, 4)
