"""The report of a quarter: what it counts, and that it stands once it was closed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.articles import services as editing
from portal.articles.models import Edition
from portal.articles.rules import Kind as ArticleKind
from portal.articles.rules import Status
from portal.articles.services import saving
from portal.audit.models import Event as Logged
from portal.commands.working import jobs, run
from portal.core import clock
from portal.core.database import db, transaction
from portal.core.settings import Audience
from portal.events.models import Admission, Event, Registration
from portal.events.queries.attendance import attendance, levels
from portal.events.rules.attendance import AdmissionKind, Wave
from portal.events.rules.keeping import Keeping
from portal.events.rules.lectures import EventState
from portal.events.services import cards, erasing
from portal.metrics.models import DayRow, ReportRow
from portal.metrics.queries import lectures
from portal.metrics.rules.closing import Refusal, Section, State
from portal.metrics.rules.report import Report
from portal.metrics.rules.summary import summarise
from portal.metrics.rules.targets import Measure, TargetUnit
from portal.metrics.services import building, figures, reports, rolling
from tests.articles.desk import BOB, GOOD, begin, write
from tests.events.aftermath import answered
from tests.metrics.quarters import EARLY, LATE, OVER, at_the_time, filled, said
from tests.quizzes.bank import judgement, publish, quiz, single

ANN: dict[str, Any] = {"by": "安", "by_id": 1}
BEN: dict[str, Any] = {"by": "本", "by_id": 2}


def built(quarter: str, at: datetime = OVER) -> Report:
    with transaction() as session:
        row = reports.build(session, quarter=quarter, by="x", at=at)
        found: Report = json.loads(json.dumps(row.report))
    return found


def verdicts(report: Report) -> dict[str, str]:
    return {line["measure"]: line["verdict"] for line in report["verdicts"]}


def test_7_quarter_kpi(app: Flask) -> None:
    """Point 7 of what no other system has, as far as lectures go: quarters part at midnight in the site's own zone."""
    with transaction() as session:
        filled(session, LATE, 1)
        filled(session, EARLY, 2)
        gone = at_the_time(session, LATE - timedelta(days=2))
        gone.state, gone.cancelled_at = EventState.CANCELLED, LATE - timedelta(days=3)
    # What is not over was not held.
    assert built("2026Q1", at=LATE)["attendance"]["lectures"] == 0
    first, second = (built(quarter)["attendance"] for quarter in ("2026Q1", "2026Q2"))
    assert (first["lectures"], first["called_off"], second["lectures"], second["called_off"]) == (1, 1, 1, 0)
    assert (first["person_times"], second["person_times"]) == (1 + 22 + 3, 2 + 22 + 3)
    assert (second["by_code"], second["by_group"], second["walk_in"], second["tally"]) == (2, 22, 3, 5)
    assert (second["registered"], second["registered_groups"]) == (3, 30)
    assert (second["no_shows"], second["no_shows_groups"]) == (1, 8)
    assert (first["by_code"], first["by_group"], first["walk_in"], first["tally"]) == (1, 22, 3, 5)
    assert (first["registered"], first["registered_groups"], first["online"]) == (2, 30, 0)
    assert (first["no_shows"], first["no_shows_groups"]) == (1, 8)
    assert built("2025Q4")["attendance"]["lectures"] == 0


def test_the_figures_are_those_of_each_lecture(app: Flask) -> None:
    with transaction() as session:
        for number, starts in enumerate((EARLY, EARLY + timedelta(days=9), EARLY + timedelta(days=20))):
            hall = filled(session, starts, number)
            said(session, hall, 5, 5, 4, 3, 1, at=starts)
        found = lectures.figures(session, since=EARLY, until=OVER, at=OVER)
        for event in session.scalars(sa.select(Event)):
            alone, figures_ = attendance(session, event.id), found[event.id]
            assert {kind: figures_.get(("came", kind.value), 0) for kind in AdmissionKind} == alone.came
            assert figures_["registrations", ""] == alone.registrations
            assert figures_["registered", "person"] == alone.registered
            assert figures_["registered", "group"] == alone.registered_groups
            assert (figures_["no_shows", "person"], figures_["no_shows", "group"]) == (
                alone.no_shows,
                alone.no_shows_groups,
            )
            assert {level: figures_.get(("level", str(level)), 0) for level in range(1, 6)} == levels(session, event.id)
        person_times = sum(attendance(session, event.id).person_times for event in session.scalars(sa.select(Event)))
    report = built("2026Q2")
    assert [(part["key"], part["label"]) for part in report["breakdowns"]["audience"]] == [("general", "普适版")]
    assert report["attendance"]["person_times"] == person_times
    assert report["satisfaction"]["n"] == 15
    assert report["satisfaction"]["satisfied"] == 9


