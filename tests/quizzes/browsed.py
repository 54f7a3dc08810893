"""Attempts that tests take as a browser does."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from portal.quizzes.services import pdf

RIGHT = {"q0": "b", "q1": "scam"}
"""The right answers to `bank.quiz()`."""
WRONG = {"q0": "a", "q1": "genuine"}


def take(client: FlaskClient, answers: dict[str, str], *, slug: str = "try", edition: str = "") -> str:
    """Take a quiz to its end; return the attempt's address."""
    begun = client.post(f"{edition}/quizzes/{slug}/begin")
    assert begun.status_code == 303, begun.text
    place: str = begun.headers["Location"]
    for number, (name, value) in enumerate(answers.items(), 1):
        assert client.post(f"{place}/answers/{number}", data={name: value}).status_code == 303
    assert client.post(f"{place}/finish").status_code == 303
    return place


def needs_pdf() -> None:
    """Skip, and say so, where no PDF can be made."""
    if not pdf.available():
        pytest.skip("no PDF can be made here: Pango or a font library is missing (apt-get install libpango-1.0-0 …)")
