"""Figures of a version: the same as the rules make of the marks, of the attempts that count, and of no few people."""

from __future__ import annotations

import statistics
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.database import transaction
from portal.core.settings import Audience
from portal.quizzes.models import Attempt, QuizVersion, Response
from portal.quizzes.queries import figures, results
from portal.quizzes.rules.answers import Answer
from portal.quizzes.rules.figures import Figures
from portal.quizzes.rules.paper import Sheet, Typed
from portal.quizzes.rules.quizzes import Counts, Pool, Slot
from portal.quizzes.rules.statistics import analyse, of_drawn
from portal.quizzes.services import paper
from portal.quizzes.services.paper import Typist
from tests.articles.desk import AT, BOB
from tests.quizzes.bank import judgement, publish, quiz, single
from tests.quizzes.taken import SHANGHAI, marked_anew, number, several, take

pytestmark = pytest.mark.usefixtures("desk_library")
NAMES = ("code", "sms", "signs", "interest")
ANSWERS: list[list[str | None]] = [
    ["b", "scam", "b+c", "102"],
    ["b", "genuine", "b", "102"],
    ["a", "unsure", "a+b", "7"],
    ["?", "scam", None, "102.4"],
    ["b", "genuine", "c", None],
    ["c", "scam", "b+c", "?"],
    [None, "?", "c+b", "102"],
]


def made(session: Session, **changed: object) -> None:
    with transaction():
        publish(session, single(), judgement(), several(), number(), quiz(names=NAMES, **changed))  # type: ignore[arg-type]


def version(session: Session, slug: str = "try") -> QuizVersion:
    return results.quiz_versions(session, slug)[0]


def found(
    session: Session, *, quarter: str = "", audience: Audience | None = None, every: bool = False, slug: str = "try"
) -> Figures:
    from portal.quizzes.rules import sheets

    one = version(session, slug)
    roll = figures.roll(session, one)
    ids = roll.of(roll.cells().leaves(quarter, audience, every=every))
    sheet = figures.sheet(session, one, ids, quarter=quarter, audience=audience)
    apart = {who: roll.among(ids, roll.cells().leaves(quarter, who)) for who in roll.cells().audiences(quarter)}
    return sheets.figures(sheet, audiences=apart, mix=roll.cells().mix()[1])


def table(session: Session, columns: int = 4) -> list[list[float]]:
    """Return the stored marks, by attempt and place."""
    rows = {key: [0.0] * columns for key in session.scalars(sa.select(Attempt.id).where(Attempt.points.is_not(None)))}
    for one in session.scalars(sa.select(Response)):
        if one.attempt_id in rows:
            rows[one.attempt_id][one.slot] = one.fraction
    return list(rows.values())


def test_the_figures_are_what_the_rules_make_of_the_marks(session: Session) -> None:
    made(session)
    for given in ANSWERS:
        take(session, given)
    take(session, ["b", "scam", "b+c", "102"], end=False)
    shown = found(session)
    expected = analyse(table(session), maxima=[1.0] * 4, names=list(NAMES))
    assert [one.statistics for one in shown.items] == list(expected.items)
    assert (shown.n, shown.test) == (7, expected.test)
    totals = session.scalars(sa.select(Attempt.points).where(Attempt.points.is_not(None))).all()
    assert shown.test.mean == pytest.approx(sum(one or 0 for one in totals) / 7)


def test_answers_are_counted_with_small_counts_taken_out(session: Session) -> None:
    made(session)
    for _ in range(2):
        for given in ANSWERS:
            take(session, given)
    counted = {one.item: one.counted for one in found(session).items}
    # Of 14: a 2, b 6, c 2, don't know 2, blank 2.
    assert counted["code"] is not None
    assert counted["code"].options == (("a", None), ("b", 6), ("c", None))
    assert (counted["code"].n, counted["code"].dont_know, counted["code"].blank) == (14, None, None)
    # Several may be chosen: a 2, b 10, c 8, don't know 0, blank 2.
    assert counted["signs"] is not None
    assert counted["signs"].options == (("a", None), ("b", 10), ("c", 8))
    # What is typed is counted by what became of it: right 8, wrong 2, don't know 2, blank 2.
    assert counted["interest"] is not None
    assert counted["interest"].options == (("right", 8), ("partly", None), ("wrong", None))


def test_times_have_median_and_quartiles(session: Session) -> None:
    made(session)
    for place, given in enumerate(ANSWERS):
        take(session, given, seconds=3 + place * 1.5)
    seconds = session.scalars(sa.select(Response.seconds).where(Response.item == "code")).all()
    expected = statistics.quantiles(seconds, n=4, method="inclusive")
    shown = found(session).items[0].seconds
    assert (shown.lower, shown.median, shown.upper) == pytest.approx(tuple(expected))


