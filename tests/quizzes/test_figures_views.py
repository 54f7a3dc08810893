"""What staff see of results, what they save, and how a question is marked anew."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.audit.models import Event
from portal.core.access import Permission
from portal.core.database import transaction
from portal.core.settings import Audience, Locale
from portal.quizzes.models import Attempt, Regrade, Response
from portal.quizzes.services import regrading
from tests.articles.desk import AT
from tests.quizzes.bank import judgement, publish, put, quiz, single
from tests.quizzes.taken import several, take
from tests.staff import staff, token

pytestmark = pytest.mark.usefixtures("desk_library")
ANALYST = (Permission.DESK, Permission.ANALYSE)
REVIEWER = (Permission.DESK, Permission.REVIEW)
HOME = "/desk/quiz-figures/"
QUIZ = "/desk/quiz-figures/try"
QUESTION = "/desk/quiz-figures/questions/code"
REGRADE = "/desk/quiz-figures/try/versions/1/regrade/code"
WRONG = single(options=tuple(replace(one, fraction=float(one.id == "a")) for one in single().options))


@pytest.fixture
def taken(desk_library: None, session: Session) -> None:
    """Six people of the general edition took a quiz of three questions, and two others."""
    with transaction():
        publish(session, WRONG, judgement(), several(), quiz(names=("code", "sms", "signs")))
    for said in ("b", "b", "b", "b", "b", "a", "c"):
        take(session, [said, "scam", "b+c" if said == "b" else "a"])
    take(session, ["b", "genuine", None], audience=Audience.ELDERLY)
    session.rollback()


@pytest.mark.usefixtures("taken")
def test_quizzes_of_a_quarter(app: Flask) -> None:
    words = staff(app, *ANALYST).get(HOME).text
    assert 'href="/desk/quiz-figures/try?version=1&amp;quarter=2026Q4"' in words
    assert '<td class="num-col" data-label="Attempts">8</td>' in words


@pytest.mark.usefixtures("taken")
def test_a_version_with_its_figures_and_what_they_say(app: Flask) -> None:
    page = staff(app, *ANALYST).get(QUIZ)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "private, no-store")
    assert "Of several attempts by one person in a quarter, the best counts." in page.text
    assert "few attempts: chance may have made these figures" in page.text
    assert "only one kind of message was judged" in page.text
    # One of the elderly edition is too few, and would be known beside the seven of the general one.
    assert "Edition by edition" not in page.text
    for locale in Locale:
        assert staff(app, *ANALYST, locale=locale.value).get(QUIZ).status_code == 200


@pytest.mark.usefixtures("taken")
@pytest.mark.parametrize(
    "query", ["audience=general", "audience=elderly", "audience=youth", "quarter=2026Q4&audience=general"]
)
def test_what_would_tell_of_few_is_not_shown(app: Flask, query: str) -> None:
    words = staff(app, *ANALYST).get(f"{QUIZ}?{query}").text
    assert "too few: fewer than 5 attempts" in words
    assert "Standard deviation" not in words


def test_editions_side_by_side(app: Flask, session: Session) -> None:
    with transaction():
        publish(session, single(), quiz(names=("code",)))
    for who, said in ((Audience.GENERAL, "b"), (Audience.ELDERLY, "a")):
        for _ in range(5):
            take(session, [said], audience=who)
    words = staff(app, *ANALYST).get(QUIZ).text
    row = words.partition('<tr><th scope="row">The whole quiz</th>')[2].partition("</tr>")[0]
    assert [cell.partition("<")[0] for cell in row.split('<td class="num-col">')[1:]] == ["100%", "0%", "50%", "50%"]
    assert "100%" in staff(app, *ANALYST).get(f"{QUIZ}?audience=general").text


def test_attempts_that_do_not_count_can_be_looked_at(app: Flask, session: Session) -> None:
    with transaction():
        publish(session, single(), quiz(names=("code",)))
    for _ in range(5):
        first = take(session, ["a"])
        take(session, ["b"], after=first, at=AT + timedelta(hours=1))
    client = staff(app, *ANALYST)
    attempts = "<div><dt>Attempts</dt><dd>{}</dd></div>"
    assert attempts.format(5) in client.get(QUIZ).text
    assert attempts.format(10) in client.get(f"{QUIZ}?attempts=all").text


@pytest.mark.usefixtures("taken")
def test_versions_are_never_put_together(app: Flask, session: Session) -> None:
    with transaction():
        publish(session, single())
    for _ in range(5):
        take(session, ["b", "scam", "b"])
    client = staff(app, *ANALYST)
    words = client.get(QUIZ).text
    assert "These are the figures of version 2 alone" in words
    assert "<div><dt>Attempts</dt><dd>5</dd></div>" in words
    assert "<div><dt>Attempts</dt><dd>8</dd></div>" in client.get(f"{QUIZ}?version=1").text
    assert "an earlier version" in client.get(HOME).text
    both = client.get(QUESTION).text
    assert ("version 2" in both, "version 1" in both) == (True, True)


def test_a_version_that_nobody_has_taken(app: Flask, session: Session) -> None:
    assert "Nobody has finished a quiz yet." in staff(app, *ANALYST).get(HOME).text
    with transaction():
        publish(session, single(), quiz(names=("code",)))
    assert "too few" in staff(app, *ANALYST).get(QUIZ).text
    assert "too few" in staff(app, *ANALYST).get(QUESTION).text


@pytest.mark.usefixtures("taken")
@pytest.mark.parametrize("path", [HOME, QUIZ, QUESTION])
def test_who_may_not_see_figures(app: Flask, path: str) -> None:
    assert staff(app).get(path).status_code == 303
    assert staff(app, *REVIEWER).get(path).status_code == 403
    assert staff(app, *ANALYST).put(path).status_code in (400, 405)


@pytest.mark.usefixtures("taken")
@pytest.mark.parametrize(
    "path",
    [
        "/desk/quiz-figures/none", "/desk/quiz-figures/questions/none", f"{QUIZ}?version=9", f"{QUIZ}?version=x",
        f"{QUIZ}?quarter=2020Q1", f"{QUIZ}?audience=none", f"{QUIZ}?attempts=none", f"{HOME}?quarter=x",
    ],
)  # fmt: skip
def test_figures_of_what_is_missing(app: Flask, path: str) -> None:
    assert staff(app, *ANALYST).get(path).status_code == 404


@pytest.mark.usefixtures("taken")
@pytest.mark.parametrize(("place", "figures"), [("/desk/questions/code", QUESTION), ("/desk/quizzes/try", QUIZ)])
def test_the_bank_leads_analysts_to_the_figures(app: Flask, place: str, figures: str) -> None:
    assert f'<a href="{figures}">' in staff(app, *ANALYST).get(place).text
    assert f'<a href="{figures}">' not in staff(app, *REVIEWER).get(place).text


def test_the_bank_leads_to_no_figures_that_are_not_there(app: Flask) -> None:
    with transaction() as session:
        put(session, single())
        put(session, quiz(names=("code",)))
    for place in ("/desk/questions/code", "/desk/quizzes/try"):
        page = staff(app, *ANALYST).get(place)
        assert (page.status_code, 'href="/desk/quiz-figures/' in page.text.partition("<main")[2]) == (200, False)


# --- saving


def saved(client: FlaskClient, **values: str) -> bytes:
    given = {"csrf_token": token(client, QUIZ), "kind": "attempts", "format": "csv", **values}
    answer = client.post(f"{QUIZ}/export", data=given)
    assert answer.status_code == 200, answer.text
    return answer.get_data()


@pytest.mark.usefixtures("taken")
def test_a_row_an_attempt_says_nothing_of_few(app: Flask, session: Session) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    rows = list(csv.reader(io.StringIO(saved(staff(app, *ANALYST)).decode("utf-8-sig"))))
    assert rows[0] == [
        "attempt", "quarter", "audience", "language", "source", "minutes", "1_code_share", "1_code_outcome",
        "2_sms_share", "2_sms_outcome", "3_signs_share", "3_signs_outcome", "total",
    ]  # fmt: skip
    assert [row[0] for row in rows[1:]] == [str(number) for number in range(1, 9)]
    assert {tuple(row[1:5]) for row in rows[1:]} == {("2026Q4", "too few", "too few", "too few")}
    stored = session.scalars(sa.select(Attempt.points)).all()
    assert sorted(float(row[-1]) for row in rows[1:]) == sorted(one or 0.0 for one in stored)
    entry = session.scalars(sa.select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (entry.tag, entry.details["taken"], entry.details["kind"]) == ("quiz:results:exported", 8, "attempts")


@pytest.mark.usefixtures("taken")
def test_a_spreadsheet_in_which_text_stays_text(app: Flask) -> None:
    data = saved(staff(app, *ANALYST), kind="questions", format="xlsx")
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Questions", "Answers", "Test"]
    questions = list(book["Questions"].iter_rows(values_only=True))
    assert [row[1] for row in questions[1:]] == ["code", "sms", "signs"]
    assert questions[1][8] == pytest.approx(1 / 8)
    cell = next(row[3] for row in book["Answers"].iter_rows() if row[3].value == "=1+1")
    assert cell.data_type == "s"
    assert dict(book["Test"].iter_rows(values_only=True, min_row=2))["n"] == 8


@pytest.mark.usefixtures("taken")
def test_attempts_as_a_spreadsheet_and_questions_as_csv(app: Flask, session: Session) -> None:
    with transaction():
        publish(session, single("code", stem="=cmd|' /C calc'!A0"), quiz(names=("code",)))
    for _ in range(5):
        take(session, ["b"])
    book = openpyxl.load_workbook(io.BytesIO(saved(staff(app, *ANALYST), format="xlsx")))
    rows = list(book["Attempts"].iter_rows(values_only=True))
    assert rows[1] == (1, "2026Q4", "general", "zh-Hans", "web", 0, 1, "right", 1)
    text = saved(staff(app, *ANALYST), kind="questions").decode("utf-8-sig")
    assert [row[2] for row in csv.reader(io.StringIO(text))] == ["stem", "'=cmd|' /C calc'!A0"]


@pytest.mark.usefixtures("taken")
def test_saving_what_cannot_be_saved(app: Flask) -> None:
    client = staff(app, *ANALYST)
    given = {"csrf_token": token(client, QUIZ), "kind": "attempts", "format": "csv"}
    few = client.post(f"{QUIZ}/export", data={**given, "audience": "elderly"})
    assert (few.status_code, few.headers["Location"].partition("?")[0]) == (303, QUIZ)
    assert client.post(f"{QUIZ}/export", data={**given, "format": "exe"}).status_code == 400
    assert client.post(f"{QUIZ}/export", data={**given, "kind": "people"}).status_code == 400
    assert client.post("/desk/quiz-figures/none/export", data=given).status_code == 404
    assert client.post(f"{QUIZ}/export", data={**given, "csrf_token": ""}).status_code == 400
    assert client.get(f"{QUIZ}/export").status_code == 405
    other = staff(app, *REVIEWER)
    given["csrf_token"] = token(other, REGRADE)
    assert other.post(f"{QUIZ}/export", data=given).status_code == 403


def test_a_version_of_few_is_not_saved(app: Flask, session: Session) -> None:
    with transaction():
        publish(session, single(), quiz(names=("code",)))
    take(session, ["b"])
    client = staff(app, *ANALYST, Permission.REVIEW)
    given = {"csrf_token": token(client, REGRADE), "kind": "attempts", "format": "csv"}
    given["csrf_token"] = given["csrf_token"] or token(client, HOME)
    assert client.post(f"{QUIZ}/export", data=given).status_code == 303


# --- marking anew


@pytest.mark.usefixtures("taken")
def test_marking_anew_by_the_page(app: Flask, session: Session) -> None:
    with transaction():
        publish(session, single())
    client = staff(app, *REVIEWER, name="周明")
    page = client.get(REGRADE)
    assert "7 answers would get another mark" in page.text
    seen = page.text.partition('name="seen" value="')[2].partition('"')[0]
    given = {"csrf_token": token(client, REGRADE), "seen": seen, "reason": "答案写错了"}
    assert client.post(REGRADE, data={**given, "reason": " "}).status_code == 400
    first, second = (client.post(REGRADE, data=given) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(Regrade)) == 1
    under_way = client.get(REGRADE).text
    assert ("being marked anew just now" in under_way, "Under way" in under_way) == (True, True)
    with transaction():
        while regrading.mark_next(session, at=AT):
            pass
    kept = session.execute(sa.select(Response.first_fraction, Response.fraction).where(Response.item == "code")).all()
    assert sorted(tuple(row) for row in kept if row[0] is not None) == [(0.0, 1.0)] * 6 + [(1.0, 0.0)]
    after = client.get(REGRADE).text
    assert ("答案写错了" in after, "周明" in after) == (True, True)
    assert "The marks already follow the key that is published." in after
    assert "Both marks" in after


@pytest.mark.usefixtures("taken")
def test_a_reviewer_finds_the_way_from_the_question(app: Flask, session: Session) -> None:
    link = f'href="{REGRADE}"'
    client = staff(app, *REVIEWER)
    assert link in client.get("/desk/questions/code").text
    page = client.get(REGRADE)
    assert (page.status_code, 'href="/desk/questions/code"' in page.text) == (200, True)
    # Nobody has taken the second version yet; whoever may not approve has no use for the link.
    with transaction():
        publish(session, single())
    again = client.get("/desk/questions/code").text
    assert (link in again, REGRADE.replace("versions/1", "versions/2") in again) == (True, False)
    assert link not in staff(app, Permission.DESK).get("/desk/questions/code").text


@pytest.mark.usefixtures("taken")
def test_a_key_that_changed_since_it_was_looked_at(app: Flask, session: Session) -> None:
    with transaction():
        publish(session, single())
    client = staff(app, *REVIEWER)
    page = client.get(REGRADE).text
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    with transaction():
        publish(session, single(options=tuple(replace(one, fraction=float(one.id == "c")) for one in single().options)))
    given = {"csrf_token": token(client, REGRADE), "seen": seen, "reason": "答案写错了"}
    assert client.post(REGRADE, data=given).status_code == 303
    assert session.scalar(sa.select(sa.func.count()).select_from(Regrade)) == 0
    assert client.post(REGRADE, data={**given, "seen": ""}).status_code == 303
    assert session.scalar(sa.select(sa.func.count()).select_from(Regrade)) == 0


@pytest.mark.usefixtures("taken")
def test_who_may_not_mark_anew(app: Flask) -> None:
    assert staff(app).get(REGRADE).status_code == 303
    assert staff(app, *ANALYST).get(REGRADE).status_code == 403
    assert staff(app, *ANALYST).post(REGRADE).status_code in (400, 403)
    client = staff(app, *REVIEWER)
    assert client.put(REGRADE).status_code in (400, 405)
    assert client.post(REGRADE, data={"reason": "x"}).status_code == 400
    for missing in ("none/versions/1/regrade/code", "try/versions/9/regrade/code", "try/versions/1/regrade/none"):
        assert client.get(f"{HOME}{missing}").status_code == 404
        given = {"csrf_token": "", "reason": "x"}
        assert client.post(f"{HOME}{missing}", data=given).status_code in (400, 404)
