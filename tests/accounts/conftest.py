"""What the tests of accounts stand on."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask


@pytest.fixture
def mails(app: Flask) -> list[dict[str, Any]]:
    """Return what is given to the room that sends mail."""
    sent: list[dict[str, Any]] = []
    app.extensions["mail"] = lambda _session, **mail: sent.append(mail)
    return sent
