"""Digests of this room under the present key, made from what is sealed beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session as Database

from portal.accounts import queries
from portal.accounts.services.factors import CODE_PURPOSE
from portal.core import crypto


def person(_database: Database, row: Mapping[str, Any]) -> dict[str, str]:
    """Return what a person is looked up by."""
    return {"email_digest": queries.email_digest(row["email"])}


def recovery_code(_database: Database, row: Mapping[str, Any]) -> dict[str, str]:
    """Give a code of before codes had keys the one that it was made with: the oldest that is known."""
    return {} if row["key"] else {"key": crypto.derived(CODE_PURPOSE)[-1].hex()}
