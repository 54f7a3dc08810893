"""The pictures of a content package: into the library and out again, all or nothing."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.core.database import db, transaction
from portal.media import queries
from portal.media import services as media
from portal.media.rules.words import Words
from tests.articles.desk import AT
from tests.articles.helpers import counts, give, refused, run, take
from tests.articles.pictured import BODY, ENTRY, SAID, SHOWS, asset, drawing, on_disk, pictured
from tests.factories import edition, package
from tests.media.files import SVG, picture, png

NOTHING = "Nothing has changed: everything in the package is stored already.\n"


# --- in -----------------------------------------------------------------------------------------------------------


def test_a_package_brings_its_pictures_and_the_second_run_changes_nothing(
    app: Flask, session: Session, client: FlaskClient, tmp_path: Path
) -> None:
    folder = pictured(tmp_path / "p")
    assert "pictures: 1 added, 0 changed\n" in take(folder)
    found, after = asset(session), counts()
    assert (found.title, found.alt, found.created_by) == ("三步", "三个方框，依次写着停、问、转", "command")
    assert on_disk(app) == [
        f"three-steps/1/{name}" for name in ("desktop.png", "desktop.webp", "phone.png", "phone.webp")
    ]
    page = client.get("/articles/hang-up").text
    assert '<img src="/media/three-steps/1/phone.png"' in page
    assert 'alt="三个方框，依次写着停、问、转" width="1200" height="300" loading="lazy"' in page
    assert client.get("/media/three-steps/1/phone.webp").status_code == 200
    assert take(folder).endswith(NOTHING)
    assert counts() == after
    assert on_disk(app) == [
        f"three-steps/1/{name}" for name in ("desktop.png", "desktop.webp", "phone.png", "phone.webp")
    ]


def test_a_dry_run_says_what_would_come_and_leaves_nothing_behind(app: Flask, session: Session, tmp_path: Path) -> None:
    before = counts()
    assert "pictures: 1 would be added, 0 would be changed\n" in take(pictured(tmp_path / "p"), "--dry-run")
    assert counts() == before
    assert on_disk(app) == []


def test_another_file_replaces_the_first_and_other_words_describe_it(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    take(pictured(tmp_path / "p"))
    other = {"three-steps.png": drawing("bb")}
    assert "pictures: 0 added, 1 changed\n" in take(pictured(tmp_path / "q", other))
    assert (asset(session).version, asset(session).edits) == (2, 2)
    said = SAID.format(key="three-steps").replace("三步", "三步图")
    assert "pictures: 0 added, 1 changed\n" in take(pictured(tmp_path / "r", other, said))
    assert (asset(session).version, asset(session).edits, asset(session).title) == (2, 3, "三步图")
    assert [name for name in on_disk(app) if name.startswith("three-steps/2/")] != []


def test_what_disappeared_is_reported_and_kept(session: Session, tmp_path: Path) -> None:
    take(pictured(tmp_path / "p"))
    said = take(pictured(tmp_path / "q", {"other.png": drawing("cc")}, articles={}))
    assert "pictures: three-steps is not in the package; it was kept\n" in said
    assert asset(session).retired_at is None


def test_what_the_desk_made_of_a_picture_stays(session: Session, tmp_path: Path) -> None:
    take(folder := pictured(tmp_path / "p"))
    words = Words(title="另一题", alt="三步", source="本站", licence="本站原创")
    with transaction() as unit:
        media.describe(unit, key="three-steps", words=words, edits=1, by="林静", at=AT)
    assert "media/three-steps was changed at the desk since; it was kept\n" in take(folder)
    assert asset(session).title == "另一题"
    said = SAID.format(key="three-steps").replace("三步\n", "新题\n")
    assert "pictures: 0 added, 1 changed\n" in take(pictured(tmp_path / "q", said=said))
    assert asset(session).title == "新题"


def test_a_picture_that_the_desk_retired_stays_retired_and_no_text_may_name_it(
    session: Session, tmp_path: Path
) -> None:
    take(folder := pictured(tmp_path / "p", articles={}))
    with transaction() as unit:
        media.retire(unit, key="three-steps", by="林静", at=AT)
    assert "media/three-steps was changed at the desk since; it was kept\n" in take(folder)
    assert refused(pictured(tmp_path / "q")) == [
        "articles/hang-up/general.zh-Hans.md:10: "
        "There is no picture, video or recording `three-steps` in the library: add it first."
    ]


def test_a_text_may_come_after_its_picture(session: Session, tmp_path: Path) -> None:
    take(pictured(tmp_path / "p", articles={}))
    take(package(tmp_path / "q", SHOWS))
    assert queries.unused(session) == []


def test_a_change_in_between_is_noticed(app: Flask, session: Session, tmp_path: Path) -> None:
    with media.received(io.BytesIO(drawing()), filename="a.png", data=app.config["PORTAL"].data) as received:
        words = Words(title="三步", alt="三步", source="本站", licence="本站原创")
        what = {"words": words, "brought": None, "data": app.config["PORTAL"].data, "by": "x", "at": AT}
        with transaction() as unit:
            media.bring(unit, key="a", received=received, edits=None, **what)
        with pytest.raises(media.Changed), transaction() as unit:
            media.bring(unit, key="a", received=None, edits=None, **what)


# --- out ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["drawing.png", "photo.jpg", "clear.png", "small.webp"])
def test_what_was_given_out_changes_nothing_when_it_comes_back(session: Session, tmp_path: Path, name: str) -> None:
    raws = {
        "drawing.png": drawing(),
        "photo.jpg": picture("JPEG", (1600, 900)),
        "clear.png": picture("PNG", mode="RGBA"),
        "small.webp": picture("WEBP"),
    }
    said = SAID.format(key=name.partition(".")[0]) + "  caption: 说明\n  ai_generated: true\n  locale: en\n"
    take(pictured(tmp_path / "p", {name: raws[name]}, said, articles={}))
    after, first = counts(), give(tmp_path / "a")
    assert first["media.yaml"].decode() == (
        f"- key: {name.partition('.')[0]}\n  title: 三步\n  source: 本站\n  licence: 本站原创\n  locale: en\n"
        "  alt: 三个方框，依次写着停、问、转\n  caption: 说明\n  ai_generated: 'true'\n"
    )
    assert take(tmp_path / "a").endswith(NOTHING)
    assert (counts(), give(tmp_path / "b")) == (after, first)


def test_a_drawing_moves_to_another_site_byte_for_byte(session: Session, tmp_path: Path) -> None:
    take(pictured(tmp_path / "p"))
    first = give(tmp_path / "a")
    for table in reversed(db.metadata.sorted_tables):
        if table.name != "audit_event":  # nobody rewrites the audit log
            db.session.execute(table.delete())
    db.session.commit()
    take(tmp_path / "a")
    assert give(tmp_path / "b") == first


def test_what_the_desk_added_is_given_out_and_what_it_retired_is_not(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    data, words = app.config["PORTAL"].data, Words(title="题", decorative=True, source="本行", licence="自有")
    keys = []
    for colour in ((1, 2, 3), (4, 5, 6)):
        raw = io.BytesIO(picture(colour=colour))
        with media.received(raw, filename="a.png", data=data) as received, transaction() as unit:
            keys.append(media.add(unit, received=received, words=words, data=data, by="林静", at=AT).key)
    with transaction() as unit:
        media.retire(unit, key=keys[1], by="林静", at=AT)
    found = give(tmp_path / "a")
    assert [name for name in found if name.startswith("media/")] == [f"media/{keys[0]}.jpg"]
    assert take(tmp_path / "a").endswith(NOTHING)


# --- hostile and mistaken -----------------------------------------------------------------------------------------

MISTAKES: dict[str, tuple[dict[str, bytes], str, list[str]]] = {
    "no alt": ({"three-steps.png": drawing()}, ENTRY.replace("  alt: 三个方框，依次写着停、问、转\n", ""), [
        "media.yaml:1: `alt` is missing: say what can be seen, or `decorative: true` where there is nothing to tell."]),
    "an empty alt": ({"three-steps.png": drawing()}, ENTRY.replace("三个方框，依次写着停、问、转", "''"), [
        "media.yaml:1: `alt` is missing: say what can be seen, or `decorative: true` where there is nothing to tell."]),
    "alt of a decoration": ({"three-steps.png": drawing()}, ENTRY + "  decorative: true\n", [
        "media.yaml:1: A picture that only decorates has no `alt`: leave out one of the two."]),
    "no licence": ({"three-steps.png": drawing()}, ENTRY.replace("  licence: 本站原创\n", ""), [
        "media.yaml:1: The field `licence` is missing."]),
    "a field nobody knows": ({"three-steps.png": drawing()}, ENTRY + "  onload: alert(1)\n", [
        "media.yaml:6: `onload` is not a field that is known here."]),
    "a title of two lines": ({"three-steps.png": drawing()}, ENTRY.replace("三步\n", '"三\\n步"\n'), [
        "media.yaml:2: This must be one line."]),
    "a key that is none": ({"three-steps.png": drawing()}, SAID.format(key="../../etc/passwd") + ENTRY, [
        "media.yaml:1: `../../etc/passwd` is not the key of a picture: "
        "use small letters, digits and single hyphens, at most 40."]),
    "a key twice": ({"three-steps.png": drawing()}, ENTRY + ENTRY, [
        "media.yaml:6: The key `three-steps` stands here twice."]),
    "no file": ({"three-steps.png": drawing()}, ENTRY + SAID.format(key="other"), [
        "media.yaml:6: There is no picture media/other.png (or .jpg, .webp)."]),
    "no entry": ({"three-steps.png": drawing(), "other.png": drawing("bb")}, ENTRY, [
        "media/other.png: media.yaml says nothing of this picture."]),
    "two files": ({"three-steps.png": drawing(), "three-steps.jpg": picture("JPEG")}, ENTRY, [
        "media/three-steps.png: There is another picture with this key: three-steps.jpg."]),
    "the same twice": ({"three-steps.png": drawing(), "other.png": drawing()}, ENTRY + SAID.format(key="other"), [
        "media/other.png: The same picture is there already, as `three-steps`: use that key."]),
    "a drawing of text": ({"three-steps.svg": SVG}, ENTRY, [
        "media/three-steps.svg: SVG drawings can carry scripts and are not taken. Save it as PNG and choose that."]),
    "a drawing of text in disguise": ({"three-steps.png": SVG}, ENTRY, [
        "media/three-steps.png: SVG drawings can carry scripts and are not taken. Save it as PNG and choose that."]),
    "another format": ({"three-steps.png": picture("JPEG")}, ENTRY, [
        "media/three-steps.png: The file's content is not what its name says. "
        "Open it, save it anew in the right format, and choose that."]),
    "a page": ({"three-steps.png": drawing(), "x.html": b"<script>"}, ENTRY, [
        "media/x.html: In media/ there may only be pictures, "
        "named by their keys: <key>.png, .jpg, .webp or .gif."]),
    "a bomb": ({"three-steps.png": png(60_000, 60_000)}, ENTRY, [
        "media/three-steps.png: The picture has more than 20 million pixels. Please make it smaller."]),
    "too large": ({"three-steps.png": drawing() + bytes(10_000_001)}, ENTRY, [
        "media/three-steps.png: The file is too large. Pictures may have 10 MB, sound 30 MB, video 100 MB."]),
    "cut off": ({"three-steps.png": drawing()[:300]}, ENTRY, [
        "media/three-steps.png: The file is damaged and cannot be read. Save it anew, and choose that."]),
    "empty": ({"three-steps.png": b""}, ENTRY, [
        "media/three-steps.png: The file is empty. Please choose another one."]),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_picture_that_cannot_be_taken_is_one_sentence(
    app: Flask, session: Session, tmp_path: Path, name: str
) -> None:
    files, said, told = MISTAKES[name]
    assert refused(pictured(tmp_path / "p", files, said)) == told
    assert on_disk(app) == []


def link(folder: Path) -> None:
    (folder / "media/three-steps.png").unlink()
    (folder / "media/three-steps.png").symlink_to("/etc/passwd")


def pipe(folder: Path) -> None:
    (folder / "media/three-steps.png").unlink()
    os.mkfifo(folder / "media/three-steps.png")


def nest(folder: Path) -> None:
    (folder / "media/more.png").mkdir()


PLANTED: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "a link": (link, ["media/three-steps.png: Symbolic links are not followed.",
                      "media.yaml:1: There is no picture media/three-steps.png (or .jpg, .webp)."]),
    "a pipe": (pipe, ["media/three-steps.png: This is neither a file nor a folder.",
                      "media.yaml:1: There is no picture media/three-steps.png (or .jpg, .webp)."]),
    "a folder": (nest, ["media/more.png: In media/ there may only be pictures, "
                        "named by their keys: <key>.png, .jpg, .webp or .gif."]),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_no_picture_is_not_opened(session: Session, tmp_path: Path, name: str) -> None:
    plant, told = PLANTED[name]
    plant(folder := pictured(tmp_path / "p", articles={}))
    assert refused(folder) == told


def test_a_key_that_is_nowhere_is_told_with_its_line(session: Session, tmp_path: Path) -> None:
    body = BODY.replace("three-steps", "not-there")
    folder = pictured(tmp_path / "p", articles={"hang-up": {"general.zh-Hans.md": edition(body=body)}})
    assert refused(folder) == [
        "articles/hang-up/general.zh-Hans.md:10: "
        "There is no picture, video or recording `not-there` in the library: add it first."
    ]


def test_a_key_of_the_library_is_not_taken_for_another_picture(app: Flask, session: Session, tmp_path: Path) -> None:
    data, words = app.config["PORTAL"].data, Words(title="题", alt="图", source="本行", licence="自有")
    with (
        media.received(io.BytesIO(drawing()), filename="a.png", data=data) as received,
        transaction() as unit,
    ):
        key = media.add(unit, received=received, words=words, data=data, by="林静", at=AT).key
    assert refused(pictured(tmp_path / "p")) == [
        f"media/three-steps.png: The same picture is there already, as `{key}`: use that key."
    ]


def test_pictures_of_a_refused_package_leave_nothing(app: Flask, session: Session, tmp_path: Path) -> None:
    folder = pictured(tmp_path / "p", {"a.png": drawing(), "three-steps.png": drawing("bb")[:300]})
    assert len(refused(folder)) == 1
    assert on_disk(app) == []
    assert list((app.config["PORTAL"].data / "media/.incoming").iterdir()) == []


# --- the check ----------------------------------------------------------------------------------------------------


def test_an_idle_picture_is_told_by_the_check(session: Session, tmp_path: Path) -> None:
    folder = pictured(tmp_path / "p", {"three-steps.png": drawing(), "idle.png": drawing("bb")}, articles={})
    said = run("content", "check", str(folder), "--warnings").output
    assert "media.yaml: warn picture-unused: idle: 没有一篇文章用这张图。\n" in said
    assert "media              0         2\n" in said
    take(folder)
    assert "media              0         2\n" in run("content", "check").output
