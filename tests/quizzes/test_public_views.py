"""Taking a quiz over the web: without an account, a cookie or a script."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.core import clock
from portal.core.database import transaction
from portal.quizzes.models import Attempt, Response
from portal.quizzes.rules.items import Item, Kind, Marking, Option
from portal.quizzes.rules.quizzes import Feedback, Layout, Quiz
from portal.quizzes.rules.taking import code_of, spoken
from tests.quizzes.bank import judgement, publish, quiz, single

pytestmark = pytest.mark.usefixtures("desk_library")
EVERY_KIND = {
    "multi": Item(
        name="multi",
        kind=Kind.MULTIPLE_CHOICE,
        stem="哪些要保密？",
        options=(
            Option("a", "密码", 1.0, "甲因"),
            Option("b", "验证码", 1.0, "乙因"),
            Option("c", "天气", 0.0, "丙因"),
        ),
        marking=Marking.SHORT_HALF,
        explanation="密码和验证码。",
    ),
    "tf": Item(
        name="tf",
        kind=Kind.TRUE_FALSE,
        stem="有安全账户吗？",
        options=(Option("true", "对"), Option("false", "错", 1.0)),
        explanation="没有安全账户。",
    ),
    "short": Item(
        name="short",
        kind=Kind.SHORT_ANSWER,
        stem="报警电话是几？",
        options=(Option("a", "110", 1.0),),
        explanation="报警打这个号码。",
    ),
    "number": Item(
        name="number",
        kind=Kind.NUMERIC,
        stem="存款保险最多赔几元？",
        options=(Option("a", "500000", 1.0),),
        explanation="最高五十万。",
    ),
    "match": Item(
        name="match",
        kind=Kind.MATCHING,
        stem="打哪个电话？",
        options=(Option("a", "钱转走了", match="110"), Option("b", "拿不准", match="96110")),
        marking=Marking.RIGHT_SHARE,
        explanation="两个电话。",
    ),
    "order": Item(
        name="order",
        kind=Kind.ORDERING,
        stem="先做什么？",
        options=(Option("a", "挂断"), Option("b", "报警"), Option("c", "告诉家人")),
        marking=Marking.RIGHT_SHARE,
        explanation="先挂断。",
    ),
}
RIGHT = {
    "multi": {"q0": ["a", "b"]},
    "tf": {"q0": "false"},
    "short": {"q0": " １１０。"},
    "number": {"q0": "50万元"},
    "match": {"q0-a": "a", "q0-b": "b"},
    "order": {"q0-a": "1", "q0-b": "2", "q0-c": "3"},
}


def put(*things: Item | Quiz) -> None:
    with transaction() as session:
        publish(session, single(), judgement(), *things)


def start(client: FlaskClient, slug: str = "try", prefix: str = "", **form: str) -> str:
    """Begin a quiz; return the attempt's address."""
    answer = client.post(f"{prefix}/quizzes/{slug}/begin", data=form)
    assert answer.status_code == 303
    return answer.headers["Location"]


def text(answer: TestResponse) -> str:
    return unescape(answer.get_data(as_text=True))


def saved(session: Session) -> list[tuple[object, ...]]:
    session.rollback()
    rows = session.execute(sa.select(Response.slot, Response.given, Response.fraction).order_by(Response.slot))
    return [tuple(row) for row in rows]


