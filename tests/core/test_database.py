"""The database: what connections run with, write units, erasure, and what a locked database answers."""

import os
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.core import database
from portal.core.access import public
from portal.core.database import UtcDateTime, at_end, db, site_version, touch_site, transaction
from portal.core.errors import Busy
from portal.core.settings import Settings
from portal.search.models import Change
from tests.threads import at_once

sqlite_only = pytest.mark.skipif(
    bool(os.environ.get("MINGBAI_TEST_POSTGRES")), reason="about SQLite's file and locks; this run is PostgreSQL"
)
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def a_row(text: str = "", at: datetime = AT) -> Change:
    return Change(document_key=text, at=at)


def rows(session: Session) -> int:
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(Change)) or 0


@pytest.fixture
def impatient(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Return the application with connections that hardly wait for a lock."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    db.session.remove()
    db.engine.dispose()
    return app


@pytest.fixture
def locker(settings: Settings) -> sqlite3.Connection:
    with closing(sqlite3.connect(settings.data / "portal.sqlite3", isolation_level=None)) as connection:
        yield connection


@sqlite_only
def test_connections_run_with_the_safe_pragmas(session: Session) -> None:
    values = {
        name: session.scalar(sa.text(f"PRAGMA {name}"))
        for name in ("journal_mode", "busy_timeout", "secure_delete", "foreign_keys", "synchronous", "mmap_size")
    }
    full, never = 2, 0
    assert values == {
        "journal_mode": "wal" if sqlite3.sqlite_version_info >= (3, 51, 3) else "delete",
        "busy_timeout": 8000,
        "secure_delete": 1,
        "foreign_keys": 1,
        "synchronous": full,
        "mmap_size": never,
    }


@sqlite_only
@pytest.mark.parametrize(("is_safe", "journal"), [(True, "wal"), (False, "delete")])
def test_wal_is_used_only_where_it_cannot_lose_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_safe: bool, journal: str
) -> None:
    monkeypatch.setattr(database, "WAL_IS_SAFE", is_safe)
    with closing(sqlite3.connect(tmp_path / "x.sqlite3", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA journal_mode = {'delete' if is_safe else 'wal'}")
        database.prepare_sqlite(connection)
        assert connection.execute("PRAGMA journal_mode").fetchone() == (journal,)


@sqlite_only
def test_control_two_plain_units_that_read_first_refuse_each_other(app: Flask, settings: Settings) -> None:
    path = settings.data / "portal.sqlite3"
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as one,
        closing(sqlite3.connect(path, isolation_level=None)) as two,
    ):
        for connection in (one, two):
            database.prepare_sqlite(connection)
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM core_version").fetchone()
        one.execute("INSERT INTO core_version (id, number) VALUES (1, 1) ON CONFLICT DO NOTHING")
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            two.execute("INSERT INTO core_version (id, number) VALUES (1, 1) ON CONFLICT DO NOTHING")


@sqlite_only
def test_write_units_that_read_first_wait_for_each_other(app: Flask, session: Session) -> None:
    def add_one() -> None:
        for _ in range(5):
            with transaction() as unit:
                # Read, then write what follows from it: exactly what a plain BEGIN gets wrong.
                count = unit.scalar(sa.select(sa.func.count()).select_from(Change)) or 0
                unit.add(a_row(str(count)))

    assert at_once(app, *[add_one] * 6) == [None] * 6
    assert sorted(int(target) for target in session.scalars(sa.select(Change.document_key))) == list(range(30))


def test_the_version_grows_by_one_for_each_change_at_the_same_time(app: Flask, session: Session) -> None:
    with transaction() as unit:
        touch_site(unit)
    before = site_version(session)
    session.rollback()

    def touch() -> None:
        for _ in range(5):
            with transaction() as unit:
                touch_site(unit)

    assert at_once(app, *[touch] * 6) == [None] * 6
    session.rollback()
    assert site_version(session) - before == 30


def test_the_version_is_nought_before_the_first_change_and_one_after_it(session: Session) -> None:
    with transaction() as unit:
        unit.execute(sa.delete(database.Version))
    assert site_version(session) == 0
    with transaction() as unit:
        touch_site(unit)
        touch_site(unit)
    assert site_version(session) == 1


def test_what_is_undone_leaves_the_version(session: Session) -> None:
    before = site_version(session)

    def undo() -> None:
        with transaction() as unit:
            touch_site(unit)
            raise ValueError("undone")

    with pytest.raises(ValueError, match="undone"):
        undo()
    with transaction():
        pass
    assert site_version(session) == before
    with pytest.raises(RuntimeError):
        touch_site(session)


def test_units_that_publish_never_wait_for_each_other_in_a_circle(app: Flask) -> None:
    with transaction() as unit:
        unit.add_all([a_row("a"), a_row("b")])
    both = threading.Barrier(2)

    def publish(first: str, second: str) -> None:
        with transaction() as unit:
            touch_site(unit)
            _write(unit, first)
            if unit.get_bind().dialect.name == "postgresql":
                both.wait(30)  # each holds a row, and neither the version
        with transaction() as unit:
            _write(unit, second)

    assert at_once(app, lambda: publish("a", "b"), lambda: publish("b", "a")) == [None, None]


def _write(unit: Session, key: str) -> None:
    row = sa.update(Change).where(Change.document_key == key)
    unit.execute(row.values(document_key=Change.document_key))


def test_a_unit_inside_a_unit_is_refused_and_changes_nothing(session: Session) -> None:
    def nest() -> None:
        with transaction() as unit:
            unit.add(a_row())
            with transaction():
                pass

    with pytest.raises(RuntimeError, match="a write unit is already open"):
        nest()
    assert rows(session) == 0
    with transaction() as unit:
        unit.add(a_row())
    assert rows(session) == 1


def test_an_error_undoes_the_whole_unit(session: Session) -> None:
    def fail() -> None:
        with transaction() as unit:
            unit.add(a_row())
            unit.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert rows(session) == 0


def test_a_broken_rule_at_commit_undoes_the_whole_unit(session: Session) -> None:
    with pytest.raises(sa.exc.IntegrityError), transaction() as unit:
        unit.add_all([a_row(), database.Version(id=2, number=1)])
    assert rows(session) == 0


def test_work_for_the_end_of_a_unit_is_done_after_all_else_and_once(session: Session) -> None:
    seen: list[int] = []
    with transaction() as unit:
        at_end(unit, lambda unit: seen.append(unit.scalar(sa.select(sa.func.count()).select_from(Change)) or 0))
        at_end(unit, lambda unit: unit.add(a_row("last")))
        unit.add(a_row("first"))
    with transaction():
        pass
    assert seen == [1]
    assert session.scalars(sa.select(Change.document_key).order_by(Change.id)).all() == ["first", "last"]


def test_work_for_the_end_of_a_unit_that_was_undone_is_never_done(session: Session) -> None:
    def fail() -> None:
        with transaction() as unit:
            at_end(unit, lambda unit: unit.add(a_row()))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with transaction():
        pass
    assert rows(session) == 0


def test_work_for_the_end_that_fails_undoes_the_unit(session: Session) -> None:
    def fail() -> None:
        with transaction() as unit:
            unit.add(a_row())
            at_end(unit, lambda _unit: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        fail()
    assert rows(session) == 0


def test_there_is_no_end_without_a_unit(session: Session) -> None:
    with pytest.raises(RuntimeError, match="no write unit is open"):
        at_end(session, lambda _unit: None)


def test_what_was_left_unsaved_before_a_unit_is_not_saved_by_it(session: Session) -> None:
    session.add(a_row())
    with transaction() as unit:
        unit.add(a_row("mine"))
    assert session.scalars(sa.select(Change.document_key)).all() == ["mine"]


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3, minutes=-30))])
def test_moments_come_back_as_the_same_moment_in_utc(session: Session, zone: timezone) -> None:
    with transaction() as unit:
        unit.add(a_row(at=AT.astimezone(zone)))
    session.rollback()
    stored = session.scalar(sa.select(Change.at))
    assert stored is not None
    assert (stored, stored.tzinfo) == (AT, UTC)


