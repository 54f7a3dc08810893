"""Planning: drafts, revisions, who wrote, templates, series."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.core.database import db, transaction
from portal.events.models import Event, Pool, Revision, Template
from portal.events.queries import desk
from portal.events.queries.common import pools
from portal.events.rules.lectures import EventState, Mode, Place
from portal.events.services import planning, series
from portal.events.services.planning import NameTaken, NotNow, SlugTaken, Stale
from tests.articles.conftest import desk_library
from tests.events.hall import AT, STARTS
from tests.events.planned import (
    HELPER,
    PLANNER,
    approved,
    begun,
    plan,
    published,
    saved,
    submitted,
    tags,
    when,
    words,
)
from tests.threads import at_once

__all__ = ["desk_library"]
pytestmark = pytest.mark.usefixtures("desk_library")


def test_a_new_lecture_is_a_draft_of_whoever_plans_it(app: Flask) -> None:
    with transaction() as session:
        event = begun(session)
        assert planning.plan_of(session, event) == plan()
    assert (event.state, event.owner_id, event.latest_number, event.words) == (EventState.DRAFT, PLANNER, 1, None)
    assert len(event.uid) == 32
    with pytest.raises(SlugTaken), transaction() as session:
        begun(session)
    with transaction() as session:
        assert [begun(session, slug="").slug for _time in range(2)] == ["phone-2026-11-20", "phone-2026-11-20-2"]
    assert tags() == ["event:lecture:saved"] * 3


def test_every_save_is_a_revision_and_says_who_wrote(app: Flask) -> None:
    with transaction() as session:
        event = begun(session)
        saved(session, event, plan())
        assert event.latest_number == 1
        saved(session, event, plan(content=words(title="别的题目")), by_id=HELPER)
        with pytest.raises(Stale):
            saved(session, event, plan(), base=1)
        hybrid = plan(content=words(title="别的题目"), mode=Mode.HYBRID, seats={Place.IN_PERSON: 5, Place.ONLINE: 100})
        saved(session, event, hybrid)
        assert {pool.place: pool.capacity for pool in pools(session, event.id)} == hybrid.seats
        online = replace(hybrid, mode=Mode.ONLINE, seats={Place.ONLINE: 7})
        saved(session, event, online)
        assert {pool.place: pool.capacity for pool in pools(session, event.id)} == online.seats
        found = desk.revisions(session, event.id)
    assert [(one.number, one.authors) for one in found] == [
        (4, [PLANNER, HELPER]),
        (3, [PLANNER, HELPER]),
        (2, [PLANNER, HELPER]),
        (1, [PLANNER]),
    ]


def test_of_a_public_lecture_details_hold_at_once_and_texts_wait(app: Flask, session: Session) -> None:
    number = published()
    with transaction() as unit:
        event = unit.get_one(Event, number)
        details = replace(plan().details, telephone="021-11111111")
        saved(unit, event, plan(details=details), by_id=HELPER)
        assert (event.latest_number, event.published_number, event.telephone) == (2, 2, "021-11111111")
        other = plan(details=details, content=words(title="新题目"), when=when(STARTS + timedelta(days=1)))
        saved(unit, event, other, by_id=HELPER)
        assert (event.latest_number, event.published_number) == (3, 2)
        assert event.words is not None
        assert event.words["title"]["zh-Hans"] == "守住养老钱"
        assert event.starts_at == STARTS
        assert planning.revision(unit, number, 3).authors == [HELPER]
        details = replace(details, branch="陆家嘴支行")
        saved(unit, event, replace(other, details=details), by_id=PLANNER)
        assert (event.latest_number, event.published_number, event.branch) == (4, 2, "陆家嘴支行")
        assert planning.revision(unit, number, 4).authors == [HELPER]


def test_nothing_is_planned_of_what_was_called_off_or_is_not_there(app: Flask) -> None:
    with transaction() as session:
        event = begun(session)
        approved(session, event, submitted(session, event))
        event.state, event.cancelled_at = EventState.CANCELLED, AT
        session.flush()
        with pytest.raises(NotNow):
            saved(session, event, plan(content=words(title="别")))
    with pytest.raises(LookupError), transaction() as session:
        planning.save(session, event_id=999, plan=plan(), base=1, by="x", by_id=1, at=AT)


def test_of_two_who_save_at_once_one_is_told(app: Flask) -> None:
    with transaction() as session:
        number = begun(session).id

    def act(title: str) -> int:
        with transaction() as session:
            made = planning.save(
                session,
                event_id=number,
                plan=plan(content=words(title=title)),
                base=1,
                by="x",
                by_id=PLANNER,
                at=AT,
            )
            return made.latest_number

    came = at_once(app, *(partial(act, f"题目{place}") for place in range(6)))
    assert sorted(type(one).__name__ for one in came) == ["Stale"] * 5 + ["int"]
    assert db.session.query(Revision).filter_by(event_id=number).count() == 2


def test_templates(app: Flask) -> None:
    with transaction() as session:
        kept = planning.keep_template(session, name="防骗", plan={"topic": "phone"}, by="林静", at=AT)
        with pytest.raises(NameTaken):
            planning.keep_template(session, name="防骗", plan={}, by="林静", at=AT)
        same = planning.keep_template(session, name="防骗", plan={"topic": "x"}, by="林静", at=AT, instead=True)
        assert (same.id, same.plan) == (kept.id, {"topic": "x"})
        other = planning.keep_template(session, name="理财", plan={}, by="林静", at=AT)
        with pytest.raises(NameTaken):
            planning.rename_template(session, template_id=other.id, name="防骗", by="林静", at=AT)
        planning.rename_template(session, template_id=other.id, name="投资", by="林静", at=AT)
        assert sorted(one.name for one in desk.templates(session)) == ["投资", "防骗"]
        planning.remove_template(session, template_id=other.id, by="林静", at=AT)
        with pytest.raises(LookupError):
            planning.remove_template(session, template_id=999, by="林静", at=AT)
        with pytest.raises(LookupError):
            planning.rename_template(session, template_id=999, name="x", by="林静", at=AT)
    assert [one.name for one in db.session.query(Template)] == ["防骗"]


def test_a_series_is_events_of_their_own(app: Flask) -> None:
    with transaction() as session:
        event = begun(session, plan(when=when(datetime(2026, 12, 24, 6, 0, tzinfo=UTC))))
        days = [date(2026, 12, 24), date(2026, 12, 31), date(2027, 1, 7), date(2026, 12, 31)]
        made = series.repeat(
            session,
            event_id=event.id,
            name="每周一讲",
            days=days,
            opens_before=timedelta(days=14),
            by="林静",
            by_id=PLANNER,
            at=AT,
        )
        assert [one.slug for one in made] == ["savings-2026-12-31", "savings-2027-01-07"]
        assert [one.starts_at for one in made] == [
            datetime(2026, 12, 31, 6, 0, tzinfo=UTC),
            datetime(2027, 1, 7, 6, 0, tzinfo=UTC),
        ]
        assert len({one.uid for one in (event, *made)}) == 3
        found = desk.series_of(session, made[0])
        assert found is not None
        assert found[0].name == "每周一讲"
        assert found[1] == [event, *made]
        saved(session, made[0], plan(content=words(title="只这一次")))
        assert planning.plan_of(session, made[1]).content == plan().content
        again = series.repeat(
            session,
            event_id=made[0].id,
            name="",
            days=[date(2027, 1, 7), date(2027, 1, 14)],
            opens_before=None,
            by="林静",
            by_id=PLANNER,
            at=AT,
        )
        assert [one.slug for one in again] == ["savings-2027-01-07-2", "savings-2027-01-14"]
        assert again[0].opens_at == AT
        assert {one.series_id for one in again} == {event.series_id}
        none = series.repeat(
            session, event_id=event.id, name="", days=[], opens_before=None, by="林静", by_id=PLANNER, at=AT
        )
        assert none == []
    assert db.session.query(Pool).count() == 5
