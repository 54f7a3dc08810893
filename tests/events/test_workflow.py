"""The way to the public: a second person, the check, and nothing else that lets a text pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.audit.models import Event as Logged
from portal.audit.rules import Tag
from portal.core.database import db, site_version, transaction
from portal.events.models import Event, Pool, Review, Revision, Series
from portal.events.queries import desk
from portal.events.rules.lectures import EventState, ReviewOutcome
from portal.events.rules.plans import Where, Why
from portal.events.services import judging, workflow
from portal.events.services.planning import Stale, open_review
from portal.events.services.workflow import Refused
from tests.articles.conftest import desk_library
from tests.events.hall import AT, STARTS, WORDS, come
from tests.events.planned import (
    HELPER,
    PLANNER,
    REVIEWER,
    all_decided,
    all_submitted,
    approved,
    begun,
    plan,
    published,
    repeated,
    saved,
    submitted,
    tags,
    when,
    words,
)
from tests.threads import at_once

__all__ = ["desk_library"]
pytestmark = pytest.mark.usefixtures("desk_library")
PROMISE = "这个产品稳赚不赔。"


def test_what_a_second_person_approves_is_public(app: Flask) -> None:
    before = site_version(db.session())
    with transaction() as session:
        event = begun(session)
        review_id = submitted(session, event)
        assert [one.id for one in desk.reviews_waiting(session, REVIEWER)] == [review_id]
        assert desk.reviews_waiting(session, PLANNER) == []
        with pytest.raises(Refused) as again:
            submitted(session, event)
        assert again.value.why is Why.WRONG_STATE
        approved(session, event, review_id)
        assert (event.state, event.published_number, event.published_at) == (EventState.PUBLISHED, 1, AT)
        assert event.words == WORDS
        assert event.sequence == 0
    review = db.session.get_one(Review, review_id)
    assert (review.outcome, review.decided_by_id) == (ReviewOutcome.APPROVED, REVIEWER)
    assert site_version(db.session()) == before + 1
    assert tags() == ["event:lecture:saved", "event:review:submitted", "event:lecture:published"]


def test_nobody_approves_what_they_wrote_or_submitted(app: Flask) -> None:
    with transaction() as session:
        event = begun(session)
        saved(session, event, plan(content=words(title="二")), by_id=HELPER)
        review_id = submitted(session, event, by_id=14)
        for person in (PLANNER, HELPER, 14):
            with pytest.raises(Refused) as caught:
                approved(session, event, review_id, by_id=person)
            assert caught.value.why is Why.OWN_TEXT
            with pytest.raises(Refused) as caught:
                workflow.send_back(session, review_id=review_id, opinion="x", by="x", by_id=person, at=AT)
            assert caught.value.why is Why.OWN_TEXT
        approved(session, event, review_id)
        # Approved is approved: whoever wrote it before may look at what others write now.
        saved(session, event, plan(content=words(title="三")), by_id=REVIEWER)
        approved(session, event, submitted(session, event, by_id=REVIEWER), by_id=HELPER)
        assert event.published_number == 3


def test_any_edit_ends_an_open_review(app: Flask) -> None:
    with transaction() as session:
        event = begun(session)
        review_id = submitted(session, event)
        moved = replace(plan().where, map_url="https://example.org/")
        saved(session, event, plan(where=moved), by_id=HELPER)
        assert open_review(session, event.id) is None
        with pytest.raises(Refused):
            approved(session, event, review_id)
        review_id = submitted(session, event)
        with pytest.raises(Stale):
            workflow.approve(
                session, review_id=review_id, number=1, opinion="", waived={}, by="x", by_id=REVIEWER, at=AT
            )
        with pytest.raises(Stale):
            workflow.submit(session, event_id=event.id, base=1, note="", by="x", by_id=1, at=AT)


def test_a_finding_is_let_stand_with_a_reason_alone(app: Flask) -> None:
    with transaction() as session:
        event = begun(session, plan(content=words(summary=PROMISE)))
        found = judging.check(session, event, today=AT.date(), at=AT)
        [key] = found.held_back()
        assert found.held_back()[key] == ("promise", "稳赚", "zh-Hans")
        review_id = submitted(session, event)
        for given in (dict[str, str](), {key: " "}, {"other": "x"}):
            with pytest.raises(Refused) as caught:
                approved(session, event, review_id, waived=given)
            assert caught.value.why is Why.FINDINGS
        approved(session, event, review_id, waived={key: "引用骗子的话"})
        review = session.get_one(Review, review_id)
        [row] = [row for row in review.findings if row["key"] == key]
        assert (row["waived_by"], row["reason"], row["rule"]) == ("周明", "引用骗子的话", "promise")


def test_what_lacks_something_is_not_submitted(app: Flask) -> None:
    with transaction() as session:
        event = begun(session, plan(where=Where()))
        with pytest.raises(Refused) as caught:
            submitted(session, event)
        assert caught.value.why is Why.PROBLEMS
        details = replace(plan().details, articles=["no-such"], pre_quiz="no-quiz")
        other = begun(session, plan(details=details), slug="other")
        assert judging.check(session, other, today=AT.date(), at=AT).problems == (
            "article-not-public:no-such",
            "quiz-not-public:no-quiz",
        )
        late = begun(session, slug="late")
        with pytest.raises(Refused):
            submitted(session, late, at=STARTS + timedelta(minutes=1))


def test_sent_back_and_taken_back(app: Flask) -> None:
    with transaction() as session:
        event = begun(session)
        review_id = submitted(session, event)
        sent = workflow.send_back(session, review_id=review_id, opinion="太长", by="周明", by_id=REVIEWER, at=AT)
        assert (sent.outcome, sent.opinion) == (ReviewOutcome.SENT_BACK, "太长")
        assert event.state is EventState.DRAFT
        with pytest.raises(Refused):
            approved(session, event, review_id)
        submitted(session, event)
        taken = [workflow.take_back(session, event_id=event.id, by="林静", by_id=PLANNER, at=AT) for _time in range(2)]
        assert taken == [True, False]
    assert tags()[2:] == ["event:review:sent-back", "event:review:submitted", "event:review:taken-back"]


def test_with_no_rules_nothing_passes(app: Flask) -> None:
    with transaction() as session:
        session.execute(sa.text("DELETE FROM reference_lint"))
        event = begun(session)
        with pytest.raises(Refused) as caught:
            approved(session, event, submitted(session, event))
        assert caught.value.why is Why.NO_RULES


def test_nothing_new_is_not_submitted(app: Flask) -> None:
    number = published()
    with pytest.raises(Refused) as caught, transaction() as session:
        submitted(session, session.get_one(Event, number))
    assert caught.value.why is Why.NOTHING_NEW
    with pytest.raises(LookupError), transaction() as session:
        workflow.take_back(session, event_id=999, by="x", by_id=1, at=AT)
    with pytest.raises(LookupError), transaction() as session:
        workflow.send_back(session, review_id=999, opinion="", by="x", by_id=1, at=AT)


def test_of_two_who_decide_at_once_one_decides(app: Flask) -> None:
    with transaction() as session:
        event = begun(session)
        number, review_id = event.id, submitted(session, event)

    def act(person: int) -> str:
        with transaction() as session:
            if person % 2:
                return approved(session, session.get_one(Event, number), review_id, by_id=person).state.value
            return workflow.send_back(
                session, review_id=review_id, opinion="x", by="x", by_id=person, at=AT
            ).outcome.value

    came = at_once(app, *(partial(act, 20 + place) for place in range(6)))
    refused = [one for one in came if isinstance(one, Refused)]
    assert len(refused) == 5
    assert {one.why for one in refused} == {Why.WRONG_STATE}


def test_a_draft_is_discarded_and_leaves_a_line_in_the_log(app: Flask) -> None:
    with transaction() as session:
        event = begun(session)
        number = event.id
        [other] = repeated(session, event, days=[STARTS.date() + timedelta(days=7)])
        saved(session, event, plan(content=words(title="二")))
        submitted(session, event)
        with pytest.raises(Stale):
            workflow.discard(session, event_id=number, base=1, by="林静", at=AT)
        workflow.discard(session, event_id=number, base=2, by="林静", at=AT)
        assert session.query(Series).count() == 1
        workflow.discard(session, event_id=other.id, base=1, by="林静", at=AT)
        with pytest.raises(LookupError):
            workflow.discard(session, event_id=number, base=2, by="林静", at=AT)
    assert tags()[-2:] == ["event:lecture:discarded"] * 2
    for model in (Event, Revision, Review, Pool, Series):
        assert db.session.query(model).count() == 0, model
    last = db.session.query(Logged).filter_by(tag=Tag.EVENT_DISCARDED.value).order_by(Logged.id).first()
    assert last is not None
    assert (last.actor, last.target, last.details) == ("林静", "event:savings", {"number": 2})


def test_what_the_public_saw_or_somebody_registered_for_is_not_discarded(app: Flask) -> None:
    number = published()
    with pytest.raises(Refused) as seen, transaction() as session:
        workflow.discard(session, event_id=number, base=1, by="林静", at=AT)
    assert seen.value.why is Why.WAS_PUBLIC
    with transaction() as session:
        come(session, session.get_one(Event, number), "陈女士", at=AT)
        # No step of the portal leads here; whatever does, nobody's registration is lost by it.
        event = session.get_one(Event, number)
        event.state, event.published_number, event.published_at = EventState.DRAFT, None, None
    with pytest.raises(Refused) as taken, transaction() as session:
        workflow.discard(session, event_id=number, base=1, by="林静", at=AT)
    assert taken.value.why is Why.HAS_PEOPLE


# --- a series in one go -------------------------------------------------------------------------------------------


def _series(session: Session) -> list[Event]:
    first = begun(session)
    return [first, *repeated(session, first, days=[STARTS.date() + timedelta(days=7 * week) for week in (1, 2)])]


def _states(dates: list[Event]) -> list[str]:
    return [one.state.value for one in dates]


def test_all_dates_of_a_series_go_to_the_public_in_one_go(app: Flask) -> None:
    with transaction() as session:
        dates = _series(session)
        first = dates[0]
        assert desk.series_to_submit(session, first, person_id=PLANNER, at=AT) == dates
        assert desk.series_to_submit(session, first, person_id=HELPER, at=AT) == []
        assert desk.series_to_submit(session, first, person_id=PLANNER, at=STARTS) == dates[1:]
        reviews = all_submitted(session, dates)
        assert [(one, review.id) for one, review in desk.series_reviews(session, first)] == [
            (date, review.id) for date, review in zip(dates, reviews, strict=True)
        ]
        assert desk.series_to_submit(session, first, person_id=PLANNER, at=AT) == []
        # Each date may still go alone, and the rest together.
        approved(session, dates[1], reviews[1].id)
        decided = all_decided(session, [dates[0], dates[2]])
        assert [review.decided_by_id for review in decided] == [REVIEWER] * 2
        assert _states(dates) == ["published"] * 3
        assert desk.series_reviews(session, first) == []
        ids = [one.id for one in dates]
    kept = [row.details for row in db.session.query(Logged).filter_by(tag=Tag.EVENT_TOGETHER.value).order_by(Logged.id)]
    assert [(row["step"], row["lectures"]) for row in kept] == [("submitted", ids), ("approved", [ids[0], ids[2]])]
    assert tags().count("event:lecture:published") == 3


def test_of_a_series_all_dates_go_or_none(app: Flask) -> None:
    with transaction() as session:
        dates = _series(session)
        ids, last = [one.id for one in dates], dates[2].starts_at
        saved(session, dates[2], plan(where=Where(), when=when(last)))
    with pytest.raises(Refused) as lacking, transaction() as session:
        all_submitted(session, [session.get_one(Event, one) for one in ids])
    assert (lacking.value.why, lacking.value.starts_at) == (Why.PROBLEMS, last)
    assert db.session.query(Review).count() == 0
    with transaction() as session:
        dates = [session.get_one(Event, one) for one in ids]
        saved(session, dates[2], plan(content=words(summary=PROMISE), when=when(last)), by_id=HELPER)
        all_submitted(session, dates)
    for person, why, at in (
        (REVIEWER, Why.FINDINGS, last),
        (HELPER, Why.OWN_TEXT, last),
        (PLANNER, Why.OWN_TEXT, STARTS),
    ):
        with pytest.raises(Refused) as kept, transaction() as session:
            all_decided(session, [session.get_one(Event, one) for one in ids], by_id=person)
        assert (kept.value.why, kept.value.starts_at) == (why, at)
    with transaction() as session:
        dates = [session.get_one(Event, one) for one in ids]
        assert _states(dates) == ["draft"] * 3
        all_decided(session, dates, approves=False, opinion="太长")
    assert [one.outcome for one in db.session.query(Review)] == [ReviewOutcome.SENT_BACK] * 3


def test_of_a_series_nothing_goes_that_was_not_read(app: Flask) -> None:
    with transaction() as session:
        dates = _series(session)
        other = begun(session, slug="other")
        read = {one.id: 1 for one in dates}
        for numbers in ({}, read | {other.id: 1}, read | {999: 1}, read | {dates[1].id: 2}):
            with pytest.raises(Stale), session.begin_nested():
                workflow.submit_series(
                    session, event_id=dates[0].id, numbers=numbers, note="", by="x", by_id=PLANNER, at=AT
                )
        with pytest.raises(Stale):
            all_submitted(session, [other])
        with pytest.raises(LookupError):
            workflow.submit_series(session, event_id=999, numbers=read, note="", by="x", by_id=PLANNER, at=AT)
        all_submitted(session, dates[1:])
        with pytest.raises(Stale):
            all_decided(session, dates[1:], numbers={dates[1].id: 2})
        with pytest.raises(Refused) as caught:
            all_decided(session, dates)
        assert (caught.value.why, caught.value.starts_at) == (Why.WRONG_STATE, STARTS)


def test_of_two_who_decide_on_a_series_at_once_one_decides(app: Flask) -> None:
    with transaction() as session:
        dates = _series(session)
        all_submitted(session, dates)
        ids = [one.id for one in dates]

    def act(person: int) -> int:
        with transaction() as session:
            # Each lists the dates in an order of their own.
            found = [session.get_one(Event, number) for number in (ids if person % 2 else ids[::-1])]
            return len(all_decided(session, found, approves=bool(person % 2), by_id=person, opinion="x"))

    came = at_once(app, *(partial(act, 20 + place) for place in range(4)))
    assert [one for one in came if not isinstance(one, Refused)] == [3]
    assert len({one.outcome for one in db.session.query(Review)}) == 1
