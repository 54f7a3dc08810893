"""How package files are read: strictly, every value as the text it shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.reference.rules import Node, PackageError, Problem, Problems, read_text, read_yaml
from portal.reference.rules.files import MAX_DEPTH, visible

ANCHOR = "Anchors and aliases (& and *) are not taken. Put quotes around text that needs them."
TAG = "Tags (!) are not taken. Put quotes around text that begins with an exclamation mark."
UNSTORABLE = "This text holds a control character or half a character that cannot be stored."


def problems_of(text: str) -> list[str]:
    problems = Problems()
    node = read_yaml(text, file="f", problems=problems)
    assert (node is None) == bool(problems)
    return [str(problem) for problem in problems.found]


def value_of(node: Node) -> object:
    if isinstance(node.value, dict):
        return {name: value_of(child) for name, child in node.value.items()}
    return [value_of(child) for child in node.value] if isinstance(node.value, list) else node.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: no", {"a": "no"}),
        ("a: 2024-06-25", {"a": "2024-06-25"}),
        ("a: 12:30:45", {"a": "12:30:45"}),
        ("a: 0o17", {"a": "0o17"}),
        ("a: ~", {"a": "~"}),
        ("a:", {"a": ""}),
        ("no: yes", {"no": "yes"}),
        ("- 1\n- 1.0\n- true", ["1", "1.0", "true"]),
        ("a: |\n  b\n   c\n", {"a": "b\n c\n"}),
        ("a: >-\n  b\n  c\n", {"a": "b c"}),
        ('a: "\\u4f60\\U0001f600"', {"a": "你😀"}),
        ("a: x # y", {"a": "x"}),
        ("# only this", ""),
        ("", ""),
        ("a: {<<: x, =: y}", {"a": {"<<": "x", "=": "y"}}),
    ],
)
def test_a_value_is_the_text_it_shows(text: str, value: object) -> None:
    node = read_yaml(text, file="f", problems=Problems())
    assert node is not None
    assert value_of(node) == value


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: !!int 1", f"f:1: {TAG}"),
        ("a: !x y", f"f:1: {TAG}"),
        ("!!map {a: b}", f"f:1: {TAG}"),
        ("- !!python/object:os.system {}", f"f:1: {TAG}"),
        ("a: b\nc: &x d", f"f:2: {ANCHOR}"),
        ("a: &x b\nc: *x", f"f:1: {ANCHOR}"),
        ("a: &x [*x]", f"f:1: {ANCHOR}"),
        ("a: b\n\na: c", "f:3: The field `a` stands here twice."),
        ("x: {a: b,\n a: c}", "f:2: The field `a` stands here twice."),
        ("{a: b, 'a': c}", "f:1: The field `a` stands here twice."),
        ("[a]: b", "f:1: The name of a field must be plain text."),
        ("[" * (MAX_DEPTH + 1), "f:1: The values are nested too deeply."),
        ("{a: " * (MAX_DEPTH + 1), "f:1: The values are nested too deeply."),
        ("a: b\n---\nc: d", "f:2: This is not valid YAML: but found another document."),
        ("a: 'b", "f:1: This is not valid YAML: found unexpected end of stream."),
        ('a: "\\ud800"', "f:1: This is not valid YAML: found invalid Unicode character escape code."),
        ("%YAML 3.0\n---\na: b", "f:1: This is not valid YAML: found incompatible YAML document."),
        ("a: \x07b", "f:1: This is not valid YAML: it cannot be read."),
    ],
)
def test_what_has_no_place_in_a_package_is_refused_with_its_line(text: str, problem: str) -> None:
    assert problems_of(text) == [problem]


def test_as_deep_as_allowed_is_read() -> None:
    assert problems_of("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []


@given(st.text())
def test_any_text_is_read_or_refused_with_one_sentence(text: str) -> None:
    assert len(problems_of(text.encode("utf-8", "replace").decode())) <= 1


@given(st.binary())
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    problems = Problems()
    text = read_text(raw, file="f", limit=50, problems=problems)
    assert (text is None) == bool(problems)
    if text is not None:
        assert text.encode() == raw


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"x" * 11, "f: The file is too large: at most 10 bytes are taken."),
        (b"\xef\xbb\xbfa", "f:1: The file begins with a byte-order mark. Save it as UTF-8 without BOM."),
        (b"\xff\xfea\0", "f:1: The file begins with a byte-order mark. Save it as UTF-8 without BOM."),
        (b"a\n\xb0\xa1", "f:2: The file is not UTF-8. Save it again with the encoding UTF-8."),
        (b"a\n\0", "f:2: The file holds a NUL character."),
        (b"a\r\nb", "f:1: The file holds a carriage return (CRLF line end); use LF line ends."),
        (b"a\n\nb\x1b", "f:3: The file holds the control character U+001B."),
        (b"a\xc2\x85", "f:1: The file holds the control character U+0085."),
    ],
)
def test_bytes_that_are_not_plain_text_have_their_sentence(raw: bytes, problem: str) -> None:
    problems = Problems()
    assert read_text(raw, file="f", limit=10, problems=problems) is None
    assert [str(one) for one in problems.found] == [problem]


@pytest.mark.parametrize("sign", ["\\0", "\\a", "\\r", "\\e", "\\x7f", "\\N", "\\uFFFE", "\\uFFFF"])
def test_an_escaped_control_character_is_refused_where_it_is_used(sign: str) -> None:
    problems = Problems()
    node = read_yaml(f'\n"a{sign}b"', file="f", problems=problems)
    assert node is not None
    assert (node.text(), [str(one) for one in problems.found]) == ("", [f"f:2: {UNSTORABLE}"])


def a_node(value: object) -> tuple[Node, Problems]:
    problems = Problems()
    return Node(value, file="f", line=3, problems=problems), problems


@pytest.mark.parametrize(
    ("value", "method", "sentence"),
    [
        ("x", "mapping", "Here must stand fields, as `name: value`."),
        ("x", "items", "Here must stand a list, each entry after a hyphen."),
        ({}, "items", "Here must stand a list, each entry after a hyphen."),
        ([], "text", "Here must stand one text."),
        (" \u3000", "text", "This must not be empty."),
        ("\ud800", "text", UNSTORABLE),
        ("x" * 2001, "text", "This text has 2,001 characters; at most 2,000 are taken."),
        ("A", "key", "`A` is not a key: use small letters, digits and single hyphens, at most 80."),
        ("a--b", "key", "`a--b` is not a key: use small letters, digits and single hyphens, at most 80."),
        ("a\n", "key", "`a\\n` is not a key: use small letters, digits and single hyphens, at most 80."),
        ("１", "key", "`１` is not a key: use small letters, digits and single hyphens, at most 80."),
        ("2026-1-1", "day", "`2026-1-1` is not a date; write it as 2026-11-22."),
        ("2026-02-30", "day", "`2026-02-30` is not a date; write it as 2026-11-22."),
        ("２０２６-01-01", "day", "`２０２６-01-01` is not a date; write it as 2026-11-22."),
        ({"en": None}, "localised", "The field `zh-Hans` is missing."),
    ],
)
def test_a_value_of_the_wrong_kind_has_its_sentence(value: object, method: str, sentence: str) -> None:
    if isinstance(value, dict):
        value = {name: a_node("x")[0] for name in value}
    node, problems = a_node(value)
    getattr(node, method)()
    assert [str(one) for one in problems.found] == [f"f:3: {sentence}"]


@given(st.text())
def test_what_is_shown_of_a_problem_never_steers_a_terminal(text: str) -> None:
    assert visible(text).isprintable()
    assert visible(visible(text)) == visible(text)


def test_an_error_lists_its_problems_a_line_each() -> None:
    refused = PackageError([Problem("a", 1, "x."), Problem("b", 0, "y.")])
    assert str(refused) == "a:1: x.\nb: y."
