"""Reading calendars as others read them: with icalendar and with ical.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import icalendar
import pytest

from portal.core.settings import ROOT

TOOLS = ROOT / "tools"
needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (TOOLS / "node_modules" / "ical.js").exists(),
    reason="node or ical.js is not installed (make tools)",
)


def by_icalendar(text: str) -> dict[str, Any]:
    """Return what icalendar understands of a calendar, in the words of `tools/read-ics.mjs`."""
    whole = icalendar.Calendar.from_ical(text)
    assert whole.errors == []
    assert [event.errors for event in whole.walk("VEVENT")] == [[] for _event in whole.walk("VEVENT")]
    return {
        "method": str(whole["method"]),
        "events": [
            {
                "uid": str(event["uid"]),
                "sequence": int(event["sequence"]),
                "status": str(event["status"]),
                "summary": str(event["summary"]),
                "location": str(event["location"]),
                "description": str(event["description"]),
                "url": str(event["url"]),
                "starts": f"{event['dtstart'].dt:%Y-%m-%dT%H:%M:%S}.000Z",
                "ends": f"{event['dtend'].dt:%Y-%m-%dT%H:%M:%S}.000Z",
            }
            for event in whole.walk("VEVENT")
        ],
    }


def by_ical_js(text: str) -> dict[str, Any]:
    """Return what ical.js understands of a calendar."""
    told = subprocess.run(
        ["node", "read-ics.mjs"], cwd=TOOLS, input=text, capture_output=True, text=True, check=True, timeout=30
    )
    found: dict[str, Any] = json.loads(told.stdout)
    return found
