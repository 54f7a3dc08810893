"""QTI 3.0: a content package of items with one interaction each.

What QTI cannot say stands in a processing instruction inside the item: every schema allows one, every program passes
over it, and it stays with the item when the package is taken apart.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

from portal.quizzes.rules.formats import qti_reader
from portal.quizzes.rules.formats.carrying import pack
from portal.quizzes.rules.formats.common import Format, Loss, Reading, lowered, told
from portal.quizzes.rules.formats.gift_reader import decimal
from portal.quizzes.rules.formats.qti_text import inline, paragraphs, without_markup
from portal.quizzes.rules.formats.tree import kept_instruction, xml_attribute, xml_text
from portal.quizzes.rules.items import Item, Kind, Marking, Option

MANIFEST = "imsmanifest.xml"
_NAMESPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
_PACKAGE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
_ITEM_TYPE = "imsqti_item_xmlv3p0"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_TIME = (1980, 1, 1, 0, 0, 0)
"""The same questions make the same file."""
_CHOICES = (Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.TRUE_FALSE)
_EXPLANATION = "EXPLANATION"


def write(items: list[Item]) -> tuple[bytes, list[set[Loss]]]:
    """Return the questions as a QTI 3.0 package, and for each what another program will not see."""
    losses: list[set[Loss]] = []
    names: list[str] = []
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for turn, item in enumerate(items, start=1):
            text, lost = written(item)
            losses.append(lost)
            names.append(f"items/{turn:05}-{item.name}.xml")
            _add(package, names[-1], text)
        _add(package, MANIFEST, _manifest(names))
    return target.getvalue(), losses


def _add(package: zipfile.ZipFile, name: str, text: str) -> None:
    info = zipfile.ZipInfo(name, _TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    package.writestr(info, text.encode())


def _manifest(names: list[str]) -> str:
    resources = "".join(
        f'  <resource identifier="r{turn}" type="{_ITEM_TYPE}" href={xml_attribute(name)}>'
        f"<file href={xml_attribute(name)}/></resource>\n"
        for turn, name in enumerate(names, start=1)
    )
    return (
        f'{_HEAD}<manifest xmlns="{_PACKAGE}" identifier="questions">\n'
        " <metadata><schema>QTI Package</schema><schemaversion>3.0.0</schemaversion></metadata>\n"
        f" <organizations/>\n <resources>\n{resources} </resources>\n</manifest>\n"
    )


def written(item: Item) -> tuple[str, set[Loss]]:
    """Return one item as XML, and what another program will not see of it."""
    plain, lost = lowered(item, exact=True)
    if item.form in ("html", "moodle", "markdown"):
        lost.add(Loss.TEXT)
        plain = _without_markup(plain)
    head, body = _item(plain, lost)
    seen = _seen(head, body)
    if seen is None:
        head, body = _item(told(plain), lost)
        lost.add(Loss.TEXT)
        seen = _seen(head, body) or told(item)
    return f"{_HEAD}{head}{kept_instruction(pack(item, seen))}{body}", lost


def _seen(head: str, body: str) -> Item | None:
    reading = Reading(Format.QTI)
    qti_reader.read(f"{_HEAD}{head}{body}", reading)
    return reading.items[0] if reading.items else None


def _without_markup(item: Item) -> Item:
    options = tuple(
        replace(one, text=without_markup(one.text), feedback=without_markup(one.feedback))
        if item.kind not in (Kind.SHORT_ANSWER, Kind.NUMERIC)
        else one
        for one in item.options
    )
    return replace(item, stem=without_markup(item.stem), explanation=without_markup(item.explanation), options=options)


def _item(item: Item, lost: set[Loss]) -> tuple[str, str]:
    head = (
        f'<qti-assessment-item xmlns="{_NAMESPACE}" identifier={xml_attribute(f"i-{item.name}")}'
        f' title={xml_attribute(item.title or item.name)} adaptive="false" time-dependent="false" xml:lang="zh-Hans">\n'
    )
    body = "".join(
        (
            _declared(item, lost),
            '<qti-outcome-declaration identifier="SCORE" cardinality="single" base-type="float"/>\n',
            '<qti-outcome-declaration identifier="FEEDBACK" cardinality="multiple" base-type="identifier"/>\n',
            f"<qti-item-body>{_text(item)}{_interaction(item)}</qti-item-body>\n",
            _processing(item),
            _modal(_EXPLANATION, item.explanation),
            "</qti-assessment-item>\n",
        )
    )
    return head, body


def _text(item: Item) -> str:
    # A text is asked for; where there is none, an item of QTI must still have a body.
    return paragraphs(item.stem) or ("<p/>" if item.kind is Kind.DESCRIPTION else "")


def _modal(identifier: str, text: str) -> str:
    if not text.strip():
        return ""
    return (
        f'<qti-modal-feedback outcome-identifier="FEEDBACK" identifier="{identifier}" show-hide="show">'
        f"<qti-content-body>{paragraphs(text)}</qti-content-body></qti-modal-feedback>\n"
    )


def _name(option: Option) -> str:
    # Identifiers begin with a letter.
    return option.id if option.id[:1].isalpha() else f"n-{option.id}"


# --- the key ------------------------------------------------------------------------------------------------------


def _declared(item: Item, lost: set[Loss]) -> str:
    if item.kind is Kind.DESCRIPTION:
        return ""
    if item.kind is Kind.ESSAY:
        return _declaration("single", "string", [], [])
    if item.kind is Kind.ORDERING:
        if item.marking is not Marking.EXACT:
            lost.add(Loss.MARKING)
        return _declaration("ordered", "identifier", [_name(one) for one in item.options], [])
    if item.kind is Kind.MATCHING:
        pairs = [f"L{place} {_right(item, one)}" for place, one in enumerate(item.options) if one.text.strip()]
        return _declaration("multiple", "directedPair", pairs, [(pair, 1 / len(pairs)) for pair in pairs])
    if item.kind is Kind.NUMERIC:
        return _declaration("single", "float", [one.text.strip() for one in _numbers(item, lost)[:1]] or ["0"], [])
    if item.kind is Kind.SHORT_ANSWER:
        if any("*" in one.text for one in item.options):
            lost.add(Loss.TEXT)
        right = [one.text for one in item.options if one.is_right][:1] or [one.text for one in item.options[:1]]
        mapped = [(one.text, one.fraction) for one in item.options]
        return _declaration("single", "string", right, mapped, case_sensitive=item.case_sensitive)
    several = item.kind is Kind.MULTIPLE_CHOICE
    right = [_name(one) for one in item.options if one.is_right]
    if not several:
        right = [_name(one) for one in item.options if one.fraction == 1][:1] or right[:1]
    mapped = [] if item.marking is Marking.EXACT else [(_name(one), one.fraction) for one in item.options]
    return _declaration("multiple" if several else "single", "identifier", right, mapped)


def _declaration(
    cardinality: str,
    base_type: str,
    correct: list[str],
    mapped: list[tuple[str, float]],
    *,
    case_sensitive: bool = False,
) -> str:
    values = "".join(f"<qti-value>{xml_text(value)}</qti-value>" for value in correct)
    said = f"<qti-correct-response>{values}</qti-correct-response>" if values else ""
    case = ' case-sensitive="true"' if case_sensitive else ' case-sensitive="false"' if base_type == "string" else ""
    entries = "".join(
        f'<qti-map-entry map-key={xml_attribute(key)} mapped-value="{_share(value)}"{case}/>' for key, value in mapped
    )
    mapping = f'<qti-mapping lower-bound="0" upper-bound="1" default-value="0">{entries}</qti-mapping>'
    return (
        f'<qti-response-declaration identifier="RESPONSE" cardinality="{cardinality}" base-type="{base_type}">'
        f"{said}{mapping if entries else ''}</qti-response-declaration>\n"
    )


def _share(value: float) -> str:
    text = f"{value:.7f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def _right(item: Item, option: Option) -> str:
    """Return the identifier of a right side: equal ones are one."""
    return f"R{next(place for place, one in enumerate(item.options) if one.match == option.match)}"


def _numbers(item: Item, lost: set[Loss]) -> list[Option]:
    found = [one for one in item.options if decimal(one.text.strip()) is not None]
    if any(one.text != "*" or one.fraction for one in item.options if one not in found):
        lost.add(Loss.TEXT)
    return sorted(found, key=lambda one: -one.fraction)


# --- what is shown ------------------------------------------------------------------------------------------------


def _interaction(item: Item) -> str:
    shuffle = str(item.shuffle).lower()
    if item.kind in _CHOICES:
        most = 0 if item.kind is Kind.MULTIPLE_CHOICE else 1
        choices = "".join(_choice(one, feedback=True) for one in item.options)
        return (
            f'<qti-choice-interaction response-identifier="RESPONSE" shuffle="{shuffle}" max-choices="{most}">'
            f"{choices}</qti-choice-interaction>"
        )
    if item.kind is Kind.ORDERING:
        choices = "".join(_choice(one, feedback=False) for one in item.options)
        return f'<qti-order-interaction response-identifier="RESPONSE" shuffle="true">{choices}</qti-order-interaction>'
    if item.kind is Kind.MATCHING:
        return _matching(item, shuffle)
    if item.kind is Kind.ESSAY:
        return '<qti-extended-text-interaction response-identifier="RESPONSE"/>'
    if item.kind in (Kind.SHORT_ANSWER, Kind.NUMERIC):
        return '<p><qti-text-entry-interaction response-identifier="RESPONSE"/></p>'
    return ""


def _choice(option: Option, *, feedback: bool) -> str:
    said = ""
    if feedback and option.feedback.strip():
        said = (
            f'<qti-feedback-inline outcome-identifier="FEEDBACK" identifier="{_name(option)}" show-hide="show">'
            f"{inline(option.feedback)}</qti-feedback-inline>"
        )
    return f'<qti-simple-choice identifier="{_name(option)}">{inline(option.text)}{said}</qti-simple-choice>'


def _matching(item: Item, shuffle: str) -> str:
    lefts = "".join(
        f'<qti-simple-associable-choice identifier="L{place}" match-max="1">{inline(one.text)}'
        "</qti-simple-associable-choice>"
        for place, one in enumerate(item.options)
        if one.text.strip()
    )
    rights: dict[str, str] = {}
    for one in item.options:
        rights.setdefault(_right(item, one), one.match)
    choices = "".join(
        f'<qti-simple-associable-choice identifier="{key}" match-max="0">{inline(text)}</qti-simple-associable-choice>'
        for key, text in rights.items()
    )
    return (
        f'<qti-match-interaction response-identifier="RESPONSE" shuffle="{shuffle}" max-associations="0">'
        f"<qti-simple-match-set>{lefts}</qti-simple-match-set><qti-simple-match-set>{choices}</qti-simple-match-set>"
        "</qti-match-interaction>"
    )


# --- how it is marked ---------------------------------------------------------------------------------------------


def _processing(item: Item) -> str:
    if item.kind in (Kind.DESCRIPTION, Kind.ESSAY):
        return ""
    chosen = '<qti-variable identifier="RESPONSE"/>' if item.kind in _CHOICES else ""
    always = f'<qti-base-value base-type="identifier">{_EXPLANATION}</qti-base-value>'
    told = _set("FEEDBACK", f"<qti-multiple>{chosen}{always}</qti-multiple>")
    return f"<qti-response-processing>{_scored(item)}{told}</qti-response-processing>\n"


def _set(outcome: str, value: str) -> str:
    return f'<qti-set-outcome-value identifier="{outcome}">{value}</qti-set-outcome-value>'


def _number(value: float) -> str:
    return f'<qti-base-value base-type="float">{_share(value)}</qti-base-value>'


def _scored(item: Item) -> str:
    if item.kind is Kind.NUMERIC:
        conditions = [
            f'<qti-equal tolerance-mode="absolute" tolerance="{one.tolerance!r} {one.tolerance!r}">'
            '<qti-variable identifier="RESPONSE"/>'
            f'<qti-base-value base-type="float">{xml_text(one.text.strip())}</qti-base-value></qti-equal>'
            f"{_set('SCORE', _number(one.fraction))}"
            for one in _numbers(item, set())
        ]
        if not conditions:
            return ""
        first, *others = conditions
        more = "".join(f"<qti-response-else-if>{one}</qti-response-else-if>" for one in others)
        return f"<qti-response-condition><qti-response-if>{first}</qti-response-if>{more}</qti-response-condition>"
    if item.kind is Kind.ORDERING or item.marking is Marking.EXACT:
        return (
            '<qti-response-condition><qti-response-if><qti-match><qti-variable identifier="RESPONSE"/>'
            f'<qti-correct identifier="RESPONSE"/></qti-match>{_set("SCORE", _number(1))}</qti-response-if>'
            "</qti-response-condition>"
        )
    return _set("SCORE", '<qti-map-response identifier="RESPONSE"/>')
