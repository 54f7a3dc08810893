"""Moodle XML that Moodle reads; what it cannot say stands in a processing instruction inside the question."""

from __future__ import annotations

from portal.quizzes.rules.formats import moodle_reader
from portal.quizzes.rules.formats.carrying import pack
from portal.quizzes.rules.formats.common import Format, Loss, Reading, lowered, nearest, percent_of, told
from portal.quizzes.rules.formats.gift_reader import decimal
from portal.quizzes.rules.formats.tree import kept_instruction, xml_attribute, xml_text
from portal.quizzes.rules.items import TRUE, Item, Kind, Option

_FORMS = {form: name for name, form in moodle_reader.FORMS.items()}
_TYPES = {
    Kind.SINGLE_CHOICE: "multichoice",
    Kind.MULTIPLE_CHOICE: "multichoice",
    Kind.TRUE_FALSE: "truefalse",
    Kind.SHORT_ANSWER: "shortanswer",
    Kind.NUMERIC: "numerical",
    Kind.MATCHING: "matching",
    Kind.ORDERING: "ordering",
    Kind.ESSAY: "essay",
    Kind.DESCRIPTION: "description",
}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
_FOOT = "</quiz>\n"


def write(items: list[Item]) -> tuple[str, list[set[Loss]]]:
    """Return the questions as Moodle XML, and for each what another program will not see."""
    pieces = [_HEAD]
    losses = []
    category = ""
    for item in items:
        path = item.category.strip()
        if path and path != category:
            pieces.append(_category(path))
            category = path
        lines, lost = _written(item)
        seen = _seen("".join(lines), category)
        if seen is None:
            lines, lost = _written(told(item))[0], {*lost, Loss.TEXT}
            seen = _seen("".join(lines), category) or told(item)
        kept = kept_instruction(pack(item, seen))
        pieces += [lines[0], f" {kept}\n" if kept else "", *lines[1:]]
        losses.append(lost)
    return "".join((*pieces, _FOOT)), losses


def _seen(question: str, category: str) -> Item | None:
    reading = Reading(Format.MOODLE_XML)
    before = _category(category) if category else ""
    moodle_reader.read(f"{_HEAD}{before}{question}{_FOOT}", reading, nearest=False)
    return reading.items[0] if reading.items else None


def _category(path: str) -> str:
    return f' <question type="category"><category><text>{xml_text(path)}</text></category></question>\n'


def _written(item: Item) -> tuple[list[str], set[Loss]]:
    plain, lost = lowered(item)
    form = f" format={xml_attribute(_FORMS[item.form])}"
    lines = [
        f" <question type={xml_attribute(_TYPES[plain.kind])}>\n",
        f"  <name><text>{xml_text(item.title or item.name)}</text></name>\n",
        f"  <questiontext{form}><text>{xml_text(plain.stem)}</text></questiontext>\n",
        f"  <generalfeedback{form}><text>{xml_text(plain.explanation)}</text></generalfeedback>\n",
    ]
    if plain.kind in (Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE):
        lines.append(f"  <single>{str(plain.kind is Kind.SINGLE_CHOICE).lower()}</single>\n")
    if plain.kind in (Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.MATCHING):
        lines.append(f"  <shuffleanswers>{int(plain.shuffle)}</shuffleanswers>\n")
    if plain.kind is Kind.SHORT_ANSWER:
        lines.append(f"  <usecase>{int(plain.case_sensitive)}</usecase>\n")
    lines += [_option(plain, place, option, form, lost) for place, option in enumerate(plain.options)]
    if item.tags:
        tags = "".join(f"<tag><text>{xml_text(tag)}</text></tag>" for tag in item.tags)
        lines.append(f"  <tags>{tags}</tags>\n")
    lines.append(" </question>\n")
    return lines, lost


def _option(item: Item, place: int, option: Option, form: str, lost: set[Loss]) -> str:
    text, feedback = xml_text(option.text), xml_text(option.feedback)
    said = f"<feedback{form}><text>{feedback}</text></feedback>"
    if item.kind is Kind.MATCHING:
        right = xml_text(option.match)
        return f"  <subquestion{form}><text>{text}</text><answer><text>{right}</text></answer></subquestion>\n"
    if item.kind is Kind.ORDERING:
        return f'  <answer fraction="{place + 1}"{form}><text>{text}</text></answer>\n'
    share = nearest(option.fraction)
    if abs(share - option.fraction) > 1e-5:
        lost.add(Loss.WEIGHT)
    fraction = f' fraction="{percent_of(share)}"'
    if item.kind is Kind.TRUE_FALSE:
        word = "true" if option.id == TRUE else "false"
        return f'  <answer fraction="{100 if option.is_right else 0}"><text>{word}</text>{said}</answer>\n'
    if item.kind is Kind.NUMERIC:
        number, allowed = option.text.strip(), f"{option.tolerance:.12f}".rstrip("0").rstrip(".")
        if number != "*" and decimal(number) is None:
            lost.add(Loss.TEXT)
            number = "*"
        return f"  <answer{fraction}><text>{number}</text>{said}<tolerance>{allowed}</tolerance></answer>\n"
    own = form if item.kind is not Kind.SHORT_ANSWER else ' format="moodle_auto_format"'
    return f"  <answer{fraction}{own}><text>{text}</text>{said}</answer>\n"
