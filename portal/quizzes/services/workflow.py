"""The way of questions and quizzes to the public: the same rules, the same four eyes as for articles."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.rules import Act, Person, ReviewState, Standing, next_state, why_not_all
from portal.articles.services import Refused, Stale, next_opinion_number
from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.database import local_day, touch_site
from portal.core.errors import PortalError
from portal.quizzes.models import Document, Review, ReviewMember, Revision, Waiver
from portal.quizzes.rules import quizzes
from portal.quizzes.rules.bank import Sort
from portal.quizzes.services import bank
from portal.quizzes.services.judging import BankJudge, Checked

JUDGED = frozenset({Act.SUBMIT, Act.APPROVE, Act.PUBLISH})
"""Acts before which the check runs."""


class InUse(PortalError):
    """A public quiz asks the question; `quizzes` names them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.quizzes = names


def authors(session: Session, document: Document) -> frozenset[int]:
    """Return everybody who wrote any part of a document since what the public has."""
    rows = session.scalars(
        sa.select(Revision.authors).where(
            Revision.document_id == document.id, Revision.number > (document.published_number or 0)
        )
    )
    return frozenset().union(*rows)


def waivers(session: Session, document: Document) -> dict[str, Waiver]:
    """Return the findings of a document that reviewers let stand, by the finding's key."""
    found = session.scalars(sa.select(Waiver).where(Waiver.document_id == document.id))
    return {waiver.finding: waiver for waiver in found}


def checked(
    session: Session, document: Document, *, judge: BankJudge, together: Collection[int], at: datetime
) -> Checked | None:
    """Check the working copy of a document; None: there is none."""
    latest = bank.revision(session, document)
    if latest is None:
        return None
    return judge.document(document, latest, together=together, today=local_day(session, at=at))


def standing(
    session: Session, document: Document, *, judge: BankJudge | None, together: Collection[int] = (), at: datetime
) -> Standing:
    """Return what the rules need to know of a document.

    Args:
        judge: None leaves the check out, for acts that it does not bear on.
        together: the documents of the set that it is in.
    """
    found = checked(session, document, judge=judge, together=together, at=at) if judge else None
    return Standing(
        state=document.state,
        authors=authors(session, document),
        has_text=document.latest_number > 0,
        has_news=document.published_number != document.latest_number,
        is_public=document.published_number is not None,
        has_rules=judge is None or judge.has_rules,
        blocking=found.kept_back(waivers(session, document)) if found else 0,
    )


def allow(session: Session, act: Act, documents: Sequence[Document], *, by: Person, at: datetime) -> None:
    """Let an act on a set of documents pass.

    Raises:
        Refused: with the reason.
    """
    judge = BankJudge(session) if act in JUDGED else None
    together = [document.id for document in documents]
    members = [standing(session, one, judge=judge, together=together, at=at) for one in documents]
    reason = why_not_all(act, by, members)
    if reason is not None:
        raise Refused(act, reason)


def take(session: Session, review_id: int) -> tuple[Review, list[Document]]:
    """Return a review and its documents, taken for this write unit.

    Raises:
        LookupError: there is no such review.
        Stale: something in it has been submitted again with another one since.
    """
    ids = session.scalars(sa.select(ReviewMember.document_id).where(ReviewMember.review_id == review_id)).all()
    documents = bank.lock(session, ids)
    review = session.get(Review, review_id, populate_existing=True)
    assert review is not None  # noqa: S101  # it has members
    if any(document.review_id != review.id for document in documents):
        raise Stale("The set holds texts that were submitted again since.")
    return review, documents


def _move(review: Review, documents: Sequence[Document], act: Act, state: ReviewState) -> None:
    review.state = state
    for document in documents:
        document.state = next_state(document.state, act)


def _audit(session: Session, tag: Tag, review: Review, documents: Sequence[Document], *, by: str, at: datetime) -> None:
    details: dict[str, Any] = {"documents": [f"{one.sort.value}:{one.name}" for one in documents]}
    record(session, tag, by=by, at=at, target=f"quiz-review:{review.id}", details=details)


# --- verbs --------------------------------------------------------------------------------------------------------


def submit(session: Session, *, document_ids: Collection[int], by: Person, at: datetime, note: str = "") -> Review:
    """Ask for review of the working copies of some questions and quizzes, as one set.

    Raises:
        Refused: the rules, or the check, keep one of them back.
        LookupError: one of them does not exist.
    """
    documents = bank.lock(session, document_ids)
    allow(session, Act.SUBMIT, documents, by=by, at=at)
    review = Review(
        state=ReviewState.OPEN,
        submitted_at=at,
        submitted_by=by.name,
        submitted_by_id=by.id,
        note=note,
        opinion="",
        findings=[],
    )
    session.add(review)
    session.flush()
    for document in documents:
        session.add(
            ReviewMember(
                review_id=review.id,
                document_id=document.id,
                number=document.latest_number,
                base_number=document.published_number,
            )
        )
        document.review_id = review.id
    _move(review, documents, Act.SUBMIT, ReviewState.OPEN)
    session.flush()
    _audit(session, Tag.BANK_SUBMITTED, review, documents, by=by.name, at=at)
    return review


def take_back(session: Session, *, review_id: int, by: Person, at: datetime) -> Review:
    """Take a submitted set back to go on writing."""
    review, documents = take(session, review_id)
    allow(session, Act.TAKE_BACK, documents, by=by, at=at)
    bank.end_review(session, review, state=ReviewState.VOID)
    _audit(session, Tag.BANK_TAKEN_BACK, review, documents, by=by.name, at=at)
    return review


