"""The worker's round through what must not be kept any longer."""

from __future__ import annotations

from datetime import timedelta

from portal.core import clock
from portal.core.database import db, drop_journal, transaction
from portal.core.settings import Settings
from portal.events.rules.keeping import Keeping
from portal.events.services import erasing
from portal.messages import services as messages


def erase_people(settings: Settings) -> None:
    """Erase what is kept of people who registered, as far as its time has come; each batch is a write unit."""
    days = (settings.keep_contacts_days, settings.keep_access_days, settings.keep_guardians_days)
    keeping = Keeping(*(timedelta(days=one) for one in days))
    erased = False
    while True:
        with transaction() as session:
            done = erasing.erase_due(session, keeping=keeping, at=clock.now())
            # Before the commit: killed in between, the next round knows the contacts still.
            messages.forget_files(settings, recipients=done.contacts, at=clock.now())
        if not done:
            break
        erased = True
    if erased:
        drop_journal(db.engine)
