"""`flask audit verify`."""

from __future__ import annotations

import os

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.audit import queries
from portal.core.database import db
from tests.audit.helpers import acts, rows, tamper

on_postgresql = bool(os.environ.get("MINGBAI_TEST_POSTGRES"))
COPY = "actor, tag, target, details, origin"


def verify(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["audit", "verify", *words])
    return result.exit_code, result.output


def test_an_empty_log_is_sound(app: Flask) -> None:
    assert verify(app) == (0, f"0 acts, all sound. The last digest: {'0' * 64}\n")


def test_a_sound_log_is_told_with_its_length_and_last_digest(app: Flask, session: Session) -> None:
    acts(3)
    assert verify(app) == (0, f"3 acts, all sound. The last digest: {rows(session)[-1].digest}\n")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit_event SET actor = 'b' WHERE id = 3", "Act 3 is not sound: it was changed"),
        ("UPDATE audit_event SET details = '{\"n\": 4}' WHERE id = 3", "Act 3 is not sound: it was changed"),
        ("UPDATE audit_event SET origin = '::1' WHERE id = 1", "Act 1 is not sound: it was changed"),
        ("UPDATE audit_event SET at = '2026-11-22 08:00:00+00' WHERE id = 2", "Act 2 is not sound: it was changed"),
        ("DELETE FROM audit_event WHERE id = 1", "Act 2 is not sound: it does not follow"),
        ("DELETE FROM audit_event WHERE id IN (3, 4)", "Act 5 is not sound: it does not follow"),
        (
            f"INSERT INTO audit_event SELECT 9, at, {COPY}, digest, repeat('e', 64) FROM audit_event WHERE id = 5",
            "Act 9 is not sound: it was changed",
        ),
        ("UPDATE audit_event SET id = 9 WHERE id = 2", "Act 3 is not sound: it does not follow"),
        ("UPDATE audit_event SET digest = repeat('e', 64) WHERE id = 5", "Act 5 is not sound: it was changed"),
    ],
)
def test_the_first_row_that_is_not_sound_is_named(app: Flask, statement: str, told: str) -> None:
    acts(5)
    if not on_postgresql:
        statement = statement.replace("repeat('e', 64)", f"'{'e' * 64}'").replace("+00'", ".000000'")
    tamper(statement)
    code, said = verify(app)
    assert (code, told in said) == (1, True), said


@pytest.mark.skipif(on_postgresql, reason="PostgreSQL's columns hold nothing else; this run is PostgreSQL")
@pytest.mark.parametrize("change", ["details = '{'", "at = 'yesterday'"])
def test_a_row_that_cannot_be_read_is_named_too(app: Flask, change: str) -> None:
    acts(5)
    tamper(f"UPDATE audit_event SET {change} WHERE id = 4")
    assert verify(app) == (
        1,
        "Error: Act 4 is not sound: it can no longer be read. The 3 before it are sound.\n",
    )


def test_a_removed_end_is_found_by_a_digest_noted_before(app: Flask, session: Session) -> None:
    acts(3)
    noted = rows(session)[-1].digest
    acts(2)
    assert verify(app, "--expect", noted)[0] == 0
    tamper("DELETE FROM audit_event WHERE id > 2")
    assert verify(app)[0] == 0
    code, said = verify(app, "--expect", noted)
    assert (code, f"No act has the digest {noted}." in said) == (1, True)


def test_a_log_that_was_written_anew_is_found_by_a_digest_noted_before(app: Flask, session: Session) -> None:
    acts(3)
    noted = rows(session)[-1].digest
    tamper("DELETE FROM audit_event")
    acts(2)
    assert verify(app)[0] == 0
    assert verify(app, "--expect", noted)[0] == 1


def test_rows_are_read_in_parts_and_none_is_lost_between_them(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts(7)
    monkeypatch.setattr(queries, "AT_ONCE", 3)
    assert [link.id for link in queries.links(session)] == [1, 2, 3, 4, 5, 6, 7]
    assert [entry.id for entry in queries.every(session, queries.Filter())] == [7, 6, 5, 4, 3, 2, 1]


def test_a_database_that_is_not_ready_is_said_plainly(app: Flask) -> None:
    db.session.remove()
    with db.engine.connect().execution_options(portal_write=True) as connection:
        connection.execute(sa.text("ALTER TABLE audit_event RENAME TO other"))
        connection.commit()
    assert verify(app) == (1, "Error: The log cannot be read. Is the database there, and migrated?\n")
