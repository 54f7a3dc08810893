"""The record of acts: kept as told, chained, and never rewritten."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.audit import services
from portal.audit.models import Event
from portal.audit.queries import links
from portal.audit.rules import GENESIS, Chain, Fault, Tag
from portal.audit.services import ORIGIN, record
from portal.commands.migrating import migrations
from portal.core.database import db, transaction
from tests.audit.helpers import AT, act, acts, rows
from tests.threads import at_once

on_postgresql = bool(os.environ.get("MINGBAI_TEST_POSTGRES"))
sqlite_only = pytest.mark.skipif(on_postgresql, reason="about SQLite's statements; this run is PostgreSQL")
postgresql_only = pytest.mark.skipif(not on_postgresql, reason="about PostgreSQL's locks; this run is SQLite")


def count_if_sound(session: Session) -> int:
    chain = Chain()
    session.rollback()
    faults = [chain.fault(link) for link in links(session)]
    assert [fault for fault in faults if fault] == []
    return chain.count


def test_an_act_is_kept_as_it_was_told(session: Session) -> None:
    act("a", details={"n": [1, "二"]})
    act(by="b", origin="::1")
    kept = [(one.at, one.actor, one.tag, one.target, one.details, one.origin) for one in rows(session)]
    assert kept == [
        (AT, "王\n小明", "content:package:imported", "a", {"n": [1, "二"]}, "command"),
        (AT, "b", "content:package:imported", "", {}, "::1"),
    ]


def test_an_act_that_was_undone_is_not_on_record(session: Session) -> None:
    def fail() -> None:
        with transaction() as unit:
            record(unit, Tag.PACKAGE_IMPORTED, by="a", at=AT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    act("after")
    assert [one.target for one in rows(session)] == ["after"]


def test_nothing_is_recorded_outside_a_write_unit(session: Session) -> None:
    with pytest.raises(RuntimeError, match="no write unit is open"):
        record(session, Tag.PACKAGE_IMPORTED, by="a", at=AT)


def test_details_that_are_no_json_are_refused_where_they_are_told(session: Session) -> None:
    with pytest.raises(TypeError), transaction() as unit:
        record(unit, Tag.PACKAGE_IMPORTED, by="a", at=AT, details={"when": AT})
    with pytest.raises(ValueError, match="JSON"), transaction() as unit:
        record(unit, Tag.PACKAGE_IMPORTED, by="a", at=AT, details={"n": float("nan")})


def test_details_count_as_they_will_be_read(session: Session) -> None:
    told = {1: (1, 2), "x": 1e300, "长": "\U0001f600\u2028"}
    act(details=told)
    told["x"] = 0
    assert rows(session)[0].details == {"1": [1, 2], "x": 1e300, "长": "\U0001f600\u2028"}
    assert count_if_sound(session) == 1


def test_rows_are_chained_within_a_unit_and_from_unit_to_unit(session: Session) -> None:
    acts(3)
    act("4", at=AT.replace(microsecond=0))
    kept = rows(session)
    assert [one.previous for one in kept] == [GENESIS, *(one.digest for one in kept[:-1])]
    assert count_if_sound(session) == 4


def test_the_origin_is_that_of_the_moment_and_cut_to_what_fits(session: Session) -> None:
    mark = ORIGIN.set("worker")
    act()
    ORIGIN.set("9" * 80)
    act()
    ORIGIN.reset(mark)
    assert [one.origin for one in rows(session)] == ["worker", "9" * 64]


def test_units_at_the_same_time_make_one_chain(app: Flask, session: Session) -> None:
    def work() -> None:
        for _ in range(5):
            acts(2)

    assert at_once(app, *[work] * 6) == [None] * 6
    assert count_if_sound(session) == 60


@postgresql_only
def test_a_unit_waits_for_the_one_that_is_about_to_commit(app: Flask) -> None:
    with Session(db.engine) as one, Session(db.engine) as two:
        services._append(services.Act(AT, "a", "t", "", {}, ""), one)
        two.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            services._append(services.Act(AT, "b", "t", "", {}, ""), two)


@postgresql_only
def test_control_without_waiting_and_without_the_constraint_the_chain_breaks(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_take_turn", lambda _session: None)
    session.execute(sa.text("ALTER TABLE audit_event DROP CONSTRAINT uq_audit_event_previous"))
    session.commit()
    with Session(db.engine) as one, Session(db.engine) as two:
        services._append(services.Act(AT, "a", "t", "", {}, ""), one)
        services._append(services.Act(AT, "b", "t", "", {}, ""), two)
        one.commit()
        two.commit()
    chain = Chain()
    assert [chain.fault(link) for link in links(session)] == [None, Fault.MISPLACED]


def test_no_two_rows_can_follow_the_same_one(session: Session) -> None:
    act()
    twin = Event(at=AT, actor="b", tag="t", target="", details={}, origin="", previous=GENESIS, digest="1" * 64)
    with pytest.raises(sa.exc.IntegrityError), transaction() as unit:
        unit.add(twin)
    assert count_if_sound(session) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'b'",
        "UPDATE audit_event SET id = 7 WHERE target = '1'",
        "DELETE FROM audit_event",
        "DELETE FROM audit_event WHERE target = '2'",
        pytest.param("TRUNCATE audit_event", marks=postgresql_only),
        pytest.param(
            "INSERT INTO audit_event SELECT * FROM audit_event WHERE true ON CONFLICT (id) DO UPDATE SET actor = 'b'",
        ),
        pytest.param(
            "INSERT OR REPLACE INTO audit_event SELECT id, at, 'b', tag, target, details, origin, previous, digest "
            "FROM audit_event",
            marks=sqlite_only,
        ),
        pytest.param(
            "INSERT OR REPLACE INTO audit_event SELECT 99, at, 'b', tag, target, details, origin, previous, digest "
            "FROM audit_event WHERE target = '1'",
            marks=sqlite_only,
        ),
        pytest.param("REPLACE INTO audit_event SELECT * FROM audit_event", marks=sqlite_only),
    ],
)
def test_the_database_refuses_to_rewrite_the_log(session: Session, statement: str) -> None:
    acts(2)
    before = [(one.id, one.actor, one.digest) for one in rows(session)]
    with pytest.raises(sa.exc.DBAPIError, match="the audit log cannot be rewritten"), transaction() as unit:
        unit.connection().exec_driver_sql(statement)
    assert [(one.id, one.actor, one.digest) for one in rows(session)] == before


def test_rows_from_before_the_chain_are_joined_by_the_migration(app: Flask, session: Session) -> None:
    migrations().downgrade(revision="0002")
    old = sa.table(
        "audit_event",
        sa.column("id", sa.BigInteger),
        sa.column("at", sa.DateTime(timezone=True)),
        *(sa.column(name, sa.String) for name in ("actor", "tag", "target")),
        sa.column("details", sa.JSON),
    )
    with db.engine.connect().execution_options(portal_write=True) as connection:
        for number in range(2_010):
            at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=number)
            told = {"at": at, "actor": "王", "tag": "t", "target": "", "details": {"二": number, "a": None}}
            connection.execute(sa.insert(old).values(id=number * 2 + 1, **told))
        connection.commit()
    migrations().upgrade()
    if on_postgresql:  # rows with numbers of their own have not moved the sequence
        with transaction() as unit:
            unit.execute(sa.text("SELECT setval('audit_event_id_seq', 5000)"))
    act("new")
    assert count_if_sound(session) == 2_011
    assert {one.origin for one in rows(session)} == {"command"}
