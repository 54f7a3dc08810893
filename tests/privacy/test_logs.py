"""Nobody's data in logs: not of what fails in the database, not of what crashes, not of what a worker stumbles over."""

from __future__ import annotations

import logging

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.commands.working import Job, run
from portal.core.access import public
from portal.core.database import db, transaction
from portal.core.delivery.server import granian_options
from portal.core.errors import outline
from portal.core.settings import Settings, SettingsError
from tests.events.hall import come, lecture, mobile

NAME = "欧阳金丝雀"


def broken_row(kind: str) -> None:
    """Break a rule of the database with a row that names somebody in the clear."""
    with transaction() as session:
        event = lecture(session)
        come(session, event, NAME, organisation=NAME, **mobile(77))
        session.flush()
        values = {"name": NAME}
        session.execute(
            sa.text(
                {
                    "check": "UPDATE events_registration SET organisation = :name, seats = 0",
                    "null": "UPDATE events_registration SET organisation = :name, code = NULL",
                    "unique": "INSERT INTO events_template (name, plan, updated_at, updated_by) VALUES "
                    "(:name, '{}', '2026-11-01', :name), (:name, '{}', '2026-11-01', :name)",
                }[kind]
            ),
            values,
        )


@pytest.mark.parametrize("kind", ["check", "null", "unique"])
def test_a_statement_that_fails_does_not_log_what_it_was_given(
    app: Flask, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    @app.get("/desk/crash-for-a-test")
    @public
    def crash() -> str:
        broken_row(kind)
        return ""

    logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
    try:
        with caplog.at_level(logging.INFO):
            app.config["PROPAGATE_EXCEPTIONS"] = False
            assert app.test_client().get("/desk/crash-for-a-test").status_code == 500
            db.session.remove()
            assert run(app, Job("broken", 1, lambda: broken_row(kind))) is False
    finally:
        logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)
    assert "IntegrityError" in caplog.text
    # Where it happened is there for whoever mends it.
    assert "in broken_row" in caplog.text
    assert "the worker tries broken again: IntegrityError at " in caplog.text
    for line in caplog.messages:
        assert NAME not in line
        assert "13800000077" not in line


@pytest.mark.parametrize(
    "problem", [ValueError(NAME), KeyError(NAME), UnicodeDecodeError("utf-8", NAME.encode(), 0, 1, NAME)]
)
def test_an_error_is_told_by_its_kind_and_place(
    app: Flask, caplog: pytest.LogCaptureFixture, problem: Exception
) -> None:
    @app.get("/desk/crash-for-a-test")
    @public
    def crash() -> str:
        try:
            raise problem
        except Exception as first:
            raise RuntimeError(f"of {NAME}") from first

    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert app.test_client().get("/desk/crash-for-a-test").status_code == 500
    assert NAME not in caplog.text
    assert f"builtins.{type(problem).__name__}\n-- which led to --\n" in caplog.text
    assert caplog.text.rstrip().endswith("builtins.RuntimeError")


def test_an_outline_ends_also_where_errors_lead_to_each_other() -> None:
    one, two = ValueError("a"), KeyError("b")
    one.__cause__, two.__cause__ = two, one
    assert outline(one) == "builtins.KeyError\n-- which led to --\nbuiltins.ValueError"


def test_a_mistyped_key_or_password_is_not_repeated() -> None:
    for name, text in {
        "SECRET_KEY": "too short",
        "MAIL": "smpt://me:word@host",
        "DATABASE_URL": "mysql://me:word@db/p",
    }.items():
        with pytest.raises(SettingsError) as refused:
            Settings.from_env({f"PORTAL_{name}": text})
        assert text not in str(refused.value)
    shown = repr(
        Settings(secret_key="k" * 32, old_secret_keys=("o" * 32,), mail="smtp://me:word@host", database_url="word")
    )
    assert [part for part in ("kkk", "ooo", "word") if part in shown] == []


def test_the_server_keeps_no_log_of_addresses() -> None:
    assert granian_options(host="127.0.0.1", port=1, workers=1, threads=2)["log_access"] is False
