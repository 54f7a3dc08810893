"""Zip files: honest ones come back byte for byte, hostile ones get a sentence, and nothing stays behind."""

from __future__ import annotations

import io
import os
import resource
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.articles.services import archives
from portal.articles.services.archives import ArchiveRefused, Flaw, pack, unpack, unpacked
from portal.core.settings import ROOT
from tests.articles.zips import Entry, forge, packed, zipped

UTF8 = 0x800
GOOD = Entry()
LINK = (stat.S_IFLNK | 0o777) << 16
DEVICE = (stat.S_IFCHR | 0o666) << 16
PIPE = (stat.S_IFIFO | 0o666) << 16
FOLDER = (stat.S_IFDIR | 0o755) << 16
HONEST = zipped({"topics.yaml": "[]\n" * 900})


MANY = [f"articles/{number}".encode() for number in range(40)]
SHARED = (Entry(name, b"\0" * 999_000, offset=0, local_name=MANY[0]) for name in MANY[1:])
ACCENTS = (Entry("é".encode(), flags=UTF8), Entry("e\u0301".encode(), flags=UTF8))


CASES: list[tuple[str, bytes, Flaw, str]] = [
    ("nothing", b"", Flaw.NOT_A_ZIP, ""),
    ("text", b"topics: []\n", Flaw.NOT_A_ZIP, ""),
    ("a program before it", b"MZ" + HONEST, Flaw.NOT_A_ZIP, ""),
    ("rar", b"Rar!\x1a\x07\x01\x00" + b"\0" * 100, Flaw.NOT_A_ZIP, ""),
    ("gzip", b"\x1f\x8b\x08" + b"\0" * 100, Flaw.NOT_A_ZIP, ""),
    ("only the mark", b"PK\x03\x04", Flaw.DAMAGED, ""),
    ("an empty archive", forge(), Flaw.EMPTY, ""),
    ("folders only", forge(Entry(b"articles/", b"", method=0)), Flaw.EMPTY, ""),
    ("the end is missing", HONEST[:-30], Flaw.DAMAGED, ""),
    ("half of it", HONEST[: len(HONEST) // 2], Flaw.DAMAGED, ""),
    ("a wrong checksum", forge(Entry(crc=1)), Flaw.DAMAGED, "topics.yaml"),
    ("a stream that is none", forge(Entry(packed=b"\xff" * 40)), Flaw.DAMAGED, "topics.yaml"),
    ("a stream that ends early", forge(Entry(content=b"a" * 9000, packed=b"\x4b")), Flaw.DAMAGED, "topics.yaml"),
    ("other names in the two places", forge(Entry(local_name=b"site.yaml")), Flaw.DAMAGED, "topics.yaml"),
    ("an offset into nothing", forge(GOOD, Entry(b"site.yaml", offset=2**31)), Flaw.DAMAGED, "site.yaml"),
    ("an offset into another's bytes", forge(GOOD, Entry(b"site.yaml", offset=9)), Flaw.DAMAGED, "site.yaml"),
    ("more bytes than announced", forge(Entry(content=b"a" * 9000, size=10)), Flaw.DAMAGED, "topics.yaml"),
    ("a password", forge(Entry(flags=0x1)), Flaw.ENCRYPTED, "topics.yaml"),
    ("strong encryption", forge(Entry(flags=0x41)), Flaw.ENCRYPTED, "topics.yaml"),
    ("an encrypted directory", forge(Entry(flags=0x2000)), Flaw.ENCRYPTED, "topics.yaml"),
    ("bzip2", forge(Entry(method=12)), Flaw.METHOD, "topics.yaml"),
    ("lzma", forge(Entry(method=14)), Flaw.METHOD, "topics.yaml"),
    ("no known method", forge(Entry(method=97)), Flaw.METHOD, "topics.yaml"),
    ("a bomb", forge(Entry(b"words.txt", b"\0" * 5_000_000)), Flaw.BOMB, "words.txt"),
    ("a bomb that says it is small", forge(Entry(b"words.txt", b"\0" * 5_000_000, size=3)), Flaw.DAMAGED, "words.txt"),
    ("one stream for many names", forge(Entry(MANY[0], b"\0" * 999_000), *SHARED), Flaw.DAMAGED, "articles/1"),
    ("many small bombs", forge(*(Entry(name, b"\0" * 999_000) for name in MANY)), Flaw.BOMB, "articles/10"),
    ("up and out", forge(Entry(b"../topics.yaml")), Flaw.NAME_OUTSIDE, "../topics.yaml"),
    ("up in the middle", forge(Entry(b"articles/../../x")), Flaw.NAME_OUTSIDE, "articles/../../x"),
    ("from the root", forge(Entry(b"/etc/passwd")), Flaw.NAME_OUTSIDE, "/etc/passwd"),
    ("a drive", forge(Entry(b"C:/x")), Flaw.NAME_OUTSIDE, "C:/x"),
    ("a drive without a slash", forge(Entry(b"c:x")), Flaw.NAME_OUTSIDE, "c:x"),
    ("a backslash", forge(Entry(b"..\\x")), Flaw.NAME_BAD, "..\\x"),
    ("another system's path", forge(Entry(b"articles\\a\\article.yaml")), Flaw.NAME_BAD, "articles\\a\\article.yaml"),
    ("a share", forge(Entry(b"\\\\server\\x")), Flaw.NAME_BAD, "\\\\server\\x"),
    ("NUL", forge(Entry(b"topics.yaml\0.txt")), Flaw.NAME_BAD, "topics.yaml\\x00.txt"),
    ("an escape", forge(Entry(b"a\x1b[2J")), Flaw.NAME_BAD, "a\\x1b[2J"),
    ("a line break", forge(Entry(b"a\nb")), Flaw.NAME_BAD, "a\\nb"),
    ("no name", forge(Entry(b"")), Flaw.NAME_BAD, ""),
    ("two slashes", forge(Entry(b"a//b")), Flaw.NAME_BAD, "a//b"),
    ("a dot", forge(Entry(b"./topics.yaml")), Flaw.NAME_BAD, "./topics.yaml"),
    ("right to left", forge(Entry("a\u202eb".encode(), flags=UTF8)), Flaw.NAME_BAD, "a\\u202eb"),
    ("not UTF-8", forge(Entry(b"\xc4\xda\xc8\xdd.md")), Flaw.NAME_NOT_UTF8, ""),
    ("not UTF-8, but it says so", forge(Entry(b"\xff\xfe.md", flags=UTF8)), Flaw.NAME_NOT_UTF8, ""),
    ("half a pair", forge(Entry(b"\xed\xa0\x80", flags=UTF8)), Flaw.NAME_NOT_UTF8, ""),
    ("a long name", forge(Entry(b"a" * 256)), Flaw.NAME_LONG, "aaa"),
    ("a long path", forge(Entry(b"a/" * 501 + b"b")), Flaw.NAME_LONG, "a/a"),
    ("a link", forge(Entry(content=b"/etc/passwd", attributes=LINK)), Flaw.SPECIAL, "topics.yaml"),
    ("a link as a folder", forge(Entry(b"articles/", b"/etc", attributes=LINK)), Flaw.SPECIAL, "articles/"),
    ("a device", forge(Entry(attributes=DEVICE)), Flaw.SPECIAL, "topics.yaml"),
    ("a pipe", forge(Entry(attributes=PIPE)), Flaw.SPECIAL, "topics.yaml"),
    ("a folder that is a file", forge(Entry(attributes=FOLDER)), Flaw.SPECIAL, "topics.yaml"),
    ("twice", forge(GOOD, Entry(content=b"- b\n")), Flaw.TWICE, "topics.yaml"),
    ("twice but for capitals", forge(GOOD, Entry(b"Topics.yaml")), Flaw.TWICE, "Topics.yaml"),
    ("folders twice but for capitals", forge(Entry(b"a/x"), Entry(b"A/y")), Flaw.TWICE, "A/y"),
    ("twice but for the normal form", forge(*ACCENTS), Flaw.TWICE, "e\u0301"),
    ("full width", forge(GOOD, Entry("ｔopics.yaml".encode(), flags=UTF8)), Flaw.TWICE, "ｔopics.yaml"),
    ("a file and a folder", forge(Entry(b"a"), Entry(b"a/b")), Flaw.TWICE, "a/b"),
    ("a folder and a file", forge(Entry(b"a/b"), Entry(b"a")), Flaw.TWICE, "a"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "flaw", "name"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_hostile_archive_is_refused_by_name_and_leaves_nothing(
    tmp_path: Path, raw: bytes, flaw: Flaw, name: str
) -> None:
    with pytest.raises(ArchiveRefused) as problem, unpacked(io.BytesIO(raw), tmp_path / "private"):
        pass
    assert (problem.value.flaw, problem.value.name[: len(name)]) == (flaw, name), problem.value
    assert archives.SENTENCES[flaw] in str(problem.value)
    assert str(problem.value).isprintable()
    assert list((tmp_path / "private").iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["private"]


def test_what_is_too_large_is_refused_before_and_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = os.urandom(200_000)
    raw = zipped({"words.txt": noise, "glossary.yaml": noise})
    monkeypatch.setattr(archives, "MAX_PACKED", len(raw) - 1)
    assert refused(raw, tmp_path).flaw is Flaw.TOO_LARGE
    monkeypatch.setattr(archives, "MAX_PACKED", len(raw))
    monkeypatch.setattr(archives, "MAX_UNPACKED", 399_999)
    assert (refused(raw, tmp_path).flaw, refused(raw, tmp_path).name) == (Flaw.TOO_LARGE_UNPACKED, "glossary.yaml")
    monkeypatch.setattr(archives, "MAX_UNPACKED", 400_000)
    with unpacked(io.BytesIO(raw), tmp_path) as folder:
        assert (folder / "words.txt").read_bytes() == noise


def refused(raw: bytes, under: Path, **options: int) -> ArchiveRefused:
    with pytest.raises(ArchiveRefused) as problem, unpacked(io.BytesIO(raw), under, **options):
        pass
    return problem.value


def test_too_many_files_are_refused_whatever_the_directory_says(tmp_path: Path) -> None:
    assert refused(forge(*(Entry(f"a/{n}".encode()) for n in range(11))), tmp_path, max_files=10).flaw is Flaw.TOO_MANY
    lying = forge(*(Entry(f"a/{n}".encode()) for n in range(50)), count=1)
    assert refused(lying, tmp_path, max_files=10).flaw is Flaw.TOO_MANY
    with unpacked(io.BytesIO(forge(*(Entry(f"a/{n}".encode()) for n in range(10)))), tmp_path, max_files=10) as folder:
        assert len(list(folder.iterdir())) == 10


def test_a_directory_that_would_fill_memory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    many = b"PK\x03\x04" + (b"PK\x01\x02" + b"\0" * 42) * 400_000
    assert refused(many, tmp_path).flaw is Flaw.TOO_MANY
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_folder_around_everything_is_left_out(tmp_path: Path) -> None:
    for top in ("", "content/", "我的内容/"):
        raw = zipped({f"{top}topics.yaml": "[]", f"{top}articles/a/article.yaml": "x"})
        with unpacked(io.BytesIO(raw), tmp_path) as folder:
            assert names(folder) == ["articles/a/article.yaml", "topics.yaml"]


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_folder_of_articles_alone_is_no_wrapping(tmp_path: Path) -> None:
    with unpacked(io.BytesIO(zipped({"articles/a/article.yaml": "x"})), tmp_path) as folder:
        assert names(folder) == ["articles/a/article.yaml"]


def test_what_macos_adds_is_passed_over_and_names_in_utf8_without_a_mark_are_read(tmp_path: Path) -> None:
    raw = forge(
        Entry("内容/topics.yaml".encode()),
        Entry(b"__MACOSX/._topics.yaml", b"x"),
        Entry("内容/.DS_Store".encode(), b"x"),
    )
    with unpacked(io.BytesIO(raw), tmp_path) as folder:
        assert names(folder) == ["topics.yaml"]


def test_an_archive_in_an_archive_is_a_file_like_any_other(tmp_path: Path) -> None:
    with unpacked(io.BytesIO(zipped({"inner.zip": HONEST})), tmp_path) as folder:
        assert (folder / "inner.zip").read_bytes() == HONEST


def test_what_is_unpacked_is_private_and_gone_after_the_block_even_when_it_fails(tmp_path: Path) -> None:
    seen: list[Path] = []

    def use() -> None:
        with unpacked(io.BytesIO(zipped({"a/b/c": "x"})), tmp_path / "private") as folder:
            seen.extend((tmp_path / "private", folder, folder / "b", folder / "b" / "c"))
            assert [stat.S_IMODE(path.stat().st_mode) for path in seen] == [0o700, 0o700, 0o700, 0o600]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use()
    assert not seen[1].exists()


def test_what_a_killed_process_left_goes_after_an_hour(tmp_path: Path) -> None:
    program = (
        "import io, os, signal, sys\nfrom pathlib import Path\nfrom portal.articles.services.archives import unpacked\n"
        "with unpacked(io.BytesIO(sys.stdin.buffer.read()), Path(sys.argv[1])):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, input=HONEST, cwd=ROOT, check=False)
    assert done.returncode < 0
    left = list(tmp_path.iterdir())
    assert len(left) == 1
    refused(b"", tmp_path)
    assert list(tmp_path.iterdir()) == left
    long_ago = time.time() - 3_601
    os.utime(left[0], (long_ago, long_ago))
    refused(b"", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_same_files_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        for path in ("b", "a/c", "a/b/d") if name == "one" else ("a/b/d", "a/c", "b"):
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(path)
            os.utime(tmp_path / name / path, (1, len(name)))
    assert packed(tmp_path / "one") == packed(tmp_path / "two")
    with zipfile.ZipFile(io.BytesIO(packed(tmp_path / "one"))) as archive:
        assert archive.namelist() == ["a/b/d", "a/c", "b"]


# Small letters and Chinese characters: none of them is another one in a different spelling.
parts = st.text("abcxyz0189明白钱话警", min_size=1, max_size=8)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.dictionaries(parts, st.binary(max_size=400), min_size=2, max_size=6))
def test_what_is_packed_comes_back(tmp_path: Path, files: dict[str, bytes]) -> None:
    again = io.BytesIO()
    with unpacked(io.BytesIO(zipped(files)), tmp_path / "private") as folder:
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
        pack(folder, again)
    target = tmp_path / f"again-{time.monotonic_ns()}"
    target.mkdir()
    unpack(again, target)
    assert {path.name: path.read_bytes() for path in target.iterdir()} == files


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, len(HONEST) - 1), byte=st.integers(0, 255), cut=st.booleans())
def test_a_broken_archive_is_refused_or_read_and_never_a_crash(
    tmp_path: Path, place: int, byte: int, cut: bool
) -> None:
    raw = HONEST[:place] if cut else HONEST[:place] + bytes([byte]) + HONEST[place + 1 :]
    try:
        with unpacked(io.BytesIO(raw), tmp_path) as folder:
            assert len(names(folder)) == 1
    except ArchiveRefused:
        pass
    assert list(tmp_path.iterdir()) == []
