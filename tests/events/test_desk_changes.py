"""Lectures at the desk after they are planned: reviewed, moved, called off, resized, handed over, reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask.testing import FlaskClient

from portal.accounts.models import Person
from portal.accounts.rules import Role
from portal.core import clock
from portal.core.database import db, transaction
from portal.core.settings import Locale
from portal.events.models import CoOrganiser, Event, Revision, Series, Telling
from portal.events.queries.common import pools
from portal.events.rules.lectures import EventState
from portal.events.services import planning, workflow
from portal.events.services.notices import What
from portal.messages.models import Mail
from tests.accounts.helpers import person, post, sign_in
from tests.events.at_desk import desk_library, draft, enter, event_of, people, there
from tests.events.hall import come, mobile
from tests.events.planned import words
from tests.quizzes.pages import fields

__all__ = ["desk_library", "enter", "people", "there"]
Enter = Callable[[str], FlaskClient]


def moment(at: datetime) -> str:
    """Return a moment as the desk writes it."""
    return f"{at.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}"


def listed(page: str) -> str:
    """Return which dates of a series a page lists, as its form sends it."""
    return page.partition('name="dates" value="')[2].partition('"')[0]


def mails() -> list[Mail]:
    """Return the mails to staff: step after step, and by address in each."""
    db.session.rollback()
    return sorted(db.session.query(Mail), key=lambda mail: (mail.created_at, mail.recipient))


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


def test_a_series_is_submitted_and_approved_in_one_go(enter: Enter, people: dict[str, Person]) -> None:
    number = draft(people)
    planner, reviewer = enter("planner"), enter("reviewer")
    assert 'name="series"' not in planner.get(f"/desk/events/{number}").text
    days = {"name": "每周一讲", "how": "week", "times": "2", "days": "", "opens_days": ""}
    assert post(planner, f"/desk/events/{number}/repeat", **days).status_code == 303
    own = planner.get(f"/desk/events/{number}").text
    assert "Submit all 3 dates of the series in one go" in own
    sent = {"base": "1", "note": "一起审", "series": "y", "dates": listed(own)}
    submit, address = f"/desk/events/{number}/submit", f"/desk/events/{number}/review"
    for wrong in ("", "x", f"{number}:7", f"{sent['dates']} 999:1", "9" * 30 + ":1"):
        assert post(planner, submit, **sent | {"dates": wrong}).status_code == 409, wrong
    assert post(planner, submit, **sent).status_code == 303
    again = post(planner, submit, **sent)
    assert again.status_code == 409
    assert "Nothing was done for the other dates" in again.text
    page = reviewer.get(address)
    assert "Decide on all 3 dates listed here in one go" in page.text
    assert page.text.count("It says the same as the date shown here.") == 2
    assert "in one go" not in planner.get(address).text
    decision = {"number": "1", "opinion": "", "series": "y", "dates": listed(page.text), "decision": "approve"}
    assert post(planner, address, **decision).status_code == 403
    assert post(reviewer, address, **decision | {"dates": "x"}).status_code == 409
    held = post(reviewer, address, **decision | {"decision": "changes"})
    assert held.status_code == 422
    assert 'name="series" value="y" checked' in held.text
    assert post(reviewer, address, **decision).status_code == 303
    assert [one.state for one in db.session.query(Event)] == [EventState.PUBLISHED] * 3


def test_a_date_that_keeps_its_series_back_is_named(enter: Enter, people: dict[str, Person]) -> None:
    number = draft(people)
    planner, reviewer = enter("planner"), enter("reviewer")
    days = {"name": "每周一讲", "how": "week", "times": "1", "days": "", "opens_days": ""}
    assert post(planner, f"/desk/events/{number}/repeat", **days).status_code == 303
    [other] = [one.id for one in db.session.query(Event) if one.id != number]
    with transaction() as session:
        event = session.get_one(Event, other)
        mended = replace(planning.plan_of(session, event), content=words(summary="这个产品稳赚不赔。"))
        about: dict[str, Any] = {"by": "林静", "by_id": people["planner"].id, "at": clock.now()}
        planning.save(session, event_id=other, plan=mended, base=1, **about)
        workflow.submit_series(session, event_id=number, numbers={number: 1, other: 2}, note="", **about)
    address = f"/desk/events/{number}/review"
    page = reviewer.get(address).text
    assert "It says something else than the date shown here" in page
    assert "稳赚不赔" in page
    sent = {"number": "1", "opinion": "好", "series": "y", "dates": listed(page), "decision": "approve"}
    held = post(reviewer, address, **sent)
    assert held.status_code == 409
    assert f"{moment(event_of(other).starts_at)}: Give a reason" in held.text
    assert ">好</textarea>" in held.text
    assert event_of(number).state is EventState.DRAFT
    # What the check holds against another date is answered on this very page.
    name = page.partition('name="reason-')[2].partition('"')[0]
    assert post(reviewer, address, **sent, **{f"reason-{name}": "引用骗子的话"}).status_code == 303
    assert [event_of(one).state for one in (number, other)] == [EventState.PUBLISHED] * 2


def test_reviewers_and_authors_are_told_by_mail(enter: Enter, people: dict[str, Person]) -> None:
    second = person(None, Role.REVIEWER, name="赵敏", locale=Locale.HANS)
    person(None, Role.REVIEWER, name="已离开").active = False
    db.session.commit()
    number = draft(people)
    planner, reviewer = enter("planner"), enter("reviewer")
    site = planner.application.config["PORTAL"].base_url
    author, one, two = people["planner"].email, people["reviewer"].email, second.email
    desk, address = f"{site}/desk/events/{number}", f"/desk/events/{number}/review"
    assert post(planner, f"/desk/events/{number}/submit", base="7").status_code == 409
    assert mails() == []
    assert post(planner, f"/desk/events/{number}/submit", base="1").status_code == 303
    asked = sorted([(one, "Please review: 守住养老钱"), (two, "请审核：守住养老钱")])
    assert [(mail.recipient, mail.subject) for mail in mails()] == asked
    assert all(mail.body.rstrip().endswith(f"{desk}/review") for mail in mails())
    assert post(reviewer, address, number="1", opinion="删去承诺", decision="changes").status_code == 303
    [told] = mails()[2:]
    assert (told.recipient, told.template, "删去承诺" in told.body) == (author, "changes-asked", True)
    days = {"name": "每周一讲", "how": "week", "times": "2", "days": "", "opens_days": ""}
    assert post(planner, f"/desk/events/{number}/repeat", **days).status_code == 303
    dates = " ".join(f"{event.id}:1" for event in db.session.query(Event))
    assert post(planner, f"/desk/events/{number}/submit", series="y", dates=dates).status_code == 303
    # One mail to each for all dates.
    asked = sorted([(one, "Please review: 守住养老钱 (3 dates)"), (two, "请审核：守住养老钱（3 场）")])
    assert [(mail.recipient, mail.subject) for mail in mails()[3:]] == asked
    decision = {"number": "1", "opinion": "很好", "series": "y", "dates": dates, "decision": "approve"}
    assert post(reviewer, address, **decision).status_code == 303
    [told] = mails()[5:]
    assert (told.recipient, told.subject) == (author, "Approved: 守住养老钱 (3 dates)")
    assert told.body == (
        f'周明 has reviewed and approved "守住养老钱 (3 dates)". The public reads it now.\n\n'
        f"Opinion: 很好\n\nSee it on this page:\n{desk}"
    )
    assert post(reviewer, address, **decision).status_code == 409
    assert len(mails()) == 6


def test_who_runs_it_beside_the_author_is_told_and_who_wrote_is_not_asked(
    enter: Enter, people: dict[str, Person]
) -> None:
    number = draft(people)
    with transaction() as session:
        session.get_one(Event, number).owner_id = people["stranger"].id
        session.add(CoOrganiser(event_id=number, person_id=people["planner"].id))
        session.query(Revision).one().authors = [people["reviewer"].id]
    other = person(None, Role.REVIEWER, name="赵敏")
    assert post(enter("planner"), f"/desk/events/{number}/submit", base="1").status_code == 303
    assert [mail.recipient for mail in mails()] == [other.email]
    sent = {"number": "1", "opinion": "", "decision": "approve"}
    assert post(enter("reviewer"), f"/desk/events/{number}/review", **sent).status_code == 409
    assert len(mails()) == 1
    assert post(sign_in(enter("planner").application.test_client(), other), f"/desk/events/{number}/review", **sent)
    told = sorted([people["planner"].email, people["stranger"].email])
    assert [(mail.recipient, mail.template) for mail in mails()[1:]] == [(one, "review-approved") for one in told]


def test_a_draft_is_thrown_away_once_it_was_asked(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    for name in ("draft", "waits"):
        address = f"/desk/events/{there[name]}/discard"
        assert post(planner, address, base="7").status_code == 409
        assert post(planner, address).status_code == 409
        sent = {"base": fields(planner.get(address).text)["base"]}
        assert post(planner, address, **sent).headers["Location"] == "/desk/events/"
        assert [post(planner, address, **sent).status_code, planner.get(address).status_code] == [404, 404]
    address = f"/desk/events/{there['public']}/discard"
    for answer in (planner.get(address), post(planner, address, base="1")):
        assert answer.status_code == 409
        assert "The public has seen it" in answer.text
    assert "discard" not in planner.get(f"/desk/events/{there['public']}").text
    assert event_of(there["public"]).state is EventState.PUBLISHED


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


def test_all_coming_dates_of_a_series_are_called_off_in_one_go(enter: Enter, people: dict[str, Person]) -> None:
    first = draft(people)
    planner, reviewer = enter("planner"), enter("reviewer")
    days = {"name": "每周一讲", "how": "week", "times": "3", "days": "", "opens_days": ""}
    assert post(planner, f"/desk/events/{first}/repeat", **days).status_code == 303
    sent = {"base": "1", "note": "", "series": "y", "dates": listed(planner.get(f"/desk/events/{first}").text)}
    assert post(planner, f"/desk/events/{first}/submit", **sent).status_code == 303
    review = f"/desk/events/{first}/review"
    decision = {"number": "1", "opinion": "", "series": "y", "decision": "approve"}
    assert post(reviewer, review, **decision, dates=listed(reviewer.get(review).text)).status_code == 303
    numbers = [one.id for one in db.session.query(Event).order_by(Event.starts_at)]
    with transaction() as session:
        for number, name in zip(numbers, ("甲", "乙", "丙"), strict=False):
            come(session, session.get_one(Event, number), name, at=clock.now(), **mobile(number))

    address = f"/desk/events/{first}/call-off"
    page = planner.get(address).text
    assert "Call off all 4 coming dates of the series in one go" in page
    assert "1 registration is told by mail or short message." in page
    sent = {"base": "0", "reason": "礼堂停用", "series": "y", "dates": listed(page)}
    for wrong in ("", "x", f"{sent['dates']} 999:0", "9" * 30 + ":0"):
        assert post(planner, address, **sent | {"dates": wrong}).status_code == 409, wrong
    kept = post(planner, address, **sent | {"reason": ""})
    assert (kept.status_code, 'name="series" value="y" checked' in kept.text) == (422, True)
    asked = post(planner, address, **sent)
    assert "3 registrations are told by mail or short message." in asked.text
    assert [moment(one.starts_at) in asked.text for one in db.session.query(Event)] == [True] * 4

    last = f"/desk/events/{numbers[3]}/call-off"
    assert post(planner, last, base="0", reason="讲师生病", confirmed="yes").status_code == 303
    # One of them stands otherwise than it was read: nothing is done for the others.
    assert post(planner, address, **sent, confirmed="yes").status_code == 409
    states = [one.state for one in db.session.query(Event).order_by(Event.starts_at)]
    assert states == [EventState.PUBLISHED] * 3 + [EventState.CANCELLED]

    page = planner.get(address).text
    assert "Call off all 3 coming dates" in page
    assert post(planner, address, **sent | {"dates": listed(page)}, confirmed="yes").status_code == 303
    db.session.rollback()
    said = [(one.state, one.cancel_reason) for one in db.session.query(Event).order_by(Event.starts_at)]
    assert said == [(EventState.CANCELLED, "礼堂停用")] * 3 + [(EventState.CANCELLED, "讲师生病")]
    told = db.session.query(Telling).filter_by(what=What.CALLED_OFF)
    assert sorted(one.event_id for one in told) == sorted(numbers)


def test_nobody_calls_off_the_dates_of_others(enter: Enter, people: dict[str, Person], there: dict[str, int]) -> None:
    planner, address = enter("planner"), f"/desk/events/{there['public']}/call-off"
    with transaction() as session:
        first, second = (session.get_one(Event, there[name]) for name in ("public", "draft"))
        series = Series(name="每周一讲", created_at=clock.now(), created_by="规划")
        session.add(series)
        session.flush()
        first.series_id = second.series_id = series.id
        second.state, second.published_number, second.published_at = EventState.PUBLISHED, 1, clock.now()
    both = listed(planner.get(address).text)
    assert sorted(both.split()) == sorted(f"{there[name]}:0" for name in ("public", "draft"))
    with transaction() as session:
        session.get_one(Event, there["draft"]).owner_id = people["author"].id
    assert listed(planner.get(address).text) == ""
    answer = post(planner, address, base="0", reason="台风", series="y", confirmed="yes", dates=both)
    assert answer.status_code == 409
    assert [event_of(there[name]).state for name in ("public", "draft")] == [EventState.PUBLISHED] * 2


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
