"""An article, hot, unchanged (304) and cold, against nginx with the same bytes and against Wagtail."""

from __future__ import annotations

import statistics
from contextlib import ExitStack

from bench import machine, memory, site, wagtail_peer
from bench.report import Missing, Report, paired

ROUNDS = 7


def run(report: Report) -> None:
    """Print rates and ratios; every round measures all servers one after another."""
    site.prepare()
    with ExitStack() as stack:
        ours, pid = stack.enter_context(site.portal())
        cold, _ = stack.enter_context(site.portal(log="portal-cold", PORTAL_PAGE_CACHE_MB="0"))
        page, headers = machine.fetch(ours + site.ARTICLE)
        report.value("article page, identity", len(page) / 1000, "KB")
        limit = stack.enter_context(machine.nginx({"article.html": page}))
        servers: dict[str, tuple[str, dict[str, str]]] = {
            "nginx, the same bytes as a file": (f"{limit}/article.html", {}),
            "ours, hot": (ours + site.ARTICLE, {}),
            "ours, 304": (ours + site.ARTICLE, {"If-None-Match": headers["ETag"]}),
            "ours, cold": (cold + site.ARTICLE, {}),
        }
        try:
            peer = stack.enter_context(wagtail_peer.serving(page, cached=False))
            peer_cached = stack.enter_context(wagtail_peer.serving(page, cached=True))
            servers["Wagtail, uncached"] = (peer, {})
            servers["Wagtail, page cache"] = (peer_cached, {})
            report.value("Wagtail's page, identity", len(machine.fetch(peer)[0]) / 1000, "KB")
        except Missing as reason:
            report.skip("Wagtail", str(reason))
        for url, extra in servers.values():
            machine.wrk(url, extra, seconds=1)
        rates: dict[str, list[float]] = {name: [] for name in servers}
        for _round in range(ROUNDS):
            for name, (url, extra) in servers.items():
                rates[name].append(machine.wrk(url, extra))
        for name, seen in rates.items():
            report.value(name, statistics.median(seen), "requests/s")
        report.note(f"ratios: medians of {ROUNDS} rounds, each of all servers in turn, wrk with 32 connections")
        nginx = rates["nginx, the same bytes as a file"]
        report.value("hot article / nginx", paired(rates["ours, hot"], nginx), "x", at_least=0.5)
        report.value("304 / nginx's whole page", paired(rates["ours, 304"], nginx), "x")
        report.value("cold article / nginx", paired(rates["ours, cold"], nginx), "x")
        if "Wagtail, uncached" in rates:
            cached = rates["Wagtail, page cache"]
            report.value("hot article / Wagtail with page cache", paired(rates["ours, hot"], cached), "x", at_least=15)
            slow = rates["Wagtail, uncached"]
            report.value("cold article / Wagtail uncached", paired(rates["ours, cold"], slow), "x", at_least=40)
        # Searches load what pages do not.
        machine.wrk(f"{ours}/search?q=%E5%AE%89%E5%85%A8%E8%B4%A6%E6%88%B7", {})
        memory.measure(report, pid)
