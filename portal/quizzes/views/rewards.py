"""What one takes away from a quiz: a certificate that anybody can check, and a card to share. Neither says who."""

from __future__ import annotations

import flask
from flask import Blueprint, Response
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock, web
from portal.core.database import db, transaction
from portal.core.settings import Settings, address
from portal.core.web import public_page, say_instead
from portal.quizzes import queries
from portal.quizzes.models import Certificate
from portal.quizzes.rules import taking
from portal.quizzes.services import certificates, pdf
from portal.quizzes.services import taking as verbs
from portal.quizzes.views.drawing import lines, pdf_answer, qr, tokens
from portal.quizzes.views.public import sent_from_here
from portal.quizzes.views.showing import attempt_edition
from portal.quizzes.views.sitting import Sitting

blueprint = Blueprint("rewards", __name__)

INLINE_PICTURES = {
    "Content-Security-Policy": web.SECURITY_HEADERS["Content-Security-Policy"].replace(
        "img-src 'self'", "img-src 'self' data:"
    )
}
"""For `say_instead`: the page holds its QR code itself."""


def _settings() -> Settings:
    settings: Settings = flask.current_app.config["PORTAL"]
    return settings


# --- the certificate ----------------------------------------------------------------------------------------------


@public_page(blueprint, "/quizzes/attempts/<token:token>/certificate", methods=("GET", "POST"))
@sent_from_here
def certificate(token: str) -> ResponseReturnValue:
    """Make the certificate of a passed attempt, once; show it as a page to print."""
    sitting = Sitting(token)
    if flask.request.method == "POST":
        try:
            with transaction() as session:
                certificates.certify(session, attempt_id=sitting.attempt.id, at=clock.now(), zone=_settings().timezone)
        except certificates.NotEarned:
            return flask.redirect(sitting.url("/result"), 303)
        return flask.redirect(sitting.url("/result#certificate"), 303)
    return _certificate(sitting, as_pdf=False)


@public_page(blueprint, "/quizzes/attempts/<token:token>/certificate.pdf")
def certificate_pdf(token: str) -> ResponseReturnValue:
    """Give the certificate out as PDF; where none can be made, as the page to print."""
    sitting = Sitting(token)
    try:
        return _certificate(sitting, as_pdf=True)
    except (pdf.Unavailable, pdf.TooMuch):
        return flask.redirect(sitting.url("/certificate?pdf=none"), 303)


def _certificate(sitting: Sitting, *, as_pdf: bool) -> ResponseReturnValue:
    tail = "/certificate.pdf" if as_pdf else "/certificate"
    if attempt_edition() != sitting.edition:
        return flask.redirect(sitting.url(tail), 303)
    found = certificates.of_attempt(db.session(), sitting.attempt)
    if found is None or not sitting.attempt.passed:
        return flask.redirect(sitting.url("/result"), 303)
    code = certificates.spoken(found.code)
    check = _settings().base_url + address(f"/certificates/{code}", locale=sitting.attempt.locale)
    page = sitting.page(
        "certificate.html",
        attempt=sitting.attempt,
        certificate_code=code,
        check=check,
        qr=qr(check),
        as_pdf=as_pdf,
        says_no_pdf=flask.request.args.get("pdf") == "none",
    )
    if as_pdf:
        return pdf_answer(page.get_data(as_text=True), name="mingbai-certificate", medium="screen", lane="public")
    say_instead(INLINE_PICTURES)
    return page


@public_page(blueprint, "/certificates/")
def checking() -> ResponseReturnValue:
    """Ask for the code of a certificate."""
    asked = flask.request.args.get("code")
    if asked is not None:
        heard = taking.heard(asked)
        if heard:
            code = certificates.spoken(heard)
            return flask.redirect(
                address(f"/certificates/{code}", locale=flask.g.locale, audience=flask.g.audience), 303
            )
        return _check_page(code=asked[:40], status=422)
    return web.reader_page("quizzes/certificates.html", code="", status_of_code="")


def _check_page(*, code: str, status: int) -> Response:
    return web.reader_page(
        "quizzes/certificates.html", path="/certificates/", status=status, code=code, status_of_code="unknown"
    )


@public_page(blueprint, "/certificates/<path:code>")
def check(code: str) -> ResponseReturnValue:
    """Say what a certificate stands for, as it is marked now; never who holds it."""
    found = certificates.of_code(db.session(), code)
    if found is None:
        return _check_page(code=code[:40], status=404)
    certificate, attempt, version = found
    audience, locale = attempt_edition()
    words, language = verbs.instrument(version).quiz.words(audience=audience, locale=locale)
    answer = web.reader_page(
        "quizzes/certificate_found.html",
        path=f"/certificates/{certificates.spoken(certificate.code)}",
        certificate=certificate,
        certificate_code=certificates.spoken(certificate.code),
        attempt=attempt,
        version=version,
        words=words,
        language=language,
    )
    # Marks may be mended at any moment, and that raises no version that finished pages are kept under.
    answer.headers["Cache-Control"] = "no-store"
    return answer


# --- the card to share --------------------------------------------------------------------------------------------

SCORES = tuple(str(score) for score in range(0, 101, 10))


@public_page(blueprint, "/quizzes/<slug:slug>/card.svg")
def card(slug: str) -> ResponseReturnValue:
    """Draw a card that invites to a quiz, perhaps with a score in whole tens: it says nothing about any person."""
    version = queries.public_version(db.session(), slug)
    score = flask.request.args.get("score", "")
    if version is None or score not in ("", *SCORES) or set(flask.request.args) - {"score"}:
        flask.abort(404)
    audience, locale = attempt_edition()
    quiz = verbs.instrument(version).quiz
    if quiz.pair:
        flask.abort(404)
    words, language = quiz.words(audience=audience, locale=locale)
    answer = web.reader_page(
        "quizzes/card.svg",
        quiz=quiz,
        words=words,
        language=language,
        score=score,
        lines=lines,
        reached=gettext("reached"),
        invitation=gettext("Try it too: no name, no sign-in."),
        ink=tokens(),
        host=_settings().base_url.partition("://")[2],
    )
    answer.mimetype = "image/svg+xml"
    return answer


def certificate_of(sitting: Sitting) -> Certificate | None:
    """Return the certificate of an attempt that is being shown."""
    return certificates.of_attempt(db.session(), sitting.attempt)


def tens(percent: float) -> int:
    """Return a share in whole tens, never more than it is."""
    return int(percent // 10) * 10


blueprint.add_app_template_global(certificate_of)
blueprint.add_app_template_global(tens, "whole_tens")
blueprint.add_app_template_global(certificates.spoken, "spoken_certificate")


@blueprint.record_once
def _without_token(state: BlueprintSetupState) -> None:
    # As in `public`: the address is the secret, and `sent_from_here` refuses what comes from elsewhere.
    state.app.extensions["csrf"].exempt(certificate)
