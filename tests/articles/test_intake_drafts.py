"""What a package does to texts that the desk works on, when a person brings it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Session

from portal.articles import services
from portal.articles.models import Article, Edition, FormerSlug, Review, Revision, Sheet
from portal.articles.rules import Mode, Person, ReviewState, State, Why
from portal.audit.models import Event
from portal.core.database import db, transaction
from portal.core.markup import Renderer
from portal.reference.rules import PackageError
from tests.articles.beside import (
    NOTHING,
    SAME,
    folder,
    public_text,
    save,
    stands,
    submit,
    the,
    written,
)
from tests.articles.desk import ANN, AT, BOB, EVE, LATER, RULES, refused
from tests.articles.helpers import counts, give, take
from tests.factories import ARTICLE, TOPICS, edition, package


def bring(where: Path, by: Person = EVE) -> services.Report:
    with Renderer() as renderer:
        prepared = services.prepare(
            db.session(), where, renderer=renderer, settings=current_app.config["PORTAL"], mode=Mode.DRAFT
        )
    with transaction():
        return services.apply(db.session(), prepared, by=by.name, at=LATER, authors=[by.id])


def told(where: Path) -> list[str]:
    before = counts()
    with Renderer() as renderer, pytest.raises(PackageError) as problem:
        services.prepare(db.session(), where, renderer=renderer, settings=current_app.config["PORTAL"], mode=Mode.DRAFT)
    assert counts() == before
    return [str(one) for one in problem.value.problems]


def test_whatever_the_file_says_it_comes_in_as_a_draft(app: Flask, session: Session, tmp_path: Path) -> None:
    take(package(tmp_path / "lists", {}, lint_yaml=RULES))
    report = bring(folder(tmp_path))
    assert (report.articles.added, report.editions.added) == (["hang-up"], ["hang-up/general/zh-Hans"])
    assert stands(db.session()) == (State.DRAFT, 1, None)
    article, _stored = the(db.session())
    assert (article.published_sheet, article.latest_sheet, article.owner_id) == (None, 1, EVE.id)
    assert db.session.scalars(sa.select(Revision.authors)).all() == [[EVE.id]]
    assert db.session.scalars(sa.select(Sheet.authors)).all() == [[EVE.id]]
    assert public_text(app) == ""
    event = db.session.scalars(sa.select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (event.actor, event.tag, event.details["as"]) == (EVE.name, "content:package:imported", "draft")


def test_a_draft_from_a_package_voids_the_review_of_its_text(app: Flask, session: Session, tmp_path: Path) -> None:
    take(folder(tmp_path))
    save(db.session(), "稿子里的话。")
    review = submit(db.session())
    version = counts()["version"]
    bring(folder(tmp_path, "带来的话。"))
    assert db.session.get_one(Review, review).state is ReviewState.VOID
    assert stands(db.session()) == (State.DRAFT, 3, 1)
    assert counts()["version"] == version
    assert "先挂断" in public_text(app)


def test_who_brings_a_text_can_neither_approve_nor_publish_it(session: Session, tmp_path: Path) -> None:
    take(folder(tmp_path))
    bring(folder(tmp_path, "带来的话。"))
    review = submit(db.session())
    assert refused(services.decide, review_id=review, approve=True, opinion="", by=EVE, at=AT) is Why.OWN_TEXT
    with transaction():
        services.decide(db.session(), review_id=review, approve=True, opinion="可以。", by=BOB, at=AT)
    assert refused(services.publish, review_id=review, by=EVE, at=AT) is Why.OWN_TEXT
    with transaction():
        services.publish(db.session(), review_id=review, by=BOB, at=AT)
    assert stands(db.session()) == (State.PUBLISHED, 2, 2)


def test_who_brings_facts_can_neither_approve_nor_publish_them(session: Session, tmp_path: Path) -> None:
    take(folder(tmp_path))
    bring(folder(tmp_path, article=ARTICLE.replace("2027-02-01", "2027-03-03")))
    assert (the(db.session())[0].review_by, the(db.session())[0].latest_sheet) == ("2027-02-01", 2)
    review = submit(db.session())
    assert refused(services.decide, review_id=review, approve=True, opinion="", by=EVE, at=AT) is Why.OWN_TEXT


def test_the_same_package_twice_makes_no_second_draft(session: Session, tmp_path: Path) -> None:
    take(folder(tmp_path))
    assert bring(folder(tmp_path, "带来的话。")).changed
    before = counts()
    assert not bring(folder(tmp_path, "带来的话。")).changed
    assert counts() == before


def test_the_public_text_in_a_package_leaves_a_newer_draft(session: Session, tmp_path: Path) -> None:
    take(folder(tmp_path))
    save(db.session(), "稿子里的话。")
    report = bring(folder(tmp_path))
    assert (report.changed, report.kept) == (False, ["hang-up/general/zh-Hans"])
    assert stands(db.session()) == (State.DRAFT, 2, 1)


def test_a_text_that_calls_itself_a_draft_takes_nothing_from_the_public(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    take(folder(tmp_path))
    assert not bring(folder(tmp_path, status="draft")).changed
    bring(folder(tmp_path, "带来的话。", status="draft"))
    assert stands(db.session()) == (State.DRAFT, 2, 1)
    assert "先挂断" in public_text(app)


def test_former_names_are_not_taken_and_said(session: Session, tmp_path: Path) -> None:
    take(folder(tmp_path))
    report = bring(folder(tmp_path, article=ARTICLE + "former_slugs: [old]\n"))
    assert (report.changed, report.names) == (False, ["hang-up"])
    assert db.session.scalars(sa.select(FormerSlug)).all() == []


LISTS = {
    "site_yaml": "name: x\nbank: x\ntagline: x\nabout: x\nbank_hotline: bank\n",
    "topics_yaml": TOPICS.replace("电话诈骗", "陌生来电"),
    "hotlines_yaml": "hotlines:\n- {key: b, number: '95500', name: b, purpose: p, source: s, checked_on: 2026-11-01}\n",
    "glossary_yaml": "- {key: k, term: t, plain: p, checked_on: 2026-11-01}\n",
    "synonyms_yaml": "- [a, b]\n",
    "words_txt": "新词\n",
    "lint_yaml": RULES.replace("稳赚", "保本"),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_differs_is_refused_by_name(session: Session, tmp_path: Path, name: str) -> None:
    take(folder(tmp_path))
    other = folder(tmp_path)
    (other / name.replace("_", ".")).write_text(LISTS[name], "utf-8")
    sentence = "Lists are changed with the command `flask content import`: this one differs from what is stored."
    problems = told(other)
    assert f"{name.replace('_', '.')}: {sentence} Take the file out of the package." in problems


def test_a_shorter_list_differs_too(session: Session, tmp_path: Path) -> None:
    take(folder(tmp_path))
    only = "- key: fraud\n  name: {zh-Hans: 防骗, en: Avoid fraud}\n  icon: shield\n"
    assert any(line.startswith("topics.yaml: Lists are changed") for line in told(folder(tmp_path, topics_yaml=only)))


def test_a_name_that_another_article_is_to_have_is_refused(session: Session, tmp_path: Path) -> None:
    take(folder(tmp_path))
    article, _stored = the(db.session())
    with transaction():
        services.save_facts(db.session(), article_id=article.id, expected=1, values={"slug": "new-name"}, by=ANN, at=AT)
    files = {"general.zh-Hans.md": edition()}
    other = package(tmp_path / "q", {"new-name": files})
    assert told(other) == ["articles/new-name: The slug is to be that of `hang-up`, by a draft of it."]


def test_what_is_given_out_can_be_brought_again_and_changes_nothing(
    library: Flask, session: Session, tmp_path: Path
) -> None:
    article = db.session.scalars(sa.select(Article).order_by(Article.id)).first()
    assert article is not None
    stored = db.session.scalars(sa.select(Edition).where(Edition.article_id == article.id)).first()
    assert stored is not None
    number, facts = article.latest_sheet, {"sources": [*article.sources, {**article.sources[0], "key": "new-source"}]}
    with transaction():
        services.save_facts(db.session(), article_id=article.id, expected=number, values=facts, by=ANN, at=AT)
    db.session.expire_all()
    with transaction():
        services.save_text(
            db.session(), article_id=article.id, audience=stored.audience, locale=stored.locale,
            expected=stored.latest_number, text=written("见[[source:new-source]]。"),
            words=services.Words.of(db.session()), by=ANN, at=AT,
        )  # fmt: skip
    give(tmp_path / "out")
    # The desk gives out and takes in no quizzes; the command does.
    with pytest.raises(PackageError, match="quizzes: This part of a package is not taken in here"):
        bring(tmp_path / "out")
    shutil.rmtree(tmp_path / "out" / "quizzes")
    before = counts()
    assert not bring(tmp_path / "out").changed
    assert counts() == before
    assert take(tmp_path / "out").endswith(NOTHING)
    assert counts() == before


def test_a_change_between_check_and_storing_is_noticed(session: Session, tmp_path: Path) -> None:
    take(folder(tmp_path, SAME))
    with Renderer() as renderer:
        prepared = services.prepare(
            db.session(), folder(tmp_path, SAME), renderer=renderer, settings=current_app.config["PORTAL"]
        )
    take(folder(tmp_path, "别的话。"))
    before = counts()
    with pytest.raises(services.Stale), transaction() as unit:
        services.apply(unit, prepared, by="command", at=AT)
    assert counts() == before
