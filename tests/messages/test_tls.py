"""Sealed connections: the certificate is verified, and the password goes only over one."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from flask import Flask

from tests import certificates
from tests.messages.helpers import mails, put, reach, send, server


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Return a file with a key and its certificate for 127.0.0.1, which nobody has signed."""
    return certificates.certificate(tmp_path / "certificate.pem")


@pytest.fixture
def serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def options(scheme: str, context: ssl.SSLContext) -> dict[str, Any]:
    if scheme == "smtps":
        return {"ssl_context": context}
    return {"tls_context": context, "require_starttls": True}


def through(app: Flask, scheme: str, who: str = "") -> None:
    reach(app, mail=app.config["PORTAL"].mail.replace("smtp://", f"{scheme}://{who}"))


SCHEMES = pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])


@SCHEMES
def test_mail_goes_over_a_sealed_connection(
    app: Flask, scheme: str, serving: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    put()
    with server(app, **options(scheme, serving)) as smtp:
        through(app, scheme)
        send(app)
    assert len(smtp.taken) == 1


@SCHEMES
def test_a_certificate_that_nobody_vouches_for_is_refused(app: Flask, scheme: str, serving: ssl.SSLContext) -> None:
    put()
    with server(app, **options(scheme, serving)) as smtp:
        through(app, scheme)
        send(app)
    assert smtp.taken == []
    assert [(mail.state, mail.last_error) for mail in mails()] == [("waiting", "SSLCertVerificationError")]


@pytest.mark.parametrize(("password", "state"), [("p%40:ss", "sent"), ("wrong", "waiting")])
def test_the_password_of_the_setting_signs_in(
    app: Flask,
    serving: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    password: str,
    state: str,
) -> None:
    def check(_server: object, _session: object, _envelope: object, _how: str, given: LoginPassword) -> AuthResult:
        return AuthResult(success=given == LoginPassword(b"portal", b"p@:ss"), handled=False)

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    put()
    with server(app, authenticator=check, auth_required=True, **options("smtp+starttls", serving)) as smtp:
        through(app, "smtp+starttls", f"portal:{password}@")
        send(app)
    (mail,) = mails()
    assert (mail.state, len(smtp.taken)) == (state, state == "sent")
    assert mail.last_error == ("" if state == "sent" else "SMTPAuthenticationError")
