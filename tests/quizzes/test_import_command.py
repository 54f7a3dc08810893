"""`flask quizzes import` and `export` as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from portal.core.database import db
from portal.core.settings import Settings
from portal.quizzes.models import Document
from portal.quizzes.queries.exporting import items_of
from portal.quizzes.rules.formats import EXPORTS, Format, read
from tests.conftest import close_apps, make_app

GOOD = "$CATEGORY: 防骗\n\n::Q1:: 谁会要验证码？ {=骗子#对 ~银行#不会}\n\n// 判断\n::Q2:: 银行会要。{F}\n"
BROKEN = "a{T}\n\nb{=x\n\nc{~%33%x ~y}\n"


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["quizzes", *words])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bank.txt"


def test_the_json_says_what_the_file_holds(app: Flask, file: Path) -> None:
    file.write_text(GOOD, "utf-8")
    result = run(app, "import", str(file), "--dry-run", "--json")
    found = json.loads(result.output)
    assert result.exit_code == 0
    assert [(one["name"], one["type"], one["line"], one["category"]) for one in found["questions"]] == [
        ("防骗", "category", 1, "防骗"),
        ("Q1", "single_choice", 3, "防骗"),
        ("Q2", "true_false", 6, "防骗"),
    ]
    assert found["questions"][1]["options"] == [
        {"text": "骗子", "fraction": 1.0, "feedback": "对"},
        {"text": "银行", "fraction": 0.0, "feedback": "不会"},
    ]
    assert found["questions"][2]["options"] == [
        {"text": "true", "fraction": 0.0, "feedback": ""},
        {"text": "false", "fraction": 1.0, "feedback": ""},
    ]
    assert (found["errors"], found["warnings"], found["format"]) == ([], [], "gift")


def test_pairs_and_numbers_have_keys_of_their_own(app: Flask, file: Path) -> None:
    file.write_text("x{=a -> 1 =b -> 2 = -> 3}\n\ny{#1..3}", "utf-8")
    pairs, number = json.loads(run(app, "import", str(file), "--dry-run", "--json").output)["questions"]
    assert pairs["options"][0] == {"text": "a -> 1", "fraction": 1.0, "feedback": "", "left": "a", "right": "1"}
    assert pairs["options"][2] == {"text": "-> 3", "fraction": 0.0, "feedback": "", "left": "", "right": "3"}
    assert number["options"] == [{"text": "2", "fraction": 1.0, "feedback": "", "tolerance": 1.0}]


def test_errors_make_the_exit_code_1_and_the_rest_is_read(app: Flask, file: Path) -> None:
    file.write_text(BROKEN, "utf-8")
    result = run(app, "import", str(file), "--dry-run", "--json")
    found = json.loads(result.output)
    assert (result.exit_code, [one["line"] for one in found["errors"]]) == (1, [3, 5])
    assert [one["stem"] for one in found["questions"]] == ["a"]


def test_the_nearest_weight_is_taken_on_wish(app: Flask, file: Path) -> None:
    file.write_text("c{~%33%x ~y}\n", "utf-8")
    result = run(app, "import", str(file), "--dry-run", "--json", "--nearest")
    assert (result.exit_code, json.loads(result.output)["questions"][0]["options"][0]["fraction"]) == (0, 0.3333333)


@pytest.mark.parametrize("raw", [None, b"", b"\0", b"x" * 16_000_001])
def test_a_file_that_cannot_be_read_makes_the_exit_code_2_and_json_all_the_same(
    app: Flask, file: Path, raw: bytes | None
) -> None:
    if raw is not None:
        file.write_bytes(raw)
    result = run(app, "import", str(file), "--json")
    found = json.loads(result.output)
    assert (result.exit_code, found["questions"], len(found["errors"])) == (2, [], 1)


def test_a_folder_is_no_file(app: Flask, tmp_path: Path) -> None:
    result = run(app, "import", str(tmp_path))
    assert (result.exit_code, result.output) == (
        2,
        "error: This is not an ordinary file.\nNothing was read, nothing was changed.\n",
    )


def test_people_read_sentences(app: Flask, file: Path) -> None:
    file.write_text("a{T}\n\nb{=x =y ~z}\n\n}\n", "utf-8")
    result = run(app, "import", str(file), "--dry-run")
    assert (result.exit_code, result.output.splitlines()) == (
        1,
        [
            "error: line 5: There is a } without a { before it. Write \\} for a brace that is part of the text.",
            "warning: line 3: One answer is to be chosen, but several are worth the whole mark.",
            "gift: 2 questions (1 true_false, 1 single_choice), 1 error, 1 warning.",
            "Nothing was stored: this was a dry run.",
        ],
    )


def stored(session: Session) -> list[str]:
    return list(session.scalars(sa.select(Document.label).order_by(Document.id)))


def test_questions_become_drafts_once(app: Flask, session: Session, file: Path) -> None:
    file.write_text(GOOD, "utf-8")
    first, second = run(app, "import", str(file)), run(app, "import", str(file))
    assert (first.exit_code, first.output.splitlines()[-1]) == (0, "2 added, 0 changed, 0 stored already.")
    assert second.output.splitlines()[-1] == "0 added, 0 changed, 2 stored already."
    assert stored(session) == ["Q1", "Q2"]


def test_what_can_be_read_is_stored_and_the_exit_code_is_1(app: Flask, session: Session, file: Path) -> None:
    file.write_text(BROKEN, "utf-8")
    assert (run(app, "import", str(file), "--json").exit_code, stored(session)) == (1, ["a"])


@pytest.mark.parametrize("option", ["--dry-run", "--all-or-nothing"])
def test_nothing_is_stored(app: Flask, session: Session, file: Path, option: str) -> None:
    file.write_text(BROKEN, "utf-8")
    result = run(app, "import", str(file), option)
    assert (result.exit_code, stored(session)) == (1, [])
    assert result.output.splitlines()[-1] in (
        "Nothing was stored: this was a dry run.",
        "Nothing was stored, because not everything could be read.",
    )


def test_a_long_name_is_stored(app: Flask, session: Session, file: Path) -> None:
    file.write_text(f"::{'name ' * 80}::x{{T}}\n\n{'长' * 300}{{F}}", "utf-8")
    assert (run(app, "import", str(file)).exit_code, len(stored(session))) == (0, 2)


def test_a_database_that_is_not_ready_is_told(tmp_path: Path, file: Path) -> None:
    file.write_text(GOOD, "utf-8")
    empty = make_app(Settings(data=tmp_path))
    for words in (("import", str(file)), ("export", "x")):
        result = run(empty, *words)
        assert result.output == "Error: The database is not ready. Run `flask db upgrade` first.\n"
    close_apps()


# --- export -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["protect-your-codes", "practice-fraud"])
@pytest.mark.parametrize("form", EXPORTS)
def test_a_quiz_of_the_library_goes_out_and_comes_back(library: Flask, tmp_path: Path, form: Format, slug: str) -> None:
    target = tmp_path / "out"
    result = run(library, "export", slug, "--format", form.value, "--output", str(target))
    assert result.exit_code == 0
    questions = read(target.read_bytes(), format=form).items
    with library.app_context():
        expected = items_of(db.session(), slug)
    assert (questions, bool(questions)) == (expected, True)
    again = run(library, "import", str(target), "--format", form.value)
    assert again.output.splitlines()[-1] == f"0 added, 0 changed, {len(questions)} stored already."


def test_standard_output_is_the_file_and_nothing_else(library: Flask) -> None:
    result = run(library, "export", "protect-your-codes", "--format", "yaml")
    assert read(result.stdout_bytes, format=Format.YAML).errors == []
    told = run(library, "export", "protect-your-codes", "--format", "gift")
    assert "Other programs will not see of" in told.stderr


def test_an_unknown_quiz_is_told(app: Flask) -> None:
    result = run(app, "export", "nowhere")
    assert (result.exit_code, result.output) == (1, "Error: There is no public quiz `nowhere`.\n")


def test_the_format_can_be_named(app: Flask, file: Path) -> None:
    file.write_text("q{T}", "utf-8")
    assert run(app, "import", str(file), "--format", "qti").exit_code == 2
    assert run(app, "import", str(file), "--format", "gift", "--dry-run").exit_code == 0
    assert run(app, "import", str(file), "--format", "word").exit_code == 2
