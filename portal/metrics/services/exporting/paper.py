"""The summary as PDF, set from a page by WeasyPrint in a child process."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal.core.settings import ROOT
from portal.metrics.services.exporting.story import Picture, Story
from portal.metrics.services.exporting.word import is_numeric
from portal.quizzes.services import pdf


def pdf_file(told: Story) -> bytes:
    """Return a summary as PDF.

    Raises:
        pdf.OneAtATime: another one is being made.
        pdf.Unavailable: none can be made on this machine.
        pdf.TooMuch: it takes too long.
    """
    return pdf.make(html(told), css=_css(), keep=False)


def html(told: Story) -> str:
    """Return the page that is set."""
    return _pages().get_template("metrics/summary.html").render(story=told, kind=_kind, data=_data, numeric=is_numeric)


def _kind(block: object) -> str:
    return type(block).__name__.lower()


def _data(picture: Picture) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture.png).decode('ascii')}"


@cache
def _pages() -> Environment:
    """Return the site's templates without the site: a command sets documents too, where nobody is asking."""
    options: dict[str, Any] = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
    return Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True, **options)


@cache
def _css() -> str:
    css = ROOT / "static" / "css"
    return "\n".join(path.read_text("utf-8") for path in (css / "tokens.css", css / "desk" / "quarter-paper.css"))
