"""`flask content check` and the rules as part of a package."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.core.settings import ROOT
from portal.reference import queries as reference
from tests.articles.helpers import counts, give, refused, run, take
from tests.factories import edition, package

RULES = """\
rules:
- id: promise
  group: A
  level: block
  name: {zh-Hans: 承诺, en: Promise}
  law: 《广告法》第二十五条
  why: 不许承诺。
  suggestion: {zh-Hans: 删去承诺。, en: Take it out.}
  words: [稳赚]
- id: hurry
  group: C
  level: warn
  name: 催促
  law: 规范
  why: 不催。
  suggestion: 删去催促。
  words: {zh-Hans: [限时], en: [hurry up]}
  context: scam-talk
"""
BAD = "[一句话]\n挂断。\n[/]\n\n稳赚不赔。限时三天。\n\n凡是说稳赚的，都是骗局。\n"


def rules(tmp_path: Path, text: str) -> list[str]:
    return refused(package(tmp_path / "r", {}, lint_yaml=text))


def test_a_package_is_checked_by_its_own_rules_and_nothing_is_changed(session: Session, tmp_path: Path) -> None:
    folder = package(tmp_path / "p", {"hang-up": {"general.zh-Hans.md": edition(body=BAD)}}, lint_yaml=RULES)
    before = counts()
    result = run("content", "check", str(folder))
    assert (result.exit_code, counts()) == (1, before)
    assert result.stdout.splitlines() == [
        "articles/hang-up/general.zh-Hans.md:10: block promise: “稳赚” 稳赚不赔。 → 删去承诺。",
        "check         blocks  warnings",
        "schema             0         0",
        "compliance         1         1",
        "readability        0         0",
        "parity             0         0",
        "links              0         0",
        "required           0         0",
        "glossary           0         0",
        "hotlines           0         0",
        "media              0         0",
    ]
    assert result.stderr == "Error: 1 edition checked; 1 cannot be submitted.\n"
    assert (folder / "articles/hang-up/general.zh-Hans.md").read_text("utf-8").splitlines()[9].startswith("稳赚不赔")


def test_warnings_are_shown_when_asked_for_and_refuse_nothing(session: Session, tmp_path: Path) -> None:
    body = BAD.replace("稳赚不赔。", "")
    folder = package(tmp_path / "p", {"hang-up": {"general.zh-Hans.md": edition(body=body)}}, lint_yaml=RULES)
    plain = run("content", "check", str(folder)).output.splitlines()
    assert (plain[0], plain[-1]) == ("check         blocks  warnings", "1 edition checked; 0 cannot be submitted.")
    told = run("content", "check", str(folder), "--warnings", "--locale", "en").output.splitlines()
    assert told == ["articles/hang-up/general.zh-Hans.md:10: warn hurry: “限时” 限时三天。 → 删去催促。", *plain]
    assert "compliance         0         1" in plain


def test_what_is_stored_is_checked_with_lines_of_the_body(session: Session, tmp_path: Path) -> None:
    take(package(tmp_path / "p", {"hang-up": {"general.zh-Hans.md": edition(body=BAD)}}, lint_yaml=RULES))
    result = run("content", "check", "--locale", "en")
    assert result.exit_code == 1
    first = result.stdout.splitlines()[0]
    assert first == "articles/hang-up/general.zh-Hans.md:5: block promise: “稳赚” 稳赚不赔。 → Take it out."


def test_without_rules_the_check_says_so(session: Session, tmp_path: Path) -> None:
    result = run("content", "check", str(package(tmp_path / "p")))
    assert result.exit_code == 1
    assert "neither the site nor the package has a lint.yaml" in result.output


def test_a_package_that_cannot_be_read_is_told_first(session: Session, tmp_path: Path) -> None:
    folder = package(tmp_path / "p", {"hang-up": {"general.zh-Hans.md": edition(status="live")}}, lint_yaml=RULES)
    result = run("content", "check", str(folder))
    assert result.exit_code == 1
    assert "`live` is not one of: draft, published." in result.stderr
    assert result.stdout.splitlines()[1:3] == ["schema             1         0", "compliance         -         -"]


def test_rules_are_stored_given_out_and_taken_in_again_without_change(session: Session, tmp_path: Path) -> None:
    named = "classes: {sure: [稳, 包]}\n" + RULES.replace("[稳赚]", '[稳赚, "{sure}…赚"]')
    assert "check: 1 added, 0 changed" in take(package(tmp_path / "p", lint_yaml=named))
    stored = reference.lint(session)
    assert [rule["id"] for rule in stored["rules"]] == ["promise", "hurry"]
    assert stored["rules"][0]["words"] == {"zh-Hans": ["稳赚", "{sure}…赚"]}
    assert stored["classes"] == {"sure": ["稳", "包"]}
    session.rollback()
    given = give(tmp_path / "out")
    assert "lint.yaml" in given
    assert take(tmp_path / "out").endswith("Nothing has changed: everything in the package is stored already.\n")
    assert "check: 0 added, 1 changed" in take(package(tmp_path / "q", lint_yaml=RULES.replace("稳赚", "躺赚")))
    assert give(tmp_path / "again")["lint.yaml"] != given["lint.yaml"]


def test_a_package_without_rules_keeps_those_that_are_stored(session: Session, tmp_path: Path) -> None:
    take(package(tmp_path / "p", lint_yaml=RULES))
    take(package(tmp_path / "q", {"other": {"general.zh-Hans.md": edition()}}))
    assert len(reference.lint(session)["rules"]) == 2


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("id: hurry", "id: promise", "10: The rule `promise` stands here twice."),
        ("group: A", "group: Z", "3: `Z` is not one of: A, B, C, D, E, F, G, H, I, J."),
        ("level: block", "level: fatal", "4: `fatal` is not one of: warn, block."),
        ("[稳赚]", "[稳]", "9: `稳` cannot be used: A pattern begins with at least two plain characters."),
        ("[稳赚]", "[…稳赚]", "9: `…稳赚` cannot be used: A pattern begins with at least two plain characters."),
        ("[稳赚]", "[稳赚…]", "9: `稳赚…` cannot be used: A pattern does not end with … ."),
        ("[稳赚]", "[稳赚…一…二…三…四]", "9: `稳赚…一…二…三…四` cannot be used: A pattern has at most 3 places"),
        ("[稳赚]", '["{gain}就赚"]', "9: `{gain}就赚` cannot be used: A pattern names `gain`, which is not one"),
        ("rules:\n", "classes: {Gain: [赚]}\nrules:\n", "1: A class has a name of small letters and hyphens, and"),
        ("rules:\n", "classes: {n: [赚]}\nrules:\n", "1: A class has a name of small letters and hyphens, and"),
        ("rules:\n", "classes: {gain: []}\nrules:\n", "1: A class has a name of small letters and hyphens, and"),
        ("  words: [稳赚]\n", "", "2: A rule needs words, or a detector."),
        ("  words: [稳赚]\n", "  detector: magic\n", "9: `magic` is not one of:"),
        ("context: scam-talk", "context: never", "18: `never` is not one of: warned, denied, scam-talk, nowhere."),
        ("  words: [稳赚]\n", "  words: [稳赚]\n  regex: x\n", "10: `regex` is not a field that is known here."),
    ],
)  # fmt: skip
def test_each_mistake_in_a_rule_has_its_line(
    session: Session, tmp_path: Path, old: str, new: str, problem: str
) -> None:
    (said,) = rules(tmp_path, RULES.replace(old, new, 1))
    assert said.startswith(f"lint.yaml:{problem}")


def test_the_starter_library_passes_its_own_check(library: Flask) -> None:
    result = run("content", "check")
    assert result.output.endswith(" editions checked; 0 cannot be submitted.\n")
    assert len(result.output.splitlines()) == 11
    assert run("content", "check", str(ROOT / "content")).exit_code == 0