def test_a_naive_moment_is_refused(session: Session) -> None:
    with pytest.raises(sa.exc.StatementError, match="naive"), transaction() as unit:
        unit.add(a_row(at=datetime(2026, 11, 22)))
    assert UtcDateTime().process_bind_param(None, db.engine.dialect) is None


def canary_copies(folder: Path, canary: str) -> int:
    return sum(path.read_bytes().count(canary.encode()) for path in folder.rglob("*") if path.is_file())


@sqlite_only
def test_what_is_deleted_is_gone_from_the_bytes(app: Flask, settings: Settings) -> None:
    canary = "王小明-erase-me-7d1f"
    with transaction() as unit:
        unit.add(a_row(canary))
    assert canary_copies(settings.data, canary) == 1
    with transaction() as unit:
        unit.execute(sa.delete(Change))
    assert canary_copies(settings.data, canary) == 0


@sqlite_only
def test_control_without_secure_delete_the_bytes_stay(app: Flask, settings: Settings) -> None:
    canary = "王小明-stays-7d1f"
    with transaction() as unit:
        unit.add(a_row(canary))
        unit.commit()
        unit.connection().exec_driver_sql("PRAGMA secure_delete = OFF")
        unit.execute(sa.delete(Change))
    assert canary_copies(settings.data, canary) == 1


