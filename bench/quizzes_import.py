"""Question files: how long a hostile one takes to be refused, and a bank of five thousand to be read and written."""

from __future__ import annotations

import io
import time
import zipfile

from bench.report import Report
from portal.quizzes.rules.formats import EXPORTS, Format, read, write
from portal.quizzes.rules.items import Item, Kind, Option, Voice

BANK = 5_000
LIMIT = 2.0
MB = 1_000_000


def _zipped(files: list[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files:
            package.writestr(name, data)
    return target.getvalue()


def _hostile() -> dict[str, tuple[Format | None, bytes]]:
    kept = b",".join(b'"k%d":{}' % turn for turn in range(900_000))
    return {
        "20 MB": (None, b"x" * 20 * MB),
        "a million lines": (None, b"x\n" * MB),
        "400,000 lines of GIFT": (Format.GIFT, b"x\n" * 399_000),
        "one line of 16 MB": (Format.GIFT, b"x" * 15_999_000),
        "16 MB of control characters": (Format.GIFT, b"\x01" * 15_999_000),
        "200,000 questions": (Format.GIFT, b"x\n\n" * 199_000),
        "open braces": (Format.GIFT, b"x{\n\n" * 190_000),
        "tildes": (Format.GIFT, (b"q{" + b"~a" * 49_000 + b"}\n\n") * 150),
        "percent signs": (Format.GIFT, (b"q{=%" + b"-" * 900_000 + b"}\n\n") * 15),
        "tags without end": (Format.GIFT, b"// " + b"[tag:" * 3_000_000 + b"\nx{=a}"),
        "a comment of ours, 11 MB": (Format.GIFT, b'// [mingbai:{"set":{' + kept + b"}}]\nx{=a ~b}"),
        "Aiken options": (Format.AIKEN, b"xx\n" + b"A. b\n" * 390_000),
        "deep XML": (Format.MOODLE_XML, b"<quiz>" + b"<a>" * 2_000_000),
        "broad XML": (Format.MOODLE_XML, b"<quiz>" + b"<a/>" * 400_000 + b"</quiz>"),
        "an XML of attributes": (Format.MOODLE_XML, b"<q " + b" ".join(b'a%d=""' % n for n in range(MB)) + b"/>"),
        "XML entities": (Format.MOODLE_XML, b'<!DOCTYPE q [<!ENTITY a "ha">]><quiz>&a;</quiz>'),
        "a zip bomb of 500 MB": (None, _zipped([("a.xml", b"x" * 500 * MB)])),
        "a zip of 150,000 names": (None, b"PK\x03\x04" + b"PK\x01\x02" * 150_000),
        "deep YAML": (Format.YAML, b"[" * 7 * MB),
        "broad YAML": (Format.YAML, b"- [" + b"a," * 199_000 + b"a]"),
        "CSV cells": (Format.CSV, b"type,stem\n" + b"," * 15 * MB),
        "any bytes": (None, bytes(range(256)) * 60_000),
        "GB18030, 14 MB": (None, ("的" * 7 * MB).encode("gb18030")),
    }


def _bank() -> list[Item]:
    def item(turn: int) -> Item:
        options = tuple(Option(key, f"第 {turn} 题的选项 {key}", float(key == "b"), "因为" * 20) for key in "abcd")
        return Item(
            name=f"question-{turn}",
            kind=Kind.SINGLE_CHOICE,
            stem=f"第 {turn} 题：{'对方要您转账，您先做什么？' * 4}",
            options=options,
            explanation="先挂断，再核对。" * 10,
            topic="fraud",
            voices={"elderly": Voice(stem="您先做什么？", explanation="先挂断。" * 5)},
        )

    return [item(turn) for turn in range(BANK)]


def run(report: Report) -> None:
    """Print the seconds of each hostile file, and of writing and reading a large bank."""
    report.note("seconds of the processor: one thread works and waits for nothing, so that other work does not count")
    worst = 0.0
    for name, (form, raw) in _hostile().items():
        begun = time.process_time()
        read(raw, format=form)
        seconds = time.process_time() - begun
        worst = max(worst, seconds)
        report.value(f"hostile: {name}", seconds, "s")
    report.value("the slowest hostile file", worst, "s", at_most=LIMIT)
    bank = _bank()
    for form in EXPORTS:
        begun = time.process_time()
        data = write(bank, form).data
        report.value(f"{BANK:,} questions written as {form.value} ({len(data) / MB:.1f} MB)", _since(begun), "s")
        begun = time.process_time()
        same = read(data, format=form).items == bank
        report.value(f"{BANK:,} questions read from {form.value}", _since(begun), "s")
        report.value(f"{form.value} gives back the same questions", float(same), "", at_least=1)


def _since(begun: float) -> float:
    return time.process_time() - begun
