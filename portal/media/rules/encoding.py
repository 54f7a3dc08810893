"""Pictures drawn anew: only pixels pass, nothing else of what was in the file.

A decoder is given bytes of unknown origin here, so this runs in a child process that can be killed (`__main__.py`).
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from portal.media.rules.kinds import MAX_PIXELS, MAX_SIDE, Reason, Refused

SIZES = {"phone": 720, "desktop": 1440}
"""Pixels of width at most; nothing is ever enlarged."""
QUALITY = 85
FLAT_PHONE = 440
"""Pixels of width for phones of a drawing, which is kept without any loss and so weighs more."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One file of a picture."""

    name: str
    width: int
    height: int


def encode(form: str, source: Path, folder: Path) -> list[Drawn]:
    """Draw the picture in `source` anew, in each size, into `folder`; the largest size comes last.

    Raises:
        Refused: it is not a still picture of `form`, or too large.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            picture = _load(form, source)
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(Reason.PIXELS) from None
    except Exception:  # decoders raise whatever they like on damaged files
        raise Refused(Reason.DAMAGED) from None
    drawn: list[Drawn] = []
    sizes = SIZES | ({"phone": FLAT_PHONE} if picture.mode == "P" else {})
    for size, wide in sizes.items():
        if size != "phone" and picture.width <= sizes["phone"]:
            break
        drawn.extend(_draw(picture, size, wide, folder))
    return drawn


def _load(form: str, source: Path) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    opened = Image.open(source, formats=[form.upper()])
    if opened.width * opened.height > MAX_PIXELS:
        raise Refused(Reason.PIXELS)
    if max(opened.size) > MAX_SIDE:
        raise Refused(Reason.SIDE)
    if getattr(opened, "n_frames", 1) > 1:
        raise Refused(Reason.MOVES)
    opened.load()
    if opened.mode == "P" and "transparency" not in opened.info:
        return _drawing(opened)
    picture = ImageOps.exif_transpose(opened)
    profile = opened.info.get("icc_profile")
    return _plain(_in_srgb(_eight_bits(picture), profile))


def _drawing(picture: Image.Image) -> Image.Image:
    """Return a picture that has a list of its few colours, with those that are seen: a drawing, kept pixel by pixel."""
    upright = ImageOps.exif_transpose(picture)
    plain = upright.remap_palette([number for number, count in enumerate(upright.histogram()) if count])
    plain.info = {}
    return plain


def _eight_bits(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        # Pillow cuts 16 bits off at 255 where it should divide.
        return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    return picture


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in the colours that every screen expects; a profile that cannot be read is left out."""
    if profile and picture.mode in ("RGB", "CMYK", "L", "RGBA"):
        try:
            return _by_profile(picture, profile)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return picture


def _by_profile(picture: Image.Image, profile: bytes) -> Image.Image:
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    source = picture.convert("RGB") if alpha else picture
    known = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    converted = ImageCms.profileToProfile(source, known, ImageCms.createProfile("sRGB"), outputMode="RGB")
    if converted is None:
        return picture
    if alpha:
        converted.putalpha(alpha)
    return converted


def _plain(picture: Image.Image) -> Image.Image:
    """Return RGB, or RGBA where something shows through, with nothing attached."""
    through = picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info
    plain = picture.convert("RGBA" if through else "RGB")
    if through and plain.getchannel("A").getextrema() == (255, 255):
        plain = plain.convert("RGB")
    plain.info = {}
    return plain


def _draw(picture: Image.Image, size: str, wide: int, folder: Path) -> list[Drawn]:
    width = min(wide, picture.width)
    height = max(1, round(picture.height * width / picture.width))
    if picture.mode == "P":
        return _draw_flat(picture, size, (width, height), folder)
    scaled = picture if width == picture.width else picture.resize((width, height), Image.Resampling.LANCZOS)
    fallback = f"{size}.png" if scaled.mode == "RGBA" else f"{size}.jpg"
    scaled.save(folder / f"{size}.webp", "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=None, xmp=b"")
    if scaled.mode == "RGBA":
        scaled.save(folder / fallback, "PNG", optimize=True)
    else:
        scaled.save(folder / fallback, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return [Drawn(f"{size}.webp", width, height), Drawn(fallback, width, height)]


def _draw_flat(picture: Image.Image, size: str, measure: tuple[int, int], folder: Path) -> list[Drawn]:
    """Draw what has flat colours and sharp edges without any loss: letters stay sharp, and the files are smaller."""
    scaled = picture
    if measure != picture.size:
        smooth = picture.convert("RGB").resize(measure, Image.Resampling.LANCZOS)
        scaled = smooth.quantize(palette=picture, dither=Image.Dither.NONE)
    scaled.convert("RGB").save(folder / f"{size}.webp", "WEBP", lossless=True, quality=100, method=4)
    scaled.save(folder / f"{size}.png", "PNG", optimize=True)
    return [Drawn(f"{size}.webp", *measure), Drawn(f"{size}.png", *measure)]
