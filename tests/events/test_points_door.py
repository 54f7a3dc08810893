"""The points of the comparison with others that the door must hold."""

from __future__ import annotations

from typing import Any

from flask import Flask

from portal.core.access import Permission
from portal.core.database import db, transaction
from portal.events.models import Admission
from portal.events.queries import door as reads
from portal.events.rules.attendance import AdmissionKind
from portal.events.rules.keeping import AccessNeed
from portal.events.rules.seats import Kind, State
from tests.events.doors import heads, let_in
from tests.events.hall import come, lecture, states
from tests.events.test_door_views import Hall, press, words
from tests.staff import staff


def test_3_group_head_count(app: Flask) -> None:
    """A centre books 30, 22 come: sent again it adds nothing, and the other 8 are no-shows."""
    with transaction() as session:
        hall = lecture(session, seats=40)
        group = come(session, hall, "李老师", kind=Kind.GROUP, seats=30, organisation="社区中心")
        told = [
            let_in(session, hall.id, group.id, 22, nonce="bus of the centre 22"[:22].replace(" ", "-"))
            for _n in range(3)
        ]
        assert {one.people for one in told} == {22}
        counts = reads.counts(session, hall.id)
        assert counts.people[AdmissionKind.GROUP] == 22
        assert counts.expected - counts.registered == 8
        # Those who come late are counted, and never more than were registered.
        assert let_in(session, hall.id, group.id, 20).people == 8
        assert reads.counts(session, hall.id).people[AdmissionKind.GROUP] == 30


def test_4_anonymous_walk_in_tally(app: Flask) -> None:
    """Heads are counted with a nonce and without any personal data, apart from all others; full is said only."""
    with transaction() as session:
        hall = lecture(session, seats=3)
        come(session, hall)
        for _time in range(2):
            heads(session, hall.id, 7, nonce="counted-at-the-west-door")
        counts = reads.counts(session, hall.id)
        assert (counts.people[AdmissionKind.TALLY], counts.registered, counts.over) == (7, 0, 4)
        assert states(session, hall) == [State.CONFIRMED]
    row: Any = db.session.query(Admission).one()
    assert row.registration_id is None
    said = {column.name for column in Admission.__table__.columns}
    assert not said & {"name", "contact", "code", "person_digest"}


def test_6_phone_only_shared_phone_at_the_door(app: Flask) -> None:
    """The code that is read out lets in the same person as the one that is scanned."""
    hall = Hall(app)
    keeper = staff(app, Permission.DESK, person_id=7)
    one, other = hall.come("张三"), hall.come("李四")
    press(keeper, f"{hall.path}/scan", code=hall.code(one))
    read_out = " ".join(hall.code(other).lower())
    press(keeper, f"{hall.path}/scan", code=read_out)
    assert hall.inside(AdmissionKind.CODE) == 2


def test_9_link_safety_at_the_door(app: Flask) -> None:
    """No address lets anybody in by being opened."""
    hall = Hall(app)
    keeper = staff(app, Permission.DESK, person_id=7)
    one = hall.come("张三")
    for path in (
        "",
        f"?said=counted&guest={one}&step=1",
        f"?code={hall.code(one)}",
        "/scan",
        "/admit",
        "/offline",
        "/state",
    ):
        for _time in range(2):
            keeper.get(hall.path + path).close()
            keeper.head(hall.path + path).close()
    assert hall.inside() == 0


def test_12_access_needs_in_detail_at_the_door_only(app: Flask) -> None:
    """Whoever is on duty reads what somebody needs; whoever is not, nothing."""
    hall = Hall(app)
    one = hall.come("张三", needs=frozenset({AccessNeed.STEP_FREE}), access_note="轮椅，要电梯")
    keeper = staff(app, Permission.DESK, person_id=7)
    answer = press(keeper, f"{hall.path}/scan", code=hall.code(one))
    assert "轮椅，要电梯" in words(keeper.get(answer.location))
    other = staff(app, Permission.DESK, Permission.ORGANISE, Permission.ANALYSE, person_id=99)
    refused = other.get(answer.location)
    assert refused.status_code == 403
    assert "轮椅" not in refused.text
