"""A file of questions that somebody brings."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import HiddenField

from portal.core.forms import Form, at_most, required


class FileForm(Form):
    """A file to look at."""

    file = FileField(_l("File of questions"), validators=[required(_l("Please choose a file."))])


class TakeForm(Form):
    """The file that was looked at, by its digest."""

    digest = HiddenField(validators=[required(), at_most(64)])
