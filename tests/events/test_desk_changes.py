"""Lectures at the desk after they are planned: reviewed, moved, called off, resized, handed over, reported."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from portal.accounts.models import Person
from portal.core.database import db
from portal.events.models import CoOrganiser
from portal.events.queries.common import pools
from portal.events.rules.lectures import EventState
from portal.events.services import planning
from tests.accounts.helpers import post
from tests.events.at_desk import desk_library, draft, enter, event_of, people, there
from tests.events.planned import words
from tests.quizzes.pages import fields

__all__ = ["desk_library", "enter", "people", "there"]
Enter = Callable[[str], FlaskClient]


def test_submitted_sent_back_mended_and_approved(enter: Enter, people: dict[str, Person]) -> None:
    number = draft(people, content=words(summary="这个产品稳赚不赔。"))
    planner, reviewer = enter("planner"), enter("reviewer")
    assert post(planner, f"/desk/events/{number}/submit", base="7").status_code == 409
    assert post(planner, f"/desk/events/{number}/submit", base="1", note="请看看").status_code == 303
    address = f"/desk/events/{number}/review"
    page = reviewer.get(address).text
    assert "请看看" in page
    assert "稳赚" in page
    given = {"number": "1", "opinion": ""}
    assert post(reviewer, address, **given, decision="changes").status_code == 422
    held = post(reviewer, address, **given, decision="approve")
    assert held.status_code == 409
    assert "Give a reason" in held.text
    assert post(planner, address, **given, decision="approve").status_code == 403
    assert post(reviewer, address, number="1", opinion="删去承诺", decision="changes").status_code == 303
    assert "删去承诺" in planner.get(f"/desk/events/{number}").text
    assert "Sent back" in planner.get("/desk/events/").text
    assert post(planner, f"/desk/events/{number}/submit", base="1").status_code == 303
    name = reviewer.get(address).text.partition('name="reason-')[2].partition('"')[0]
    stale = {"number": "2", "opinion": "", f"reason-{name}": "引用骗子的话", "decision": "approve"}
    assert post(reviewer, address, **stale).status_code == 409
    assert post(reviewer, address, **stale | {"number": "1"}).status_code == 303
    assert event_of(number).state is EventState.PUBLISHED
    assert "引用骗子的话" in reviewer.get(f"/desk/events/{number}").text
    assert reviewer.get(address).status_code == 303
    assert post(reviewer, address, **given, decision="approve").status_code == 409


def test_a_review_is_taken_back(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    for _time in range(2):
        assert post(planner, f"/desk/events/{there['waits']}/take-back").status_code == 303
    assert planning.open_review(db.session(), there["waits"]) is None


def test_a_move_is_shown_first_and_then_done(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    address = f"/desk/events/{there['public']}/move"
    sent = fields(planner.get(address).text)
    before = event_of(there["public"]).starts_at
    sent |= {"starts": "2030-05-05T10:00", "venue_hans": "图书馆"}
    page = post(planner, address, **sent)
    assert page.status_code == 200
    for text in ("2030-05-05 10:00", "图书馆", "1 registration is told"):
        assert text in page.text
    assert event_of(there["public"]).starts_at == before
    confirmed = sent | {"confirmed": "yes"}
    assert post(planner, address, **confirmed).status_code == 303
    event = event_of(there["public"])
    assert (event.previous_starts_at, event.sequence) == (before, 1)
    # The same page once more moves nothing.
    assert post(planner, address, **confirmed).status_code == 409
    for wrong in ({"starts": "2001-01-01T10:00"}, {"venue_hans": ""}, {"minutes": "1"}, {"map_url": "x"}):
        assert post(planner, address, **sent | wrong).status_code == 422, wrong
    draft_move = f"/desk/events/{there['draft']}/move"
    assert planner.get(draft_move).status_code == 409


def test_calling_off_asks_once(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    address = f"/desk/events/{there['public']}/call-off"
    sent = fields(planner.get(address).text)
    assert post(planner, address, **sent).status_code == 422
    sent["reason"] = "台风"
    page = post(planner, address, **sent)
    assert page.status_code == 200
    assert event_of(there["public"]).state is EventState.PUBLISHED
    assert post(planner, address, **sent, confirmed="yes").status_code == 303
    event = event_of(there["public"])
    assert (event.state, event.cancel_reason, event.sequence) == (EventState.CANCELLED, "台风", 1)
    assert "台风" in planner.get(f"/desk/events/{there['public']}").text
    for path in ("move", "call-off", "seats", "plan", "people/new"):
        assert planner.get(f"/desk/events/{there['public']}/{path}").status_code == 409, path
    assert planner.get(f"/desk/events/{there['public']}/people").status_code == 200


def test_seats_are_changed_but_never_below_what_is_taken(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    address = f"/desk/events/{there['public']}/seats"
    low = post(planner, address, place="in-person", capacity="0")
    assert low.status_code == 422
    assert "1 seats are taken" in low.text
    assert post(planner, address, place="in-person", capacity="x").status_code == 422
    assert post(planner, address, place="online", capacity="3").status_code == 404
    assert post(planner, address, place="moon", capacity="3").status_code == 404
    assert post(planner, address, place="in-person", capacity="25").status_code == 303
    assert [pool.capacity for pool in pools(db.session(), there["public"])] == [25]


def test_who_runs_it_may_do_it(enter: Enter, people: dict[str, Person], there: dict[str, int]) -> None:
    planner, stranger = enter("planner"), enter("stranger")
    address = f"/desk/events/{there['public']}/staff"
    ids = {name: str(one.id) for name, one in people.items()}
    assert post(planner, address, owner=ids["author"]).status_code == 422
    assert post(planner, address, owner=ids["planner"], runs=[ids["stranger"]]).status_code == 303
    assert stranger.get(f"/desk/events/{there['public']}/people").status_code == 200
    assert post(stranger, address, owner=ids["planner"], door=[ids["stranger"]]).status_code == 303
    assert stranger.get(f"/desk/events/{there['public']}/people").status_code == 403
    assert db.session.query(CoOrganiser).one().at_the_door


def test_what_it_cost(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    address = f"/desk/events/{there['public']}/report"
    assert post(planner, address, cost="1280.5", materials="40").status_code == 303
    event = event_of(there["public"])
    assert (event.cost_cents, event.materials) == (128050, 40)
    assert 'value="1280.50"' in planner.get(address).text
    assert post(planner, address, cost="viel", materials="x").status_code == 422
    assert post(planner, address, cost="", materials="").status_code == 303
    assert event_of(there["public"]).cost_cents is None
    assert planner.get(f"/desk/events/{there['draft']}/report").status_code == 409
