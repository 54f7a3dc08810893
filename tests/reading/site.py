"""A site that staff work on while the public reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.articles import services
from portal.articles.models import Article
from portal.articles.rules import Kind
from portal.core.database import transaction
from portal.core.settings import Audience
from tests.articles import desk
from tests.conftest import make_app

Found = TypeVar("Found")
NOW = datetime.now(UTC)
SOON = NOW + timedelta(days=3)


@dataclass
class Site:
    """An installation, and what staff do to it."""

    app: Flask

    def do(self, act: Callable[[Session], Found]) -> Found:
        """Work in one write unit, as a request of the desk does; no context stays behind."""
        with self.app.app_context(), transaction() as session:
            return act(session)

    def reader(self) -> FlaskClient:
        """Return a client of a process that starts now: one that runs already may take a second on PostgreSQL."""
        return make_app(self.app.config["PORTAL"]).test_client()

    def publish(
        self,
        slug: str,
        *,
        title: str = "先挂断",
        kind: Kind = Kind.ARTICLE,
        audiences: Sequence[Audience] = (Audience.GENERAL,),
        at: datetime = desk.AT,
        **shared: Any,
    ) -> int:
        """Write an article, have it approved and published; return its id."""

        def act(session: Session) -> int:
            article = desk.begin(session, slug=slug, kind=kind, **shared)
            for audience in audiences:
                self._write(session, article, audience, title)
            review = services.submit(
                session, article_id=article.id, edition_ids=desk.editions(session, article), by=desk.ANN, at=at
            )
            services.decide(session, review_id=review.id, approve=True, opinion="可以。", by=desk.BOB, at=at)
            services.publish(session, review_id=review.id, by=desk.BOB, at=at)
            return article.id

        return self.do(act)

    def write(self, article_id: int, title: str, audience: Audience = Audience.GENERAL) -> None:
        """Write a text that nobody has reviewed."""
        self.do(lambda session: self._write(session, session.get_one(Article, article_id), audience, title))

    def _write(self, session: Session, article: Article, audience: Audience, title: str) -> None:
        edition = desk.of(session, article, audience)
        services.save_text(
            session,
            article_id=article.id,
            audience=audience,
            locale=desk.Locale.HANS,
            expected=edition.latest_number if edition else 0,
            text=desk.text(title=title),
            words=services.Words.of(session),
            by=desk.ANN,
            at=desk.AT,
        )

    def withdraw(self, article_id: int, *, audience: Audience | None = None, note: str = "", to: str = "") -> None:
        """Take editions of an article from the public: one, or all that are public."""

        def act(session: Session) -> None:
            article = session.get_one(Article, article_id)
            wanted = [
                edition.id
                for name in ([audience] if audience else Audience)
                if (edition := desk.of(session, article, name)) and edition.published_number is not None
            ]
            services.withdraw(
                session, article_id=article_id, edition_ids=wanted, note=note, to=to, by=desk.BOB, at=desk.LATER
            )

        self.do(act)
