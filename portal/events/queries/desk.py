"""Lectures as the desk lists them, without names; and what a plan can refer to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.accounts.rules import permissions
from portal.articles import queries as articles
from portal.core.settings import Locale, Permission
from portal.events.models import (
    AccessRow,
    CoOrganiser,
    Event,
    Pool,
    Registration,
    Review,
    Revision,
    Series,
    Template,
)
from portal.events.rules.keeping import AccessNeed
from portal.events.rules.lectures import EventState, ReviewOutcome
from portal.events.rules.seats import HOLDING, LIVE, ContactKind, State
from portal.quizzes.models import Document
from portal.quizzes.rules.bank import Sort
from portal.reference import queries as reference

SHOWN = 50
"""Lectures on one page of the list."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lectures are listed; empty: all."""

    text: str = ""
    state: str = ""
    """`draft`, `review`, `coming`, `over` or `cancelled`."""
    topic: str = ""
    audience: str = ""
    district: str = ""
    month: str = ""
    """Such as `2026-12`, in the site's zone."""


@dataclass(frozen=True, slots=True)
class Row:
    """One lecture in the list."""

    event: Event
    title: str
    review: Review | None
    sent_back: bool
    """The last thing that happened to its text: a reviewer wants changes."""
    pools: list[Pool] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """How many seats are taken, all places together."""
        return sum(pool.taken for pool in self.pools)

    @property
    def capacity(self) -> int:
        """How many seats there are."""
        return sum(pool.capacity for pool in self.pools)


def title_of(content: dict[str, dict[str, str]] | None) -> str:
    """Return what the desk calls a lecture."""
    return ((content or {}).get("title") or {}).get(Locale.HANS, "")


def lectures(session: Session, wanted: Filter, *, zone: ZoneInfo, at: datetime) -> list[Row]:
    """Return the lectures that fit: those to come first, the nearest before the later; then those that are over."""
    statement = (
        sa.select(Event, Revision.content["title"])
        .join(Revision, sa.and_(Revision.event_id == Event.id, Revision.number == Event.latest_number))
        .where(*_conditions(wanted, zone=zone, at=at))
    )
    found = [
        (event, (title or {}).get(Locale.HANS, ""))
        for event, title in session.execute(statement)
        if _says(title, wanted.text)
    ]
    found.sort(key=lambda row: (row[0].ends_at <= at, abs(row[0].starts_at - at), row[0].id))
    return _rows(session, found)


def _says(title: dict[str, str] | None, text: str) -> bool:
    wanted = text.casefold().split()
    said = " ".join((title or {}).values()).casefold()
    return all(word in said for word in wanted)


def _conditions(wanted: Filter, *, zone: ZoneInfo, at: datetime) -> list[sa.ColumnElement[bool]]:
    under_review = sa.exists().where(Review.event_id == Event.id, _under_review())
    states: dict[str, list[sa.ColumnElement[bool]]] = {
        "draft": [Event.state == EventState.DRAFT, ~under_review],
        "review": [under_review],
        "coming": [Event.state == EventState.PUBLISHED, Event.ends_at > at],
        "over": [Event.state == EventState.PUBLISHED, Event.ends_at <= at],
        "cancelled": [Event.state == EventState.CANCELLED],
    }
    found = list(states.get(wanted.state, []))
    for column, value in ((Event.topic, wanted.topic), (Event.audience, wanted.audience)):
        if value:
            found.append(column == value)
    if wanted.district:
        found.append(Event.district == wanted.district)
    bounds = month_bounds(wanted.month, zone)
    if bounds is not None:
        found += [Event.starts_at >= bounds[0], Event.starts_at < bounds[1]]
    return found


