"""CSV: one question a row, under a header row; made for typing questions into a spreadsheet.

Columns, in any order; only `type` and `stem` must be there, and `correct` for most types:

- `name`: the lasting key (small letters, digits, hyphens) or any short name; `stem`: the question
- `type`: as in every listing, or 单选题, 多选题, 判断题, 填空题, 数值题, 匹配题, 排序题, 情景判断题, 问答题, 说明
- `option_a` … `option_z`: the options. Short answer: accepted answers. Matching: `left -> right`, `-> right` for a
  distractor. Ordering: in the right order.
- `correct`: letters of the right options (`AC`, `A,C`); true or false (对, 错); a number, several with `|` between;
  scam, genuine or unsure
- `feedback_a` … `feedback_z`: shown with the option (true/false: a is true; judgement: a scam, b genuine, c unsure)
- `explanation`, `topic`, `difficulty`, `article`, `title`, `category`, `tags` (with `|` between), `source`,
  `checked_on`, `marking`, `tolerance`; for a judgement `medium`, `sender`, `message`, `picture`
"""

from __future__ import annotations

from typing import Any

from portal.core.errors import Said
from portal.quizzes.rules.formats.common import (
    FALSE_TEXT,
    MAX_QUESTION,
    TRUE_TEXT,
    Reading,
    Refused,
    Unreadable,
    key_of,
    option_id,
    together,
)
from portal.quizzes.rules.formats.gift_reader import default_name
from portal.quizzes.rules.formats.qti_reader import FALSE_WORDS, TRUE_WORDS
from portal.quizzes.rules.items import FALSE, GENUINE, SCAM, TRUE, UNSURE, Kind
from portal.quizzes.rules.reading import node_of, read_item
from portal.reference.rules import tables
from portal.reference.rules.files import KEY, Problems

LETTERS = "abcdefghijklmnopqrstuvwxyz"
NAMES = {
    "单选题": Kind.SINGLE_CHOICE,
    "多选题": Kind.MULTIPLE_CHOICE,
    "判断题": Kind.TRUE_FALSE,
    "填空题": Kind.SHORT_ANSWER,
    "数值题": Kind.NUMERIC,
    "匹配题": Kind.MATCHING,
    "排序题": Kind.ORDERING,
    "情景判断题": Kind.JUDGEMENT,
    "问答题": Kind.ESSAY,
    "说明": Kind.DESCRIPTION,
}
_COPIED = ("title", "topic", "difficulty", "article", "category", "source", "checked_on", "marking")
COLUMNS = frozenset(
    (
        *("name", "type", "stem", "correct", "explanation", "tags", "tolerance", *_COPIED),
        *("medium", "sender", "message", "picture"),
        *(f"{word}_{letter}" for word in ("option", "feedback") for letter in LETTERS),
    )
)
JUDGEMENTS = {SCAM: "是骗局", GENUINE: "不是骗局", UNSURE: "不确定"}


def read(text: str, reading: Reading) -> None:
    """Read all questions of a CSV text into `reading`."""
    header: list[str] = []
    try:
        for line, row in tables.rows(text):
            if header:
                _row(header, row, line, reading)
            else:
                header = [name.strip().lower() for name in row]
                _check(header)
    except tables.Torn as problem:
        message = Said(
            "The row cannot be read, and nothing after it: %(problem)s. Is a quotation mark left open?",
            problem=problem.why,
        )
        if not header:
            raise Refused(problem.line, message) from None
        reading.fail(problem.line, message)
    if not header:
        _check(header)


def _check(header: list[str]) -> None:
    for name in ("type", "stem"):
        if name not in header:
            raise Refused(1, Said("The first row must name the columns; `%(name)s` is not among them.", name=name))
    unknown = [name for name in header if name and name not in COLUMNS]
    if unknown:
        raise Refused(1, Said("The column `%(unknown)s` is not known.", unknown=unknown[0][:40]))
    named = [name for name in header if name]
    if len(set(named)) < len(named):
        raise Refused(1, Said("The first row names a column twice."))


def _row(header: list[str], row: list[str], line: int, reading: Reading) -> None:
    if len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
        reading.fail(line, Said("The row has more cells than the first row names columns."))
        return
    if sum(len(cell) for cell in row) > MAX_QUESTION:
        reading.fail(
            line, Said("The question is too long: at most %(most)s characters are taken.", most=f"{MAX_QUESTION:,}")
        )
        return
    cells = {name: cell.strip() for name, cell in zip(header, row, strict=False) if name and cell.strip()}
    problems = Problems()
    try:
        plain = _plain(cells)
    except Unreadable as problem:
        reading.fail(line, problem.reason)
        return
    item = read_item(node_of(plain, line=line, problems=problems))
    if item is None:
        reading.fail(line, together(problem.text for problem in problems.found))
        return
    reading.take(line, item, name=cells.get("name") or item.title or default_name(item.stem))


