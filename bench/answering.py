"""500 people answering a quiz at once, on what `make run` starts: how long an answer takes to be saved.

Each person begins an attempt and answers every question of a quiz of eight, reading for one to nine seconds before each
answer, as people do at a lecture who are told to start together. Time is from the first byte sent to the whole answer.
"""

from __future__ import annotations

import asyncio
import random
import re
import statistics
import time
from urllib.parse import urlencode, urlsplit

from bench import site
from bench.report import Report

PEOPLE = 500
QUIZ = "/quizzes/spot-fake-police"
QUESTIONS = 8
READING_S = (1.0, 9.0)
P99_S = 0.25
FIELD = re.compile(rb'name="(q\d+)" value="([^"?]+)"')


async def ask(
    address: tuple[str, int], method: str, path: str, form: dict[str, str] | None = None
) -> tuple[str, bytes]:
    """Send one request; return the place that it leads to (or the status) and its body."""
    reader, writer = await asyncio.open_connection(*address)
    body = urlencode(form or {}).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    if method == "POST":
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    writer.write(head.encode() + b"\r\n" + body)
    raw = await reader.read()
    writer.close()
    headers, _, content = raw.partition(b"\r\n\r\n")
    place = re.search(rb"(?i)\r\nlocation: ([^\r]+)", headers)
    return (place[1].decode() if place else headers[9:12].decode()), content


async def person(address: tuple[str, int], chance: random.Random, times: dict[str, list[float]]) -> int:
    """Take the quiz; return how many answers were acknowledged."""
    await asyncio.sleep(chance.uniform(0, READING_S[1]))
    begun = time.monotonic()
    attempt, _ = await ask(address, "POST", f"{QUIZ}/begin")
    times["begin"].append(time.monotonic() - begun)
    saved = 0
    for number in range(1, QUESTIONS + 1):
        _status, page = await ask(address, "GET", f"{attempt}?q={number}")
        fields = FIELD.findall(page)
        await asyncio.sleep(chance.uniform(*READING_S))
        name, value = chance.choice(fields)
        begun = time.monotonic()
        place, _ = await ask(address, "POST", f"{attempt}/answers/{number}", {name.decode(): value.decode()})
        times["answer"].append(time.monotonic() - begun)
        saved += place == f"{attempt}?q={number}"
    await ask(address, "POST", f"{attempt}/finish")
    return saved


async def everybody(address: tuple[str, int], times: dict[str, list[float]]) -> int:
    """Let everybody take the quiz; return how many answers were acknowledged."""
    return sum(await asyncio.gather(*(person(address, random.Random(n), times) for n in range(PEOPLE))))


def run(report: Report) -> None:
    """Print how long saving takes, and that nothing was lost."""
    site.prepare()
    with site.portal() as (url, _):
        address = (urlsplit(url).hostname or "", urlsplit(url).port or 0)
        times: dict[str, list[float]] = {"begin": [], "answer": []}
        saved = asyncio.run(everybody(address, times))
    for what, taken in times.items():
        taken.sort()
        report.value(f"{PEOPLE} people, {what}: median", statistics.median(taken), "s")
        p99 = taken[int(0.99 * len(taken))]
        report.value(f"{PEOPLE} people, {what}: p99", p99, "s", at_most=P99_S if what == "answer" else None)
    report.value("answers acknowledged, of those sent", saved / (PEOPLE * QUESTIONS), "", at_least=1.0)
