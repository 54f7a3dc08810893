"""Quizzes at the desk, and the way of a set of questions and quizzes to the public."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person as Account
from portal.articles.rules import Person, ReviewState, State
from portal.articles.services import Stale
from portal.core.database import db, transaction
from portal.core.settings import Audience
from portal.messages.models import Mail
from portal.quizzes import services
from portal.quizzes.models import QuizVersion, Review, Waiver
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.items import Difficulty
from portal.quizzes.rules.quizzes import Counts, Feedback, Layout, Pool, QuizVoice, Slot, quiz_from_plain, quiz_to_plain
from tests.accounts.helpers import post
from tests.articles.desk import AT
from tests.quizzes.bank import pool_quiz, publish, put, quiz, single
from tests.quizzes.desk import asked, content, document
from tests.quizzes.pages import fields

Enter = Callable[[str], FlaskClient]


# --- quizzes ------------------------------------------------------------------------------------------------------


def test_a_quiz_is_made_of_what_the_bank_holds(enter: Enter, begun: list[int]) -> None:
    author = enter("author")
    form = fields(author.get("/desk/quizzes/new").text) | {"slug": "fresh", "title": "新测验", "topic": "phone"}
    picking = post(author, "/desk/quizzes/new", **form | {"action": "pick", "pick": "phone"})
    assert 'name="picked" value="code"' in picking.text
    taken = post(author, "/desk/quizzes/new", **fields(picking.text), action="take", picked=["code", "sms"])
    form = fields(post(author, "/desk/quizzes/new", **fields(taken.text), action="add-pool").text)
    assert (form["rows"], form["slot_0_item"], form["slot_2_count"], form["title"]) == ("3", "code", "1", "新测验")
    form |= {"slot_2_topic": "phone", "slot_2_difficulty": "hard", "slot_1_points": "2.5", "slot_1_control": "y"}
    form |= {"minutes": "10", "percent": "80", "form": "A", "pair": "讲座", "elderly_title": "您来试一试"}
    for _time in range(2):
        assert post(author, "/desk/quizzes/new", **form).status_code == 303
    made = quiz_from_plain(content("fresh", Sort.QUIZ))
    assert made.slots == (
        Slot(item="code"),
        Slot(item="sms", points=2.5, control=True),
        Slot(pool=Pool("phone", 1, Difficulty.HARD)),
    )
    assert (made.minutes, made.pass_percent, made.form, made.pair) == (10, 80, "A", "讲座")
    assert made.time_limit(Audience.ELDERLY) == 0
    assert document("fresh", Sort.QUIZ).latest_number == 1
    moved = post(author, "/desk/quizzes/fresh", **fields(author.get("/desk/quizzes/fresh").text), action="up-2")
    assert (fields(moved.text)["slot_1_sort"], fields(moved.text)["slot_2_item"]) == ("pool", "sms")
    assert "新测验" in author.get("/desk/quizzes/").text


def test_every_setting_comes_back_from_its_form_as_it_was(enter: Enter, begun: list[int], writer: Person) -> None:
    thing = replace(
        quiz("whole"),
        slots=(Slot("code", points=0.5, control=True), Slot(pool=Pool("phone", 3, Difficulty.EASY), points=2.0)),
        feedback=Feedback.AT_END,
        layout=Layout.ALL,
        shuffle=True,
        attempts=2,
        counts=Counts.FIRST,
        minutes=5,
        pass_percent=75,
        certainty=True,
        form="B",
        pair="lecture",
        voices={
            "general.zh-Hant": QuizVoice("標題"),
            "elderly": QuizVoice("标题", "介绍"),
            "youth.en": QuizVoice("Title"),
        },
    )
    with transaction() as session:
        put(session, thing, by=writer)
    author, address = enter("author"), "/desk/quizzes/whole"
    assert post(author, address, **fields(author.get(address).text)).status_code == 303
    assert content("whole", Sort.QUIZ) == quiz_to_plain(thing)
    assert post(author, address, **fields(author.get(address).text) | {"title": "另一个"}).status_code == 303
    assert content("whole", Sort.QUIZ) == quiz_to_plain(replace(thing, title="另一个"))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": ""}, "title"),
        ({"slot_0_item": "nothing"}, "slot_0_item"),
        ({"slot_0_item": ""}, "slot_0_item"),
        ({"slot_0_points": "0"}, "slot_0_points"),
        ({"slot_0_points": "9" * 5000}, "slot_0_points"),
        ({"slot_0_sort": "pool", "slot_0_topic": "", "slot_0_difficulty": "", "slot_0_count": "1"}, "slot_0_topic"),
        ({"slot_0_sort": "pool", "slot_0_topic": "phone", "slot_0_count": "0"}, "slot_0_count"),
        ({"slot_0_sort": "pool", "slot_0_topic": "phone", "slot_0_difficulty": "x"}, "slot_0_difficulty"),
        ({"attempts": "-1"}, "attempts"),
        ({"attempts": "１２"}, "attempts"),
        ({"minutes": "9" * 5000}, "minutes"),
        ({"percent": "101"}, "percent"),
        ({"percent": ""}, "percent"),
        ({"feedback": "never"}, "feedback"),
        ({"form": "C"}, "form"),
        ({"form": "A", "pair": ""}, "pair"),
        ({"article": "nowhere"}, "article"),
        ({"intro": "长" * 8_001}, "intro"),
    ],
)
def test_a_quiz_that_cannot_be_saved_is_kept_with_its_error(
    enter: Enter, begun: list[int], changed: dict[str, str], field: str
) -> None:
    author, address = enter("author"), "/desk/quizzes/try"
    form = fields(author.get(address).text) | {"elderly_intro": "说给长辈听的"} | changed
    page = post(author, address, **form)
    assert (page.status_code, f'href="#{field}"' in page.text) == (400, True)
    assert "说给长辈听的" in page.text
    assert document("try", Sort.QUIZ).latest_number == 1


@pytest.mark.parametrize(
    "hostile", [{"rows": "9" * 99}, {"rows": ""}, {"base": "x"}, {"action": "take", "picked": "x" * 9}]
)
def test_what_no_browser_sends_breaks_nothing(enter: Enter, begun: list[int], hostile: dict[str, str]) -> None:
    author, address = enter("author"), "/desk/quizzes/try"
    page = post(author, address, **fields(author.get(address).text) | hostile)
    assert page.status_code in (200, 303, 400, 409)
    assert quiz_from_plain(content("try", Sort.QUIZ)).slug == "try"


def test_the_second_saver_of_a_quiz_gets_both(enter: Enter, begun: list[int]) -> None:
    author, address = enter("author"), "/desk/quizzes/try"
    form = fields(author.get(address).text)
    assert post(enter("reviewer"), address, **form | {"title": "周明的标题"}).status_code == 303
    page = post(author, address, **form | {"title": "林静的标题"})
    assert page.status_code == 409
    assert ("周明的标题" in page.text or "<del>" in page.text, fields(page.text)["title"]) == (True, "林静的标题")
    assert post(author, address, **fields(page.text)).status_code == 303


# --- review -------------------------------------------------------------------------------------------------------


def test_from_submission_to_publication(
    enter: Enter, begun: list[int], accounts: dict[str, Account], session: Session
) -> None:
    author, reviewer = enter("author"), enter("reviewer")
    offered = author.get(f"/desk/quiz-reviews/new?document={begun[2]}").text
    assert offered.count(" checked") == 3  # the quiz, and its questions that are not public
    alone = post(author, "/desk/quiz-reviews/new", documents=str(begun[2]))
    assert (alone.status_code, "code" in alone.text) == (409, True)
    assert post(author, "/desk/quiz-reviews/new").status_code == 400
    assert post(author, "/desk/quiz-reviews/new", documents="999999").status_code == 400
    sent = post(author, "/desk/quiz-reviews/new", documents=[str(one) for one in begun], note="请看")
    assert sent.status_code == 303
    address = sent.headers["Location"]
    # The reviewer's list of what to do says so; nobody else is told.
    told = ['href="/desk/quiz-reviews/">' in enter(who).get("/desk/").text.split("<main")[1] for who in accounts]
    assert told == [False, True, False]
    mails = db.session.scalars(sa.select(Mail)).all()
    assert [(mail.recipient, mail.template) for mail in mails] == [(accounts["reviewer"].email, "review-asked")]
    page = reviewer.get(address).text
    assert "<ins>" in page
    assert "qkey__option--right" in page
    assert "您的验证码" in page  # the voice for the elderly
    assert post(reviewer, f"{address}/decide", decision="changes", opinion="").status_code == 400
    assert post(reviewer, f"{address}/publish").status_code == 409
    assert reviewer.get(f"{address}/opinion").status_code == 404
    assert post(reviewer, f"{address}/decide", decision="approve", opinion="可以。").status_code == 303
    assert "2026-0001" in reviewer.get(f"{address}/opinion").text
    assert post(reviewer, f"{address}/publish").status_code == 303
    assert post(reviewer, f"{address}/publish").status_code == 409
    assert document("try", Sort.QUIZ).state is State.PUBLISHED
    assert [version.number for version in db.session.scalars(sa.select(QuizVersion))] == [1]
    used = post(reviewer, "/desk/questions/code/withdraw")
    assert (used.status_code, "try" in used.text) == (409, True)
    assert post(reviewer, "/desk/quizzes/try/withdraw").status_code == 303
    assert post(reviewer, "/desk/questions/code/withdraw").status_code == 303
    assert document("code").state is State.WITHDRAWN
    assert post(reviewer, "/desk/quizzes/try/withdraw").status_code == 409


def test_sent_back_with_a_reason_that_the_author_gets(
    enter: Enter, begun: list[int], writer: Person, accounts: dict[str, Account]
) -> None:
    review = asked(begun, writer)
    sent = post(enter("reviewer"), f"/desk/quiz-reviews/{review}/decide", decision="changes", opinion="第二句太长")
    assert sent.status_code == 303
    mail = db.session.scalars(sa.select(Mail).where(Mail.template == "changes-asked")).one()
    assert mail.recipient == accounts["author"].email
    assert "第二句太长" in (mail.body or "")
    assert f"/desk/quiz-reviews/{review}" in (mail.body or "")
    assert document("code").state is State.NEEDS_CHANGES


def test_whoever_wrote_a_part_does_not_decide(enter: Enter, begun: list[int], writer: Person) -> None:
    reviewer = enter("reviewer")
    form = fields(reviewer.get("/desk/questions/sms").text) | {"explanation": "银行从不发链接。"}
    assert post(reviewer, "/desk/questions/sms", **form).status_code == 303
    review = asked(begun, writer)
    refused = post(reviewer, f"/desk/quiz-reviews/{review}/decide", decision="approve", opinion="")
    assert refused.status_code == 409
    assert db.session.get_one(Review, review).state is ReviewState.OPEN


def test_a_set_is_taken_back_and_an_edit_makes_it_void(enter: Enter, begun: list[int], writer: Person) -> None:
    author = enter("author")
    first = asked(begun, writer)
    assert post(author, f"/desk/quiz-reviews/{first}/take-back").status_code == 303
    second = asked(begun, writer)
    # What was void stays so, though its texts are in review again.
    assert post(enter("reviewer"), f"/desk/quiz-reviews/{first}/decide", decision="approve").status_code == 409
    form = fields(author.get("/desk/questions/code").text) | {"explanation": "谁要都不给。"}
    assert post(author, "/desk/questions/code", **form).status_code == 303
    db.session.rollback()
    states = [db.session.get_one(Review, one).state for one in (first, second)]
    assert states == [ReviewState.VOID, ReviewState.VOID]


def test_only_the_review_that_a_text_is_in_moves_it(begun: list[int], writer: Person, session: Session) -> None:
    first = asked(begun, writer)
    with transaction():
        services.take_back(session, review_id=first, by=writer, at=AT)
    asked(begun, writer)
    with transaction(), pytest.raises(Stale):
        services.take_back(session, review_id=first, by=writer, at=AT)


def test_a_finding_is_waived_on_the_review_screen(enter: Enter, begun: list[int], writer: Person) -> None:
    with transaction() as session:
        put(session, single(explanation="这样存钱稳赚。"), by=writer, base=1)
        session.flush()
    judge = services.BankJudge(db.session())
    found = services.checked(db.session(), document("code"), judge=judge, together=(), at=AT)
    assert found is not None
    [key] = {key for one in found.judgements for key, _rule, _passage in one.waivable()}
    reviewer, path = enter("reviewer"), f"/desk/quiz-reviews/waive/{begun[0]}"
    assert post(reviewer, path, finding="unknown", reason="x").status_code == 404
    assert post(reviewer, path, finding=key, reason="").status_code == 400
    assert post(reviewer, path, finding=key, reason="引用原话").headers["Location"] == "/desk/questions/code"
    review = asked(begun, writer)
    assert "引用原话" in reviewer.get(f"/desk/quiz-reviews/{review}").text
    assert post(reviewer, path, finding=key, reason="x" * 501).status_code == 400
    assert db.session.scalars(sa.select(Waiver.reason)).all() == ["引用原话"]


def test_an_old_revision_comes_back_through_review(enter: Enter, begun: list[int], writer: Person) -> None:
    reviewer, author, address = enter("reviewer"), enter("author"), "/desk/questions/code"
    first = content("code")["explanation"]
    form = fields(author.get(address).text) | {"explanation": "周明的句子。"}
    assert post(reviewer, address, **form).status_code == 303
    review = asked([document("code").id], writer)
    for expected in ("1", "", "0", "-1", "9" * 99):
        stale = post(reviewer, f"{address}/restore/1", expected=expected)
        assert (stale.status_code, "这段时间里有人改过" in stale.text) == (409, True)
    for number in (0, 9, 10**30):
        assert post(reviewer, f"{address}/restore/{number}", expected="2").status_code == 404
    assert document("code").latest_number == 2
    for _time in range(2):  # pressed twice it is restored once
        done = post(reviewer, f"{address}/restore/1", expected="2")
        assert (done.status_code, done.headers["Location"]) == (303, f"{address}/history")
    now = document("code")
    assert (now.latest_number, now.state, content("code")["explanation"]) == (3, "draft", first)
    assert db.session.get_one(Review, review).state is ReviewState.VOID
    latest = services.revision(db.session(), now)
    assert latest is not None
    # Who wrote it first is an author of it still, and approves it no more than who brought it back.
    assert (latest.created_by, latest.note, set(latest.authors) > {writer.id}) == ("周明", "↩ 1", True)
    page = author.get(f"{address}/history").text
    assert (page.count("/restore/1"), page.count("/restore/2"), "/restore/3" in page) == (1, 1, False)
    assert "/restore/" not in enter("analyst").get(f"{address}/history").text


def test_a_changed_question_is_compared_with_what_the_public_has(
    enter: Enter, begun: list[int], session: Session, writer: Person
) -> None:
    with transaction():
        publish(session, single("seen"), pool_quiz(count=1))
    author = enter("author")
    form = fields(author.get("/desk/questions/seen").text) | {"option_0_text": "马上告诉他"}
    assert post(author, "/desk/questions/seen", **form).status_code == 303
    review = asked([document("seen").id], writer)
    page = enter("reviewer").get(f"/desk/quiz-reviews/{review}").text
    assert "<ins>马上</ins>" in page
    assert "<ins>马上</ins>" in author.get("/desk/questions/seen/history").text
    assert 'class="diff"' not in author.get("/desk/questions/seen/history?from=2&to=2").text
    assert author.get(f"/desk/questions/seen/history?from={'9' * 99}&to=-1").status_code == 200
    assert "/desk/quizzes/pool" in author.get("/desk/questions/seen").text
