"""Passkeys (WebAuthn): registered, and taken at sign-in.

A challenge is made without storing anything: it carries its end and a seal that binds it to its purpose. Answered
rightly, it is noted as spent, so that none is taken twice. Whatever is wrong leaves no row behind, so nobody can fill
the database with it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session as Database

from portal.accounts import queries
from portal.accounts.models import Passkey, Person, Spent
from portal.accounts.rules import PASSKEYS
from portal.accounts.services.factors import changed, drop_idle_codes
from portal.accounts.services.sessions import Opened, Visitor
from portal.accounts.services.signing_in import begin
from portal.audit import services as audit
from portal.audit.rules import Tag
from portal.core import crypto

_LIFE = timedelta(minutes=5)
_RANDOM = 32
_STAMP = 8


def _library() -> tuple[Any, Any]:
    """Return the library and its structures: 14 MB of each server process, which only passkeys need."""
    import webauthn  # noqa: PLC0415  # see above
    import webauthn.helpers.structs  # noqa: PLC0415  # see above

    return webauthn, webauthn.helpers.structs


def _unsound() -> tuple[type[Exception], ...]:
    """Return what the library raises for what no authenticator made."""
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415  # see `_library`

    return (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, IndexError, struct.error)


@dataclass(frozen=True, slots=True)
class Site:
    """What a passkey is bound to."""

    id: str
    origins: tuple[str, ...]
    name: str

    @classmethod
    def of(cls, base_url: str, *, name: str) -> Site:
        """Return what the passkeys of a portal at `base_url` are bound to: an IP address cannot be, localhost can."""
        parts = urlsplit(base_url)
        host = parts.hostname or "localhost"
        if host.replace(".", "").isdigit() or ":" in host:
            port = f":{parts.port}" if parts.port else ""
            return cls("localhost", (f"{parts.scheme}://localhost{port}",), name)
        return cls(host, (base_url,), name)


def _challenge(purpose: str, *, at: datetime) -> bytes:
    plain = secrets.token_bytes(_RANDOM) + int((at + _LIFE).timestamp()).to_bytes(_STAMP, "big")
    return plain + _seals(purpose, plain)[0]


def _seals(purpose: str, plain: bytes) -> list[bytes]:
    """Return the seals of a challenge under every key that is known: five minutes ago another may have been present."""
    said = purpose.encode() + b"\0" + plain
    return [hmac.new(key, said, hashlib.sha256).digest() for key in crypto.derived("passkey challenge")]


def _answered(purpose: str, credential: dict[str, Any], *, at: datetime) -> bytes | None:
    """Return the challenge that a browser has answered; None: it is not ours, was for something else, or is too old."""
    try:
        told = json.loads(_library()[0].helpers.base64url_to_bytes(credential["response"]["clientDataJSON"]))
        challenge = _library()[0].helpers.base64url_to_bytes(told["challenge"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    plain, seal = challenge[: _RANDOM + _STAMP], challenge[_RANDOM + _STAMP :]
    if len(plain) != _RANDOM + _STAMP or not any(hmac.compare_digest(seal, one) for one in _seals(purpose, plain)):
        return None
    return challenge if at.timestamp() < int.from_bytes(plain[_RANDOM:], "big") else None


def _spend(database: Database, challenge: bytes, *, at: datetime) -> bool:
    """Note that a challenge was answered rightly; return whether it was the first time."""
    try:
        with database.begin_nested():
            database.add(Spent(digest=hashlib.sha256(challenge).hexdigest(), expires_at=at + _LIFE))
    except sa.exc.IntegrityError:
        return False
    return True


def passkey_options(database: Database, *, person_id: int, site: Site, at: datetime) -> str:
    """Return, as JSON, what a browser needs to make a passkey for a person."""
    person = database.get_one(Person, person_id)
    held = queries.passkeys(database, person_id)
    options = _library()[0].generate_registration_options(
        rp_id=site.id,
        rp_name=site.name,
        user_id=bytes.fromhex(crypto.keyed_digest(str(person_id), purpose="passkey handle")),
        user_name=person.email,
        user_display_name=person.name,
        challenge=_challenge(f"register:{person_id}", at=at),
        authenticator_selection=_library()[1].AuthenticatorSelectionCriteria(
            resident_key=_library()[1].ResidentKeyRequirement.REQUIRED,
            user_verification=_library()[1].UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[_library()[1].PublicKeyCredentialDescriptor(id=one.credential) for one in held],
    )
    text: str = _library()[0].helpers.options_to_json(options)
    return text


def add_passkey(
    database: Database,
    *,
    person_id: int,
    session_id: int,
    credential: dict[str, Any],
    name: str,
    site: Site,
    at: datetime,
) -> Opened | None:
    """Store a passkey that a browser has made; None: it is not sound. All other sessions end."""
    challenge = _answered(f"register:{person_id}", credential, at=at)
    if challenge is None or len(queries.passkeys(database, person_id)) >= PASSKEYS:
        return None
    try:
        made = _library()[0].verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=list(site.origins),
            require_user_verification=True,
        )
    except _unsound():
        return None
    if not _spend(database, challenge, at=at):
        return None
    passkey = Passkey(
        person_id=person_id,
        digest=_digest(made.credential_id),
        credential=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name,
        created_at=at,
        used_at=None,
    )
    try:
        with database.begin_nested():
            database.add(passkey)
    except sa.exc.IntegrityError:
        return None
    return changed(database, database.get_one(Person, person_id), Tag.PASSKEY_ADDED, session_id=session_id, at=at)


def _digest(credential_id: bytes) -> str:
    return hashlib.sha256(credential_id).hexdigest()


def sign_in_options(*, site: Site, at: datetime, purpose: str = "sign-in") -> str:
    """Return, as JSON, what a browser needs to sign somebody in; it asks the person which passkey to use."""
    options = _library()[0].generate_authentication_options(
        rp_id=site.id,
        challenge=_challenge(purpose, at=at),
        user_verification=_library()[1].UserVerificationRequirement.REQUIRED,
    )
    text: str = _library()[0].helpers.options_to_json(options)
    return text


def check_passkey(
    database: Database, *, credential: dict[str, Any], site: Site, at: datetime, purpose: str = "sign-in"
) -> Person | None:
    """Return whose passkey has answered; None: nobody's, or it is not sound."""
    challenge = _answered(purpose, credential, at=at)
    if challenge is None:
        return None
    try:
        raw = _library()[0].helpers.base64url_to_bytes(credential["id"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    passkey = database.scalar(sa.select(Passkey).where(Passkey.digest == _digest(raw)).with_for_update())
    person = database.get(Person, passkey.person_id) if passkey else None
    if passkey is None or person is None or not person.active:
        return None
    try:
        shown = _library()[0].verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=list(site.origins),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except _unsound():
        audit.record(
            database, Tag.SIGN_IN_REFUSED, by="", at=at, target=f"person:{person.id}", details={"how": "passkey"}
        )
        return None
    if not _spend(database, challenge, at=at):
        return None
    passkey.sign_count = shown.new_sign_count
    passkey.used_at = at
    return person


def sign_in_by_passkey(
    database: Database, *, credential: dict[str, Any], site: Site, visitor: Visitor, at: datetime
) -> Opened | None:
    """Begin a session for whoever holds the passkey: it stands for both factors. None: it is not sound.

    Nobody can guess a passkey, so no limit of guesses stops its owner.
    """
    person = check_passkey(database, credential=credential, site=site, at=at)
    if person is None:
        return None
    return begin(database, person, how="passkey", visitor=visitor, at=at)


def drop_passkey(
    database: Database, *, person_id: int, passkey_id: int, session_id: int, at: datetime
) -> Opened | None:
    """Take a passkey away; None: it is the only factor of somebody who must have one.

    Raises:
        LookupError: the person has no such passkey.
    """
    person = database.get_one(Person, person_id)
    held = queries.passkeys(database, person_id)
    passkey = next((one for one in held if one.id == passkey_id), None)
    if passkey is None:
        raise LookupError(passkey_id)
    if person.must_have_factor and len(held) == 1 and person.totp_secret is None:
        return None
    database.delete(passkey)
    drop_idle_codes(database, person)
    return changed(database, person, Tag.PASSKEY_REMOVED, session_id=session_id, at=at)
