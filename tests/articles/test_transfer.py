"""Packages through the desk: out as a zip file, in as drafts after a look at what would change."""

from __future__ import annotations

import io
import os
import re
import threading
import time
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.articles.models import Edition, Revision
from portal.articles.services import waiting
from portal.articles.views import transfer
from portal.audit.models import Event
from portal.core.access import Permission
from portal.core.database import db
from tests.articles.desk import RULES
from tests.articles.helpers import counts, give, take
from tests.articles.zips import Entry, forge, packed, zipped
from tests.conftest import make_app
from tests.factories import TOPICS, edition, package
from tests.staff import staff, token

MOVER = (Permission.DESK, Permission.MOVE_CONTENT)
PAGE = "/desk/transfer"
CHANGED = {"hang-up": {"general.zh-Hans.md": edition("带来的标题")}}


@pytest.fixture
def desk(app: Flask, tmp_path: Path) -> FlaskClient:
    """Return the client of somebody who may move content, beside a small library."""
    take(package(tmp_path / "library", lint_yaml=RULES))
    return staff(app, *MOVER)


def send(client: FlaskClient, raw: bytes, name: str = "content.zip") -> TestResponse:
    return client.post(PAGE, data={"csrf_token": token(client, PAGE), "file": (io.BytesIO(raw), name)})


def checked(client: FlaskClient, raw: bytes) -> str:
    """Send a package that can be looked at; return the address of what was found."""
    answer = send(client, raw)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def confirm(client: FlaskClient, address: str) -> TestResponse:
    return client.post(address, data={"csrf_token": token(client, PAGE)})


def error(answer: TestResponse) -> str:
    found = re.search(r'id="file-error">.*?<span>(.*?)</span>', answer.text, re.S)
    assert (answer.status_code, bool(found)) == (422, True), answer.text
    return found[1] if found else ""


def folder(app: Flask) -> list[str]:
    """Return what lies in the folder of packages that are worked on."""
    where = app.config["PORTAL"].data / "transfer"
    return sorted(path.suffix or path.name for path in where.iterdir()) if where.exists() else []


def changed(tmp_path: Path) -> bytes:
    return packed(package(tmp_path / "changed", CHANGED, lint_yaml=RULES))


def public(app: Flask) -> dict[str, str]:
    client = make_app(app.config["PORTAL"]).test_client()
    paths = [
        "/",
        "/articles/hang-up",
        "/topics/phone",
        "/feed.xml",
        "/sitemap.xml",
        "/api/v1/articles",
        "/search?q=带来",
    ]
    return {path: client.get(path).text for path in paths}


# --- out ----------------------------------------------------------------------------------------------------------


def test_everything_is_given_out_as_one_file(app: Flask, desk: FlaskClient, tmp_path: Path) -> None:
    answer = desk.get(f"{PAGE}/package.zip")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert re.fullmatch(r"attachment; filename=mingbai-\d{4}-\d\d-\d\d\.zip", answer.headers["Content-Disposition"])
    assert (answer.headers["Cache-Control"], answer.content_length) == ("private, no-store", len(answer.data))
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    assert found == give(tmp_path / "out")
    assert desk.get(f"{PAGE}/package.zip").data == answer.data
    assert folder(app) == []
    told = db.session.scalars(sa.select(Event).where(Event.tag == "content:package:exported")).all()
    assert [(one.actor, one.details) for one in told] == [("林静", {"articles": 1, "bytes": len(answer.data)})] * 2


# --- in -----------------------------------------------------------------------------------------------------------


