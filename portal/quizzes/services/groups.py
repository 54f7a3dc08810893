"""Codes that gather the attempts of a class or a community centre."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core import crypto
from portal.quizzes.models import Document, Group
from portal.quizzes.rules import taking


def signs() -> str:
    """Return eight random signs that are easy to read aloud: 40 bits."""
    return "".join(secrets.choice(taking.SIGNS) for _ in range(taking.CODE_LENGTH))


def open_group(
    session: Session, *, quiz_id: int, label: str, closes_at: datetime | None, by: str, at: datetime
) -> Group:
    """Make a code for a quiz.

    Raises:
        LookupError: there is no such quiz.
    """
    quiz = session.get(Document, quiz_id)
    if quiz is None:
        raise LookupError(quiz_id)
    group = Group(quiz_id=quiz_id, code=signs(), label=label, created_at=at, created_by=by, closes_at=closes_at)
    session.add(group)
    session.flush()
    record(session, Tag.GROUP_OPENED, by=by, at=at, target=f"group:{group.id}", details={"quiz": quiz.name})
    return group


def close_group(session: Session, *, group_id: int, by: str, at: datetime) -> Group:
    """End a code; one that has ended stays as it is.

    Raises:
        LookupError: there is no such group.
    """
    group = _locked(session, group_id)
    if group.closes_at is None or group.closes_at > at:
        group.closes_at = at
        record(session, Tag.GROUP_CLOSED, by=by, at=at, target=f"group:{group.id}")
    return group


def new_link(session: Session, *, group_id: int, by: str, at: datetime) -> str:
    """Return the token of a new address for the results; the address before it stops working.

    Raises:
        LookupError: there is no such group.
    """
    group = _locked(session, group_id)
    token = crypto.token()
    group.results_digest = crypto.digest(token)
    record(session, Tag.GROUP_LINKED, by=by, at=at, target=f"group:{group.id}")
    return token


def of_link(session: Session, token: str) -> Group | None:
    """Return the group whose results a token shows."""
    return session.scalar(sa.select(Group).where(Group.results_digest == crypto.digest(token)))


def _locked(session: Session, group_id: int) -> Group:
    group = session.get(Group, group_id, with_for_update={"key_share": True})
    if group is None:
        raise LookupError(group_id)
    return group