@sqlite_only
def test_a_locked_database_is_busy_for_writers_and_nothing_changes(
    impatient: Flask, session: Session, locker: sqlite3.Connection
) -> None:
    locker.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy), transaction() as unit:
        unit.add(a_row())
    locker.execute("ROLLBACK")
    assert rows(session) == 0
    with transaction() as unit:
        unit.add(a_row())
    assert rows(session) == 1


@sqlite_only
@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_write_to_a_locked_database_answers_503_and_says_when_to_come_back(
    impatient: Flask, client: FlaskClient, locker: sqlite3.Connection, begin: str
) -> None:
    @public
    def write() -> str:
        with transaction() as unit:
            unit.add(a_row())
        return "written"

    impatient.config["WTF_CSRF_ENABLED"] = False  # this is about the lock; the form has no page
    impatient.add_url_rule("/en/write", view_func=write, methods=["POST"])
    locker.execute(begin)
    answer = client.post("/en/write")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "<h1>Please try again in a moment</h1>" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    locker.execute("ROLLBACK")
    assert client.post("/en/write").text == "written"


@sqlite_only
def test_pages_are_read_while_somebody_writes(
    impatient: Flask, client: FlaskClient, locker: sqlite3.Connection
) -> None:
    locker.execute("BEGIN IMMEDIATE")
    locker.execute("INSERT INTO core_version (id, number) VALUES (1, 9) ON CONFLICT (id) DO UPDATE SET number = 9")
    assert [client.get(path).status_code for path in ("/", "/en/", "/hotlines", "/glossary")] == [200] * 4


@pytest.mark.parametrize(
    "problem",
    [
        sa.exc.OperationalError("SELECT 1", {}, Exception("disk I/O error")),
        sa.exc.TimeoutError("QueuePool limit reached"),
        Busy("busy"),
    ],
)
def test_a_database_that_cannot_answer_is_a_503_page(app: Flask, client: FlaskClient, problem: Exception) -> None:
    @public
    def view() -> str:
        raise problem

    app.add_url_rule("/en/broken", view_func=view)
    app.add_url_rule("/api/v1/broken", endpoint="api", view_func=view)
    page, api = client.get("/en/broken"), client.get("/api/v1/broken")
    assert (page.status_code, page.headers["Retry-After"], page.mimetype) == (503, "5", "text/html")
    assert (api.status_code, api.headers["Retry-After"], api.json) == (503, "5", {"error": {"status": 503}})


@sqlite_only
@pytest.mark.parametrize(
    "statement",
    ["SELECT 1 FROM not_there", "SELECT not_there FROM search_change", "INSERT INTO search_change (x) VALUES (1)"],
)
def test_tables_of_another_version_are_told_apart_from_a_busy_database(session: Session, statement: str) -> None:
    with pytest.raises(Busy, match="flask db upgrade"), transaction() as unit:
        unit.execute(sa.text(statement))