def decide(session: Session, *, review_id: int, approve: bool, opinion: str, by: Person, at: datetime) -> Review:
    """Approve a set, or send it back; the opinion gets the year's next number, of one row with those on articles."""
    act = Act.APPROVE if approve else Act.ASK_CHANGES
    review, documents = take(session, review_id)
    allow(session, act, documents, by=by, at=at)
    review.findings = _findings(session, documents, at=at)
    review.decided_at, review.decided_by, review.decided_by_id = at, by.name, by.id
    review.opinion = opinion
    review.opinion_number = next_opinion_number(session, at=at)
    _move(review, documents, act, ReviewState.APPROVED if approve else ReviewState.CHANGES)
    session.flush()
    tag = Tag.BANK_APPROVED if approve else Tag.BANK_CHANGES_ASKED
    _audit(session, tag, review, documents, by=by.name, at=at)
    return review


def _findings(session: Session, documents: Sequence[Document], *, at: datetime) -> list[dict[str, Any]]:
    """Return what the check says of a set, as it is kept with the opinion."""
    judge = BankJudge(session)
    together = [document.id for document in documents]
    rows = []
    for document in documents:
        waived = waivers(session, document)
        found = checked(session, document, judge=judge, together=together, at=at)
        for judgement in found.judgements if found else ():
            for finding in judgement.findings:
                waiver = waived.get(finding.key)
                rows.append(
                    {
                        "document": document.name,
                        "edition": f"{judgement.audience}/{judgement.locale}",
                        "rule": finding.rule.id,
                        "level": finding.level.value,
                        "passage": finding.passage,
                        "law": dict(finding.rule.law),
                        "waived_by": waiver.by if waiver else "",
                        "reason": waiver.reason if waiver else "",
                    }
                )
    return rows


def waive(session: Session, *, document_id: int, finding: str, reason: str, by: Person, at: datetime) -> Waiver:
    """Let a finding of the check stand, with a reason; it holds while the sentence stays as it is.

    Raises:
        Refused: the person wrote part of the text, or may not review.
        LookupError: the check does not find this (any more).
    """
    [document] = bank.lock(session, [document_id])
    allow(session, Act.WAIVE, [document], by=by, at=at)
    judged = checked(session, document, judge=BankJudge(session), together=(), at=at)
    found = {
        key: (rule, passage)
        for judgement in (judged.judgements if judged else ())
        for key, rule, passage in judgement.waivable()
    }
    if finding not in found:
        raise LookupError("finding")
    present = waivers(session, document).get(finding)
    if present is not None:
        return present
    rule, passage = found[finding]
    waiver = Waiver(
        document_id=document.id,
        finding=finding,
        rule=rule,
        passage=passage[:300],
        reason=reason,
        at=at,
        by=by.name,
        by_id=by.id,
    )
    session.add(waiver)
    session.flush()
    record(
        session,
        Tag.BANK_WAIVED,
        by=by.name,
        at=at,
        target=f"{document.sort.value}:{document.id}",
        details={"name": document.name, "rule": rule, "reason": reason},
    )
    return waiver


def publish(session: Session, *, review_id: int, by: Person, at: datetime) -> Review:
    """Let the public have an approved set: all of it, or nothing. Every quiz that it changes gets a new version.

    Raises:
        Refused: the rules, or the check as it is today, keep it back.
        Stale: something in it was changed after it was submitted.
    """
    review, documents = take(session, review_id)
    allow(session, Act.PUBLISH, documents, by=by, at=at)
    numbers = {
        member.document_id: member.number
        for member in session.scalars(sa.select(ReviewMember).where(ReviewMember.review_id == review.id))
    }
    if any(document.latest_number != numbers[document.id] for document in documents):
        raise Stale("The set holds texts that were changed after it was submitted.")
    _move(review, documents, Act.PUBLISH, ReviewState.PUBLISHED)
    review.published_at, review.published_by = at, by.name
    bank.show(session, documents, by=by.name, at=at)
    _audit(session, Tag.BANK_PUBLISHED, review, documents, by=by.name, at=at)
    return review


def withdraw(session: Session, *, document_id: int, by: Person, at: datetime) -> Document:
    """Take a question or quiz from the public; what was answered stays.

    Raises:
        InUse: a public quiz asks the question by name, or needs it in a pool.
    """
    [document] = bank.lock(session, [document_id])
    allow(session, Act.WITHDRAW, [document], by=by, at=at)
    if document.sort is Sort.ITEM and (names := used_by(session, document)):
        raise InUse(names)
    document.published_number = None
    document.published_at = None
    document.state = next_state(document.state, Act.WITHDRAW)
    session.flush()
    bank.note_picture(session, document)
    bank.freeze_public(session, by=by.name, at=at)
    touch_site(session)
    record(
        session,
        Tag.BANK_WITHDRAWN,
        by=by.name,
        at=at,
        target=f"{document.sort.value}:{document.id}",
        details={"name": document.name},
    )
    return document


def used_by(session: Session, document: Document) -> list[str]:
    """Return the slugs of the public quizzes that could not be without a question."""
    public = (
        sa.select(Revision.content)
        .join(Document, sa.and_(Document.id == Revision.document_id, Document.published_number == Revision.number))
        .where(Document.sort == Sort.QUIZ)
        .order_by(Document.name)
    )
    found = []
    for content in session.scalars(public):
        quiz = quizzes.quiz_from_plain(content)
        if any(slot.item == document.name for slot in quiz.slots):
            found.append(quiz.slug)
        elif any(slot.pool and slot.pool.topic == document.topic for slot in quiz.slots):
            made = bank.instrument(session, quiz)
            needed = {
                place: slot.pool.count for place, slot in enumerate(quiz.slots) if slot.pool and place in made.pools
            }
            if any(document.name in made.pools[place] and len(made.pools[place]) <= n for place, n in needed.items()):
                found.append(quiz.slug)
    return found
