"""Writing: saving a text over the one that was read, what is typed and not saved, restoring, and the shared facts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Edition, FormerSlug, Receipt, Revision, Sheet, Slot
from portal.articles.rules import Act, Kind, Person, Why
from portal.articles.services.saving import Words, add_sheet, publish_sheet, save_draft, sheet
from portal.articles.services.source import note_seen
from portal.articles.services.standing import Refused, Stale, allow, lock
from portal.articles.services.workflow import audit
from portal.audit.rules import Tag
from portal.core.database import touch_site
from portal.core.settings import Permission
from portal.reference.rules import Audience, Locale


class Conflict(Stale):
    """Somebody else has saved meanwhile; nothing of theirs was overwritten."""

    def __init__(self, theirs: Revision | Sheet) -> None:
        super().__init__(f"saved by {theirs.created_by} meanwhile")
        self.theirs = theirs


class SlugTaken(Stale):
    """Another article has this name in its address, now or from before."""


def create(session: Session, *, kind: Kind, values: dict[str, Any], by: Person, at: datetime) -> Article:
    """Begin an article; nobody but staff knows of it.

    Args:
        values: `slug`, `topic`, `checked_on`, `review_by`, `expires_at`, `related`, `facts`, `sources`.

    Raises:
        SlugTaken: the name is in use.
        Refused: the person may not write.
    """
    _may_write(by)
    _free(session, values["slug"], article=None)
    article = Article(kind=kind, latest_sheet=0, owner_id=by.id, created_at=at, **values)
    session.add(article)
    session.flush()
    add_sheet(session, article=article, values=values, by=by.name, authors=[by.id], at=at)
    audit(session, Tag.SAVED, article=article, by=by.name, at=at, sheet=1)
    return article


def _may_write(by: Person) -> None:
    if Permission.WRITE not in by.permissions:
        raise Refused(Act.EDIT, Why.NO_PERMISSION)


def _free(session: Session, slug: str, *, article: Article | None) -> None:
    own = article.id if article else -1
    held = sa.select(Article.id).where(Article.slug == slug, Article.id != own)
    former = sa.select(FormerSlug.article_id).where(FormerSlug.slug == slug, FormerSlug.article_id != own)
    # Also a name that another article will have once its review is through.
    asked = (
        sa.select(Sheet.article_id)
        .join(Article, sa.and_(Article.id == Sheet.article_id, Article.latest_sheet == Sheet.number))
        .where(Sheet.slug == slug, Sheet.article_id != own)
    )
    if any(session.scalar(statement.limit(1)) is not None for statement in (held, former, asked)):
        raise SlugTaken(slug)


def save_facts(
    session: Session,
    *,
    article_id: int,
    expected: int,
    values: dict[str, Any],
    by: Person,
    at: datetime,
    note: str = "",
) -> Sheet | None:
    """Store what the editions share, for review; None: nothing is different.

    Raises:
        Conflict: somebody saved after sheet `expected`.
        SlugTaken, Refused.
    """
    _may_write(by)
    article = lock(session, article_id)
    present = sheet(session, article=article)
    if present is not None and present.number != expected:
        raise Conflict(present)
    if "slug" in values:
        _free(session, values["slug"], article=article)
    added = add_sheet(session, article=article, values=values, by=by.name, authors=[by.id], at=at, note=note)
    if added is not None:
        audit(session, Tag.SAVED, article=article, by=by.name, at=at, sheet=added.number)
    return added


def set_owners(
    session: Session, *, article_id: int, owner_id: int | None, deputy_id: int | None, by: Person, at: datetime
) -> None:
    """Name who is reminded of an article's checks, and who in their absence; the public sees nothing of it.

    Raises:
        Refused: the person may not write.
    """
    _may_write(by)
    article = lock(session, article_id)
    article.owner_id, article.deputy_id = owner_id, deputy_id
    # Whoever takes over is told of what is due already.
    article.reminded_on = None
    session.flush()
    audit(session, Tag.OWNERS_NAMED, article=article, by=by.name, at=at, owner=owner_id, deputy=deputy_id)


def mark_read(session: Session, *, article_id: int, by: Person, at: datetime) -> None:
    """Record once that a member of staff has read an alert (反诈法 art. 30: staff are warned of new methods)."""
    lock(session, article_id)
    if session.get(Receipt, (article_id, by.id)) is None:
        session.add(Receipt(article_id=article_id, person_id=by.id, name=by.name, at=at))
        session.flush()


def confirm_facts(session: Session, *, article_id: int, today: str, review_by: str, by: Person, at: datetime) -> None:
    """Record that somebody has checked every fact against its source: only this moves the day that readers see.

    Raises:
        Refused: the person may not review, or the facts are being changed.
    """
    if Permission.REVIEW not in by.permissions:
        raise Refused(Act.CONFIRM, Why.NO_PERMISSION)
    article = lock(session, article_id)
    if article.published_sheet != article.latest_sheet:
        # What is in review is checked there; a day set now would be about other facts.
        raise Refused(Act.CONFIRM, Why.WRONG_STATE)
    values = {"checked_on": today, "review_by": review_by}
    added = add_sheet(session, article=article, values=values, by=by.name, authors=[by.id], at=at)
    if added is not None:
        publish_sheet(session, article=article, number=added.number)
        article.reminded_on = None
        touch_site(session)
    audit(session, Tag.FACTS_CONFIRMED, article=article, by=by.name, at=at, review_by=review_by)


def save_text(
    session: Session,
    *,
    article_id: int,
    audience: Audience,
    locale: Locale,
    expected: int,
    text: dict[str, Any],
    words: Words,
    by: Person,
    at: datetime,
    note: str = "",
) -> Revision:
    """Store a text over the revision that its writer read, as the working copy; what they had typed aside is gone.

    The same text again makes no new revision, so a form that is sent twice saves once.

    Args:
        expected: the number of the revision that the writer began from; 0: there was none.
        text: `title`, `summary`, `hook`, `body`, `html`, `toc` and `checksum`.

    Raises:
        Conflict: somebody else saved after `expected`.
        Refused: the person may not write.
    """
    _may_write(by)
    article = lock(session, article_id)
    edition = find(session, article=article, audience=audience, locale=locale)
    present = _numbered(session, edition, edition.latest_number) if edition is not None else None
    if present is not None and present.checksum == text["checksum"]:
        clear_slot(session, article_id=article.id, audience=audience, locale=locale, person_id=by.id)
        return present
    if present is not None and present.number != expected:
        raise Conflict(present)
    if edition is not None:
        allow(session, Act.EDIT, article=article, editions=[edition], by=by, at=at)
    revision = save_draft(
        session,
        article=article,
        audience=audience,
        locale=locale,
        text=text,
        words=words,
        by=by.name,
        authors=[by.id],
        at=at,
        note=note,
    )
    clear_slot(session, article_id=article.id, audience=audience, locale=locale, person_id=by.id)
    # Whoever writes an edition has its source beside it.
    note_seen(session, article=article, edition=session.get_one(Edition, revision.edition_id))
    audit(
        session, Tag.SAVED, article=article, by=by.name, at=at, edition=f"{audience}/{locale}", number=revision.number
    )
    return revision


def restore(
    session: Session, *, edition_id: int, number: int, expected: int, words: Words, by: Person, at: datetime
) -> Revision:
    """Make an old revision the working copy again; it goes through review like any other text.

    Its writers are authors of the new revision too: they cannot approve it.
    """
    edition = session.get(Edition, edition_id)
    old = _numbered(session, edition, number) if edition is not None else None
    if edition is None or old is None:
        raise LookupError("revision")
    article = lock(session, edition.article_id)
    session.refresh(edition)
    present = _numbered(session, edition, edition.latest_number)
    if present is not None and edition.latest_number != expected:
        raise Conflict(present)
    allow(session, Act.EDIT, article=article, editions=[edition], by=by, at=at)
    text = {name: getattr(old, name) for name in ("title", "summary", "hook", "body", "html", "toc", "checksum")}
    revision = save_draft(
        session,
        article=article,
        audience=edition.audience,
        locale=edition.locale,
        text=text,
        words=words,
        by=by.name,
        authors=[by.id, *old.authors],
        at=at,
        note=f"↩ {number}",
    )
    audit(session, Tag.SAVED, article=article, by=by.name, at=at, restored=number, number=revision.number)
    return revision


def find(session: Session, *, article: Article, audience: Audience, locale: Locale) -> Edition | None:
    """Return an edition of an article, if anybody has begun it."""
    return session.scalar(
        sa.select(Edition).where(
            Edition.article_id == article.id, Edition.audience == audience, Edition.locale == locale
        )
    )


def _numbered(session: Session, edition: Edition, number: int) -> Revision | None:
    return session.scalar(sa.select(Revision).where(Revision.edition_id == edition.id, Revision.number == number))


# --- typed and not saved ------------------------------------------------------------------------------------------


def keep_slot(
    session: Session,
    *,
    article_id: int,
    audience: Audience,
    locale: Locale,
    base_number: int,
    content: dict[str, Any],
    by: Person,
    at: datetime,
) -> None:
    """Keep what a person has typed so far; it is theirs alone and no part of the history."""
    _may_write(by)
    slot = slot_of(session, article_id=article_id, audience=audience, locale=locale, person_id=by.id)
    if slot is None:
        slot = Slot(article_id=article_id, audience=audience, locale=locale, person_id=by.id)
        session.add(slot)
    slot.base_number, slot.content, slot.at = base_number, content, at
    session.flush()


def slot_of(session: Session, *, article_id: int, audience: Audience, locale: Locale, person_id: int) -> Slot | None:
    """Return what a person has typed into an edition and not saved."""
    return session.scalar(
        sa.select(Slot).where(
            Slot.article_id == article_id,
            Slot.audience == audience,
            Slot.locale == locale,
            Slot.person_id == person_id,
        )
    )


def clear_slot(session: Session, *, article_id: int, audience: Audience, locale: Locale, person_id: int) -> None:
    """Forget what a person has typed and not saved."""
    slot = slot_of(session, article_id=article_id, audience=audience, locale=locale, person_id=person_id)
    if slot is not None:
        session.delete(slot)
