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

__all__ = [
    "FORMATS",
    "MOST_CARDS_AT_ONCE",
    "CardsForm",
    "CardsPrintForm",
    "ConfirmForm",
    "MeetingForm",
    "NamesForm",
    "PaperAnswersForm",
    "PrintForm",
    "SheetFileForm",
    "TypedForm",
]
