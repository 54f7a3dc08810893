"""Verbs of the bank and of taking quizzes."""

from portal.quizzes.services.bank import Conflict, NameTaken, drafted, find, latest_version, restore, revision, save
from portal.quizzes.services.importing import Report, from_desk, take_bank, take_items
from portal.quizzes.services.judging import BankJudge, Checked, public_items, voices
from portal.quizzes.services.notices import tell_sent_back, tell_submitted
from portal.quizzes.services.workflow import (
    InUse,
    authors,
    checked,
    decide,
    publish,
    standing,
    submit,
    take_back,
    used_by,
    waive,
    waivers,
    withdraw,
)

__all__ = [
    "BankJudge",
    "Checked",
    "Conflict",
    "InUse",
    "NameTaken",
    "Report",
    "authors",
    "checked",
    "decide",
    "drafted",
    "find",
    "from_desk",
    "latest_version",
    "public_items",
    "publish",
    "restore",
    "revision",
    "save",
    "standing",
    "submit",
    "take_back",
    "take_bank",
    "take_items",
    "tell_sent_back",
    "tell_submitted",
    "used_by",
    "voices",
    "waive",
    "waivers",
    "withdraw",
]
