"""Who comes, at the desk: registered by telephone, changed and cancelled for; the log knows no names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from portal.accounts.models import Person
from portal.audit.models import Event as Logged
from portal.core.database import db
from portal.events.models import Registration
from portal.events.rules.seats import State
from tests.accounts.helpers import post
from tests.events.at_desk import desk_library, enter, people, public, there
from tests.events.planned import plan

__all__ = ["desk_library", "enter", "people", "there"]
Enter = Callable[[str], FlaskClient]


CALLER = {"kind": "person", "place": "in-person", "name": "李奶奶", "seats": "2", "contact_kind": "none"}


def register(client: FlaskClient, number: int, **changed: Any) -> Any:
    address = f"/desk/events/{number}/people/new"
    request = client.get(address).text.partition('name="request" value="')[2].partition('"')[0]
    return post(client, address, **{**CALLER, "request": request, **changed})


def test_somebody_is_registered_by_telephone(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    number = there["public"]
    made = register(planner, number, needs=["step-free", "hearing"])
    assert made.status_code == 303
    page = planner.get(made.headers["Location"]).text
    found = db.session.query(Registration).filter(Registration.id != there["who"]).one()
    assert f"{found.code[:4]} {found.code[4:]}" in page
    assert (found.source.value, found.seats, found.name) == ("staff", 2, "李奶奶")
    listed = planner.get(f"/desk/events/{number}/people").text
    assert "李奶奶" in listed
    assert "Wheelchair or no stairs: 1" in listed
    known = register(planner, number, name="陈女士", contact_kind="phone", contact="138 0000 0001", seats="1")
    assert known.headers["Location"].endswith(f"/people/{there['who']}")
    for wrong in (
        {"name": ""}, {"seats": "99"}, {"seats": "5"}, {"contact_kind": "phone", "contact": "12"},
        {"contact_kind": "mail", "contact": "x"}, {"place": "online"}, {"under_14": "y"}, {"kind": "group"},
        {"needs": ["x"]}, {"request": ""},
    ):  # fmt: skip
        assert register(planner, number, **wrong).status_code == 422, wrong
    child = {"under_14": "y", "guardian_name": "李妈妈", "relation": "parent", "name": "小明", "seats": "1"}
    assert register(planner, number, **child).status_code == 422
    assert register(planner, number, **child, contact_kind="phone", contact="13800000009").status_code == 303
    group = {"kind": "group", "organisation": "张江中学", "seats": "30", "name": "王老师"}
    assert register(planner, number, **group).status_code == 303
    db.session.rollback()
    assert [one.state for one in db.session.query(Registration).order_by(Registration.id)][-1] is State.WAITING
    assert "place 1" in planner.get(f"/desk/events/{number}/people").text


def test_answers_of_those_on_the_telephone(enter: Enter, people: dict[str, Person]) -> None:
    questions = [
        {"key": "q1", "kind": "yes-no", "label": {"zh-Hans": "第一次来吗？"}, "required": True},
        {"key": "q2", "kind": "text", "label": {"zh-Hans": "想问什么？"}, "required": False},
    ]
    number = public(people, content={**plan().content, "questions": questions})
    planner = enter("planner")
    assert register(planner, number).status_code == 422
    assert register(planner, number, answer_q1="perhaps").status_code == 422
    assert register(planner, number, answer_q1="yes", answer_q2="贷款").status_code == 303
    [found] = db.session.query(Registration)
    assert found.answers == '{"q1": "yes", "q2": "贷款"}'


def test_cancelled_changed_and_accepted_for_somebody(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    number = there["public"]
    address = f"/desk/events/{number}/people/{there['who']}"
    assert post(planner, address, action="seats", seats="3").status_code == 303
    assert post(planner, address, action="seats", seats="x").status_code == 422
    assert post(planner, address, action="seats", seats="9").status_code == 422
    assert post(planner, address, action="nonsense").status_code == 400
    assert post(planner, address, action="accept").status_code == 303
    assert post(planner, f"/desk/events/{number}/seats", place="in-person", capacity="3").status_code == 303
    waits = register(planner, number, seats="1").headers["Location"]
    assert "place 1" in planner.get(waits).text
    assert post(planner, waits, action="accept").status_code == 409
    assert post(planner, address, action="seats", seats="4").status_code == 422
    assert post(planner, address, action="cancel").status_code == 303
    assert "A seat is held" in planner.get(waits).text
    assert post(planner, waits, action="accept").status_code == 303
    third = register(planner, number, name="赵伯伯", seats="2").headers["Location"]
    assert post(planner, third, action="pass").status_code == 409
    db.session.rollback()
    found = [one.state for one in db.session.query(Registration).order_by(Registration.id)]
    assert found == [State.CANCELLED, State.CONFIRMED, State.CONFIRMED]
    assert post(planner, address, action="cancel").status_code == 303


def test_the_log_says_what_was_done_and_never_for_whom(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    register(planner, there["public"], contact_kind="phone", contact="13800000077")
    post(planner, f"/desk/events/{there['public']}/people/{there['who']}", action="cancel")
    db.session.rollback()
    rows = db.session.query(Logged).filter(Logged.tag.like("event:registration:%")).all()
    assert [row.tag for row in rows] == ["event:registration:made", "event:registration:cancelled"]
    said = " ".join(f"{row.target} {row.details}" for row in rows)
    assert not any(text in said for text in ("李奶奶", "陈女士", "138"))
