"""Pictures in the zip files of the desk: new ones come in, and none that is there is changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.core.access import Permission
from portal.media import queries
from tests.articles.desk import RULES
from tests.articles.helpers import counts, take
from tests.articles.pictured import ENTRY, asset, drawing, on_disk, pictured
from tests.articles.test_transfer import MOVER, PAGE, checked, confirm
from tests.articles.zips import packed
from tests.conftest import make_app
from tests.factories import package
from tests.media.files import picture, png
from tests.staff import staff


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    return staff(app, *MOVER, Permission.WRITE)


def test_a_zip_file_brings_new_pictures_that_nobody_sees_yet(
    app: Flask, desk: FlaskClient, session: Session, tmp_path: Path
) -> None:
    folder = pictured(tmp_path / "p")
    take(package(tmp_path / "before", lint_yaml=RULES))
    before = counts()
    address = checked(desk, packed(folder))
    page = desk.get(address).text
    assert ("New pictures" in page, "three-steps" in page, counts() == before, on_disk(app)) == (True, True, True, [])
    assert confirm(desk, address).status_code == 303
    assert "This package was imported." in desk.get(address).text
    found = queries.served(session, "three-steps")
    assert (found.public if found else None, asset(session).created_by) == (False, "林静")
    assert make_app(app.config["PORTAL"]).test_client().get("/media/three-steps/1/phone.png").status_code == 404
    assert "brings nothing new" in desk.get(checked(desk, packed(folder))).text


def test_a_zip_file_changes_no_picture(desk: FlaskClient, session: Session, tmp_path: Path) -> None:
    take(pictured(tmp_path / "p"))
    for number, (files, said) in enumerate(
        [({"three-steps.png": drawing("bb")}, None), (None, ENTRY.replace("三步\n", "别的\n"))]
    ):
        before = counts()
        page = desk.get(checked(desk, packed(pictured(tmp_path / f"q{number}", files, said)))).text
        assert "`three-steps` differs from the library: change it there, or take it out of here." in page
        assert counts() == before


def test_a_zip_file_brings_so_many_pictures_and_no_more(desk: FlaskClient, session: Session, tmp_path: Path) -> None:
    many = {f"p{number}.png": picture(colour=(number, 0, 0)) for number in range(21)}
    page = desk.get(checked(desk, packed(pictured(tmp_path / "p", many, articles={}, said=None)))).text
    assert "Here at most 20 new pictures are taken at once." in page


def test_a_zip_file_of_the_desk_holds_the_pictures(desk: FlaskClient, session: Session, tmp_path: Path) -> None:
    take(pictured(tmp_path / "p"))
    raw = desk.get(f"{PAGE}/package.zip").data
    assert "brings nothing new" in desk.get(checked(desk, raw)).text


def test_a_bomb_in_a_zip_file_is_a_sentence(app: Flask, desk: FlaskClient, session: Session, tmp_path: Path) -> None:
    take(package(tmp_path / "before", lint_yaml=RULES))
    folder = pictured(tmp_path / "p", {"three-steps.png": png(60_000, 60_000)})
    page = desk.get(checked(desk, packed(folder))).text
    assert "The picture has more than 20 million pixels. Please make it smaller." in page
    assert on_disk(app) == []
