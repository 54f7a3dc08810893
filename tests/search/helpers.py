"""Short ways to put documents and to ask."""

from datetime import UTC, datetime
from pathlib import Path

from flask import current_app

from portal.core.database import transaction
from portal.search import queries, services
from portal.search.services import DocumentData


def folder() -> Path:
    """Return the index folder of the test's own site."""
    return current_app.config["PORTAL"].index_folder


def a_document(**changed) -> DocumentData:
    values = {
        "slug": "a",
        "audience": "general",
        "locale": "zh-Hans",
        "topic": "fraud",
        "title": "识别电信诈骗",
        "summary": "遇到诈骗先停一停。",
        "key_message": "不转账。",
        "headings": "怎样识别\n怎样报警",
        "body": "接到自称公安局的电话，要求把钱转到安全账户，一定是诈骗。",
        "published_at": datetime(2026, 11, 1, tzinfo=UTC),
    }
    return DocumentData(**{**values, **changed})


def put(*documents: DocumentData) -> None:
    """Publish documents in one write unit."""
    with transaction() as unit:
        for document in documents:
            services.put(unit, document)


def find(session, text, *, audience="general", locale="zh-Hans", **more) -> queries.Results:
    """Ask in a fresh read unit."""
    session.rollback()
    return queries.find(session, text, audience=audience, locale=locale, folder=folder(), **more)
