"""Sums of reads and searches: what is counted, what is kept of a question, what is shown of a span of days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.articles import queries, services
from portal.articles.models import Read, SearchTerm, Seen
from portal.articles.queries import EditionReads, Searches
from portal.articles.rules import (
    LONGEST_TERM,
    NOT_KEPT,
    is_bot,
    kept_term,
)
from portal.articles.services import Asked, Opened
from portal.core.database import transaction
from portal.core.settings import Audience, Locale
from tests.articles.desk import begin

ZONE = ZoneInfo("Asia/Shanghai")
EDGE = datetime(2026, 9, 30, 16, 0, tzinfo=UTC)
"""Where the fourth quarter of 2026 begins in Asia/Shanghai."""
Q3, Q4 = (date(2026, 7, 1), date(2026, 10, 1)), (date(2026, 10, 1), date(2027, 1, 1))
desk = pytest.mark.usefixtures("desk_library")


def opened(
    number: int = 0, *, at: datetime = EDGE, slug: str = "hang-up", audience: str = "general", completed: bool = False
) -> Opened:
    """Return a note of reader `number`."""
    return Opened(f"192.0.2.{number}", "browser", at, slug, audience, "zh-Hans", completed)


def asked(term: str, number: int = 0, *, at: datetime = EDGE, nothing: bool = False) -> Asked:
    return Asked(f"192.0.2.{number}", "browser", at, term, nothing)


def count(*notes: Opened | Asked) -> None:
    """Write each day's notes down on that day."""
    for day in sorted({note.at for note in notes}):
        with transaction() as session:
            services.count(session, notes=[note for note in notes if note.at == day], zone=ZONE, at=day)


# --- reads --------------------------------------------------------------------------------------------------------


@desk
def test_reads_of_a_span_by_edition_and_article(session: Session) -> None:
    with transaction():
        begin(session, slug="other")
    before = EDGE - timedelta(seconds=1)
    count(
        opened(1, at=before),
        opened(1),
        opened(2, completed=True),
        opened(2, audience="elderly", completed=True),
        opened(1, slug="other"),
        opened(1, slug="nowhere"),
    )
    assert queries.reads(session, since=Q3[0], until=Q3[1]) == [EditionReads("general", "zh-Hans", 1, 0)]
    assert queries.reads(session, since=Q4[0], until=Q4[1]) == [
        EditionReads("elderly", "zh-Hans", 1, 1),
        EditionReads("general", "zh-Hans", 3, 1),
    ]
    found = queries.reads_by_article(session, since=Q4[0], until=Q4[1])
    assert [(one.slug, one.audience, one.reads, one.completions) for one in found] == [
        ("hang-up", "general", 2, 1),
        ("hang-up", "elderly", 1, 1),
        ("other", "general", 1, 0),
    ]
    assert queries.reads(session, since=date(2026, 10, 2), until=Q4[1]) == []


@desk
def test_a_completion_is_never_without_its_read(session: Session) -> None:
    count(opened(1, completed=True), opened(1, completed=False), opened(2, completed=True), opened(2, completed=True))
    count(opened(1, completed=True), opened(3))
    row = session.scalars(sa.select(Read)).one()
    assert (row.reads, row.completions) == (3, 2)


@desk
def test_a_worker_that_comes_late_leaves_no_digest(session: Session) -> None:
    count(opened(1), asked("转账", 1))
    with transaction() as unit:
        services.forget_senders(unit, zone=ZONE, at=EDGE + timedelta(days=3))
    assert session.scalar(sa.select(sa.func.count()).select_from(Seen)) == 0
    assert queries.reads(session, since=Q4[0], until=Q4[1]) == [EditionReads("general", "zh-Hans", 1, 0)]


@desk
def test_answers_to_was_this_helpful_by_edition(session: Session) -> None:
    for number, (audience, yes) in enumerate(
        [("general", True), ("general", False), ("general", True), ("elderly", True)]
    ):
        with transaction() as unit:
            services.answer(
                unit,
                slug="hang-up",
                audience=Audience(audience),
                locale=Locale.HANS,
                was_helpful=yes,
                comment="",
                address=f"192.0.2.{number}",
                zone=ZONE,
                at=EDGE,
            )
    assert queries.helpful_by_edition(session, quarter="2026Q4") == [
        ("elderly", "zh-Hans", 1, 0),
        ("general", "zh-Hans", 2, 1),
    ]
    assert queries.helpful_by_edition(session, quarter="2026Q3") == []


