"""What other event systems lack, as far as the desk has it: `peers/events.md` §2."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from portal.core import clock
from portal.core.database import db, transaction
from portal.events.models import Event, Registration
from portal.events.rules.keeping import AccessNeed
from portal.events.rules.seats import ContactKind
from tests.accounts.helpers import post
from tests.events.at_desk import desk_library, enter, event_of, people, there
from tests.events.hall import come, mobile
from tests.quizzes.pages import fields

__all__ = ["desk_library", "enter", "people", "there"]
Enter = Callable[[str], FlaskClient]


def test_6_phone_only_and_no_contact_at_all(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    address = f"/desk/events/{there['public']}/people/new"
    for number, name in enumerate(("奶奶", "爷爷")):
        request = planner.get(address).text.partition('name="request" value="')[2].partition('"')[0]
        made = post(
            planner,
            address,
            kind="person",
            place="in-person",
            name=name,
            seats="1",
            contact_kind="phone",
            contact="13800000042",
            request=request,
        )
        assert made.status_code == 303, number
    db.session.rollback()
    shared = db.session.query(Registration).filter(Registration.id != there["who"]).all()
    assert {one.contact for one in shared} == {"13800000042"}
    assert len({one.code for one in shared}) == 2
    page = planner.get(f"/desk/events/{there['public']}/people/{shared[0].id}").text
    assert f"{shared[0].code[:4]} {shared[0].code[4:]}" in page


def test_9_get_never_changes_anything(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    before = (event_of(there["public"]).sequence, event_of(there["public"]).updated_at)
    for path in ("move", "call-off", "seats", "staff", "report", "repeat", "template", "plan"):
        planner.get(f"/desk/events/{there['public']}/{path}?confirmed=yes&reason=x&capacity=1&action=cancel")
    planner.get(f"/desk/events/{there['public']}/people/{there['who']}?action=cancel")
    assert (event_of(there["public"]).sequence, event_of(there["public"]).updated_at) == before
    assert db.session.get_one(Registration, there["who"]).state == "confirmed"


def test_10_a_move_and_a_cancellation_raise_the_sequence_of_the_same_uid(enter: Enter, there: dict[str, int]) -> None:
    planner = enter("planner")
    uid, before = event_of(there["public"]).uid, event_of(there["public"]).starts_at
    move = f"/desk/events/{there['public']}/move"
    sent = fields(planner.get(move).text) | {"starts": "2030-05-05T10:00", "confirmed": "yes"}
    assert post(planner, move, **sent).status_code == 303
    event = event_of(there["public"])
    assert (event.uid, event.sequence, event.previous_starts_at) == (uid, 1, before)
    off = f"/desk/events/{there['public']}/call-off"
    assert post(planner, off, base="1", reason="台风", confirmed="yes").status_code == 303
    event = event_of(there["public"])
    assert (event.uid, event.sequence) == (uid, 2)


def test_11_the_rule_of_the_waiting_list_is_stated_and_the_place_in_it_shown(
    enter: Enter, there: dict[str, int]
) -> None:
    with transaction() as session:
        event = session.get_one(Event, there["public"])
        come(session, event, "满座", seats=4, at=clock.now(), **mobile(2))
        come(session, event, "满座二", seats=4, at=clock.now(), **mobile(3))
        come(session, event, "一", seats=2, at=clock.now(), **mobile(4))
        come(session, event, "二", at=clock.now(), **mobile(5))
        come(session, event, "三", at=clock.now(), **mobile(6))
    page = enter("planner").get(f"/desk/events/{there['public']}/people").text
    assert "whoever came first is asked first" in page
    assert page.index("place 1") < page.index("place 2")


def test_12_access_needs_are_counts_for_the_organiser(enter: Enter, there: dict[str, int]) -> None:
    with transaction() as session:
        event = session.get_one(Event, there["public"])
        needs = frozenset({AccessNeed.HEARING})
        for seed in (6, 7):
            come(session, event, f"人{seed}", needs=needs, access_note="助听器很旧", at=clock.now(), **mobile(seed))
        without = {"contact_kind": ContactKind.NONE}
        last = come(session, event, "人八", needs=needs, at=clock.now(), **without).id
    planner = enter("planner")
    page = planner.get(f"/desk/events/{there['public']}/people").text
    assert "Hearing loop: 3" in page
    for path in ("people", f"people/{last}", ""):
        assert "助听器很旧" not in planner.get(f"/desk/events/{there['public']}/{path}".rstrip("/")).text
    assert "Hearing loop" not in planner.get(f"/desk/events/{there['public']}/people/{last}").text
