"""Registering over the web: what is asked, what is refused, what is said."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from portal.core.database import db, transaction
from portal.core.settings import Audience
from portal.events.models import AccessRow, Consent, Event, Pool
from portal.events.rules import keeping, limits
from portal.events.rules.keeping import AccessNeed, Purpose
from portal.events.rules.lectures import EventState
from portal.events.rules.questions import Option, Question, QuestionKind, written
from portal.events.rules.seats import ContactKind, State
from tests.events.guests import Watch, count, filled, hall, page, registered, row, watch
from tests.events.hall import AT, STARTS, WORDS

__all__ = ["watch"]
pytestmark = pytest.mark.usefixtures("desk_library", "watch")

ASKED = written(
    [
        Question("q1", QuestionKind.TEXT, {"zh-Hans": "想问老师什么", "en": "Your question"}),
        Question(
            "q2",
            QuestionKind.CHOICE,
            {"zh-Hans": "从哪里知道的"},
            required=True,
            options=(Option("a", {"zh-Hans": "社区"}), Option("b", {"zh-Hans": "网点"})),
        ),
        Question("q3", QuestionKind.YES_NO, {"zh-Hans": "第一次来吗"}),
    ]
)
EDITIONS = ["", "/elderly", "/youth", "/new-resident", "/en", "/zh-Hant/elderly", "/en/youth"]


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def standing(text: str) -> dict[str, str]:
    """Return what a browser would send of a page: hidden fields, fields, checked rows, chosen options."""
    found: dict[str, str] = {}
    for one in re.findall(r"<input[^>]+>", text):
        about = dict(re.findall(r'([a-z]+)="([^"]*)"', one))
        if about["type"] not in ("radio", "checkbox") or " checked" in one:
            found[about["name"]] = unescape(about["value"])
    for name, options in re.findall(r'<select[^>]+name="([a-z]+)"[^>]*>(.*?)</select>', text):
        found[name] = re.findall(r'value="(\d+)" selected', options)[0]
    return found


@pytest.mark.parametrize("prefix", EDITIONS)
def test_from_the_form_to_the_own_page(client: FlaskClient, prefix: str) -> None:
    slug = hall(online=5, words={**WORDS, "questions": ASKED})
    form = client.get(page(client, slug, prefix=prefix))
    assert (form.status_code, form.headers["Cache-Control"]) == (200, "no-store")
    own = registered(
        client,
        slug,
        prefix=prefix,
        seats="3",
        place="online",
        needs=["hearing", "large-print"],
        access_note="坐前面",
        agree_access="y",
        **{"q-q1": "怎么查账", "q-q2": "b", "q-q3": "yes"},
    )
    assert own.startswith(f"{prefix}/events/registrations/")
    found = row(own)
    assert (found.state, found.seats, found.name, found.contact) == (State.CONFIRMED, 3, "张三", "13800000001")
    assert found.answers == '{"q1": "怎么查账", "q2": "b", "q3": "yes"}'
    assert set(db.session.scalars(sa.select(AccessRow.need))) == {AccessNeed.HEARING, AccessNeed.LARGE_PRINT}
    assert set(db.session.scalars(sa.select(Consent.purpose))) == {Purpose.REGISTRATION, Purpose.ACCESS}
    answer = client.get(own)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert f"{found.code[:4]} {found.code[4:]}" in answer.text
    assert "您" not in answer.text or "youth" not in prefix


def test_the_same_form_ten_times_is_one(client: FlaskClient) -> None:
    slug = hall()
    values = filled(client, page(client, slug))
    sent = {client.post(page(client, slug), data=values).headers["Location"] for _time in range(10)}
    assert (len(sent), count()) == (1, 1)


def test_two_forms_are_two_tokens_and_no_cookie_is_set(client: FlaskClient) -> None:
    slug = hall()
    first, second = client.get(page(client, slug)), client.get(page(client, slug))
    assert first.text != second.text
    assert "Set-Cookie" not in first.headers


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": " "}, "name"),
    ({"name": "长" * 41}, "name"),
    ({"name": "a\nb"}, "name"),
    ({"phone": "12345"}, "phone"),
    ({"phone": None}, "phone"),
    ({"contact_kind": "mail", "mail": "nobody"}, "mail"),
    ({"contact_kind": "pigeon"}, "contact_kind"),
    ({"seats": "5"}, "seats"),
    ({"seats": "0"}, "seats"),
    ({"seats": "x"}, "seats"),
    ({"place": "moon"}, "place"),
    ({"age": None}, "age"),
    ({"needs": ["hearing"]}, "agree_access"),
    ({"access_note": "x" * 301, "agree_access": "y"}, "access_note"),
    ({"agree": None}, "agree"),
    ({"agree": "2020-01"}, "agree"),
    ({"q-q2": None}, "q-q2"),
    ({"q-q2": "c"}, "q-q2"),
    ({"age": "under-14", "guardian_is": "me", "guardian_name": "王芳", "agree_child": "x"}, "agree_child"),
    (
        {"age": "under-14", "guardian_is": "me", "relation": "parent", "agree_child": keeping.GUARDIAN_NOTE},
        "guardian_name",
    ),
    ({"age": "under-14", "guardian_is": "ask", "guardian_name": "王芳"}, "guardian_contact"),
    ({"age": "under-14", "guardian_is": "no", "guardian_name": "王芳"}, "guardian_is"),
]


@pytest.mark.parametrize(("change", "field"), WRONG)
def test_what_is_wrong_is_said_beside_the_field_and_text_is_kept(
    client: FlaskClient, change: dict[str, Any], field: str
) -> None:
    slug = hall(online=5, words={**WORDS, "questions": ASKED})
    values = filled(client, page(client, slug), **{"access_note": "", "q-q2": "a", "q-q1": "留着", **change})
    answer = client.post(page(client, slug), data=values)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    assert 'value="留着"' in answer.text
    assert f'value="{values["request"]}"' in answer.text
    assert count() == 0


def test_a_form_without_its_token_is_asked_for_again(client: FlaskClient) -> None:
    slug = hall()
    answer = client.post(page(client, slug), data=filled(client, page(client, slug), request=None))
    assert answer.status_code == 422
    assert 'value="张三"' in answer.text
    assert client.post(page(client, slug), data=filled(client, page(client, slug), request="x")).status_code == 422
    assert count() == 0


def test_wrong_method_missing_lecture_and_other_sites(client: FlaskClient) -> None:
    slug, draft = hall(), hall(state=EventState.DRAFT, published_number=None)
    for one in (page(client, slug), page(client, slug, group=True)):
        assert client.put(one).status_code == 405
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
            assert client.post(one, data={}, headers=headers).status_code == 403
    for missing in ("none", draft):
        for group in (False, True):
            assert client.get(page(client, missing, group=group)).status_code == 404
            assert client.post(page(client, missing, group=group)).status_code == 404
    assert client.get(f"/events/{slug}/register/known").status_code == 200
    assert client.get("/events/none/register/known").status_code == 404
    assert client.get(page(client, hall(takes_groups=False), group=True)).status_code == 404


def test_closed_in_between_says_so_and_keeps_the_text(client: FlaskClient, watch: Watch) -> None:
    slug = hall()
    values = filled(client, page(client, slug, prefix="/en"), name="Mr Long")
    watch.at = STARTS - timedelta(hours=1)
    answer = client.post(page(client, slug, prefix="/en"), data=values)
    assert answer.status_code == 409
    assert "Registration has closed meanwhile." in answer.text
    assert 'value="Mr Long"' in answer.text
    assert "021-00000000" in answer.text
    assert count() == 0


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (AT - timedelta(days=2), "has not opened"),
        (STARTS - timedelta(hours=1), "has closed"),
        (STARTS, "has begun"),
        (STARTS + timedelta(hours=2), "is over"),
    ],
)
def test_there_is_no_form_outside_the_time(client: FlaskClient, watch: Watch, at: Any, said: str) -> None:
    slug = hall()
    watch.at = at
    for group in (False, True):
        answer = client.get(page(client, slug, prefix="/en", group=group))
        assert answer.status_code == 200
        assert said in answer.text
        assert "<form class" not in answer.text


def test_a_cancelled_lecture_takes_nobody(client: FlaskClient) -> None:
    slug = hall(state=EventState.CANCELLED, cancelled_at=AT)
    assert "does not take place" in client.get(page(client, slug, prefix="/en")).text
    assert client.post(page(client, slug), data={"request": "r" * 43}).status_code == 422


def test_a_second_registration_is_helped_and_shows_no_code(client: FlaskClient) -> None:
    slug = hall()
    own = registered(client, slug)
    again = registered(client, slug, name="张　三", phone="+86 13800000001")
    assert again == f"/events/{slug}/register/known"
    text = client.get(f"/en{again}").text
    assert "Your registration stands" in text
    assert row(own).code[:4] not in text
    assert own.rpartition("/")[2] not in text
    assert count() == 1


def test_too_many_with_one_contact(client: FlaskClient) -> None:
    slug = hall(seats=50)
    for number in range(8):
        registered(client, slug, name=f"孩子{number}")
    answer = client.post(page(client, slug, prefix="/en"), data=filled(client, page(client, slug), name="九"))
    assert answer.status_code == 422
    assert "8 people are registered with this contact" in answer.text


def test_one_network_cannot_fill_a_hall(client: FlaskClient, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REGISTRATIONS_FROM_ONE_NETWORK", 3)
    slug = hall(seats=50)
    values = filled(client, page(client, slug), contact_kind="none", phone=None)
    sent = [client.post(page(client, slug), data=values).status_code for _time in range(5)]
    # What is sent twice does not count.
    assert sent == [303] * 5
    for name in "甲乙":
        registered(client, slug, name=name, contact_kind="none")
    late = filled(client, page(client, slug), contact_kind="none", name="丙")
    answer = client.post(page(client, slug, prefix="/en"), data=late)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3601")
    assert "Please call" in words(answer.text)
    assert "021-00000000" in answer.text
    assert 'value="丙"' in answer.text
    assert count() == 3
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    assert client.post(page(client, slug), data=late, environ_base=elsewhere).status_code == 303
    watch.at = AT + timedelta(hours=1)
    registered(client, slug, name="丁", contact_kind="none")
    assert db.session.scalar(sa.text("SELECT count(*) FROM events_sender")) == 1


def test_full_means_waiting_and_the_rule_is_stated(client: FlaskClient) -> None:
    slug = hall(seats=1)
    registered(client, slug, name="甲")
    text = words(client.get(page(client, slug, prefix="/en")).text)
    assert "All seats are taken." in text
    assert "Whoever came first is asked first." in text
    own = registered(client, slug, prefix="/en", name="乙")
    assert "You are number 1 on the waiting list" in words(client.get(own).text)


def test_one_part_at_a_time_for_the_elderly(client: FlaskClient) -> None:
    slug = hall(words={**WORDS, "questions": ASKED})
    address = page(client, slug, prefix="/elderly")
    text = client.get(address).text
    assert text.index("tel:021-00000000") < text.index("<form class")
    sent: dict[str, Any] = {"name": "陈奶奶", "phone": "13800000009", "q-q2": "a", "agree": keeping.PRIVACY_NOTE}
    seen = []
    for _step in range(10):
        part = re.search(r'name="step" value="([a-z]+)"', text)
        assert part is not None
        seen.append(part[1])
        values = standing(text)
        typed = {name: value for name, value in sent.items() if f'name="{name}"' in text and not values.get(name)}
        go = "register" if part[1] == "agree" else "next"
        answer = client.post(address, data={**values, **typed, "go": go})
        if answer.status_code == 303:
            break
        assert answer.status_code == 200, words(answer.text)
        text = answer.text
    assert seen == ["who", "contact", "seats", "help", "questions", "agree"]
    found = row(answer.headers["Location"])
    assert (found.name, found.contact, found.audience) == ("陈奶奶", "13800000009", Audience.ELDERLY)


def test_a_wrong_part_is_shown_again_and_back_keeps_what_was_typed(client: FlaskClient) -> None:
    slug = hall()
    address = page(client, slug, prefix="/elderly")
    values = filled(client, address, phone="12", agree=None)
    answer = client.post(address, data={**values, "step": "contact", "go": "next"})
    assert answer.status_code == 422
    assert 'id="phone-error"' in answer.text
    assert 'id="agree-error"' not in answer.text
    back = client.post(address, data={**values, "step": "contact", "go": "back"})
    assert (back.status_code, 'name="step" value="who"' in back.text) == (200, True)
    assert '<input type="hidden" name="phone" value="12">' in back.text
    child = client.post(
        address, data={**values, "phone": "13800000001", "age": "under-14", "step": "seats", "go": "next"}
    )
    assert 'name="step" value="guardian"' in child.text
    whole = client.post(address, data=values)
    assert (whole.status_code, 'name="step" value="contact"' in whole.text) == (422, True)


def test_the_seats_of_both_places_are_said(client: FlaskClient) -> None:
    slug = hall(seats=10, online=20)
    with transaction() as session:
        found = session.scalars(sa.select(Event).where(Event.slug == slug)).one()
        session.execute(sa.update(Pool).where(Pool.event_id == found.id, Pool.capacity == 10).values(taken=9))
    text = words(client.get(page(client, slug, prefix="/en")).text)
    assert "In the hall: 1 seat is free, of 10" in text
    assert "Online: 20 seats are free, of 20" in text


def test_a_mail_address_is_kept_in_one_form(client: FlaskClient) -> None:
    slug = hall()
    own = registered(client, slug, contact_kind="mail", mail="Chen.Li@Example.ORG ")
    assert (row(own).contact_kind, row(own).contact) == (ContactKind.MAIL, "chen.li@example.org")
