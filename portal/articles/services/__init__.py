"""Verbs that change articles: writing, the way to the public, and taking in and giving out content packages."""

from portal.articles.services.archives import KEPT_S, MAX_PACKED, ArchiveRefused, Flaw, pack, sweep, unpacked
from portal.articles.services.checking import Package, prepare
from portal.articles.services.due import (
    confirm,
    due_reviews,
    expire,
    expired,
    failed,
    publish_alone,
    publish_due,
)
from portal.articles.services.editing import (
    Conflict,
    SlugTaken,
    clear_slot,
    confirm_facts,
    create,
    keep_slot,
    restore,
    save_facts,
    save_text,
    slot_of,
)
from portal.articles.services.exporting import export_package
from portal.articles.services.helpful import TooMany, answer, forget_senders
from portal.articles.services.importing import Report, apply
from portal.articles.services.judging import Judge, Judgement, article_facts, judge_stored
from portal.articles.services.notices import remind, tell_failed, tell_sent_back, tell_submitted
from portal.articles.services.previews import revoke_preview, share_preview, typed_text, working_text
from portal.articles.services.saving import Words, save_edition, sheet
from portal.articles.services.standing import Refused, Stale, allow, authors, judged, latest, standing, waivers
from portal.articles.services.taking import save_article
from portal.articles.services.workflow import (
    decide,
    members,
    publish,
    schedule,
    submit,
    take_back,
    unschedule,
    waive,
    withdraw,
)

__all__ = [
    "KEPT_S",
    "MAX_PACKED",
    "ArchiveRefused",
    "Conflict",
    "Flaw",
    "Judge",
    "Judgement",
    "Package",
    "Refused",
    "Report",
    "SlugTaken",
    "Stale",
    "TooMany",
    "Words",
    "allow",
    "answer",
    "apply",
    "article_facts",
    "authors",
    "clear_slot",
    "confirm",
    "confirm_facts",
    "create",
    "decide",
    "due_reviews",
    "expire",
    "expired",
    "export_package",
    "failed",
    "forget_senders",
    "judge_stored",
    "judged",
    "keep_slot",
    "latest",
    "members",
    "pack",
    "prepare",
    "publish",
    "publish_alone",
    "publish_due",
    "remind",
    "restore",
    "revoke_preview",
    "save_article",
    "save_edition",
    "save_facts",
    "save_text",
    "schedule",
    "share_preview",
    "sheet",
    "slot_of",
    "standing",
    "submit",
    "sweep",
    "take_back",
    "tell_failed",
    "tell_sent_back",
    "tell_submitted",
    "typed_text",
    "unpacked",
    "unschedule",
    "waive",
    "waivers",
    "withdraw",
    "working_text",
]
