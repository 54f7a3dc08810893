"""Parts of a write unit, and rows that are read once in it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.database import at_end, db, part, row_of_unit, transaction
from portal.search.models import Change
from tests.core.test_database import a_row


def test_a_part_of_a_unit_is_undone_with_what_it_left_for_the_end(session: Session) -> None:
    def fail(unit: Session) -> None:
        with part(unit):
            unit.add(a_row("gone"))
            at_end(unit, lambda unit: unit.add(a_row("gone too")))
            raise ZeroDivisionError

    with transaction() as unit:
        at_end(unit, lambda unit: unit.add(a_row("last")))
        with pytest.raises(ZeroDivisionError):
            fail(unit)
        with part(unit):
            unit.add(a_row("first"))
    assert session.scalars(sa.select(Change.document_key).order_by(Change.id)).all() == ["first", "last"]


def test_a_row_of_a_unit_is_read_once_in_it_and_afresh_in_the_next(session: Session) -> None:
    with transaction() as unit:
        unit.add(a_row("before"))
    number = session.scalars(sa.select(Change.id)).one()
    heard: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *said: heard.append(said[2]))
    with transaction() as unit:
        first = [row_of_unit(unit, Change, number), row_of_unit(unit, Change, number), row_of_unit(unit, Change, 0)]
    assert [heard_of.startswith("SELECT") for heard_of in heard].count(True) == 2
    assert first[0] is first[1]
    assert first[2] is None
    with transaction() as unit:
        unit.execute(sa.update(Change).values(document_key="after").execution_options(synchronize_session=False))
        found = row_of_unit(unit, Change, number)
        assert found is not None
        assert found.document_key == "after"
    # Outside a unit nothing is kept: there is no lock under which it would stay true.
    assert row_of_unit(session, Change, number) is not None
    assert "rows" not in session.info
