"""Reads for staff: what is to be done, by whom, and how every text came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Edition, PreviewLink, Receipt, Review, ReviewItem, Revision
from portal.articles.queries.links import broken_links
from portal.articles.queries.source import out_of_step
from portal.articles.rules import Kind, Person, ReviewState, State
from portal.core.settings import Audience, Locale, Permission

SOON = timedelta(days=30)
"""How long before its day an article that is due for a check joins the list."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as the desk lists it."""

    article: Article
    title: str
    editions: list[Edition]

    def edition(self, audience: str, locale: str) -> Edition | None:
        """Return one edition, if anybody has begun it."""
        return next((one for one in self.editions if (one.audience, one.locale) == (audience, locale)), None)

    @property
    def changed_at(self) -> datetime:
        """When a text of it was last saved."""
        return max((edition.updated_at for edition in self.editions), default=self.article.created_at)


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the articles is asked for; empty values ask for everything."""

    topic: str = ""
    audience: str = ""
    state: str = ""
    words: str = ""


class TaskKind(StrEnum):
    """What is to be done with an article; the first is the most urgent."""

    CONFIRM = "confirm"
    FAILED = "failed"
    REVIEW = "review"
    MEND = "mend"
    PUBLISH = "publish"
    OVERDUE = "overdue"
    SOURCE = "source"
    LINK = "link"
    READ = "read"
    WRITE = "write"
    SCHEDULED = "scheduled"
    WAITING = "waiting"
    SOON = "soon"


MINE = frozenset(
    {
        TaskKind.CONFIRM,
        TaskKind.FAILED,
        TaskKind.REVIEW,
        TaskKind.MEND,
        TaskKind.PUBLISH,
        TaskKind.OVERDUE,
        TaskKind.SOURCE,
        TaskKind.LINK,
        TaskKind.READ,
        TaskKind.WRITE,
    }
)
"""Tasks that the person can do something about now; the others wait for somebody else, or for a day."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, for one person."""

    kind: TaskKind
    article: Article
    title: str
    audiences: list[Edition] = field(default_factory=list)
    review: Review | None = None
    due: datetime | None = None
    day: str = ""
    links: list[str] = field(default_factory=list)
    """The addresses that lead nowhere."""

    @property
    def is_mine(self) -> bool:
        """Whether the person can act on it now."""
        return self.kind in MINE


def titles_of(session: Session) -> dict[int, str]:
    """Return what each article is called on the desk: the title of its first edition in simplified Chinese."""
    statement = (
        sa.select(Edition.article_id, Revision.title)
        .join(Revision, sa.and_(Revision.edition_id == Edition.id, Revision.number == Edition.latest_number))
        .order_by(
            Edition.article_id,
            sa.case((Edition.locale == Locale.HANS, 0), else_=1),
            sa.case((Edition.audience == Audience.GENERAL, 0), else_=1),
            Edition.id,
        )
    )
    found: dict[int, str] = {}
    for row in session.execute(statement):
        found.setdefault(row.article_id, row.title)
    return found


def editions_of(session: Session, *, article_id: int) -> list[Edition]:
    """Return the editions of an article in the order of the site."""
    found = session.scalars(sa.select(Edition).where(Edition.article_id == article_id))
    order = {name: place for place, name in enumerate([*Locale, *Audience])}
    return sorted(found, key=lambda edition: (order[edition.locale], order[edition.audience]))


def entries(session: Session, wanted: Filter) -> list[Entry]:
    """Return the articles that a filter asks for, the most recently changed first; `words` searches the drafts too."""
    statement = sa.select(Article)
    if wanted.topic:
        statement = statement.where(Article.topic == wanted.topic)
    inside = sa.select(Edition.article_id)
    if wanted.audience:
        inside = inside.where(Edition.audience == wanted.audience)
    if wanted.state:
        inside = inside.where(Edition.state == wanted.state)
    if wanted.words:
        pattern = "%" + wanted.words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        columns = (Revision.title, Revision.summary, Revision.body)
        said = sa.or_(*(column.ilike(pattern, escape="\\") for column in columns))
        inside = inside.join(
            Revision, sa.and_(Revision.edition_id == Edition.id, Revision.number == Edition.latest_number)
        ).where(
            sa.or_(said, Edition.article_id.in_(sa.select(Article.id).where(Article.slug.ilike(pattern, escape="\\"))))
        )
    if wanted.audience or wanted.state or wanted.words:
        statement = statement.where(Article.id.in_(inside))
    articles = list(session.scalars(statement))
    titles = titles_of(session)
    editions: dict[int, list[Edition]] = {}
    for edition in session.scalars(sa.select(Edition).where(Edition.article_id.in_([item.id for item in articles]))):
        editions.setdefault(edition.article_id, []).append(edition)
    listed = [Entry(item, titles.get(item.id, item.slug), editions.get(item.id, [])) for item in articles]
    return sorted(listed, key=lambda entry: entry.changed_at, reverse=True)