def test_who_comes_twice_is_one_person_as_far_as_is_known(app: Flask) -> None:
    with transaction() as session:
        filled(session, EARLY, 4)
        filled(session, EARLY + timedelta(days=9), 6)
    known = built("2026Q2")["attendance"]
    assert known["person_times"] == 4 + 6 + 2 * 25
    assert (known["people_at_least"], known["people_at_most"]) == (6 + 25, 4 + 6 + 2 * 25 - 4)
    with transaction() as session:
        erasing.erase_due(session, keeping=Keeping(contacts=timedelta(days=1)), at=OVER)
        assert (
            session.scalars(sa.select(Registration.person_digest).where(Registration.person_digest.is_not(None))).all()
            == []
        )
    # It was known once, and stays.
    assert built("2026Q2")["attendance"] == known


def test_daily_sums_made_anew_are_the_same(app: Flask) -> None:
    with transaction() as session:
        filled(session, EARLY, 4)
        filled(session, EARLY + timedelta(days=40), 2)
    report = built("2026Q2")

    def sums() -> list[tuple[Any, ...]]:
        columns = (DayRow.day, DayRow.subject, DayRow.number, DayRow.measure, DayRow.part, DayRow.value)
        return [tuple(row) for row in db.session.execute(sa.select(*columns).order_by(*columns))]

    before = sums()
    assert {row[0] for row in before} == {"2026-04-01", "2026-05-11"}
    with transaction() as session:
        session.execute(sa.delete(DayRow))
        rolling.roll(session, quarter="2026Q2", at=OVER)
    assert sums() == before
    with transaction() as session:
        direct = summarise(reports.gather(session, "2026Q2", at=OVER, rolled=False))
    assert json.loads(json.dumps(direct)) == report


def test_nothing_one_lecture_and_the_future(app: Flask) -> None:
    with transaction() as session:
        assert reports.current(session, "2026Q2", at=OVER) is None
        assert reports.current(session, "2030Q1", at=OVER) is None
    empty = built("2026Q2")
    assert verdicts(empty) == {
        "lectures": "not_met",
        "person_times": "not_met",
        "awareness": "too_few",
        "satisfaction": "too_few",
        "tips": "not_met",
        "complaints_24h": "not_known",
        "training": "not_known",
    }
    with transaction() as session:
        filled(session, EARLY, 2)
    one = built("2026Q2")
    assert verdicts(one)["lectures"] == "met"
    assert [part["person_times"] for part in one["breakdowns"]["district"]] == [27]
    assert [part["label"] for part in one["breakdowns"]["campaign"]] == ["未注明"]
    assert one["ledger"][0]["starts_at"] == "2026-04-01T00:00"
    assert one["ledger"][0]["evidence"] == ["check_ins"]


def test_two_spellings_of_a_name_make_one_row(app: Flask) -> None:
    with transaction() as session:
        for days, district, campaign in (
            (0, "东区", "3·15 宣传周"),
            (1, " 东　区", "３·15宣传周"),
            (2, "西区", ""),
            (3, "东区", "3·15宣传周"),
        ):
            filled(session, EARLY + timedelta(days=days), 4, district=district, campaign=campaign, slug=f"l{days}")
    report = built("2026Q2")
    assert [(one["label"], one["lectures"]) for one in report["breakdowns"]["district"]] == [("东区", 3), ("西区", 1)]
    found = [(one["label"], one["lectures"]) for one in report["breakdowns"]["campaign"]]
    assert found == [("未注明", 1), ("3·15 宣传周", 3)]
    assert [one["district"] for one in report["ledger"]] == ["东区", "东区", "西区", "东区"]


