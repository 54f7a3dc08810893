"""The ways for mail to leave: a folder, or a server by an open or a sealed connection."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from flask import Flask

from portal.messages.services.transports import Folder, Server, transport
from tests.messages.helpers import mails, put, reach, send, server


def test_into_a_folder_as_files_that_only_the_owner_reads(app: Flask, tmp_path: Path) -> None:
    reach(app, mail=f"file:{tmp_path / 'a' / 'b'}")
    put()
    send(app)
    (file,) = (tmp_path / "a" / "b").iterdir()
    assert file.name == f"{mails()[0].key}.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"To: lin.jing@example.org\r\n" in file.read_bytes()


def test_a_folder_that_cannot_be_written_keeps_the_mail(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    reach(app, mail=f"file:{tmp_path / 'file'}")
    put()
    send(app)
    assert [(mail.state, mail.last_error) for mail in mails()] == [("waiting", "FileExistsError")]


def test_which_way_mail_leaves_is_a_setting(app: Flask) -> None:
    kinds = {name: type(transport(reach(app, mail=name))) for name in ("", "file:/x", "smtp://h", "smtps://h:1")}
    assert kinds == {"": Folder, "file:/x": Folder, "smtp://h": Server, "smtps://h:1": Server}


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_a_connection_that_was_to_be_sealed_is_never_used_open(app: Flask, scheme: str) -> None:
    put()
    with server(app) as smtp:  # It speaks no TLS.
        reach(app, mail=app.config["PORTAL"].mail.replace("smtp", scheme))
        send(app)
    assert smtp.taken == []
    why = {"smtp+starttls": "SMTPNotSupportedError", "smtps": "SSLError"}[scheme]
    assert [(mail.state, mail.last_error) for mail in mails()] == [("waiting", why)]
