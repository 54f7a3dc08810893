"""What a file may be called, what must be said about it, and captions."""

from __future__ import annotations

import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.media.rules import (
    LIMITS,
    NAMES,
    TYPES,
    CaptionsError,
    Kind,
    Refused,
    find_kind,
    inspect,
    read_captions,
)
from portal.media.rules.words import LONGEST, Words, fitting, wanting
from tests.media.files import VTT, m4a, mp3, mp4, ogg, webm

CUE = "00:00:01.000 --> 00:00:04.000\n话\n"


def test_captions_are_written_in_one_spelling() -> None:
    assert read_captions(VTT) == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n先挂断，再核实。\n\n"
        "00:00:05.000 --> 00:00:07.500 align:start\n打 96110。\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffWEBVTT\n\n" + CUE,
        "WEBVTT - 片名\nKind: captions\n\n" + CUE,
        "WEBVTT\r\n\r\n" + CUE.replace("\n", "\r\n"),
        "WEBVTT\n\nNOTE 草稿\n第二行\n\n1\n" + CUE + "\n\n\nNOTE\n",
        "WEBVTT\n\n00:01.000 --> 00:04.000\n话",
    ],
)
def test_what_is_said_in_other_words_means_the_same(text: str) -> None:
    assert read_captions(text) == "WEBVTT\n\n" + CUE


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("", 1, "header"),
        ("WEBVTTX\n\n" + CUE, 1, "header"),
        ("1\n00:00:01,000 --> 00:00:04,000\n话\n", 1, "header"),
        ("WEBVTT\n" + CUE, 2, "header"),
        ("WEBVTT\n", 1, "none"),
        ("WEBVTT\n\nNOTE 只有注\n", 1, "none"),
        ("WEBVTT\n\n话\n", 4, "timing"),
        ("WEBVTT\n\n00:00:01,000 --> 00:00:04,000\n话\n", 3, "timing"),
        ("WEBVTT\n\n00:61:00.000 --> 01:00:00.000\n话\n", 3, "timing"),
        ("WEBVTT\n\n00:01.000 -> 00:04.000\n话\n", 4, "timing"),
        ("WEBVTT\n\n00:04.000 --> 00:01.000\n话\n", 3, "order"),
        ("WEBVTT\n\n00:04.000 --> 00:04.000\n话\n", 3, "order"),
        (f"WEBVTT\n\n00:02.000 --> 00:03.000\n话\n\n{CUE}", 6, "order"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000 onclick:x\n话\n", 3, "setting"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n\n", 3, "silent"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n<b>话</b>\n", 4, "markup"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n话\n<script>\n", 5, "markup"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n话\n00:03.000 --> 00:04.000\n", 5, "markup"),
        ("WEBVTT\n\nSTYLE\n::cue { color: red }\n\n" + CUE, 3, "style"),
        ("WEBVTT\n\nREGION\nid:a\n\n" + CUE, 3, "style"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n话\x00\n", 4, "control"),
        ("WEBVTT\n\n" + "x" * 100_000, 1, "long"),
    ],
)
def test_captions_that_are_refused(text: str, line: int, code: str) -> None:
    with pytest.raises(CaptionsError) as refused:
        read_captions(text)
    assert (refused.value.line, refused.value.code) == (line, code)


lines = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="<>"), min_size=1, max_size=20
)


@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 10_000), lines.filter(str.strip)), min_size=1, max_size=6)
)
def test_captions_read_back_as_they_were_written(cues: list[tuple[int, int, str]]) -> None:
    def stamp(ms: int) -> str:
        return f"{ms // 60_000:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"

    blocks = [f"{stamp(at)} --> {stamp(at + long)}\n{words.rstrip()}" for at, long, words in sorted(cues)]
    once = read_captions("WEBVTT\n\n" + "\n\n".join(blocks))
    assert read_captions(once) == once
    assert [block.split("\n", 1)[1] for block in once.strip("\n").split("\n\n")[1:]] == [
        words.rstrip() for _, _, words in sorted(cues)
    ]


@given(st.text(max_size=200))
def test_no_text_makes_captions_with_markup(text: str) -> None:
    for candidate in (text, "WEBVTT\n\n" + CUE + "\n" + text, "WEBVTT\n\n00:01.000 --> 00:02.000\n" + text):
        with suppress(CaptionsError):
            assert "<" not in read_captions(candidate)


@given(st.text(max_size=60), st.binary(max_size=200), st.integers(0, 10**10))
def test_any_name_and_content_is_either_known_or_refused(name: str, head: bytes, size: int) -> None:
    try:
        kind, form = find_kind(name, head, size)
    except Refused:
        return
    assert size <= LIMITS[kind]
    assert form


@given(st.binary(max_size=3_000), st.sampled_from(["mp4", "m4a", "webm", "ogg", "mp3"]))
def test_any_bytes_are_either_a_clip_or_refused(raw: bytes, form: str) -> None:
    good = {"mp4": mp4(), "m4a": m4a(), "webm": webm(), "ogg": ogg(), "mp3": mp3()}[form]
    for data in (raw, good[:40] + raw, good[: len(good) // 2] + raw + good[len(good) // 2 :], good[:-9] + raw):
        with suppress(Refused):
            inspect(io.BytesIO(data), form, len(data))


def test_every_served_name_has_a_type() -> None:
    assert {name.rpartition(".")[2] for name in NAMES} == set(TYPES)


FULL = {"title": "题", "source": "本行", "licence": "自有"}


@pytest.mark.parametrize(
    ("kind", "words", "names"),
    [
        (Kind.PICTURE, {**FULL, "alt": "一人"}, []),
        (Kind.PICTURE, {**FULL, "decorative": True}, []),
        (Kind.PICTURE, FULL, ["alt"]),
        (Kind.PICTURE, {**FULL, "alt": " "}, ["alt"]),
        (Kind.PICTURE, {**FULL, "alt": "一人", "decorative": True}, ["alt"]),
        (Kind.PICTURE, {"title": " ", "source": "", "licence": "", "alt": "一人"}, ["title", "source", "licence"]),
        (Kind.AUDIO, {**FULL, "transcript": "话"}, []),
        (Kind.AUDIO, FULL, ["transcript"]),
        (Kind.VIDEO, FULL, ["transcript", "captions"]),
        (Kind.VIDEO, {**FULL, "transcript": "话", "captions": VTT}, []),
    ],
)
def test_what_cannot_be_left_out(kind: Kind, words: dict[str, object], names: list[str]) -> None:
    said = Words(**words)  # type: ignore[arg-type]  # a table of words
    assert wanting(kind, said) == names
    assert wanting(kind, fitting(kind, said)) == names


def test_words_without_a_place_are_left_out() -> None:
    said = Words(**FULL, alt="一人", decorative=True, transcript="话", captions=VTT)
    assert fitting(Kind.PICTURE, said).transcript == ""
    assert fitting(Kind.AUDIO, said).captions == ""
    assert fitting(Kind.VIDEO, said).alt == ""
    assert not fitting(Kind.VIDEO, said).decorative
    assert set(LONGEST) < set(Words.__dataclass_fields__)
