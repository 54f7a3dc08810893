"""kill -9 between any two steps of a publication: nothing is lost, nothing goes out twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from portal.articles import services
from portal.articles.models import Article, Review
from portal.articles.rules import ReviewState
from portal.audit.models import Event
from portal.commands.working import jobs, run
from portal.core import clock
from portal.core.database import db, transaction
from portal.core.settings import ROOT
from portal.search import queries as search
from tests.articles.desk import ANN, BOB, editions
from tests.conftest import POSTGRES
from tests.test_serve import environ


@pytest.fixture
def due(draft: Article) -> int:
    """Return a review whose time to go out has come."""
    now = clock.now()
    with transaction() as session:
        review = services.submit(session, article_id=draft.id, edition_ids=editions(session, draft), by=ANN, at=now)
        services.decide(session, review_id=review.id, approve=True, opinion="", by=BOB, at=now)
        services.schedule(session, review_id=review.id, publish_at=now - timedelta(minutes=1), by=BOB, at=now)
        return review.id


def worker(app: Flask, *options: str) -> subprocess.Popen[bytes]:
    db.session.remove()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker", *options]
    return subprocess.Popen(command, cwd=ROOT, env=environ(app.config["PORTAL"], 1))


def published() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).where(Event.tag == "desk:article:published")) or 0


@pytest.mark.skipif(not POSTGRES, reason="only PostgreSQL tells who waits for a lock")
def test_killed_in_the_middle_of_publishing(app: Flask, due: int, draft: Article) -> None:
    url = app.config["PORTAL"].database_url
    article_id = draft.id
    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as watcher:
        holder.execute("SELECT id FROM articles_article WHERE id = %s FOR UPDATE", [article_id])
        process = worker(app)
        waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while not watcher.execute(waits).fetchone()[0]:  # type: ignore[index]  # a count has a row
            assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert published() == 0
    assert db.session.get_one(Review, due).state is ReviewState.SCHEDULED
    assert worker(app, "--once").wait(120) == 0
    assert worker(app, "--once").wait(120) == 0
    assert published() == 1


def test_killed_between_publishing_and_indexing(app: Flask, due: int) -> None:
    [publish] = [job for job in jobs(app.config["PORTAL"]) if job.name == "publish"]
    db.session.remove()
    run(app, publish)
    assert published() == 1
    # The process that published is gone; another one finds what it left.
    assert worker(app, "--once").wait(120) == 0
    db.session.rollback()
    found = search.find(
        db.session(),
        "打电话问一问",
        audience="general",
        locale="zh-Hans",
        folder=app.config["PORTAL"].index_folder,
    )
    assert "new-one" in {hit.slug for hit in found.hits}
    assert published() == 1