def test_a_package_is_looked_at_and_then_taken_in_as_drafts(app: Flask, desk: FlaskClient, tmp_path: Path) -> None:
    shown, before = public(app), counts()
    address = checked(desk, changed(tmp_path))
    page = desk.get(address).text
    assert "hang-up/general/zh-Hans" in page
    assert "Import as drafts" in page
    assert counts() == before
    assert folder(app) == [".json", ".zip", "lock"]

    answer = confirm(desk, address)
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    page = desk.get(address).text
    assert "This package was imported." in page
    assert "Import as drafts" not in page
    stored = db.session.scalars(sa.select(Edition)).one()
    assert (stored.latest_number, stored.published_number) == (2, 1)
    assert db.session.scalars(sa.select(Revision.authors).where(Revision.number == 2)).one() == [1]
    event = db.session.scalars(sa.select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (event.actor, event.tag) == ("林静", "content:package:imported")
    assert public(app) == shown
    assert folder(app) == [".json", "lock"]


def test_a_second_click_imports_nothing_twice(desk: FlaskClient, tmp_path: Path) -> None:
    address = checked(desk, changed(tmp_path))
    confirm(desk, address)
    after = counts()
    confirm(desk, address)
    assert "was imported already" in desk.get(address).text
    assert counts() == after


def test_two_clicks_at_once_import_once(app: Flask, desk: FlaskClient, tmp_path: Path) -> None:
    address = checked(desk, changed(tmp_path))
    key = token(desk, PAGE)
    cookie = desk.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    both = threading.Barrier(2)

    def click() -> None:
        client = app.test_client()
        client.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie.value)
        both.wait(10)
        assert client.post(address, data={"csrf_token": key}).status_code == 303

    clicks = [threading.Thread(target=click) for _time in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert db.session.scalar(sa.select(sa.func.count(Revision.id))) == 2
    assert db.session.scalar(sa.select(sa.func.count(Event.id)).where(Event.actor == "林静")) == 1


def test_what_was_given_out_brings_nothing_new(desk: FlaskClient) -> None:
    raw = desk.get(f"{PAGE}/package.zip").data
    before = counts()
    address = checked(desk, raw)
    page = desk.get(address).text
    assert "brings nothing new" in page
    assert "Import as drafts" not in page
    confirm(desk, address)
    assert counts() == before


def test_problems_are_told_with_file_and_line_and_nothing_waits(app: Flask, desk: FlaskClient, tmp_path: Path) -> None:
    bad = {"hang-up": {"general.zh-Hans.md": edition(body="文")}, "Bad": {"general.zh-Hans.md": edition()}}
    raw = packed(package(tmp_path / "bad", bad, topics_yaml=TOPICS.replace("电话诈骗", "别的"), stray_txt="x"))
    before = counts()
    address = checked(desk, raw)
    page = desk.get(address).text
    assert "cannot be imported" in page
    for file, line, text in [
        ("articles/hang-up/general.zh-Hans.md", "6", "The text must begin with the key message"),
        ("articles/Bad", "", "The folder&#39;s name is not a slug"),
        ("stray.txt", "", "This does not belong to a content package."),
    ]:
        assert re.search(rf">{re.escape(file)}</th><td[^>]*>{line}</td><td[^>]*>{re.escape(text)}", page), file
    assert str(app.config["PORTAL"].data) not in page
    assert folder(app) == [".json", "lock"]
    confirm(desk, address)
    assert counts() == before


def test_a_list_that_differs_is_refused_with_the_command(desk: FlaskClient, tmp_path: Path) -> None:
    raw = packed(package(tmp_path / "p", {}, topics_yaml=TOPICS.replace("电话诈骗", "别的")))
    page = desk.get(checked(desk, raw)).text
    assert "Lists are changed with the command `flask content import`" in page


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"hello", "This is not a zip file."),
        (forge(Entry(b"../x")), "../x: This name leads out of the package."),
        (forge(Entry(flags=1)), "topics.yaml: This file is encrypted."),
        (forge(Entry(b"words.txt", b"\0" * 5_000_000)), "words.txt: This file is packed far more tightly"),
        (zipped({"a": "x", "A": "y"}), "A: This name stands there twice"),
        (forge(Entry(b"<b>\x1b", b"")), "&lt;b&gt;\\x1b: This name holds a character"),
    ],
)
def test_an_archive_that_is_not_taken_is_a_sentence_beside_the_field(
    app: Flask, desk: FlaskClient, raw: bytes, said: str
) -> None:
    before = counts()
    assert error(send(desk, raw)).startswith(said)
    assert counts() == before
    assert folder(app) == ["lock"]


def test_without_a_file_the_form_says_so(desk: FlaskClient) -> None:
    answer = desk.post(PAGE, data={"csrf_token": token(desk, PAGE)})
    assert error(answer) == "Please choose a zip file."


def test_more_files_than_the_desk_takes_name_the_command(desk: FlaskClient) -> None:
    raw = zipped({f"articles/a{number}/article.yaml": "" for number in range(transfer.MAX_FILES + 1)})
    assert "use the command `flask content import`" in error(send(desk, raw))


def test_a_draft_that_came_meanwhile_stops_the_import(app: Flask, desk: FlaskClient, tmp_path: Path) -> None:
    address = checked(desk, changed(tmp_path))
    take(package(tmp_path / "library", {"hang-up": {"general.zh-Hans.md": edition("中间的标题")}}))
    before = counts()
    answer = confirm(desk, address)
    assert answer.headers["Location"] == PAGE
    assert "Somebody has changed texts meanwhile" in desk.get(PAGE).text
    assert counts() == before
    assert folder(app) == [".json", ".zip", "lock"]


