"""`flask quizzes analyse`."""

from __future__ import annotations

import json

import pytest

from tests.quizzes import published

MARKS = "\n".join(
    [
        ",".join(f"第{place}题" for place in range(1, 8)),
        ",".join("1" * 7),
        *(",".join(f"{mark:g}" for mark in row) for row in published.MOODLE_SLOTS),
    ]
)
ITEM_KEYS = ["item", "facility", "sd", "discrimination_index", "discriminative_efficiency", "effective_weight"]


@pytest.fixture
def run(app, tmp_path):
    def it(text, *words):
        path = tmp_path / "marks.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return app.test_cli_runner().invoke(args=["quizzes", "analyse", str(path), *words])

    return it


def test_json(run):
    result = run(MARKS, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    said = json.loads(result.stdout)
    assert list(said) == ["n", "items", "test"]
    assert said["n"] == 25
    assert [list(one) for one in said["items"]] == [ITEM_KEYS] * 7
    assert said["items"][0]["item"] == "第1题"
    assert list(said["test"]) == list(published.MOODLE_TEST_FOUND)
    assert said["test"] == pytest.approx(published.MOODLE_TEST_FOUND, rel=1.5e-5)


def test_json_of_one_attempt_is_null_and_never_nan(run):
    said = json.loads(run("A\n0\n1\n", "--json").stdout, parse_constant=pytest.fail)
    assert said == {
        "n": 1,
        "items": [dict.fromkeys(ITEM_KEYS) | {"item": "A"}],
        "test": dict.fromkeys(published.MOODLE_TEST_FOUND) | {"mean": 1.0, "median": 1.0},
    }


def test_table_for_people(run):
    result = run("会,难,Q3\n1,1,2\n1,0,2\n1,1,\n1,0,0\n,,\n")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "item   facility         SD     discr.     effic.     weight  effective  what the figures say",
        "会       100.0%       0.00          –          –      25.0%       0.0%  this question is too easy to tell"
        " people apart",
        "难        33.3%       0.58     -50.0%     -50.0%      25.0%       0.0%  people who do better in the rest do"
        " worse here: check the key and the wording",
        "Q3        33.3%       1.15     -50.0%     -50.0%      50.0%     100.0%  people who do better in the rest do"
        " worse here: check the key and the wording",
        "",
        "attempts              3",
        "mean                  2.00 of 4.00",
        "median                2.00",
        "standard deviation    1.00",
        "skewness              0.00",
        "kurtosis              –",
        "internal consistency  -100.0%",
        "error ratio           141.4%",
        "standard error        1.41",
        "→ the questions contradict each other: check the keys; few attempts: chance may have made these figures",
        "1 mark missing, counted as 0.",
        "1 empty row at the end left out.",
    ]


def test_names_do_no_harm_to_a_terminal(run):
    result = run("\x1b[2J" + "长" * 40 + ",B\n1,1\n1,0\n0,1\n")
    assert "\x1b" not in result.stdout
    assert " [2J" + "长" * 12 + "…" in result.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A,B\n1,1\n1,x\n", "Error: Line 3: “x” in column 2 is not a number.\n"),
        ("", "Error: Line 1: there is no table. The first row gives the names of the items.\n"),
    ],
)
def test_what_is_no_table_ends_with_2_and_a_sentence(run, text, said):
    for words in ([], ["--json"]):
        result = run(text, *words)
        assert (result.exit_code, result.stdout, result.stderr) == (2, "", said)


def test_a_file_that_is_not_there(app, tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path):
        result = app.test_cli_runner().invoke(args=["quizzes", "analyse", str(path)])
        assert result.exit_code == 2
        assert "Error: " in result.stderr


def test_standard_input(app):
    result = app.test_cli_runner().invoke(args=["quizzes", "analyse", "-", "--json"], input="A\n1\n1\n0\n")
    assert json.loads(result.stdout)["items"][0]["facility"] == 0.5
