"""`flask quizzes paper`: a file of paper results from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.quizzes.test_paper_views import _bank, ann, counts, right, table

__all__ = ["_bank"]


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["quizzes", "paper", *arguments])
    return result.exit_code, result.output


def test_the_command_tells_every_row_and_takes_the_good_ones(app: Flask, session: Session, tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_bytes(table(right(ann(app)), "P1-1-3,general,,A,Z"))
    session.rollback()
    code, said = run(app, "try", str(file), "--dry-run", "--json")
    told = json.loads(said)
    assert code == 0
    assert [(row["line"], row["sheet"], row["fate"]) for row in told["rows"]] == [
        (2, "P1-1-0001", "taken"), (3, "P1-1-0002", "taken"), (4, "P1-1-0003", "answer"),
    ]  # fmt: skip
    assert told["errors"] == [{"line": 4, "reason": "answer q2 letter 'Z'"}]
    assert counts(session) == (0, 0, 0)
    assert run(app, "try", str(file), "--all-or-nothing")[0] == 1
    assert counts(session) == (0, 0, 0)
    code, said = run(app, "try", str(file))
    assert (code, said.splitlines()[-1]) == (0, "2 sheets taken, 1 rows refused.")
    assert counts(session) == (2, 2, 1)
    code, said = run(app, "try", str(file))
    assert said.splitlines()[-1] == "This very file was taken before; nothing was changed."
    assert counts(session) == (2, 2, 1)


@pytest.mark.parametrize(
    ("slug", "raw", "said"),
    [
        ("none", b"sheet,audience,q1,q2\nP1-1-1,general,A,B\n", "There is no published quiz 'none'."),
        ("try", b"PK\0\0", "p.csv cannot be taken (not-text). Nothing was changed."),
        ("try", b"a" * 5_000_001, "p.csv cannot be taken (too-large). Nothing was changed."),
        (
            "try",
            b"sheet,audience,q1\nP1-1-1,general,A\n",
            "p.csv cannot be taken (no-column: q2). Nothing was changed.",
        ),
    ],
)
def test_the_command_says_in_a_sentence_what_cannot_be(
    app: Flask, session: Session, tmp_path: Path, slug: str, raw: bytes, said: str
) -> None:
    file = tmp_path / "p.csv"
    file.write_bytes(raw)
    session.rollback()
    code, text = run(app, slug, str(file))
    assert (code, said in text) == (1, True)
    code, text = run(app, slug, str(file), "--json")
    assert (code, json.loads(text)["errors"]) == (1, [{"line": None, "reason": said}])
    assert counts(session) == (0, 0, 0)
