"""Mail into the outbox."""

from __future__ import annotations

import inspect
import re
from datetime import timedelta
from pathlib import Path

import jinja2
import pytest
import sqlalchemy as sa
from flask import Flask
from jinja2 import meta
from sqlalchemy.orm import Session

from portal.audit.models import Event
from portal.core import web
from portal.core.crypto import keyed_digest
from portal.core.database import db, transaction
from portal.messages import services
from portal.messages.models import Mail
from portal.messages.rules import KEPT, State, parts
from portal.messages.services.queueing import TEMPLATES, TEXTS
from portal.messages.views import WORDS
from tests.messages.helpers import AT, VALUES, claim, mails, put, states

FILES = sorted(TEMPLATES.glob("*.txt"))


def test_a_mail_is_stored_filled_in_and_sealed(app: Flask, session: Session) -> None:
    number = put()
    (mail,) = mails()
    assert (mail.id, mail.recipient, mail.subject) == (number, "lin.jing@example.org", "请修改：刷单返利")
    assert mail.body == (
        "周明 审核了《刷单返利》，请您修改后再提交。\n\n意见：第 2 段缺来源\n\n请打开下面的页面修改：\nhttps://x.example/desk/1"
    )
    assert (mail.state, mail.attempts, mail.due_at, mail.created_at) == (State.WAITING, 0, AT, AT)
    assert mail.digest == keyed_digest(f"{mail.recipient}\n{mail.subject}\n{mail.body}", purpose="mail")
    stored = " ".join(map(str, session.execute(sa.text("SELECT * FROM messages_mail")).one()))
    assert [word for word in ("lin.jing", "example.org", "刷单", "周明", "desk/1") if word in stored] == []


def test_zh_hant_is_made_from_the_template_and_what_is_filled_in_stays(app: Flask) -> None:
    put(locale="zh-Hant", values={**VALUES, "who": "后里"})
    (mail,) = mails()
    assert mail.subject == "請修改：刷单返利"
    assert mail.body
    assert mail.body.startswith("后里 審核了《刷单返利》，請您修改後再提交。")


def test_english(app: Flask) -> None:
    put(locale="en")
    assert mails()[0].subject == "Please change: 刷单返利"


@pytest.mark.parametrize(
    "literal", ["{{7*7}}", "{% for x in y %}", "{{ link }}", "{# x #}", "<b>&amp;", "${x}", "%(x)s"]
)
def test_what_is_filled_in_is_never_a_template(app: Flask, literal: str) -> None:
    put(values={**VALUES, "title": literal, "why": literal})
    (mail,) = mails()
    assert mail.subject == f"请修改：{literal}"
    assert f"意见：{literal}\n" in (mail.body or "")


def test_a_reason_may_have_several_lines(app: Flask) -> None:
    put(values={**VALUES, "why": "一\r\n二\nBcc: x@example.org"})
    assert "意见：一\r\n二\nBcc: x@example.org\n" in (mails()[0].body or "")


@pytest.mark.parametrize("title", ["a\nBcc: x@example.org", "a\r\n\r\nbody", "a\rb", "a\u2028b", "a\0b", "a\n b"])
def test_nothing_breaks_out_of_the_subject(app: Flask, title: str) -> None:
    with pytest.raises(ValueError, match="header"):
        put(values={**VALUES, "title": title})
    assert mails() == []


@pytest.mark.parametrize("to", ["a@b\r\nBcc: c@d", "a@b, c@d", "a@b\n", "Lin <a@b>"])
def test_nothing_breaks_out_of_the_recipient(app: Flask, to: str) -> None:
    with pytest.raises(ValueError, match=r"header|one address"):
        put(to=to)
    assert mails() == []


def test_what_a_template_needs_must_be_given(app: Flask) -> None:
    with pytest.raises(jinja2.UndefinedError):
        put(values={"title": "a"})
    assert mails() == []


