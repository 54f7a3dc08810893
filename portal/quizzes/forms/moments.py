"""A day and a time in the site's zone, in one field."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext
from wtforms import Field
from wtforms.validators import ValidationError

from portal.core.forms import Form, Validator

_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}")


def moment() -> Validator:
    """Refuse what is no day with a time, as browsers send it."""

    def check(_form: Form, field: Field) -> None:
        try:
            fits = _SHAPE.fullmatch(field.data or "") and 2000 < datetime.fromisoformat(field.data).year < 2200
        except ValueError:
            fits = False
        if not fits:
            raise ValidationError(gettext("Write day and time as 2026-12-31 18:00."))

    return check


def read(form: Form, name: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment that a checked field means, or None after putting an error beside it.

    A time that the clocks skip or show twice is refused.
    """
    local = datetime.fromisoformat(form[name].data)
    first, second = local.replace(tzinfo=zone), local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        form.refuse(name, gettext("The clocks are changed at this time. Choose another one."))
        return None
    return first.astimezone(UTC)
