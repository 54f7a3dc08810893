"""What tests of the desk start from: a library with one blocking rule, people, and texts as the editor sends them."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles import services
from portal.articles.models import Article, Edition
from portal.articles.rules import Kind, Person, State, Why
from portal.core import markup
from portal.core.database import db, transaction
from portal.core.settings import Audience, Locale, Permission
from portal.reference import queries as reference
from portal.reference.services import store_lint
from tests.articles.helpers import take
from tests.factories import package

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
RULES = """\
rules:
- id: promise
  group: A
  level: block
  name: {zh-Hans: 承诺, en: Promise}
  law: 《广告法》第二十五条
  why: 不许承诺。
  suggestion: {zh-Hans: 删去承诺。, en: Take it out.}
  words: [稳赚]
"""
GOOD = "[一句话]\n先挂断。\n[/]\n\n## 现在怎么做\n\n先停下来，再打电话问一问。\n"
BAD = GOOD + "\n这个产品稳赚不赔。\n"

_WRITE = frozenset({Permission.DESK, Permission.WRITE})
ANN = Person(1, "林静", _WRITE)
BOB = Person(2, "周明", _WRITE | {Permission.REVIEW})
EVE = Person(3, "陈晓", _WRITE | {Permission.REVIEW})
ADMIN = Person(4, "管理员", frozenset(Permission))


def library(tmp_path: Path) -> None:
    """Take in one published article and the rule."""
    take(package(tmp_path / "library", lint_yaml=RULES))


def values(slug: str = "new-one", **changed: Any) -> dict[str, Any]:
    """Return what the editions of an article share."""
    return {
        "slug": slug,
        "topic": "phone",
        "checked_on": "2026-11-01",
        "review_by": "2027-02-01",
        "expires_at": None,
        "related": [],
        "facts": [],
        "sources": [],
        **changed,
    }


def text(body: str = GOOD, title: str = "先挂断") -> dict[str, Any]:
    """Return a text as the editor hands it to `save_text`."""
    rendered = markup.render(body, locale="zh-Hans")
    return {
        "title": title,
        "summary": "没有安全账户。",
        "hook": "",
        "body": body,
        "html": rendered.html,
        "toc": rendered.toc,
        "checksum": hashlib.sha256(f"{title}{body}".encode()).hexdigest(),
    }


def begin(
    session: Session, *, slug: str = "new-one", by: Person = ANN, kind: Kind = Kind.ARTICLE, **changed: Any
) -> Article:
    """Begin an article."""
    return services.create(session, kind=kind, values=values(slug, **changed), by=by, at=AT)


def write(
    session: Session,
    article: Article,
    body: str = GOOD,
    *,
    audience: Audience = Audience.GENERAL,
    by: Person = ANN,
    expected: int | None = None,
    at: datetime = AT,
) -> Edition:
    """Save a text into an edition; by default over whatever is there."""
    edition = of(session, article, audience)
    revision = services.save_text(
        session,
        article_id=article.id,
        audience=audience,
        locale=Locale.HANS,
        expected=(edition.latest_number if edition else 0) if expected is None else expected,
        text=text(body),
        words=services.Words.of(session),
        by=by,
        at=at,
    )
    return session.get_one(Edition, revision.edition_id)


def of(session: Session, article: Article, audience: Audience = Audience.GENERAL) -> Edition | None:
    """Return an edition of an article."""
    return session.scalar(sa.select(Edition).where(Edition.article_id == article.id, Edition.audience == audience))


def editions(session: Session, article: Article) -> list[int]:
    return list(session.scalars(sa.select(Edition.id).where(Edition.article_id == article.id).order_by(Edition.id)))


def submitted(session: Session, article: Article) -> int:
    with transaction():
        review = services.submit(
            session, article_id=article.id, edition_ids=editions(session, article), by=ANN, at=AT, note=""
        )
        return review.id


def approved(session: Session, article: Article) -> int:
    review = submitted(session, article)
    with transaction():
        services.decide(session, review_id=review, approve=True, opinion="可以发布。", by=BOB, at=AT)
    return review


def refused(act: Callable[..., Any], **options: Any) -> Why:
    with pytest.raises(services.Refused) as problem, transaction():
        act(db.session(), **options)
    return problem.value.why


def states(session: Session, article: Article) -> set[State]:
    session.expire_all()
    return set(session.scalars(sa.select(Edition.state).where(Edition.article_id == article.id)))


def public(session: Session, article: Article) -> dict[str, int | None]:
    session.expire_all()
    rows = session.execute(
        sa.select(Edition.audience, Edition.published_number).where(Edition.article_id == article.id)
    )
    return {row.audience.value: row.published_number for row in rows}


def forbid(session: Session, word: str) -> None:
    with transaction():
        content = copy.deepcopy(reference.lint(session))
        content["rules"][0]["words"] = {"zh-Hans": [word]}
        store_lint(session, content=content)
