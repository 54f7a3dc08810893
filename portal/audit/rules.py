"""The acts that are recorded, named `source:subject:action`, and the chain that joins their rows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Tag(StrEnum):
    """What can be done. Each needs its words in `audit.views.words`."""

    PACKAGE_IMPORTED = "content:package:imported"
    PACKAGE_EXPORTED = "content:package:exported"
    MAIL_RETRIED = "messages:mail:retried"
    SUBMITTED = "desk:article:submitted"
    TAKEN_BACK = "desk:article:taken-back"
    CHANGES_ASKED = "desk:article:changes-asked"
    APPROVED = "desk:article:approved"
    FINDING_WAIVED = "desk:finding:waived"
    PUBLISHED = "desk:article:published"
    PUBLISHED_ALONE = "desk:article:published-alone"
    CONFIRMED = "desk:article:confirmed"
    SCHEDULED = "desk:article:scheduled"
    UNSCHEDULED = "desk:article:unscheduled"
    PUBLICATION_FAILED = "worker:article:publication-failed"
    WITHDRAWN = "desk:article:withdrawn"
    EXPIRED = "worker:article:expired"
    SAVED = "desk:article:saved"
    OWNERS_NAMED = "desk:article:owners-named"
    FACTS_CONFIRMED = "desk:article:facts-confirmed"
    SOURCE_CONFIRMED = "desk:edition:source-confirmed"
    PREVIEW_SHARED = "desk:preview:shared"
    PREVIEW_REVOKED = "desk:preview:revoked"

    SIGNED_IN = "account:session:signed-in"
    SIGN_IN_REFUSED = "account:session:refused"
    SIGNED_OUT = "account:session:signed-out"
    SESSIONS_ENDED = "account:session:ended"
    PROVED_AGAIN = "account:session:confirmed"
    PROOF_REFUSED = "account:session:confirm-refused"
    CODE_REFUSED = "account:code:refused"
    RECOVERY_CODE_USED = "account:code:recovery-used"
    RECOVERY_CODES_MADE = "account:code:recovery-made"
    AUTHENTICATOR_ADDED = "account:authenticator:added"
    AUTHENTICATOR_REMOVED = "account:authenticator:removed"
    PASSKEY_ADDED = "account:passkey:added"
    PASSKEY_REMOVED = "account:passkey:removed"
    FACTORS_CLEARED = "account:factors:cleared"
    PASSWORD_CHANGED = "account:password:changed"  # noqa: S105  # the name of an act
    RESET_SENT = "account:password:reset-sent"
    PERSON_CREATED = "account:person:created"
    PERSON_INVITED = "account:person:invited"
    PERSON_RENAMED = "account:person:renamed"
    INVITATION_TAKEN = "account:person:joined"
    PERSON_DISABLED = "account:person:disabled"
    PERSON_ENABLED = "account:person:enabled"
    PROGRAM_LET_IN = "account:program:let-in"
    PROGRAM_ENDED = "account:program:ended"
    ROLES_CHANGED = "account:roles:changed"
    MEDIA_ADDED = "media:asset:added"
    MEDIA_CHANGED = "media:asset:changed"
    MEDIA_REPLACED = "media:asset:replaced"
    MEDIA_RETIRED = "media:asset:retired"
    MEDIA_RESTORED = "media:asset:restored"

    BANK_SAVED = "bank:document:saved"
    BANK_IMPORTED = "bank:file:imported"
    BANK_SUBMITTED = "bank:review:submitted"
    BANK_TAKEN_BACK = "bank:review:taken-back"
    BANK_CHANGES_ASKED = "bank:review:changes-asked"
    BANK_APPROVED = "bank:review:approved"
    BANK_PUBLISHED = "bank:review:published"
    BANK_WAIVED = "bank:finding:waived"
    BANK_WITHDRAWN = "bank:document:withdrawn"
    QUIZ_REGRADED = "bank:version:regraded"
    QUIZ_REGRADE_DONE = "bank:version:regrade-done"
    GROUP_OPENED = "quiz:group:opened"
    GROUP_CLOSED = "quiz:group:closed"
    GROUP_LINKED = "quiz:group:linked"
    CONTEST_OPENED = "quiz:contest:opened"
    CONTEST_CHANGED = "quiz:contest:changed"
    CONTEST_CLOSED = "quiz:contest:closed"
    CONTEST_DRAWN = "quiz:contest:drawn"
    CONTEST_SEEN = "quiz:contest:seen"
    CONTEST_ERASED = "quiz:contest:erased"
    PAPER_TYPED = "quiz:paper:typed"
    PAPER_TAKEN = "quiz:paper:imported"
    RESULTS_EXPORTED = "quiz:results:exported"

    EVENT_SAVED = "event:lecture:saved"
    EVENT_DISCARDED = "event:lecture:discarded"
    EVENT_SUBMITTED = "event:review:submitted"
    EVENT_TAKEN_BACK = "event:review:taken-back"
    EVENT_SENT_BACK = "event:review:sent-back"
    EVENT_PUBLISHED = "event:lecture:published"
    EVENT_MOVED = "event:lecture:moved"
    EVENT_CALLED_OFF = "event:lecture:called-off"
    EVENT_RESIZED = "event:lecture:resized"
    EVENT_STAFFED = "event:organisers:named"
    EVENT_REPEATED = "event:series:created"
    EVENT_TOGETHER = "event:series:together"
    EVENT_TEMPLATE_SAVED = "event:template:saved"
    EVENT_REPORTED = "event:lecture:reported"
    EVENT_REGISTERED = "event:registration:made"
    EVENT_REGISTRATION_CHANGED = "event:registration:changed"
    EVENT_REGISTRATION_CANCELLED = "event:registration:cancelled"
    EVENT_LIST_TAKEN = "event:door:list-taken"
    EVENT_ADMISSION_UNDONE = "event:door:undone"
    EVENT_FILE_TAKEN = "event:attendance:imported"
    EVENT_NAMES_EXPORTED = "event:names:exported"
    EVENT_FIGURES_EXPORTED = "event:figures:exported"
    EVENT_SHEETS_PRINTED = "event:sheets:printed"
    EVENT_CARDS_PRINTED = "event:cards:printed"
    EVENT_DATA_COPIED = "event:person:copied"
    EVENT_DATA_CORRECTED = "event:person:corrected"
    EVENT_DATA_ERASED = "event:person:erased"
    EVENT_ERASED_ON_TIME = "worker:person:erased"
    QUARTER_CLOSED = "quarter:report:closed"
    QUARTER_CONFIRMED = "quarter:report:confirmed"
    QUARTER_AMENDED = "quarter:report:amended"
    QUARTER_EXPORTED = "quarter:report:exported"
    QUARTER_ENTERED = "quarter:figure:entered"
    QUARTER_AIMED = "quarter:target:set"
    QUARTER_WRITTEN = "quarter:text:written"
    QUARTER_APPROVED = "quarter:text:approved"
    QUARTER_SURVEYED = "quarter:survey:taken"
    QUARTER_UNSURVEYED = "quarter:survey:withdrawn"
    DEMO_MADE = "command:demo:made"
    DEMO_REMOVED = "command:demo:removed"
    KEY_ROTATED = "privacy:key:rotated"


GENESIS = "0" * 64
"""What stands before the first row."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what to what, when, from where."""

    at: datetime
    actor: str
    tag: str
    target: str
    details: dict[str, Any]
    origin: str


@dataclass(frozen=True, slots=True)
class Link:
    """One row of the chain as it is stored; without an act: a row that cannot be read."""

    id: int
    previous: str
    digest: str
    act: Act | None


class Fault(StrEnum):
    """Why a row is not sound."""

    UNREADABLE = "unreadable"
    MISPLACED = "misplaced"
    """It does not follow the row before it: rows were removed, put between or moved."""
    CHANGED = "changed"


def digest(previous: str, act: Act) -> str:
    """Return the digest of a row: of the digest before it and all that it says, but not of its number."""
    said = [
        previous,
        act.at.astimezone(UTC).isoformat(timespec="microseconds"),
        act.actor,
        act.tag,
        act.target,
        act.details,
        act.origin,
    ]
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Chain:
    """Follows the rows from the first to the last; keeps only where it is."""

    def __init__(self) -> None:
        self.count = 0
        self.last = GENESIS

    def fault(self, link: Link) -> Fault | None:
        """Take the next row; return what is wrong with it."""
        if link.act is None:
            return Fault.UNREADABLE
        if link.previous != self.last:
            return Fault.MISPLACED
        if link.digest != digest(link.previous, link.act):
            return Fault.CHANGED
        self.count += 1
        self.last = link.digest
        return None
