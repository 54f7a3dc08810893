"""Files of messages, where no server is named, go as the words of those that were sent do."""

from __future__ import annotations

import os
from datetime import timedelta

from portal.core.settings import Settings
from portal.messages.rules import KEPT
from portal.messages.services import forget_files
from tests.messages.helpers import AT

KEY = "0123456789abcdef0123456789abcdef"


def test_files_go_with_their_people_and_after_a_month_and_nothing_else_does(settings: Settings) -> None:
    mail, texts = settings.data / "mail", settings.data / "sms"
    mail.mkdir()
    texts.mkdir()
    theirs, others, old = mail / f"{KEY}.eml", mail / f"{KEY[::-1]}.eml", texts / f"{KEY}.txt"
    foreign = mail / "notes-of-somebody.eml"
    for path in (theirs, others, old, foreign):
        path.write_text("To: a@example.org" if path in (theirs, foreign) else "13800000000")
        age = KEPT + timedelta(seconds=1) if path in (old, foreign) else KEPT
        os.utime(path, (AT.timestamp(), (AT - age).timestamp()))
    assert forget_files(settings, recipients={"a@example.org"}, at=AT) == 2
    assert sorted([*mail.iterdir(), *texts.iterdir()]) == sorted([others, foreign])
    assert forget_files(settings, recipients={"a@example.org"}, at=AT) == 0


def test_a_folder_of_ones_own_is_looked_into_and_none_is_no_fault(settings: Settings) -> None:
    chosen = settings.data / "chosen"
    own = Settings(data=settings.data, mail=f"file:{chosen}")
    assert forget_files(own, recipients={"a@example.org"}, at=AT) == 0
    chosen.mkdir()
    (chosen / f"{KEY}.eml").write_text("To: a@example.org")
    assert forget_files(own, recipients={"a@example.org"}, at=AT) == 1
