"""The bank's pages: each works, refuses the wrong person, method and token, and knows no missing subject."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.articles.rules import Person, ReviewState
from portal.core.database import db, transaction
from portal.quizzes import services
from portal.quizzes.models import Review
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.items import Item, Kind, Marking, Option, Voice, from_plain, to_plain
from portal.quizzes.rules.quizzes import Pool, QuizVoice, Slot
from tests.accounts.helpers import post
from tests.quizzes.bank import judgement, pool_quiz, put, quiz, single
from tests.quizzes.desk import asked, content, document, typed
from tests.quizzes.pages import fields

MISSING = 999_999

PAGES = [
    "/desk/questions/",
    "/desk/questions/{code}",
    "/desk/questions/{sms}",
    "/desk/questions/{code}/history",
    "/desk/questions/{code}/preview",
    "/desk/quizzes/",
    "/desk/quizzes/{try}",
    "/desk/quizzes/{try}/history",
    "/desk/quizzes/{try}/preview",
    "/desk/quiz-reviews/",
    "/desk/quiz-reviews/{review}",
]
WRITING = [
    "/desk/questions/new",
    *(f"/desk/questions/new?kind={kind.value}" for kind in Kind),
    "/desk/quizzes/new",
    "/desk/quiz-reviews/new",
]
POSTS = {
    "/desk/questions/new": "author",
    "/desk/questions/{code}": "author",
    "/desk/questions/{code}/check": "author",
    "/desk/questions/new/check": "author",
    "/desk/questions/{code}/restore/1": "author",
    "/desk/questions/{code}/withdraw": "reviewer",
    "/desk/quizzes/new": "author",
    "/desk/quizzes/{try}": "author",
    "/desk/quizzes/{try}/restore/1": "author",
    "/desk/quizzes/{try}/withdraw": "reviewer",
    "/desk/quiz-reviews/new": "author",
    "/desk/quiz-reviews/{review}/decide": "reviewer",
    "/desk/quiz-reviews/{review}/publish": "reviewer",
    "/desk/quiz-reviews/{review}/take-back": "author",
    "/desk/quiz-reviews/waive/{id}": "reviewer",
}
THERE = {"code": "code", "sms": "sms", "try": "try"}
NOT_THERE = dict.fromkeys(THERE, "no-such-thing") | {"review": MISSING, "id": MISSING}


@pytest.mark.parametrize("path", PAGES + WRITING)
def test_pages_open_for_whom_they_are(
    enter: Callable[[str], FlaskClient], begun: list[int], writer: Person, app: Flask, path: str
) -> None:
    author, analyst = enter("author"), enter("analyst")
    address = path.format(**THERE, review=asked(begun, writer))
    page = author.get(address)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.text.count("<h1") == 1
    assert analyst.get(address).status_code == (403 if path in WRITING else 200)
    assert author.delete(address).status_code == 405
    assert app.test_client().get(address).headers["Location"].startswith("/desk/sign-in")


@pytest.mark.parametrize("path", [path for path in PAGES if "{" in path])
def test_what_is_missing_is_not_found(enter: Callable[[str], FlaskClient], begun: list[int], path: str) -> None:
    author = enter("author")
    assert author.get(path.format(**NOT_THERE)).status_code == 404
    assert (
        author.get(path.format(**NOT_THERE | {"review": 10**30, "code": "No Such", "try": "x" * 5000})).status_code
        == 404
    )


@pytest.mark.parametrize(("path", "who"), POSTS.items())
def test_posts_are_guarded(
    enter: Callable[[str], FlaskClient], begun: list[int], writer: Person, path: str, who: str
) -> None:
    review = asked(begun, writer)
    address = path.format(**THERE, review=review, id=begun[0])
    client, other = enter(who), enter("author" if who == "reviewer" else "analyst")
    assert client.post(address).status_code == 400  # without a token
    if not address.endswith(("/new", "/code", "/try")):
        assert client.get(address).status_code == 405
    assert post(other, address).status_code == 403
    if "{" in path:
        assert post(client, path.format(**NOT_THERE), finding="x", reason="x").status_code == 404
    assert db.session.get_one(Review, review).state is ReviewState.OPEN


# --- questions ----------------------------------------------------------------------------------------------------


def test_a_question_is_written_in_two_voices(enter: Callable[[str], FlaskClient], begun: list[int]) -> None:
    author = enter("author")
    for _time in range(2):  # a form that comes twice makes one question
        made = post(author, "/desk/questions/new", **typed(base="0", note="新题"))
        assert (made.status_code, made.headers["Location"]) == (303, "/desk/questions/fresh")
    item = from_plain(content("fresh"))
    assert document("fresh").latest_number == 1
    assert [(one.id, one.text, one.fraction) for one in item.options] == [("a", "告诉他", 0), ("b", "不告诉", 1)]
    assert item.voices == {"elderly": Voice(stem="有人要您的验证码，您给吗？", options={"b": {"text": "不给"}})}
    assert (item.difficulty, item.topic, item.shuffle) == ("easy", "phone", True)
    page = author.get("/desk/questions/fresh").text
    assert "新题" in page


@pytest.mark.parametrize("thing", [single(), judgement()], ids=["single", "judgement"])
def test_saving_what_the_editor_shows_changes_nothing(
    enter: Callable[[str], FlaskClient], begun: list[int], thing: Item
) -> None:
    author, address = enter("author"), f"/desk/questions/{thing.name}"
    form = fields(author.get(address).text)
    assert post(author, address, **form).status_code == 303
    assert content(thing.name) == to_plain(thing)
    assert document(thing.name).latest_number == 1


def every(kind: Kind, *options: Option, **changed: Any) -> Item:
    return single("every", kind=kind, options=options, **changed)


EVERY = [
    every(Kind.SINGLE_CHOICE, Option("a", "甲", 1.0), Option("b", "乙", -0.5), Option("c", "丙", 0.25)),
    every(
        Kind.MULTIPLE_CHOICE,
        *(Option(*row) for row in (("a", "甲", 0.3333333), ("b", "乙", 0.6666667), ("c", "丙", -1.0), ("d", "丁"))),
        marking=Marking.WEIGHTS,
    ),
    every(
        Kind.MULTIPLE_CHOICE, Option("a", "甲", 1.0), Option("b", "乙", 1.0), Option("c", "丙"), marking=Marking.HALVES
    ),
    every(Kind.TRUE_FALSE, Option("false", "错", 1.0), Option("true", "对")),
    every(Kind.SHORT_ANSWER, Option("a", "96110", 1.0), Option("b", "*110", 0.5), case_sensitive=True),
    every(Kind.NUMERIC, Option("a", "50万", 1.0, tolerance=0.5), Option("b", "*", 0.0, "再想想")),
    every(
        Kind.MATCHING,
        *(Option(key, text, match=match) for key, text, match in (("a", "报警", "110"), ("b", "咨询", "96110"))),
        Option("c", "", match="120"),
        marking=Marking.RIGHT_SHARE,
    ),
    every(Kind.ORDERING, Option("b", "先停"), Option("a", "再问\n人"), marking=Marking.EXACT),
    every(Kind.ESSAY, voices={}),
    every(Kind.DESCRIPTION, voices={"general.zh-Hant": Voice(stem="繁體")}),
]


@pytest.mark.parametrize("thing", EVERY, ids=lambda thing: thing.kind.value)
def test_every_kind_comes_back_from_its_form_as_it_was(
    enter: Callable[[str], FlaskClient], begun: list[int], writer: Person, thing: Item
) -> None:
    thing = replace(thing, category="防骗/短信", source="手册", checked_on="2026-11-01")
    with transaction() as session:
        put(session, thing, by=writer)
    author, address = enter("author"), "/desk/questions/every"
    assert post(author, address, **fields(author.get(address).text)).status_code == 303
    assert content("every") == to_plain(thing)
    changed = fields(author.get(address).text) | {"stem": "换了一句话？"}
    assert post(author, address, **changed).status_code == 303
    assert content("every") == to_plain(replace(thing, stem="换了一句话？"))


def test_rows_are_added_moved_and_taken_out_without_a_script(
    enter: Callable[[str], FlaskClient], begun: list[int]
) -> None:
    author, address = enter("author"), "/desk/questions/code"
    form = fields(author.get(address).text) | {"stem": "只写了一半", "elderly_0_feedback": "给长辈的话"}
    more = post(author, address, **form, action="add")
    assert (more.status_code, document("code").latest_number) == (200, 1)
    now = fields(more.text)
    assert (now["rows"], now["option_3_text"], now["stem"]) == ("4", "", "只写了一半")
    up = fields(post(author, address, **now, action="up-1").text)
    assert (up["option_0_id"], up["option_0_text"], up["option_1_text"]) == ("b", "不告诉", "告诉他")
    assert (up["elderly_1_feedback"], "option_0_right" in up, "option_1_right" in up) == ("给长辈的话", True, False)
    less = fields(post(author, address, **up, action="remove-1").text)
    assert (less["rows"], less["option_1_text"]) == ("3", "先问问他")
    for action in ("up-99", "remove-99", "remove--1", "up-0x", "nonsense", "add" * 9):
        assert post(author, address, **form | {"stem": ""}, action=action).status_code == 400
    # An id is never given to another option: what was answered before is known by it.
    saved = less | {"option_2_text": "挂断", "option_2_id": ""}
    assert post(author, address, **saved).status_code == 303
    assert [(one["id"], one["text"]) for one in content("code")["options"]] == [
        ("b", "不告诉"),
        ("c", "先问问他"),
        ("a", "挂断"),
    ]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"stem": ""}, "stem"),
        ({"stem": "长" * 8_001}, "stem"),
        ({"name": "Not A Slug"}, "name"),
        ({"name": "new"}, "name"),
        ({"name": "code"}, "name"),
        ({"topic": "nowhere"}, "topic"),
        ({"difficulty": "impossible"}, "difficulty"),
        ({"article": "nowhere"}, "article"),
        ({"option_0_share": "a lot"}, "option_0_share"),
        ({"option_0_share": "101"}, "option_0_share"),
        ({"option_0_share": "9" * 5000}, "option_0_share"),
        ({"option_1_share": "-50"}, "option_1_share"),
        ({"option_2_right": "y"}, "option_2_text"),
        ({"elderly_stem": "长" * 8_001}, "elderly_stem"),
        ({"note": "一\n二"}, "note"),
        ({"stem": "长" * 100_000}, "stem"),
    ],
)
def test_a_question_that_cannot_be_saved_is_kept_with_its_error(
    enter: Callable[[str], FlaskClient], begun: list[int], changed: dict[str, str], field: str
) -> None:
    page = post(enter("author"), "/desk/questions/new", **typed(base="0") | changed)
    assert page.status_code == 400
    assert f'id="{field}-error"' in page.text
    assert "有人要您的验证码" in page.text or "elderly_stem" in changed
    assert services.find(db.session(), sort=Sort.ITEM, name="fresh") is None


@pytest.mark.parametrize(
    "hostile",
    [
        {"rows": "9" * 400},
        {"rows": "-1"},
        {"rows": "１"},
        {"base": "9" * 400},
        {"base": ""},
        {"base": "0"},
        {"option_0_id": "<b>"},
        {"option_0_id": "b", "option_1_id": "b"},
        {"stem": "字\x00字"},
        {"option_999_text": "x", "nonsense_1_text": "x", "__proto__": "x"},
        {"marking": "invented"},
        {"topic": ["phone", "phone"]},
        {"kind": "essay"},
    ],
)
def test_what_no_browser_sends_breaks_nothing(
    enter: Callable[[str], FlaskClient], begun: list[int], hostile: dict[str, Any]
) -> None:
    page = post(enter("author"), "/desk/questions/code", **typed() | hostile)
    assert page.status_code in (303, 400, 409)
    stored = from_plain(content("code"))
    assert (stored.name, stored.kind) == ("code", Kind.SINGLE_CHOICE)
    assert "\x00" not in stored.stem
    assert len({option.id for option in stored.options}) == len(stored.options)
    assert post(enter("author"), "/desk/questions/new", **typed() | {"kind": "novel"}).status_code == 400


def test_a_body_that_is_too_large_is_refused(enter: Callable[[str], FlaskClient], begun: list[int]) -> None:
    assert post(enter("author"), "/desk/questions/code", **typed(stem="字" * 200_000)).status_code in (400, 413)
    assert document("code").latest_number == 1


def test_a_judgement_shows_only_pictures_that_are_described(
    enter: Callable[[str], FlaskClient], begun: list[int]
) -> None:
    author, address = enter("author"), "/desk/questions/sms"
    form = fields(author.get(address).text)
    page = post(author, address, **form | {"picture": "unknown"})
    assert (page.status_code, 'id="picture-error"' in page.text) == (400, True)
    page = post(author, address, **form | {"truth": "unsure"})
    assert (page.status_code, "#truth" in page.text) == (400, True)
    assert post(author, address, **form | {"truth": "genuine"}).status_code == 303
    assert [one.get("fraction", 0) for one in content("sms")["options"]] == [0, 1, 0]


def test_the_second_writer_gets_both_texts(enter: Callable[[str], FlaskClient], begun: list[int]) -> None:
    reviewer, author, address = enter("reviewer"), enter("author"), "/desk/questions/code"
    form = fields(author.get(address).text)
    assert post(reviewer, address, **form | {"explanation": "周明的句子。"}).status_code == 303
    page = post(author, address, **form | {"explanation": "林静的句子。"})
    assert page.status_code == 409
    assert "<del>" in page.text
    again = fields(page.text)
    assert (again["explanation"], again["base"]) == ("林静的句子。", "2")
    assert document("code").latest_number == 2
    assert post(author, address, **again).status_code == 303
    assert content("code")["explanation"] == "林静的句子。"


def test_filters_find_questions_by_what_they_ask(enter: Callable[[str], FlaskClient], begun: list[int]) -> None:
    client = enter("analyst")
    for query, found in (
        ("q=验证码", {"code"}),
        ("q=您给吗", {"code"}),
        ("q=冻结", {"sms"}),
        ("q=没有这些字", set()),
        ("q=100%25", set()),
        ("kind=judgement", {"sms"}),
        ("topic=phone", {"code", "sms"}),
        ("state=published", set()),
        ("difficulty=medium", {"code", "sms"}),
        ("kind=x&topic=%00&state=x&difficulty=x&page=999999999999", {"code", "sms"}),
    ):
        page = client.get(f"/desk/questions/?{query}").text
        assert {name for name in ("code", "sms") if f"/desk/questions/{name}" in page} == found, query
    assert "试一试" in client.get("/desk/questions/").text  # the quiz that uses them


def test_a_preview_speaks_to_its_audience(enter: Callable[[str], FlaskClient], begun: list[int]) -> None:
    author = enter("author")
    for query, words, edition in (
        ("", "有人要验证码，怎么办？", "general"),
        ("audience=elderly", "有人要您的验证码，您给吗？", "elderly"),
        ("audience=nobody&locale=xx", "有人要验证码，怎么办？", "general"),
        ("audience=youth&locale=zh-Hant", "有人要驗證碼，怎麼辦？", "youth"),
    ):
        page = author.get(f"/desk/questions/code/preview?{query}")
        assert (words in page.text, f'data-edition="{edition}"' in page.text) == (True, True), query
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert page.headers["Cache-Control"] == "private, no-store"


def test_a_quiz_is_looked_at_whole_before_it_is_public(
    enter: Callable[[str], FlaskClient], begun: list[int], writer: Person
) -> None:
    author = enter("author")
    for query, title, question in (
        ("", "试一试", "有人要验证码，怎么办？"),
        ("audience=elderly", "您来试试", "有人要您的验证码，您给吗？"),
        ("locale=zh-Hant", "試一試", "有人要驗證碼，怎麼辦？"),
    ):
        if "elderly" in query:
            with transaction() as session:
                voices = {"elderly": QuizVoice(title="您来试试")}
                put(session, quiz(names=("code", "nobody-wrote-it", "sms"), voices=voices), by=writer, base=1)
        page = author.get(f"/desk/quizzes/try/preview?{query}").text
        found = [re.sub("<[^>]+>", "", heading).strip() for heading in re.findall("<h[12].*?</h[12]>", page, re.DOTALL)]
        assert (found[0], " ".join(found[1].split())) == (title, f"1 {question}")
        assert "2 道题" in page or "2 道題" in page
        assert [word in page for word in ("预览，没有公开", 'content="noindex, nofollow"')] == [True, True]
    note = "题库里的题不够抽"
    assert note not in page
    with transaction() as session:
        put(session, replace(pool_quiz("drawn"), slots=(Slot(item="code"), Slot(pool=Pool("phone", 3)))), by=writer)
    page = author.get("/desk/quizzes/drawn/preview").text
    assert [word in page for word in ("1 道题", "有人要验证码，怎么办？", note)] == [True, True, True]
