"""What a video or a recording says of itself, read from its first boxes and frames without decoding anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from portal.media.rules.kinds import Reason, Refused

MAX_INDEX = 20_000_000
"""Bytes of a video's index that are looked at."""
MAX_BOXES = 2_000
_PLACES = (b"\xa9xyz", b"loci", b"com.apple.quicktime.location")
"""Where phones write down the place of the recording."""
_PARENTS = (b"trak", b"mdia", b"minf", b"stbl")
_RATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)


@dataclass(frozen=True, slots=True)
class Clip:
    """The size of a video's picture; 0 where it is unknown or there is none."""

    width: int = 0
    height: int = 0


def inspect(file: IO[bytes], form: str, size: int) -> Clip:
    """Return what a file of `form` and `size` bytes says of itself.

    Raises:
        Refused: it is not what its first bytes promise, browsers cannot play it, or it says where it was recorded.
    """
    if form in ("mp4", "m4a"):
        return _mp4(file, form, size)
    if form == "webm":
        return _webm(file)
    return _mp3(file, size) if form == "mp3" else _ogg(file)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        if length < 8 or at + length > len(data):
            raise Refused(Reason.DAMAGED)
        yield data[at + 4 : at + 8], data[at + 8 : at + length]
        at += length


def _mp4(file: IO[bytes], form: str, size: int) -> Clip:
    index = _index(file, size)
    if any(place in index for place in _PLACES):
        raise Refused(Reason.PLACE)
    video: list[bytes] = []
    clip = Clip()
    sounds = 0
    for codec, entry in _codecs(index, depth=0):
        if codec in (b"avc1", b"avc3"):
            clip = Clip(int.from_bytes(entry[24:26]), int.from_bytes(entry[26:28]))
            video.append(codec)
        elif codec in (b"mp4a", b".mp3"):
            sounds += 1
        elif codec not in (b"tx3g", b"mp4s", b"tmcd", b"text"):
            raise Refused(Reason.CODEC)
    if (form == "mp4") != bool(video) or (form == "m4a" and not sounds):
        raise Refused(Reason.CODEC)
    return clip


def _index(file: IO[bytes], size: int) -> bytes:
    """Return the box that describes the tracks."""
    at = 0
    for _count in range(MAX_BOXES):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            break
        length, skip = int.from_bytes(head[:4]), 8
        if length == 1:
            length, skip = int.from_bytes(head[8:16]), 16
        elif length == 0:
            length = size - at
        if length < skip or at + length > size:
            break
        if head[4:8] == b"moov":
            if length > MAX_INDEX:
                break
            file.seek(at + skip)
            return file.read(length - skip)
        at += length
    raise Refused(Reason.DAMAGED)


def _codecs(data: bytes, *, depth: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the codec of each track, with its description."""
    for name, inside in _boxes(data):
        if name == b"stsd":
            yield from _boxes(inside[8:])
        elif name in _PARENTS and depth < len(_PARENTS):
            yield from _codecs(inside, depth=depth + 1)


def _webm(file: IO[bytes]) -> Clip:
    file.seek(0)
    head = file.read(64_000)
    if b"\x42\x82\x84webm" not in head[:64]:
        raise Refused(Reason.CODEC)
    if not any(codec in head for codec in (b"V_VP8", b"V_VP9", b"V_AV1")):
        raise Refused(Reason.CODEC)
    return Clip()


def _ogg(file: IO[bytes]) -> Clip:
    file.seek(0)
    head = file.read(4_000)
    if len(head) < 28 or head[4] != 0 or not head[5] & 2:
        raise Refused(Reason.DAMAGED)
    start = 27 + head[26]
    if not head[start:].startswith((b"OpusHead", b"\x01vorbis")):
        raise Refused(Reason.CODEC)
    return Clip()


def _mp3(file: IO[bytes], size: int) -> Clip:
    """Check that two frames of sound follow each other where the first one should be."""
    file.seek(0)
    head = file.read(10)
    at = 0
    if head[:3] == b"ID3":
        if len(head) < 10 or any(byte & 0x80 for byte in head[6:10]):
            raise Refused(Reason.DAMAGED)
        at = 10 + sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        at += 10 if head[5] & 0x10 else 0
    for _frame in range(2):
        if at + 4 > size:
            raise Refused(Reason.DAMAGED)
        file.seek(at)
        at += _frame_length(file.read(4))
    return Clip()


def _frame_length(head: bytes) -> int:
    """Return the bytes of a frame of MPEG layer III."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        raise Refused(Reason.DAMAGED)
    version, rate, speed, padding = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version == 1 or rate in (0, 15) or speed == 3:
        raise Refused(Reason.DAMAGED)
    hertz = (44_100, 48_000, 32_000)[speed] // {3: 1, 2: 2, 0: 4}[version]
    if version == 3:
        return 144 * _RATES[rate] * 1000 // hertz + padding
    slow = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
    return 72 * slow[rate] * 1000 // hertz + padding
