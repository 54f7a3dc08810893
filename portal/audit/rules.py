"""The acts that are recorded, named `source:subject:action`."""

from enum import StrEnum


class Tag(StrEnum):
    """What can be done."""

    PACKAGE_IMPORTED = "content:package:imported"
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
    FACTS_CONFIRMED = "desk:article:facts-confirmed"
    PREVIEW_SHARED = "desk:preview:shared"
    PREVIEW_REVOKED = "desk:preview:revoked"

    MEDIA_ADDED = "media:asset:added"
    MEDIA_CHANGED = "media:asset:changed"
    MEDIA_REPLACED = "media:asset:replaced"
    MEDIA_RETIRED = "media:asset:retired"
    MEDIA_RESTORED = "media:asset:restored"