@pytest.mark.parametrize(("name", "error"), [("nothing", FileNotFoundError), ("../x", ValueError)])
def test_a_template_that_is_not_there_is_refused(app: Flask, name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        put(template=name)


def test_a_language_that_is_not_spoken_is_refused(app: Flask) -> None:
    with pytest.raises(ValueError, match="fr"):
        put(locale="fr")


def test_a_unit_that_is_undone_leaves_no_mail(app: Flask) -> None:
    def fail() -> None:
        with transaction() as unit:
            services.queue(unit, to="a@b", template="review-due", locale="en", values=VALUES, at=AT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert mails() == []


def test_other_rooms_put_mail_in_by_the_core(app: Flask) -> None:
    with transaction() as unit:
        web.mail(unit, to="a@b", template="review-due", locale="en", values=VALUES, at=AT)
    assert [mail.subject for mail in mails()] == ["Please check again: 刷单返利"]
    assert list(inspect.signature(services.queue).parameters) == [
        *("session", "to", "template", "locale", "values", "at", "calendar")
    ]


def test_there_are_templates() -> None:
    assert {path.name for path in FILES} >= {"publication-failed.zh-Hans.txt", "review-asked.en.txt"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_template_is_well_made_and_its_languages_need_the_same_values(path: Path) -> None:
    environment = jinja2.Environment()  # noqa: S701  # nothing is rendered

    def needs(file: Path) -> set[str]:
        parts(file.read_text("utf-8"))
        return meta.find_undeclared_variables(environment.parse(file.read_text("utf-8")))

    name, locale, _txt = path.name.split(".")
    assert locale in ("zh-Hans", "en")
    other = path.with_name(f"{name}.{'en' if locale == 'zh-Hans' else 'zh-Hans'}.txt")
    assert needs(path) == needs(other)
    assert name in WORDS


@pytest.mark.parametrize("path", [path for path in FILES if ".zh-Hans." in path.name], ids=lambda path: path.name)
def test_templates_do_not_shout(path: Path) -> None:
    assert re.findall("[!！]", path.read_text("utf-8")) == []


def test_a_mail_that_failed_can_be_sent_again_and_that_is_on_record(app: Flask, session: Session) -> None:
    number = put()
    (claimed,) = claim()
    with transaction() as unit:
        services.mark_failed(unit, claimed, why="x", permanent=True, at=AT)
    with transaction() as unit:
        services.retry(unit, mail_id=number, by="林静", at=AT + KEPT)
    (mail,) = mails()
    assert (mail.state, mail.attempts, mail.due_at, mail.failed_at) == (State.WAITING, 0, AT + KEPT, None)
    event = db.session.scalars(sa.select(Event)).one()
    assert (event.tag, event.actor, event.target) == ("messages:mail:retried", "林静", f"mail {number}")


def test_only_a_mail_that_failed_can_be_sent_again(app: Flask) -> None:
    number = put()
    for state in ("waiting", "sending", "sent"):
        assert states() == [state]
        with pytest.raises(services.NotFailed), transaction() as unit:
            services.retry(unit, mail_id=number, by="a", at=AT)
        if state == "waiting":
            (claimed,) = claim()
        elif state == "sending":
            with transaction() as unit:
                services.mark_sent(unit, claimed, at=AT)
    assert db.session.scalars(sa.select(Event)).all() == []


def test_old_notes_are_deleted_and_what_still_waits_is_kept(app: Flask) -> None:
    sent, failed, waiting = put(), put(), put()
    one, two, _three = claim()
    with transaction() as unit:
        services.mark_sent(unit, one, at=AT)
        services.mark_failed(unit, two, why="x", permanent=True, at=AT)
    for at, kept in ((AT + KEPT, [sent, failed, waiting]), (AT + KEPT + timedelta(seconds=1), [waiting])):
        with transaction() as unit:
            services.purge(unit, at=at)
        assert [mail.id for mail in mails()] == kept


def test_the_database_keeps_no_words_of_what_was_sent(app: Flask) -> None:
    put()
    with pytest.raises(sa.exc.IntegrityError), transaction() as unit:
        unit.execute(sa.update(Mail).values(state=State.SENT, sent_at=AT))


@pytest.mark.parametrize("path", sorted(TEXTS.glob("*.txt")), ids=lambda path: path.name)
def test_every_short_message_is_one_paragraph_its_languages_need_the_same_values_and_there_is_a_mail(
    path: Path,
) -> None:
    environment = jinja2.Environment()  # noqa: S701  # nothing is rendered
    text = path.read_text("utf-8")
    assert text.count("\n") == 1
    name, locale, _txt = path.name.split(".")
    other = path.with_name(f"{name}.{'en' if locale == 'zh-Hans' else 'zh-Hans'}.txt").read_text("utf-8")
    needs = [meta.find_undeclared_variables(environment.parse(words)) for words in (text, other)]
    assert needs[0] == needs[1]
    assert TEMPLATES / path.name in FILES
    assert re.findall("[!！您你]", text) == []
