"""The way of texts to the public, on the real database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.articles import services
from portal.articles.models import Article, Edition, FormerSlug, Review, Revision
from portal.articles.rules import Act, Kind, ReviewState, State, Why
from portal.audit.models import Event
from portal.core.database import site_version, transaction
from portal.core.settings import Audience, Permission
from portal.reference import queries as reference
from portal.reference.services import store_lint
from portal.search.models import Document
from tests.articles.desk import (
    ADMIN,
    ANN,
    AT,
    BAD,
    BOB,
    EVE,
    GOOD,
    LATER,
    approved,
    begin,
    editions,
    forbid,
    of,
    public,
    refused,
    states,
    submitted,
    write,
)

pytestmark = pytest.mark.usefixtures("desk_library")


def test_a_set_is_approved_as_one_and_goes_out_as_one(session: Session, draft: Article) -> None:
    before = site_version(session)
    review = approved(session, draft)
    assert set(public(session, draft).values()) == {None}
    with transaction():
        services.publish(session, review_id=review, by=BOB, at=LATER)
    assert public(session, draft) == {"general": 1, "elderly": 1, "youth": 1, "new-resident": 1}
    assert states(session, draft) == {State.PUBLISHED}
    assert site_version(session) > before
    assert session.scalar(sa.select(sa.func.count()).where(Document.slug == "new-one")) == 4
    kept = session.get_one(Review, review)
    assert (kept.opinion_number, kept.decided_by, kept.published_by) == ("2026-0001", "周明", "周明")
    tags = session.scalars(sa.select(Event.tag).where(Event.target == f"article:{draft.id}").order_by(Event.id))
    assert [tag for tag in tags if tag != "desk:article:saved"] == [
        "desk:article:submitted",
        "desk:article:approved",
        "desk:article:published",
    ]


def test_one_member_that_is_kept_back_keeps_the_set_back(session: Session, draft: Article) -> None:
    with transaction():
        write(session, draft, BAD, audience=Audience.YOUTH)
    ids = editions(session, draft)
    assert refused(services.submit, article_id=draft.id, edition_ids=ids, by=ANN, at=AT) is Why.FINDINGS
    assert states(session, draft) == {State.DRAFT}
    youth = of(session, draft, Audience.YOUTH)
    assert youth is not None
    with transaction():
        review = services.submit(
            session, article_id=draft.id, edition_ids=[id_ for id_ in ids if id_ != youth.id], by=ANN, at=AT
        )
    assert [member.audience for member in services.members(session, review)] == [
        Audience.GENERAL,
        Audience.ELDERLY,
        Audience.NEW_RESIDENT,
    ]


@pytest.mark.parametrize("person", [ANN, ADMIN])
def test_who_wrote_it_neither_approves_nor_publishes_it(session: Session, person: Any) -> None:
    with transaction():
        article = begin(session, by=person)
        write(session, article, by=person)
    review = submitted(session, article)
    expected = Why.OWN_TEXT if Permission.REVIEW in person.permissions else Why.NO_PERMISSION
    assert refused(services.decide, review_id=review, approve=True, opinion="", by=person, at=AT) is expected
    with transaction():
        services.decide(session, review_id=review, approve=True, opinion="", by=BOB, at=AT)
    assert refused(services.publish, review_id=review, by=person, at=AT) is expected
    assert refused(services.schedule, review_id=review, publish_at=LATER, by=person, at=AT) is expected


def test_who_only_wrote_the_facts_does_not_approve_either(session: Session, draft: Article) -> None:
    with transaction():
        services.save_facts(session, article_id=draft.id, expected=1, values={"review_by": "2027-03-01"}, by=BOB, at=AT)
    review = submitted(session, draft)
    assert refused(services.decide, review_id=review, approve=True, opinion="", by=BOB, at=AT) is Why.OWN_TEXT


def test_an_edit_in_between_counts_even_if_another_writes_over_it(session: Session, draft: Article) -> None:
    with transaction():
        write(session, draft, GOOD + "\n再看一眼。\n", by=BOB)
        write(session, draft, GOOD + "\n再问一句。\n", by=ANN)
    review = submitted(session, draft)
    assert refused(services.decide, review_id=review, approve=True, opinion="", by=BOB, at=AT) is Why.OWN_TEXT


def test_after_publication_the_slate_is_clean(session: Session, draft: Article) -> None:
    with transaction():
        write(session, draft, GOOD + "\n再看一眼。\n", by=BOB)
    review = submitted(session, draft)
    with transaction():
        services.decide(session, review_id=review, approve=True, opinion="", by=EVE, at=AT)
        services.publish(session, review_id=review, by=EVE, at=AT)
    with transaction():
        write(session, draft, GOOD + "\n再问一句。\n", by=ANN)
        general = of(session, draft)
        assert general is not None
        again = services.submit(session, article_id=draft.id, edition_ids=[general.id], by=ANN, at=AT).id
    with transaction():
        services.decide(session, review_id=again, approve=True, opinion="", by=BOB, at=AT)
    assert session.get_one(Review, again).opinion_number == "2026-0002"


def test_a_restored_text_brings_its_writers_along(session: Session) -> None:
    with transaction():
        article = begin(session)
        write(session, article, GOOD, by=BOB)
        edition = write(session, article, GOOD + "\n再问一句。\n", by=ANN)
    review = submitted(session, article)
    with transaction():
        services.decide(session, review_id=review, approve=True, opinion="", by=EVE, at=AT)
        services.publish(session, review_id=review, by=EVE, at=AT)
        restored = services.restore(
            session, edition_id=edition.id, number=1, expected=2, words=services.Words.of(session), by=ANN, at=AT
        )
        assert (restored.number, restored.authors, restored.body) == (3, [1, 2], GOOD)
        again = services.submit(session, article_id=article.id, edition_ids=[edition.id], by=ANN, at=AT).id
    assert refused(services.decide, review_id=again, approve=True, opinion="", by=BOB, at=AT) is Why.OWN_TEXT
    assert public(session, article) == {"general": 2}


@pytest.mark.parametrize("what", ["text", "facts"])
@pytest.mark.parametrize("stage", ["open", "approved", "scheduled"])
def test_any_edit_voids_the_approval_of_the_whole_set(session: Session, draft: Article, what: str, stage: str) -> None:
    review = submitted(session, draft) if stage == "open" else approved(session, draft)
    if stage == "scheduled":
        with transaction():
            services.schedule(session, review_id=review, publish_at=LATER, by=BOB, at=AT)
    with transaction():
        if what == "text":
            write(session, draft, GOOD + "\n再看一眼。\n", audience=Audience.YOUTH)
        else:
            services.save_facts(session, article_id=draft.id, expected=1, values={"topic": "fraud"}, by=ANN, at=AT)
    assert states(session, draft) == {State.DRAFT}
    assert session.get_one(Review, review).state is ReviewState.VOID
    assert refused(services.publish, review_id=review, by=EVE, at=AT) is Why.WRONG_STATE
    with transaction():
        assert services.publish_due(session, review_id=review, at=LATER) is False
    assert set(public(session, draft).values()) == {None}


def test_what_is_added_after_approval_does_not_ride_along(session: Session, draft: Article) -> None:
    review = approved(session, draft)
    with transaction():
        youth = of(session, draft, Audience.YOUTH)
        assert youth is not None
        old = session.scalars(sa.select(Revision).where(Revision.edition_id == youth.id)).one()
        copied = {column.key: getattr(old, column.key) for column in sa.inspect(Revision).columns if column.key != "id"}
        session.add(Revision(**copied | {"number": 2}))  # even if a text got in past the services
        youth.latest_number = 2
    with pytest.raises(services.Stale), transaction():
        services.publish(session, review_id=review, by=BOB, at=AT)
    assert set(public(session, draft).values()) == {None}


def test_nothing_is_done_by_a_set_that_was_submitted_again(session: Session, draft: Article) -> None:
    first = submitted(session, draft)
    with transaction():
        services.take_back(session, review_id=first, by=ANN, at=AT)
    second = submitted(session, draft)
    with pytest.raises(services.Stale), transaction():
        services.decide(session, review_id=first, approve=True, opinion="", by=BOB, at=AT)
    with pytest.raises(services.Stale), transaction():
        services.take_back(session, review_id=first, by=ANN, at=AT)
    session.expire_all()
    assert states(session, draft) == {State.IN_REVIEW}
    kept = [session.get_one(Review, number) for number in (first, second)]
    assert [(one.state, one.opinion_number) for one in kept] == [(ReviewState.VOID, None), (ReviewState.OPEN, None)]
    with transaction():
        services.decide(session, review_id=second, approve=True, opinion="", by=BOB, at=AT)
    for act, options in ((services.publish, {}), (services.schedule, {"publish_at": LATER})):
        with pytest.raises(services.Stale), transaction():
            act(session, review_id=first, by=BOB, at=AT, **options)  # type: ignore[operator]
    assert set(public(session, draft).values()) == {None}


def test_an_emergency_is_confirmed_though_its_text_was_submitted_again(session: Session) -> None:
    with transaction():
        alert = begin(session, kind=Kind.ALERT, expires_at=LATER)
        edition = write(session, alert)
        alone = services.publish_alone(
            session, article_id=alert.id, edition_ids=[edition.id], reason="骗局正在传开", by=BOB, at=AT
        ).id
        write(session, alert, GOOD + "\n再看一眼。\n", by=ANN)
        services.submit(session, article_id=alert.id, edition_ids=[edition.id], by=ANN, at=AT)
    with transaction():
        services.confirm(session, review_id=alone, opinion="属实", by=EVE, at=AT)
    assert session.get_one(Review, alone).confirmed_by == "陈晓"


def test_a_finding_is_waived_by_another_while_the_sentence_stays(session: Session, draft: Article) -> None:
    with transaction():
        edition = write(session, draft, BAD)
        judgement = services.judged(
            session,
            article=draft,
            edition=edition,
            revision=session.scalars(
                sa.select(Revision).where(Revision.edition_id == edition.id, Revision.number == 2)
            ).one(),
            judge=services.Judge(session),
            at=AT,
        )
    [(key, rule, passage)] = list(judgement.waivable())
    assert (rule, passage) == ("promise", "稳赚")
    options = {"edition_id": edition.id, "finding": key, "reason": "引用原话", "at": AT}
    assert refused(services.waive, by=ANN, **options) is Why.NO_PERMISSION
    with transaction():
        services.waive(session, by=BOB, **options)
        services.waive(session, by=EVE, **options)
    review = submitted(session, draft)
    with transaction():
        services.decide(session, review_id=review, approve=True, opinion="", by=BOB, at=AT)
    kept = session.get_one(Review, review).findings
    assert [(row["rule"], row["waived_by"], row["reason"]) for row in kept] == [("promise", "周明", "引用原话")]
    with transaction():
        write(session, draft, BAD.replace("这个产品", "那个产品"))
    ids = editions(session, draft)
    assert refused(services.submit, article_id=draft.id, edition_ids=ids, by=ANN, at=AT) is Why.FINDINGS


def test_a_rule_written_after_approval_still_holds_the_text_back(
    session: Session, draft: Article, tmp_path: Path
) -> None:
    review = approved(session, draft)
    forbid(session, "停下来")
    assert refused(services.publish, review_id=review, by=BOB, at=AT) is Why.FINDINGS


def test_a_new_name_leads_on_from_the_old_one_once_it_is_public(session: Session, draft: Article) -> None:
    review = approved(session, draft)
    with transaction():
        services.publish(session, review_id=review, by=BOB, at=AT)
        services.save_facts(session, article_id=draft.id, expected=1, values={"slug": "better-name"}, by=ANN, at=AT)
    session.expire_all()
    assert draft.slug == "new-one"
    again = submitted(session, draft)
    with transaction():
        services.decide(session, review_id=again, approve=True, opinion="", by=BOB, at=AT)
        services.publish(session, review_id=again, by=BOB, at=AT)
    session.expire_all()
    assert draft.slug == "better-name"
    assert session.get_one(FormerSlug, "new-one").article_id == draft.id
    assert set(session.scalars(sa.select(Document.slug).where(Document.slug.in_(["new-one", "better-name"])))) == {
        "better-name"
    }


def test_facts_alone_go_through_review_too(session: Session, draft: Article) -> None:
    review = approved(session, draft)
    with transaction():
        services.publish(session, review_id=review, by=BOB, at=AT)
        services.save_facts(session, article_id=draft.id, expected=1, values={"topic": "fraud"}, by=ANN, at=AT)
    assert (draft.topic, states(session, draft)) == ("phone", {State.PUBLISHED})
    again = submitted(session, draft)
    with transaction():
        services.take_back(session, review_id=again, by=ANN, at=AT)
    assert states(session, draft) == {State.PUBLISHED}
    third = approved(session, draft)
    with transaction():
        services.publish(session, review_id=third, by=BOB, at=LATER)
    general = of(session, draft)
    assert general is not None
    assert (draft.topic, general.published_at) == ("fraud", AT)


@pytest.mark.parametrize("slug", ["hang-up", "asked-for"])
def test_a_name_in_use_is_refused(session: Session, draft: Article, slug: str) -> None:
    with transaction():
        services.save_facts(session, article_id=draft.id, expected=1, values={"slug": "asked-for"}, by=ANN, at=AT)
    with pytest.raises(services.SlugTaken), transaction():
        begin(session, slug=slug)


def test_the_second_of_two_writers_loses_nothing(session: Session, draft: Article) -> None:
    with transaction():
        write(session, draft, GOOD + "\n我的。\n", by=ANN, expected=1)
    with pytest.raises(services.Conflict) as problem, transaction():
        write(session, draft, GOOD + "\n他的。\n", by=BOB, expected=1)
    assert (problem.value.theirs.created_by, problem.value.theirs.number) == ("林静", 2)
    with transaction():
        write(session, draft, GOOD + "\n我的。\n", by=ANN, expected=1)  # the same form sent twice
    assert session.scalar(sa.select(Edition.latest_number).where(Edition.id == editions(session, draft)[0])) == 2


def test_withdrawing_is_at_once_and_says_where_to_go(session: Session, draft: Article) -> None:
    review = approved(session, draft)
    with transaction():
        services.publish(session, review_id=review, by=BOB, at=AT)
        services.withdraw(
            session,
            article_id=draft.id,
            edition_ids=editions(session, draft),
            note="内容已经过时。",
            to="hang-up",
            by=BOB,
            at=LATER,
        )
    assert states(session, draft) == {State.WITHDRAWN}
    assert session.scalar(sa.select(sa.func.count()).where(Document.slug == "new-one")) == 0
    edition = of(session, draft)
    assert edition is not None
    assert (edition.withdrawn_note, edition.withdrawn_to) == ("内容已经过时。", "hang-up")


def test_only_confirming_moves_the_day_that_readers_see(session: Session, draft: Article) -> None:
    review = approved(session, draft)
    with transaction():
        services.publish(session, review_id=review, by=BOB, at=AT)
        write(session, draft, GOOD + "\n再看一眼。\n")
    assert draft.checked_on == "2026-11-01"
    with transaction():
        services.confirm_facts(session, article_id=draft.id, today="2026-11-22", review_by="2027-02-22", by=BOB, at=AT)
    session.expire_all()
    assert (draft.checked_on, draft.review_by) == ("2026-11-22", "2027-02-22")
    with pytest.raises(services.Refused), transaction():
        services.confirm_facts(session, article_id=draft.id, today="2026-11-23", review_by="2027-02-23", by=ANN, at=AT)


def test_without_rules_nothing_passes_as_checked(app: Flask, session: Session, draft: Article) -> None:
    with transaction():
        store_lint(session, content={**reference.lint(session), "rules": []})
    ids = editions(session, draft)
    assert refused(services.submit, article_id=draft.id, edition_ids=ids, by=ANN, at=AT) is Why.NO_RULES


def test_acts_without_a_subject_are_not_found(session: Session, draft: Article) -> None:
    for act, options in (
        (services.publish, {"review_id": 999_999}),
        (services.submit, {"article_id": 999_999, "edition_ids": [1]}),
        (services.submit, {"article_id": draft.id, "edition_ids": []}),
        (services.submit, {"article_id": draft.id, "edition_ids": [editions(session, draft)[0], 1]}),
        (services.waive, {"edition_id": 999_999, "finding": "x", "reason": "x"}),
        (services.waive, {"edition_id": editions(session, draft)[0], "finding": "x", "reason": "x"}),
    ):
        with pytest.raises(LookupError), transaction():
            act(session, by=BOB, at=AT, **options)  # type: ignore[operator]


def test_what_is_refused_names_the_act(session: Session, draft: Article) -> None:
    with pytest.raises(services.Refused) as problem, transaction():
        services.withdraw(session, article_id=draft.id, edition_ids=editions(session, draft), note="", by=BOB, at=AT)
    assert (problem.value.act, problem.value.why) == (Act.WITHDRAW, Why.NOT_PUBLIC)