def test_another_persons_package_is_not_there(app: Flask, desk: FlaskClient, tmp_path: Path) -> None:
    address = checked(desk, changed(tmp_path))
    before = counts()
    other = staff(app, *MOVER, person_id=2, name="周明")
    assert (other.get(address).status_code, confirm(other, address).status_code) == (404, 404)
    assert counts() == before


def test_a_package_waits_for_an_hour(app: Flask, desk: FlaskClient, tmp_path: Path) -> None:
    address = checked(desk, changed(tmp_path))
    long_ago = time.time() - 3_601
    for path in (app.config["PORTAL"].data / "transfer").glob("1-*"):
        os.utime(path, (long_ago, long_ago))
    before = counts()
    assert (confirm(desk, address).status_code, desk.get(address).status_code) == (404, 404)
    assert counts() == before
    assert folder(app) == ["lock"]


def test_one_package_at_a_time(app: Flask, desk: FlaskClient, tmp_path: Path) -> None:
    raw = changed(tmp_path)
    address = checked(desk, raw)
    with waiting.alone(app.config["PORTAL"].data / "transfer"):
        assert send(desk, raw).status_code == 503
        confirm(desk, address)
        assert "Another package is being worked on" in desk.get(address).text
    before = counts()
    confirm(desk, address)
    assert counts()["articles_revision"] == before["articles_revision"] + 1


# --- who, how -----------------------------------------------------------------------------------------------------


def test_only_who_may_move_content_comes_in(app: Flask, desk: FlaskClient, tmp_path: Path) -> None:
    address = checked(desk, changed(tmp_path))
    pages = [(PAGE, "GET"), (PAGE, "POST"), (f"{PAGE}/package.zip", "GET"), (address, "GET"), (address, "POST")]
    data = {"csrf_token": token(desk, PAGE)}
    before = counts()
    others = tuple(one for one in Permission if one is not Permission.MOVE_CONTENT)
    for permissions, status in ((others, 403), ((), 303)):
        client = staff(app, *permissions)
        with client.session_transaction() as kept, desk.session_transaction() as own:
            kept.update(own)
        assert [client.open(path, method=method, data=data).status_code for path, method in pages] == [status] * 5
    assert counts() == before


def test_other_methods_are_not_there(desk: FlaskClient, tmp_path: Path) -> None:
    address = checked(desk, changed(tmp_path))
    data = {"csrf_token": token(desk, PAGE)}
    for path, method in ((PAGE, "PUT"), (f"{PAGE}/package.zip", "POST"), (address, "DELETE")):
        assert desk.open(path, method=method, data=data).status_code == 405


def test_a_form_without_its_token_is_refused(desk: FlaskClient, tmp_path: Path) -> None:
    raw = changed(tmp_path)
    address = checked(desk, raw)
    before = counts()
    assert desk.post(PAGE, data={"file": (io.BytesIO(raw), "a.zip")}).status_code == 400
    assert desk.post(address, data={}).status_code == 400
    assert counts() == before


@pytest.mark.parametrize("name", ["00000000-0000-4000-8000-000000000000", "x", "..%2f..%2fportal.sqlite3"])
def test_an_unknown_package_is_not_there(desk: FlaskClient, name: str) -> None:
    assert desk.get(f"{PAGE}/{name}").status_code == 404
    assert desk.post(f"{PAGE}/{name}", data={"csrf_token": token(desk, PAGE)}).status_code == 404


def test_a_large_package_passes_only_from_who_may_bring_it(app: Flask, desk: FlaskClient) -> None:
    noise = os.urandom(3_000_000)
    raw = zipped({"noise.bin": noise})
    assert "This does not belong to a content package." in desk.get(checked(desk, raw)).text
    assert send(desk, os.urandom(transfer.MAX_BODY)).status_code == 413
    key = token(desk, PAGE)
    for permissions in ((Permission.DESK,), ()):
        answer = staff(app, *permissions).post(PAGE, data={"csrf_token": key, "file": (io.BytesIO(raw), "a.zip")})
        assert answer.status_code == 413


def test_the_menu_leads_here(desk: FlaskClient) -> None:
    page = desk.get(PAGE).text
    assert '<a href="/desk/transfer" aria-current="page">Import and export</a>' in page