def test_answers_on_paper_have_no_times(session: Session) -> None:
    made(session)
    version_id = version(session).id
    for place in range(5):
        take(session, ANSWERS[0], seconds=10)
        sheet = Sheet(1, 1, place + 1)
        for who in (Typist(1, "林静"), Typist(2, "周明")):
            with transaction() as unit:
                what = Typed(Audience.GENERAL, {0: Answer(chosen=("b",)), 1: Answer(chosen=("scam",))})
                paper.type_sheet(unit, version_id=version_id, sheet=sheet, typed=what, by=who, at=AT, zone=SHANGHAI)
    shown = found(session)
    assert shown.n == 10
    first = shown.items[0].seconds
    assert (first.lower, first.median, first.upper) == (10, 10, 10)


def test_judgements_are_told_by_both_kinds_of_message(session: Session) -> None:
    with transaction():
        publish(session, judgement(), judgement("bill", "genuine"), quiz(names=("sms", "bill")))
    for said in (["scam", "scam"],) * 6 + (["genuine", "genuine"], ["unsure", "?"]):
        take(session, said)
    shown = found(session).detection
    assert shown is not None
    assert (shown.hits, shown.misses, shown.false_alarms, shown.correct_rejections) == (6, 1, 6, 1)
    assert (shown.unsure, shown.unknown) == (1, 1)
    assert shown.hit_rate == pytest.approx(6 / 7)
    assert shown.d_prime == pytest.approx(0)


def test_nothing_is_said_where_nothing_is_defined(session: Session) -> None:
    with transaction():
        publish(session, single(), quiz(names=("code",)))
    for _ in range(5):
        take(session, ["b"])
    shown = found(session)
    assert (shown.test.sd, shown.test.skewness, shown.test.internal_consistency) == (0.0, None, None)
    only = shown.items[0].statistics
    assert (only.facility, only.discrimination_index, only.effective_weight) == (1.0, None, None)
    assert shown.detection is None


@pytest.mark.parametrize(("counts", "mean"), [(Counts.BEST, 1.0), (Counts.LAST, 0.0), (Counts.FIRST, 0.0)])
def test_of_several_attempts_one_counts(session: Session, counts: Counts, mean: float) -> None:
    with transaction():
        publish(session, single(), quiz(names=("code",), counts=counts))
    for _ in range(5):
        first = take(session, ["a"])
        second = take(session, ["b"], after=first, at=AT + timedelta(hours=1))
        take(session, ["a"], after=second, at=AT + timedelta(hours=2))
    shown = found(session)
    assert (shown.n, shown.test.mean) == (5, mean)
    everything = found(session, every=True)
    assert (everything.n, everything.test.mean) == (15, pytest.approx(1 / 3))


def test_a_quarter_keeps_its_figures_when_somebody_comes_again(session: Session) -> None:
    with transaction():
        publish(session, single(), quiz(names=("code",)))
    before = AT - timedelta(days=60)
    firsts = [take(session, ["a"], at=before) for _ in range(5)]
    for first in firsts:
        take(session, ["b"], after=first)
    assert (found(session, quarter="2026Q3").test.mean, found(session, quarter="2026Q4").test.mean) == (0.0, 1.0)
    assert found(session).n == 10


def test_one_version_and_one_audience_at_a_time(session: Session) -> None:
    with transaction():
        publish(session, single(), quiz(names=("code",)))
    for who, said in ((Audience.GENERAL, "b"), (Audience.ELDERLY, "a")):
        for _ in range(6):
            take(session, [said], audience=who)
    with transaction():
        publish(session, single(stem="换了说法，怎么办？"))
    take(session, ["a"])
    assert len(results.quiz_versions(session, "try")) == 2
    old = results.quiz_versions(session, "try")[1]
    roll = figures.roll(session, old)
    assert [roll.cells().n("", who) for who in (None, Audience.GENERAL, Audience.YOUTH)] == [12, 6, None]
    assert figures.roll(session, version(session)).cells().n() is None


def test_the_total_by_a_fixed_mix_of_audiences(session: Session) -> None:
    with transaction():
        publish(session, single(), quiz(names=("code",)))
    before = AT - timedelta(days=60)
    for who, many, said, at in (
        (Audience.GENERAL, 5, "b", before),
        (Audience.ELDERLY, 15, "a", before),
        (Audience.GENERAL, 15, "b", AT),
        (Audience.ELDERLY, 5, "a", AT),
    ):
        for _ in range(many):
            take(session, [said], audience=who, at=at)
    now = found(session, quarter="2026Q4")
    assert now.test.mean == pytest.approx(0.75)
    assert now.standardised == pytest.approx(0.25)
    assert now.by_audience == {Audience.GENERAL: 1.0, Audience.ELDERLY: 0.0}
    assert now.items[0].standardised == pytest.approx(0.25)


