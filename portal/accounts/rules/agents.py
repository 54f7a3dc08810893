"""What a browser calls itself, as people would."""

from __future__ import annotations

_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("HarmonyOS", "HarmonyOS"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("QQBrowser", "QQ"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_LONGEST = 40


def browser(agent: str) -> str:
    """Return browser and system of a User-Agent header; what is unknown is shown as it was sent, shortened."""
    names = [next((name for mark, name in kinds if mark in agent), "") for kinds in (_BROWSERS, _SYSTEMS)]
    if names[0] == "HarmonyOS":
        names = ["", "HarmonyOS"]
    return " · ".join(name for name in names if name) or agent[:_LONGEST]
