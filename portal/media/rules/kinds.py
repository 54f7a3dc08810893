"""Kinds of files, how large each may be, and the reasons for which one is refused."""

from __future__ import annotations

from enum import StrEnum

from portal.core.errors import PortalError, Said


class Kind(StrEnum):
    """What a file is for the reader."""

    PICTURE = "picture"
    VIDEO = "video"
    AUDIO = "audio"


MARKS = {Kind.PICTURE: "图片", Kind.VIDEO: "视频", Kind.AUDIO: "音频"}
"""How a text names each kind, as in `[图片: key]`."""
MB = 1_000_000
LIMITS = {Kind.PICTURE: 10 * MB, Kind.AUDIO: 30 * MB, Kind.VIDEO: 100 * MB}
"""Bytes that a file of each kind may have."""
MAX_UPLOAD = max(LIMITS.values()) + MB
"""Bytes of a whole upload: the largest file and the words beside it."""
MAX_PIXELS = 20_000_000
MAX_SIDE = 12_000
"""Pixels of one side: WebP ends at 16,383, and nothing on a page is as long."""

EXTENSIONS = {
    "jpg": "jpeg", "jpeg": "jpeg", "png": "png", "webp": "webp", "gif": "gif",
    "mp4": "mp4", "webm": "webm", "mp3": "mp3", "m4a": "m4a", "ogg": "ogg", "oga": "ogg",
}  # fmt: skip
"""File name endings that are taken, and the format that each promises."""
KINDS = {
    "jpeg": Kind.PICTURE, "png": Kind.PICTURE, "webp": Kind.PICTURE, "gif": Kind.PICTURE,
    "mp4": Kind.VIDEO, "webm": Kind.VIDEO, "mp3": Kind.AUDIO, "m4a": Kind.AUDIO, "ogg": Kind.AUDIO,
}  # fmt: skip
TYPES = {
    "webp": "image/webp", "jpg": "image/jpeg", "png": "image/png", "mp4": "video/mp4", "webm": "video/webm",
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg",
}  # fmt: skip
"""The content type of what is served, by the ending of its name."""
NAMES = (
    *(f"{size}.{kind}" for size in ("phone", "desktop") for kind in ("webp", "jpg", "png")),
    "video.mp4", "video.webm", "audio.mp3", "audio.m4a", "audio.ogg",
)  # fmt: skip
"""Every name that a served file can have."""


class Reason(StrEnum):
    """Why a file is refused."""

    EMPTY = "empty"
    SVG = "svg"
    ENDING = "ending"
    FORMAT = "format"
    TOO_LARGE = "too-large"
    PIXELS = "pixels"
    SIDE = "side"
    MOVES = "moves"
    DAMAGED = "damaged"
    TAKES_TOO_LONG = "takes-too-long"
    CODEC = "codec"
    PLACE = "place"
    OTHER_KIND = "other-kind"
    HARMFUL = "harmful"
    UNCHECKED = "unchecked"


SENTENCES = {
    Reason.EMPTY: Said("The file is empty. Please choose another one."),
    Reason.SVG: Said("SVG drawings can carry scripts and are not taken. Save it as PNG and choose that."),
    Reason.ENDING: Said(
        "This kind of file is not taken. Pictures: JPEG, PNG, WebP, GIF. Video: MP4, WebM. Sound: MP3, M4A, OGG."
    ),
    Reason.FORMAT: Said(
        "The file's content is not what its name says. Open it, save it anew in the right format, and choose that."
    ),
    Reason.TOO_LARGE: Said(
        "The file is too large. Pictures may have %(picture)d MB, sound %(audio)d MB, video %(video)d MB.",
        **{kind.value: limit // MB for kind, limit in LIMITS.items()},
    ),
    Reason.PIXELS: Said("The picture has more than 20 million pixels. Please make it smaller."),
    Reason.SIDE: Said("One side of the picture has more than 12,000 pixels. Please cut it into parts."),
    Reason.MOVES: Said("Moving pictures are not taken. Choose a still one, or a video with captions."),
    Reason.DAMAGED: Said("The file is damaged and cannot be read. Save it anew, and choose that."),
    Reason.TAKES_TOO_LONG: Said("Reading the file takes too long. Please make it smaller."),
    Reason.CODEC: Said(
        "Not every browser can play this. Video: H.264 in MP4, or WebM. Sound: MP3, AAC in M4A, Opus in OGG."
    ),
    Reason.PLACE: Said("The file says where it was recorded. Save it without its place, and choose that."),
    Reason.OTHER_KIND: Said("A file can be replaced only by one of its kind. Add this one anew."),
    Reason.HARMFUL: Said("The virus scanner refuses this file."),
    Reason.UNCHECKED: Said("The virus scanner does not answer. Please try again later."),
}
"""What people are told of each reason, and what to do about it."""


class Refused(PortalError):
    """A file is not taken."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"The file is refused: {reason.value}.")
        self.reason = reason


def ending(filename: str) -> str:
    """Return the last ending of a file name, in small letters; empty when it has none."""
    name, dot, last = filename.rpartition(".")
    return last.strip().lower() if dot and name else ""


def find_format(head: bytes) -> str:
    """Return the format that the first bytes of a file belong to; empty: none that is taken."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head[4:8] == b"ftyp":
        return {b"M4A ": "m4a", b"M4B ": "m4a", b"qt  ": ""}.get(head[8:12], "mp4")
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "webm"
    if head.startswith(b"OggS"):
        return "ogg"
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return "mp3"
    return ""


def looks_like_svg(head: bytes) -> bool:
    """Return whether a file is a drawing of text, which can carry scripts."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<svg", b"<?xml", b"<!doctype svg")) and (b"<svg" in start or start[:5] == b"<?xml")


def find_kind(filename: str, head: bytes, size: int) -> tuple[Kind, str]:
    """Return the kind and format of a file, judged by its name, its first 4 KB and its size in bytes.

    Raises:
        Refused: it is none that is taken, name and content disagree, or it is too large.
    """
    if size == 0:
        raise Refused(Reason.EMPTY)
    if ending(filename) in ("svg", "svgz") or looks_like_svg(head):
        raise Refused(Reason.SVG)
    promised = EXTENSIONS.get(ending(filename))
    if promised is None:
        raise Refused(Reason.ENDING)
    if find_format(head) != promised:
        raise Refused(Reason.FORMAT)
    kind = KINDS[promised]
    if size > LIMITS[kind]:
        raise Refused(Reason.TOO_LARGE)
    return kind, promised
