"""A desk with a small library, and an article in four editions that nobody has submitted yet."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.articles.models import Article
from portal.core.database import transaction
from portal.core.settings import Audience
from tests.articles.desk import begin, library, write
from tests.conftest import PREPARED

PREPARED["desk_library"] = library


@pytest.fixture
def desk_library(app: Flask) -> None:
    """Have one published article and one rule."""


@pytest.fixture
def draft(desk_library: None, session: Session) -> Article:
    """Return an article that a writer has written four editions of."""
    with transaction():
        article = begin(session)
        for audience in Audience:
            write(session, article, audience=audience)
    return article
