"""Killing the server while many answer loses nothing that was acknowledged."""

from __future__ import annotations

import os
import re
import signal
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from portal.core import crypto
from portal.core.database import db, transaction
from portal.core.settings import Settings
from portal.quizzes.models import Attempt, Response
from tests.quizzes.bank import judgement, publish, quiz, single
from tests.test_serve import server, until


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object) -> None:
        return None


def send(url: str, **form: str) -> str | None:
    """Send a form; return the place that it leads to, or None where no answer came."""
    opener = urllib.request.build_opener(_Stay)
    try:
        opener.open(url, urllib.parse.urlencode(form).encode(), timeout=30)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.headers["Location"] if answer.code == 303 else None
    except OSError:
        return None
    return None


def test_killing_the_server_loses_nothing_that_was_acknowledged(
    app: Flask, desk_library: None, settings: Settings, tmp_path: Path
) -> None:
    with transaction() as session:
        publish(session, single(), judgement(), quiz(names=("code",)))
    db.session.remove()
    with server(settings, tmp_path / "library") as (url, process):
        until("ok", f"{url}/healthz")

        def person(_number: int) -> str | None:
            at = send(f"{url}/quizzes/try/begin")
            answered = send(f"{url}{at}/answers/1", q0="b") if at else None
            return at if answered else None

        acknowledged = []
        with ThreadPoolExecutor(8) as pool:
            people = [pool.submit(person, number) for number in range(400)]
            for done in as_completed(people):
                if (at := done.result()) is not None:
                    acknowledged.append(at)
                if len(acknowledged) == 40:
                    os.killpg(process.pid, signal.SIGKILL)
                    for waiting in people:
                        waiting.cancel()
                    break
            acknowledged += [at for one in people if one.done() and not one.cancelled() and (at := one.result())]
        assert len(set(acknowledged)) >= 40
    tokens = [re.sub(r".*/", "", at) for at in set(acknowledged)]
    digests = {crypto.digest(token) for token in tokens}
    stored = set(
        db.session.scalars(
            sa.select(Attempt.token_digest)
            .join(Response, Response.attempt_id == Attempt.id)
            .where(Response.fraction == 1)
        )
    )
    assert digests - stored == set()
