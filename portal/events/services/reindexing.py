"""Digests of this room under the present key, made from what is sealed beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from portal.events.services.registering import contact_digest, person_digest


def registration(_session: Session, row: Mapping[str, Any]) -> dict[str, str]:
    """Return what a person and their contact are recognised by."""
    made = {}
    if row["contact"] and row["contact_digest"]:
        made["contact_digest"] = contact_digest(row["contact"])
    if row["contact"] and row["name"] and row["person_digest"]:
        made["person_digest"] = person_digest(row["contact"], row["name"])
    return made