def tasks(session: Session, person: Person, *, now: datetime, today: date) -> list[Task]:
    """Return what `person` must do now, the most urgent first, then what waits for others."""
    titles = titles_of(session)
    articles = {article.id: article for article in session.scalars(sa.select(Article))}
    found = [
        *_of_reviews(session, person, articles, titles),
        *_of_texts(session, person, articles, titles),
        *_of_days(session, articles, titles, today=today),
        *_of_alerts(session, person, articles, titles, now=now),
        *_of_sources(session, person, articles, titles),
        *_of_links(session, person, articles, titles, now=now),
    ]
    order = list(TaskKind)
    far = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(found, key=lambda task: (order.index(task.kind), task.due or far, task.day, task.article.id))


def _of_reviews(session: Session, person: Person, articles: dict[int, Article], titles: dict[int, str]) -> list[Task]:
    live = (ReviewState.OPEN, ReviewState.APPROVED, ReviewState.SCHEDULED)
    alone = sa.and_(
        Review.state == ReviewState.PUBLISHED, Review.confirm_by.is_not(None), Review.confirmed_at.is_(None)
    )
    reviews = list(session.scalars(sa.select(Review).where(sa.or_(Review.state.in_(live), alone))))
    members = _members(session, [review.id for review in reviews])
    may_review = Permission.REVIEW in person.permissions
    found = []
    for review in reviews:
        inside = members.get(review.id, [])
        wrote = person.id in _authors(session, inside)
        may = may_review and not wrote
        if review.state is ReviewState.PUBLISHED:
            if not any(edition.published_number is not None for edition in inside):
                continue
            kind = TaskKind.CONFIRM if may and review.published_by_id != person.id else TaskKind.WAITING
            due = review.confirm_by
        elif review.state is ReviewState.SCHEDULED:
            kind = TaskKind.FAILED if review.failure and may_review else TaskKind.SCHEDULED
            due = review.publish_at
        elif review.state is ReviewState.APPROVED:
            kind, due = (TaskKind.PUBLISH if may else TaskKind.WAITING), None
        else:
            kind, due = (TaskKind.REVIEW if may else TaskKind.WAITING), None
        if kind is TaskKind.WAITING and not wrote and review.submitted_by_id != person.id:
            continue
        article = articles[review.article_id]
        found.append(Task(kind, article, titles.get(article.id, article.slug), inside, review, due))
    return found


def _members(session: Session, reviews: Sequence[int]) -> dict[int, list[Edition]]:
    statement = (
        sa.select(ReviewItem.review_id, Edition)
        .join(Edition, Edition.id == ReviewItem.edition_id)
        .where(ReviewItem.review_id.in_(reviews))
    )
    found: dict[int, list[Edition]] = {}
    for row in session.execute(statement):
        found.setdefault(row.review_id, []).append(row.Edition)
    return found


def _authors(session: Session, editions: Sequence[Edition]) -> set[int]:
    rows = session.scalars(
        sa.select(Revision.authors)
        .join(Edition, Edition.id == Revision.edition_id)
        .where(
            Edition.id.in_([edition.id for edition in editions]),
            Revision.number > sa.func.coalesce(Edition.published_number, 0),
        )
    )
    return {author for authors in rows for author in authors}


def _of_texts(session: Session, person: Person, articles: dict[int, Article], titles: dict[int, str]) -> list[Task]:
    if Permission.WRITE not in person.permissions:
        return []
    statement = (
        sa.select(Edition, Revision.authors)
        .join(Revision, sa.and_(Revision.edition_id == Edition.id, Revision.number == Edition.latest_number))
        .where(Edition.state.in_((State.DRAFT, State.NEEDS_CHANGES)))
    )
    groups: dict[tuple[int, TaskKind], list[Edition]] = {}
    for row in session.execute(statement):
        edition = row.Edition
        if person.id in row.authors or articles[edition.article_id].owner_id == person.id:
            kind = TaskKind.MEND if edition.state is State.NEEDS_CHANGES else TaskKind.WRITE
            groups.setdefault((edition.article_id, kind), []).append(edition)
    found = []
    for (article_id, kind), editions in groups.items():
        article = articles[article_id]
        review = session.get(Review, editions[0].review_id) if editions[0].review_id else None
        found.append(Task(kind, article, titles.get(article_id, article.slug), editions, review))
    return found


