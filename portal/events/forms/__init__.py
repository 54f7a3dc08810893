"""What is typed into the forms of lectures."""

from portal.events.forms.after import (
    FORMATS,
    MOST_CARDS_AT_ONCE,
    CardsForm,
    CardsPrintForm,
    ConfirmForm,
    MeetingForm,
    NamesForm,
    PaperAnswersForm,
    PrintForm,
    SheetFileForm,
    TypedForm,
)
from portal.events.forms.fields import voiced
from portal.events.forms.own import CodeForm, CorrectForm, GuardianForm
from portal.events.forms.registering import EntryForm, GroupForm, PersonForm, field_of

__all__ = [
    "FORMATS",
    "MOST_CARDS_AT_ONCE",
    "CardsForm",
    "CardsPrintForm",
    "CodeForm",
    "ConfirmForm",
    "CorrectForm",
    "EntryForm",
    "GroupForm",
    "GuardianForm",
    "MeetingForm",
    "NamesForm",
    "PaperAnswersForm",
    "PersonForm",
    "PrintForm",
    "SheetFileForm",
    "TypedForm",
    "field_of",
    "voiced",
]
