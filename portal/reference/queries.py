"""Named reads of the reference lists."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.reference.models import Campaign, Hotline, Lint, Site, Situation, Term, Topic

EMPTY_SITE: dict[str, Any] = {
    "name": {"zh-Hans": "明白", "en": "Mingbai"},
    "bank": {"zh-Hans": ""},
    "tagline": {"zh-Hans": "拿不准的事，先查一查", "en": "Not sure? Look it up first"},
    "about": {"zh-Hans": ""},
    "bank_hotline": "",
    "featured": [],
    "alert": {},
    "searches": {},
}


def site(session: Session) -> dict[str, Any]:
    """Return what `site.yaml` says, or a bare site before anything was imported."""
    return session.scalar(sa.select(Site.content).where(Site.id == 1)) or EMPTY_SITE


def lint(session: Session) -> dict[str, Any]:
    """Return what `lint.yaml` says; no rules before anything was imported."""
    return session.scalar(sa.select(Lint.content).where(Lint.id == 1)) or {"rules": []}


def topics(session: Session) -> list[Topic]:
    """Return all topics in order."""
    return list(session.scalars(sa.select(Topic).order_by(Topic.position, Topic.id)))


def hotlines(session: Session) -> list[Hotline]:
    """Return all telephone numbers in order."""
    return list(session.scalars(sa.select(Hotline).order_by(Hotline.position, Hotline.id)))


def situations(session: Session) -> list[Situation]:
    """Return the situations of the finder in order."""
    return list(session.scalars(sa.select(Situation).order_by(Situation.position, Situation.id)))


def terms(session: Session) -> list[Term]:
    """Return the glossary in order."""
    return list(session.scalars(sa.select(Term).order_by(Term.position, Term.id)))


def campaigns(session: Session) -> list[Campaign]:
    """Return the campaigns of the year in order."""
    return list(session.scalars(sa.select(Campaign).order_by(Campaign.position, Campaign.id)))
