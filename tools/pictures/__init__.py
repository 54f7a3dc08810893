"""The pictures of the starter library: SVG here, PNG in `content/media/`; `make pictures` draws them anew."""

from __future__ import annotations

import hashlib

from tools.pictures import fraud, money
from tools.pictures.sheet import ROOT, Sheet

PLACE = ROOT / "content/media"
DRAWINGS = fraud.DRAWINGS | money.DRAWINGS
"""What draws each picture, by its key in the library."""
SOURCE = "drawn-from"
"""The field of a PNG file that says by which drawing it was made."""


def fingerprint(sheet: Sheet) -> str:
    """Return a digest of a drawing, by which a picture is recognised that was not drawn anew after a change."""
    return hashlib.sha256(sheet.svg().encode()).hexdigest()
