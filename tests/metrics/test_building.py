"""Reports of open quarters follow by themselves, and nobody who writes waits for them."""

from __future__ import annotations

import sqlite3
from contextlib import closing as closed
from datetime import timedelta
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.core.database import db, transaction
from portal.metrics.rules.closing import State
from portal.metrics.rules.inputs import Inputs
from portal.metrics.rules.report import Report
from portal.metrics.rules.summary import summarise
from portal.metrics.services import building, reports
from tests.conftest import POSTGRES
from tests.events.hall import come, mobile
from tests.metrics.quarters import EARLY, OVER, SHANGHAI, filled
from tests.metrics.test_reports import ANN, built


def test_the_worker_keeps_the_running_quarter_up(app: Flask) -> None:
    assert building.keep_up(at=OVER) == []
    with transaction() as session:
        hall = filled(session, EARLY, 2)
    assert building.keep_up(at=OVER) == ["2026Q2"]
    with transaction() as session:
        come(session, hall, "后来的人", at=EARLY - timedelta(days=2), **mobile(77))
    building.keep_up(at=OVER)
    with transaction() as session:
        found = reports.current(session, "2026Q2", at=OVER)
        assert found is not None
        assert found.report["attendance"]["registered"] == 4
        assert reports.first_quarter(session) == "2026Q2"
    assert EARLY.astimezone(SHANGHAI).month == 4


@pytest.mark.skipif(bool(POSTGRES), reason="on PostgreSQL no writer waits for another one's table")
def test_writers_wait_for_sums_and_not_for_the_report(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    could_write: list[bool] = []

    def noticing(inputs: Inputs) -> Report:
        with closed(sqlite3.connect(str(db.engine.url.database), timeout=0)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
                could_write.append(True)
            except sqlite3.OperationalError:
                could_write.append(False)
        return summarise(inputs)

    with transaction() as session:
        filled(session, EARLY, 2)
    monkeypatch.setattr(reports, "summarise", noticing)
    building.build("2026Q2", by="x", at=OVER)
    assert could_write == [True]
    # What closes a quarter is one unit, so that its figures are those of one moment.
    built("2026Q2")
    assert could_write == [True, False]


def test_an_older_draft_replaces_no_newer_report(app: Flask) -> None:
    with transaction() as session:
        filled(session, EARLY, 2)
    newer, digest = building.build("2026Q2", by="x", at=OVER)
    with transaction() as session:
        older = {**newer, "as_of": "2026-07-01T00:00:00Z"}
        row = reports.store(
            session, quarter="2026Q2", report=cast("Report", older), by="y", at=OVER - timedelta(seconds=1)
        )
        assert (row.report["as_of"], row.digest, row.built_by) == (newer["as_of"], digest, "x")


def test_a_draft_of_a_quarter_that_was_closed_meanwhile_is_dropped(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        filled(session, EARLY, 2)

    def closing_first(session: Session, **values: Any) -> Report:
        found = drafted(session, **values)
        monkeypatch.undo()
        session.rollback()
        with transaction() as other:
            reports.close(other, quarter="2026Q2", at=OVER, **ANN)
        return found

    drafted = reports.draft
    monkeypatch.setattr(reports, "draft", closing_first)
    assert building.keep_up(at=OVER + timedelta(hours=1)) == []
    found = reports.current(db.session(), "2026Q2", at=OVER)
    assert found is not None
    assert (found.state, found.report["as_of"]) == (State.CLOSED, "2026-07-02T00:00:00Z")
