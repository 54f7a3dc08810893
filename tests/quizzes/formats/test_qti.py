"""QTI 2.1 and 3.0: what is read of simple items, and what a package of ours holds."""

from __future__ import annotations

import io
import zipfile

import pytest

from portal.quizzes.rules.formats import Format, Reading, read, write
from portal.quizzes.rules.items import Item, Kind, Marking, Option
from tests.quizzes.formats.helpers import feedback, only, reasons, shares, texts, warned

CORRECT = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"
TYPED = '<textEntryInteraction responseIdentifier="RESPONSE"/>'
MAP = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/map_response"


def declaration(values: str, *, cardinality: str = "single", base: str = "identifier", mapping: str = "") -> str:
    return (
        f'<responseDeclaration identifier="RESPONSE" cardinality="{cardinality}" baseType="{base}"><correctResponse>'
        f"{''.join(f'<value>{value}</value>' for value in values.split('|'))}</correctResponse>{mapping}"
        "</responseDeclaration>"
    )


def item21(declared: str, body: str, *, template: str = CORRECT, after: str = "") -> str:
    return (
        '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="i1" title="题 1" '
        f'adaptive="false" timeDependent="false">{declared}<itemBody>{body}</itemBody>'
        f'<responseProcessing template="{template}"/>{after}'
        "</assessmentItem>"
    )


def qti(text: str) -> Reading:
    return read(text.encode(), format=Format.QTI)


CHOICES = (
    '<p>问题</p><choiceInteraction responseIdentifier="RESPONSE" shuffle="false" maxChoices="1"><prompt>选一个</prompt>'
    '<simpleChoice identifier="A">甲<feedbackInline outcomeIdentifier="FB" identifier="A">对</feedbackInline>'
    '</simpleChoice><simpleChoice identifier="B">乙</simpleChoice></choiceInteraction>'
)


def test_a_choice_of_version_2() -> None:
    modal = (
        '<modalFeedback outcomeIdentifier="FB" identifier="B" showHide="show">错</modalFeedback>'
        '<modalFeedback outcomeIdentifier="FB" identifier="ALL" showHide="show"><p>因为</p></modalFeedback>'
    )
    reading = qti(item21(declaration("A"), CHOICES, after=modal))
    item = only(reading)
    assert (reading.found[0].name, item.kind, item.stem, item.shuffle) == (
        "题 1",
        Kind.SINGLE_CHOICE,
        "问题\n选一个",
        False,
    )
    assert (texts(item), shares(item), item.explanation) == (["甲", "乙"], [1.0, 0.0], "因为")
    assert feedback(item) == ["对", "错"]


def test_a_choice_of_version_3() -> None:
    item = only(
        qti(
            '<qti-assessment-item identifier="x" title="T"><qti-response-declaration identifier="RESPONSE" '
            'cardinality="single" base-type="identifier"><qti-correct-response><qti-value>b</qti-value>'
            "</qti-correct-response></qti-response-declaration><qti-item-body><p>q</p><qti-choice-interaction "
            'response-identifier="RESPONSE" max-choices="1"><qti-simple-choice identifier="a">1</qti-simple-choice>'
            '<qti-simple-choice identifier="b">2</qti-simple-choice></qti-choice-interaction></qti-item-body>'
            "</qti-assessment-item>"
        )
    )
    assert (item.kind, [one.id for one in item.options], shares(item)) == (Kind.SINGLE_CHOICE, ["a", "b"], [0.0, 1.0])


def test_several_right_ones_are_marked_exactly_or_by_a_mapping() -> None:
    choices = CHOICES.replace('maxChoices="1"', 'maxChoices="0"')
    exact = only(qti(item21(declaration("A|B", cardinality="multiple"), choices)))
    entries = '<mapEntry mapKey="A" mappedValue="2"/><mapEntry mapKey="B" mappedValue="-1"/>'
    mapping = f'<mapping upperBound="2">{entries}</mapping>'
    mapped = only(qti(item21(declaration("A", cardinality="multiple", mapping=mapping), choices, template=MAP)))
    assert (exact.kind, exact.marking, shares(exact)) == (Kind.MULTIPLE_CHOICE, Marking.EXACT, [1.0, 1.0])
    assert (mapped.marking, shares(mapped)) == (Marking.WEIGHTS, [1.0, -0.5])


def test_true_and_false_are_known_by_their_names() -> None:
    body = (
        '<choiceInteraction responseIdentifier="RESPONSE" maxChoices="1">'
        '<simpleChoice identifier="f">错误</simpleChoice><simpleChoice identifier="t">正确</simpleChoice>'
        "</choiceInteraction>"
    )
    item = only(qti(item21(declaration("t"), body)))
    assert (item.kind, [(one.id, one.fraction) for one in item.options]) == (
        Kind.TRUE_FALSE,
        [("true", 1.0), ("false", 0.0)],
    )


