"""`flask metrics uplift`: tables as people bring them, and the fate of every row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from portal.metrics.commands.uplift import uplift


def run(tmp_path: Path, table: str | bytes, *options: str) -> Result:
    file = tmp_path / "pairs.csv"
    file.write_bytes(table if isinstance(table, bytes) else table.encode())
    return CliRunner().invoke(uplift, [str(file), *options])


def said(tmp_path: Path, table: str | bytes, *options: str) -> dict[str, Any]:
    result = run(tmp_path, table, "--json", *options)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def rows(n: int, before: float, after: float) -> str:
    return "".join(f"k{place},{before + place % 2},{after + place // 2 % 2},20\n" for place in range(n))


def test_the_contract(tmp_path: Path) -> None:
    table = "code,pre,post,max\n" + rows(40, 9.5, 11.8) + "only-before,4,,20\nonly-after,,15,20\n"
    found = said(tmp_path, table)
    assert (found["n_pre"], found["n_post"], found["n_matched"]) == (41, 41, 40)
    assert (found["pre_percent"], found["post_percent"]) == (pytest.approx(50), pytest.approx(61.5))
    assert found["difference_pp"]["value"] == pytest.approx(11.5)
    assert found["relative"]["value"] == pytest.approx(0.23)
    assert found["gain"]["value"] == pytest.approx(0.23)
    assert found["relative"]["low"] < found["relative"]["value"] < found["relative"]["high"]
    assert found["verdict"] == "met"
    assert said(tmp_path, table, "--unit", "pp")["verdict"] == "not_met"
    assert said(tmp_path, table, "--target", "0.22")["verdict"] == "above_not_confirmed"
    assert said(tmp_path, table, "--unit", "gain", "--target", "0.3")["verdict"] == "not_met"


def test_too_few_is_never_a_number(tmp_path: Path) -> None:
    found = said(tmp_path, "code,pre,post,max\na,1,9,10\nb,2,,10\n")
    nothing = {"value": None, "low": None, "high": None}
    assert {key: found[key] for key in ("n_pre", "n_post", "n_matched", "verdict")} == {
        "n_pre": 2,
        "n_post": 1,
        "n_matched": 1,
        "verdict": "too_few",
    }
    assert found["pre_percent"] is found["post_percent"] is None
    assert found["difference_pp"] == found["relative"] == found["gain"] == nothing
    assert said(tmp_path, "code,pre,post,max\n" + rows(29, 4, 9), "--least", "30")["verdict"] == "too_few"


def test_questions_as_columns(tmp_path: Path) -> None:
    lines = ["code,pre_1,pre_2,pre_c1,post_1,post_2,post_c1"]
    lines += [f"p{place},{place % 2},0,1,1,{place % 2},1" for place in range(40)]
    lines += ["q,,,,1,1,1"]
    found = said(tmp_path, "\n".join(lines))
    assert (found["n_pre"], found["n_post"], found["n_matched"]) == (40, 41, 40)
    assert (found["pre_percent"], found["post_percent"]) == (25, 75)
    first = found["items"][0]
    assert (first["item"], first["right_both"], first["gained"], first["lost"]) == ("1", 20, 20, 0)
    assert first["mcnemar_p"] == pytest.approx(2 / 2**20)
    assert found["control_pp"]["value"] == 0
    assert found["net_pp"]["value"] == 50


def test_a_code_joins_two_rows_and_nothing_else_does(tmp_path: Path) -> None:
    table = "code,pre,post,max\n" + rows(12, 4, 9) + "x,3,,20\nX ,,8,20\n,5,,20\n,,9,20\n"
    found = said(tmp_path, table)
    assert found["n_matched"] == 13
    assert found["rows"] == {"taken": 15, "joined": 1, "empty": 0, "refused": 0}
    assert (found["unlinked"]["n_pre"], found["unlinked"]["n_post"]) == (1, 1)
    assert "unlinked" in found["warnings"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("k1,2,3,20", "Code K1 answered the same wave on line 3 already."),
        ("n,21,3,20", "pre is 21: it must lie between 0 and 20."),
        ("n,-1,3,20", "pre is -1: it must lie between 0 and 20."),
        ("n,1,3,0", "max must be a number above 0."),
        ("n,1,3,", "max must be a number above 0."),
        ("n,=1+1,3,20", "“=1+1” in pre is not a number."),
        ("n,nan,3,20", "“nan” in pre is not a number."),
        ("n,1e3,3,20", "“1e3” in pre is not a number."),
        ("n,1,3,20,7", "It has 5 cells, but there are 4 columns."),
        (",1,3,20", "It has answers of both waves but no code: nothing says that they are one person's."),
        (f"{'n' * 201},1,3,20", "A code may have 200 characters."),
    ],
)
def test_every_rows_fate_is_listed_and_nothing_is_half_taken(tmp_path: Path, row: str, why: str) -> None:
    table = "code,pre,post,max\n" + rows(12, 4, 9) + row + "\n"
    result = run(tmp_path, table, "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"Line 14: refused - {why}" in result.stderr
    assert "Line 2: taken" in result.stderr
    assert "Nothing was computed." in result.stderr
    assert said(tmp_path, table, "--leave-out")["n_matched"] == 12


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("", "The table has no column “code”."),
        ("code,pre,post\na,1,2\n", "The table has no column “max”."),
        ("code,pre,post,max\n", "There is no row below the names of the columns."),
        ("code,pre,pre,post,max\na,1,1,2,3\n", "Two columns are called “pre”."),
        ("code,pre_1,post_2\na,1,1\n", "Question 1 was asked in one wave only: both need a column."),
        (
            "code,pre_1,post_1,max\na,1,1,1\n",
            "The table has columns of questions and of sums: please keep one of them.",
        ),
        ("code,pre,post,max,control_pre\na,1,2,3,1\n", "Untaught questions need three columns"),
        ('code,pre,post,max\n"a,1,2,3\n', "Line 2: the quotation marks do not match."),
        (b"\x00\x01", "This file is not text."),
        ("code,pre,post,max\n甲,1,2,3\n".encode() + b"\xff\xff,1,2,3\n", "Line 3 cannot be read"),
    ],
)
def test_what_is_no_such_table(tmp_path: Path, table: str | bytes, why: str) -> None:
    result = run(tmp_path, table)
    assert result.exit_code == 2
    assert why in result.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_as_spreadsheets_here_save_them(tmp_path: Path, encoding: str, delimiter: str) -> None:
    lines = ["编号,前测,后测,满分,讲座,备注"]
    lines += [
        f"甲{place},１{place % 5},1{place % 5 + 3}.5,20,{'东' if place % 2 else '西'}街,无" for place in range(12)
    ]
    table = "\r\n".join(lines).replace(",", delimiter).encode(encoding)
    found = said(tmp_path, table)
    assert (found["n_matched"], found["difference_pp"]["value"]) == (12, pytest.approx(17.5))
    assert found["lectures"]["count"] == 2


def test_people_are_told_in_words(tmp_path: Path) -> None:
    result = run(tmp_path, "code,pre,post,max\n" + rows(40, 9.5, 11.8))
    assert result.output.splitlines()[:3] == [
        "met: the whole interval reaches the target (target 20% of what it was before)",
        "answered before 40, after 40, both 40",
        "before 50.0%, after 61.5%",
    ]
    assert "→ No untaught questions were asked" in result.output
