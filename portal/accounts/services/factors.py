"""Second factors: the authenticator's codes, and recovery codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from enum import StrEnum

import pyotp
import sqlalchemy as sa
from sqlalchemy.orm import Session as Database

from portal.accounts import queries
from portal.accounts.models import Passkey, Person, RecoveryCode
from portal.accounts.rules import CODE_STEPS, RECOVERY_CODES, recovery_code, tidy_code
from portal.accounts.services.notices import tell
from portal.accounts.services.sessions import Opened, end_all, renew
from portal.audit import services as audit
from portal.audit.rules import Tag
from portal.core import crypto

CODE_PURPOSE = "recovery code"
"""Of the key of codes that were made before each had one beside it."""
_STEP_S = 30
_SECRET_BYTES = 20


class Accepted(StrEnum):
    """Which kind of code was right."""

    AUTHENTICATOR = "authenticator"
    RECOVERY = "recovery-code"


def uri(secret: str, *, email: str, issuer: str) -> str:
    """Return what an authenticator reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """Return the half minute to which a code belongs, if it is one that is taken now."""
    now = int(at.timestamp()) // _STEP_S
    found = None
    for offset in CODE_STEPS:
        if hmac.compare_digest(pyotp.TOTP(secret).generate_otp(now + offset).encode(), code.encode()):
            found = now + offset
    return found


def accept_code(database: Database, *, person_id: int, typed: str, at: datetime) -> Accepted | None:
    """Take an authenticator's code or a recovery code, each once; None: it was wrong."""
    person = database.get_one(Person, person_id)
    code = tidy_code(typed)
    if person.totp_secret and len(code) == 6:
        step = step_of(person.totp_secret, code, at=at)
        if step is not None and _take_step(database, person_id, step):
            return Accepted.AUTHENTICATOR
    unused = sa.select(RecoveryCode).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    right = next((row.id for row in database.scalars(unused).all() if _is_code(row, code)), None)
    # The condition decides, not what was read before: of two at once one finds nothing to change.
    used = database.execute(
        sa.update(RecoveryCode)
        .where(RecoveryCode.id == right, RecoveryCode.used_at.is_(None))
        .values(used_at=at)
        .returning(RecoveryCode.id)
    ).first()
    if used:
        audit.record(database, Tag.RECOVERY_CODE_USED, by=person.name, at=at, target=f"person:{person_id}")
        return Accepted.RECOVERY
    audit.record(database, Tag.CODE_REFUSED, by=person.name, at=at, target=f"person:{person_id}")
    return None


def _take_step(database: Database, person_id: int, step: int) -> bool:
    taken = database.execute(
        sa.update(Person)
        .where(Person.id == person_id, Person.totp_step < step)
        .values(totp_step=step)
        .returning(Person.id)
    ).first()
    return taken is not None


def _is_code(row: RecoveryCode, code: str) -> bool:
    keys = [bytes.fromhex(row.key)] if row.key else crypto.derived(CODE_PURPOSE)
    return any(hmac.compare_digest(row.digest, _code_digest(key, row.person_id, code)) for key in keys)


def _code_digest(key: bytes, person_id: int, code: str) -> str:
    return hmac.new(key, f"{person_id}:{code}".encode(), hashlib.sha256).hexdigest()


def new_secret(database: Database, *, person_id: int, session_id: int) -> str:
    """Return the secret that is being set up in a session: the same each time it is looked at, and stored nowhere.

    A session's number is given once, and with the step in it a second set-up in one session gets another secret.
    """
    step = database.get_one(Person, person_id).totp_step
    made = crypto.keyed_digest(f"{session_id}:{person_id}:{step}", purpose="authenticator set-up")
    return base64.b32encode(bytes.fromhex(made)[:_SECRET_BYTES]).decode("ascii")


def confirm_authenticator(
    database: Database, *, person_id: int, session_id: int, typed: str, at: datetime
) -> Opened | None:
    """Turn the authenticator on once it has given a right code; None: the code was wrong.

    All other sessions end, and this one goes on under another token.
    """
    person = database.get_one(Person, person_id)
    secret = new_secret(database, person_id=person_id, session_id=session_id)
    step = step_of(secret, tidy_code(typed), at=at)
    if step is None:
        return None
    person.totp_secret = secret
    person.totp_step = step
    database.flush()
    return changed(database, person, Tag.AUTHENTICATOR_ADDED, session_id=session_id, at=at)


def drop_authenticator(database: Database, *, person_id: int, session_id: int, at: datetime) -> Opened | None:
    """Turn the authenticator off; None: it is the only factor of somebody who must have one."""
    person = database.get_one(Person, person_id)
    if person.must_have_factor and not queries.passkeys(database, person_id):
        return None
    person.totp_secret = None
    drop_idle_codes(database, person)
    return changed(database, person, Tag.AUTHENTICATOR_REMOVED, session_id=session_id, at=at)


def drop_idle_codes(database: Database, person: Person) -> None:
    """Recovery codes stand for a factor: without one they are nothing."""
    database.flush()
    if not queries.has_factor(database, person):
        database.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person.id))


def changed(database: Database, person: Person, tag: Tag, *, session_id: int, at: datetime) -> Opened | None:
    """Say to the person and the log that a factor has changed; only this session goes on, under another token."""
    end_all(database, person_id=person.id, keep=session_id)
    audit.record(database, tag, by=person.name, at=at, target=f"person:{person.id}")
    tell(database, person, "factor-changed", at=at)
    return renew(database, session_id=session_id)


def new_recovery_codes(database: Database, *, person_id: int, by: str, at: datetime) -> list[str]:
    """Make ten recovery codes in place of those before; they are shown once, and only their digests are kept."""
    database.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = [recovery_code() for _ in range(RECOVERY_CODES)]
    key = secrets.token_bytes(32)
    database.add_all(
        RecoveryCode(person_id=person_id, digest=_code_digest(key, person_id, tidy_code(code)), key=key.hex())
        for code in codes
    )
    audit.record(database, Tag.RECOVERY_CODES_MADE, by=by, at=at, target=f"person:{person_id}")
    return codes


def clear_factors(database: Database, *, person_id: int, by: str, at: datetime) -> None:
    """Take all second factors from somebody who has lost them; whoever must have one sets it up at the next sign-in."""
    person = database.get_one(Person, person_id)
    person.totp_secret = None
    for kind in (RecoveryCode, Passkey):
        database.execute(sa.delete(kind).where(kind.person_id == person_id))
    end_all(database, person_id=person_id, keep=None)
    audit.record(database, Tag.FACTORS_CLEARED, by=by, at=at, target=f"person:{person_id}")
    tell(database, person, "factor-changed", at=at)