def test_things_to_put_in_order() -> None:
    body = (
        '<orderInteraction responseIdentifier="RESPONSE"><simpleChoice identifier="x">后</simpleChoice>'
        '<simpleChoice identifier="y">先</simpleChoice></orderInteraction>'
    )
    item = only(qti(item21(declaration("y|x", cardinality="ordered"), body)))
    assert (item.kind, texts(item)) == (Kind.ORDERING, ["先", "后"])


def test_pairs_with_a_distractor() -> None:
    def choice(name: str) -> str:
        return f'<simpleAssociableChoice identifier="{name}" matchMax="1">{name}!</simpleAssociableChoice>'

    body = (
        f'<matchInteraction responseIdentifier="RESPONSE"><simpleMatchSet>{choice("a")}{choice("b")}</simpleMatchSet>'
        f"<simpleMatchSet>{choice('x')}{choice('y')}{choice('z')}</simpleMatchSet></matchInteraction>"
    )
    item = only(qti(item21(declaration("a y|b x", cardinality="multiple", base="directedPair"), body)))
    assert [(one.text, one.match) for one in item.options] == [("a!", "y!"), ("b!", "x!"), ("", "z!")]


def test_typed_texts_and_numbers() -> None:
    entry = '<p>拨打 <textEntryInteraction responseIdentifier="RESPONSE"/> 报警</p>'
    text = only(qti(item21(declaration("110", base="string"), entry)))
    number = only(qti(item21(declaration("5.5", base="float"), entry)))
    assert (text.kind, text.stem, texts(text)) == (Kind.SHORT_ANSWER, "拨打 _____ 报警", ["110"])
    assert (number.kind, texts(number)) == (Kind.NUMERIC, ["5.5"])


def test_essays_and_descriptions() -> None:
    essay = qti(item21("", '<p>x</p><extendedTextInteraction responseIdentifier="RESPONSE"/>'))
    assert [only(essay).kind, only(qti(item21("", "<p>x</p>"))).kind] == [Kind.ESSAY, Kind.DESCRIPTION]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (item21(declaration("A"), CHOICES + CHOICES), "The item asks for several answers"),
        (item21("", CHOICES), "The response `RESPONSE` is not declared."),
        (item21(declaration("A"), '<sliderInteraction responseIdentifier="RESPONSE"/>'), "Interactions of the type"),
        (
            item21(declaration("x", base="float"), "<textEntryInteraction responseIdentifier='RESPONSE'/>"),
            "An answer is",
        ),
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_is_read(text: str, reason: str) -> None:
    reading = qti(f"<items>{text}{item21(declaration('A'), CHOICES)}</items>")
    ((_line, said),) = reasons(reading)
    assert said.startswith(reason)
    assert len(reading.items) == 1


def test_pictures_are_told() -> None:
    assert warned(qti(item21("", "<p>x <img src='a.png' alt=''/></p>"))) == [
        "Parts of the text that are no text were left out: img."
    ]


def packed(files: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name, text in files.items():
            package.writestr(name, text)
    return target.getvalue()


def test_a_package_is_read_in_the_order_of_its_manifest() -> None:
    manifest = (
        '<manifest><resources><resource type="imsqti_item_xmlv2p1" href="q/b.xml"/><resource type="webcontent" '
        'href="x.png"/><resource type="imsqti_item_xmlv2p1" href="q/a.xml"/>'
        '<resource type="imsqti_item_xmlv2p1" href="q/c.xml"/></resources></manifest>'
    )
    one, two = (item21(declaration("A"), CHOICES).replace("题 1", name) for name in ("one", "two"))
    reading = read(packed({"imsmanifest.xml": manifest, "q/a.xml": one, "q/b.xml": two, "q/x.xml": "<broken"}))
    assert [item.title for item in reading.items] == ["two", "one"]
    assert reasons(reading) == [(0, "The manifest names the file 'q/c.xml', which is not in the package.")]


def test_a_broken_file_of_a_package_is_told_by_name() -> None:
    reading = read(packed({"a.xml": "<broken", "b.xml": item21(declaration("A"), CHOICES)}))
    assert len(reading.items) == 1
    assert [reason.split(":")[0] for _line, reason in reasons(reading)] == ["a.xml"]


def test_a_package_of_ours_is_the_same_every_time_and_names_its_items() -> None:
    bank = [Item(name="a-1", kind=Kind.ESSAY, stem="x"), Item(name="b", kind=Kind.DESCRIPTION, stem="y")]
    first, second = write(bank, Format.QTI).data, write(bank, Format.QTI).data
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        names = package.namelist()
    assert (first == second, names) == (True, ["items/00001-a-1.xml", "items/00002-b.xml", "imsmanifest.xml"])


def test_all_right_and_no_other_needs_nothing_kept_beside_it() -> None:
    options = (Option("a", "x", 1.0), Option("b", "y", 1.0), Option("c", "z"))
    bank = [Item(name="m", kind=Kind.MULTIPLE_CHOICE, stem="x", options=options, marking=Marking.EXACT, title="T")]
    written = write(bank, Format.QTI)
    assert (written.lost, read(written.data).items) == ((), bank)
