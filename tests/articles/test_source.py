"""Editions that are kept in step: what changed in their source is shown until somebody confirms or edits them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.articles import queries, services
from portal.articles.models import Article, Edition
from portal.articles.rules import Person, SourceChange, fact_changes, sources_of, text_changes
from portal.articles.rules.source import segments
from portal.audit.models import Event as Logged
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import db, transaction
from portal.core.settings import Audience, Locale
from tests.articles.helpers import take
from tests.factories import edition, package
from tests.staff import staff, token

BODY = "[一句话]\n挂断。\n[/]\n\n先停。\n\n再问。\n\n后转。\n"
WRITER = Person(7, "陈岚", frozenset({Permission.DESK, Permission.WRITE}))
READER = Person(8, "周明", frozenset({Permission.DESK}))
FILES = ("general.zh-Hans.md", "elderly.zh-Hans.md", "youth.zh-Hans.md")


def text(body: str) -> dict[str, str]:
    return {"title": "标题", "summary": "说明", "body": body}


def test_what_each_edition_is_written_after() -> None:
    general, elderly = Audience.GENERAL, Audience.ELDERLY
    assert list(sources_of(elderly, Locale.HANS)) == [(general, Locale.HANS)] * 2
    assert list(sources_of(elderly, Locale.EN)) == [(general, Locale.EN), (general, Locale.HANS)]
    assert list(sources_of(general, Locale.EN)) == [(general, Locale.HANS)]
    assert list(sources_of(general, Locale.HANS)) == []


def test_only_what_changed_is_shown_and_old_and_new_stand_together() -> None:
    now = BODY.replace("再问。", "再问家里人。").replace("后转。\n", "后转。\n\n不急。\n")
    assert text_changes(text(BODY), text(now)) == [
        SourceChange("text", "再问。", "再问家里人。"),
        SourceChange("text", "", "不急。"),
    ]
    assert text_changes(text(now), text(BODY))[1] == SourceChange("text", "不急。", "")
    assert text_changes(text(BODY), {**text(BODY), "title": "新标题"}) == [SourceChange("text", "标题", "新标题")]


paragraphs = st.lists(st.text("先停再问后转", min_size=1, max_size=6), max_size=8)


@given(paragraphs, st.randoms())
def test_a_passage_that_only_moved_has_not_changed(parts: list[str], chance: Any) -> None:
    moved = parts[:]
    chance.shuffle(moved)
    assert text_changes(text("\n\n".join(parts)), text("\n\n\n".join(moved))) == []


@given(paragraphs, paragraphs)
def test_every_passage_that_is_gone_or_new_is_told_once(old: list[str], new: list[str]) -> None:
    before, now = text("\n\n".join(old)), text("\n\n".join(new))
    changes = text_changes(before, now)
    was, is_now = segments(before), segments(now)
    assert sorted(change.before for change in changes if change.before) == sorted(
        one for one in was if one not in is_now
    )
    assert sorted(change.now for change in changes if change.now) == sorted(one for one in is_now if one not in was)


def test_facts_are_compared_by_what_they_say() -> None:
    before = [{"key": "a", "text": {"zh-Hans": "限额50万元"}, "source": "x"}, {"key": "b", "text": {"zh-Hans": "旧"}}]
    now = [{"key": "a", "text": {"zh-Hans": "限额60万元"}, "source": "x"}, {"key": "c", "text": {"zh-Hans": "新"}}]
    assert fact_changes(before, now, locale=Locale.HANS) == [
        SourceChange("fact", "限额50万元", "限额60万元"),
        SourceChange("fact", "旧", ""),
        SourceChange("fact", "", "新"),
    ]
    assert fact_changes(before, [{**before[0], "source": "y"}, before[1]], locale=Locale.EN) == []


# --- as it is stored ----------------------------------------------------------------------------------------------


@pytest.fixture
def article(session: Session, tmp_path: Path) -> int:
    take(package(tmp_path / "first", {"hang-up": {name: edition(body=BODY) for name in FILES}}))
    return db.session.scalars(sa.select(Article.id)).one()


def of(audience: Audience) -> Edition:
    found = db.session.scalars(sa.select(Edition).where(Edition.audience == audience)).one()
    db.session.refresh(found)
    return found


def told(audience: Audience) -> list[tuple[str, str]]:
    one = of(audience)
    changes = queries.source_changes(db.session(), article=db.session.get_one(Article, one.article_id), edition=one)
    return [(change.before, change.now) for change in changes]


def general_says(tmp_path: Path, body: str, *more: str) -> None:
    """Take the general edition in anew, and others with it."""
    names = ("general.zh-Hans.md", *more)
    folder = tmp_path / f"p{len(list(tmp_path.iterdir()))}"
    take(package(folder, {"hang-up": {name: edition(body=body) for name in names}}))


def test_what_comes_together_agrees(article: int) -> None:
    assert [told(audience) for audience in (Audience.GENERAL, Audience.ELDERLY, Audience.YOUTH)] == [[], [], []]
    assert queries.out_of_step(db.session()) == {}


def test_the_others_are_told_until_they_are_confirmed_or_edited(app: Flask, article: int, tmp_path: Path) -> None:
    general_says(tmp_path, BODY.replace("再问。", "再问家里人。"))
    assert told(Audience.GENERAL) == []
    assert told(Audience.ELDERLY) == told(Audience.YOUTH) == [("再问。", "再问家里人。")]
    with transaction() as session:
        one = of(Audience.ELDERLY)
        services.confirm_source(session, edition_id=one.id, revision=2, sheet_number=1, by=WRITER, at=clock.now())
    assert (told(Audience.ELDERLY), told(Audience.YOUTH)) == ([], [("再问。", "再问家里人。")])
    assert db.session.scalars(sa.select(Logged.tag).order_by(Logged.id.desc()).limit(1)).one() == (
        "desk:edition:source-confirmed"
    )
    # What was confirmed stays so when something else changes.
    general_says(tmp_path, BODY.replace("再问。", "再问家里人。").replace("先停。", "先停下。"))
    assert told(Audience.ELDERLY) == [("先停。", "先停下。")]
    assert len(told(Audience.YOUTH)) == 2
    # Whoever takes a new text in along with the source has looked.
    general_says(tmp_path, BODY.replace("再问。", "问。"), "youth.zh-Hans.md")
    assert told(Audience.YOUTH) == []
    assert [one.audience for one in queries.out_of_step(db.session())[article]] == [Audience.ELDERLY]


def test_a_source_that_comes_back_is_no_change(article: int, tmp_path: Path) -> None:
    general_says(tmp_path, BODY.replace("再问。", "问。"))
    general_says(tmp_path, BODY)
    assert told(Audience.ELDERLY) == []
    assert queries.out_of_step(db.session()) == {}


def test_what_was_not_seen_cannot_be_confirmed(article: int, tmp_path: Path) -> None:
    general_says(tmp_path, BODY.replace("再问。", "问。"))
    general_says(tmp_path, BODY.replace("再问。", "去问。"))
    one = of(Audience.ELDERLY)
    for revision, sheet, who, problem in (
        (2, 1, WRITER, services.Stale),
        (3, 9, WRITER, services.Stale),
        (3, 1, READER, services.Refused),
    ):
        with pytest.raises(problem), transaction() as session:
            services.confirm_source(
                session, edition_id=one.id, revision=revision, sheet_number=sheet, by=who, at=clock.now()
            )
    with pytest.raises(LookupError), transaction() as session:
        services.confirm_source(session, edition_id=999, revision=3, sheet_number=1, by=WRITER, at=clock.now())
    assert told(Audience.ELDERLY) == [("再问。", "去问。")]


def test_the_desk_shows_it_and_takes_the_word(app: Flask, article: int, tmp_path: Path) -> None:
    desk = staff(app, Permission.DESK, Permission.WRITE, locale=Locale.HANS)
    place = f"/desk/articles/{article}/elderly/zh-Hans"
    assert "来源有变" not in desk.get(place).text
    assert "来源有变" not in desk.get("/desk/").text
    general_says(tmp_path, BODY.replace("再问。", "再问家里人。"))
    page = desk.get(place).text
    assert "来源有变" in page
    assert "<del>再问。</del>" in page
    assert "<ins>再问家里人。</ins>" in page
    assert "来源有变" in desk.get("/desk/").text
    confirm = f"/desk/editions/{of(Audience.ELDERLY).id}/source"
    assert desk.get(confirm).status_code == 405

    def send(address: str, revision: str) -> int:
        given = {"csrf_token": token(desk, place), "revision": revision, "sheet": "1"}
        return desk.post(address, data=given).status_code

    assert send("/desk/editions/999/source", "2") == 404
    assert send(confirm, "x") == 409
    assert [send(confirm, "2") for _ in range(2)] == [303, 303]
    assert "来源有变" not in desk.get(place).text
    other = staff(app, Permission.DESK)
    given = {"csrf_token": token(other, "/desk/"), "revision": "2", "sheet": "1"}
    assert other.post(confirm, data=given).status_code == 403