# --- searches -----------------------------------------------------------------------------------------------------


def test_words_that_few_asked_are_in_the_numbers_and_in_no_list(session: Session) -> None:
    count(
        *[asked("转账", number) for number in range(5)],
        *[asked("挂断", number, nothing=True) for number in range(6)],
        *[asked("张三", number, nothing=True) for number in range(4)],
        *[asked(NOT_KEPT, number, nothing=True) for number in range(7)],
    )
    assert queries.terms(session, quarter="2026Q4") == Searches(
        searches=22, nothing=17, not_kept=7, terms=[("挂断", 6), ("转账", 5)], nothing_terms=[("挂断", 6)]
    )
    assert queries.terms(session, quarter="2026Q3") == Searches(0, 0, 0, [], [])


def test_a_year_shows_no_word_that_its_quarters_hide(session: Session) -> None:
    before = EDGE - timedelta(days=1)
    count(
        *[asked("张三", number, at=at) for at in (before, EDGE) for number in range(4)],
        *[asked("转账", number, at=before) for number in range(5)],
        *[asked("转账", number) for number in range(6)],
        *[asked("贷款", number, at=at) for at in (before, EDGE) for number in range(1 if at is EDGE else 5)],
    )
    found = queries.searches(session, since=date(2026, 1, 1), until=date(2027, 1, 1))
    assert (found.searches, found.terms) == (25, [("转账", 11), ("贷款", 5)])


def test_rare_words_of_long_ago_are_erased_and_the_numbers_stay(session: Session) -> None:
    days = [EDGE, EDGE + timedelta(days=1)]
    count(
        *[asked("张三", number, at=at, nothing=True) for at in days for number in range(2)],
        *[asked("转账", number, at=at) for at in days for number in range(3)],
        asked(NOT_KEPT, 1, nothing=True),
    )
    before = queries.terms(session, quarter="2026Q4")
    for kept, at in (
        (True, datetime(2027, 6, 30, 15, 59, tzinfo=UTC)),
        (False, datetime(2027, 6, 30, 16, 0, tzinfo=UTC)),
    ):
        with transaction() as unit:
            services.fold_rare_terms(unit, at=at)
        found = set(session.scalars(sa.select(SearchTerm.term)))
        assert found == ({"张三", "转账", NOT_KEPT} if kept else {"转账", NOT_KEPT})
        session.rollback()
    after = queries.terms(session, quarter="2026Q4")
    assert (after.searches, after.nothing, after.terms) == (before.searches, before.nothing, before.terms)
    assert (before.not_kept, after.not_kept) == (1, 5)
    with transaction() as unit:
        services.fold_rare_terms(unit, at=datetime(2030, 1, 1, tzinfo=UTC))
    assert queries.terms(session, quarter="2026Q4") == after


# --- rules --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("  安全 帳戶 ", "安全 账户"),
        ("ＳＭＳ Code", "sms code"),
        ("96110", NOT_KEPT),
        ("110", "110"),
        ("1234", "1234"),
        ("卡号6222 0212", NOT_KEPT),
        ("一三八零零一三八", NOT_KEPT),
        ("a@b", NOT_KEPT),
        ("www.bank", NOT_KEPT),
        ("bank.com", NOT_KEPT),
        ("", ""),
        ("\x00 ", ""),
        ("长" * 60, "长" * LONGEST_TERM),
        ("…", "..."),
    ],
)
def test_what_is_kept_of_a_question(question: str, kept: str) -> None:
    assert kept_term(question) == kept


@given(st.text(max_size=200))
def test_any_kept_question_is_short_and_without_numbers(question: str) -> None:
    kept = kept_term(question)
    assert len(kept) <= LONGEST_TERM
    assert kept == kept.strip()
    assert "@" not in kept
    digits = "".join("0" if char.isdigit() else " " for char in kept)
    assert all(len(run) < 5 for run in digits.split())
    assert kept == NOT_KEPT or kept_term(kept) in (kept, NOT_KEPT)


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile Safari/604.1",
        "Mozilla/5.0 (Linux; Android 10; HarmonyOS) Chrome/99 Mobile Safari/537.36 MicroMessenger/8.0.44 WeChat",
        "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 QQBrowser/12.0",
        "Mozilla/5.0 (Linux; U; Android 9; CUBOT X18) Version/4.0 Mobile Safari/537.36",
    ],
)
def test_a_readers_browser_is_no_bot(agent: str) -> None:
    assert not is_bot(agent)
