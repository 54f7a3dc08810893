"""Giving everything out: taking it in again changes nothing, byte for byte."""

import shutil
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.core.database import db
from portal.core.settings import ROOT, Settings
from portal.reference.rules import Problems, read_yaml, write_yaml
from portal.reference.rules.files import UNSTORABLE
from tests.articles.helpers import counts, give, run, take
from tests.conftest import make_app
from tests.factories import ARTICLE, TOPICS, edition, package

NOTHING = "Nothing has changed: everything in the package is stored already.\n"
AWKWARD = [
    "no",
    "yes",
    "null",
    "~",
    "true",
    "Off",
    "2024-06-25",
    "12:30",
    "1e3",
    "0x1f",
    "017",
    ".5",
    ".inf",
    "=",
    "<<",
    "a: b",
    "a #b",
    "#a",
    "- a",
    "? a",
    "! a",
    "& a",
    "* a",
    "% a",
    "@ a",
    "` a",
    "[a]",
    "{a}",
    "'",
    '"',
    "''",
    '"a"',
    "|",
    ">",
    "---",
    "...",
    " a",
    "a ",
    "\ta",
    "a\t",
    "\u3000全角\u3000",
    "😀👨\u200d👩\u200d👧",
    "\u202eabc\u202c",
    "\u200f\u200e",
    "a\u200bb",
    "\ufeffa",
    "\u2028",
    "a\u2029b",
    "é",
    "e\u0301",
    "\\",
    "\\n",
    "a\\",
    "%s{}{{x}}",
    "<script>",
    "&amp;",
    "\U0010fffd",
    "：，。“”",
]

lines = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=60
)
lines = (st.sampled_from(AWKWARD) | lines).filter(lambda text: bool(text.strip()) and not UNSTORABLE.search(text))
several = st.lists(lines, min_size=1, max_size=4).map("\n".join)
bodies = st.lists(
    st.sampled_from(
        ["", " ", "  \n", "---", "a: b", "- x", "## 题", "    code", "文  ", "\t", "```", "**x**", "\u202e😀"]
    )
    | lines,
    max_size=8,
).map(lambda rest: "[key]\n先停\n[/]\n" + "\n".join(rest))


def quoted(text: str) -> str:
    """Return a YAML line of its own making: not what the portal writes."""
    signs = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n"}
    return '"' + "".join(signs.get(sign, sign if sign.isprintable() else f"\\U{ord(sign):08x}") for sign in text) + '"'


def round_trip(folder: Path) -> None:
    """Take `folder` in, give it out, take that in (nothing changes) and give it out again (the same bytes)."""
    target = Path(tempfile.mkdtemp(dir=folder.parent))
    take(folder)
    first = give(target / "a")
    after = counts()
    assert take(target / "a").endswith(NOTHING)
    assert counts() == after
    assert give(target / "b") == first
    shutil.rmtree(target)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=lines, summary=lines, hook=lines, body=bodies)
@example(title="no", summary="2024-06-25", hook="a: b #c", body="[key]\nx\n[/]\n\n---\ntitle: y\n---\n  ")
@example(title=" x ", summary="---", hook="...", body="[key]\nx\n[/]")
def test_any_text_comes_back_byte_for_byte(
    session: Session, tmp_path: Path, title: str, summary: str, hook: str, body: str
) -> None:
    fields = {"title": title[:120], "summary": summary, "hook": hook}
    written = "".join(f"{name}: {quoted(value)}\n" for name, value in fields.items())
    folder = package(tmp_path / "p", {"a": {"general.en.md": f"---\n{written}status: published\n---\n{body}"}})
    if run("content", "import", str(folder), "--dry-run").exit_code:
        return  # a body that `check` refuses, or one over a limit; what is taken must come back
    round_trip(folder)
    out = Path(tempfile.mkdtemp(dir=tmp_path))
    found = give(out)["articles/a/general.en.md"].decode()
    front, _, back = found[4:].partition("\n---\n")
    node = read_yaml(front, file="", problems=Problems())
    assert node is not None
    assert {name: entry.value for name, entry in node.value.items()} == {**fields, "status": "published"}
    assert back == body


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=lines, note=several, word=lines)
def test_any_list_comes_back_unchanged(session: Session, tmp_path: Path, name: str, note: str, word: str) -> None:
    topic = f"- {{key: k, icon: i, name: {{zh-Hans: {quoted(name)}, en: {quoted(word)}}}, note: {quoted(note[:80])}}}\n"
    term = f"- {{key: k, term: {quoted(word)}, plain: {quoted(note)}, checked_on: 2026-11-01}}\n"
    same = f"- [{quoted(word)}, {quoted(name)}]\n"
    folder = package(tmp_path / "p", {}, topics_yaml=topic, glossary_yaml=term, synonyms_yaml=same)
    if run("content", "import", str(folder), "--dry-run").exit_code == 0:
        round_trip(folder)


