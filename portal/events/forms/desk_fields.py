"""Fields and checks that the desk's forms of lectures are made of."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Field, RadioField
from wtforms.validators import ValidationError

from portal.core.forms import Form, optional, options
from portal.core.settings import Locale
from portal.events.rules.plans import LANGUAGES, moments

STARTS = {Locale.HANS: "hans", Locale.EN: "en"}
"""The end of a field's name by the language that it is written in."""
LONGEST_URL = 500
_TELEPHONE = re.compile(r"[0-9+＋() （）\-－/转,，]{3,40}")


def https() -> Any:
    """Refuse what is no address of a page that is sent encrypted; empty is allowed."""

    def check(_form: Form, field: Field) -> None:
        if not field.data:
            return
        try:
            parts = urlsplit(field.data)
            fits = parts.scheme == "https" and parts.hostname and "@" not in parts.netloc and parts.port != 0
        except ValueError:
            fits = False
        if not fits or re.search(r"[\s<>\"\\^`{|}]", field.data):
            raise ValidationError(gettext("Write the whole address, beginning with https://."))

    return check


def telephone() -> Any:
    """Refuse what nobody could dial; empty is allowed."""

    def check(_form: Form, field: Field) -> None:
        if field.data and not (_TELEPHONE.fullmatch(field.data) and re.search(r"[0-9]{3}", field.data)):
            raise ValidationError(gettext("Write the number as it is dialled, such as 021-12345678."))

    return check


# --- texts by language --------------------------------------------------------------------------------------------


def by_language(form: Form, name: str) -> dict[str, str]:
    """Return what the fields of a part say, by language; languages in which nothing is written are left out."""
    return {locale.value: text for locale in LANGUAGES if (text := form[f"{name}_{STARTS[locale]}"].data or "")}


def typed_by_language(name: str, text: dict[str, str] | None) -> dict[str, str]:
    """Return what the fields of a part say of a stored text."""
    return {f"{name}_{STARTS[locale]}": (text or {}).get(locale, "") for locale in LANGUAGES}


# --- times as clocks show them ------------------------------------------------------------------------------------


def clock_time(form: Form, name: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment that a checked field means in `zone`, or None after putting an error beside it.

    A time that the clocks skip is refused. Of one that they show twice, `form.twice` is told, so that the page asks
    which is meant; the field `<name>_fold` has the answer.
    """
    local = datetime.fromisoformat(form[name].data)
    there = moments(local, zone)
    if not there:
        form.refuse(name, gettext("The clocks skip this time: they are put forward then. Choose another one."))
        return None
    if len(there) == 1:
        return there[0]
    form.twice[name] = options((str(fold), _offset_word(moment.astimezone(zone))) for fold, moment in enumerate(there))
    fold = form[f"{name}_fold"].data
    if fold not in ("0", "1"):
        form.refuse(name, gettext("The clocks show this time twice: they are put back then. Say which one is meant."))
        return None
    return there[int(fold)]


def _offset_word(moment: datetime) -> str:
    before = gettext("before the clocks are put back") if not moment.fold else gettext("after the clocks are put back")
    return f"{moment:%H:%M} UTC{moment:%z} ({before})"


def typed_moment(name: str, moment: datetime, zone: ZoneInfo) -> dict[str, str]:
    """Return what the fields of a time say of a stored moment."""
    here = moment.astimezone(zone)
    typed = {name: here.strftime("%Y-%m-%dT%H:%M")}
    if len(moments(here.replace(tzinfo=None, fold=0), zone)) == 2:
        typed[f"{name}_fold"] = str(here.fold)
    return typed


def ask_again(form: Form, zone: ZoneInfo, *names: str) -> None:
    """Have a form that shows what is stored ask which of two equal local times is meant."""
    for name in names:
        if name in form and f"{name}_fold" in form and form[f"{name}_fold"].data:
            clock_time(form, name, zone)


def fold_field() -> RadioField:
    """Return the field that says which of two equal local times is meant."""
    return RadioField(
        _l("Which one"), choices=options((("0", ""), ("1", ""))), validate_choice=False, validators=[optional()]
    )
