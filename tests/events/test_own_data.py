"""What is kept of one person: shown to them, and erased."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from portal.core.database import transaction
from portal.events.models import AccessRow, Consent, Guardian, Registration
from portal.events.rules.keeping import AccessNeed, Relation
from portal.events.rules.seats import ContactKind
from portal.events.rules.wishes import GuardianWish
from portal.events.services import own_data
from tests.events.hall import AT, come, lecture, mobile, taken

CANARY = "欧阳不可见"
MOTHER = GuardianWish(f"{CANARY}妈妈", ContactKind.PHONE, "13900000001", Relation.PARENT)


def test_nothing_that_says_who_it_is_is_left(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        child = come(
            session,
            hall,
            CANARY,
            organisation=CANARY,
            answers={"q1": CANARY},
            access_note=CANARY,
            needs=frozenset({AccessNeed.HEARING}),
            under_14=True,
            guardian=MOTHER,
            **mobile(77),
        )
        assert own_data.erase(session, registration_id=child.id, at=AT) is True
        assert own_data.erase(session, registration_id=child.id, at=AT) is False
        row = session.get_one(Registration, child.id)
        kept = [row.name, row.contact, row.members, row.answers, row.access_note, row.token]
        assert [*kept, row.contact_digest, row.person_digest, row.organisation or None] == [None] * 9
        assert row.erased_at == AT
        assert session.get(Guardian, child.id) is None
        assert session.scalars(sa.select(AccessRow)).all() == []
        assert set(session.scalars(sa.select(Consent.withdrawn_at))) == {AT}
        # The number of seats stands until the registration is cancelled: attendance is counted from it.
        assert taken(session, hall) == 1


def test_on_time_the_guardians_proof_stays_for_its_own_time(app: Flask) -> None:
    with transaction() as session:
        child = come(session, lecture(session), CANARY, under_14=True, guardian=MOTHER)
        own_data.erase(session, registration_id=child.id, at=AT, on_time=True)
        assert session.get_one(Guardian, child.id).relation is Relation.PARENT
        assert set(session.scalars(sa.select(Consent.withdrawn_at))) == {None}
