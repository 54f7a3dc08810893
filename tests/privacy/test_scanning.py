"""The scan finds a text wherever it is left, in whatever clothes, and never shows what stands around it."""

from __future__ import annotations

import base64
import json
import os
import quopri
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.core import crypto
from portal.core.database import db, drop_journal, transaction
from portal.core.settings import Settings
from portal.privacy.services import scan
from portal.privacy.services.scanning import CHUNK, encodings
from tests.events.hall import come, lecture, mobile

NAME = "欧阳金丝雀"
AROUND = "周围的话"
sqlite_only = pytest.mark.skipif(bool(os.environ.get("MINGBAI_TEST_POSTGRES")), reason="about SQLite's file")


def run(app: Flask, *words: str, given: str = "") -> tuple[int, str]:
    db.session.remove()
    result = app.test_cli_runner().invoke(args=["privacy", "scan", *words], input=given)
    assert AROUND not in result.output
    return result.exit_code, result.output


def test_nothing_is_found_where_nothing_is(app: Flask) -> None:
    assert run(app, NAME) == (0, "It is nowhere.\n")


def test_sealed_texts_are_read_in_the_clear(app: Flask) -> None:
    with transaction() as session:
        come(session, lecture(session), NAME, access_note=f"{AROUND}{NAME}", **mobile(4321))
    status, told = run(app, NAME)
    assert status == 1
    assert "events_registration.access_note: sealed, 1 times, first 1\n" in told
    assert "events_registration.name: sealed, 1 times, first 1\n" in told
    assert run(app, "-", given=NAME + "\n") == (status, told)
    assert run(app, "13800004321")[0] == 1


def test_every_table_is_read_also_one_that_the_portal_does_not_know(app: Flask) -> None:
    with transaction() as session:
        session.execute(sa.text("CREATE TABLE left_over (key INTEGER PRIMARY KEY, said TEXT)"))
        session.execute(sa.text("INSERT INTO left_over VALUES (7, :text)"), {"text": AROUND + NAME})
        come(session, lecture(session, words={"title": {"zh-Hans": NAME}}))
    status, told = run(app, NAME)
    assert status == 1
    assert "left_over.said: utf-8, 1 times, first 7\n" in told
    assert "events_event.words: json, 1 times, first 1\n" in told


CLOTHES = {
    "utf-8": NAME.encode(),
    "utf-16 little": NAME.encode("utf-16-le"),
    "utf-16 big": NAME.encode("utf-16-be"),
    "json": json.dumps(NAME).encode(),
    "json, capitals": json.dumps(NAME).upper().replace("\\U", "\\u").encode(),
    "base64": base64.b64encode(NAME.encode()),
    "base64 in a longer text": base64.b64encode(f"a{NAME}b".encode()),
    "base64 with line breaks": base64.encodebytes(f"{AROUND * 4}{NAME}{AROUND * 4}".encode()),
    "base64 for addresses": base64.urlsafe_b64encode(f"ab{NAME}".encode()),
    "quoted-printable": quopri.encodestring(f"{AROUND * 3}{NAME}{AROUND * 3}".encode()),
    "address": quote(NAME).encode(),
    "address, small letters": quote(NAME).lower().encode(),
    "gb18030": NAME.encode("gb18030"),
}


@pytest.mark.parametrize("clothes", CLOTHES)
@pytest.mark.parametrize("place", ["logs/portal.log", "search/x.seg", "mail/a.eml", "media/p.png", "b.sqlite3-wal"])
def test_files_are_read_byte_by_byte(app: Flask, settings: Settings, clothes: str, place: str) -> None:
    path = settings.data / place
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(AROUND.encode() + b"\0" + CLOTHES[clothes] + b"\0" + AROUND.encode())
    status, told = run(app, NAME)
    assert (status, [line.split(": ")[0] for line in told.splitlines()]) == (1, [str(path)])


def test_a_text_between_two_pieces_of_a_large_file_is_found(app: Flask, settings: Settings) -> None:
    for shift in (0, 1, 7, len(NAME.encode())):
        (settings.data / "large").write_bytes(b"x" * (CHUNK - shift) + NAME.encode() + b"y" * 1_000)
        assert run(app, NAME)[0] == 1
    (settings.data / "large").write_bytes(b"x" * (2 * CHUNK))
    assert run(app, NAME)[0] == 0


def test_the_name_of_a_file_is_told_by_its_folder(app: Flask, settings: Settings, tmp_path: Path) -> None:
    (settings.data / f"{NAME}.csv").write_bytes(b"")
    assert run(app, NAME) == (1, f"{settings.data}: the name of a file in it, 1 times\n")
    (settings.data / f"{NAME}.csv").unlink()
    elsewhere = tmp_path / "access.log"
    elsewhere.write_text(quote(NAME))
    assert run(app, NAME)[0] == 0
    assert run(app, NAME, "--also", str(elsewhere)) == (1, f"{elsewhere}: url, 1 times\n")


def test_one_sign_is_too_little_to_look_for(app: Flask) -> None:
    assert run(app, "张")[0] == 1
    assert run(app, "-", given="\n")[0] == 1


@sqlite_only
def test_what_was_deleted_is_gone_from_the_file_and_the_scan_would_see_it_otherwise(
    app: Flask, settings: Settings
) -> None:
    with transaction() as session:
        session.execute(sa.text("CREATE TABLE left_over (said TEXT)"))
        session.execute(sa.text("INSERT INTO left_over VALUES (:text)"), {"text": NAME})
    assert run(app, NAME)[0] == 1
    with transaction() as session:
        session.execute(sa.text("DELETE FROM left_over"))
    assert run(app, NAME)[0] == 0
    # The control: a connection without `secure_delete`.
    file = sqlite3.connect(settings.data / "portal.sqlite3")
    file.execute("PRAGMA secure_delete = OFF")
    with file:
        file.execute("INSERT INTO left_over VALUES (?)", [NAME])
    with file:
        file.execute("DELETE FROM left_over")
    file.close()
    status, told = run(app, NAME)
    assert (status, told) == (1, f"{settings.data / 'portal.sqlite3'}: utf-8, 1 times\n")


@sqlite_only
def test_the_write_ahead_log_is_emptied(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.core.database.WAL_IS_SAFE", True)
    file = settings.data / "portal.sqlite3"
    with transaction() as session:
        session.execute(sa.text("CREATE TABLE left_over (said TEXT)"))
    db.session.remove()
    db.engine.dispose()
    keeper = sqlite3.connect(file)
    keeper.execute("PRAGMA journal_mode = WAL")
    keeper.execute("PRAGMA secure_delete = ON")
    with keeper:
        keeper.execute("INSERT INTO left_over VALUES (?)", [NAME])
    with keeper:
        keeper.execute("DELETE FROM left_over")
    log = file.with_name(f"{file.name}-wal")
    assert NAME.encode() in log.read_bytes()
    drop_journal(db.engine)
    assert log.stat().st_size == 0
    assert NAME.encode() not in file.read_bytes()
    keeper.close()


def test_what_no_key_opens_is_passed_over(app: Flask) -> None:
    with transaction() as session:
        come(session, lecture(session), NAME)
    crypto.ring().add()
    crypto.ring().retire()
    assert scan(NAME, folders=()) == []


@given(text=st.text(min_size=2, max_size=12).filter(lambda text: text.strip() and "\0" not in text))
def test_every_text_has_forms_to_look_for(text: str) -> None:
    pieces = [piece for some in encodings(text).values() for piece in some]
    assert text.encode("utf-8", "surrogatepass") in pieces
    assert len(pieces) == len(set(pieces))
