"""Who works at the bank's desk in tests, and what they have written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Person as Account
from portal.accounts.rules import Role
from portal.articles.rules import Person
from portal.core.database import db, transaction
from portal.core.settings import Permission
from portal.quizzes import services
from portal.quizzes.models import Document
from portal.quizzes.rules.bank import Sort
from tests.accounts.helpers import person, sign_in
from tests.articles.desk import AT
from tests.quizzes.bank import judgement, put, quiz, single


@pytest.fixture
def accounts(desk_library: None) -> dict[str, Account]:
    return {
        "author": person(None, Role.AUTHOR, name="林静"),
        "reviewer": person(None, Role.REVIEWER, name="周明"),
        "analyst": person(None, Role.ANALYST, name="陈晓"),
    }


@pytest.fixture
def enter(app: Flask, accounts: dict[str, Account]) -> Callable[[str], FlaskClient]:
    return lambda who: sign_in(app.test_client(), accounts[who])


@pytest.fixture
def writer(accounts: dict[str, Account]) -> Person:
    account = accounts["author"]
    return Person(account.id, account.name, frozenset({Permission.DESK, Permission.WRITE}))


@pytest.fixture
def begun(writer: Person) -> list[int]:
    """Two questions and a quiz that the writer has written; their numbers."""
    with transaction() as session:
        return [put(session, thing, by=writer).id for thing in (single(), judgement(), quiz())]


def document(name: str, sort: Sort = Sort.ITEM) -> Document:
    db.session.rollback()
    found = services.find(db.session(), sort=sort, name=name)
    assert found is not None
    return found


def asked(ids: list[int], writer: Person) -> int:
    with transaction() as session:
        return services.submit(session, document_ids=ids, by=writer, at=AT).id


def content(name: str, sort: Sort = Sort.ITEM) -> Any:
    found = services.revision(db.session(), document(name, sort))
    assert found is not None
    return found.content


def typed(**changed: str) -> dict[str, str]:
    """Return a question with one right option, as the editor's form sends it."""
    return {
        "kind": "single_choice",
        "base": "1",
        "rows": "3",
        "name": "fresh",
        "topic": "phone",
        "difficulty": "easy",
        "stem": "有人要验证码，怎么办？",
        "option_0_text": "告诉他",
        "option_1_text": "不告诉",
        "option_1_right": "y",
        "option_1_feedback": "对。",
        "elderly_stem": "有人要您的验证码，您给吗？",
        "elderly_1_text": "不给",
        "explanation": "验证码谁要都不给。",
        "shuffle": "y",
    } | changed