@pytest.mark.usefixtures("desk_library")
def test_a_tip_counts_in_the_quarter_in_which_it_was_published_also_after_its_end(app: Flask) -> None:
    at, ends = EARLY + timedelta(days=3), EARLY + timedelta(days=20)
    with transaction() as session:
        tip = begin(session, slug="tip", by=BOB, kind=ArticleKind.ALERT, expires_at=ends)
        edition = write(session, tip, by=BOB)
        editing.publish_alone(session, article_id=tip.id, edition_ids=[edition.id], reason="急", by=BOB, at=at)
        number = tip.id
    assert built("2026Q2")["articles"]["tips"] == 1
    with transaction() as session:
        assert editing.expire(session, article_id=number, at=ends)
    assert built("2026Q2")["articles"]["tips"] == 1
    assert verdicts(built("2026Q2"))["tips"] == "met"
    assert built("2026Q1")["articles"]["tips"] == 0


@pytest.mark.usefixtures("desk_library")
def test_what_is_mended_or_gets_another_edition_is_no_new_article(app: Flask) -> None:
    with transaction() as session:
        article = begin(session, by=BOB)
        numbers = []

        def out(edition: Edition, at: datetime) -> None:
            numbers.append(edition.id)
            saving.set_status(session, edition=edition, status=Status.PUBLISHED, at=at)

        out(write(session, article, by=BOB), LATE - timedelta(days=1))
        out(write(session, article, GOOD + "\n再看一眼。\n", by=BOB), EARLY + timedelta(days=1))
        out(write(session, article, audience=Audience.YOUTH, by=BOB), EARLY + timedelta(days=2))
        saving.set_status(session, edition=session.get_one(Edition, numbers[0]), status=Status.DRAFT, at=OVER)
    assert [numbers.count(one) for one in dict.fromkeys(numbers)] == [2, 1]
    found = [built(quarter)["articles"]["published"] for quarter in ("2025Q4", "2026Q1", "2026Q2")]
    assert found == [0, 1, 0]


