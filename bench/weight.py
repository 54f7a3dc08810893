"""What a browser loads for an article: requests and bytes over the wire."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

from bench import machine, site
from bench.report import Report

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def run(report: Report) -> None:
    """Load each edition of an article in an empty browser at phone size."""
    site.prepare()
    chromium = machine.need("chromium", "chromium")
    with site.portal() as (url, _), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        for edition in site.EDITIONS:
            context = browser.new_context(viewport={"width": 390, "height": 844})
            page = context.new_page()
            wire = context.new_cdp_session(page)
            wire.send("Network.enable")
            loaded: list[float] = []
            asked: list[str] = []

            def finished(event: dict[str, Any], loaded: list[float] = loaded) -> None:
                loaded.append(event["encodedDataLength"])

            def sent(event: dict[str, Any], asked: list[str] = asked) -> None:
                asked.append(event["request"]["url"])

            wire.on("Network.loadingFinished", finished)
            wire.on("Network.requestWillBeSent", sent)
            page.goto(url + edition + site.ARTICLE, wait_until="networkidle")
            name = f"article, {edition.strip('/') or 'general'} edition"
            remote = [address for address in asked if not address.startswith(("data:", "blob:"))]
            strangers = {urlsplit(address).netloc for address in remote} - {urlsplit(url).netloc}
            report.value(f"{name}: over the wire", sum(loaded) / 1000, "KB", at_most=60)
            report.value(f"{name}: requests", len(remote), "requests", at_most=15)
            report.value(f"{name}: requests to other hosts", len(strangers), "hosts", at_most=0)
            context.close()
        browser.close()
