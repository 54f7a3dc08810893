"""Files made to harm: a sentence, at once, and nothing is read. `python -m bench quizzes_import` has the times."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from portal.quizzes.rules.formats import Format, read
from portal.quizzes.rules.formats.common import MAX_LINES, MAX_OPTIONS, MAX_QUESTION, MAX_QUESTIONS, MAX_WARNINGS
from portal.quizzes.rules.formats.our_yaml import MAX_CHARACTERS, MAX_PARTS
from portal.quizzes.rules.formats.packages import MAX_FILES, MAX_UNPACKED
from portal.quizzes.rules.formats.tree import MAX_DEPTH, MAX_ELEMENTS, MAX_TAG
from portal.quizzes.rules.items import Item, Kind
from tests.quizzes.formats.helpers import gift, reasons, warned


def packed(files: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as package:
        for name, data in files:
            package.writestr(name, data)
    return target.getvalue()


BOMB = b'<!DOCTYPE q [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><quiz>&b;</quiz>'
OUTSIDE = b'<!DOCTYPE q [<!ENTITY a SYSTEM "file:///etc/passwd">]><quiz>&a;</quiz>'
DOCTYPE = "The file declares a document type or entities of its own, which are not taken. Remove <!DOCTYPE …>."

REFUSED = {
    "20 MB": (None, b"x" * 20_000_000, "The file is too large: at most 16 MB are taken."),
    "a million lines": (None, b"x\n" * 1_000_000, "The file has more than 400,000 lines."),
    "a million returns": (None, b"\r" * 1_000_000, "The file has more than 400,000 lines."),
    "nothing": (None, b"", "The file is empty."),
    "blanks": (None, b" \n\t\n", "The file is empty."),
    "control characters": (None, b"\x01" * 1_000, "The file is empty."),
    "NUL": (None, b"x{T}\n\n\0", "The file holds a NUL character"),
    "UTF-16 without its mark": (None, "x{T}".encode("utf-16-le"), "The file holds a NUL character"),
    "UTF-16 in Chinese without its mark": (None, "问{对}吗".encode("utf-16-be"), "The file is no text file, or one in"),
    "half a UTF-16": (None, b"\xff\xfea", "The file says it is UTF-16-LE, but is not."),
    "a broken mark": (None, b"\xef\xbb\xbf\xff", "The file says it is UTF-8, but is not."),
    "Latin 1": (None, "Où est le café? {=là ~ici}".encode("latin-1"), "The file is neither UTF-8 nor clearly GB18030."),
    "Big5": (
        None,
        "這是一個問題，您會怎麼回答呢？{T}".encode("big5"),
        "The file is neither UTF-8 nor clearly GB18030.",
    ),
    "Shift JIS": (None, "これは質問です。{T}".encode("shift-jis"), "The file is neither UTF-8 nor clearly GB18030."),
    "a picture": (None, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "The file is no text file"),
    "too many questions": (Format.GIFT, b"x\n\n" * (MAX_QUESTIONS + 1), "The file has too many questions"),
    "too many errors": (Format.GIFT, b"x{\n\n" * (MAX_QUESTIONS + 1), "The file has too many questions"),
    "too many rows": (Format.CSV, b"type,stem\n" + b"essay,x\n" * (MAX_QUESTIONS + 1), "The file has too many"),
    "XML entities": (Format.MOODLE_XML, BOMB, DOCTYPE),
    "XML entities from outside": (Format.MOODLE_XML, OUTSIDE, DOCTYPE),
    "a document type": (Format.QTI, b"<!DOCTYPE html><assessmentItem/>", DOCTYPE),
    "XML in depth": (
        Format.MOODLE_XML,
        b"<quiz>" * 100_000,
        f"The elements are nested too deeply: at most {MAX_DEPTH}",
    ),
    "XML in breadth": (Format.MOODLE_XML, b"<quiz>" + b"<a/>" * MAX_ELEMENTS + b"</quiz>", "The file has more than"),
    "XML with many signs": (Format.MOODLE_XML, b"<quiz>" + b"<" * (5 * MAX_ELEMENTS), "The file has more than"),
    "XML with many attributes": (
        Format.MOODLE_XML,
        b"<quiz " + b" ".join(b'a%d="1"' % place for place in range(41)) + b"/>",
        "An element has more than 40 attributes.",
    ),
    "an endless tag": (Format.MOODLE_XML, b'<quiz a="' + b"x" * MAX_TAG + b'"/>', "A tag is longer than 200,000"),
    "XML that stops": (Format.MOODLE_XML, b"<quiz><question", "This is not well-formed XML"),
    "an unknown entity": (Format.MOODLE_XML, b"<quiz>&nbsp;</quiz>", "This is not well-formed XML: undefined entity"),
    "other XML": (Format.QTI, b"<html/>", "There is no assessment item in the file; it begins with <html>."),
    "YAML in depth": (Format.YAML, b"[" * 100_000, "The values are nested too deeply."),
    "YAML lists in depth": (Format.YAML, b"- " * 100_000, "The values are nested too deeply."),
    "YAML aliases": (Format.YAML, b"- &a [x]\n- [*a, *a]", "Anchors and aliases"),
    "YAML tags": (Format.YAML, b"- !!python/object/apply:os.system [id]", "Tags (!) are not taken."),
    "YAML in breadth": (
        Format.YAML,
        b"[" + b"a," * (MAX_PARTS + 1) + b"]",
        "The file has more than 200,000 lines and commas",
    ),
    "long YAML": (Format.YAML, b"a" * (MAX_CHARACTERS + 1), "The file is too large"),
    "a zip bomb": (None, packed([("a.xml", b"x" * (MAX_UNPACKED + 1))]), "The package unpacks to more than 50 MB."),
    "many zip files": (
        None,
        packed([(f"{n}", b"") for n in range(MAX_FILES + 1)], 0),
        "The package has too many files",
    ),
    "zip slip": (None, packed([("../../x.xml", b"<a/>")]), "The package holds a file with an unsafe name"),
    "an absolute name": (None, packed([("/etc/x.xml", b"<a/>")]), "The package holds a file with an unsafe name"),
    "a Windows name": (None, packed([("C:x.xml", b"<a/>")]), "The package holds a file with an unsafe name"),
    "an odd compression": (
        None,
        packed([("a.xml", b"<a/>")], zipfile.ZIP_BZIP2),
        "The file 'a.xml' is packed in a way",
    ),
    "half a zip file": (None, packed([("a.xml", b"<a/>" * 99)])[:60], "The zip file is damaged."),
    "an empty zip file": (None, packed([]), "There is no assessment item in the package."),
    "a zip file of pictures": (None, packed([("a.png", b"x")]), "There is no assessment item in the package."),
    "a zip file as GIFT": (Format.GIFT, packed([("a.xml", b"<a/>")]), "The file is a zip file, not gift."),
    "many elements in a package": (
        None,
        packed([(f"{n}.xml", b"<a>" + b"<a/>" * (MAX_ELEMENTS - 2) + b"</a>") for n in range(3)]),
        "The package has more than",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_a_sentence_and_nothing_is_read(name: str) -> None:
    form, raw, reason = REFUSED[name]
    reading = read(raw, format=form)
    assert (reading.refused, reading.found, reading.warnings) == (True, [], [])
    ((_line, said),) = reasons(reading)
    assert (said.startswith(reason), said.endswith((".", ">."))) == (True, True)


def test_a_damaged_zip_file_is_refused() -> None:
    whole = bytearray(packed([("a.xml", b"<assessmentItem>" + bytes(range(65, 90)) * 50)]))
    whole[60] ^= 0xFF
    assert read(bytes(whole)).errors[0].reason == "The zip file is damaged."


def test_an_encrypted_zip_file_is_refused() -> None:
    whole = bytearray(packed([("a.xml", b"<a/>")]))
    whole[whole.index(b"PK\x01\x02") + 8] |= 1
    assert read(bytes(whole)).errors[0].reason == "The package is encrypted. Save it without a password."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x" * (MAX_QUESTION + 1), "The question is too long"),
        ("x{" + "~a" * (MAX_OPTIONS + 1) + "}", "The question has too many answers"),
        ("x{" + "=a" * (MAX_OPTIONS + 1) + "}", "The question has too many answers"),
        ("{" * 10_000, "The { is never closed"),
        ("}" * 10_000, "There is a } without a {"),
        ("x{#" + "9" * 10_000 + "}", "`9999999999999999999999999999999999999999` is not a number."),
        ("x{#1e99:" + "1" * 10_000 + "}", "The tolerance"),
    ],
)
def test_one_overgrown_question_is_an_error_and_the_rest_is_read(text: str, reason: str) -> None:
    reading = gift(f"{text}\n\nlast{{T}}")
    ((line, said),) = reasons(reading)
    assert (line, said.startswith(reason), len(reading.items)) == (1, True, 1)


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        '{"read": "x", "set": {"voices": ' + '{"a":' * 500 + "1" + "}" * 500 + '}, "drop": []}',
        json.dumps({"read": "x", "set": {"name": ["x"] * 30_000}, "drop": []}),
        json.dumps({"read": "x", "set": {"name": "../../etc"}, "drop": []}),
        json.dumps({"read": "x", "set": {"name": 7.5, "topic": {"a": "b"}}, "drop": []}),
        json.dumps({"read": "x", "set": {"voices": {"elderly": 3}}, "drop": []}),
        json.dumps({"read": "x", "set": {}, "drop": [["stem"]]}),
        json.dumps({"read": "x", "set": {"topic": "a\0b"}, "drop": []}),
        '{"read": "x", "set": {"name": 1e999}, "drop": []}',
        '{"read": "x", "set": {"name": ' + "9" * 5_000 + '}, "drop": []}',
    ],
)
def test_what_is_kept_beside_a_question_is_trusted_no_more_than_the_rest(kept: str) -> None:
    reading = gift(f"// [mingbai:{kept}]\n::Q::x{{=a ~b}}")
    (item,) = reading.items
    assert (item.stem, item.kind, [one.text for one in item.options]) == ("x", Kind.SINGLE_CHOICE, ["a", "b"])
    assert isinstance(item.name, str)
    assert (len(reading.errors), len(reading.warnings) <= 1) == (0, True)


def test_warnings_are_bounded() -> None:
    reading = read(b"<quiz>" + b"<a/>" * (MAX_WARNINGS + 5) + b"</quiz>", format=Format.MOODLE_XML)
    assert len(reading.warnings) == MAX_WARNINGS + 1


QUESTION = "验证码可以告诉客服吗？这是一道关于银行和您的钱的题。{F}"


@pytest.mark.parametrize(
    ("encoding", "warnings"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("utf-16", []),
        ("gb18030", ["The file is not UTF-8; it was read as GB18030. Check the Chinese characters."]),
    ],
)
def test_encodings_that_are_taken(encoding: str, warnings: list[str]) -> None:
    reading = read(QUESTION.encode(encoding))
    assert ([item.stem for item in reading.items], warned(reading)) == ([QUESTION.removesuffix("{F}")], warnings)


def test_the_encoding_that_xml_names_does_not_count() -> None:
    question = '<question type="essay"><name><text>问</text></name></question>'
    text = f'<?xml version="1.0" encoding="gb2312"?><quiz>{question}</quiz>'
    assert [item.title for item in read(text.encode(), format=Format.MOODLE_XML).items] == ["问"]


def test_control_characters_are_left_out_with_a_warning() -> None:
    reading = gift("x\n{T}\n\na\x0bb\x02c{T}")
    assert ([item.stem for item in reading.items], warned(reading)) == (
        ["x", "abc"],
        ["Control characters were left out, the first of them U+000B."],
    )


def test_a_bank_of_five_thousand_passes() -> None:
    answers = f"=对的#{'好' * 60}\n~错的#{'不好' * 60}\n~也错\n####{'因为' * 60}"
    text = "\n\n".join(
        f"::题 {turn}::这是第 {turn} 题，{'请您先想一想。' * 20}{{\n{answers}\n}}" for turn in range(5_000)
    )
    reading = gift(text)
    assert (len(reading.items), reading.errors, reading.warnings) == (5_000, [], [])
    assert len(text) < MAX_QUESTION * 16
    assert text.count("\n") < MAX_LINES


def test_items_of_a_refused_file_are_none() -> None:
    items: list[Item] = read(b"x{T}\n\n\0").items
    assert items == []
