"""What a text shows of the library follows the text through the workflow."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.articles import services
from portal.articles.models import Article
from portal.core.database import transaction
from portal.media import queries
from portal.media import services as media
from portal.media.rules.words import Words
from tests.articles.desk import ANN, AT, BOB, GOOD, LATER, approved, write
from tests.media.files import picture

pytestmark = pytest.mark.usefixtures("desk_library")


@pytest.fixture
def key(app: Flask) -> str:
    """Return the key of a picture in the library."""
    data = app.config["PORTAL"].data
    words = Words(title="题", alt="一人", source="本行", licence="自有")
    with media.received(io.BytesIO(picture()), filename="a.png", data=data) as received, transaction() as session:
        return media.add(session, received=received, words=words, data=data, by="林静", at=AT).key


def is_public(session: Session, key: str) -> bool:
    session.rollback()
    found = queries.served(session, key)
    assert found is not None
    return found.public


def test_a_figure_becomes_public_with_its_text_and_goes_with_it(session: Session, draft: Article, key: str) -> None:
    with transaction():
        write(session, draft, f"{GOOD}\n[图片: {key}]\n")
    seen = [is_public(session, key)]
    review = approved(session, draft)
    seen.append(is_public(session, key))
    with transaction():
        services.publish(session, review_id=review, by=BOB, at=LATER)
    seen.append(is_public(session, key))
    with transaction():
        edition = write(session, draft, GOOD).id
    seen.append(is_public(session, key))
    with transaction():
        review = services.submit(session, article_id=draft.id, edition_ids=[edition], by=ANN, at=LATER, note="").id
    with transaction():
        services.decide(session, review_id=review, approve=True, opinion="可以发布。", by=BOB, at=LATER)
    with transaction():
        services.publish(session, review_id=review, by=BOB, at=LATER)
    seen.append(is_public(session, key))
    assert seen == [False, False, True, True, False]


def test_what_was_retired_meanwhile_keeps_its_text_back(session: Session, draft: Article, key: str) -> None:
    with transaction():
        write(session, draft, f"{GOOD}\n[图片: {key}]\n")
    review = approved(session, draft)
    with transaction():
        media.retire(session, key=key, by="林静", at=AT)
    with pytest.raises(media.UnknownMedia) as refused, transaction():
        services.publish(session, review_id=review, by=BOB, at=LATER)
    assert refused.value.keys == [key]
    with transaction():
        media.restore(session, key=key, by="林静", at=AT)
    with transaction():
        services.publish(session, review_id=review, by=BOB, at=LATER)
    assert is_public(session, key)


def test_a_text_cannot_be_saved_with_a_key_that_is_not_there(session: Session, draft: Article) -> None:
    with pytest.raises(media.UnknownMedia), transaction():
        write(session, draft, f"{GOOD}\n[图片: zzzzzzzz]\n", by=ANN)