@pytest.mark.parametrize("text", AWKWARD)
def test_an_awkward_value_is_written_so_that_it_is_read_as_itself(text: str) -> None:
    problems = Problems()
    node = read_yaml(write_yaml({"a": text, "b": [text]}), file="x", problems=problems)
    assert node is not None
    assert (node.value["a"].value, node.value["b"].value[0].value, problems.found) == (text, text, [])


@given(st.dictionaries(st.sampled_from("abc"), several | st.lists(several), min_size=1))
def test_whatever_is_written_is_read_as_itself(value: dict[str, str | list[str]]) -> None:
    problems = Problems()
    node = read_yaml(write_yaml(value), file="x", problems=problems)
    assert node is not None
    assert problems.found == []
    assert {
        name: entry.value if isinstance(entry.value, str) else [one.value for one in entry.value]
        for name, entry in node.value.items()
    } == value


def test_the_starter_library_moves_to_another_site_byte_for_byte(
    library: Flask, session: Session, tmp_path: Path
) -> None:
    first = give(tmp_path / "first")
    assert sorted(first) == sorted(
        str(path.relative_to(ROOT / "content"))
        for path in (ROOT / "content").rglob("*")
        if path.is_file() and path.name not in ("README.md", "REVIEW.md")
    )
    assert take(tmp_path / "first").endswith(NOTHING)
    for table in reversed(db.metadata.sorted_tables):
        if table.name != "audit_event":  # nobody rewrites the audit log
            session.execute(table.delete())
    session.commit()
    assert {name for name, count in counts().items() if count} == {"audit_event"}
    take(tmp_path / "first")
    assert give(tmp_path / "second") == first


@pytest.mark.parametrize("name", ["a/general.zh-Hans.md", "a/elderly.zh-Hans.md"])
def test_bodies_and_status_come_back_as_written(session: Session, tmp_path: Path, name: str) -> None:
    editions = {"general.zh-Hans.md": edition(status="draft"), "elderly.zh-Hans.md": edition("b")}
    take(package(tmp_path / "p", {"a": editions}))
    found = give(tmp_path / "out")[f"articles/{name}"].decode()
    assert found == editions[name.partition("/")[2]]


def test_what_was_kept_and_old_names_are_given_out_too(session: Session, tmp_path: Path) -> None:
    named = {"general.zh-Hans.md": edition(), "article.yaml": ARTICLE + "former_slugs: [z, b]\nrelated: [a]\n"}
    take(package(tmp_path / "p", {"a": named}))
    round_trip(package(tmp_path / "q", {}, topics_yaml=TOPICS.replace("fraud", "money")))
    assert b"former_slugs:\n- b\n- z\nrelated:\n- a\n" in give(tmp_path / "out")["articles/a/article.yaml"]


def test_a_folder_that_holds_something_is_refused(library: Flask, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    result = run("content", "export", str(tmp_path))
    assert (result.exit_code, result.stderr) == (
        1,
        f"Error: {tmp_path} is not an empty folder. Name one that does not exist yet.\n",
    )
    assert run("content", "export", str(tmp_path / "x")).exit_code == 1
    assert (tmp_path / "x").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_a_sentence(library: Flask, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    result = run("content", "export", str(tmp_path / "file" / "under"))
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.output


def test_an_empty_site_gives_an_empty_folder(session: Session, tmp_path: Path) -> None:
    assert run("content", "export", str(tmp_path / "out")).output == f"Wrote 0 articles to {tmp_path / 'out'}.\n"
    assert list((tmp_path / "out").iterdir()) == []


def test_one_article_is_counted_as_one(session: Session, tmp_path: Path) -> None:
    take(package(tmp_path / "p"))
    assert run("content", "export", str(tmp_path / "out")).output == f"Wrote 1 article to {tmp_path / 'out'}.\n"


@pytest.mark.parametrize("command", ["import", "export"])
def test_a_database_that_is_not_migrated_is_a_sentence(tmp_path: Path, command: str) -> None:
    runner = make_app(Settings(data=tmp_path / "fresh")).test_cli_runner()
    folder = package(tmp_path / "p") if command == "import" else tmp_path / "out"
    result = runner.invoke(args=["content", command, str(folder)])
    assert (result.exit_code, result.stderr) == (1, "Error: The database is not ready. Run `flask db upgrade` first.\n")
    assert (tmp_path / "out").exists() is False


def test_a_locked_database_is_a_sentence_and_nothing_changes(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked() -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("database is locked"))

    before = counts()
    monkeypatch.setattr("portal.core.clock.now", locked)
    result = run("content", "import", str(package(tmp_path / "p")))
    assert (result.exit_code, counts()) == (1, before)
    assert result.stderr.endswith("Error: The database is busy. Please try again in a moment.\n")
