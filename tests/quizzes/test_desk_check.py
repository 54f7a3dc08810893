"""The check beside the editors of questions and quizzes: while somebody types, on a button, after saving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.core.database import db
from portal.quizzes import services
from portal.quizzes.rules.bank import Sort
from tests.accounts.helpers import post
from tests.quizzes.desk import document, typed
from tests.quizzes.pages import fields


def test_the_check_is_shown_before_and_after_saving(enter: Callable[[str], FlaskClient], begun: list[int]) -> None:
    author, address = enter("author"), "/desk/questions/code"
    form = fields(author.get(address).text) | {"explanation": "这样存钱稳赚。", "elderly_explanation": ""}
    page = post(author, address, **form, action="check")
    assert (page.status_code, document("code").latest_number) == (200, 1)
    assert "<b>稳赚</b>" in page.text
    assert "《广告法》第二十五条" in page.text
    assert post(author, address, **form).status_code == 303
    assert "<b>稳赚</b>" in author.get(address).text
    assert page.text.count("<b>稳赚</b>") == 1  # said once, for both voices that say it


BAD = {"explanation": "这样存钱稳赚。", "elderly_explanation": ""}


@pytest.mark.parametrize("place", ["code", "new"])
def test_the_check_answers_while_typing(enter: Callable[[str], FlaskClient], begun: list[int], place: str) -> None:
    author, address = enter("author"), f"/desk/questions/{place}/check"
    panel = post(author, address, **typed(**BAD))
    assert (panel.status_code, panel.text.count("<b>稳赚</b>"), "《广告法》第二十五条" in panel.text) == (200, 1, True)
    assert "<html" not in panel.text
    assert "可以送审。" in post(author, address, **typed()).text
    assert (document("code").latest_number, services.find(db.session(), sort=Sort.ITEM, name="fresh")) == (1, None)


def test_half_a_question_is_checked_as_far_as_it_goes(enter: Callable[[str], FlaskClient], begun: list[int]) -> None:
    author, address = enter("author"), "/desk/questions/new/check"
    half = post(author, address, **typed(name="", stem="", **BAD)).text
    assert ('href="#name"' in half, 'href="#stem"' in half, "<b>稳赚</b>" in half) == (True, True, True)
    wrong = post(author, address, **typed(option_0_share="a lot", **BAD)).text
    assert ('href="#option_0_share"' in wrong, "<b>稳赚</b>" in wrong) == (True, False)
    assert "写到能检查时" in wrong
    # Without a script the button says both: what is missing beside the fields, and what the check has found.
    page = post(author, "/desk/questions/new", **typed(base="0", name="", **BAD), action="check")
    assert (page.status_code, 'id="name-error"' in page.text, "<b>稳赚</b>" in page.text) == (400, True, True)


@pytest.mark.parametrize(
    "hostile",
    [
        {"kind": "novel"},
        {"kind": ""},
        {"difficulty": "impossible"},
        {"difficulty": ""},
        {"marking": "invented"},
        {"rows": "9" * 400},
        {"option_0_id": "<b>"},
        {"stem": "长" * 100_000},
        {"topic": ["phone", "phone"]},
    ],
)
@pytest.mark.parametrize("place", ["code", "sms", "new"])
def test_what_no_browser_sends_breaks_no_check(
    enter: Callable[[str], FlaskClient], begun: list[int], hostile: dict[str, Any], place: str
) -> None:
    panel = post(enter("author"), f"/desk/questions/{place}/check", **typed() | hostile)
    assert panel.status_code == (400 if place == "new" and "kind" in hostile else 200)


# --- the same beside the editor of a quiz ---------------------------------------------------------------------------

PROMISE = {"intro": "这样存钱稳赚。"}


@pytest.mark.parametrize("place", ["try", "new"])
def test_the_check_of_a_quiz_answers_while_typing(
    enter: Callable[[str], FlaskClient], begun: list[int], place: str
) -> None:
    author, address = enter("author"), f"/desk/quizzes/{place}/check"
    form = fields(author.get("/desk/quizzes/try").text) | {"slug": "fresh"}
    assert f'data-check="{address}"' in author.get(f"/desk/quizzes/{place}").text
    panel = post(author, address, **form | PROMISE)
    assert (panel.status_code, panel.text.count("<b>稳赚</b>"), "<html" in panel.text) == (200, 1, False)
    assert "题目 code 还没公开" in panel.text
    assert "<b>稳赚</b>" not in post(author, address, **form).text
    assert (document("try", Sort.QUIZ).latest_number, services.find(db.session(), sort=Sort.QUIZ, name="fresh")) == (
        1,
        None,
    )


def test_half_a_quiz_is_checked_as_far_as_it_goes(enter: Callable[[str], FlaskClient], begun: list[int]) -> None:
    author, address = enter("author"), "/desk/quizzes/new/check"
    form = fields(author.get("/desk/quizzes/new").text) | PROMISE
    half = post(author, address, **form | {"rows": "1", "slot_0_sort": "item", "slot_0_points": "1"}).text
    for name in ("slug", "title", "slot_0_item"):
        assert f'href="#{name}"' in half
    assert ("<b>稳赚</b>" in half, "item-not-public" in half) == (True, False)
    wrong = post(author, address, **form | {"minutes": "soon"}).text
    assert ('href="#minutes"' in wrong, "<b>稳赚</b>" in wrong, "写到能检查时" in wrong) == (True, False, True)
    # Without a script the button says both: what is missing beside the fields, and what the check has found.
    page = post(author, "/desk/quizzes/new", **form, action="check")
    assert (page.status_code, 'id="title-error"' in page.text, "<b>稳赚</b>" in page.text) == (400, True, True)


@pytest.mark.parametrize(
    "hostile",
    [
        {"rows": "9" * 400},
        {"rows": "60"},
        {"feedback": "never"},
        {"layout": ""},
        {"counts": ["best", "best"]},
        {"minutes": "９"},
        {"slot_0_points": "nan"},
        {"slot_0_sort": "pool", "slot_0_count": "-1"},
        {"slot_0_item": "<b>"},
        {"intro": "长" * 100_000},
        {"form": "C", "pair": ""},
    ],
)
@pytest.mark.parametrize("place", ["try", "new"])
def test_what_no_browser_sends_breaks_no_check_of_a_quiz(
    enter: Callable[[str], FlaskClient], begun: list[int], hostile: dict[str, Any], place: str
) -> None:
    author = enter("author")
    form = fields(author.get("/desk/quizzes/try").text)
    assert post(author, f"/desk/quizzes/{place}/check", **form | hostile).status_code == 200


def test_who_is_kept_out_of_the_check_of_a_quiz(enter: Callable[[str], FlaskClient], begun: list[int]) -> None:
    author, analyst = enter("author"), enter("analyst")
    assert post(analyst, "/desk/quizzes/try/check").status_code == 403
    assert author.get("/desk/quizzes/try/check").status_code == 405
    assert post(author, "/desk/quizzes/none/check").status_code == 404
