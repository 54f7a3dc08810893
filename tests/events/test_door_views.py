"""The pages of the door: who may open them, what each step answers, with and without a script."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.core import clock
from portal.core.access import Permission
from portal.core.database import db, transaction
from portal.events.models import Admission, CoOrganiser, Registration
from portal.events.queries import door as reads
from portal.events.rules.attendance import AdmissionKind
from portal.events.rules.keeping import AccessNeed
from portal.events.rules.lectures import EventState
from portal.events.rules.seats import ContactKind, Kind, State
from portal.events.rules.wishes import GuardianWish
from tests.events.hall import come, lecture, mobile
from tests.staff import staff

DESK, ORGANISE = Permission.DESK, Permission.ORGANISE


class Hall:
    """A lecture that begins in an hour, with somebody at its door."""

    def __init__(self, app: Flask, **changed: Any) -> None:
        now = clock.now()
        self.app = app
        begins = {"starts_at": now + timedelta(hours=1), "ends_at": now + timedelta(hours=3),
                  "opens_at": now - timedelta(days=3), "closes_at": now + timedelta(minutes=50)}  # fmt: skip
        with transaction() as session:
            event = lecture(session, **{**begins, **changed})
            session.add(CoOrganiser(event_id=event.id, person_id=7, at_the_door=True))
            self.id = event.id
        self.path = f"/desk/events/{self.id}/door"

    def come(self, name: str = "张三", **wish: Any) -> int:
        with transaction() as session:
            return come(session, self._event(), name, at=wish.pop("at", clock.now()), **wish).id

    def _event(self) -> Any:
        from portal.events.models import Event

        return db.session.get_one(Event, self.id)

    def code(self, number: int) -> str:
        db.session.rollback()
        return db.session.get_one(Registration, number).code

    def inside(self, kind: AdmissionKind | None = None) -> int:
        db.session.rollback()
        counts = reads.counts(db.session(), self.id)
        return counts.inside if kind is None else counts.people[kind]


@pytest.fixture
def hall(app: Flask) -> Hall:
    return Hall(app)


@pytest.fixture
def keeper(app: Flask) -> FlaskClient:
    return staff(app, DESK, person_id=7, name="门口的人")


def press(client: FlaskClient, path: str, *, script: bool = False, **sent: Any) -> TestResponse:
    """Send a form of the door's page with the page's own token."""
    at = path[: path.index("/door") + 5]
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(at).text)
    data = {"csrf_token": token[1] if token else "", "nonce": secrets.token_urlsafe(24), **sent}
    return client.post(path, data=data, headers={"Accept": "application/json"} if script else {})


def words(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


# --- who may ------------------------------------------------------------------------------------------------------

STEPS = ("scan", "find", "admit", "people", "undo", "name")


def test_only_those_on_duty_open_the_door(app: Flask, hall: Hall) -> None:
    assert staff(app, DESK, person_id=7).get(hall.path).status_code == 200
    assert staff(app, DESK, person_id=1).get(hall.path).status_code == 200
    assert staff(app, DESK, ORGANISE, person_id=99).get(hall.path).status_code == 403
    assert staff(app, ORGANISE, person_id=7).get(hall.path).status_code == 403
    assert staff(app).get(hall.path).status_code == 303
    assert staff(app, DESK, person_id=7).get("/desk/events/999/door").status_code == 404
    assert staff(app, DESK, person_id=7).get("/desk/events/99999999999999999999/door").status_code == 404


@pytest.mark.parametrize("step", STEPS)
def test_every_step_is_guarded(app: Flask, hall: Hall, step: str) -> None:
    path = f"{hall.path}/{step}"
    sent = {"code": "23456789", "text": "张三", "people": "1", "guest": "1", "step": "1", "name": "x"}
    keeper = staff(app, DESK, person_id=7)
    token = re.search(r'name="csrf_token" value="([^"]+)"', keeper.get(hall.path).text)
    assert token
    keeper.get(path).close()
    assert keeper.get(path).status_code == 405
    assert keeper.post(path, data=sent).status_code == 400
    assert keeper.post(path, data={**sent, "csrf_token": "of somebody else"}).status_code == 400
    held = {**sent, "csrf_token": token[1], "nonce": "n" * 22}
    assert keeper.post(f"/desk/events/999/door/{step}", data=held).status_code == 404
    other = staff(app, DESK, person_id=99)
    stranger = {**held, "csrf_token": token[1]}
    with other.session_transaction() as theirs, keeper.session_transaction() as mine:
        theirs.update(mine)
    assert other.post(path, data=stranger).status_code == 403
    assert hall.inside() == 0


def test_the_camera_is_allowed_on_this_page_only(hall: Hall, keeper: FlaskClient) -> None:
    assert "camera=(self)" in keeper.get(hall.path).headers["Permissions-Policy"]
    assert keeper.get(hall.path).headers["Cache-Control"] == "private, no-store"
    assert "camera=()" in keeper.get("/assets/desk.css").headers["Permissions-Policy"]


# --- by the code --------------------------------------------------------------------------------------------------


def test_a_code_lets_one_person_in_and_the_address_says_nothing(hall: Hall, keeper: FlaskClient) -> None:
    one = hall.come("欧阳不可见", needs=frozenset({AccessNeed.HEARING}), access_note="坐前排")
    code = hall.code(one)
    answer = press(keeper, f"{hall.path}/scan", code=f"{code[:4]} {code[4:].lower()}")
    assert answer.status_code == 303
    assert code not in answer.location
    shown = words(keeper.get(answer.location))
    assert "1 person let in" in shown
    assert "欧阳不可见" in shown
    assert "Hearing loop, or a seat near the front" in shown
    assert "坐前排" in shown
    again = words(keeper.get(press(keeper, f"{hall.path}/scan", code=code).location))
    assert "Already in" in again
    assert re.search(r"1 of 1 in the hall · since \d\d:\d\d", again)
    assert hall.inside() == 1


def test_a_script_gets_the_parts_that_changed(hall: Hall, keeper: FlaskClient) -> None:
    one = hall.come()
    answer = press(keeper, f"{hall.path}/scan", script=True, code=hall.code(one))
    assert answer.status_code == 200
    told = answer.get_json()
    assert told["said"] == "counted"
    assert "张三" in told["result"]
    assert "<html" not in told["now"]


def test_of_a_party_somebody_says_how_many_have_come(hall: Hall, keeper: FlaskClient) -> None:
    family = hall.come("张三", seats=3)
    asked = press(keeper, f"{hall.path}/scan", code=hall.code(family))
    assert "Registered together" in words(keeper.get(asked.location))
    assert hall.inside() == 0
    same = "s" * 22
    for _time in range(3):
        press(keeper, f"{hall.path}/admit", guest=family, people=2, nonce=same)
    assert hall.inside() == 2
    shown = words(keeper.get(press(keeper, f"{hall.path}/scan", code=hall.code(family)).location))
    assert "Already some are in" in shown
    assert "2 of 3 in the hall" in shown
    more = words(keeper.get(press(keeper, f"{hall.path}/admit", guest=family, people=4).location))
    assert "3 more than were registered are not counted." in more
    assert hall.inside() == 3
    for wrong in ("0", "-1", "x", "501", ""):
        assert "Write a number" in words(
            keeper.get(press(keeper, f"{hall.path}/admit", guest=family, people=wrong).location)
        )


def test_unknown_codes_are_explained(hall: Hall, keeper: FlaskClient) -> None:
    shown = words(keeper.get(press(keeper, f"{hall.path}/scan", code="<b>23456789</b>").location))
    assert "This lecture has no such code" in shown
    assert press(keeper, f"{hall.path}/scan", code="x", nonce="short").status_code == 400


def test_each_standing_is_explained_with_what_staff_can_do(app: Flask) -> None:
    hall = Hall(app, seats=2)
    keeper = staff(app, DESK, person_id=7)
    named = GuardianWish("王女士", ContactKind.PHONE, "13900000001", None)
    child = hall.come("小明", under_14=True, guardian=named)
    held = hall.come("李四")
    waiting = hall.come("王五")
    with transaction() as session:
        row = session.get_one(Registration, held)
        row.state, row.hold_until = State.OFFERED, clock.now() + timedelta(minutes=30)
    told = words(keeper.get(press(keeper, f"{hall.path}/scan", code=hall.code(child)).location))
    assert "no guardian has agreed yet" in told
    assert "Grandparent" in told
    assert "A seat is held" in words(keeper.get(press(keeper, f"{hall.path}/scan", code=hall.code(held)).location))
    told = words(keeper.get(press(keeper, f"{hall.path}/scan", code=hall.code(waiting)).location))
    assert "on the waiting list" in told
    assert "Let 1 person in without registration" in told
    # A child without the word of a guardian is not let in by a number in a form.
    refused = press(keeper, f"{hall.path}/admit", guest=child, people=1, settle="y")
    assert "The seat is no longer held" in words(keeper.get(refused.location))
    assert hall.inside() == 0
    press(keeper, f"{hall.path}/admit", guest=child, people=1, settle="y", relation="grandparent")
    press(keeper, f"{hall.path}/admit", guest=held, people=1, settle="y")
    press(keeper, f"{hall.path}/people", kind="walk-in", people=1)
    assert hall.inside(AdmissionKind.CODE) == 2
    assert "1 person more than there are seats" in words(keeper.get(hall.path))


# --- by the name, and without any ---------------------------------------------------------------------------------


def test_people_are_looked_up_by_name_or_digits(hall: Hall, keeper: FlaskClient) -> None:
    hall.come("张三丰", **mobile(1234))
    for text in ("三丰", "1234"):
        answer = press(keeper, f"{hall.path}/find", text=text)
        assert answer.status_code == 200
        assert "张三丰" in words(answer)
        assert "camera=(self)" in answer.headers["Permissions-Policy"]
        told = press(keeper, f"{hall.path}/find", script=True, text=text).get_json()
        assert "张三丰" in told["result"]
    assert "Nobody fits" in words(press(keeper, f"{hall.path}/find", text="无此人"))


def test_heads_and_walk_ins_are_counted_apart_and_undone(hall: Hall, keeper: FlaskClient) -> None:
    assert "Write a number" in words(keeper.get(press(keeper, f"{hall.path}/people", people="").location))
    press(keeper, f"{hall.path}/people", kind="walk-in", people=2)
    answer = press(keeper, f"{hall.path}/people", kind="tally", people=30)
    shown = keeper.get(answer.location)
    assert "30 people let in" in words(shown)
    assert "22 people more than there are seats" in words(shown)
    step = re.search(r"step=(\d+)", answer.location)
    assert step
    undone = press(keeper, f"{hall.path}/undo", step=step[1])
    assert "Taken back" in words(keeper.get(undone.location))
    assert press(keeper, f"{hall.path}/undo", step=999).status_code == 404
    assert (hall.inside(AdmissionKind.WALK_IN), hall.inside(AdmissionKind.TALLY)) == (2, 0)
    assert db.session.get_one(Admission, int(step[1])).undone_by == "门口的人"


def test_a_group_comes_with_some_of_its_heads(hall: Hall, keeper: FlaskClient) -> None:
    group = hall.come("李老师", kind=Kind.GROUP, seats=8, organisation="示例中学")
    shown = keeper.get(press(keeper, f"{hall.path}/scan", code=hall.code(group)).location).text
    assert 'type="number"' in shown.partition("示例中学")[2]
    press(keeper, f"{hall.path}/admit", guest=group, people=6)
    assert hall.inside(AdmissionKind.GROUP) == 6


def test_a_door_has_a_name(hall: Hall, keeper: FlaskClient) -> None:
    press(keeper, f"{hall.path}/name", name=" 东门\n ")
    one = hall.come()
    press(keeper, f"{hall.path}/scan", code=hall.code(one))
    shown = words(keeper.get(press(keeper, f"{hall.path}/scan", code=hall.code(one)).location))
    assert re.search(r"since \d\d:\d\d, 东门", shown)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"starts_at": timedelta(hours=7), "ends_at": timedelta(hours=8)}, "opens 6 hours before"),
        ({"starts_at": -timedelta(hours=27), "ends_at": -timedelta(hours=25)}, "closed 24 hours after"),
        ({"state": EventState.CANCELLED}, "does not take place"),
    ],
)
def test_outside_the_day_nothing_is_done_and_no_name_is_told(app: Flask, changed: dict[str, Any], said: str) -> None:
    now = clock.now()
    moved = {name: now + value if isinstance(value, timedelta) else value for name, value in changed.items()}
    if "starts_at" in moved:
        moved |= {"opens_at": now - timedelta(days=9), "closes_at": moved["starts_at"]}
    else:
        moved["cancelled_at"] = now
    hall = Hall(app)
    one = hall.come("不该看见")
    with transaction() as session:
        for name, value in moved.items():
            setattr(hall._event(), name, value)
        session.flush()
    keeper = staff(app, DESK, person_id=7)
    assert said in words(keeper.get(hall.path))
    for step in ("scan", "find", "admit", "people", "undo"):
        sent = {"code": hall.code(one), "text": "不该", "people": 1, "guest": one, "step": 1}
        told = press(keeper, f"{hall.path}/{step}", script=True, **sent).get_json()
        assert told["said"] == "late", step
        assert "不该看见" not in told["result"]
    shown = keeper.get(f"{hall.path}?said=counted&guest={one}").text
    assert "不该看见" not in shown
    assert hall.inside() == 0


# --- conflicts ----------------------------------------------------------------------------------------------------


def test_whoever_runs_the_lecture_looks_at_conflicts(app: Flask, hall: Hall) -> None:
    from portal.events.rules.attendance import AdmissionSource
    from tests.events.doors import let_in

    one, now = hall.come("张三"), clock.now()
    with transaction() as session:
        for device in ("东门", "西门"):
            let_in(session, hall.id, one, device=device, source=AdmissionSource.OFFLINE, at=now, received_at=now)
    path = f"{hall.path}/conflicts"
    assert staff(app, DESK, person_id=7).get(path).status_code == 403
    assert staff(app, DESK, ORGANISE, person_id=7).get(path).status_code == 403
    keeper = staff(app, DESK, person_id=7)
    assert "Two doors let the same people in 1 time" in words(keeper.get(hall.path))
    owner = staff(app, DESK, ORGANISE, person_id=1)
    assert "See who" in words(owner.get(hall.path))
    shown = words(owner.get(path))
    assert "张三 1 person let in a second time" in shown
    assert "西门" in shown
    assert owner.post(path, data={"step": 2, "was": "same"}).status_code == 400
    assert press(owner, path, step=2, was="neither").status_code == 400
    assert press(owner, path, step=99, was="same").status_code == 404
    assert owner.get("/desk/events/999/door/conflicts").status_code == 404
    assert press(owner, path, step=2, was="others").status_code == 303
    assert "Nothing to look at." in words(owner.get(path))
    assert (hall.inside(), hall.inside(AdmissionKind.WALK_IN)) == (2, 1)
