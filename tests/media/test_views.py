"""The library on the desk, as a browser sees it."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.audit.models import Event
from portal.core.access import Permission
from portal.core.database import db, transaction
from portal.media.models import Asset
from tests.media.conftest import NOON, WORDS, Desk
from tests.media.files import SVG, VTT, mp3, mp4, picture


def upload(raw: bytes, name: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(raw), name


def send(desk: Desk, client: FlaskClient, path: str = "/desk/media/new", **values: Any) -> TestResponse:
    """Post a form with everything in it, as `values` changes it."""
    data = {"csrf_token": desk.token(client), **WORDS, "locale": "zh-Hans", **values}
    return client.post(path, data={name: value for name, value in data.items() if value is not None})


def key_of(answer: TestResponse) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].rpartition("/")[2]


def count(desk: Desk) -> int:
    with desk.app.app_context():
        return db.session.scalar(sa.select(sa.func.count(Asset.id))) or 0


def error_beside(page: str, field: str) -> str:
    found = re.search(rf'id="{field}-error">.*?<span>(.*?)</span>', page, re.S)
    return found[1] if found else ""


# --- adding


def test_a_picture_is_added_and_shown_to_the_desk(desk: Desk) -> None:
    client = desk.client()
    key = key_of(send(desk, client, file=upload(picture(), "手机.PNG"), ai_generated="y", caption="示意图"))
    page = client.get(f"/desk/media/{key}").text
    assert f"[图片: {key}]" in page
    assert '<span class="media__ai">Made by AI</span>' in page
    assert f'srcset="/media/{key}/1/phone.webp 40w"' in page
    assert 'alt="一位老人在看手机" width="40" height="30"' in page
    shelf = client.get("/desk/media/").text
    assert "转账提醒" in shelf
    assert f"/media/{key}/1/phone.webp" in shelf


def test_video_and_sound_are_added_with_their_words(desk: Desk) -> None:
    client = desk.client()
    video = {"alt": None, "transcript": "第一句。\n第二句。", "captions": VTT, "title": "讲座"}
    key = key_of(send(desk, client, file=upload(mp4(), "a.mp4"), **video))
    page = client.get(f"/desk/media/{key}").text
    assert f'<track kind="captions" src="/media/{key}/captions.vtt" srclang="zh-Hans"' in page
    assert "<p>第一句。</p><p>第二句。</p>" in page
    assert "autoplay" not in page
    key = key_of(send(desk, client, file=upload(mp3(), "a.mp3"), alt=None, transcript="话"))
    assert f'<audio controls preload="metadata" aria-label="转账提醒"><source src="/media/{key}/1/audio.mp3"' in (
        client.get(f"/desk/media/{key}").text
    )


def test_captions_may_come_as_a_file_and_their_words_stay(desk: Desk) -> None:
    client = desk.client()
    vtt = upload(VTT.encode(), "a.vtt")
    answer = send(desk, client, file=upload(mp4(), "a.mp4"), alt=None, transcript=None, captions_file=vtt)
    assert answer.status_code == 422
    assert "先挂断，再核实。" in answer.text
    assert error_beside(answer.text, "captions") == ""
    key = key_of(send(desk, client, file=upload(mp4(), "a.mp4"), alt=None, transcript="话", captions=VTT))
    assert desk.row(key).captions.startswith("WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n先挂断")


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"file": None}, "file", "Please choose a file."),
        ({"file": (b"", "")}, "file", "Please choose a file."),
        ({"file": (SVG, "a.svg")}, "file",
         "SVG drawings can carry scripts and are not taken. Save it as PNG and choose that."),
        ({"file": (b"x", "a.exe")}, "file",
         "This kind of file is not taken. Pictures: JPEG, PNG, WebP, GIF. Video: MP4, WebM. Sound: MP3, M4A, OGG."),
        ({"file": (picture("PNG")[:60], "a.png")}, "file",
         "The file is damaged and cannot be read. Save it anew, and choose that."),
        ({"file": (b"", "a.png")}, "file", "The file is empty. Please choose another one."),
        ({"alt": ""}, "alt", "Say what can be seen, for people who cannot see it. Or tick that it only decorates."),
        ({"decorative": "y"}, "alt", "It cannot both decorate only and be described."),
        ({"title": " "}, "title", "Please fill this in."),
        ({"source": ""}, "source", "Please fill this in."),
        ({"licence": ""}, "licence", "Please fill this in."),
        ({"alt": "a" * 301}, "alt", "This has 301 characters; at most 300 fit. Please shorten it."),
        ({"title": "a\nb"}, "title", "Line breaks and control characters cannot stand here."),
        ({"locale": "de"}, "locale", "Please choose one of the options."),
        ({"file": (mp3(), "a.mp3")}, "transcript",
         "Write down what is said, for people who cannot hear it."),
        ({"file": (mp4(), "a.mp4"), "transcript": "x"}, "captions",
         "A video needs captions for people who cannot hear it."),
        ({"file": (mp4(), "a.mp4"), "transcript": "x", "captions": "WEBVTT\n\n00:01.000 --> 00:02.000\n<b>x</b>"},
         "captions", "Line 4: Captions are plain words, without &lt; and --&gt;."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(
    desk: Desk, change: dict[str, Any], field: str, sentence: str
) -> None:
    values: dict[str, Any] = {"caption": "打过的字还在", "file": (picture(), "a.png"), **change}
    values["file"] = upload(*values["file"]) if values["file"] else None
    answer = send(desk, desk.client(), **values)
    assert answer.status_code == 422
    assert error_beside(answer.text, field).replace("&#39;", "'") == sentence
    assert "打过的字还在" in answer.text
    assert "Only the file must be chosen again" in answer.text
    assert count(desk) == 0
    assert list(desk.data.rglob("media/*/*/*")) == []


def test_sending_twice_makes_one_entry(desk: Desk) -> None:
    client = desk.client()
    first = key_of(send(desk, client, file=upload(picture(), "a.png")))
    assert key_of(send(desk, client, file=upload(picture(), "a.png"))) == first
    assert "This file is in the library already" in client.get(f"/desk/media/{first}").text
    assert count(desk) == 1


def test_fields_that_the_form_does_not_have_are_ignored(desk: Desk) -> None:
    extra = {"key": "mine", "version": "9", "created_by": "x", "retired_at": "2026-01-01", "digest": "0"}
    key = key_of(send(desk, desk.client(), file=upload(picture(), "a.png"), **extra))
    asset = desk.row(key)
    assert (asset.version, asset.created_by, asset.retired_at) == (1, "林静", None)
    assert (len(key), len(asset.digest)) == (8, 64)


def test_every_text_is_shown_as_text(desk: Desk) -> None:
    evil = '"><script>alert(1)</script>{{7*7}}'
    words = dict.fromkeys(("title", "alt", "source", "caption"), evil)
    client = desk.client()
    key = key_of(send(desk, client, file=upload(picture(), "a.png"), **words, licence=evil))
    for path in ("/desk/media/", f"/desk/media/{key}"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "{{7*7}}" in page


# --- large files, and from whom they are taken


def test_a_large_file_comes_through_and_a_larger_one_does_not(desk: Desk) -> None:
    client = desk.client()
    video = {"alt": None, "transcript": "话", "captions": VTT}
    large = mp4(data=bytes(40_000_000))
    assert desk.row(key_of(send(desk, client, file=upload(large, "a.mp4"), **video))).bytes == len(large)
    answer = send(desk, client, file=upload(picture() + bytes(10_000_000), "a.png"))
    assert answer.status_code == 422
    assert error_beside(answer.text, "file") == (
        "The file is too large. Pictures may have 10 MB, sound 30 MB, video 100 MB."
    )
    assert send(desk, client, file=upload(bytes(102_000_000), "a.mp4")).status_code == 413


@pytest.mark.parametrize("permissions", [None, frozenset({Permission.DESK, Permission.REVIEW})])
def test_strangers_cannot_send_large_bodies(desk: Desk, permissions: frozenset[Permission] | None) -> None:
    client = desk.client()
    token = desk.token(client)
    desk.permissions = permissions
    for size in (1_500_000, 3_000_000):
        data = {"csrf_token": token, **WORDS, "file": upload(picture() + bytes(size), "a.png")}
        assert client.post("/desk/media/new", data=data).status_code == 413
    assert count(desk) == 0


def test_elsewhere_the_limit_is_as_before(desk: Desk) -> None:
    client = desk.client()
    key = desk.add()
    for size in (1_500_000, 3_000_000):
        path = f"/desk/media/{key}/retire"
        data = {"csrf_token": desk.token(client), "file": upload(bytes(size), "a.png")}
        assert client.post(path, data=data).status_code == 413
    assert desk.row(key).retired_at is None


# --- changing, replacing, retiring


def test_words_are_changed(desk: Desk) -> None:
    client = desk.client()
    key = desk.add()
    answer = send(desk, client, f"/desk/media/{key}", title="新名字", edits="1", decorative="y", alt="")
    assert key_of(answer) == key
    asset = desk.row(key)
    assert (asset.title, asset.decorative, asset.alt, asset.edits) == ("新名字", True, "", 2)
    assert 'alt=""' in client.get(f"/desk/media/{key}").text
    answer = send(desk, client, f"/desk/media/{key}", title="", caption="还在", edits="2")
    assert (answer.status_code, error_beside(answer.text, "title")) == (422, "Please fill this in.")
    assert "还在" in answer.text


def test_the_second_of_two_gets_both_texts(desk: Desk) -> None:
    client = desk.client()
    key = desk.add()
    key_of(send(desk, client, f"/desk/media/{key}", title="先来的", edits="1"))
    answer = send(desk, client, f"/desk/media/{key}", title="后来的", edits="1")
    assert answer.status_code == 409
    assert "先来的" in answer.text
    assert 'value="后来的"' in answer.text
    assert 'name="edits" value="2"' in answer.text
    assert desk.row(key).title == "先来的"
    key_of(send(desk, client, f"/desk/media/{key}", title="后来的", edits="2"))
    assert desk.row(key).title == "后来的"


def test_a_language_in_which_the_file_is_there_already_is_refused(desk: Desk) -> None:
    key, other = desk.add(), desk.add(locale="en")
    answer = send(desk, desk.client(), f"/desk/media/{other}", edits="1")
    assert answer.status_code == 422
    assert error_beside(answer.text, "locale") == "The same file is in the library already in this language."
    assert desk.row(key).locale == "zh-Hans"


def test_a_file_is_replaced_and_old_addresses_lead_on(desk: Desk) -> None:
    client = desk.client()
    key = desk.add()
    desk.use(key)
    answer = send(desk, client, f"/desk/media/{key}/file", file=upload(picture("PNG", (900, 90), "RGBA"), "b.png"))
    assert key_of(answer) == key
    assert [path.name for path in (desk.data / "media" / key).iterdir()] == ["2"]
    for old, new in (("phone.webp", "phone.webp"), ("phone.jpg", "phone.png"), ("desktop.jpg", "desktop.png")):
        moved = client.get(f"/media/{key}/1/{old}")
        assert (moved.status_code, moved.headers["Location"]) == (302, f"/media/{key}/2/{new}")
        assert moved.headers["Cache-Control"] == "no-store"


def test_a_replacement_that_is_refused_leaves_everything(desk: Desk) -> None:
    client = desk.client()
    key = desk.add()
    other = desk.add(picture("PNG", (9, 9)))
    for raw, name, sentence in (
        (b"", "", "Please choose a file."),
        (SVG, "a.svg", "SVG drawings can carry scripts"),
        (mp3(), "a.mp3", "A file can be replaced only by one of its kind. Add this one anew."),
        (picture("PNG", (9, 9)), "a.png", f"This file is in the library already, under {other}."),
    ):
        answer = send(desk, client, f"/desk/media/{key}/file", file=upload(raw, name))
        assert answer.status_code == 422
        assert error_beside(answer.text, "file").startswith(sentence)
    assert desk.row(key).version == 1


def test_retiring_and_bringing_back(desk: Desk) -> None:
    client = desk.client()
    key = desk.add()
    desk.use(key, title="《先挂断》")
    answer = send(desk, client, f"/desk/media/{key}/retire")
    assert answer.status_code == 409
    assert "The public sees it, so it stays." in answer.text
    assert "《先挂断》" in answer.text
    desk.use()
    assert key_of(send(desk, client, f"/desk/media/{key}/retire")) == key
    assert desk.row(key).retired_at is not None
    assert "转账提醒" not in client.get("/desk/media/").text
    assert "转账提醒" in client.get("/desk/media/?state=retired").text
    desk.add()
    answer = send(desk, client, f"/desk/media/{key}/restore")
    assert (answer.status_code, "The same file was added again" in answer.text) == (409, True)
    with desk.app.app_context(), transaction() as session:
        session.execute(sa.update(Asset).where(Asset.key != key).values(retired_at=NOON))
    assert key_of(send(desk, client, f"/desk/media/{key}/restore")) == key
    with desk.app.app_context():
        events = db.session.scalars(sa.select(Event.tag).where(Event.target == key).order_by(Event.id))
        assert list(events) == ["media:asset:added", "media:asset:retired", "media:asset:restored"]


# --- who may, and how


READS = ["/desk/media/", "/desk/media/new", "/desk/media/{key}"]
WRITES = ["/desk/media/new", *(f"/desk/media/{{key}}{verb}" for verb in ("", "/file", "/retire", "/restore"))]


@pytest.mark.parametrize("path", READS)
def test_pages_are_for_authors(desk: Desk, path: str) -> None:
    client = desk.client()
    path = path.format(key=desk.add())
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    desk.permissions = frozenset({Permission.DESK, Permission.REVIEW})
    assert client.get(path).status_code == 403
    desk.permissions = None
    assert client.get(path).headers["Location"] == "/desk/sign-in"


@pytest.mark.parametrize("path", WRITES)
def test_acts_are_for_authors_with_a_token(desk: Desk, path: str) -> None:
    client = desk.client()
    token = desk.token(client)
    path = path.format(key=desk.add())
    assert client.post(path, data=WORDS).status_code == 400
    assert client.post(path, data={**WORDS, "csrf_token": "foreign"}).status_code == 400
    assert client.delete(path).status_code == 405
    if path not in ("/desk/media/new", path.partition("/file")[0]) or path.count("/") > 3:
        assert client.get(path).status_code == 405
    desk.permissions = frozenset({Permission.DESK, Permission.REVIEW})
    assert client.post(path, data={"csrf_token": token}).status_code == 403
    desk.permissions = None
    assert client.post(path, data={"csrf_token": token}).headers["Location"] == "/desk/sign-in"
    assert count(desk) == 1


@pytest.mark.parametrize("path", [one for one in (*READS, *WRITES) if "{key}" in one])
def test_a_key_that_is_not_there_is_not_there(desk: Desk, path: str) -> None:
    client = desk.client()
    if path in READS:
        assert client.get(path.format(key="nowhere")).status_code == 404
    assert send(desk, client, path.format(key="nowhere")).status_code == 404
    assert send(desk, client, path.format(key="UPPER")).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=x", "page=99999999", "page=１", "kind=x", "state=x", "q=%00%ff", "q=" + "a" * 5000],
)
def test_odd_questions_have_ordinary_answers(desk: Desk, query: str) -> None:
    assert desk.client().get(f"/desk/media/?{query}").status_code == 200


def test_the_list_has_pages(desk: Desk) -> None:
    keys = [desk.add(picture("PNG", (1, 1 + number))) for number in range(31)]
    client = desk.client()
    first, second = client.get("/desk/media/").text, client.get("/desk/media/?page=2").text
    assert ("Page 1 of 2" in first, "Page 2 of 2" in second) == (True, True)
    assert (keys[0] in first, keys[0] in second, keys[30] in first) == (False, True, True)
