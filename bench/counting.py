"""How long the answer to "this page was read" takes: a page sends it while somebody reads on."""

from __future__ import annotations

import http.client
import statistics
import time
from urllib.parse import urlsplit

from bench.report import Report
from bench.site import ARTICLE, EDITIONS, portal, prepare

TIMES = 2_000
LIMIT_MS = 5.0
PHONE = "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36"


def run(report: Report) -> None:
    """Measure notes of reads, one after the other, while the server writes them down."""
    prepare()
    took = []
    with portal() as (url, _pid):
        headers = {"User-Agent": PHONE, "Origin": url, "Sec-Fetch-Site": "same-origin", "Content-Length": "0"}
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        for number in range(TIMES):
            begin = time.perf_counter()
            connection.request("POST", f"{EDITIONS[number % len(EDITIONS)]}{ARTICLE}/read", headers=headers)
            answer = connection.getresponse()
            answer.read()
            took.append(1_000 * (time.perf_counter() - begin))
            assert answer.status == 204, answer.status
        connection.close()
    report.value("a note of a read, median", statistics.median(took), "ms", at_most=LIMIT_MS)
    report.value("a note of a read, one in a hundred takes longer than", statistics.quantiles(took, n=100)[98], "ms")
