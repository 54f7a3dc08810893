"""What tests of packages beside the desk share: one article in one edition, and its way to the public."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.articles import services
from portal.articles.models import Article, Edition
from portal.articles.rules import Person, State
from portal.core.database import db, transaction
from tests.articles.desk import ANN, AT, BOB, RULES, text
from tests.conftest import make_app
from tests.factories import ARTICLE, edition, package

NOTHING = "Nothing has changed: everything in the package is stored already.\n"
KEPT = "hang-up/general/zh-Hans was changed at the desk since; it was kept"
SAME = "同样的话。"


def written(words: str) -> dict[str, Any]:
    """Return a text with the digest that its file has."""
    found = text(body(words))
    said = [found[name] for name in ("title", "summary", "hook", "body")]
    return found | {"checksum": hashlib.sha256(json.dumps(said).encode()).hexdigest()}


def body(words: str) -> str:
    return f"[一句话]\n{words}\n[/]\n\n## 现在怎么做\n\n先停下来。\n"


def folder(
    tmp_path: Path, words: str = "先挂断。", status: str = "published", article: str = ARTICLE, **root: str
) -> Path:
    """Write a package with one article in one edition."""
    files = {"general.zh-Hans.md": edition(body=body(words), status=status), "article.yaml": article}
    return package(tmp_path / "p", {"hang-up": files}, lint_yaml=RULES, **root)


def the(session: Session) -> tuple[Article, Edition]:
    db.session.expire_all()
    article = db.session.scalars(sa.select(Article).where(Article.slug == "hang-up")).one()
    return article, db.session.scalars(sa.select(Edition).where(Edition.article_id == article.id)).one()


def stands(session: Session) -> tuple[State, int, int | None]:
    edition = the(db.session())[1]
    return edition.state, edition.latest_number, edition.published_number


def save(session: Session, words: str, by: Person = ANN) -> None:
    article, stored = the(db.session())
    with transaction():
        services.save_text(
            db.session(),
            article_id=article.id,
            audience=stored.audience,
            locale=stored.locale,
            expected=stored.latest_number,
            text=written(words),
            words=services.Words.of(db.session()),
            by=by,
            at=AT,
        )


def submit(session: Session) -> int:
    article, stored = the(db.session())
    with transaction():
        return services.submit(db.session(), article_id=article.id, edition_ids=[stored.id], by=ANN, at=AT).id


def publish(session: Session) -> None:
    review = submit(db.session())
    with transaction():
        services.decide(db.session(), review_id=review, approve=True, opinion="可以发布。", by=BOB, at=AT)
    with transaction():
        services.publish(db.session(), review_id=review, by=BOB, at=AT)


def public_text(app: Flask) -> str:
    # A fresh application: on PostgreSQL a process asks for the site's version once a second.
    page = make_app(app.config["PORTAL"]).test_client().get("/articles/hang-up")
    return page.text if page.status_code == 200 else ""
