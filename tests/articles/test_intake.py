"""What a package does to texts that the desk works on: by command, and as drafts."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.articles import services
from portal.articles.models import Article, Edition, FormerSlug, Review, Revision, Sheet
from portal.articles.rules import BRINGS_TEXT, Before, Mode, Person, ReviewState, State, Status, Step, Why, step
from portal.audit.models import Event
from portal.core.database import db, transaction
from portal.core.markup import Renderer
from portal.reference.rules import PackageError
from tests.articles.desk import ANN, AT, BOB, EVE, LATER, RULES, refused, text
from tests.articles.helpers import counts, give, run, take
from tests.conftest import make_app
from tests.factories import ARTICLE, TOPICS, edition, package

NOTHING = "Nothing has changed: everything in the package is stored already.\n"
KEPT = "hang-up/general/zh-Hans was changed at the desk since; it was kept"
SAME = "同样的话。"


def written(words: str) -> dict[str, Any]:
    """Return a text with the digest that its file has."""
    found = text(body(words))
    said = [found[name] for name in ("title", "summary", "hook", "body")]
    return found | {"checksum": hashlib.sha256(json.dumps(said).encode()).hexdigest()}


def body(words: str) -> str:
    return f"[一句话]\n{words}\n[/]\n\n## 现在怎么做\n\n先停下来。\n"


def folder(
    tmp_path: Path, words: str = "先挂断。", status: str = "published", article: str = ARTICLE, **root: str
) -> Path:
    """Write a package with one article in one edition."""
    files = {"general.zh-Hans.md": edition(body=body(words), status=status), "article.yaml": article}
    return package(tmp_path / "p", {"hang-up": files}, lint_yaml=RULES, **root)


def the(session: Session) -> tuple[Article, Edition]:
    db.session.expire_all()
    article = db.session.scalars(sa.select(Article).where(Article.slug == "hang-up")).one()
    return article, db.session.scalars(sa.select(Edition).where(Edition.article_id == article.id)).one()


def stands(session: Session) -> tuple[State, int, int | None]:
    edition = the(db.session())[1]
    return edition.state, edition.latest_number, edition.published_number


def save(session: Session, words: str, by: Person = ANN) -> None:
    article, stored = the(db.session())
    with transaction():
        services.save_text(
            db.session(),
            article_id=article.id,
            audience=stored.audience,
            locale=stored.locale,
            expected=stored.latest_number,
            text=written(words),
            words=services.Words.of(db.session()),
            by=by,
            at=AT,
        )


def submit(session: Session) -> int:
    article, stored = the(db.session())
    with transaction():
        return services.submit(db.session(), article_id=article.id, edition_ids=[stored.id], by=ANN, at=AT).id


def publish(session: Session) -> None:
    review = submit(db.session())
    with transaction():
        services.decide(db.session(), review_id=review, approve=True, opinion="可以发布。", by=BOB, at=AT)
    with transaction():
        services.publish(db.session(), review_id=review, by=BOB, at=AT)


def public_text(app: Flask) -> str:
    # A fresh application: on PostgreSQL a process asks for the site's version once a second.
    page = make_app(app.config["PORTAL"]).test_client().get("/articles/hang-up")
    return page.text if page.status_code == 200 else ""


# --- by command ---------------------------------------------------------------------------------------------------


def test_an_unchanged_package_leaves_a_draft_a_draft(app: Flask, session: Session, tmp_path: Path) -> None:
    same = folder(tmp_path)
    take(same)
    save(db.session(), "稿子里的话。")
    before = counts()
    assert take(same).endswith(NOTHING)
    assert counts() == before
    assert stands(db.session()) == (State.DRAFT, 2, 1)
    assert ("先挂断" in public_text(app), "稿子里的话" in public_text(app)) == (True, False)


def test_an_unchanged_package_leaves_a_review_under_way(session: Session, tmp_path: Path) -> None:
    same = folder(tmp_path)
    take(same)
    save(db.session(), "稿子里的话。")
    submit(db.session())
    take(same)
    assert stands(db.session()) == (State.IN_REVIEW, 2, 1)
    assert db.session.scalars(sa.select(Review.state)).all() == [ReviewState.OPEN]


def test_a_changed_text_in_a_package_is_published_over_a_review_and_voids_it(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    take(folder(tmp_path))
    save(db.session(), "稿子里的话。")
    review = submit(db.session())
    take(folder(tmp_path, "新来的话。"))
    assert stands(db.session()) == (State.PUBLISHED, 3, 3)
    assert db.session.get_one(Review, review).state is ReviewState.VOID
    assert "新来的话" in public_text(app)
    assert refused(services.decide, review_id=review, approve=True, opinion="", by=BOB, at=AT) is Why.WRONG_STATE


def test_a_draft_that_a_package_now_calls_published_is_published_and_its_review_void(
    session: Session, tmp_path: Path
) -> None:
    take(folder(tmp_path))
    save(db.session(), "稿子里的话。")
    review = submit(db.session())
    given_out = give(tmp_path / "out")["articles/hang-up/general.zh-Hans.md"].decode()
    assert "status: draft" in given_out
    changed = tmp_path / "out" / "articles" / "hang-up" / "general.zh-Hans.md"
    changed.write_text(given_out.replace("status: draft", "status: published"), "utf-8")
    take(tmp_path / "out")
    assert stands(db.session()) == (State.PUBLISHED, 2, 2)
    assert db.session.get_one(Review, review).state is ReviewState.VOID


def test_an_unchanged_package_does_not_overwrite_what_the_desk_has_published(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    same = folder(tmp_path)
    take(same)
    save(db.session(), "审过的话。")
    publish(db.session())
    assert take(same).splitlines()[-2:] == [KEPT, NOTHING.strip()]
    assert stands(db.session()) == (State.PUBLISHED, 2, 2)
    assert "审过的话" in public_text(app)
    take(folder(tmp_path, "新来的话。"))
    assert "新来的话" in public_text(app)


def test_an_unchanged_package_takes_nothing_from_the_public(app: Flask, session: Session, tmp_path: Path) -> None:
    same = folder(tmp_path, status="draft")
    take(same)
    publish(db.session())
    assert KEPT in take(same)
    assert stands(db.session()) == (State.PUBLISHED, 1, 1)
    save(db.session(), "审过的话。")
    publish(db.session())
    assert KEPT in take(same)
    assert stands(db.session()) == (State.PUBLISHED, 2, 2)
    assert "审过的话" in public_text(app)


def test_an_unchanged_package_does_not_bring_back_what_was_withdrawn(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    same = folder(tmp_path)
    take(same)
    article, stored = the(db.session())
    with transaction():
        services.withdraw(db.session(), article_id=article.id, edition_ids=[stored.id], note="有误。", by=BOB, at=AT)
    assert KEPT in take(same)
    assert public_text(app) == ""
    take(folder(tmp_path, "改正了的话。"))
    assert "改正了的话" in public_text(app)


def test_a_changed_draft_beside_a_public_text_leaves_the_public_text(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    take(folder(tmp_path))
    save(db.session(), "稿子里的话。")
    take(folder(tmp_path, "改过的稿子。", status="draft"))
    assert stands(db.session()) == (State.DRAFT, 3, 1)
    assert "先挂断" in public_text(app)


def test_facts_that_the_desk_has_confirmed_stay_under_an_unchanged_package(session: Session, tmp_path: Path) -> None:
    same = folder(tmp_path)
    take(same)
    article, _stored = the(db.session())
    with transaction():
        services.confirm_facts(
            db.session(), article_id=article.id, today="2026-11-22", review_by="2027-05-22", by=BOB, at=AT
        )
    assert "hang-up was changed at the desk since; it was kept" in take(same)
    assert the(db.session())[0].checked_on == "2026-11-22"
    take(folder(tmp_path, article=ARTICLE.replace("2026-11-01", "2026-11-23")))
    assert the(db.session())[0].checked_on == "2026-11-23"


def test_facts_in_review_stay_in_review_under_an_unchanged_package(session: Session, tmp_path: Path) -> None:
    same = folder(tmp_path)
    take(same)
    article, _stored = the(db.session())
    with transaction():
        services.save_facts(
            db.session(), article_id=article.id, expected=1, values={"review_by": "2027-03-03"}, by=ANN, at=AT
        )
    submit(db.session())
    before = counts()
    assert take(same).endswith(NOTHING)
    assert counts() == before
    assert (the(db.session())[0].review_by, the(db.session())[0].latest_sheet) == ("2027-02-01", 2)


def test_a_renamed_topic_puts_no_draft_into_the_search(app: Flask, session: Session, tmp_path: Path) -> None:
    take(folder(tmp_path))
    save(db.session(), "猕猴桃。")
    take(folder(tmp_path, topics_yaml=TOPICS.replace("电话诈骗", "陌生来电")))
    client = make_app(app.config["PORTAL"]).test_client()
    assert client.get("/api/v1/search?q=猕猴桃").get_json()["results"] == []
    assert "hang-up" in client.get("/api/v1/search?q=陌生来电").text


def test_the_check_of_a_package_looks_at_its_own_texts_not_at_the_desks(session: Session, tmp_path: Path) -> None:
    take(folder(tmp_path, "稳赚不赔。"))
    save(db.session(), "先挂断。")
    found = run("content", "check", str(folder(tmp_path, "稳赚不赔。")))
    assert "block promise" in found.output
    assert stands(db.session()) == (State.DRAFT, 2, 1)


# --- as drafts ----------------------------------------------------------------------------------------------------


def bring(where: Path, by: Person = EVE) -> services.Report:
    with Renderer() as renderer:
        prepared = services.prepare(db.session(), where, renderer=renderer, mode=Mode.DRAFT)
    with transaction():
        return services.apply(db.session(), prepared, by=by.name, at=LATER, authors=[by.id])


def told(where: Path) -> list[str]:
    before = counts()
    with Renderer() as renderer, pytest.raises(PackageError) as problem:
        services.prepare(db.session(), where, renderer=renderer, mode=Mode.DRAFT)
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
    before = counts()
    assert not bring(tmp_path / "out").changed
    assert counts() == before
    assert take(tmp_path / "out").endswith(NOTHING)
    assert counts() == before


def test_a_change_between_check_and_storing_is_noticed(session: Session, tmp_path: Path) -> None:
    take(folder(tmp_path, SAME))
    with Renderer() as renderer:
        prepared = services.prepare(db.session(), folder(tmp_path, SAME), renderer=renderer)
    take(folder(tmp_path, "别的话。"))
    before = counts()
    with pytest.raises(services.Stale), transaction() as unit:
        services.apply(unit, prepared, by="command", at=AT)
    assert counts() == before


# --- the rule -----------------------------------------------------------------------------------------------------

digests = st.sampled_from(["a", "b", "c"])
befores = st.builds(
    Before,
    latest=digests,
    published=st.none() | digests,
    is_latest_public=st.booleans(),
    brought=st.none() | digests,
    is_touched=st.booleans(),
).map(
    lambda one: Before(
        one.latest,
        one.latest if one.is_latest_public else one.published,
        one.is_latest_public,
        one.brought if one.is_touched else one.latest,
        one.is_touched,
    )
)


@given(status=st.sampled_from(Status), checksum=digests, before=st.none() | befores)
def test_as_a_draft_nothing_ever_touches_what_the_public_reads(
    status: Status, checksum: str, before: Before | None
) -> None:
    todo = step(Mode.DRAFT, status=status, checksum=checksum, before=before)
    assert todo in {Step.NOTHING, Step.KEEP, Step.STORE}


@given(status=st.sampled_from(Status), before=befores.filter(lambda one: one.is_touched and one.brought is not None))
def test_what_a_command_brought_last_brings_nothing_once_the_desk_has_gone_on(status: Status, before: Before) -> None:
    todo = step(Mode.COMMAND, status=status, checksum=before.brought or "", before=before)
    assert todo in {Step.NOTHING, Step.KEEP}


@given(mode=st.sampled_from(Mode), status=st.sampled_from(Status), before=befores)
def test_no_text_is_stored_over_itself(mode: Mode, status: Status, before: Before) -> None:
    assert step(mode, status=status, checksum=before.latest, before=before) not in BRINGS_TEXT
