"""What taking a package in does to each text: one answer for the command, the desk and the check.

A file says what its edition is like; the site may have gone on since the file was written. What the desk has made of a
text stays, unless the file brings something new.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.articles.rules.package import Status


class Mode(StrEnum):
    """On whose word a package comes in."""

    COMMAND = "command"
    """The site's operator: texts are published and withdrawn as the files say."""
    DRAFT = "draft"
    """A person at the desk: everything is a working copy for review, whatever the files say."""
    TRIAL = "trial"
    """Nobody's: every text becomes the latest, is looked at, and the write unit is undone."""


class Step(StrEnum):
    """What is done with one file."""

    NOTHING = "nothing"
    """The site says the same."""
    KEEP = "keep"
    """The desk has gone on from what the file says; that stays, and is reported."""
    SHOW = "show"
    """The latest text becomes public."""
    HIDE = "hide"
    """The public text, which is the latest, is taken from the public."""
    PUBLISH = "publish"
    """A new text, public."""
    HIDE_AND_STORE = "hide-and-store"
    """A new text; the public one is taken from the public."""
    STORE = "store"
    """A new text; the public goes on reading what it reads."""


BRINGS_TEXT = frozenset({Step.PUBLISH, Step.HIDE_AND_STORE, Step.STORE})
"""Steps for which the text must have been rendered."""


@dataclass(frozen=True, slots=True)
class Before:
    """How an edition stands, by the digests of its texts."""

    latest: str
    published: str | None
    is_latest_public: bool
    brought: str | None
    """The text that a command brought last."""
    is_touched: bool
    """The desk has written, published or withdrawn since then."""


def step(mode: Mode, *, status: Status, checksum: str, before: Before | None) -> Step:
    """Return what to do with a file that says `status` and the text `checksum`.

    Args:
        before: how the edition stands; None: there is none.
    """
    if before is None:
        return _new(mode, status)
    if mode is Mode.COMMAND:
        return _by_command(status, checksum, before)
    if checksum == before.latest:
        return Step.NOTHING
    # The public text is known here, and somebody is writing the next one: that is no reason to throw theirs over.
    return Step.KEEP if mode is Mode.DRAFT and checksum == before.published else Step.STORE


def _new(mode: Mode, status: Status) -> Step:
    return Step.PUBLISH if mode is not Mode.DRAFT and status is Status.PUBLISHED else Step.STORE


def _by_command(status: Status, checksum: str, before: Before) -> Step:
    is_latest = checksum == before.latest
    agrees = checksum == before.published if status is Status.PUBLISHED else is_latest and not before.is_latest_public
    if agrees:
        return Step.NOTHING
    if before.is_touched and checksum == before.brought:
        return Step.KEEP
    if status is Status.PUBLISHED:
        return Step.SHOW if is_latest else Step.PUBLISH
    if is_latest:
        return Step.HIDE
    # Beside a public text that has a draft, `draft` speaks of the draft.
    has_both = before.published is not None and not before.is_latest_public
    return Step.STORE if has_both else Step.HIDE_AND_STORE
