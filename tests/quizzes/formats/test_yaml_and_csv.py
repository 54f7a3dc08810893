"""Our own YAML and CSV."""

from __future__ import annotations

import pytest

from portal.quizzes.rules.formats import Format, Reading, read
from portal.quizzes.rules.items import Kind, Marking, Medium
from tests.quizzes.formats.helpers import feedback, only, reasons, shares, texts

# --- YAML ---------------------------------------------------------------------------------------------------------

GOOD = """\
- name: codes-sms
  type: judgement
  topic: fraud
  stimulus: {medium: sms, sender: 1069xxxx0371, text: 点链接}
  stem: 这是骗局吗？
  options:
  - {id: scam, text: 是骗局, fraction: 1}
  - {id: genuine, text: 不是骗局}
  - {id: unsure, text: 不确定}
  voices:
    elderly: {stem: 您看，这是骗局吗？, options: {scam: {feedback: 对}}}
"""


def yaml(text: str) -> Reading:
    return read(text.encode(), format=Format.YAML)


def test_yaml_is_read_whole() -> None:
    item = only(yaml(GOOD))
    assert (item.kind, item.topic, shares(item)) == (Kind.JUDGEMENT, "fraud", [1.0, 0.0, 0.0])
    assert item.stimulus is not None
    assert (item.stimulus.medium, item.voices["elderly"].options) == (Medium.SMS, {"scam": {"feedback": "对"}})


@pytest.mark.parametrize(
    ("entry", "line", "reason"),
    [
        ("- name: x\n  stem: y", 1, "The field `type` is missing."),
        ("- name: x\n  type: quiz\n  stem: y", 2, "`quiz` is not one of:"),
        ("- name: X Y\n  type: essay\n  stem: y", 1, "`X Y` is not a key"),
        ("- name: ''\n  type: essay\n  stem: y", 1, "The question has no name."),
        ("- name: x\n  type: essay\n  stem: y\n  mark: 3", 4, "`mark` is not a field that is known here."),
        ("- name: x\n  type: single_choice\n  stem: y\n  options:\n  - {id: a, fraction: 2}", 5, "`2` is not between"),
        (
            "- name: x\n  type: single_choice\n  stem: y\n  options:\n  - {id: a, fraction: x}",
            5,
            "`x` is not a number.",
        ),
        ("- name: x\n  type: single_choice\n  stem: y\n  options: [{id: a}, {id: a}]", 4, "The option `a` stands"),
        ("- name: x\n  type: single_choice\n  marking: exact\n  stem: y", 3, "`exact` is not one of: weights."),
        ("- name: x\n  type: essay\n  stem: y\n  shuffle: yes", 4, "`yes` is not one of: true, false."),
        ("- name: x\n  type: essay\n  stem: y\n  voices:\n    old: {stem: z}", 5, "`old` is not a field"),
        (
            "- name: x\n  type: essay\n  stem: y\n  voices:\n    youth: {options: {a: {text: z}}}",
            5,
            "The voice `youth`",
        ),
        ("- text", 1, "Here must stand fields"),
    ],
)
def test_every_problem_has_its_line_and_the_rest_is_read(entry: str, line: int, reason: str) -> None:
    reading = yaml(f"{entry}\n{GOOD}")
    ((at, said),) = reasons(reading)
    assert (at, said.startswith(reason)) == (line, True)
    assert len(reading.items) == 1


@pytest.mark.parametrize(
    "text", ["a: b", "- &a x\n- *a", "- !!python/object x", "[[[[[[[[[[[]]]]]]]]]]]", "- {a: 1, a: 2}", "- a: b: c"]
)
def test_what_is_no_list_or_not_strict_is_refused(text: str) -> None:
    assert yaml(text).refused


# --- CSV ----------------------------------------------------------------------------------------------------------

HEADER = (
    "name,type,stem,option_a,option_b,option_c,correct,explanation,topic,difficulty,article,tolerance,"
    "feedback_a,feedback_b,medium,sender,message,marking\n"
)


def csv(rows: str) -> Reading:
    return read((HEADER + rows).encode(), format=Format.CSV)


