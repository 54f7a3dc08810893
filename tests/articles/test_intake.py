"""What a package does to texts that the desk works on, when a command takes it in."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.articles import services
from portal.articles.models import Review
from portal.articles.rules import BRINGS_TEXT, Before, Mode, ReviewState, State, Status, Step, Why, step
from portal.core.database import db, transaction
from tests.articles.beside import (
    KEPT,
    NOTHING,
    folder,
    public_text,
    publish,
    save,
    stands,
    submit,
    the,
)
from tests.articles.desk import ANN, AT, BOB, refused
from tests.articles.helpers import counts, give, run, take
from tests.conftest import make_app
from tests.factories import ARTICLE, TOPICS


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
