"""The library on the desk, as a browser sees it."""

from __future__ import annotations

import io
from typing import Any

from tests.media.conftest import WORDS, Desk
from tests.media.files import picture


def form(client: Any, desk: Desk, **values: Any) -> dict[str, Any]:
    return {"csrf_token": desk.token(client), **WORDS, "locale": "zh-Hans", **values}


def upload(raw: bytes, name: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(raw), name


def test_a_picture_is_added_and_shown(desk: Desk) -> None:
    client = desk.client()
    answer = client.post("/desk/media/new", data=form(client, desk, file=upload(picture(), "手机.PNG")))
    assert answer.status_code == 303, answer.text
    place = answer.headers["Location"]
    key = place.rpartition("/")[2]
    page = client.get(place)
    assert page.status_code == 200
    assert f"[图片: {key}]" in page.text
    assert "转账提醒" in client.get("/desk/media/").text
    file = client.get(f"/media/{key}/1/phone.webp")
    assert (file.status_code, file.mimetype, file.headers["Cache-Control"]) == (200, "image/webp", "private, no-store")
    file.close()