@pytest.mark.parametrize(
    ("row", "kind", "expected"),
    [
        ("q-1,single_choice,x,甲,乙,,B", Kind.SINGLE_CHOICE, [("甲", 0.0), ("乙", 1.0)]),
        ("q-1,单选题,x,甲,,丙,c", Kind.SINGLE_CHOICE, [("甲", 0.0), ("丙", 1.0)]),
        ('q-1,多选题,x,甲,乙,丙,"A,C"', Kind.MULTIPLE_CHOICE, [("甲", 1.0), ("乙", 0.0), ("丙", 1.0)]),
        ("q-1,multiple_choice,x,甲,乙,丙,AB", Kind.MULTIPLE_CHOICE, [("甲", 1.0), ("乙", 1.0), ("丙", 0.0)]),
        ("q-1,判断题,x,,,,对", Kind.TRUE_FALSE, [("对", 1.0), ("错", 0.0)]),
        ("q-1,true_false,x,,,,FALSE", Kind.TRUE_FALSE, [("对", 0.0), ("错", 1.0)]),
        ("q-1,填空题,x,96110,,,110|119", Kind.SHORT_ANSWER, [("96110", 1.0), ("110", 1.0), ("119", 1.0)]),
        ("q-1,numeric,x,,,,5,,,,,0.5", Kind.NUMERIC, [("5", 1.0)]),
        ("q-1,ordering,x,先,后,,", Kind.ORDERING, [("先", 0.0), ("后", 0.0)]),
        ("q-1,matching,x,a -> 1,b→2,-> 3,", Kind.MATCHING, [("a", 0.0), ("b", 0.0), ("", 0.0)]),
        ("q-1,essay,x,,,,", Kind.ESSAY, []),
        ("q-1,说明,x,,,,", Kind.DESCRIPTION, []),
        (
            "q-1,judgement,x,,,,scam,,,,,,,,sms,1069,点链接",
            Kind.JUDGEMENT,
            [("是骗局", 1.0), ("不是骗局", 0.0), ("不确定", 0.0)],
        ),
    ],
)
def test_csv_types(row: str, kind: Kind, expected: list[tuple[str, float]]) -> None:
    item = only(csv(row))
    assert (item.name, item.kind, list(zip(texts(item), shares(item), strict=True))) == ("q-1", kind, expected)


def test_csv_fields_and_lines() -> None:
    reading = csv('"我的 题",多选题,"两\n行",甲,乙,丙,AB,因为,fraud,hard,codes,,对,错,,,,exact\n\nx,essay,y\n')
    first = reading.items[0]
    assert [one.line for one in reading.found] == [2, 5]
    assert (first.title, first.stem, first.explanation, first.topic) == ("我的 题", "两\n行", "因为", "fraud")
    assert (first.difficulty.value, first.article, first.marking, feedback(first)) == (
        "hard",
        "codes",
        Marking.EXACT,
        ["对", "错", ""],
    )


@pytest.mark.parametrize("sign", [";", "\t"])
def test_csv_with_other_separators(sign: str) -> None:
    text = "type,stem,correct\n判断题,x,对\n".replace(",", sign)
    assert only(read(text.encode(), format=Format.CSV)).kind is Kind.TRUE_FALSE


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("q-1,riddle,x", "`riddle` is not a type of question."),
        ("q-1,single_choice,x,a,b,,AB", "One answer is to be chosen, but `correct` names several."),
        ("q-1,single_choice,x,a,b,,C", "`correct` names `C`, which is no option of the question."),
        ("q-1,single_choice,x,a,b,,", "`correct` does not say which option is right."),
        ("q-1,single_choice,x,a,,,A", "The question has fewer than two options."),
        ("q-1,true_false,x,,,,maybe", "`correct` must be true or false."),
        ("q-1,judgement,x,,,,maybe", "`correct` must be scam or genuine."),
        ("q-1,short_answer,x", "The question has no answer: fill in `correct`."),
        ("q-1,matching,x,a,b", "The pair `a` has no -> between its two sides."),
        ("q-1,essay,x,,,,,,Not A Topic", "`Not A Topic` is not a key"),
        ("q-1,essay" + "," * 20 + "x", "The row has more cells than the first row names columns."),
    ],
)
def test_csv_errors_are_told_and_the_rest_is_read(row: str, reason: str) -> None:
    reading = csv(f"{row}\nq-2,essay,x\n")
    ((line, said),) = reasons(reading)
    assert (line, said.startswith(reason), len(reading.items)) == (2, True, 1)


def test_an_open_quotation_mark_is_told_with_its_line() -> None:
    reading = csv('q-1,essay,x\nq-2,essay,"y\nq-3,essay,z\n')
    assert (len(reading.items), [line for line, _reason in reasons(reading)]) == (1, [3])


@pytest.mark.parametrize("header", ["stem,answer", "type,stem,colour", "type,stem,stem", "type"])
def test_a_table_without_the_columns_is_refused(header: str) -> None:
    assert read(f"{header}\nx,y\n".encode(), format=Format.CSV).refused
