"""Mail to staff about sets of questions and quizzes: rows of the outbox, in the write unit of what they tell of."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.messages import services as messages
from portal.quizzes.models import Document, Review, ReviewMember
from portal.quizzes.services.workflow import authors


def _documents(session: Session, review: Review) -> list[Document]:
    """Return what is in a set, quizzes first."""
    inside = sa.select(ReviewMember.document_id).where(ReviewMember.review_id == review.id)
    statement = sa.select(Document).where(Document.id.in_(inside)).order_by(Document.sort.desc(), Document.id)
    return list(session.scalars(statement))


def tell_submitted(session: Session, *, review: Review, site: str, at: datetime) -> None:
    """Ask the reviewers who wrote nothing of a set to look at it."""
    documents = _documents(session, review)
    writers = frozenset().union(*(authors(session, document) for document in documents))
    messages.tell_staff(
        session,
        accounts.reviewers(session, but=writers),
        "review-asked",
        at=at,
        title=documents[0].label,
        who=review.submitted_by,
        link=f"{site}/desk/quiz-reviews/{review.id}",
    )


def tell_sent_back(session: Session, *, review: Review, site: str, at: datetime) -> None:
    """Tell whoever submitted a set what is to be changed."""
    messages.tell_staff(
        session,
        accounts.named(session, [review.submitted_by_id]),
        "changes-asked",
        at=at,
        title=_documents(session, review)[0].label,
        who=review.decided_by or "",
        why=review.opinion,
        link=f"{site}/desk/quiz-reviews/{review.id}",
    )
