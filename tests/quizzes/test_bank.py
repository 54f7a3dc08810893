"""Writing questions and quizzes: four eyes, the check, and instruments that are frozen."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.rules import ReviewState, State, Why
from portal.articles.services import Refused
from portal.core.database import transaction
from portal.quizzes import services
from portal.quizzes.models import QuizVersion, Revision
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.quizzes import Slot, instrument_from_plain
from tests.articles.desk import ADMIN, ANN, AT, BOB, EVE
from tests.quizzes.bank import judgement, pool_quiz, publish, put, quiz, single

pytestmark = pytest.mark.usefixtures("desk_library")


def versions(session: Session, slug: str = "try") -> list[int]:
    """Return the numbers of a quiz's versions."""
    found = services.find(session, sort=Sort.QUIZ, name=slug)
    assert found is not None
    return list(
        session.scalars(sa.select(QuizVersion.number).where(QuizVersion.quiz_id == found.id).order_by(QuizVersion.id))
    )


def test_a_set_of_questions_and_their_quiz_goes_public_together(session: Session) -> None:
    with transaction():
        ids = [put(session, thing).id for thing in (single(), judgement(), quiz())]
    with transaction():
        review = services.submit(session, document_ids=ids, by=ANN, at=AT)
        assert review.state is ReviewState.OPEN
    with transaction():
        decided = services.decide(session, review_id=review.id, approve=True, opinion="同意。", by=BOB, at=AT)
        assert decided.opinion_number == "2026-0001"
    with transaction():
        services.publish(session, review_id=review.id, by=EVE, at=AT)
    assert versions(session) == [1]
    version = session.scalars(sa.select(QuizVersion)).one()
    frozen = instrument_from_plain(version.instrument)
    assert (frozen.quiz, frozen.items) == (quiz(), {"code": single(), "sms": judgement()})


def test_a_quiz_alone_waits_for_its_questions(session: Session) -> None:
    with transaction():
        one = put(session, quiz())
        with pytest.raises(Refused) as refused:
            services.submit(session, document_ids=[one.id], by=ANN, at=AT)
    assert refused.value.why is Why.FINDINGS


@pytest.mark.parametrize("person", [ANN, ADMIN])
def test_nobody_approves_what_they_wrote(session: Session, person: object) -> None:
    assert person in (ANN, ADMIN)
    writer = ADMIN if person is ADMIN else ANN
    with transaction():
        one = put(session, single(), by=writer)
        review = services.submit(session, document_ids=[one.id], by=ANN, at=AT)
        with pytest.raises(Refused) as refused:
            services.decide(session, review_id=review.id, approve=True, opinion="", by=writer, at=AT)
    assert refused.value.why is (Why.OWN_TEXT if writer is ADMIN else Why.NO_PERMISSION)


def test_an_edit_voids_the_approval(session: Session) -> None:
    with transaction():
        one = put(session, single())
        review = services.submit(session, document_ids=[one.id], by=ANN, at=AT)
        services.decide(session, review_id=review.id, approve=True, opinion="", by=BOB, at=AT)
    with transaction():
        put(session, single(explanation="谁要都不给。"), base=1)
    assert (one.state, review.state) == (State.DRAFT, ReviewState.VOID)
    with transaction(), pytest.raises(Refused):
        services.publish(session, review_id=review.id, by=BOB, at=AT)


def test_the_check_stands_before_the_public(session: Session) -> None:
    with transaction():
        one = put(session, single(explanation="这样存钱稳赚。"))
        with pytest.raises(Refused) as refused:
            services.submit(session, document_ids=[one.id], by=ANN, at=AT)
        assert refused.value.why is Why.FINDINGS
    judge = services.BankJudge(session)
    found = services.checked(session, one, judge=judge, together=(), at=AT)
    assert found is not None
    # Once in the base and once in the voice that leaves the explanation as it is.
    keys = {finding.key for judgement_ in found.judgements for finding in judgement_.findings}
    for key in keys:
        with transaction():
            services.waive(session, document_id=one.id, finding=key, reason="引用", by=BOB, at=AT)
    with transaction():
        assert services.submit(session, document_ids=[one.id], by=ANN, at=AT).state is ReviewState.OPEN


