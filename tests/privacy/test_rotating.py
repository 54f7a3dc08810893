"""Keys rotated while the portal runs: nothing unreadable, nobody unknown, killed and gone on with, the old key gone."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.accounts import services as accounts
from portal.accounts.services import Refused
from portal.audit.models import Event as Act
from portal.core import clock, crypto
from portal.core.crypto import KEY_FILE, RING, KeyRing
from portal.core.database import Base, db, transaction
from portal.core.settings import ROOT, Settings
from portal.events.models import Event, Feedback, Registration
from portal.events.rules.attendance import AdmissionSource
from portal.events.services import feedback
from portal.events.services.registering import Became
from portal.privacy.services import NoOtherKey, NotQuiet, rotate, rotating
from portal.quizzes.models import Attempt
from portal.quizzes.rules.taking import code_of
from portal.quizzes.services import taking
from portal.quizzes.services.contests import Done
from tests.conftest import make_app
from tests.events.hall import STARTS, come, mobile
from tests.messages.helpers import mails
from tests.privacy.filled import EMAIL, Filled, fill, former, person_of, sealed
from tests.quizzes.gathering import enter, take
from tests.quizzes.test_killed import send
from tests.test_serve import environ, flask, get, server, until

pytestmark = pytest.mark.usefixtures("desk_library")
OLD, NEW = "o" * 40, "n" * 40


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotating, "SETTLE_S", 0.05)


def everybody_is_known(filled: Filled) -> None:
    """Ask for everything that is found by a keyed digest."""
    person = person_of(EMAIL)
    assert person is not None
    assert person.email == EMAIL
    with pytest.raises(Refused), transaction() as session:
        accounts.create(session, email=EMAIL.upper(), name="另一人", roles=["author"], by="test", at=clock.now())
    assert taking.of_code(db.session(), code_of(filled.attempt)) == filled.attempt
    assert enter(take(filled.contest_id).attempt).done in (Done.STANDS, Done.COUNTS)
    with transaction() as session:
        hall = session.get_one(Event, filled.event_id)
        for place in (0, 7, 59):
            assert come(session, hall, f"张{place}", **mobile(place)).became is Became.KNOWN
    db.session.remove()


def use_code(code: str) -> bool:
    with transaction() as session:
        person = person_of(EMAIL)
        assert person is not None
        return accounts.accept_code(session, person_id=person.id, typed=code, at=clock.now()) is not None


def test_everything_lies_under_the_new_key_and_is_found(app: Flask, settings: Settings) -> None:
    filled = fill(app)
    before, texts = sealed(), plain()
    secret = (settings.data / KEY_FILE).read_text("ascii")
    everybody_is_known(filled)
    # What knew the keys before goes on without being told.
    other = make_app(settings)
    before, texts = sealed(), plain()

    result = app.test_cli_runner().invoke(args=["privacy", "rotate-key"])
    assert result.exit_code == 0, result.output
    after = sealed()
    assert after.keys() == before.keys()
    assert len({name for name, _key, _column in after}) == len(
        [table for table in Base.metadata.sorted_tables if rotating.sealed_columns(table)]
    ) - len({"articles_review", "accounts_session"})  # nothing was stored there
    assert [key for key in after if after[key] == before[key]] == []
    assert plain() == texts
    kept = (settings.data / KEY_FILE).read_text("ascii")
    assert secret not in kept
    assert len(kept.split()) == 1
    with app.app_context():
        everybody_is_known(filled)
    assert [use_code(code) for code in (filled.recovery_codes[0], filled.recovery_codes[0], "x")] == [
        True,
        False,
        False,
    ]
    with other.app_context():
        everybody_is_known(filled)
        db.session.remove()
    acts = db.session.scalars(sa.select(Act).where(Act.tag == "privacy:key:rotated")).all()
    assert [set(act.details) for act in acts] == [{"rows", "unreadable", "clashes"}]
    assert secret not in json.dumps(acts[0].details)


def plain() -> dict[object, str]:
    return {key: crypto.unseal(text) for key, text in sealed().items()}


def test_a_recovery_code_of_before_codes_had_keys_still_works(app: Flask) -> None:
    filled = fill(app)
    key = crypto.derive("recovery code")
    with transaction() as session:
        person = person_of(EMAIL)
        assert person is not None
        session.execute(sa.text("DELETE FROM accounts_recovery_code WHERE person_id = :id"), {"id": person.id})
        from portal.accounts.models import RecoveryCode
        from portal.accounts.services.factors import _code_digest

        for code in ("abcdefghjkmn", "bcdefghjkmnp"):
            session.add(RecoveryCode(person_id=person.id, digest=_code_digest(key, person.id, code), key=None))
    assert use_code("abcd-efgh-jkmn")
    rotate(at=clock.now())
    assert use_code("bcde-fghj-kmnp")
    assert not use_code("bcde-fghj-kmnp")
    assert filled.recovery_codes


def test_in_the_middle_everybody_is_known_whichever_key_they_lie_under(app: Flask) -> None:
    filled = fill(app)
    crypto.ring().add()
    everybody_is_known(filled)
    assert former(app) > 200
    with transaction() as session:
        hall = session.get_one(Event, filled.event_id)
        assert come(session, hall, "新来", **mobile(777)).became is Became.NEW
        # One telephone with people under both keys is counted as one.
        for place in range(5):
            come(session, hall, f"孩子{place}", **mobile(0))
    rotating._renew(Base.metadata.tables["events_registration"], list(range(1, 30)), rotating.Tally())
    everybody_is_known(filled)
    with transaction() as session:
        hall = session.get_one(Event, filled.event_id)
        assert come(session, hall, "新来", **mobile(777)).became is Became.KNOWN
    assert rotate(at=clock.now()).clashes == 0
    assert former(app) == 0
    everybody_is_known(filled)


def test_whoever_answers_again_after_a_rotation_has_changed_their_mind(app: Flask) -> None:
    filled = fill(app, people=3)
    when = STARTS + timedelta(hours=2)

    def levels() -> list[int]:
        db.session.rollback()
        return list(db.session.scalars(sa.select(Feedback.level).order_by(Feedback.id)))

    def answer(place: int, level: int, at: datetime = when) -> None:
        with transaction() as session:
            rows = sa.select(Registration.code).where(Registration.event_id == filled.event_id)
            code = session.scalars(rows.order_by(Registration.id)).all()[place]
            door = AdmissionSource.LINK
            feedback.answer(session, event_id=filled.event_id, code=code, level=level, source=door, at=at)

    answer(0, 1)
    answer(1, 2)
    crypto.ring().add()
    answer(1, 4, when + timedelta(minutes=1))
    db.session.remove()
    rotate(at=clock.now())
    assert sorted(levels()) == [1, 4]
    answer(0, 5, when + timedelta(minutes=2))
    assert sorted(levels()) == [4, 5]


def test_what_no_key_opens_is_counted_and_left(app: Flask, settings: Settings) -> None:
    fill(app)
    foreign = make_app(Settings(data=settings.data, database_url=settings.database_url, secret_key=OLD))
    with foreign.app_context():
        text = crypto.seal("x")
    with transaction() as session:
        session.execute(
            sa.text("UPDATE events_registration SET name = :text WHERE id = (SELECT min(id) FROM events_registration)"),
            {"text": text},
        )
    tally = rotate(at=clock.now())
    assert (tally.unreadable, former(app)) == (1, 1)
    assert rotate(at=clock.now()).unreadable == 1


def test_keys_of_the_environment_are_rotated_in_three_steps(app: Flask, settings: Settings) -> None:
    def machine(present: str, *others: str) -> Flask:
        return make_app(
            Settings(data=settings.data, database_url=settings.database_url, secret_key=present, old_secret_keys=others)
        )

    app.extensions[RING] = KeyRing(Settings(secret_key=OLD))
    filled = fill(app)
    with machine(OLD).app_context(), pytest.raises(NoOtherKey):
        rotate(at=clock.now())
    db.session.remove()
    told = command(settings, PORTAL_SECRET_KEY=OLD)
    assert (told.returncode, "PORTAL_OLD_SECRET_KEYS" in told.stderr) == (1, True)
    # One machine is started anew before the other: each reads what the other writes.
    for one in (machine(OLD, NEW), machine(NEW, OLD)):
        with one.app_context():
            everybody_is_known(filled)
            db.session.remove()
    done = command(settings, PORTAL_SECRET_KEY=NEW, PORTAL_OLD_SECRET_KEYS=OLD)
    assert done.returncode == 0, done.stderr
    assert "take the former key out" in done.stdout
    with machine(NEW).app_context():
        everybody_is_known(filled)
        assert former(app) > 0  # by the key that this one still goes by
        assert use_code(filled.recovery_codes[1])
        db.session.remove()


def command(settings: Settings, **more: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "flask", "--app", "wsgi", "privacy", "rotate-key"]
    env = {**environ(settings, 1), **more}
    return subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_a_write_unit_of_before_the_new_key_keeps_the_former_one(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(app, people=3)
    monkeypatch.setattr(rotating, "PATIENCE_S", 0.3)
    monkeypatch.setattr("portal.core.database.BUSY_TIMEOUT_MS", 100)
    opened, ended = threading.Event(), threading.Event()

    def long_one() -> None:
        with make_app(settings).app_context(), transaction() as session:
            session.execute(sa.text("UPDATE core_version SET number = number + 1"))
            opened.set()
            ended.wait(30)

    db.session.remove()
    thread = threading.Thread(target=long_one)
    crypto.ring().add()
    thread.start()
    assert opened.wait(10)
    try:
        with make_app(settings).app_context(), pytest.raises(NotQuiet):
            rotating._wait_for_writers()
    finally:
        ended.set()
        thread.join()
    assert len(crypto.ring().known()) == 2
    rotating._wait_for_writers()


def test_killed_in_the_middle_it_goes_on(app: Flask, settings: Settings) -> None:
    filled = fill(app, people=500)
    words = [sys.executable, "-m", "flask", "--app", "wsgi", "privacy", "rotate-key"]
    secret = (settings.data / KEY_FILE).read_text("ascii")
    for _kill in range(2):
        before = names()
        process = subprocess.Popen(words, cwd=ROOT, env=environ(settings, 1), stdout=subprocess.DEVNULL)
        # It has begun to seal anew, and is far from its end.
        while names() == before and process.poll() is None:
            pass
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert 0 < former(app) < len(sealed())
        assert len((settings.data / KEY_FILE).read_text("ascii").split()) == 2
        everybody_is_known(filled)
    flask(settings, "privacy", "rotate-key")
    assert former(app) == 0
    assert secret not in (settings.data / KEY_FILE).read_text("ascii")
    everybody_is_known(filled)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Registration)) == 501


def names() -> list[str]:
    with db.engine.connect() as connection:
        return list(connection.scalars(sa.text("SELECT name FROM events_registration ORDER BY id")))


def are_sent() -> bool:
    """Return whether every mail has been sent."""
    db.session.rollback()
    return {mail.state.value for mail in mails()} == {"sent"}


def test_rotating_beside_a_running_server_and_worker(app: Flask, settings: Settings, tmp_path: Path) -> None:
    filled = fill(app, people=100)
    before = sealed()
    faults: list[object] = []
    codes: list[tuple[str, str]] = []
    ending = threading.Event()
    with server(settings, tmp_path / "none") as (url, _process):
        until("ok", f"{url}/healthz")

        def visitor() -> None:
            """Begin a quiz, and go on by its short code: a text is sealed, found by its digest, and read."""
            while not ending.is_set():
                place = send(f"{url}/quizzes/try/begin")
                if place is None:
                    faults.append("not begun")
                    continue
                token = re.sub(r".*/", "", place)
                codes.append((code_of(token), token))
                for code, wanted in (codes[0], codes[-1]):
                    led = send(f"{url}/quizzes/attempts/", code=code)
                    if led is None or not led.endswith(wanted):
                        faults.append((code, led))

        threads = [threading.Thread(target=visitor) for _one in range(3)]
        for thread in threads:
            thread.start()
        while len(codes) < 10:
            pass
        for _round in range(2):
            command = [sys.executable, "-m", "flask", "--app", "wsgi", "privacy", "rotate-key"]
            done = subprocess.run(
                command, cwd=ROOT, env=environ(settings, 1), capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
        seen = len(codes)
        while len(codes) < seen + 10:
            pass
        ending.set()
        for thread in threads:
            thread.join()
        assert faults == []
        assert b"ok" in get(f"{url}/healthz")
        # The worker reads what it sends under whichever key it lies; give it the time to come to the last one.
        for _try in range(3_000):
            if are_sent():
                break
            threading.Event().wait(0.01)
    assert former(app) == 0
    after = sealed()
    assert [key for key in before if after.get(key) == before[key]] == []
    assert are_sent()
    tokens = set(db.session.scalars(sa.select(Attempt.token).where(Attempt.token.is_not(None))))
    assert {token for _code, token in codes} <= tokens
    everybody_is_known(filled)
