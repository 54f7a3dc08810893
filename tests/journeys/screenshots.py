"""Write docs/screenshots: `make screenshots`. Needs Chromium; starts the portal with the starter library itself."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from portal.core.settings import ROOT
from tests.journeys.conftest import CHROMIUM, FLAGS, serve, stop
from tests.journeys.desk_pictures import desk_pictures, keep
from tests.journeys.pages import ARTICLE, place
from tests.ports import free_port

FOLDER = ROOT / "docs" / "screenshots"
SMALL, MIDDLE, WIDE = (360, 740), (768, 1024), (1280, 800)
RESULTS = "/search?q=%E5%AE%89%E5%85%A8%E8%B4%A6%E6%88%B7"
SHOTS: list[tuple[str, str, tuple[int, int], str]] = [
    # name, address, screen, light or dark
    ("home-general-1280", "/", WIDE, "light"),
    ("home-general-1280-dark", "/", WIDE, "dark"),
    ("home-general-768", "/", MIDDLE, "light"),
    ("home-general-360", "/", SMALL, "light"),
    ("home-elderly-1280", place("/", audience="elderly"), WIDE, "light"),
    ("home-elderly-360", place("/", audience="elderly"), SMALL, "light"),
    ("home-elderly-360-30px", place("/", audience="elderly", size="30"), SMALL, "light"),
    ("home-youth-360", place("/", audience="youth"), SMALL, "light"),
    ("home-youth-1280", place("/", audience="youth"), WIDE, "light"),
    ("home-new-resident-360", place("/", audience="new-resident"), SMALL, "light"),
    ("home-english-1280", place("/", "en"), WIDE, "light"),
    ("article-general-1280", ARTICLE, WIDE, "light"),
    ("article-general-360", ARTICLE, SMALL, "light"),
    ("article-general-360-dark", ARTICLE, SMALL, "dark"),
    ("article-elderly-360", place(ARTICLE, audience="elderly"), SMALL, "light"),
    ("article-elderly-360-30px", place(ARTICLE, audience="elderly", size="30"), SMALL, "light"),
    ("article-elderly-360-dark", place(ARTICLE, audience="elderly"), SMALL, "dark"),
    ("article-elderly-1280", place(ARTICLE, audience="elderly"), WIDE, "light"),
    ("article-youth-360", place(ARTICLE, audience="youth"), SMALL, "light"),
    ("article-youth-768", place(ARTICLE, audience="youth"), MIDDLE, "light"),
    ("article-new-resident-360", place(ARTICLE, audience="new-resident"), SMALL, "light"),
    ("article-new-resident-768-dark", place(ARTICLE, audience="new-resident"), MIDDLE, "dark"),
    ("article-hant-768", place(ARTICLE, "zh-Hant"), MIDDLE, "light"),
    ("article-english-elderly-360", place(ARTICLE, "en", "elderly"), SMALL, "light"),
    ("search-general-1280", RESULTS, WIDE, "light"),
    ("search-general-360", RESULTS, SMALL, "light"),
    ("search-elderly-360", place(RESULTS, audience="elderly"), SMALL, "light"),
    ("search-nothing-360", "/search?q=qzqzqz", SMALL, "light"),
    ("numbers-general-768", "/hotlines", MIDDLE, "light"),
    ("numbers-elderly-360", place("/hotlines", audience="elderly"), SMALL, "light"),
    ("words-general-768", "/glossary", MIDDLE, "light"),
    ("lectures-general-360", "/events/", SMALL, "light"),
    ("lectures-elderly-360", place("/events/", audience="elderly"), SMALL, "light"),
    ("lectures-general-1280", "/events/", WIDE, "light"),
    ("lecture-general-360", "/events/example-deposits", SMALL, "light"),
    ("lecture-english-1280", place("/events/example-deposits", "en"), WIDE, "light"),
    ("lecture-calendar-768", "/events/calendar", MIDDLE, "light"),
    ("missing-360", "/articles/no-such-article", SMALL, "light"),
]


def shoot(browser: Browser, site: str, folder: Path) -> int:
    """Write every picture; returns their bytes."""
    total = 0
    for name, path, (width, height), scheme in SHOTS:
        options: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": height}}
        context = browser.new_context(**options, service_workers="block", locale="zh-CN")
        page = context.new_page()
        page.goto(site + path, wait_until="networkidle")
        # Pictures further down come when somebody scrolls to them.
        page.evaluate(
            """() => Promise.all([...document.images].map(one => {
                 one.loading = 'eager';
                 return one.decode().catch(() => {});
               }))"""
        )
        raw = page.screenshot(clip={"x": 0, "y": 0, "width": width, "height": height * 2}, full_page=True)
        context.close()
        total += keep(raw, folder / f"{name}.png")
    return total


def overview(folder: Path) -> None:
    """Put three phones side by side, for the README."""
    names = ("home-general-360", "article-general-360", "article-elderly-360")
    phones = [Image.open(folder / f"{name}.png").convert("RGB") for name in names]
    wide, high, gap = sum(phone.width for phone in phones), 740, 24
    sheet = Image.new("RGB", (wide + gap * (len(phones) + 1), high + 2 * gap), (208, 213, 211))
    left = gap
    for phone in phones:
        sheet.paste(phone.crop((0, 0, phone.width, high)), (left, gap))
        left += phone.width + gap
    sheet.quantize(96, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(folder / "overview.png", optimize=True)


def main() -> None:
    """Start the portal, take the pictures, stop it."""
    if CHROMIUM is None:
        sys.exit("no Chromium on this machine: install it with `apt-get install chromium`")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as data:
        port = free_port()
        process = serve(Path(data), PORTAL_PORT=str(port))
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                total = shoot(browser, f"http://127.0.0.1:{port}", FOLDER)
                browser.close()
            overview(FOLDER)
            total += desk_pictures(FOLDER)
        finally:
            stop(process)
    print(f"{len(list(FOLDER.glob('*.png')))} pictures, {total / 1e6:.1f} MB, in {FOLDER.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
