"""What is kept of people, for how long, and the versions of the texts that they agree to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

PRIVACY_NOTE = "2026-11"
"""The version of the note beside the form; another text is another version."""
GUARDIAN_NOTE = "2026-11"
"""The version of the text for guardians of children under 14 (个人信息保护法 31; 儿童个人信息网络保护规定 9, 10)."""

CONTACTS_KEPT = timedelta(days=30)
"""After the lecture: names, contacts, answers, and what was written by hand. An installation may say otherwise."""
ACCESS_KEPT = timedelta(days=1)
"""After the lecture: what somebody needs in order to take part. An installation may say otherwise."""
GUARDIANS_KEPT = timedelta(days=3 * 365)
"""After the lecture: the proof that a guardian agreed. An installation may say otherwise.

No law names a time for it. It is that of 个人信息保护法 56 for the record of an impact assessment, which handling
children's data requires (55): three years.
"""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long after its lecture each kind of data is kept."""

    contacts: timedelta = CONTACTS_KEPT
    access: timedelta = ACCESS_KEPT
    guardians: timedelta = GUARDIANS_KEPT


class Purpose(StrEnum):
    """What somebody has agreed to; each is a row of its own, withdrawn on its own."""

    REGISTRATION = "registration"
    """Being registered: name, contact."""
    ACCESS = "access"
    """Telling what one needs, which may say something of one's health: sensitive by 个人信息保护法 28."""
    CHILD = "child"
    """Registering a child under 14, said by a guardian."""


class AccessNeed(StrEnum):
    """What somebody needs in order to take part; counted for organisers, told in detail only to those on duty."""

    STEP_FREE = "step-free"
    HEARING = "hearing"
    SIGN_LANGUAGE = "sign-language"
    LARGE_PRINT = "large-print"
    CARER = "carer"
    OTHER = "other"


class Relation(StrEnum):
    """What a guardian is to the child."""

    PARENT = "parent"
    GRANDPARENT = "grandparent"
    OTHER_GUARDIAN = "other-guardian"
