"""The desk's pages: each works, refuses the wrong person, method and token, and knows no missing subject."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person as Account
from portal.accounts.rules import Role
from portal.articles import services
from portal.articles.models import Article, Edition, Receipt, Review, Revision, Slot, Waiver
from portal.articles.rules import Kind, Person, ReviewState, State
from portal.core import clock
from portal.core.database import db, transaction
from portal.core.settings import Permission
from portal.messages.models import Mail
from tests.accounts.helpers import person, post, sign_in
from tests.articles.desk import AT, BAD, GOOD, begin, of, write

MISSING = 999_999


@pytest.fixture
def accounts(desk_library: None) -> dict[str, Account]:
    return {
        "author": person(None, Role.AUTHOR, name="林静"),
        "reviewer": person(None, Role.REVIEWER, name="周明"),
        "analyst": person(None, Role.ANALYST, name="陈晓"),
    }


@pytest.fixture
def enter(app: Flask, accounts: dict[str, Account]) -> Callable[[str], FlaskClient]:
    return lambda who: sign_in(app.test_client(), accounts[who])


@pytest.fixture
def writer(accounts: dict[str, Account]) -> Person:
    account = accounts["author"]
    return Person(account.id, account.name, frozenset({Permission.DESK, Permission.WRITE}))


@pytest.fixture
def begun(accounts: dict[str, Account], writer: Person) -> Article:
    with transaction() as session:
        article = begin(session, by=writer)
        write(session, article, by=writer)
        session.flush()
        number = article.id
    return db.session.get_one(Article, number)


def general(article: Article) -> Edition:
    db.session.rollback()
    edition = of(db.session(), article)
    assert edition is not None
    return edition


def asked(article: Article, writer: Person) -> int:
    with transaction() as session:
        edition = of(session, article)
        assert edition is not None
        return services.submit(session, article_id=article.id, edition_ids=[edition.id], by=writer, at=AT).id


PAGES = ["/desk/", "/desk/articles/", "/desk/articles/{article}", "/desk/editions/{edition}/history"]
WRITING = ["/desk/articles/new", "/desk/articles/{article}/facts", "/desk/articles/{article}/general/zh-Hans"]
POSTS = {
    "/desk/articles/{article}/submit": "author",
    "/desk/articles/{article}/withdraw": "reviewer",
    "/desk/articles/{article}/publish-alone": "reviewer",
    "/desk/articles/{article}/confirm-facts": "reviewer",
    "/desk/articles/{article}/share": "author",
    "/desk/articles/{article}/read": "analyst",
    "/desk/articles/{article}/owners": "author",
    "/desk/articles/{article}/general/zh-Hans/check": "author",
    "/desk/articles/{article}/general/zh-Hans/slot": "author",
    "/desk/articles/{article}/general/zh-Hans/slot/forget": "author",
    "/desk/editions/{edition}/restore/1": "author",
    "/desk/editions/{edition}/waive": "reviewer",
    "/desk/reviews/{review}/decide": "reviewer",
    "/desk/reviews/{review}/publish": "reviewer",
    "/desk/reviews/{review}/schedule": "reviewer",
    "/desk/reviews/{review}/unschedule": "reviewer",
    "/desk/reviews/{review}/take-back": "author",
    "/desk/reviews/{review}/confirm": "reviewer",
}


@pytest.mark.parametrize("path", PAGES + WRITING)
def test_pages_open_for_whom_they_are(enter: Callable[[str], FlaskClient], begun: Article, path: str) -> None:
    address = path.format(article=begun.id, edition=general(begun).id)
    page = enter("author").get(address)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.text.count("<h1") == 1
    assert enter("analyst").get(address).status_code == (403 if path in WRITING else 200)
    assert enter("author").delete(address).status_code == 405
    assert FlaskClient(begun_app(), use_cookies=True).get(address).headers["Location"].startswith("/desk/sign-in")


def begun_app() -> Flask:
    from flask import current_app  # the test's own context

    return current_app._get_current_object()  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", [path for path in PAGES + WRITING if "{" in path])
def test_what_is_missing_is_not_found(enter: Callable[[str], FlaskClient], begun: Article, path: str) -> None:
    assert enter("author").get(path.format(article=MISSING, edition=MISSING)).status_code == 404
    assert enter("author").get(path.format(article=10**30, edition=10**30)).status_code == 404


@pytest.mark.parametrize(("path", "who"), POSTS.items())
def test_posts_are_guarded(
    enter: Callable[[str], FlaskClient], begun: Article, writer: Person, path: str, who: str
) -> None:
    review = asked(begun, writer)
    address = path.format(article=begun.id, edition=general(begun).id, review=review)
    client = enter(who)
    assert client.post(address).status_code == 400  # without a token
    assert client.get(address).status_code == 405
    missing = path.format(article=MISSING, edition=MISSING, review=MISSING)
    assert post(client, missing, finding="x", reason="x").status_code == 404
    if who == "reviewer":
        assert post(enter("author"), address).status_code == 403
    elif who == "author":
        assert post(enter("analyst"), address).status_code == 403
    assert db.session.get_one(Review, review).state is ReviewState.OPEN


def test_an_article_is_begun_and_a_taken_name_is_said(enter: Callable[[str], FlaskClient], begun: Article) -> None:
    client = enter("author")
    made = post(client, "/desk/articles/new", kind="article", slug="fresh", topic="phone")
    assert made.status_code == 303
    assert made.headers["Location"].endswith("/facts")
    again = post(client, "/desk/articles/new", kind="article", slug="fresh", topic="phone")
    assert again.status_code == 400
    assert 'value="fresh"' in again.text
    assert 'id="slug-error"' in again.text
    for wrong in ({"slug": "Fresh One"}, {"topic": "nothing"}, {"kind": "novel"}, {"slug": ""}):
        given = {"kind": "article", "slug": "other", "topic": "phone"} | wrong
        assert post(client, "/desk/articles/new", **given).status_code == 400


def text_form(body: str = GOOD, **changed: Any) -> dict[str, Any]:
    return {"title": "先挂断", "summary": "没有安全账户。", "hook": "", "body": body, "base": "1", "note": ""} | changed


def test_a_text_is_saved_once_however_often_the_form_comes(
    enter: Callable[[str], FlaskClient], begun: Article, session: Session
) -> None:
    client, address = enter("author"), f"/desk/articles/{begun.id}/general/zh-Hans"
    for _time in range(2):
        assert post(client, address, **text_form(GOOD + "\n再看一眼。\n")).status_code == 303
    assert general(begun).latest_number == 2
    saved = db.session.scalars(sa.select(Revision).where(Revision.number == 2)).one()
    assert (saved.created_by, saved.body) == ("林静", GOOD + "\n再看一眼。\n")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"summary": "一\n二"}, "summary"),
        ({"body": "[不认识]\n字\n[/]\n"}, "body"),
        ({"body": "字 [[hotline:nowhere]]\n"}, "body"),
        ({"body": "字 [[source:nowhere]]\n"}, "body"),
        ({"body": "[图片: nowhere]\n"}, "body"),
        ({"body": "[" * 20_000}, "body"),
    ],
)
def test_a_text_that_cannot_be_saved_is_kept_with_its_error(
    enter: Callable[[str], FlaskClient], begun: Article, changed: dict[str, Any], field: str
) -> None:
    form = text_form() | changed
    page = post(enter("author"), f"/desk/articles/{begun.id}/general/zh-Hans", **form)
    assert page.status_code == 400
    assert f'id="{field}-error"' in page.text
    assert form["body"].strip()[:40] in page.text
    assert general(begun).latest_number == 1


def test_the_second_writer_gets_both_texts(enter: Callable[[str], FlaskClient], begun: Article) -> None:
    address = f"/desk/articles/{begun.id}/general/zh-Hans"
    assert post(enter("reviewer"), address, **text_form(GOOD + "\n周明的句子。\n")).status_code == 303
    page = post(enter("author"), address, **text_form(GOOD + "\n林静的句子。\n"))
    assert page.status_code == 409
    assert "<del>" in page.text
    assert "林静的句子" in page.text.split("<textarea", 1)[1]
    assert 'name="base" value="2"' in page.text
    assert general(begun).latest_number == 2
    assert post(enter("author"), address, **text_form(GOOD + "\n林静的句子。\n", base="2")).status_code == 303


def test_what_is_typed_is_kept_apart_from_the_history(enter: Callable[[str], FlaskClient], begun: Article) -> None:
    client, address = enter("author"), f"/desk/articles/{begun.id}/general/zh-Hans"
    for words in ("一半", "一半的句子"):
        assert post(client, f"{address}/slot", **text_form(GOOD + words)).status_code == 204
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Slot)) == 1
    assert general(begun).latest_number == 1
    assert "一半的句子" in client.get(address).text
    assert "一半的句子" not in enter("reviewer").get(address).text
    assert post(client, f"{address}/slot/forget").status_code == 303
    assert "一半的句子" not in client.get(address).text


def test_the_check_answers_while_typing(enter: Callable[[str], FlaskClient], begun: Article) -> None:
    page = post(enter("author"), f"/desk/articles/{begun.id}/general/zh-Hans/check", **text_form(BAD))
    assert page.status_code == 200
    assert "<b>稳赚</b>" in page.text
    assert "《广告法》第二十五条" in page.text


def test_from_submission_to_publication(
    enter: Callable[[str], FlaskClient], begun: Article, accounts: dict[str, Account]
) -> None:
    author, reviewer = enter("author"), enter("reviewer")
    sent = post(author, f"/desk/articles/{begun.id}/submit", editions=str(general(begun).id), note="请看")
    assert sent.status_code == 303
    address = sent.headers["Location"]
    mails = db.session.scalars(sa.select(Mail)).all()
    assert [(mail.recipient, mail.template) for mail in mails] == [(accounts["reviewer"].email, "review-asked")]
    assert post(author, f"/desk/articles/{begun.id}/submit", editions=str(general(begun).id)).status_code == 409
    page = reviewer.get(address)
    assert "<ins>" in page.text
    assert post(reviewer, f"{address}/decide", decision="changes", opinion="").status_code == 400
    assert post(reviewer, f"{address}/publish").status_code == 409
    assert post(reviewer, f"{address}/decide", decision="approve", opinion="可以。").status_code == 303
    assert "2026-0001" in reviewer.get(f"{address}/opinion").text
    late = post(reviewer, f"{address}/schedule", day="2020-01-01", time="09:30")
    assert (late.status_code, 'id="day-error"' in late.text) == (400, True)
    assert post(reviewer, f"{address}/schedule", day="2099-01-01", time="9点").status_code == 400
    assert post(reviewer, f"{address}/schedule", day="2099-01-01", time="09:30").status_code == 303
    assert general(begun).state is State.SCHEDULED
    assert post(reviewer, f"{address}/unschedule").status_code == 303
    assert post(reviewer, f"{address}/publish").status_code == 303
    assert post(reviewer, f"{address}/publish").status_code == 409
    assert general(begun).published_number == 1
    gone = post(
        reviewer, f"/desk/articles/{begun.id}/withdraw", editions=str(general(begun).id), note="过时了", to="nowhere"
    )
    assert gone.status_code == 400
    assert (
        post(
            reviewer,
            f"/desk/articles/{begun.id}/withdraw",
            editions=str(general(begun).id),
            note="过时了",
            to="hang-up",
        ).status_code
        == 303
    )
    assert general(begun).state is State.WITHDRAWN


def test_sent_back_with_a_reason_that_the_author_gets(
    enter: Callable[[str], FlaskClient], begun: Article, writer: Person, accounts: dict[str, Account]
) -> None:
    review = asked(begun, writer)
    sent = post(enter("reviewer"), f"/desk/reviews/{review}/decide", decision="changes", opinion="第二句太长")
    assert sent.status_code == 303
    mail = db.session.scalars(sa.select(Mail).where(Mail.template == "changes-asked")).one()
    assert mail.recipient == accounts["author"].email
    assert "第二句太长" in (mail.body or "")
    assert "第二句太长" in enter("author").get("/desk/").text


def test_a_finding_is_waived_on_the_review_screen(
    enter: Callable[[str], FlaskClient], begun: Article, writer: Person
) -> None:
    with transaction() as session:
        write(session, begun, BAD, by=writer)
    edition = general(begun)
    judgement = services.judged(
        db.session(),
        article=begun,
        edition=edition,
        revision=db.session.scalars(
            sa.select(Revision).where(Revision.edition_id == edition.id, Revision.number == 2)
        ).one(),
        judge=services.Judge(db.session()),
        at=clock.now(),
    )
    [(key, _rule, _passage)] = judgement.waivable()
    reviewer = enter("reviewer")
    path = f"/desk/editions/{edition.id}/waive"
    assert post(reviewer, path, finding="unknown", reason="x").status_code == 404
    assert post(reviewer, path, finding=key, reason="引用原话").status_code == 303
    assert db.session.scalars(sa.select(Waiver.reason)).all() == ["引用原话"]


def test_an_alert_is_read_and_receipts_are_listed(
    enter: Callable[[str], FlaskClient], accounts: dict[str, Account]
) -> None:
    account = accounts["reviewer"]
    reviewer = Person(account.id, account.name, frozenset(Permission))
    with transaction() as session:
        alert = begin(session, slug="alert", by=reviewer, kind=Kind.ALERT, expires_at=clock.now().replace(year=2099))
        write(session, alert, by=reviewer)
        number = alert.id
    path = f"/desk/articles/{number}"
    assert post(enter("reviewer"), f"{path}/publish-alone", reason="").status_code == 400
    assert post(enter("reviewer"), f"{path}/publish-alone", reason="今天多人受骗").status_code == 303
    assert "先挂断" in enter("analyst").get("/desk/").text
    for _time in range(2):
        assert post(enter("analyst"), f"{path}/read").status_code == 303
    assert db.session.scalars(sa.select(Receipt.name)).all() == ["陈晓"]
    assert "陈晓" in enter("reviewer").get(path).text


def test_an_address_for_somebody_without_an_account(enter: Callable[[str], FlaskClient], begun: Article) -> None:
    client = enter("author")
    page = post(client, f"/desk/articles/{begun.id}/share", note="法务李律师", days="7")
    address = page.text.split("/preview/")[1].split('"')[0].split("<")[0]
    assert begun_app().test_client().get(f"/preview/{address}").status_code == 200
    assert post(client, f"/desk/articles/{begun.id}/share", note="", days="7").status_code == 400
    assert post(client, f"/desk/articles/{begun.id}/share", note="x", days="400").status_code == 400
    assert post(client, "/desk/previews/1/revoke").status_code == 303
    assert begun_app().test_client().get(f"/preview/{address}").status_code == 404
    assert post(client, "/desk/previews/999/revoke").status_code == 404


def test_owner_and_deputy_are_named(
    enter: Callable[[str], FlaskClient], begun: Article, accounts: dict[str, Account]
) -> None:
    deputy, path = accounts["reviewer"].id, f"/desk/articles/{begun.id}/owners"
    assert post(enter("author"), path, owner="", deputy=str(deputy)).status_code == 303
    db.session.rollback()
    assert (begun.owner_id, begun.deputy_id) == (None, deputy)
    assert post(enter("author"), path, owner="999", deputy="").status_code == 400


def test_an_old_text_is_taken_up_again(enter: Callable[[str], FlaskClient], begun: Article, writer: Person) -> None:
    with transaction() as session:
        write(session, begun, GOOD + "\n再看一眼。\n", by=writer)
    path = f"/desk/editions/{general(begun).id}"
    assert post(enter("author"), f"{path}/restore/1", expected="1").status_code == 409
    assert post(enter("author"), f"{path}/restore/1", expected="2").status_code == 303
    assert general(begun).latest_number == 3
    page = enter("author").get(f"{path}/history?from=2&to=3")
    assert "<del>再看一眼。" in page.text


def test_filters_find_drafts_by_their_words(enter: Callable[[str], FlaskClient], begun: Article) -> None:
    client = enter("author")
    for query, found in (("q=打电话问一问", True), ("q=没有这些字", False), ("q=100%", False), ("state=draft", True)):
        assert ("new-one" in client.get(f"/desk/articles/?{query}").text) is found, query
    assert client.get("/desk/articles/?state=nonsense&audience=x&topic=%00").status_code == 200
    assert client.get("/desk/?show=nonsense").status_code == 200


@pytest.mark.parametrize("number", ["", "9" * 400, "9" * 5_000, "-1", "²", "１"])
def test_a_number_that_nobody_was_given_is_an_old_one(
    enter: Callable[[str], FlaskClient], begun: Article, number: str
) -> None:
    client, article, edition = enter("author"), f"/desk/articles/{begun.id}", f"/desk/editions/{general(begun).id}"
    facts = {
        "slug": "new-one",
        "topic": "phone",
        "review_by": "2099-01-01",
        "facts": "0",
        "sources": "0",
        "expires": "",
    }
    assert post(client, f"{article}/facts", **facts, expected=number).status_code == (409 if number else 400)
    assert post(client, f"{edition}/restore/1", expected=number).status_code == 409
    assert post(client, f"{article}/general/zh-Hans/slot", base=number, body="字").status_code == 204
    assert client.get(f"{edition}/history", query_string={"from": number, "to": number}).status_code == 200
