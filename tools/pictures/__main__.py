"""`python -m tools.pictures [KEY …]`: draw the pictures anew, all of them or those that are named."""

from __future__ import annotations

import io
import re
import sys

from PIL import Image, ImageColor, PngImagePlugin
from playwright.sync_api import sync_playwright

from tools.pictures import DRAWINGS, PLACE, SOURCE, fingerprint
from tools.pictures.sheet import COLOURS, WIDTH


def palette(svg: str) -> Image.Image:
    """Return the colours of a drawing, and one halfway between each dark one and the paper for the edges of letters."""
    used = sorted({ImageColor.getrgb(colour) for colour in re.findall("#[0-9a-f]{6}", svg)})
    paper = ImageColor.getrgb(COLOURS["paper"])
    halves = [tuple((a + b) // 2 for a, b in zip(one, paper, strict=True)) for one in used if sum(one) < 450]
    kept = Image.new("P", (1, 1))
    kept.putpalette([value for colour in [*used, *halves] for value in colour])
    return kept


def main(keys: list[str]) -> None:
    """Draw each picture at two pixels a unit and write it with few colours, so that it is small and sharp."""
    PLACE.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--font-render-hinting=none", "--disable-lcd-text"],
        )
        page = browser.new_page(device_scale_factor=2, viewport={"width": WIDTH, "height": 400})
        for key in keys or DRAWINGS:
            sheet = DRAWINGS[key]()
            page.set_viewport_size({"width": WIDTH, "height": sheet.height})
            page.set_content(f"<body style='margin:0;font-size:0'>{sheet.svg()}</body>")
            shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            said = PngImagePlugin.PngInfo()
            said.add_text(SOURCE, fingerprint(sheet))
            path = PLACE / f"{key}.png"
            shot.quantize(palette=palette(sheet.svg()), dither=Image.Dither.NONE).save(
                path, optimize=True, pnginfo=said
            )
            sys.stdout.write(f"{key}: {shot.width}x{shot.height}, {path.stat().st_size:,} bytes\n")
        browser.close()


main(sys.argv[1:])