def month_bounds(month: str, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """Return when a month such as `2026-12` begins and ends in `zone`; None: it is none."""
    try:
        first = date.fromisoformat(f"{month}-01")
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    except ValueError:
        return None
    begin, end = (datetime(day.year, day.month, 1, tzinfo=zone) for day in (first, after))
    return begin, end


def _rows(session: Session, found: Sequence[tuple[Event, str]]) -> list[Row]:
    ids = [event.id for event, _title in found]
    seats: dict[int, list[Pool]] = {}
    for pool in session.scalars(sa.select(Pool).where(Pool.event_id.in_(ids)).order_by(Pool.id)):
        seats.setdefault(pool.event_id, []).append(pool)
    last: dict[int, Review] = {}
    for one in session.scalars(sa.select(Review).where(Review.event_id.in_(ids)).order_by(Review.id)):
        last[one.event_id] = one
    rows = []
    for event, title in found:
        review = last.get(event.id)
        is_open = review is not None and review.outcome is ReviewOutcome.OPEN
        back = review is not None and review.outcome is ReviewOutcome.SENT_BACK and review.number == event.latest_number
        rows.append(Row(event, title, review if is_open else None, back, seats.get(event.id, [])))
    return rows


def run_by(session: Session, person_id: int) -> set[int]:
    """Return the ids of the lectures that a person runs."""
    beside = sa.select(CoOrganiser.event_id).where(CoOrganiser.person_id == person_id, ~CoOrganiser.at_the_door)
    return set(session.scalars(sa.select(Event.id).where(Event.owner_id == person_id))) | set(session.scalars(beside))


def reviews_waiting(session: Session, person_id: int) -> list[Review]:
    """Return the open reviews that a person may decide on, the oldest first."""
    rows = session.execute(
        sa.select(Review, Revision.authors)
        .join(Revision, sa.and_(Revision.event_id == Review.event_id, Revision.number == Review.number))
        .where(_under_review(), Review.submitted_by_id != person_id)
        .order_by(Review.id)
    )
    return [review for review, authors in rows if person_id not in authors]


def reviews_of(session: Session, event_id: int) -> list[Review]:
    """Return the reviews of a lecture, the newest first."""
    return list(session.scalars(sa.select(Review).where(Review.event_id == event_id).order_by(Review.id.desc())))


def revisions(session: Session, event_id: int) -> list[Revision]:
    """Return the saved texts of a lecture, the newest first."""
    found = sa.select(Revision).where(Revision.event_id == event_id).order_by(Revision.number.desc())
    return list(session.scalars(found))


def question_keys(session: Session, event_id: int) -> set[str]:
    """Return the key of every question that a lecture ever asked."""
    contents = session.scalars(sa.select(Revision.content).where(Revision.event_id == event_id))
    return {question["key"] for content in contents for question in content.get("questions") or ()}


def series_of(session: Session, event: Event) -> tuple[Series, list[Event]] | None:
    """Return the series that a lecture is of, with all its lectures in order."""
    series = session.get(Series, event.series_id) if event.series_id else None
    if series is None:
        return None
    found = sa.select(Event).where(Event.series_id == series.id).order_by(Event.starts_at, Event.id)
    return series, list(session.scalars(found))


def series_to_submit(session: Session, event: Event, *, person_id: int, at: datetime) -> list[Event]:
    """Return the dates of a lecture's series that a person runs and could submit now, in order; past ones are not."""
    found = series_of(session, event)
    if found is None:
        return []
    ids = [one.id for one in found[1]]
    waits = set(session.scalars(sa.select(Review.event_id).where(_under_review(), Review.event_id.in_(ids))))
    own = run_by(session, person_id) - waits
    return [
        one
        for one in found[1]
        if one.id in own
        and one.state is not EventState.CANCELLED
        and one.latest_number != one.published_number
        and one.starts_at > at
    ]


def series_to_call_off(session: Session, event: Event, *, person_id: int, at: datetime) -> list[Event]:
    """Return the dates of a lecture's series that a person runs and that the public expects, in order."""
    found = series_of(session, event)
    own = run_by(session, person_id) if found else set()
    dates = found[1] if found else []
    return [one for one in dates if one.id in own and one.state is EventState.PUBLISHED and one.ends_at > at]


def series_reviews(session: Session, event: Event) -> list[tuple[Event, Review]]:
    """Return the dates of a lecture's series that wait for a second person, in order."""
    rows = (
        sa.select(Event, Review)
        .join(Review, Review.event_id == Event.id)
        .where(Event.series_id.is_not(None), Event.series_id == event.series_id, _under_review())
        .order_by(Event.starts_at, Event.id)
    )
    return [(one, review) for one, review in session.execute(rows)]


def _under_review() -> sa.ColumnElement[bool]:
    return Review.outcome == ReviewOutcome.OPEN


def templates(session: Session) -> list[Template]:
    """Return the templates by name."""
    return list(session.scalars(sa.select(Template).order_by(Template.name)))


def districts(session: Session, *, but: int | None = None) -> list[str]:
    """Return the districts in which lectures are held, those of one lecture alone left out."""
    return _names(session, Event.district, but)


def campaigns(session: Session, *, but: int | None = None) -> list[str]:
    """Return the campaigns that lectures belong to, those of one lecture alone left out."""
    return _names(session, Event.campaign, but)


def _names(session: Session, column: sa.orm.InstrumentedAttribute[str], but: int | None) -> list[str]:
    found = sa.select(column).where(column != "", Event.id != (but or 0)).distinct().order_by(column)
    return list(session.scalars(found))


# --- people -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a message about a lecture would reach."""

    told: int
    silent: int
    """They left no contact: somebody must put it up where they see it."""


def reach(session: Session, *event_ids: int) -> Reach:
    """Return how many of those who have registered for these lectures can be told something."""
    rows = session.execute(
        sa.select(Registration.contact_kind, sa.func.count())
        .where(Registration.event_id.in_(event_ids), Registration.state.in_(LIVE))
        .group_by(Registration.contact_kind)
    )
    counts = dict(rows.all())
    silent = counts.pop(ContactKind.NONE, 0)
    return Reach(sum(counts.values()), silent)


def waiting_counts(session: Session, event_id: int) -> dict[int, int]:
    """Return how many wait for seats, by the id of the pool."""
    rows = session.execute(
        sa.select(Registration.pool_id, sa.func.count())
        .where(Registration.event_id == event_id, Registration.state == State.WAITING)
        .group_by(Registration.pool_id)
    )
    return dict(rows.all())


def registrations(session: Session, event_id: int) -> list[Registration]:
    """Return who has registered, in the order in which they came."""
    found = sa.select(Registration).where(Registration.event_id == event_id).order_by(Registration.id)
    return list(session.scalars(found))


def places_in_line(found: Collection[Registration]) -> dict[int, int]:
    """Return the place in its waiting list of each who waits, by id."""
    lines: dict[int, int] = {}
    place: dict[int, int] = {}
    for one in sorted(found, key=lambda one: one.id):
        if one.state is State.WAITING:
            lines[one.pool_id] = lines.get(one.pool_id, 0) + 1
            place[one.id] = lines[one.pool_id]
    return place


def needs(session: Session, event_id: int) -> dict[AccessNeed, int]:
    """Return how many registrations that hold a seat need what, without saying who."""
    rows = session.execute(
        sa.select(AccessRow.need, sa.func.count())
        .join(Registration, Registration.id == AccessRow.registration_id)
        .where(Registration.event_id == event_id, Registration.state.in_(HOLDING))
        .group_by(AccessRow.need)
    )
    counts = dict(rows.all())
    return {need: counts[need] for need in AccessNeed if need in counts}


def organisers(session: Session, keep: Collection[int] = ()) -> list[Person]:
    """Return everybody who may run lectures, and those of `keep` whatever they may."""
    return [
        person
        for person in accounts.people(session)
        if person.id in keep or (person.active and Permission.ORGANISE in permissions(person.roles))
    ]


def person_name(session: Session, person_id: int) -> str:
    """Return the name of somebody at the desk; empty: there is no such account."""
    found = session.get(Person, person_id)
    return found.name if found is not None else ""


def staff_of(session: Session, event_id: int) -> list[CoOrganiser]:
    """Return who helps with a lecture beside its owner."""
    found = sa.select(CoOrganiser).where(CoOrganiser.event_id == event_id).order_by(CoOrganiser.person_id)
    return list(session.scalars(found))


# --- what can be referred to --------------------------------------------------------------------------------------


def article_titles(session: Session) -> dict[str, str]:
    """Return the public articles by their names in the address, with a title each."""
    return {card.slug: card.title for card in reversed(articles.cards(session))}


def quiz_titles(session: Session) -> dict[str, str]:
    """Return the public quizzes by their names in the address, with what staff call them."""
    found = sa.select(Document.name, Document.label).where(
        Document.sort == Sort.QUIZ, Document.published_number.is_not(None)
    )
    return dict(session.execute(found.order_by(Document.name)).all())


def topic_names(session: Session) -> dict[str, str]:
    """Return the names of topics by their keys."""
    return {topic.key: topic.name[Locale.HANS] for topic in reference.topics(session)}


def missing_articles(session: Session, slugs: Collection[str]) -> list[str]:
    """Return those of `slugs` that no public article has."""
    there = article_titles(session) if slugs else {}
    return [slug for slug in slugs if slug not in there]


def missing_quizzes(session: Session, slugs: Collection[str]) -> list[str]:
    """Return those of `slugs` that no public quiz has."""
    there = quiz_titles(session) if slugs else {}
    return [slug for slug in slugs if slug not in there]
