"""Files of strangers: each is refused with a reason or drawn anew, and the service goes on."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from portal.media.rules import Reason, Refused
from portal.media.services import Received, received
from tests.media.files import SVG, box, chunk, m4a, mp3, mp4, ogg, picture, png, track, webm

CANARY = b"GPS-CANARY-31.2304N-121.4737E"


def exif(orientation: int = 1) -> bytes:
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010E] = CANARY.decode()
    data.get_ifd(0x8825)[0x001D] = CANARY.decode()
    data.get_ifd(0x8825)[1] = "N"
    data.get_ifd(0x8825)[2] = (31.0, 13.0, 49.0)
    return data.tobytes()


def text_chunks(size: int = 100) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", CANARY.decode() * size)
    info.add_itxt("XML:com.adobe.xmp", CANARY.decode(), zip=True)
    return info


def moving(form: str) -> bytes:
    frames = [Image.new("RGB", (20, 20), (shade, 0, 0)) for shade in (0, 100, 200)]
    out = io.BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def big(form: str, size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("1" if form == "PNG" else "L", size).save(out, form)
    return out.getvalue()


def zipped_text(mb: int) -> bytes:
    return chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * mb * 1_000_000))


GOOD = picture("PNG")
JPEG = picture("JPEG", (200, 100))
ROWS = zlib.compress(b"".join(b"\0" + bytes(40 * 3) for _ in range(30)))
REFUSED = {
    "nothing.png": (b"", Reason.EMPTY),
    "one-byte.png": (b"\x89", Reason.FORMAT),
    "signature-only.png": (b"\x89PNG\r\n\x1a\n", Reason.DAMAGED),
    "cut-off.png": (GOOD[:50], Reason.DAMAGED),
    "half.jpg": (picture("JPEG", (800, 600))[:2000], Reason.DAMAGED),
    "header.jpg": (b"\xff\xd8\xff\xe0", Reason.DAMAGED),
    "half.webp": (picture("WEBP", (300, 300), lossless=True)[:40], Reason.DAMAGED),
    "half.gif": (picture("GIF")[:20], Reason.DAMAGED),
    "noise.png": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, Reason.DAMAGED),
    "noise.jpg": (b"\xff\xd8\xff" + bytes(range(256)) * 40, Reason.DAMAGED),
    "noise.webp": (b"RIFF\xff\xff\xff\x7fWEBPVP8 " + bytes(range(256)) * 40, Reason.DAMAGED),
    "noise.gif": (b"GIF89a" + bytes(range(256)) * 40, Reason.DAMAGED),
    "crc.png": (GOOD[:20] + b"\xff" + GOOD[21:], Reason.DAMAGED),
    "no-pixels.png": (png(40, 30), Reason.DAMAGED),
    "zero-width.png": (png(0, 30, body=ROWS), Reason.DAMAGED),
    "wrong-depth.png": (png(40, 30, depth=5, body=ROWS), Reason.DAMAGED),
    "not-deflate.png": (png(40, 30, body=b"not deflate at all"), Reason.DAMAGED),
    "huge-header.png": (png(100_000, 100_000, body=ROWS), Reason.PIXELS),
    "largest-header.png": (png(2**31 - 1, 2**31 - 1, body=ROWS), Reason.PIXELS),
    "flood-144mpx.png": (big("PNG", (12_000, 12_000)), Reason.PIXELS),
    "flood-25mpx.png": (big("PNG", (5_000, 5_000)), Reason.PIXELS),
    "flood.gif": (
        b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(6) + b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;",
        Reason.PIXELS),
    "flood.jpg": (picture("JPEG", (6_000, 4_000), "L"), Reason.PIXELS),
    "strip.png": (big("PNG", (13_000, 100)), Reason.SIDE),
    "tower.jpg": (picture("JPEG", (100, 13_000), "L"), Reason.SIDE),
    "text-bomb.png": (png(40, 30, body=ROWS, extra=zipped_text(20)), Reason.DAMAGED),
    "many-text-bombs.png": (png(40, 30, body=ROWS, extra=zipped_text(1) * 200), Reason.DAMAGED),
    "profile-bomb.png": (
        png(40, 30, body=ROWS, extra=chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(50_000_000)))), Reason.DAMAGED),
    "moving.gif": (moving("GIF"), Reason.MOVES),
    "moving.webp": (moving("WEBP"), Reason.MOVES),
    "moving.png": (moving("PNG"), Reason.MOVES),
    "drawing.svg": (SVG, Reason.SVG),
    "drawing.svgz": (b"\x1f\x8b" + SVG, Reason.SVG),
    "drawing.png": (SVG, Reason.SVG),
    "drawing-with-mark.jpg": (b"\xef\xbb\xbf \n" + SVG, Reason.SVG),
    "bare-drawing.png": (b"<svg onload=alert(1)>", Reason.SVG),
    "entities.png": (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>', Reason.SVG),
    "page.png": (b"<!doctype html><script>alert(1)</script>", Reason.FORMAT),
    "script.jpg": (b"alert(1)//" + JPEG, Reason.FORMAT),
    "shell.gif": (b"#!/bin/sh\n", Reason.FORMAT),
    "program.png": (b"\x7fELF" + bytes(400), Reason.FORMAT),
    "archive.png": (b"PK\x03\x04" + bytes(400), Reason.FORMAT),
    "really-jpeg.png": (JPEG, Reason.FORMAT),
    "really-png.jpg": (GOOD, Reason.FORMAT),
    "really-gif.webp": (picture("GIF"), Reason.FORMAT),
    "really-a-picture.mp4": (GOOD, Reason.FORMAT),
    "really-tiff.jpg": (picture("TIFF"), Reason.FORMAT),
    "really-bmp.png": (picture("BMP"), Reason.FORMAT),
    "picture.tiff": (picture("TIFF"), Reason.ENDING),
    "picture.bmp": (picture("BMP"), Reason.ENDING),
    "picture.ico": (picture("ICO"), Reason.ENDING),
    "picture.avif": (b"\0\0\0\x20ftypavif" + bytes(40), Reason.ENDING),
    "picture.eps": (b"%!PS-Adobe-3.0 EPSF-3.0", Reason.ENDING),
    "page.html": (GOOD, Reason.ENDING),
    "picture.png.exe": (GOOD, Reason.ENDING),
    "picture.png\0.php": (GOOD, Reason.ENDING),
    "picture": (GOOD, Reason.ENDING),
    ".png": (GOOD, Reason.ENDING),
    "large.png": (GOOD + bytes(10_000_000), Reason.TOO_LARGE),
    "large.mp3": (mp3() + bytes(30_000_000), Reason.TOO_LARGE),
    "avif-in-video.mp4": (mp4(track(b"av01", 64, 64)), Reason.CODEC),
    "hevc.mp4": (mp4(track(b"hvc1", 640, 360), track(b"mp4a")), Reason.CODEC),
    "sound-only.mp4": (mp4(track(b"mp4a")), Reason.CODEC),
    "video.m4a": (mp4(track(b"avc1"), brand=b"M4A "), Reason.CODEC),
    "camera.mp4": (mp4(brand=b"qt  "), Reason.FORMAT),
    "place.mp4": (mp4(extra=box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7+31.2304+121.4737/"))), Reason.PLACE),
    "no-index.mp4": (box(b"ftyp", b"isom", bytes(4)) + box(b"mdat", bytes(400)), Reason.DAMAGED),
    "endless-box.mp4": (box(b"ftyp", b"isom", bytes(4)) + b"\xff\xff\xff\xffmoov" + bytes(400), Reason.DAMAGED),
    "empty-boxes.mp4": (box(b"ftyp", b"isom", bytes(4)) + bytes(5_000), Reason.DAMAGED),
    "broken-index.mp4": (box(b"ftyp", b"isom", bytes(4)) + box(b"moov", b"\0\0\xff\xfftrak"), Reason.DAMAGED),
    "deep.mp4": (
        box(b"ftyp", b"isom", bytes(4)) + box(b"moov", *[box(b"trak", box(b"trak", box(b"trak")))] * 3), Reason.CODEC),
    "matroska.webm": (webm(b"matroska"), Reason.CODEC),
    "unknown.webm": (webm(codec=b"V_MPEG4"), Reason.CODEC),
    "theora.ogg": (ogg(b"\x80theora"), Reason.CODEC),
    "cut.ogg": (b"OggS\0", Reason.DAMAGED),
    "tag-only.mp3": (mp3(0, tag=b"x" * 300), Reason.DAMAGED),
    "one-frame.mp3": (mp3(1), Reason.DAMAGED),
    "lying-tag.mp3": (b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(4000), Reason.DAMAGED),
    "noise.mp3": (b"\xff\xfb" + b"\xff" * 4000, Reason.DAMAGED),
    "voice.m4a": (m4a(b"alac"), Reason.CODEC),
}  # fmt: skip


def take(raw: bytes, name: str, data: Path, **options: str) -> tuple[Received, dict[str, bytes]]:
    with received(io.BytesIO(raw), filename=name, data=data, **options) as one:
        return one, {path.name: path.read_bytes() for path in one.place.iterdir()}


def left(data: Path) -> list[Path]:
    return [path for path in data.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_and_nothing_stays(name: str, tmp_path: Path) -> None:
    raw, reason = REFUSED[name]
    with pytest.raises(Refused) as refused:
        take(raw, name, tmp_path)
    assert refused.value.reason is reason
    assert left(tmp_path) == []


def clear_palette() -> bytes:
    image = Image.new("P", (40, 30), 1)
    image.putpalette([0, 0, 0, 200, 30, 40])
    out = io.BytesIO()
    image.save(out, "PNG", transparency=1)
    return out.getvalue()


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def sixteen_bit() -> bytes:
    row = b"\0" + struct.pack(">HH", 0x0000, 0x8080)
    return png(2, 1, depth=16, colour=0, body=zlib.compress(row))


TAKEN = {
    "plain.png": GOOD,
    "plain.jpg": JPEG,
    "plain.JPEG": JPEG,
    "plain.webp": picture("WEBP"),
    "still.gif": picture("GIF"),
    "grey.jpg": picture("JPEG", mode="L"),
    "cmyk.jpg": picture("JPEG", mode="CMYK"),
    "palette.png": picture("PNG", mode="P"),
    "palette-clear.png": clear_palette(),
    "clear.png": picture("PNG", mode="RGBA"),
    "clear.webp": picture("WEBP", mode="RGBA"),
    "grey-clear.png": picture("PNG", mode="LA"),
    "one-bit.png": picture("PNG", mode="1"),
    "16-bit.png": sixteen_bit(),
    "16-bit-colour.png": png(2, 1, depth=16, colour=2, body=zlib.compress(b"\0" + bytes(12))),
    "where.jpg": picture("JPEG", (200, 100), exif=exif(6)),
    "where.png": picture("PNG", (200, 100), exif=exif()),
    "where.webp": picture("WEBP", (200, 100), exif=exif(8), xmp=CANARY),
    "xmp.jpg": picture("JPEG", (200, 100), xmp=CANARY, comment=CANARY),
    "words.png": picture("PNG", pnginfo=text_chunks()),
    "comment.gif": picture("GIF", comment=CANARY),
    "profile.jpg": picture("JPEG", icc_profile=srgb()),
    "bad-profile.jpg": picture("JPEG", icc_profile=CANARY * 5),
    "bad-profile-cmyk.jpg": picture("JPEG", mode="CMYK", icc_profile=CANARY * 5),
    "script.gif": picture("GIF").replace(b"GIF89a", b"GIF89a", 1) + b"*/=1;alert(1);//" + CANARY,
    "page-behind.jpg": JPEG + b"<script>alert(1)</script>" + CANARY,
    "archive-behind.png": GOOD + b"PK\x03\x04" + CANARY,
    "large-metadata.jpg": JPEG[:2] + (b"\xff\xe1\xff\xff" + (CANARY * 3000)[:65533]) * 40 + JPEG[2:],
    "broken-exif.jpg": JPEG[:2] + b"\xff\xe1\x00\x20Exif\0\0" + b"\xff" * 24 + JPEG[2:],
    "../../../etc/passwd.png": GOOD,
    "C:\\a\\b.png": GOOD,
    "a\r\nSet-Cookie: x=1.png": GOOD,
    "one-pixel.png": picture("PNG", (1, 1)),
    "thin.png": picture("PNG", (4000, 1)),
    "high.jpg": picture("JPEG", (3, 11_000)),
}


@pytest.mark.parametrize("name", TAKEN)
def test_it_is_drawn_anew_and_only_pixels_pass(name: str, tmp_path: Path) -> None:
    raw = TAKEN[name]
    one, files = take(raw, name, tmp_path)
    assert {part.name for part in one.parts} == set(files)
    assert all(Path(part).suffix in (".webp", ".jpg", ".png") for part in files)
    for part in one.parts:
        with Image.open(io.BytesIO(files[part.name])) as drawn:
            assert drawn.size == (part.width, part.height)
            assert drawn.width <= 1440
            assert drawn.mode in ("RGB", "RGBA", "P")
            assert set(drawn.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive",
                                       "progression", "loop", "background", "timestamp", "duration"}  # fmt: skip
        assert b"CANARY" not in files[part.name]
        assert b"alert" not in files[part.name]
        assert b"Exif" not in files[part.name]
    assert left(tmp_path) == [], "what was not moved is gone"


def test_the_canaries_are_in_what_is_sent_in() -> None:
    assert all(CANARY in TAKEN[name] for name in ("where.jpg", "where.webp", "xmp.jpg", "words.png", "comment.gif"))


@pytest.mark.parametrize(
    ("size", "drawn"),
    [
        ((300, 200), {"phone": (300, 200)}),
        ((720, 10), {"phone": (720, 10)}),
        ((721, 10), {"phone": (720, 10), "desktop": (721, 10)}),
        ((1440, 900), {"phone": (720, 450), "desktop": (1440, 900)}),
        ((4000, 3000), {"phone": (720, 540), "desktop": (1440, 1080)}),
    ],
)
def test_sizes_for_phone_and_desktop_and_never_larger(
    size: tuple[int, int], drawn: dict[str, tuple[int, int]], tmp_path: Path
) -> None:
    one, _files = take(picture("JPEG", size), "a.jpg", tmp_path)
    expected = {f"{name}.{form}": area for name, area in drawn.items() for form in ("webp", "jpg")}
    assert {part.name: (part.width, part.height) for part in one.parts} == expected


def test_a_turned_photograph_stands_upright(tmp_path: Path) -> None:
    one, _files = take(TAKEN["where.jpg"], "a.jpg", tmp_path)
    assert {(part.width, part.height) for part in one.parts} == {(100, 200)}


def test_what_shows_through_still_does_and_what_does_not_becomes_a_jpeg(tmp_path: Path) -> None:
    _one, files = take(TAKEN["palette-clear.png"], "a.png", tmp_path)
    assert set(files) == {"phone.webp", "phone.png"}
    assert Image.open(io.BytesIO(files["phone.png"])).getchannel("A").getextrema() == (0, 0)
    _one, files = take(picture("PNG", mode="RGBA", colour=(1, 2, 3, 255)), "a.png", tmp_path)
    assert set(files) == {"phone.webp", "phone.jpg"}


def test_16_bits_are_divided_and_not_cut_off(tmp_path: Path) -> None:
    _one, files = take(sixteen_bit(), "a.png", tmp_path)
    drawn = Image.open(io.BytesIO(files["phone.webp"])).convert("L")
    assert abs(drawn.getpixel((1, 0)) - 0x80) < 12  # type: ignore[operator]  # one number: the mode is L


def test_colours_of_cmyk_stay_near_what_they_were(tmp_path: Path) -> None:
    _one, files = take(picture("JPEG", mode="CMYK", colour=(0, 255, 255, 0)), "a.jpg", tmp_path)
    red, green, blue = Image.open(io.BytesIO(files["phone.jpg"])).getpixel((5, 5))  # type: ignore[misc]  # RGB
    assert red > 200
    assert max(green, blue) < 90


@pytest.mark.parametrize(
    ("name", "raw", "kept"),
    [
        ("a.mp4", mp4(), ("video.mp4", 640, 360)),
        ("a.webm", webm(), ("video.webm", 0, 0)),
        ("a.mp3", mp3(), ("audio.mp3", 0, 0)),
        ("a.mp3", mp3(tag=b"x" * 300), ("audio.mp3", 0, 0)),
        ("a.m4a", m4a(), ("audio.m4a", 0, 0)),
        ("a.ogg", ogg(), ("audio.ogg", 0, 0)),
        ("a.oga", ogg(b"\x01vorbis"), ("audio.ogg", 0, 0)),
    ],
)
def test_video_and_sound_stay_as_they_are(name: str, raw: bytes, kept: tuple[str, int, int], tmp_path: Path) -> None:
    one, files = take(raw, name, tmp_path)
    assert [(part.name, part.width, part.height) for part in one.parts] == [kept]
    assert files == {kept[0]: raw}


SCANNER = '#!/bin/sh\ngrep -q EICAR "$1" && exit 1\ngrep -q CRASH "$1" && exit 2\nexit 0\n'


def test_a_scanner_is_asked_when_there_is_one(tmp_path: Path) -> None:
    scanner = tmp_path / "scan"
    scanner.write_text(SCANNER)
    scanner.chmod(0o700)
    data = tmp_path / "data"
    assert take(GOOD, "a.png", data, scanner=str(scanner))[0].parts
    for word, reason in ((b"EICAR", Reason.HARMFUL), (b"CRASH", Reason.UNCHECKED)):
        with pytest.raises(Refused) as refused:
            take(GOOD + word, "a.png", data, scanner=str(scanner))
        assert refused.value.reason is reason
    with pytest.raises(Refused) as refused:
        take(GOOD, "a.png", data, scanner=str(tmp_path / "gone"))
    assert refused.value.reason is Reason.UNCHECKED
    assert left(data) == []


def test_a_child_that_hangs_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.media.services.files.TIME_LIMIT_S", 0.001)
    with pytest.raises(Refused) as refused:
        take(GOOD, "a.png", tmp_path)
    assert refused.value.reason is Reason.TAKES_TOO_LONG
    assert left(tmp_path) == []


def test_a_drawing_of_few_colours_keeps_every_pixel_and_nothing_that_is_not_seen(tmp_path: Path) -> None:
    image = Image.new("P", (1200, 400), 5)
    image.putpalette([0] * 9 + list(b"CANARY") + [13, 83, 96, 200, 30, 40] + list(b"CANARY"))
    image.paste(6, (10, 10, 300, 300))
    out = io.BytesIO()
    image.save(out, "PNG")
    one, files = take(out.getvalue(), "a.png", tmp_path / "first")
    assert [(part.name, part.width) for part in one.parts] == [
        ("phone.webp", 440), ("phone.png", 440), ("desktop.webp", 1200), ("desktop.png", 1200)]  # fmt: skip
    for name in ("desktop.png", "desktop.webp"):
        drawn = Image.open(io.BytesIO(files[name])).convert("RGB")
        assert drawn.tobytes() == image.convert("RGB").tobytes()
    assert all(b"CANARY" not in raw for raw in files.values())
    _one, again = take(files["desktop.png"], "a.png", tmp_path / "second")
    assert again == files, "what was drawn anew is drawn the same"
