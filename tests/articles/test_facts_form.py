"""Facts and sources at the desk: rows of fields, errors beside them, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from portal.articles.forms import facts_form, rows_of, typed_of_sheet
from portal.articles.forms.facts import MOST_ROWS
from portal.articles.models import Article, Sheet
from portal.core.database import db
from tests.accounts.helpers import post
from tests.articles.test_desk_views import accounts, begun, enter, writer
from tests.quizzes.pages import fields

__all__ = ["accounts", "begun", "enter", "writer"]

SOURCE = {
    "source_0_key": "handbook",
    "source_0_title": "防范手册",
    "source_0_titleen": "The handbook",
    "source_0_titlehant": "防範手冊",
    "source_0_publisher": "公安部",
    "source_0_publisheren": "",
    "source_0_publisherhant": "",
    "source_0_published": "2024-06",
    "source_0_url": "https://www.example.org/a",
    "source_0_evidence": "secondary",
    "source_0_checked": "2026-11-01",
}
FACT = {
    "fact_0_key": "no-safe-account",
    "fact_0_text": "没有安全账户。",
    "fact_0_texten": "There is no safe account.",
    "fact_0_texthant": "",
    "fact_0_source": "handbook",
}
TYPED = {
    "expected": "1",
    "slug": "new-one",
    "topic": "phone",
    "related": "hang-up",
    "review_by": "2099-01-01",
    "expires": "",
    "sources": "1",
    "facts": "1",
    **SOURCE,
    **FACT,
}


def stored() -> Sheet:
    db.session.rollback()
    found = db.session.scalars(sa.select(Sheet).join(Article).where(Article.slug == "new-one").order_by(Sheet.number))
    return found.all()[-1]


def shown(client: FlaskClient, path: str) -> dict[str, Any]:
    return {name: value for name, value in fields(client.get(path).text).items() if name != "csrf_token"}


def test_facts_and_sources_are_typed_in_fields(enter: Callable[[str], FlaskClient], begun: Article) -> None:
    client, path = enter("author"), f"/desk/articles/{begun.id}/facts"
    assert post(client, path, **TYPED).status_code == 303
    sheet = stored()
    assert sheet.sources == [
        {
            "key": "handbook",
            "title": {"zh-Hans": "防范手册", "en": "The handbook", "zh-Hant": "防範手冊"},
            "publisher": {"zh-Hans": "公安部"},
            "published": "2024-06",
            "url": "https://www.example.org/a",
            "evidence": "secondary",
            "checked_on": "2026-11-01",
        }
    ]
    assert sheet.facts == [
        {
            "key": "no-safe-account",
            "text": {"zh-Hans": "没有安全账户。", "en": "There is no safe account."},
            "source": "handbook",
        }
    ]
    assert shown(client, path) == TYPED | {"expected": "2"}


def test_the_second_of_two_keeps_what_was_typed(enter: Callable[[str], FlaskClient], begun: Article) -> None:
    client, path = enter("author"), f"/desk/articles/{begun.id}/facts"
    assert post(client, path, **TYPED).status_code == 303
    stale = post(client, path, **TYPED | {"fact_0_text": "世上没有安全账户。"})
    assert stale.status_code == 409
    assert fields(stale.text)["fact_0_text"] == "世上没有安全账户。"
    assert fields(stale.text)["expected"] == "2"
    assert "没有安全账户。 (handbook)" in stale.text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"fact_0_source": "nowhere"}, "fact_0_source"),
        ({"fact_0_source": ""}, "fact_0_source"),
        ({"fact_0_text": " "}, "fact_0_text"),
        ({"fact_0_text": "长" * 2_001}, "fact_0_text"),
        ({"fact_0_key": "No Key"}, "fact_0_key"),
        ({"source_0_key": ""}, "source_0_key"),
        ({"source_0_title": ""}, "source_0_title"),
        ({"source_0_title": "一\n二"}, "source_0_title"),
        ({"source_0_titlehant": "\x01"}, "source_0_titlehant"),
        ({"source_0_publisheren": "长" * 121}, "source_0_publisheren"),
        ({"source_0_published": "spring"}, "source_0_published"),
        ({"source_0_url": "javascript:alert(1)"}, "source_0_url"),
        ({"source_0_evidence": "hearsay"}, "source_0_evidence"),
        ({"source_0_checked": "2026-13-01"}, "source_0_checked"),
        ({"related": "nowhere"}, "related"),
        ({"review_by": "2020-01-01"}, "review_by"),
        ({"review_by": "soon", "related": "nowhere"}, "related"),
        ({"review_by": "soon"}, "review_by"),
        ({"slug": "hang-up"}, "slug"),
        ({"expires": "2026-13-01"}, "expires"),
        ({"sources": "2"} | {name.replace("_0_", "_1_"): value for name, value in SOURCE.items()}, "source_1_key"),
    ],
)
def test_each_error_stands_beside_its_field(
    enter: Callable[[str], FlaskClient], begun: Article, wrong: dict[str, str], field: str
) -> None:
    client, path = enter("author"), f"/desk/articles/{begun.id}/facts"
    page = post(client, path, **TYPED | wrong)
    assert (page.status_code, f'href="#{field}"' in page.text) == (400, True)
    kept = fields(page.text)
    assert {name: kept[name] for name in ("fact_0_texten", "source_0_titleen")} == {
        "fact_0_texten": "There is no safe account.",
        "source_0_titleen": "The handbook",
    }
    assert stored().number == 1


def test_a_fact_may_have_several_lines_and_a_form_may_lack_everything(
    enter: Callable[[str], FlaskClient], begun: Article
) -> None:
    client, path = enter("author"), f"/desk/articles/{begun.id}/facts"
    assert post(client, path).status_code == 400
    assert post(client, path, sources="2", facts="9" * 9).status_code == 400
    assert post(client, path, **TYPED | {"fact_0_text": "一。\r\n二。\x01"}).status_code == 303
    assert stored().facts[0]["text"]["zh-Hans"] == "一。\n二。"


def test_rows_come_go_and_move_without_saving(enter: Callable[[str], FlaskClient], begun: Article) -> None:
    client, path = enter("author"), f"/desk/articles/{begun.id}/facts"

    def press(action: str, typed: dict[str, Any]) -> dict[str, Any]:
        page = post(client, path, **typed, action=action)
        assert page.status_code == 200
        return {name: value for name, value in fields(page.text).items() if name != "csrf_token"}

    more = press("add-source", TYPED)
    assert (more["sources"], more["source_1_title"], more["fact_0_text"]) == ("2", "", "没有安全账户。")
    more |= {"source_1_key": "law", "source_1_title": "反诈法"}
    up = press("up-source-1", more)
    assert [up[f"source_{row}_key"] for row in (0, 1)] == ["law", "handbook"]
    assert (up["source_1_titlehant"], up["fact_0_key"], up["fact_0_source"]) == (
        "防範手冊",
        "no-safe-account",
        "handbook",
    )
    less = press("remove-source-1", up)
    assert (less["sources"], less["source_0_key"], less["facts"], less["fact_0_source"]) == ("1", "law", "1", "")
    assert press("remove-fact-0", less)["facts"] == "0"
    full = press("add-fact", TYPED | {"facts": str(MOST_ROWS)})
    assert full["facts"] == str(MOST_ROWS)
    for action in ("remove-fact-7", "up-fact-9999", "add-", "remove-0", "add"):
        assert post(client, path, **TYPED | {"review_by": "soon"}, action=action).status_code == 400, action
    assert stored().number == 1


def test_what_the_library_says_comes_through_the_form_unchanged(library: Flask) -> None:
    sheets = list(db.session.scalars(sa.select(Sheet)))
    assert len(sheets) >= 30
    with library.test_request_context():
        for sheet in sheets:
            typed = typed_of_sheet(sheet, library.config["PORTAL"].timezone)
            assert rows_of(facts_form(typed, topics=[])) == (sheet.sources, sheet.facts), sheet.slug
