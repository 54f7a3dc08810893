"""The record of acts."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.models import Event
from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.database import transaction

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_an_act_is_kept_as_it_was_told(session: Session) -> None:
    with transaction() as unit:
        record(unit, Tag.PACKAGE_IMPORTED, by="王\n小明", at=AT, target="a", details={"n": [1, "二"]})
        record(unit, Tag.PACKAGE_IMPORTED, by="b", at=AT)
    kept = [(one.at, one.actor, one.tag, one.target, one.details) for one in session.scalars(sa.select(Event))]
    assert kept == [
        (AT, "王\n小明", "content:package:imported", "a", {"n": [1, "二"]}),
        (AT, "b", "content:package:imported", "", {}),
    ]


def test_an_act_that_was_undone_is_not_on_record(session: Session) -> None:
    def fail() -> None:
        with transaction() as unit:
            record(unit, Tag.PACKAGE_IMPORTED, by="a", at=AT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert session.scalars(sa.select(Event)).all() == []


def test_tags_name_source_subject_and_act() -> None:
    assert [tag for tag in Tag if len(tag.value.split(":")) != 3] == []
