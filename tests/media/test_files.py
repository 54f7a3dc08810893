"""Serving files: to the public what it may see, to the desk the rest, to nobody more than a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal.core.access import Permission
from portal.core.database import transaction
from portal.core.web import ASSET_CACHING
from portal.media import services
from tests.conftest import make_app
from tests.factories import edition, package
from tests.media.conftest import NOON, Desk
from tests.media.files import VTT, mp3, mp4, picture

VIDEO = {"alt": "", "transcript": "先挂断。\n再核实。", "captions": VTT, "title": "讲座"}
LONG = "public, max-age=31536000, immutable"


def status(client: FlaskClient, path: str) -> int:
    with client.get(path) as answer:
        return answer.status_code


def test_a_file_is_public_only_while_a_public_text_shows_it(desk: Desk) -> None:
    key = desk.add()
    path = f"/media/{key}/1/phone.webp"
    stranger = desk.client()
    desk.permissions = None
    seen = [status(stranger, path)]
    desk.use(key, public=False)
    seen.append(status(stranger, path))
    desk.use(key)
    seen.append(status(stranger, path))
    desk.use()
    seen.append(status(stranger, path))
    assert seen == [404, 404, 200, 404]
    desk.permissions = frozenset({Permission.ORGANISE})
    assert status(stranger, path) == 404
    desk.permissions = frozenset({Permission.DESK})
    with stranger.get(path) as answer:
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")


def test_the_desk_may_look_first_without_a_cache_keeping_it(desk: Desk) -> None:
    key = desk.add()
    path = f"/media/{key}/1/phone.webp"
    assert status(desk.client(), path) == 200
    desk.permissions = None
    assert status(desk.client(), path) == 404


def test_what_was_retired_is_gone_for_the_public(desk: Desk) -> None:
    key = desk.add()
    with desk.app.app_context(), transaction() as session:
        services.retire(session, key=key, by="林静", at=NOON)
    assert status(desk.client(), f"/media/{key}/1/phone.webp") == 200
    desk.permissions = None
    assert status(desk.client(), f"/media/{key}/1/phone.webp") == 404


def test_a_public_file_may_be_kept_for_ever_and_do_nothing(desk: Desk) -> None:
    key = desk.add()
    desk.use(key)
    desk.permissions = None
    with desk.client().get(f"/media/{key}/1/phone.jpg") as answer:
        assert answer.headers["Cache-Control"] == LONG == ASSET_CACHING
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["Content-Disposition"] == f"inline; filename={key}-1-phone.jpg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'; sandbox" in answer.headers.getlist("Content-Security-Policy")
        assert "Set-Cookie" not in answer.headers
        assert "Vary" not in answer.headers
        tag = answer.headers["ETag"]
    with desk.client().get(f"/media/{key}/1/phone.jpg", headers={"If-None-Match": tag}) as answer:
        assert (answer.status_code, answer.data) == (304, b"")
    with desk.client().head(f"/media/{key}/1/phone.jpg") as answer:
        assert (answer.status_code, answer.data) == (200, b"")
        assert int(answer.headers["Content-Length"]) > 100


@pytest.mark.parametrize("size", [10_000, 6_000_000])
def test_a_video_is_sent_in_parts(desk: Desk, size: int) -> None:
    raw = mp4(data=bytes(range(250)) * (size // 250))
    key = desk.add(raw, "a.mp4", **VIDEO)
    desk.use(key)
    desk.permissions = None
    client = desk.client()
    path = f"/media/{key}/1/video.mp4"
    with client.get(path) as answer:
        assert (answer.status_code, answer.data == raw) == (200, True)
        assert answer.headers["Accept-Ranges"] == "bytes"
        tag = answer.headers["ETag"]
    for asked, begin, end in (
        ("bytes=0-1", 0, 2),
        ("bytes=900-1899", 900, 1900),
        ("bytes=-100", len(raw) - 100, len(raw)),
    ):
        for extra in ({}, {"If-Range": tag}):
            with client.get(path, headers={"Range": asked, **extra}) as answer:
                assert answer.status_code == 206
                assert answer.data == raw[begin:end]
                assert answer.headers["Content-Range"] == f"bytes {begin}-{end - 1}/{len(raw)}"
    with client.get(path, headers={"Range": f"bytes={len(raw)}-"}) as answer:
        assert answer.status_code == 416


def test_captions_follow_their_video(desk: Desk) -> None:
    key = desk.add(mp4(), "a.mp4", **VIDEO)
    path = f"/media/{key}/captions.vtt"
    desk.permissions = None
    client = desk.client()
    assert status(client, path) == 404
    desk.use(key)
    with client.get(path) as answer:
        assert answer.headers["Content-Type"] == "text/vtt; charset=utf-8"
        assert answer.text.startswith("WEBVTT\n\n00:00:01.000")
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        tag = answer.headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    sound = desk.add(mp3(), "a.mp3", alt="", transcript="话")
    desk.use(sound, user="article:2:general:en")
    assert status(client, f"/media/{sound}/captions.vtt") == 404


@pytest.mark.parametrize(
    "path",
    [
        "/media/", "/media/{key}", "/media/{key}/", "/media/{key}/1/", "/media/{key}/1/raw", "/media/{key}/1/video.mp4",
        "/media/{key}/0/phone.png/x", "/media/{key}/-1/phone.webp", "/media/{key}/1/desktop.jpg",
        "/media/{key}/9999999999999999999999/phone.webp", "/media/{key}/x/phone.webp", "/media/nowhere/1/phone.webp",
        "/media/{key}/1/../../../portal.sqlite3", "/media/{key}/1/%2e%2e%2f%2e%2e%2fportal.sqlite3",
        "/media/..%2f..%2fportal.sqlite3/1/phone.webp", "/media/.incoming/1/phone.webp",
        "/media/{key}/1/phone.webp%00.jpg",
    ],
)  # fmt: skip
def test_other_addresses_lead_nowhere(desk: Desk, path: str) -> None:
    key = desk.add()
    desk.use(key)
    assert status(desk.client(), path.format(key=key)) == 404


def test_only_get_is_known(desk: Desk) -> None:
    key = desk.add()
    desk.use(key)
    for method in ("put", "delete", "patch"):
        assert getattr(desk.client(), method)(f"/media/{key}/1/phone.webp").status_code == 405


def test_a_file_that_is_missing_on_the_disk_is_an_ordinary_404(desk: Desk) -> None:
    key = desk.add()
    desk.use(key)
    (services.folder(desk.data, key, 1) / "phone.webp").unlink()
    assert status(desk.client(), f"/media/{key}/1/phone.webp") == 404


# --- in articles


def take_in(desk: Desk, folder: Path, **files: str) -> tuple[int, str]:
    content = package(folder, {"hang-up": files or {"general.zh-Hans.md": edition()}})
    result = desk.app.test_cli_runner().invoke(args=["content", "import", str(content)])
    return result.exit_code, result.output


def body(*lines: str) -> str:
    return edition(body="[一句话]\n没有“安全账户”。\n[/]\n\n" + "\n\n".join(lines) + "\n")


def test_a_published_article_shows_its_figure_and_makes_it_public(desk: Desk, tmp_path: Path) -> None:
    key = desk.add(
        picture("JPEG", (1000, 500)), "a.jpg", caption="手机屏幕", ai_generated=True, alt='“老人” <看> "手机"'
    )
    desk.permissions = None
    client = desk.client()
    draft = body(f"[图片: {key}]").replace("published", "draft")
    assert take_in(desk, tmp_path / "one", **{"general.zh-Hans.md": draft})[0] == 0
    assert status(client, f"/media/{key}/1/phone.webp") == 404
    assert take_in(desk, tmp_path / "two", **{"general.zh-Hans.md": body(f"[图片: {key}]", "后文")})[0] == 0
    page = client.get("/articles/hang-up").text
    assert (
        f'<img src="/media/{key}/1/phone.jpg" srcset="/media/{key}/1/phone.jpg 720w, /media/{key}/1/desktop.jpg 1000w"'
        in page
    )
    assert 'alt="“老人” &lt;看&gt; &#34;手机&#34;" width="1000" height="500" loading="lazy"' in page
    assert "手机屏幕" in page
    assert 'class="media__ai"' in page
    assert status(client, f"/media/{key}/1/phone.webp") == 200
    hant = client.get("/zh-Hant/articles/hang-up").text
    assert "手機屏幕" in hant
    desk.permissions = frozenset({Permission.DESK, Permission.WRITE})
    assert "先挂断 (general, zh-Hans)" in client.get(f"/desk/media/{key}").text
    assert take_in(desk, tmp_path / "three", **{"general.zh-Hans.md": body("没有了")})[0] == 0
    desk.permissions = None
    assert status(client, f"/media/{key}/1/phone.webp") == 404


def test_withdrawing_the_article_withdraws_its_figure(desk: Desk, tmp_path: Path) -> None:
    key = desk.add()
    desk.permissions = None
    text = body(f"[图片: {key}]")
    take_in(desk, tmp_path / "one", **{"general.zh-Hans.md": text})
    assert status(desk.client(), f"/media/{key}/1/phone.webp") == 200
    take_in(desk, tmp_path / "two", **{"general.zh-Hans.md": text.replace("published", "draft")})
    assert status(desk.client(), f"/media/{key}/1/phone.webp") == 404


def test_a_replaced_file_is_on_the_page_at_once(desk: Desk, tmp_path: Path) -> None:
    import io

    key = desk.add()
    take_in(desk, tmp_path / "one", **{"general.zh-Hans.md": body(f"[图片: {key}]")})
    client = desk.client()
    assert f"/media/{key}/1/phone.webp" in client.get("/articles/hang-up").text
    data = {"csrf_token": desk.token(client), "file": (io.BytesIO(picture("PNG", (50, 50))), "b.png")}
    assert client.post(f"/desk/media/{key}/file", data=data).status_code == 303
    # A process that runs already may take a second to see it on PostgreSQL.
    page = make_app(desk.app.config["PORTAL"]).test_client().get("/articles/hang-up").text
    assert f"/media/{key}/2/phone.webp" in page
    assert f"/media/{key}/1/" not in page


def test_a_video_in_an_article_has_captions_and_a_transcript(desk: Desk, tmp_path: Path) -> None:
    key = desk.add(mp4(), "a.mp4", **VIDEO)
    take_in(desk, tmp_path / "one", **{"general.zh-Hans.md": body(f"[视频: {key}]")})
    page = desk.client().get("/articles/hang-up").text
    assert f'<track kind="captions" src="/media/{key}/captions.vtt" srclang="zh-Hans"' in page
    assert "<p>先挂断。</p><p>再核实。</p></details>" in page
    assert "autoplay" not in page


def test_texts_in_another_language_say_so(desk: Desk, tmp_path: Path) -> None:
    key = desk.add()
    english = edition(title="Hang up", body=f"[key]\nHang up.\n[/]\n\n[media: {key}]\n")
    take_in(desk, tmp_path / "one", **{"general.zh-Hans.md": body(f"[图片: {key}]"), "general.en.md": english})
    client = desk.client()
    assert '<figure class="media media--picture" lang="zh-Hans">' in client.get("/en/articles/hang-up").text
    assert '<figure class="media media--picture">' in client.get("/articles/hang-up").text
    assert '<figure class="media media--picture">' in client.get("/zh-Hant/articles/hang-up").text


def test_a_package_that_names_what_is_not_there_is_refused_with_the_line(desk: Desk, tmp_path: Path) -> None:
    key = desk.add()
    text = body(f"[图片: {key}]", "[图片: zzzzzzzz]")
    code, output = take_in(desk, tmp_path / "one", **{"general.zh-Hans.md": text})
    line = text.split("\n").index("[图片: zzzzzzzz]") + 1
    assert code == 1
    assert (
        f"articles/hang-up/general.zh-Hans.md:{line}: There is no picture, video or recording `zzzzzzzz` in the library"
        in output
    )
    with desk.app.app_context(), transaction() as session:
        services.retire(session, key=key, by="林静", at=NOON)
    code, output = take_in(desk, tmp_path / "two", **{"general.zh-Hans.md": body(f"[图片: {key}]")})
    assert (code, f"`{key}` in the library" in output) == (1, True)
