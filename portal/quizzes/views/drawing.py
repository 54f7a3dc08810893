"""Pages as PDF, and drawings in the colours of tokens.css."""

from __future__ import annotations

import re
from functools import cache

import flask
import segno
from flask import Response

from portal.core.web import STATIC
from portal.quizzes.services import pdf

_TOKEN = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")


@cache
def tokens() -> dict[str, str]:
    """Return the tokens of the light theme by name, for drawings that no stylesheet reaches."""
    found: dict[str, str] = {}
    for name, value in _TOKEN.findall((STATIC / "css" / "tokens.css").read_text("utf-8")):
        found.setdefault(name, value.strip())
    return found


@cache
def paper_css() -> str:
    """Return the stylesheet of what is set as PDF: the tokens, and the part of the site's that is about paper."""
    css = STATIC / "css"
    return "\n".join(path.read_text("utf-8") for path in (css / "tokens.css", css / "rooms" / "quiz-paper.css"))


def pdf_answer(html: str, *, name: str, medium: str = "print", lane: str = "desk") -> Response:
    """Return a page as PDF, or 503 while another one is being made.

    Args:
        name: of the file, without its ending; ASCII.

    Raises:
        Unavailable: none can be made on this machine.
        TooMuch: it takes too long.
    """
    try:
        made = pdf.make(html, css=paper_css(), medium=medium, lane=lane)
    except pdf.OneAtATime:
        answer = Response(flask.render_template("errors/error.html", status=503), status=503)
        answer.headers["Retry-After"] = "3"
        answer.headers["Cache-Control"] = "no-store"
        return answer
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def qr(address: str) -> str:
    """Return a QR code of an address as a `data:` address: dark on white in every theme."""
    code = segno.make_qr(address, error="m")
    ink = tokens()
    uri: str = code.png_data_uri(scale=8, border=4, dark=ink["qr-ink"], light=ink["qr-paper"])
    return uri


def lines(text: str, *, width: float, most: int) -> list[str]:
    """Break text for a drawing, in which nothing breaks by itself; what does not fit ends in an ellipsis.

    Args:
        width: of a line in units of one 汉字; Latin letters and digits count 0.56.
    """
    first, comma, second = text.partition("，")
    if comma and width < _wide(text) and max(_wide(first) + 1, _wide(second)) <= width and most > 1:
        return [first + comma, second]
    made: list[str] = []
    line, used = "", 0.0
    # A run of Latin letters stays together, as does a sign that cannot begin a line.
    for piece in re.findall(r"[!-~]+\s*|\s+|.[，。、：；！？”’）》」』…]*", text):
        if line and used + _wide(piece.rstrip()) > width:
            made.append(line.rstrip())
            line, used = "", 0.0
        line += piece
        used += _wide(piece)
    made.append(line.rstrip())
    if len(made) > most:
        made[most - 1 :] = [made[most - 1][: int(width) - 1] + "…"]
    return made


def _wide(text: str) -> float:
    return sum(0.56 if sign.isascii() else 1.0 for sign in text)
