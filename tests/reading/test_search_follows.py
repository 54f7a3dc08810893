"""An answer that was made before the index had caught up is never kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from portal.core.database import db, touch_site, transaction
from portal.search import services as search
from tests.conftest import make_app
from tests.factories import edition
from tests.reading.helpers import take_in

NEW = search.DocumentData(
    slug="second",
    audience="general",
    locale="zh-Hans",
    topic="phone",
    topic_name="电话诈骗",
    title="汽油不能送人",
    summary="汽油",
    key_message="汽油",
    headings="",
    body="汽油不能送人。",
    published_at=datetime(2026, 11, 1, tzinfo=UTC),
)


@pytest.mark.parametrize("path", ["/api/v1/search?q=汽油", "/search?q=汽油", "/api/v1/suggest?q=汽油"])
def test_an_early_question_does_not_hide_a_new_article(app: Flask, tmp_path: Path, path: str) -> None:
    take_in(app, tmp_path / "one", {"first": {"general.zh-Hans.md": edition()}})
    with app.app_context():
        with transaction() as session:  # as the desk publishes: the index follows later
            search.put(session, NEW)
            touch_site(session)
        db.session.remove()
    client = make_app(app.config["PORTAL"]).test_client()
    early = client.get(path)
    assert (early.status_code, early.headers["Cache-Control"]) == (200, "no-store")
    with app.app_context():
        search.drain(folder=app.config["PORTAL"].index_folder)
        db.session.remove()
    later = client.get(path)
    assert later.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "汽油不能送人" in later.text.replace("<mark>", "").replace("</mark>", "")
