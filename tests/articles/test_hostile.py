"""Hostile packages: a sentence each, and nothing changes."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal.core.markup import Renderer
from portal.reference.rules.files import MAX_YAML_BYTES
from tests.articles.helpers import counts, refused, run, take
from tests.factories import ARTICLE, TOPICS, edition, package

FRONT = "articles/hang-up/general.zh-Hans.md"
CRLF = "The file holds a carriage return (CRLF line end); use LF line ends."
BOM = "The file begins with a byte-order mark. Save it as UTF-8 without BOM."
NOT_UTF8 = "The file is not UTF-8. Save it again with the encoding UTF-8."
NAME = "The name must be article.yaml or <audience>.<locale>.md."
SLUG = "The folder's name is not a slug: small letters, digits and single hyphens."
STRAY = "This does not belong to a content package."
ANCHOR = "Anchors and aliases (& and *) are not taken. Put quotes around text that needs them."
TAG = "Tags (!) are not taken. Put quotes around text that begins with an exclamation mark."


def write(name: str, content: bytes) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)

    return do


def link(name: str, target: str) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        path = folder / name
        if path.is_file():
            path.unlink()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    return do


def fifo(name: str) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)

    return do


def folder_called(name: str) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        (folder / name).mkdir(parents=True)

    return do


def huge(name: str) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        with (folder / name).open("wb") as file:
            file.truncate(50_000_000)

    return do


text = edition().encode()
bomb = "a: &a [x]\n" + "".join(f"b{n}: &b{n} [{', '.join(['*a'] * 9)}]\n" for n in range(9))
CASES: list[tuple[str, Callable[[Path], None], list[str]]] = [
    ("BOM", write(FRONT, b"\xef\xbb\xbf" + text), [f"{FRONT}:1: {BOM}"]),
    ("UTF-16", write(FRONT, edition().encode("utf-16")), [f"{FRONT}:1: {BOM}"]),
    (
        "UTF-16 BE",
        write("topics.yaml", b"\xfe\xff" + TOPICS.encode("utf-16-be")),
        [f"topics.yaml:1: {BOM}", "articles/hang-up/article.yaml:1: There is no topic `phone`."],
    ),
    ("GBK", write(FRONT, edition().encode("gbk", "replace")), [f"{FRONT}:2: {NOT_UTF8}"]),
    ("half a character", write(FRONT, text + b"\xe9"), [f"{FRONT}:15: {NOT_UTF8}"]),
    ("surrogate bytes", write(FRONT, text + b"\xed\xa0\x80"), [f"{FRONT}:15: {NOT_UTF8}"]),
    ("overlong", write(FRONT, text + b"\xc0\xaf"), [f"{FRONT}:15: {NOT_UTF8}"]),
    ("CRLF", write(FRONT, text.replace(b"\n", b"\r\n")), [f"{FRONT}:1: {CRLF}"]),
    ("NUL", write(FRONT, text + b"\0"), [f"{FRONT}:15: The file holds a NUL character."]),
    ("escape", write(FRONT, text + b"\x1b[2J"), [f"{FRONT}:15: The file holds the control character U+001B."]),
    ("backspace", write("words.txt", b"a\nb\x08\n"), ["words.txt:2: The file holds the control character U+0008."]),
    (
        "noncharacter",
        write(FRONT, text + "\uffff".encode()),
        [f"{FRONT}:15: The file holds the control character U+FFFF."],
    ),
    ("50 MB text", huge(FRONT), [f"{FRONT}: The file is too large: at most 70,000 bytes are taken."]),
    (
        "50 MB list",
        huge("topics.yaml"),
        [
            "topics.yaml: The file is too large: at most 1,000,000 bytes are taken.",
            "articles/hang-up/article.yaml:1: There is no topic `phone`.",
        ],
    ),
    (
        "body over the limit",
        write(FRONT, edition(body="[key]\na\n[/]\n" + "字" * 20_000).encode()),
        [f"{FRONT}:6: The text is longer than 60,000 bytes."],
    ),
    ("tag", write("site.yaml", b"name: !!python/object/apply:os.system [id]\n"), [f"site.yaml:1: {TAG}"]),
    ("tag in front", write(FRONT, edition("!!str x").encode()), [f"{FRONT}:2: {TAG}"]),
    ("anchor", write("site.yaml", b"name: &a x\nbank: *a\n"), [f"site.yaml:1: {ANCHOR}"]),
    ("bomb", write("site.yaml", bomb.encode()), [f"site.yaml:1: {ANCHOR}"]),
    (
        "merge key",
        write("site.yaml", b"<<: {name: x}\n<<: {name: y}\n"),
        ["site.yaml:2: The field `<<` stands here twice."],
    ),
    ("deep", write("synonyms.yaml", b"[" * 100_000), ["synonyms.yaml:1: The values are nested too deeply."]),
    (
        "deep block",
        write("synonyms.yaml", "".join(" " * n + "-\n" for n in range(50)).encode()),
        ["synonyms.yaml:9: The values are nested too deeply."],
    ),
    (
        "two documents",
        write("synonyms.yaml", b"- [a, b]\n---\n- [c, d]\n"),
        ["synonyms.yaml:2: This is not valid YAML: but found another document."],
    ),
    ("duplicate key", write("site.yaml", b"name: a\nname: b\n"), ["site.yaml:2: The field `name` stands here twice."]),
    ("list as key", write("site.yaml", b"? [a]\n: b\n"), ["site.yaml:1: The name of a field must be plain text."]),
    (
        "escape in a key",
        write("glossary.yaml", b'- {key: a, term: b, plain: c, checked_on: 2026-01-01, "\\e[2J\\n": d}\n'),
        ["glossary.yaml:1: `\\x1b[2J\\n` is not a field that is known here."],
    ),
    (
        "not YAML",
        write("site.yaml", b"a: b: c\n"),
        ["site.yaml:1: This is not valid YAML: mapping values are not allowed in this context."],
    ),
    (
        "tabs",
        write("site.yaml", b"a:\n\t- b\n"),
        ["site.yaml:2: This is not valid YAML: found character that cannot start any token."],
    ),
    ("link to a file", link(FRONT, "/etc/passwd"), [f"{FRONT}: Symbolic links are not followed."]),
    ("link to a folder", link("articles/linked", "/etc"), ["articles/linked: Symbolic links are not followed."]),
    ("link at the top", link("site.yaml", "/etc/passwd"), ["site.yaml: Symbolic links are not followed."]),
    (
        "dangling link",
        link("articles/hang-up/youth.en.md", "/nowhere"),
        ["articles/hang-up/youth.en.md: Symbolic links are not followed."],
    ),
    ("loop", link("articles/loop", "."), ["articles/loop: Symbolic links are not followed."]),
    ("FIFO", fifo(FRONT), [f"{FRONT}: This is neither a file nor a folder."]),
    ("FIFO at the top", fifo("words.txt"), ["words.txt: This is neither a file nor a folder."]),
    (
        "folder for an edition",
        folder_called("articles/hang-up/youth.en.md"),
        ["articles/hang-up/youth.en.md: This must be a file, but it is a folder."],
    ),
    ("folder for a list", folder_called("site.yaml"), [f"site.yaml: {STRAY}"]),
    (
        "file among articles",
        write("articles/x.md", b"x"),
        ["articles/x.md: In articles/ there may only be folders, one for each article."],
    ),
    ("unknown file", write("setup.py", b"x"), [f"setup.py: {STRAY}"]),
    (
        "unknown file of an article",
        write("articles/hang-up/general.fr.md", b"x"),
        [f"articles/hang-up/general.fr.md: {NAME}"],
    ),
    ("deep folders", write("articles/hang-up/a/b/c/d/e.md", b"x"), [f"articles/hang-up/a: {NAME}"]),
    ("hidden folder", write(".git/config", b"x"), [f".git: {STRAY}"]),
    ("archive", write("content.zip", b"PK\3\4"), [f"content.zip: {STRAY}"]),
    ("name like a path", write("articles/..%2f..%2fetc/article.yaml", b"x"), [f"articles/..%2f..%2fetc: {SLUG}"]),
    ("name with backslashes", write("articles/..\\..\\etc/article.yaml", b"x"), [f"articles/..\\..\\etc: {SLUG}"]),
    ("dots", write("articles/.../article.yaml", b"x"), [f"articles/...: {SLUG}"]),
    ("capitals", write("articles/A/article.yaml", ARTICLE.encode()), [f"articles/A: {SLUG}"]),
    ("long slug", write(f"articles/{'a' * 81}/article.yaml", ARTICLE.encode()), [f"articles/{'a' * 81}: {SLUG}"]),
    (
        "control characters in a name",
        write("articles/a\x1b[2J\r\nb\x07\x9b/x", b"x"),
        [f"articles/a\\x1b[2J\\r\\nb\\x07\\x9b: {SLUG}"],
    ),
    ("right-to-left name", write("\u202etxt.exe", b"x"), [f"\\u202etxt.exe: {STRAY}"]),
    (
        "no article.yaml",
        write("articles/b/general.en.md", edition().encode()),
        ["articles/b: article.yaml is missing."],
    ),
    (
        "own slug as old name",
        write("articles/hang-up/article.yaml", (ARTICLE + "former_slugs: [hang-up]\n").encode()),
        ["articles/hang-up/article.yaml: The former slug `hang-up` is in use."],
    ),
    (
        "unknown article in site.yaml",
        write("site.yaml", b"name: a\nbank: b\ntagline: c\nabout: d\nbank_hotline: e\nfeatured: [f]\n"),
        ["site.yaml: `e` (bank_hotline) is not the key of a telephone number.", "site.yaml: There is no article `f`."],
    ),
]


@pytest.mark.parametrize(("make", "problems"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_hostile_package_gets_its_sentences_and_changes_nothing(
    session: Session, tmp_path: Path, make: Callable[[Path], None], problems: list[str]
) -> None:
    folder = package(tmp_path / "p")
    make(folder)
    assert refused(folder) == problems


def test_names_that_are_not_text_are_written_out(session: Session, tmp_path: Path) -> None:
    folder = package(tmp_path / "p")
    os.mkdir(os.path.join(os.fsencode(folder), b"articles", b"\xff\xfe"))
    assert refused(folder) == [f"articles/\\udcff\\udcfe: {SLUG}"]


def test_a_text_that_renders_too_long_is_refused_with_its_place(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Renderer.__init__.__kwdefaults__, "limit", 0.0)
    body = "[key]\na\n[/]\n\n" + "".join(f"{'    ' * depth}- a\n\n" for depth in range(14)) * 60
    assert refused(package(tmp_path / "p", {"a": {"general.en.md": edition(body=body)}})) == [
        "articles/a/general.en.md:6: The text takes too long to be turned into a page. "
        "Simplify its lists, tables or brackets."
    ]


def test_a_readme_is_left_alone(session: Session, tmp_path: Path) -> None:
    folder = package(tmp_path / "p")
    (folder / "README.md").write_bytes(b"\xff\0")
    assert "articles: 1 added" in take(folder)


@pytest.mark.parametrize("name", ["missing", "file.txt", "file.txt/x"])
def test_a_folder_that_is_none_is_refused(session: Session, tmp_path: Path, name: str) -> None:
    (tmp_path / "file.txt").write_text("x")
    assert refused(tmp_path / name) == [f"{tmp_path / name}: There is no such folder."]


def test_an_empty_folder_is_no_package(session: Session, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert refused(empty) == [f"{empty}: This folder holds no part of a content package."]


def test_many_words_are_read_in_one_pass(session: Session, tmp_path: Path) -> None:
    words = "\n".join(f"{number:x}" for number in range(120_000))
    assert len(words) < MAX_YAML_BYTES
    assert "search words: 0 added, 1 changed" in take(package(tmp_path / "p", {}, words_txt=words))
    assert refused(package(tmp_path / "q", {}, words_txt="a\n\nb\na\n")) == [
        "words.txt:4: `a` is too long or stands here twice."
    ]


def test_a_refused_package_is_refused_in_a_dry_run_too(session: Session, tmp_path: Path) -> None:
    before = counts()
    result = run("content", "import", str(package(tmp_path / "p", {"A": {}})), "--dry-run")
    assert (result.exit_code, counts()) == (1, before)
