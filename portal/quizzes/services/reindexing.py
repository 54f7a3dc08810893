"""Digests of this room under the present key, made from what is sealed beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from portal.quizzes.models import Attempt, Contest
from portal.quizzes.rules.taking import code_of
from portal.quizzes.services.contests import person_digests
from portal.quizzes.services.taking import code_digests


def attempt(_session: Session, row: Mapping[str, Any]) -> dict[str, str]:
    """Return what the short code of an attempt under way is found by."""
    if row["token"] is None or row["code_digest"] is None:
        return {}
    return {"code_digest": code_digests(code_of(row["token"]))[0]}


def entry(session: Session, row: Mapping[str, Any]) -> dict[str, str]:
    """Return what somebody who has entered a contest is recognised by."""
    if row["contact_digest"] is None:
        return {}
    contest, made = session.get_one(Contest, row["contest_id"]), session.get_one(Attempt, row["attempt_id"])
    return {"contact_digest": person_digests(contest, made, row["contact"] or "")[0]}
