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
    mark_read,
    restore,
    save_facts,
    save_text,
    set_owners,
    slot_of,
)
from portal.articles.services.exporting import export_package, note_export
from portal.articles.services.helpful import TooMany, answer
from portal.articles.services.importing import Report, apply
from portal.articles.services.judging import Judge, Judgement, article_facts, judge_stored
from portal.articles.services.links import NO_PAUSE, check_next_link, collect_links, make_links_due
from portal.articles.services.notices import remind, tell_failed, tell_sent_back, tell_submitted
from portal.articles.services.pasted import PastedRefused, from_clipboard
from portal.articles.services.previews import revoke_preview, share_preview, typed_text, working_text
from portal.articles.services.reads import Asked, Opened, count, fold_rare_terms
from portal.articles.services.registers import Remark, judge_glossary, judge_hotlines, judge_media
from portal.articles.services.saving import Words, save_edition, sheet
from portal.articles.services.senders import forget_senders
from portal.articles.services.source import confirm_source, note_seen
from portal.articles.services.standing import Refused, Stale, allow, authors, judged, latest, standing, waivers
from portal.articles.services.taking import save_article
from portal.articles.services.word import WordFlaw, WordRefused, from_word
from portal.articles.services.workflow import (
    decide,
    members,
    next_opinion_number,
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
    "NO_PAUSE",
    "ArchiveRefused",
    "Asked",
    "Conflict",
    "Flaw",
    "Judge",
    "Judgement",
    "Opened",
    "Package",
    "PastedRefused",
    "Refused",
    "Remark",
    "Report",
    "SlugTaken",
    "Stale",
    "TooMany",
    "WordFlaw",
    "WordRefused",
    "Words",
    "allow",
    "answer",
    "apply",
    "article_facts",
    "authors",
    "check_next_link",
    "clear_slot",
    "collect_links",
    "confirm",
    "confirm_facts",
    "confirm_source",
    "count",
    "create",
    "decide",
    "due_reviews",
    "expire",
    "expired",
    "export_package",
    "failed",
    "fold_rare_terms",
    "forget_senders",
    "from_clipboard",
    "from_word",
    "judge_glossary",
    "judge_hotlines",
    "judge_media",
    "judge_stored",
    "judged",
    "keep_slot",
    "latest",
    "make_links_due",
    "mark_read",
    "members",
    "next_opinion_number",
    "note_export",
    "note_seen",
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
    "set_owners",
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
