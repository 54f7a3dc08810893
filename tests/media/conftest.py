"""The library with somebody at the desk, through the ports that sign-in will use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.core.access import Actor, Permission
from portal.core.database import db, transaction
from portal.core.settings import Settings
from portal.media import services
from portal.media.models import Asset
from tests.conftest import make_app
from tests.media.files import picture
from tests.staff import guard, someone, token

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
AUTHOR = frozenset({Permission.DESK, Permission.WRITE})
WORDS = {"title": "转账提醒", "source": "本行拍摄", "licence": "自有", "alt": "一位老人在看手机"}


@dataclass
class Desk:
    """An installation whose visitor holds what `permissions` says; None: nobody has signed in."""

    app: Flask
    data: Path
    permissions: frozenset[Permission] | None = AUTHOR
    clients: list[FlaskClient] = field(default_factory=list)

    def find(self) -> Actor | None:
        if self.permissions is None:
            return None
        return someone(*self.permissions)

    def client(self) -> FlaskClient:
        client = self.app.test_client()
        self.clients.append(client)
        return client

    def token(self, client: FlaskClient) -> str:
        """Return the form's token, as the page of the form gives it."""
        return token(client, "/desk/media/new")

    def add(self, raw: bytes = b"", name: str = "a.png", **words: Any) -> str:
        """Put a file into the library and return its key."""
        import io

        from portal.media.rules.words import Words

        with self.app.app_context():
            data = io.BytesIO(raw or picture())
            with services.received(data, filename=name, data=self.data) as received, transaction() as session:
                said = Words(**{**WORDS, **words})
                return services.add(session, received=received, words=said, data=self.data, by="林静", at=NOON).key

    def use(self, *keys: str, user: str = "article:1:general:zh-Hans", public: bool = True, title: str = "") -> None:
        with self.app.app_context(), transaction() as session:
            services.set_uses(session, user=user, keys=keys, public=public, title=title)

    def row(self, key: str) -> Asset:
        with self.app.app_context():
            from portal.media import queries

            found = queries.asset(db.session(), key)
            assert found is not None
            db.session().expunge_all()
            return found


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    """Return an installation with an author at the desk."""
    app = make_app(settings)
    app.testing = True
    desk = Desk(app=app, data=settings.data)
    guard(app, desk.find)
    yield desk
    with app.app_context():
        db.session.remove()