def _plain(cells: dict[str, str]) -> dict[str, Any]:
    said = cells.get("type", "")
    kind = NAMES.get(said) or next((kind for kind in Kind if kind.value == said.lower()), None)
    if kind is None:
        raise Unreadable(Said("`%(said)s` is not a type of question.", said=said[:40]))
    stem, name = cells.get("stem", ""), cells.get("name", "")
    plain: dict[str, Any] = {"type": kind.value, "stem": stem}
    plain |= {column: cells[column] for column in _COPIED if column in cells}
    if KEY.match(name) and len(name) <= 80:
        plain["name"] = name
    else:
        plain["name"] = key_of(name or cells.get("title", ""), stem)
        if name:
            plain.setdefault("title", name)
    if "explanation" in cells:
        plain["explanation"] = cells["explanation"]
    if "tags" in cells:
        plain["tags"] = [tag.strip() for tag in cells["tags"].split("|") if tag.strip()]
    if "medium" in cells:
        plain["stimulus"] = {"medium": cells["medium"]} | {
            field: cells[column]
            for column, field in (("sender", "sender"), ("message", "text"), ("picture", "picture"))
            if column in cells
        }
    elif "message" in cells:
        raise Unreadable(
            Said("The column `medium` must say what the message is: sms, chat, mail, call, page or picture.")
        )
    plain["options"] = _options(kind, cells)
    return plain


def _options(kind: Kind, cells: dict[str, str]) -> list[dict[str, Any]]:
    correct = cells.get("correct", "")
    given = [(letter, cells[f"option_{letter}"]) for letter in LETTERS if f"option_{letter}" in cells]
    if kind in (Kind.ESSAY, Kind.DESCRIPTION):
        return []
    if kind is Kind.TRUE_FALSE:
        return _truth(correct.lower(), cells)
    if kind is Kind.JUDGEMENT:
        return _judgement(correct.lower(), cells)
    if kind in (Kind.SHORT_ANSWER, Kind.NUMERIC):
        answers = [text for _letter, text in given] + [text.strip() for text in correct.split("|") if text.strip()]
        if not answers:
            raise Unreadable(Said("The question has no answer: fill in `correct`."))
        more = {"tolerance": cells["tolerance"]} if "tolerance" in cells and kind is Kind.NUMERIC else {}
        return [
            {"id": option_id(place), "text": text, "fraction": 1, **more}
            for place, text in enumerate(dict.fromkeys(answers))
        ]
    if len(given) < 2:
        raise Unreadable(Said("The question has fewer than two options."))
    if kind is Kind.ORDERING:
        return [{"id": letter, "text": text} for letter, text in given]
    if kind is Kind.MATCHING:
        return [_pair(letter, text) for letter, text in given]
    right = _letters(correct, [letter for letter, _text in given])
    if kind is Kind.SINGLE_CHOICE and len(right) > 1:
        raise Unreadable(Said("One answer is to be chosen, but `correct` names several."))
    return [
        {"id": letter, "text": text, "fraction": int(letter in right), **_feedback(cells, letter)}
        for letter, text in given
    ]


def _feedback(cells: dict[str, str], letter: str) -> dict[str, str]:
    said = cells.get(f"feedback_{letter}")
    return {"feedback": said} if said else {}


def _letters(correct: str, known: list[str]) -> set[str]:
    right = {sign for sign in correct.lower() if sign not in " ,;、，；|和/"}
    unknown = sorted(right - set(known))
    if unknown:
        raise Unreadable(
            Said("`correct` names `%(unknown)s`, which is no option of the question.", unknown=unknown[0].upper())
        )
    if not right:
        raise Unreadable(Said("`correct` does not say which option is right."))
    return right


def _truth(correct: str, cells: dict[str, str]) -> list[dict[str, Any]]:
    if correct not in TRUE_WORDS | FALSE_WORDS:
        raise Unreadable(Said("`correct` must be true or false."))
    is_true = correct in TRUE_WORDS
    return [
        {"id": TRUE, "text": TRUE_TEXT, "fraction": int(is_true), **_feedback(cells, "a")},
        {"id": FALSE, "text": FALSE_TEXT, "fraction": int(not is_true), **_feedback(cells, "b")},
    ]


def _judgement(correct: str, cells: dict[str, str]) -> list[dict[str, Any]]:
    right = {**{text: key for key, text in JUDGEMENTS.items()}, **{key: key for key in JUDGEMENTS}}.get(correct)
    if right is None:
        raise Unreadable(Said("`correct` must be scam or genuine."))
    return [
        {"id": key, "text": text, "fraction": int(key == right), **_feedback(cells, letter)}
        for letter, (key, text) in zip(LETTERS, JUDGEMENTS.items(), strict=False)
    ]


def _pair(letter: str, text: str) -> dict[str, Any]:
    left, arrow, right = text.replace("→", "->").partition("->")
    if not arrow:
        raise Unreadable(Said("The pair `%(text)s` has no -> between its two sides.", text=text[:40]))
    return {"id": letter, "text": left.strip(), "match": right.strip()}
