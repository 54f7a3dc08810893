"""The outbox on the desk."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.core.access import Permission
from portal.core.crypto import RING, KeyRing
from portal.core.database import transaction
from portal.core.settings import Settings
from portal.messages import services
from tests.messages.helpers import AT, claim, mails, put, states
from tests.staff import staff, token

PAGE = "/desk/messages"


@pytest.fixture
def manager(app: Flask) -> FlaskClient:
    return staff(app, Permission.MANAGE_PEOPLE)


@pytest.fixture
def failed(app: Flask) -> int:
    number = put()
    fail(why="SMTPRecipientsRefused 550")
    return number


def fail(why: str = "x") -> None:
    with transaction() as unit:
        for claimed in services.claim(unit, at=AT):
            services.mark_failed(unit, claimed, why=why, permanent=True, at=AT)


def test_an_empty_outbox_says_so(manager: FlaskClient) -> None:
    page = manager.get(PAGE)
    assert page.status_code == 200
    assert "0 mails wait to be sent." in page.text
    assert "Every message was sent or still waits." in page.text
    assert 'aria-current="page">Mail</a>' in page.text
    assert page.headers["Cache-Control"] == "private, no-store"


def test_it_shows_how_much_waits_and_what_failed_but_neither_text_nor_address(
    manager: FlaskClient, failed: int
) -> None:
    put()
    put()
    claim(limit=1)
    page = manager.get(PAGE).text
    for part in (
        "2 mails wait to be sent.",
        "Could not be sent: 1",
        "Changes are asked for",
        "l***@example.org",
        "The mail server refused the address</span>",
        '<small class="said">SMTPRecipientsRefused 550</small>',
        '<span class="num">2026-11-22 16:00</span>',
        f'action="/desk/messages/{failed}/retry"',
    ):
        assert part in page, part
    assert [part for part in ("lin.jing", "刷单返利", "周明", "desk/1") if part in page] == []


def test_a_mail_of_an_unknown_kind_or_that_cannot_be_read_is_shown_too(app: Flask, manager: FlaskClient) -> None:
    put(template="review-due")
    fail()
    with transaction() as unit:
        for mail in mails():
            unit.merge(mail).template = "of-tomorrow"
    app.extensions[RING] = KeyRing(Settings(secret_key="another key, of the same length as others"))
    page = manager.get(PAGE).text
    assert "of-tomorrow" in page
    assert "cannot be read: the site's key was replaced" in page


def test_a_failure_without_words_of_its_own_is_the_servers(manager: FlaskClient) -> None:
    put()
    fail(why="TimeoutError")
    assert "The mail server could not be reached</span>" in manager.get(PAGE).text


def test_a_mail_is_sent_again(manager: FlaskClient, failed: int) -> None:
    answer = manager.post(f"{PAGE}/{failed}/retry", data={"csrf_token": token(manager, PAGE)})
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert states() == ["waiting"]
    assert "The mail waits to be sent." in manager.get(PAGE).text


def test_pressing_twice_is_the_same_as_once(manager: FlaskClient, failed: int) -> None:
    kept = token(manager, PAGE)
    answers = [manager.post(f"{PAGE}/{failed}/retry", data={"csrf_token": kept}) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert states() == ["waiting"]
    assert "This message waits already, or has been sent." in manager.get(PAGE).text


def test_a_mail_that_is_not_there(manager: FlaskClient, failed: int) -> None:
    kept = token(manager, PAGE)
    for number in (failed + 1, 2**53 - 1, 2**63):
        assert manager.post(f"{PAGE}/{number}/retry", data={"csrf_token": kept}).status_code == 404


@pytest.mark.parametrize("data", [{}, {"csrf_token": ""}, {"csrf_token": "x"}])
def test_without_the_token_nothing_happens(manager: FlaskClient, failed: int, data: dict[str, str]) -> None:
    assert manager.post(f"{PAGE}/{failed}/retry", data=data).status_code == 400
    assert states() == ["failed"]


def test_only_people_who_manage_people_come_here(app: Flask) -> None:
    others = [permission for permission in Permission if permission is not Permission.MANAGE_PEOPLE]
    assert staff(app, *others).get(PAGE).status_code == 403
    assert staff(app).get(PAGE).location == "/desk/sign-in"


@pytest.mark.parametrize("permissions", [(), tuple(p for p in Permission if p is not Permission.MANAGE_PEOPLE)])
def test_nobody_else_sends_again(app: Flask, failed: int, permissions: tuple[Permission, ...]) -> None:
    app.config["WTF_CSRF_ENABLED"] = False  # past the token, to the permission
    answer = staff(app, *permissions).post(f"{PAGE}/{failed}/retry")
    assert (answer.status_code, answer.location) == ((403, None) if permissions else (303, "/desk/sign-in"))
    assert states() == ["failed"]


def test_wrong_methods(manager: FlaskClient, failed: int) -> None:
    assert manager.get(f"{PAGE}/{failed}/retry").status_code == 405
    kept = token(manager, PAGE)
    assert manager.post(PAGE, data={"csrf_token": kept}).status_code == 405
    assert states() == ["failed"]
