"""What people are told: by the way they chose, in their language, with what they need, and never twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal.core.database import db, transaction
from portal.core.settings import Audience, Locale
from portal.events.models import Event, Guardian, Registration
from portal.events.rules import codes
from portal.events.rules.keeping import Relation
from portal.events.rules.lectures import Place
from portal.events.rules.seats import ContactKind, Kind
from portal.events.rules.wishes import GuardianWish
from portal.events.services import managing, notices
from portal.events.services.notices import What
from portal.messages.rules import Channel
from tests.events.calendars import by_icalendar
from tests.events.hall import AT, WORDS, come, lecture, mobile
from tests.events.post import MAIL, PHONE, empty, kinds, last
from tests.messages.gateway import gateway, send_texts
from tests.messages.helpers import mails, send, server

GUARDIAN = GuardianWish("王女士", ContactKind.PHONE, "13900000009", None)


def registration(number: int) -> Registration:
    """Return a registration as it is now, apart from any unit."""
    found = db.session.get_one(Registration, number, populate_existing=True)
    db.session.expunge(found)
    db.session.rollback()
    return found


# --- by mail ------------------------------------------------------------------------------------------------------


def test_a_mail_says_when_where_how_many_and_the_code_as_it_is_spoken(app: Flask) -> None:
    with transaction() as session:
        person = come(session, lecture(session, slug="a"), "欧阳", seats=2, **MAIL)
    mail, row = last(), registration(person.id)
    assert (mail.channel, mail.recipient, mail.locale) == (Channel.MAIL, "wang@example.org", "zh-Hans")
    assert mail.subject == "已报名：守住养老钱"
    assert mail.body == (
        "《守住养老钱》的座位已经留好。\n\n"
        "时间：2026年11月20日，周五，14:00—15:30\n"
        "地点：张江社区中心二楼，示例路1号\n"
        "人数：2\n"
        f"报名码：{codes.spoken(row.code)}（到场时出示或念出来）\n\n"
        "来不了或要改人数，请在开讲前打开这一页：\n"
        f"http://127.0.0.1:8000/events/registrations/{row.token}\n"
        "也可以打电话：021-00000000\n\n"
        "我们不会索要验证码和密码，也不会要求转账。"
    )


def test_a_mail_in_english_and_of_an_edition(app: Flask) -> None:
    with transaction() as session:
        person = come(session, lecture(session), locale=Locale.EN, audience=Audience.YOUTH, **MAIL)
    mail = last()
    assert mail.subject == "You are registered: Keep your savings safe"
    assert mail.body
    assert "When: Friday, 20 November 2026, 14:00–15:30\n" in mail.body
    assert "Where: Zhangjiang Community Centre, 2nd floor, 1 Example Road\n" in mail.body
    assert f"\nhttp://127.0.0.1:8000/en/youth/events/registrations/{registration(person.id).token}\n" in mail.body


def test_zh_hant_is_made_from_what_is_there(app: Flask) -> None:
    with transaction() as session:
        come(session, lecture(session), locale=Locale.HANT, **MAIL)
    mail = last()
    assert mail.subject == "已報名：守住養老錢"
    assert mail.body
    assert "時間：2026年11月20日，週五，14:00—15:30\n地點：張江社區中心二樓，示例路1號\n" in mail.body
    assert "/zh-Hant/events/registrations/" in mail.body


@pytest.mark.parametrize("locale", list(Locale))
@pytest.mark.parametrize("contact", [MAIL, PHONE], ids=["mail", "sms"])
@pytest.mark.parametrize("what", list(What))
def test_there_are_words_for_everything_and_no_name_in_a_subject(
    app: Flask, what: What, locale: Locale, contact: dict[str, object]
) -> None:
    with transaction() as session:
        event = lecture(session)
        person = come(session, event, "欧阳不可见", locale=locale, under_14=True, guardian=GUARDIAN, **contact)
        row = session.get_one(Registration, person.id)
        session.get_one(Guardian, row.id).contact_kind = row.contact_kind
        session.get_one(Guardian, row.id).contact = row.contact or ""
    empty()
    with transaction() as session:
        row = session.get_one(Registration, person.id)
        event = session.get_one(Event, row.event_id)
        more = {"feedback": "https://x.example/f"}
        notices.tell(session, event=event, registration=row, what=what, at=AT, more=more)
    mail = last()
    assert mail.subject is not None
    assert mail.body
    assert "欧阳" not in mail.subject + mail.body
    assert "\n\n\n" not in mail.body
    assert "None" not in mail.body
    assert ("https://x.example/f" in mail.body) == (what is What.THANKS)
    if mail.channel is Channel.SMS:
        assert len(mail.body) < (500 if locale is Locale.EN else 260)
        assert "\n" not in mail.body


# --- by short message, to a guardian, or not at all ---------------------------------------------------------------


def test_who_left_a_number_gets_a_short_message_that_reaches_the_gateway(app: Flask) -> None:
    with transaction() as session:
        person = come(session, lecture(session), **PHONE)
    row = registration(person.id)
    with gateway(app) as sms, time_machine.travel(AT):
        assert send_texts(app) == 1
    assert sms.taken[0]["to"] == "13800000001"
    assert sms.texts == [
        "【明白】已报名《守住养老钱》：2026年11月20日，周五，14:00—15:30，张江社区中心二楼。"
        f"报名码 {codes.spoken(row.code)}，到场时出示。取消或改人数，电话 021-00000000： "
        f"http://127.0.0.1:8000/events/registrations/{row.token}"
    ]


def test_who_left_nothing_is_told_nothing(app: Flask) -> None:
    with transaction() as session:
        come(session, lecture(session))
    assert mails() == []


def test_a_guardian_is_asked_by_their_own_contact(app: Flask) -> None:
    with transaction() as session:
        child = come(session, lecture(session), "小明", under_14=True, guardian=GUARDIAN, **MAIL)
        token = session.get_one(Guardian, child.id).token
    (text,) = mails()
    assert (text.template, text.recipient) == ("event-pending", "13900000009")
    assert text.body
    assert text.body.endswith(f"确认： http://127.0.0.1:8000/events/guardian/{token}")
    assert "座位保留到 2026年11月4日，周三，10:00" in text.body
    assert "小明" not in text.body
    with transaction() as session:
        managing.confirm_guardian(session, registration_id=child.id, name="王", relation=Relation.PARENT, at=AT)
    assert (kinds(), last().recipient) == (["pending", "confirmed"], "wang@example.org")


def test_what_becomes_of_a_child_without_a_contact_is_told_to_the_guardian(app: Flask) -> None:
    with transaction() as session:
        child = come(session, lecture(session), "小明", under_14=True, guardian=GUARDIAN)
        managing.confirm_guardian(session, registration_id=child.id, name="王", relation=Relation.PARENT, at=AT)
    assert [(mail.template, mail.recipient) for mail in mails()] == [
        ("event-pending", "13900000009"),
        ("event-confirmed", "13900000009"),
    ]


def test_the_waiting_list_is_told_its_places_and_rule_and_until_when_a_seat_is_held(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session, seats=1)
        first = come(session, event, "甲")
        second = come(session, event, "乙", **MAIL)
        come(session, event, "丙", **mobile(3))
        managing.cancel(session, registration_id=first.id, at=AT)
    waiting, behind, offered = mails()
    assert (kinds(), waiting.subject) == (["waiting", "waiting", "offered"], "已排上候补：守住养老钱")
    assert waiting.body
    assert "第 1 位" in waiting.body
    assert "规则：先来先问。" in waiting.body
    assert "第 2 位" in (behind.body or "")
    assert offered.subject == "有座位了，请在 2026年11月2日，周一，16:00 前答复：守住养老钱"
    assert "接受，或者让给下一位" in (offered.body or "")
    assert f"/events/registrations/{registration(second.id).token}" in (offered.body or "")
    assert [mail.calendar for mail in mails()] == [None] * 3


def test_the_address_of_an_online_lecture_is_told_to_those_only_who_have_a_seat_there(app: Flask) -> None:
    meeting = "https://meet.example/7"
    with transaction() as session:
        event = lecture(session, online=1, online_url=meeting)
        come(session, event, "甲", place=Place.ONLINE, **MAIL)
        come(session, event, "乙", place=Place.ONLINE, **MAIL)
        come(session, event, "丙", **MAIL)
    online, waits, hall = mails()
    assert [meeting in f"{mail.body}{mail.calendar}" for mail in (online, waits, hall)] == [True, False, False]
    assert "地点：线上\n" in (online.body or "")


def test_titles_with_line_breaks_cannot_break_out_of_a_subject(app: Flask) -> None:
    bad = {**WORDS, "title": {"zh-Hans": "守住\r\nBcc: x@example.org\u2028钱"}}
    with transaction() as session:
        come(session, lecture(session, words=bad), **MAIL)
        come(session, lecture(session, words=bad), "李", **PHONE)
    assert mails()[0].subject == "已报名：守住 Bcc: x@example.org 钱"
    assert "《守住 Bcc: x@example.org 钱》" in (mails()[1].body or "")


def test_a_second_registration_is_told_what_stands(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session, seats=1)
        come(session, event, **MAIL)
        come(session, event, "李", **PHONE)
        come(session, event, **MAIL)
        come(session, event, "李", **PHONE)
    assert kinds() == ["confirmed", "waiting", "again", "again"]
    assert "报名码：" in (mails()[2].body or "")
    assert "候补第 1 位" in (mails()[3].body or "")


def test_a_group_is_told_its_heads(app: Flask) -> None:
    with transaction() as session:
        come(session, lecture(session, seats=40), kind=Kind.GROUP, seats=30, organisation="中心", **MAIL)
    assert "人数：30\n" in (last().body or "")


# --- calendars with mails -----------------------------------------------------------------------------------------


def test_a_mail_brings_the_seat_into_the_calendar_and_takes_it_out_again(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session, uid="u" * 32)
        person = come(session, event, **MAIL)
        managing.change_seats(session, registration_id=person.id, seats=2, at=AT)
        managing.cancel(session, registration_id=person.id, at=AT + timedelta(hours=1))
    assert kinds() == ["confirmed", "changed", "cancelled"]
    found = [by_icalendar(mail.calendar or "") for mail in mails()]
    assert [whole["method"] for whole in found] == ["PUBLISH", "PUBLISH", "CANCEL"]
    entries = [whole["events"][0] for whole in found]
    assert {entry["uid"] for entry in entries} == {f"{'u' * 32}@127.0.0.1"}
    assert [(entry["sequence"], entry["status"]) for entry in entries] == [
        (0, "CONFIRMED"),
        (0, "CONFIRMED"),
        (0, "CANCELLED"),
    ]
    row = registration(person.id)
    assert codes.spoken(row.code) in entries[0]["description"]
    # Calendars are kept by others: the address by which somebody can cancel is not in them.
    assert [mail for mail in mails() if (row.token or "") in (mail.calendar or "")] == []


def test_who_shares_an_address_keeps_the_lecture_in_the_calendar_until_nobody_comes(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session)
        father, mother = come(session, event, "父", **MAIL), come(session, event, "母", **MAIL)
        managing.cancel(session, registration_id=father.id, at=AT)
        managing.cancel(session, registration_id=mother.id, at=AT)
    assert kinds() == ["confirmed", "confirmed", "cancelled", "cancelled"]
    assert mails()[2].calendar is None
    assert by_icalendar(mails()[3].calendar or "")["method"] == "CANCEL"


def test_a_calendar_arrives_by_a_real_mail_server(app: Flask) -> None:
    with transaction() as session:
        come(session, lecture(session), **MAIL)
    with server(app) as smtp, time_machine.travel(AT):
        send(app)
    _words, part = smtp.messages[0].iter_parts()
    assert part["Content-Type"] == 'text/calendar; method="PUBLISH"; charset="utf-8"'
    raw = part.get_payload(decode=True)
    assert isinstance(raw, bytes)
    assert by_icalendar(raw.decode())["events"][0]["summary"] == "守住养老钱"
    assert last().calendar is None
