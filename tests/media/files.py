"""Files that tests send in: good ones, made here byte by byte."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image


def picture(
    form: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", colour: Any = None, **options: Any
) -> bytes:
    """Return a picture of one colour."""
    if colour is None:
        colour = {
            "RGB": (200, 30, 40),
            "RGBA": (200, 30, 40, 120),
            "CMYK": (0, 200, 200, 0),
            "P": 3,
            "LA": (9, 90),
        }.get(mode, 100)
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, form, **options)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, depth: int = 8, colour: int = 2, body: bytes = b"", extra: bytes = b"") -> bytes:
    """Return a PNG whose header says anything at all."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return an MP4 box."""
    inside = b"".join(parts)
    return struct.pack(">I", len(inside) + 8) + kind + inside


def track(codec: bytes, width: int = 0, height: int = 0) -> bytes:
    """Return an MP4 track of one codec."""
    entry = box(codec, bytes(24) + struct.pack(">HH", width, height) + bytes(50))
    table = box(b"stsd", bytes(4) + struct.pack(">I", 1), entry)
    return box(b"trak", box(b"tkhd", bytes(84)), box(b"mdia", box(b"minf", box(b"stbl", table))))


def mp4(*tracks: bytes, brand: bytes = b"isom", extra: bytes = b"", data: bytes = b"\0" * 5000) -> bytes:
    """Return a file with the boxes of a video; nothing in it can be shown."""
    chosen = tracks or (track(b"avc1", 640, 360), track(b"mp4a"))
    return (
        box(b"ftyp", brand, bytes(4), b"isomavc1")
        + box(b"mdat", data)
        + box(b"moov", box(b"mvhd", bytes(100)), *chosen, extra)
    )


def m4a(codec: bytes = b"mp4a") -> bytes:
    return mp4(track(codec), brand=b"M4A ")


def mp3(frames: int = 4, tag: bytes = b"") -> bytes:
    """Return silent frames: MPEG-1 layer III, 128 kbit/s, 44.1 kHz, 417 bytes each."""
    head = b"ID3\x04\x00\x00" + bytes((len(tag) >> shift) & 127 for shift in (21, 14, 7, 0)) + tag if tag else b""
    return head + (b"\xff\xfb\x90\x00" + bytes(413)) * frames


def ogg(codec: bytes = b"OpusHead") -> bytes:
    return b"OggS\x00\x02" + bytes(20) + b"\x01\x13" + codec + bytes(40)


def webm(kind: bytes = b"webm", codec: bytes = b"V_VP9") -> bytes:
    return (
        b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82"
        + bytes([0x80 + len(kind)])
        + kind
        + bytes(30)
        + b"\x86\x85"
        + codec
        + bytes(400)
    )


VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n先挂断，再核实。\n\n00:05.000 --> 00:07.500 align:start\n打 96110。\n"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
