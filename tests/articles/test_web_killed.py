"""kill -9 of the web process while staff save and publish: what was acknowledged is there, nothing is there by half."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Person as Account
from portal.accounts.rules import Role
from portal.articles import services
from portal.articles.models import Article, Edition, Review, Revision
from portal.articles.rules import Person, ReviewState
from portal.audit.models import Event
from portal.audit.queries import links
from portal.audit.rules import Chain
from portal.core import clock
from portal.core.database import db, site_version, transaction
from portal.core.settings import ROOT, Permission
from tests.accounts.helpers import cookie, csrf, person, sign_in
from tests.articles.desk import GOOD, begin, write
from tests.ports import free_port
from tests.test_serve import environ, server, until

SAVES = 12
"""How many saves are acknowledged before the server is killed."""
Send = Callable[[str, dict[str, str]], int | None]


@pytest.fixture
def author(desk_library: None) -> Account:
    return person(None, Role.AUTHOR, name="林静")


@pytest.fixture
def reviewer(desk_library: None) -> Account:
    return person(None, Role.REVIEWER, name="周明")


@pytest.fixture
def begun(author: Account) -> int:
    """Return an article with one text."""
    with transaction() as session:
        by = Person(author.id, author.name, frozenset({Permission.DESK, Permission.WRITE}))
        article = begin(session, by=by)
        write(session, article, by=by)
        return article.id


def sender(client: FlaskClient, port: int) -> Send:
    """Return a function that sends a form as the signed-in `client`; it gives the status, or None: nobody answered."""
    token = csrf(client)
    names = (cookie(client), client.application.config["SESSION_COOKIE_NAME"])
    cookies = "; ".join(f"{held.key}={held.value}" for name in names if (held := client.get_cookie(name)))

    def send(path: str, fields: dict[str, str]) -> int | None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        with suppress(OSError, http.client.HTTPException):
            headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", path, urlencode({"csrf_token": token, **fields}), headers)
            return connection.getresponse().status
        return None

    return send


def text(words: str, base: int) -> dict[str, str]:
    return {"title": "先挂断", "summary": "没有安全账户。", "body": f"{GOOD}\n{words}\n", "base": str(base)}


def texts(article: int) -> dict[int, str]:
    """Return the last line of each revision of the article's one edition, which must be whole."""
    db.session.rollback()
    edition = db.session.scalars(sa.select(Edition).where(Edition.article_id == article)).one()
    db.session.refresh(edition)
    found = db.session.scalars(sa.select(Revision).where(Revision.edition_id == edition.id)).all()
    assert edition.latest_number == max(one.number for one in found) == len(found)
    lines = {one.number: one.body.strip().splitlines()[-1] for one in found}
    assert [one.number for one in found if lines[one.number] not in one.html] == []
    db.session.rollback()  # an open read would keep the server's commits waiting
    return lines


def acts(tag: str) -> int:
    """Return how often an act is in the log, of which the chain must be whole."""
    db.session.rollback()
    chain = Chain()
    assert [fault for link in links(db.session()) if (fault := chain.fault(link))] == []
    found = db.session.scalar(sa.select(sa.func.count()).where(Event.tag == tag)) or 0
    db.session.rollback()
    return found


def save_on(send: Send, path: str, saved: dict[int, str], enough: threading.Event) -> None:
    """Save one text after the other, each over the one before, and note what is acknowledged."""
    first = max(saved)
    for number in count(first):
        if send(path, text(f"第{number + 1}次保存。", number)) != 303:
            return
        saved[number + 1] = f"第{number + 1}次保存。"
        if number - first == SAVES:
            enough.set()


def test_what_was_acknowledged_outlives_the_server(app: Flask, author: Account, begun: int, tmp_path: Path) -> None:
    client = sign_in(app.test_client(), author)
    saved = texts(begun)
    for _round in range(2):
        db.session.remove()
        with server(app.config["PORTAL"], tmp_path) as (url, process):
            until("ok", f"{url}/healthz")
            send, enough = sender(client, int(url.rsplit(":", 1)[1])), threading.Event()
            place = f"/desk/articles/{begun}/general/zh-Hans"
            writer = threading.Thread(target=save_on, args=(send, place, saved, enough))
            writer.start()
            assert enough.wait(60)
            os.killpg(process.pid, signal.SIGKILL)
            writer.join()
        kept = texts(begun)
        assert {number: kept.get(number) for number in saved} == saved
        assert len(kept) - len(saved) in (0, 1)  # the one under way when it was killed
        saved = kept
    assert len(saved) > 2 * SAVES


@contextmanager
def mortal(app: Flask) -> Iterator[tuple[int, Callable[[], str]]]:
    """Start the server that dies; yields its port, and what tells how a request ended."""
    db.session.remove()
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.articles.mortal", str(port)],
        cwd=ROOT,
        env=environ(app.config["PORTAL"], port),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        yield port, process.stdout.readline
    finally:
        process.kill()
        process.communicate()


def test_a_text_is_saved_whole_or_not_at_all(app: Flask, author: Account, begun: int) -> None:
    client = sign_in(app.test_client(), author)
    path, came = f"/desk/articles/{begun}/general/zh-Hans", []
    before = acts("desk:article:saved")
    with mortal(app) as (port, ending):
        send = sender(client, port)
        for _step in count():
            status = send(path, text("再看一眼。", 1))
            came.append((ending(), status, len(texts(begun)), acts("desk:article:saved") - before))
            if status is not None:
                break
    *killed, answered = came
    assert len(killed) >= 5  # text, edition, log, commit, answer
    # Nothing before the commit, everything after it; the same form once more makes nothing new.
    assert set(killed) == {("killed\n", None, 1, 0), ("killed\n", None, 2, 1)}
    assert killed == sorted(killed, key=lambda one: one[2])
    assert answered == ("answered\n", 303, 2, 1)


def test_a_set_is_published_once_and_whole(app: Flask, author: Account, reviewer: Account, begun: int) -> None:
    with transaction() as session:
        writes = Person(author.id, author.name, frozenset({Permission.DESK, Permission.WRITE}))
        decides = Person(reviewer.id, reviewer.name, writes.permissions | {Permission.REVIEW})
        editions = list(session.scalars(sa.select(Edition.id).where(Edition.article_id == begun)))
        now = clock.now()
        review = services.submit(session, article_id=begun, edition_ids=editions, by=writes, at=now)
        services.decide(session, review_id=review.id, approve=True, opinion="", by=decides, at=now)
        number = review.id
    client = sign_in(app.test_client(), reviewer)

    def state() -> tuple[ReviewState, int | None, int, int]:
        told = acts("desk:article:published")
        db.session.expire_all()
        edition = db.session.scalars(sa.select(Edition).where(Edition.article_id == begun)).one()
        stored = db.session.get_one(Review, number)
        found = (stored.state, edition.published_number, told, site_version(db.session()))
        db.session.rollback()
        return found

    before = state()
    came = []
    with mortal(app) as (port, ending):
        send = sender(client, port)
        for _step in count():
            status = send(f"/desk/reviews/{number}/publish", {})
            came.append((ending(), status, state()))
            if status is not None:
                break
    *killed, answered = came
    assert len(killed) > 8
    after = killed[-1][2]
    assert (after[:3], after[3] > before[3]) == ((ReviewState.PUBLISHED, 1, 1), True)
    assert [state for _ending, _status, state in killed] == [before] * (len(killed) - 1) + [after]
    assert answered == ("answered\n", 409, after)  # it is public already; nothing goes out twice
    assert db.session.get_one(Article, begun).published_sheet == 1
