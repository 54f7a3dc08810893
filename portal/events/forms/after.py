"""What is typed after a lecture: sheets, lists, satisfaction, cards, what names are wanted for."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import Field, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import ValidationError

from portal.core.forms import Form, Validator, at_most, known_choice, required, stripped, whole_number
from portal.events.rules import meetings, sheets
from portal.events.rules.lists import Purpose
from portal.events.rules.satisfaction import LEVELS, MOST_ON_PAPER
from portal.events.rules.waves import MOST_CARDS

MOST_BLANKS = 200
MOST_CARDS_AT_ONCE = 200
LONGEST_TYPED = 60_000


def whole(low: int, high: int) -> Validator:
    """Refuse what is no whole number between two."""

    def check(_form: Form, field: Field) -> None:
        number = whole_number(field.data, otherwise=None)
        if number is None or not low <= number <= high:
            raise ValidationError(gettext("Write a whole number from %(low)d to %(high)d.", low=low, high=high))

    return check


class PrintForm(Form):
    """What sign-in sheets hold beside names."""

    class Meta(Form.Meta):
        """It only asks: the address says everything."""

        csrf = False

    blanks = StringField(
        _l("Blank rows for people who have not registered"),
        filters=[stripped],
        default="20",
        validators=[whole(0, MOST_BLANKS)],
    )
    first = StringField(
        _l("First number of the blank rows"),
        filters=[stripped],
        default="1",
        validators=[required(), whole(1, sheets.MOST_ROWS)],
    )


class SheetFileForm(Form):
    """A table of what stands on sheets."""

    file = FileField(_l("CSV file"), validators=[required(_l("Please choose a CSV file."))])


class TypedForm(Form):
    """Rows of a sheet as somebody types them."""

    rows = TextAreaField(_l("Rows"), filters=[stripped], validators=[required(), at_most(LONGEST_TYPED)])


class MeetingForm(Form):
    """A list of the meeting tool."""

    file = FileField(_l("CSV file"), validators=[required(_l("Please choose a CSV file."))])
    minutes = StringField(
        _l("Minutes that count as taking part"),
        filters=[stripped],
        validators=[required(), whole(1, meetings.MOST_MINUTES)],
    )


class ConfirmForm(Form):
    """The word for what was looked at."""


class PaperAnswersForm(Form):
    """How often each level of satisfaction was ticked on paper."""

    level_5 = StringField(_l("Very satisfied"), filters=[stripped], validators=[whole(0, MOST_ON_PAPER)])
    level_4 = StringField(_l("Satisfied"), filters=[stripped], validators=[whole(0, MOST_ON_PAPER)])
    level_3 = StringField(_l("So-so"), filters=[stripped], validators=[whole(0, MOST_ON_PAPER)])
    level_2 = StringField(_l("Dissatisfied"), filters=[stripped], validators=[whole(0, MOST_ON_PAPER)])
    level_1 = StringField(_l("Very dissatisfied"), filters=[stripped], validators=[whole(0, MOST_ON_PAPER)])

    def counts(self) -> dict[int, int]:
        """Return how often each level was ticked."""
        return {level: int(self[f"level_{level}"].data) for level in LEVELS}


class CardsForm(Form):
    """How many seat cards are made."""

    count = StringField(
        _l("How many cards"), filters=[stripped], default="40", validators=[required(), whole(1, MOST_CARDS_AT_ONCE)]
    )


class CardsPrintForm(Form):
    """Which seat cards are printed."""

    class Meta(Form.Meta):
        """It only asks: the address says everything."""

        csrf = False

    first = StringField(_l("From number"), filters=[stripped], validators=[required(), whole(1, MOST_CARDS)])
    last = StringField(_l("To number"), filters=[stripped], validators=[required(), whole(1, MOST_CARDS)])


FORMATS = {"xlsx": _l("Spreadsheet (XLSX)"), "csv": _l("Text table (CSV)")}
PURPOSES = {
    Purpose.ENTRANCE: _l("Letting people in"),
    Purpose.SEATING: _l("Preparing seats and materials"),
    Purpose.CALLING: _l("Reaching people about this lecture; the list has their contacts"),
    Purpose.PROOF: _l("Showing a school, centre or company who of theirs came"),
}


class NamesForm(Form):
    """What a list of names is wanted for, and as which file."""

    purpose = RadioField(
        _l("What is the list for?"),
        choices=[SelectChoice(one.value, word) for one, word in PURPOSES.items()],
        validate_choice=False,
        validators=[required(_l("Please say what the list is for.")), known_choice()],
    )
    form = RadioField(
        _l("File"),
        choices=[SelectChoice(name, word) for name, word in FORMATS.items()],
        default="xlsx",
        validate_choice=False,
        validators=[known_choice()],
    )