def test_marks_that_were_changed_are_the_ones_that_count(session: Session) -> None:
    wrong = single(options=tuple(replace(one, fraction=float(one.id == "a")) for one in single().options))
    with transaction():
        publish(session, wrong, quiz(names=("code",)))
    for _ in range(6):
        take(session, ["b"])
    assert found(session).test.mean == 0.0
    with transaction():
        publish(session, single())
        marked_anew(session, version_id=1, item="code", reason="错", by=BOB, at=AT)
    old = results.quiz_versions(session, "try")[-1]
    roll = figures.roll(session, old)
    from portal.quizzes.rules import sheets

    shown = sheets.figures(figures.sheet(session, old, roll.of(roll.cells().leaves())), audiences={})
    assert shown.test.mean == 1.0


@pytest.mark.parametrize("shuffle", [False, True])
def test_drawn_questions_have_figures_over_those_who_drew_them(session: Session, shuffle: bool) -> None:
    names = [f"q{place}" for place in range(4)]
    made_quiz = quiz(slots=(Slot(item="sms"), Slot(pool=Pool("fraud", 2), points=2.0)), shuffle=shuffle)
    with transaction():
        publish(session, judgement(), *(single(name, topic="fraud") for name in names), made_quiz)
    chance = Random(5)
    for turn in range(40):
        said = [chance.choice(["b", "a", None]) if place else "scam" for place in range(3)]
        attempt = take(session, [None] * 3, end=False, chance=turn)
        answer_all(session, attempt, said)
    shown = found(session)
    layouts = {one.id: one for one in session.scalars(sa.select(Attempt))}
    marks: dict[int, dict[str, float]] = {
        key: {place["item"]: 0.0 for place in one.layout} for key, one in layouts.items()
    }
    for one in session.scalars(sa.select(Response)):
        marks[one.attempt_id][one.item] = one.fraction * (1 if one.item == "sms" else 2)
    totals = {key: sum(mine.values()) for key, mine in marks.items()}
    for drawn in shown.drawn:
        keys = [key for key, mine in marks.items() if drawn.item in mine]
        expected = of_drawn(
            [marks[key][drawn.item] for key in keys], [totals[key] for key in keys], maximum=2.0, name=drawn.item
        )
        for name in ("n", "facility", "sd", "discrimination_index", "discriminative_efficiency"):
            assert getattr(drawn.statistics, name) == pytest.approx(getattr(expected, name)), name
    assert {one.item for one in shown.drawn} == set(names)
    assert shown.test.mean == pytest.approx(sum(totals.values()) / 40)
    assert shown.items[0].statistics.facility == 1.0


def answer_all(session: Session, attempt: Attempt, said: list[str | None]) -> None:
    from portal.quizzes.rules.answers import Answer
    from portal.quizzes.services import taking
    from tests.quizzes.taken import SHANGHAI

    drawn = iter(said[1:])
    with transaction():
        for slot, place in enumerate(attempt.layout):
            word = "scam" if place["item"] == "sms" else next(drawn)
            if word:
                taking.save(session, attempt_id=attempt.id, slot=slot, answer=Answer(chosen=(word,)), at=AT)
        taking.finish(session, attempt_id=attempt.id, at=AT, zone=SHANGHAI)


def test_shuffled_questions_stand_where_their_author_put_them(session: Session) -> None:
    made(session, shuffle=True)
    for turn, given in enumerate(ANSWERS):
        take(session, given, chance=turn)
    facility = {one.item: one.statistics.facility for one in found(session).items}
    stored: dict[str, float] = dict.fromkeys(NAMES, 0.0)
    for one in session.scalars(sa.select(Response)):
        stored[one.item] += one.fraction / 7
    assert facility == pytest.approx(stored)


def test_what_was_taken_in_a_quarter(session: Session) -> None:
    with transaction():
        publish(session, single(), quiz(names=("code",)))
    first = [take(session, [said]) for said in ("b", "b", "b", "a", "a")]
    take(session, ["b"], after=first[3])
    (one,) = results.taken(session, quarter="2026Q4")
    assert (one.slug, one.n, one.percent, one.pass_rate) == ("try", 5, 80.0, 0.8)
    assert results.taken(session, quarter="2026Q3") == []
