"""`flask metrics …` on a quarter, and the address that programs read."""

from __future__ import annotations

import json
from pathlib import Path

import docx
import pytest
import sqlalchemy as sa
from flask import Flask

from portal.accounts import services as accounts
from portal.accounts.models import Token
from portal.core import clock
from portal.core.database import db, transaction
from tests.metrics.quarters import EARLY, OVER, filled

ADDRESS = "/api/v1/metrics/2026Q2"


@pytest.fixture
def quarter(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Return an application with a quarter that is over, and two people."""
    monkeypatch.setattr(clock, "now", lambda: OVER)
    with transaction() as session:
        filled(session, EARLY, 4)
        for email, name, role in (("an@bank.example", "安", "analyst"), ("ben@bank.example", "本", "author")):
            accounts.create(session, email=email, name=name, roles=[role], by="test", at=OVER, password_hash="x")
    db.session.remove()
    return app


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["metrics", *words])
    return result.exit_code, result.output


def test_from_building_to_verifying(quarter: Flask) -> None:
    code, said = run(quarter, "build", "2026q2")
    assert code == 0
    assert said.splitlines()[0] == "2026Q2: 1 of 7 targets met"
    assert json.loads(run(quarter, "show", "2026Q2", "--json")[1])["attendance"]["person_times"] == 29
    assert "open, as of" in run(quarter, "show", "2026Q2")[1]
    enter = (
        "enter",
        "2026Q2",
        "training",
        "214",
        "214",
        "--source",
        "名册",
        "--signer",
        "陈岚",
        "--by",
        "an@bank.example",
    )
    assert run(quarter, *enter)[0] == 0
    aim = ("target", "person_times", "29", "--since", "2026Q2", "--by", "an@bank.example")
    assert "person_times    29 count" in run(quarter, *aim)[1]
    early = run(quarter, "confirm", "2026Q2", "--by", "ben@bank.example")
    assert early == (1, "Error: The quarter is not closed yet.\n")
    assert "2026Q2 is closed" in run(quarter, "close", "2026Q2", "--by", "an@bank.example")[1]
    assert "another person has to" in run(quarter, "confirm", "2026Q2", "--by", "an@bank.example")[1]
    assert run(quarter, "confirm", "2026Q2", "--by", "ben@bank.example")[0] == 0
    assert "3 of 7 targets met" in run(quarter, "show", "2026Q2")[1]
    assert run(quarter, "build", "2026Q2") == (1, "Error: The quarter is closed already.\n")
    code, said = run(quarter, "verify", "2026Q2")
    assert code == 0
    assert "attendance  the same" in said
    assert "0 figures would be others" in run(
        quarter, "amend", "2026Q2", "--by", "an@bank.example", "--text", "补记"
    )[1]  # fmt: skip
    assert run(quarter, "rebuild") == (0, "2026Q2: 10 sums\n2026Q3: 0 sums\n")


def test_what_is_wrong_is_said_in_a_sentence(quarter: Flask) -> None:
    assert "is no quarter; one looks like 2026Q3" in run(quarter, "build", "2026Q5")[1]
    assert run(quarter, "show", "2031Q1") == (1, "Error: Nothing is known of 2031Q1.\n")
    assert run(quarter, "verify", "2026Q1") == (1, "Error: There is no report of this quarter yet.\n")
    assert "not over" in run(quarter, "close", "2026Q3", "--by", "an@bank.example")[1]
    assert "Nobody who may sign in" in run(quarter, "close", "2026Q2", "--by", "x@bank.example")[1]


def test_files_by_command(quarter: Flask, tmp_path: Path) -> None:
    for form in ("json", "csv", "xlsx", "docx"):
        target = tmp_path / f"report.{form}"
        assert run(quarter, "export", "2026Q2", "--format", form, "--output", str(target))[0] == 0
        assert target.stat().st_size > 1_000
    assert docx.Document(str(tmp_path / "report.docx")).paragraphs
    ledger = tmp_path / "ledger.csv"
    run(quarter, "build", "2026Q2")
    assert run(quarter, "ledger", "2026", "--format", "csv", "--output", str(ledger))[0] == 0
    assert "守住养老钱" in ledger.read_text("utf-8-sig")
    assert run(quarter, "export", "2031Q1", "--format", "csv") == (1, "Error: Nothing is known of 2031Q1.\n")


def test_programs_read_with_a_token_of_somebody_who_may(quarter: Flask) -> None:
    runner = quarter.test_cli_runner()
    tokens = {
        name: runner.invoke(
            args=["accounts", "token", "--email", f"{name}@bank.example", "--label", "数据仓库"]
        ).output.strip()
        for name in ("an", "ben")
    }
    client = quarter.test_client()

    def get(token: str, address: str = ADDRESS) -> int:
        return client.get(address, headers={"Authorization": f"Bearer {token}"}).status_code

    answer = client.get(ADDRESS, headers={"Authorization": f"Bearer {tokens['an']}"})
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["report"]["attendance"]["person_times"] == 29
    assert (answer.json["closing"]["state"], answer.headers["Cache-Control"]) == ("open", "private, no-store")
    assert (get(tokens["ben"]), get("x" * 43), client.get(ADDRESS).status_code) == (403, 401, 401)
    assert client.get(ADDRESS).headers["WWW-Authenticate"] == "Bearer"
    assert get(tokens["an"], "/api/v1/metrics/2031Q1") == 404
    assert get(tokens["an"], "/api/v1/metrics/2031Q9") == 404
    assert client.post(ADDRESS).status_code in (400, 405)
    # The token opens nothing else.
    assert get(tokens["an"], "/desk/quarters/2026Q2") == 302
    assert tokens["an"] not in set(db.session.scalars(sa.select(Token.digest)))
    db.session.rollback()
    assert "1\t数据仓库\tuntil" in runner.invoke(args=["accounts", "tokens", "--email", "an@bank.example"]).output
    assert "revoked" in runner.invoke(args=["accounts", "tokens", "--email", "an@bank.example", "--revoke", "1"]).output
    assert get(tokens["an"]) == 401


def test_a_token_ends_with_its_person_and_its_year(quarter: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = quarter.test_cli_runner()
    shown = runner.invoke(args=["accounts", "token", "--email", "an@bank.example", "--label", "x"]).output.strip()
    headers = {"Authorization": f"Bearer {shown}"}
    client = quarter.test_client()
    assert client.get(ADDRESS, headers=headers).status_code == 200
    monkeypatch.setattr(clock, "now", lambda: OVER.replace(year=2027, month=8))
    assert client.get(ADDRESS, headers=headers).status_code == 401