def test_what_a_scammer_says_may_be_shown(session: Session) -> None:
    shown = judgement(stimulus=replace(judgement().stimulus, text="跟着我买，稳赚！"))  # type: ignore[type-var]  # set
    wrong = single(options=tuple(replace(o, text="稳赚的那个") if o.id == "a" else o for o in single().options))
    right = single("right", options=tuple(replace(o, text="稳赚") if o.id == "b" else o for o in single().options))
    judge = services.BankJudge(session)
    found = [judge.item(item, today=AT.date()).kept_back(()) for item in (shown, wrong, right)]
    assert found == [0, 0, 2]


def test_saving_the_same_again_changes_nothing(session: Session) -> None:
    with transaction():
        put(session, single())
        again = put(session, single(), base=1)
    assert again.latest_number == 1


def test_the_second_saver_gets_what_the_first_wrote(session: Session) -> None:
    with transaction():
        put(session, single())
        put(session, single(explanation="甲。"), base=1)
        with pytest.raises(services.Conflict) as conflict:
            put(session, single(explanation="乙。"), base=1)
        assert conflict.value.latest.content["explanation"] == "甲。"
        with pytest.raises(services.NameTaken):
            put(session, single(explanation="丙。"))


@pytest.mark.parametrize(
    "changed",
    [
        single(stem="有人要您手机上的验证码，怎么办？"),
        single(options=tuple(replace(o, fraction=float(o.id == "a")) for o in single().options)),
        single(options=tuple(replace(o, feedback="换了。") for o in single().options)),
    ],
    ids=["wording", "key", "feedback"],
)
def test_another_key_or_wording_makes_another_version(session: Session, changed: object) -> None:
    with transaction():
        publish(session, single(), judgement(), quiz())
        publish(session, single(), judgement(), quiz())
    assert versions(session) == [1]
    with transaction():
        publish(session, changed)  # type: ignore[arg-type]  # an Item
    assert versions(session) == [1, 2]


def test_other_weights_make_another_version(session: Session) -> None:
    with transaction():
        publish(session, single(), judgement(), quiz())
        publish(session, quiz(slots=(Slot("code", points=2.0), Slot("sms"))))
    assert versions(session) == [1, 2]


def test_a_pool_grows_with_what_is_published(session: Session) -> None:
    with transaction():
        publish(session, single(), judgement(), pool_quiz())
        publish(session, single("another"))
    assert versions(session, "pool") == [1, 2]
    newest = session.scalars(sa.select(QuizVersion).order_by(QuizVersion.number.desc())).first()
    assert newest is not None
    assert instrument_from_plain(newest.instrument).pools == {0: ("another", "code", "sms")}


def test_a_question_that_a_quiz_asks_cannot_be_withdrawn(session: Session) -> None:
    with transaction():
        publish(session, single(), judgement(), single("third"), quiz(), pool_quiz())
    for name, users in (("code", ["try"]), ("third", None)):
        found = services.find(session, sort=Sort.ITEM, name=name)
        assert found is not None
        with transaction():
            if users:
                with pytest.raises(services.InUse) as used:
                    services.withdraw(session, document_id=found.id, by=BOB, at=AT)
                assert used.value.quizzes == users
            else:
                services.withdraw(session, document_id=found.id, by=BOB, at=AT)
    assert versions(session, "pool") == [1, 2]
    sms = services.find(session, sort=Sort.ITEM, name="sms")
    assert sms is not None
    with transaction(), pytest.raises(services.InUse):
        services.withdraw(session, document_id=sms.id, by=BOB, at=AT)


def test_a_file_again_changes_nothing_and_the_desks_later_text_stays(session: Session) -> None:
    with transaction():
        first = services.take_items(session, found=[single(), judgement()], by="flask", at=AT)
        again = services.take_items(session, found=[single(), judgement()], by="flask", at=AT)
        put(session, single(explanation="改了。"), base=1)
        later = services.take_items(session, found=[single()], by="flask", at=AT)
    assert (first.added, again.same, later.kept) == (["code", "sms"], ["code", "sms"], ["code"])
    assert session.scalar(sa.select(sa.func.count()).select_from(Revision)) == 3
