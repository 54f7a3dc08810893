"""How mail leaves: by SMTP, or into a folder."""

from __future__ import annotations

import os
import smtplib
import ssl
from abc import ABC, abstractmethod
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from portal.core.settings import Settings
from portal.messages.queries import Letter
from portal.messages.rules import calendar_method

TIMEOUT_S = 20


class Unreachable(Exception):
    """The server, or the folder, cannot be used now; this says nothing about the message."""


class Refused(Exception):
    """One message was not taken.

    Args:
        permanent: trying again would not help.
    """

    def __init__(self, name: str, *, permanent: bool) -> None:
        super().__init__(name)
        self.permanent = permanent


class Way(Protocol):
    """How messages of one channel leave, for one batch."""

    def hand_over(self, letter: Letter) -> None:
        """Hand over one message.

        Raises:
            Refused: this message was not taken.
            Unreachable: none would be.
        """

    def close(self) -> None:
        """Close what was opened."""


class Transport(ABC):
    """A way for mail to leave, for one batch."""

    @abstractmethod
    def send(self, message: EmailMessage, *, key: str) -> None:
        """Hand over one message.

        Raises:
            Refused: this message was not taken.
            Unreachable: none would be.
        """

    def close(self) -> None:  # noqa: B027  # most have nothing to close
        """Close what was opened."""


def transport(settings: Settings) -> Transport:
    """Return the way that these settings name."""
    if settings.mail.startswith("file:") or not settings.mail:
        named = settings.mail.removeprefix("file:")
        return Folder(Path(named) if named else settings.data / "mail")
    return Server(settings.mail, name=domain(settings))


def domain(settings: Settings) -> str:
    """Return the domain that mail is sent from."""
    return settings.mail_from.rpartition("@")[2]


def compose(letter: Letter, settings: Settings) -> EmailMessage:
    """Return a letter as a message; the same letter always has the same Message-ID."""
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.mail_from
    message["To"] = letter.recipient
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<{letter.key}@{domain(settings)}>"
    message["Auto-Submitted"] = "auto-generated"
    # Not every server takes 8 bits a character.
    message.set_content(letter.body, charset="utf-8", cte=None if letter.body.isascii() else "base64")
    message["Content-Language"] = letter.locale  # after the content, which replaces such headers
    if letter.calendar:
        method = calendar_method(letter.calendar)
        raw = letter.calendar.encode()
        message.add_attachment(raw, "text", "calendar", filename="lecture.ics", params={"method": method, **_UTF_8})
    return message


_UTF_8 = {"charset": "utf-8"}


def write_privately(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all.

    Raises:
        Unreachable: it cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(part, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as problem:
        raise Unreachable(type(problem).__name__) from None


class Post:
    """Mail by the way that these settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._transport = transport(settings)

    def hand_over(self, letter: Letter) -> None:
        """Hand over one mail."""
        self._transport.send(compose(letter, self._settings), key=letter.key)

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()


class Folder(Transport):
    """Writes each mail as a file that only its owner can read; the same mail again replaces it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage, *, key: str) -> None:
        """Write `<key>.eml`."""
        write_privately(self._folder / f"{key}.eml", message.as_bytes())


class Server(Transport):
    """Hands mail to an SMTP server, over one connection for a batch."""

    def __init__(self, url: str, *, name: str) -> None:
        self._url = urlsplit(url)
        self._name = name
        self._connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage, *, key: str) -> None:
        """Hand over one message, on the connection that is open or a new one."""
        try:
            connection = self._connection or self._connect()
            connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as problem:
            code = next(iter(problem.recipients.values()))[0]
            raise Refused(f"SMTPRecipientsRefused {code}", permanent=code >= 500) from None
        except smtplib.SMTPDataError as problem:
            raise Refused(f"SMTPDataError {problem.smtp_code}", permanent=problem.smtp_code >= 500) from None
        except smtplib.SMTPSenderRefused as problem:
            # The sender is a setting: somebody can mend it.
            raise Refused(f"SMTPSenderRefused {problem.smtp_code}", permanent=False) from None
        except smtplib.SMTPNotSupportedError:
            if self._connection is None:
                raise Unreachable("SMTPNotSupportedError") from None  # STARTTLS or AUTH
            raise Refused("SMTPNotSupportedError", permanent=True) from None  # an address outside ASCII
        except OSError as problem:  # smtplib's own errors among them
            self._drop()
            raise Unreachable(type(problem).__name__) from None
        if connection.sock is None:
            self._connection = None

    def _connect(self) -> smtplib.SMTP:
        """Open a connection, sealed and signed in as the settings say.

        Certificates are verified; a connection that was to be sealed is never used open.
        """
        url = self._url
        host, context = str(url.hostname), ssl.create_default_context()
        connection: smtplib.SMTP
        if url.scheme == "smtps":
            connection = smtplib.SMTP_SSL(host, url.port or 465, self._name, timeout=TIMEOUT_S, context=context)
        else:
            connection = smtplib.SMTP(host, url.port or 25, self._name, timeout=TIMEOUT_S)
        try:
            if url.scheme == "smtp+starttls":
                connection.starttls(context=context)
            if url.username:
                connection.login(unquote(url.username), unquote(url.password or ""))
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Say goodbye to the server."""
        if self._connection is not None:
            try:
                self._connection.quit()
            except OSError:
                self._drop()