def _of_days(session: Session, articles: dict[int, Article], titles: dict[int, str], *, today: date) -> list[Task]:
    public = set(session.scalars(sa.select(Edition.article_id).where(Edition.published_number.is_not(None))))
    found = []
    for article in articles.values():
        if article.id in public and article.review_by <= (today + SOON).isoformat():
            kind = TaskKind.OVERDUE if article.review_by < today.isoformat() else TaskKind.SOON
            found.append(Task(kind, article, titles.get(article.id, article.slug), day=article.review_by))
    return found


def _of_alerts(
    session: Session, person: Person, articles: dict[int, Article], titles: dict[int, str], *, now: datetime
) -> list[Task]:
    public = set(session.scalars(sa.select(Edition.article_id).where(Edition.published_number.is_not(None))))
    read = set(session.scalars(sa.select(Receipt.article_id).where(Receipt.person_id == person.id)))
    return [
        Task(TaskKind.READ, article, titles.get(article.id, article.slug), due=article.expires_at)
        for article in articles.values()
        if article.kind is Kind.ALERT and article.id in public - read
    ]


def _of_sources(session: Session, person: Person, articles: dict[int, Article], titles: dict[int, str]) -> list[Task]:
    """Editions to be looked at again, because what they were written after has changed."""
    return [
        Task(TaskKind.SOURCE, articles[article_id], titles.get(article_id, articles[article_id].slug), editions)
        for article_id, editions in out_of_step(session).items()
        if _is_theirs(session, person, articles[article_id], editions)
    ]


def _of_links(
    session: Session, person: Person, articles: dict[int, Article], titles: dict[int, str], *, now: datetime
) -> list[Task]:
    """Editions with links that lead nowhere any more."""
    found = []
    for article_id, links in broken_links(session, now=now).items():
        article = articles[article_id]
        editions = list(dict.fromkeys(edition for one in links for edition in one.editions))
        if _is_theirs(session, person, article, editions):
            title = titles.get(article_id, article.slug)
            found.append(Task(TaskKind.LINK, article, title, editions, links=[one.link.url for one in links]))
    return found


def _is_theirs(session: Session, person: Person, article: Article, editions: Sequence[Edition]) -> bool:
    """Whether a person mends an article's texts: who looks after it, and who wrote them; where nobody does, writers."""
    if Permission.WRITE not in person.permissions:
        return False
    minders = {article.owner_id, article.deputy_id} - {None}
    return not minders or person.id in minders or person.id in _authors_of_latest(session, editions)


def _authors_of_latest(session: Session, editions: Sequence[Edition]) -> set[int]:
    rows = session.scalars(
        sa.select(Revision.authors)
        .join(Edition, sa.and_(Edition.id == Revision.edition_id, Edition.latest_number == Revision.number))
        .where(Edition.id.in_([edition.id for edition in editions]))
    )
    return {author for authors in rows for author in authors}


# --- one article --------------------------------------------------------------------------------------------------


def revision(session: Session, *, edition_id: int, number: int) -> Revision | None:
    """Return one revision of an edition."""
    return session.scalar(sa.select(Revision).where(Revision.edition_id == edition_id, Revision.number == number))


def history(session: Session, *, edition_id: int) -> list[Revision]:
    """Return all revisions of an edition, the newest first."""
    return list(
        session.scalars(sa.select(Revision).where(Revision.edition_id == edition_id).order_by(Revision.number.desc()))
    )


def article_reviews(session: Session, *, article_id: int) -> list[Review]:
    """Return all reviews of an article, the newest first."""
    return list(session.scalars(sa.select(Review).where(Review.article_id == article_id).order_by(Review.id.desc())))


def item_numbers(session: Session, *, review_id: int) -> dict[int, ReviewItem]:
    """Return what a review holds, by edition."""
    found = session.scalars(sa.select(ReviewItem).where(ReviewItem.review_id == review_id))
    return {item.edition_id: item for item in found}


def preview_links(session: Session, *, article_id: int, now: datetime) -> list[PreviewLink]:
    """Return the addresses under which people without accounts see an article's working copies now."""
    return list(
        session.scalars(
            sa.select(PreviewLink)
            .where(PreviewLink.article_id == article_id, PreviewLink.revoked_at.is_(None), PreviewLink.expires_at > now)
            .order_by(PreviewLink.id.desc())
        )
    )


def preview_link(session: Session, *, digest: str, now: datetime) -> PreviewLink | None:
    """Return the address that a token's digest opens now."""
    return session.scalar(
        sa.select(PreviewLink).where(
            PreviewLink.digest == digest, PreviewLink.revoked_at.is_(None), PreviewLink.expires_at > now
        )
    )


def receipts(session: Session, *, article_id: int) -> list[Receipt]:
    """Return who of the staff has read an alert, the first first."""
    return list(session.scalars(sa.select(Receipt).where(Receipt.article_id == article_id).order_by(Receipt.at)))