def test_quizzes_are_listed_and_kept_by_caches(client: FlaskClient) -> None:
    put(quiz(), quiz("form-a", pair="lecture", form="A"))
    for path in ("/quizzes/", "/quizzes/try", "/elderly/quizzes/", "/en/youth/quizzes/try"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (200, [])
        assert "public" in answer.headers["Cache-Control"]
    shown = text(client.get("/quizzes/"))
    assert ("试一试" in shown, 'href="/quizzes/try"' in shown, "form-a" in shown) == (True, True, False)
    assert client.get("/quizzes/form-a").status_code == 200
    assert client.get("/quizzes/nothing").status_code == 404
    assert client.post("/quizzes/try").status_code == 405


def test_a_quiz_told_at_once_from_beginning_to_end(client: FlaskClient, session: Session) -> None:
    put(quiz())
    at = start(client, prefix="/elderly")
    assert re.fullmatch(r"/elderly/quizzes/attempts/[\w-]{43}", at)
    page = client.get(at)
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("private, no-store", "no-referrer")
    assert "有人要您的验证码，您给吗？" in text(page)
    answer = client.post(f"{at}/answers/1", data={"q0": "b"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{at}?q=1")
    told = text(client.get(f"{at}?q=1"))
    assert ("验证码谁要都不给。" in told, "对。谁要都不给。" in told) == (True, True)
    assert client.post(f"{at}/answers/2", data={"q1": "unsure"}).status_code == 303
    assert f'action="{at}/finish"' in text(client.get(f"{at}?q=3"))
    done = client.post(f"{at}/finish")
    assert (done.status_code, done.headers["Location"]) == (303, f"{at}/result")
    result = text(client.get(f"{at}/result"))
    assert "50%" in result
    assert client.get(at).headers["Location"] == f"{at}/result"
    assert saved(session) == [(0, {"chosen": ["b"]}, 1.0), (1, {"chosen": ["unsure"]}, 0.0)]


@pytest.mark.parametrize("name", EVERY_KIND)
def test_every_kind_is_answered_and_marked(client: FlaskClient, session: Session, name: str) -> None:
    put(EVERY_KIND[name], quiz(names=(name,)))
    at = start(client)
    client.post(f"{at}/answers/1", data=RIGHT[name])
    assert [row[2] for row in saved(session)] == [1.0]
    assert EVERY_KIND[name].explanation in text(client.get(f"{at}?q=1"))


@pytest.mark.parametrize("name", [*EVERY_KIND, "code", "sms"])
@pytest.mark.parametrize("layout", list(Layout))
def test_the_key_is_in_no_page_before_it_is_due(client: FlaskClient, name: str, layout: Layout) -> None:
    item = EVERY_KIND.get(name) or {"code": single(), "sms": judgement()}[name]
    other = replace(item, options=tuple(reversed(item.options)))
    pages = []
    for number, one in enumerate((item, other)):
        made = quiz(f"try-{number}", names=(name,), layout=layout, feedback=Feedback.AT_END)
        put(replace(one, shuffle=False), made)
        at = start(client, f"try-{number}")
        assert client.get(f"/quizzes/try-{number}").status_code == 200
        page = text(client.get(at))
        pages.append(page)
        for secret in (item.explanation, *(option.feedback for option in item.options)):
            assert not secret or secret not in page
        if item.kind in (Kind.SHORT_ANSWER, Kind.NUMERIC):
            assert item.options[0].text not in page.partition("<main")[2].partition("</main>")[0]
        if item.kind in (Kind.ORDERING, Kind.MATCHING):
            continue
        assert "right" not in page.partition("<main")[2].partition("</main>")[0]


def rekeyed(item: Item) -> Item:
    """Return a question with another key: other answers are right, and what is said of them is something else."""
    typed = item.kind in (Kind.SHORT_ANSWER, Kind.NUMERIC)
    shares = [option.fraction for option in item.options]
    options = tuple(
        replace(
            option,
            text=f"{option.text}9" if typed else option.text,
            fraction=share,
            feedback=f"另外，{option.feedback}",
        )
        for option, share in zip(item.options, shares if typed else (*shares[1:], shares[0]), strict=True)
    )
    return replace(item, options=options, explanation=f"另外，{item.explanation}")


def pages_of(client: FlaskClient, answer: dict[str, object]) -> tuple[list[str], str]:
    """Return every page of an attempt before its end, and its result, without what no other attempt has."""
    at = start(client)
    pages = [client.get("/quizzes/"), client.get("/quizzes/try"), client.get(at)]
    client.post(f"{at}/answers/1", data=answer)
    pages += [client.get(f"{at}?q=1"), client.get(f"{at}?q=2")]
    client.post(f"{at}/finish")
    pages.append(client.get(f"{at}/result"))
    assert {page.status_code for page in pages} == {200}
    token = at.rpartition("/")[2]
    *before, result = [text(one).replace(token, "TOKEN").replace(spoken(code_of(token)), "CODE") for one in pages]
    return before, result


@pytest.mark.parametrize("name", ["multi", "tf", "short", "number", "code", "sms"])
@pytest.mark.parametrize("layout", list(Layout))
def test_changing_the_key_changes_nothing_before_it_is_due(client: FlaskClient, name: str, layout: Layout) -> None:
    item = replace(EVERY_KIND.get(name) or {"code": single(), "sms": judgement()}[name], shuffle=False)
    answer = RIGHT.get(name) or {"q0": {"code": "a", "sms": "scam"}[name]}
    put(item, quiz(names=(name,), layout=layout, feedback=Feedback.AT_END))
    first, told = pages_of(client, answer)
    put(rekeyed(item))
    second, told_otherwise = pages_of(client, answer)
    assert first == second
    assert told != told_otherwise


def test_double_submits_are_one(client: FlaskClient, session: Session) -> None:
    put(quiz())
    at = start(client)
    answers = [client.post(f"{at}/answers/1", data={"q0": "a"}).headers["Location"] for _ in range(5)]
    client.post(f"{at}/answers/1", data={"q0": "b"})
    assert answers == [f"{at}?q=1"] * 5
    assert saved(session) == [(0, {"chosen": ["a"]}, 0.0)]
    results = [client.post(f"{at}/finish").headers["Location"] for _ in range(3)]
    assert results == [f"{at}/result"] * 3
    assert client.post(f"{at}/answers/2", data={"q1": "scam"}).headers["Location"] == f"{at}/result"
    assert len(saved(session)) == 1


@pytest.mark.parametrize(
    ("name", "form", "kept"),
    [
        ("multi", {}, ""),
        ("number", {"q0": "很多钱"}, 'value="很多钱"'),
        ("short", {"q0": "长" * 201}, ""),
        ("order", {"q0-a": "1", "q0-b": "1", "q0-c": ""}, ""),
    ],
)
def test_what_cannot_be_taken_is_said_beside_the_field(
    client: FlaskClient, session: Session, name: str, form: dict[str, str], kept: str
) -> None:
    put(EVERY_KIND[name], quiz(names=(name,)))
    at = start(client, prefix="/en")
    answer = client.post(f"{at}/answers/1", data=form)
    page = text(answer)
    assert (answer.status_code, 'id="q0-error"' in page, 'aria-describedby="q0-error"' in page) == (422, True, True)
    assert kept in page
    assert saved(session) == []


@pytest.mark.parametrize("form", [{"q0": "z"}, {"q0": ["a", "b"]}, {"q0": "\x00"}])
def test_what_no_browser_sends_is_a_400(client: FlaskClient, form: dict[str, str]) -> None:
    put(quiz())
    assert client.post(f"{start(client)}/answers/1", data=form).status_code == 400


@pytest.mark.parametrize("path", ["?q=0", "?q=999999", "?q=-1", "?q=²", "?q="])
def test_any_number_of_a_question_is_a_page(client: FlaskClient, path: str) -> None:
    put(quiz())
    assert client.get(start(client) + path).status_code == 200


def test_dont_know_is_an_answer(client: FlaskClient, session: Session) -> None:
    put(EVERY_KIND["multi"], quiz(names=("code", "multi")))
    at = start(client)
    client.post(f"{at}/answers/1", data={"q0": "?"})
    client.post(f"{at}/answers/2", data={"q1": ["a"], "q1-unknown": "1"})
    assert saved(session) == [(0, {"dont_know": True}, 0.0), (1, {"dont_know": True}, 0.0)]


def test_all_on_one_page(client: FlaskClient, session: Session) -> None:
    put(EVERY_KIND["number"], quiz(names=("code", "number", "sms"), layout=Layout.ALL))
    at = start(client)
    background = client.post(f"{at}/answers", data={"q0": "b"}, headers={"X-Background": "1"})
    assert (background.status_code, saved(session)) == (204, [(0, {"chosen": ["b"]}, 1.0)])
    refused = client.post(f"{at}/answers", data={"q0": "a", "q1": "很多", "go": "finish"})
    assert (refused.status_code, 'value="很多"' in text(refused)) == (422, True)
    # What could be taken is saved, and may be changed until the end.
    assert saved(session) == [(0, {"chosen": ["a"]}, 0.0)]
    assert client.post(f"{at}/answers", data={"q1": "50万", "go": "save"}).headers["Location"] == f"{at}#end"
    done = client.post(f"{at}/answers", data={"q0": "b", "q1": "500000", "q2": "", "go": "finish"})
    assert done.headers["Location"] == f"{at}/result"
    assert "66.7%" in text(client.get(f"{at}/result"))


def test_certainty_is_asked_and_needed(client: FlaskClient, session: Session) -> None:
    put(quiz(certainty=True))
    at = start(client)
    assert 'name="q0-sure"' in text(client.get(at))
    assert client.post(f"{at}/answers/1", data={"q0": "b"}).status_code == 422
    client.post(f"{at}/answers/1", data={"q0": "b", "q0-sure": "2"})
    client.post(f"{at}/answers/2", data={"q1": "unsure", "q1-sure": "3"})
    assert [row[2] for row in saved(session)] == [2.0, 0.0]


def test_going_on_by_the_code(client: FlaskClient) -> None:
    put(quiz())
    at = start(client, prefix="/youth")
    code = spoken(code_of(at.rpartition("/")[2]))
    assert code in text(client.get(at))
    other = client.application.test_client()
    assert other.get("/quizzes/attempts/").status_code == 200
    found = other.post("/quizzes/attempts/", data={"code": code.lower()}).headers["Location"]
    assert other.get(found).headers["Location"] == at
    refused = other.post("/quizzes/attempts/", data={"code": "ABCD-<b>"})
    assert (refused.status_code, "ABCD-<b>" in refused.get_data(as_text=True)) == (422, False)
    assert other.get("/quizzes/attempts/" + "x" * 43).status_code == 404


def test_a_closed_group_code_is_said_and_kept(client: FlaskClient) -> None:
    put(quiz())
    answer = client.post("/quizzes/try/begin", data={"group": "NOPE"})
    assert (answer.status_code, 'value="NOPE"' in text(answer)) == (422, True)
    assert 'value="CLASS7"' in text(client.get("/quizzes/try?group=class-7"))


def test_time_that_is_over(client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    put(quiz(minutes=1))
    at = start(client)
    client.post(f"{at}/answers/1", data={"q0": "b"})
    later = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert f'action="{at}/finish"' in text(client.get(at))
    assert client.post(f"{at}/answers/2", data={"q1": "scam"}).headers["Location"] == at
    client.post(f"{at}/finish")
    assert "50%" in text(client.get(f"{at}/result"))
    assert session.scalars(sa.select(Attempt.finished_at)).one() == session.scalars(sa.select(Attempt.deadline)).one()


def test_once_more_and_no_more(client: FlaskClient) -> None:
    put(quiz(attempts=2))
    at = start(client)
    client.post(f"{at}/finish")
    second = client.post(f"{at}/again").headers["Location"]
    client.post(f"{second}/finish")
    assert client.post(f"{second}/again").headers["Location"] == f"{second}/result"
    assert client.post(f"{at}/again").headers["Location"] == f"{at}/result"
    assert f'action="{second}/again"' not in text(client.get(f"{second}/result"))


def test_what_the_forms_of_a_pair_ask_is_not_told_between_them(client: FlaskClient) -> None:
    put(quiz(pair="lecture", form="A", feedback=Feedback.AT_END))
    at = start(client)
    client.post(f"{at}/answers/1", data={"q0": "b"})
    client.post(f"{at}/finish")
    page = text(client.get(f"{at}/result"))
    assert ("验证码谁要都不给。" in page, "%" in page.partition("<main")[2].partition("</main>")[0]) == (False, False)


WRITES = ["/quizzes/try/begin", "/quizzes/attempts/", "{at}/answers/1", "{at}/answers", "{at}/finish", "{at}/again"]


@pytest.mark.parametrize("path", WRITES)
def test_forms_of_other_sites_are_refused(client: FlaskClient, path: str) -> None:
    put(quiz())
    where = path.format(at=start(client))
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert client.post(where, headers=headers).status_code == 403


@pytest.mark.parametrize("path", ["answers/1", "answers", "finish", "again", "result", "answers/999", "answers/1000"])
def test_an_attempt_that_is_not_there(client: FlaskClient, path: str) -> None:
    put(quiz())
    nobody = "/quizzes/attempts/" + "x" * 43
    answer = client.get(f"{nobody}/{path}") if path == "result" else client.post(f"{nobody}/{path}")
    assert answer.status_code == 404
    if path != "result":
        assert client.get(f"{nobody}/{path}").status_code in (404, 405)


def test_a_withdrawn_quiz_is_gone_and_an_attempt_goes_on(client: FlaskClient) -> None:
    from portal.quizzes import services
    from portal.quizzes.rules.bank import Sort
    from tests.articles.desk import AT, BOB

    put(quiz())
    at = start(client)
    with transaction() as session:
        found = services.find(session, sort=Sort.QUIZ, name="try")
        assert found is not None
        services.withdraw(session, document_id=found.id, by=BOB, at=AT)
    assert (client.get("/quizzes/try").status_code, client.get(at).status_code) == (404, 200)
    client.post(f"{at}/answers/1", data={"q0": "b"})
    assert client.post(f"{at}/finish").status_code == 303
