"""Questions and quizzes in a content package: strict, whole or not at all, and the same when they come back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.core.settings import ROOT, Audience
from portal.quizzes.models import Document, QuizVersion
from portal.quizzes.rules.items import Item, Kind
from portal.quizzes.services.package import BankPackage, read_bank
from portal.reference.rules import PackageError

BANK = ROOT / "content" / "quizzes"
ITEM = """\
- name: one
  type: true_false
  topic: phone
  stem: 有安全账户吗？
  options:
  - {id: 'true', text: 对}
  - {id: 'false', text: 错, fraction: 1}
  explanation: 没有。
"""
QUIZ = "slug: try\ntitle: 试一试\nslots:\n- {item: one}\n"


def bank(folder: Path, **files: str | bytes) -> Path:
    """Write a folder of questions and quizzes; `items__x` is items/x.yaml."""
    (folder / "items").mkdir(parents=True, exist_ok=True)
    for name, text in {"items__a": ITEM, "try": QUIZ, **files}.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def problems(folder: Path) -> list[str]:
    with pytest.raises(PackageError) as refused:
        read_bank(folder)
    return [str(problem) for problem in refused.value.problems]


def test_a_folder_is_read(tmp_path: Path) -> None:
    found = read_bank(bank(tmp_path))
    assert ([item.name for item in found.items], [quiz.slug for quiz in found.quizzes]) == (["one"], ["try"])


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"items__b": ITEM}, "quizzes/items/b.yaml:1: The name `one` stands in another file already."),
        ({"other": QUIZ}, "quizzes/other.yaml:1: The file of the quiz `try` must be called try.yaml."),
        ({"try": QUIZ.replace("one", "none")}, "quizzes/try.yaml:1: This quiz cannot be taken: "),
        ({"try": QUIZ + "colour: red\n"}, "quizzes/try.yaml:5: `colour` is not a field that is known here."),
        (
            {"items__a": ITEM.replace("fraction: 1", "fraction: 7")},
            "quizzes/items/a.yaml:7: `7` is not between -1 and 1.",
        ),
        ({"items__a": "&a [*a]"}, "quizzes/items/a.yaml:1: Anchors and aliases"),
        ({"items__a": b"\xff\xfe"}, "quizzes/items/a.yaml:1: The file begins with a byte-order mark."),
        ({"items__a": "[" * 50_000}, "quizzes/items/a.yaml:1: The values are nested too deeply."),
        ({"items__a": "x" * 1_000_001}, "quizzes/items/a.yaml: The file is too large"),
        (
            {"items__b": ITEM.replace("name: one", "name: import")},
            "quizzes/items/b.yaml:1: A page of the desk has the name `import` already. Choose another one.",
        ),
        (
            {"new": QUIZ.replace("slug: try", "slug: new")},
            "quizzes/new.yaml:1: A page of the desk has the name `new` already. Choose another one.",
        ),
        ({"UPPER": QUIZ}, "quizzes/UPPER.yaml: Here may only lie files called <slug>.yaml."),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, files: dict[str, str | bytes], said: str) -> None:
    found = problems(bank(tmp_path, **files))
    assert any(line.startswith(said) for line in found), found


def test_links_are_not_followed(tmp_path: Path) -> None:
    folder = bank(tmp_path / "p")
    (folder / "link.yaml").symlink_to("/etc/passwd")
    assert problems(folder) == ["quizzes/link.yaml: Here may only lie files called <slug>.yaml."]


def test_the_starter_library_brings_its_quizzes(library: Flask, session: Session) -> None:
    states = session.execute(sa.select(Document.state, sa.func.count()).group_by(Document.state)).all()
    assert [(state.value, count) for state, count in states] == [("published", 167)]
    assert session.scalar(sa.select(sa.func.count()).select_from(QuizVersion)) == 12


# --- what the starter bank must be (the counts that a bank's team was promised)


@pytest.fixture(scope="module")
def starter() -> BankPackage:
    return read_bank(BANK)


def test_the_starter_bank_is_large_enough(starter: BankPackage) -> None:
    assert len(starter.items) >= 120
    assert len([quiz for quiz in starter.quizzes if not quiz.pair]) >= 10


def test_every_question_speaks_in_three_voices_and_links_to_what_teaches_it(starter: BankPackage) -> None:
    voices = {audience.value for audience in Audience if audience is not Audience.GENERAL}
    assert [item.name for item in starter.items if not voices.issubset(item.voices)] == []
    assert [item.name for item in starter.items if not item.checked_on] == []
    slugs = {path.name for path in (ROOT / "content" / "articles").iterdir()}
    controls = {slot.item for quiz in starter.quizzes for slot in quiz.slots if slot.control}
    untaught = [item.name for item in starter.items if item.article not in slugs]
    assert sorted(untaught) == sorted(controls)


def test_a_third_of_what_is_judged_is_genuine(starter: BankPackage) -> None:
    """A quiz of scams only teaches suspicion."""

    def truth(item: Item) -> str:
        return next(option.id for option in item.options if option.is_right)

    judged = Counter(truth(item) for item in starter.items if item.kind is Kind.JUDGEMENT)
    assert 3 * judged["genuine"] >= judged.total()
    assert judged["scam"] >= judged["genuine"]


def test_both_forms_of_the_pair_ask_the_same(starter: BankPackage) -> None:
    by_name = {item.name: item for item in starter.items}
    forms = {quiz.form: quiz for quiz in starter.quizzes if quiz.pair == "lecture-basics"}
    assert sorted(forms) == ["A", "B"]
    shape = {
        form: [(by_name[slot.item].kind, by_name[slot.item].difficulty, slot.control) for slot in quiz.slots]
        for form, quiz in forms.items()
    }
    assert shape["A"] == shape["B"]
    assert (len(shape["A"]), sum(control for _kind, _difficulty, control in shape["A"])) == (12, 2)
    assert {slot.item for slot in forms["A"].slots}.isdisjoint(slot.item for slot in forms["B"].slots)


def test_the_starter_bank_passes_the_desks_check(library: Flask, session: Session, starter: BankPackage) -> None:
    from portal.core import clock
    from portal.quizzes.services import BankJudge

    judge = BankJudge(session)
    today = clock.now().date()
    kept = {item.name: judge.item(item, today=today).kept_back(()) for item in starter.items}
    kept |= {quiz.slug: judge.quiz(quiz, together=(), today=today).kept_back(()) for quiz in starter.quizzes}
    assert {name: count for name, count in kept.items() if count} == {}