@pytest.mark.usefixtures("desk_library")
def test_awareness_is_of_pairs_of_one_test(app: Flask) -> None:
    starts = EARLY + timedelta(days=3)
    with transaction() as session:
        publish(session, single(), judgement(), quiz())
        hall = at_the_time(session, starts, pre_quiz="try")
        cards.make(session, event_id=hall.id, count=34, by="x", at=starts - timedelta(days=1))
        made = cards.between(session, event_id=hall.id, first=1, last=34)
        for number, card in enumerate(made[:33]):
            before = ("b", "genuine") if number % 2 else ("a", "scam")
            answered(session, card, Wave.PRE, before, at=starts + timedelta(minutes=1))
        for card in made[:32]:
            answered(session, card, Wave.POST, ("b", "scam"), at=starts + timedelta(hours=1))
        for card in made[:31]:
            answered(session, card, Wave.FOLLOW_UP, ("b", "scam"), at=starts + timedelta(days=31))
        answered(session, made[33], Wave.POST, ("b", "scam"), at=starts + timedelta(hours=1))
    report = built("2026Q2")
    found = report["awareness"]
    assert (found["n_pre"], found["n_post"], found["n_matched"], found["mixed"]) == (33, 33, 32, 0)
    assert (found["pre_percent"], found["post_percent"], found["verdict"]) == (50, 100, "met")
    assert found["relative"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    items = {one["item"]: one for one in found["items"]}
    assert (items["code"]["gained"], items["code"]["right_both"]) == (16, 16)
    assert found["follow_up"]["n_matched"] == 31
    assert found["detection"]["pre"]["hit_rate"] == pytest.approx(17 / 33)
    assert found["detection"]["post"]["false_alarm_rate"] is None
    (taken,) = report["quizzes"]
    assert (taken["slug"], taken["finished"]) == ("try", 33 + 33 + 31)
    # The quiz is changed, and a pair of the new version comes in: what rose may be the questions.
    with transaction() as session:
        publish(session, single(stem="有人要您的验证码，怎么办？"), quiz(intro="改过了。"))
        hall = session.get_one(Event, hall.id)
        cards.make(session, event_id=hall.id, count=1, by="x", at=starts)
        (late,) = cards.between(session, event_id=hall.id, first=35, last=35)
        for wave, minutes in ((Wave.PRE, 2), (Wave.POST, 50)):
            answered(session, late, wave, ("b", "scam"), at=starts + timedelta(minutes=minutes))
    mixed = built("2026Q2")["awareness"]
    assert (mixed["mixed"], mixed["n_matched"], mixed["verdict"]) == (33, 0, "too_few")


def test_targets_and_entered_figures_are_data(app: Flask) -> None:
    with transaction() as session:
        filled(session, EARLY, 4)
        common: dict[str, Any] = {"by": "安", "at": OVER, "since": "2026Q2", "least": None}
        figures.set_target(session, measure=Measure.PERSON_TIMES, value=29, unit=TargetUnit.COUNT, **common)
        entry: dict[str, Any] = {"quarter": "2026Q2", "source": "工单系统", "signer": "陈岚", "by": "安", "at": OVER}
        for closed in (40, 44):
            figures.enter(session, measure=Measure.COMPLAINTS_24H, numerator=closed, denominator=47, **entry)
        figures.enter(session, measure=Measure.TRAINING, numerator=214, denominator=214, **entry)
        for wrong in ((48, 47), (0, 0)):
            with pytest.raises(figures.Wrong, match="must not be larger"):
                figures.enter(session, measure=Measure.TRAINING, numerator=wrong[0], denominator=wrong[1], **entry)
        with pytest.raises(figures.Wrong, match="counts this figure itself"):
            figures.enter(session, measure=Measure.LECTURES, numerator=1, denominator=1, **entry)
        with pytest.raises(figures.Wrong, match="in this unit"):
            figures.set_target(session, measure=Measure.LECTURES, value=1, unit=TargetUnit.PP, **common)
    report = built("2026Q2")
    lines = {line["measure"]: line for line in report["verdicts"]}
    assert (lines["person_times"]["verdict"], lines["person_times"]["target"]) == ("met", 29)
    assert (lines["person_times"]["since"], lines["person_times"]["set_by"]) == ("2026Q2", "安")
    assert lines["complaints_24h"]["verdict"] == "not_met"
    assert lines["complaints_24h"]["value"] == 44 / 47
    assert (lines["training"]["verdict"], lines["training"]["n"]) == ("met", 214)
    assert [entry["numerator"] for entry in report["entries"]] == [44, 214]
    # Before it was set, the other one held.
    assert {line["measure"]: line["target"] for line in built("2026Q1")["verdicts"]}["person_times"] == 200


def test_a_closed_quarter_stands(app: Flask) -> None:
    with transaction() as session:
        filled(session, EARLY, 4)
        with pytest.raises(reports.Refused) as early:
            reports.close(session, quarter="2026Q2", at=EARLY + timedelta(days=1), **ANN)
        assert early.value.why is Refusal.NOT_OVER
        with pytest.raises(reports.Refused) as not_yet:
            reports.confirm(session, quarter="2026Q2", at=OVER, **BEN)
        assert not_yet.value.why is Refusal.NOT_CLOSED
    with transaction() as session:
        digest = reports.close(session, quarter="2026Q2", at=OVER, **ANN).digest
    with transaction() as session:
        for step, who, why in (
            (reports.close, BEN, Refusal.ALREADY_CLOSED),
            (reports.confirm, ANN, Refusal.SAME_PERSON),
        ):
            with pytest.raises(reports.Refused) as refused:
                step(session, quarter="2026Q2", at=OVER, **who)
            assert refused.value.why is why
        with pytest.raises(reports.Refused):
            reports.build(session, quarter="2026Q2", by="x", at=OVER)
        reports.confirm(session, quarter="2026Q2", at=OVER, **BEN)
    with transaction() as session:
        before = reports.current(session, "2026Q2", at=OVER)
        assert before is not None
        assert (before.state, before.closed_by, before.confirmed_by) == (State.CONFIRMED, "安", "本")
        assert reports.verify(session, quarter="2026Q2", at=OVER).is_same
    # People are erased: no closed figure changes, and all but who came twice can be computed again.
    with transaction() as session:
        erasing.erase_due(session, keeping=Keeping(contacts=timedelta(days=1)), at=OVER)
        check = reports.verify(session, quarter="2026Q2", at=OVER)
        assert (check.is_same, check.parts["people"], check.parts["attendance"]) == (True, "gone", "same")
    # A sheet turns up later.
    with transaction() as session:
        event = session.scalars(sa.select(Event)).one()
        session.add(
            Admission(
                event_id=event.id, kind=AdmissionKind.WALK_IN, source="paper", people=7, nonce="late-sheet-of-paper",
                at=EARLY, received_at=OVER, by="安", by_id=1,
            )
        )  # fmt: skip
        session.flush()
        check = reports.verify(session, quarter="2026Q2", at=OVER)
        assert (check.intact, check.is_same, check.parts["attendance"]) == (True, False, "differs")
        made = reports.amend(session, quarter="2026Q2", text="补交一张签到表。", by="安", at=OVER)
        assert {"key": "attendance.walk_in", "was": 3, "now": 10} in made.changes
    assert building.keep_up(at=OVER) == []
    with transaction() as session:
        after = reports.current(session, "2026Q2", at=OVER)
        assert after is not None
        assert (after.report, after.digest) == (before.report, digest)
        assert [one.text for one in after.amendments] == ["补交一张签到表。"]
        tags = session.scalars(sa.select(Logged.tag).where(Logged.tag.startswith("quarter:")).order_by(Logged.id)).all()
        assert list(tags) == ["quarter:report:closed", "quarter:report:confirmed", "quarter:report:amended"]


def test_a_stored_report_that_was_changed_is_noticed(app: Flask) -> None:
    with transaction() as session:
        filled(session, EARLY, 4)
        row = reports.close(session, quarter="2026Q2", at=OVER, **ANN)
        row.report = {**row.report, "attendance": {**row.report["attendance"], "person_times": 300}}
    with transaction() as session:
        check = reports.verify(session, quarter="2026Q2", at=OVER)
    assert (check.intact, check.is_same) == (False, False)
    assert {"key": "attendance.person_times", "was": 300, "now": 29} in check.changes


def test_what_came_before_stands_beside(app: Flask) -> None:
    with transaction() as session:
        filled(session, LATE, 1)
        filled(session, EARLY, 2)
    built("2026Q1")
    series = built("2026Q2")["series"]["person_times"]
    assert [(point["quarter"], point["value"]) for point in series] == [
        ("2025Q2", None),
        ("2025Q3", None),
        ("2025Q4", None),
        ("2026Q1", 26),
        ("2026Q2", 27),
    ]


def test_a_text_is_written_by_one_and_approved_by_another(app: Flask) -> None:
    text: dict[str, Any] = {"quarter": "2026Q2", "section": Section.OVERALL, "at": OVER}
    with transaction() as session:
        first = figures.write(session, text="初稿", **text, **ANN)
        assert figures.narrative(session, "2026Q2") == {}
        with pytest.raises(figures.Wrong, match="another person"):
            figures.approve(session, narrative_id=first.id, at=OVER, **ANN)
        figures.approve(session, narrative_id=first.id, at=OVER, **BEN)
        assert figures.narrative(session, "2026Q2") == {"overall": "初稿"}
        second = figures.write(session, text="二稿", **text, **BEN)
        third = figures.write(session, text="三稿", **text, **BEN)
        with pytest.raises(figures.Wrong, match="no longer waits"):
            figures.approve(session, narrative_id=second.id, at=OVER, **ANN)
        assert figures.narrative(session, "2026Q2") == {"overall": "初稿"}
        figures.approve(session, narrative_id=third.id, at=OVER, **ANN)
        assert figures.narrative(session, "2026Q2") == {"overall": "三稿"}
        for wrong in ("  ", "长" * 20_001):
            with pytest.raises(figures.Wrong):
                figures.write(session, text=wrong, **text, **ANN)


def test_the_worker_builds_the_quarter_once_and_goes_on(app: Flask) -> None:
    """What it returns would be asked for again where there may be more of it."""
    with transaction() as session:
        filled(session, clock.now() - timedelta(hours=2), 2)
    db.session.remove()
    (job,) = (job for job in jobs(app.config["PORTAL"]) if job.name == "build quarter")
    assert run(app, job) is False
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ReportRow)) == 1
