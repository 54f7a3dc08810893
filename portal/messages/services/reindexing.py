"""Digests of this room under the present key, made from what is sealed beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from portal.messages.services.queueing import digest_of


def mail(_session: Session, row: Mapping[str, Any]) -> dict[str, str]:
    """Return what shows later whether a mail was this one. Once it is sent, its words are gone and its digest stays."""
    if row["recipient"] is None or row["subject"] is None or row["body"] is None:
        return {}
    return {"digest": digest_of(row["recipient"], row["subject"], row["body"])}
