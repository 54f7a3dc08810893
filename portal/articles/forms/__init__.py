"""What staff type about articles, checked."""

from portal.articles.forms.base import (
    AloneForm,
    ConfirmFactsForm,
    DecideForm,
    NewForm,
    OwnersForm,
    PreviewForm,
    ScheduleForm,
    SubmitForm,
    TextForm,
    WaiveForm,
    WithdrawForm,
)
from portal.articles.forms.facts import FactsForm, facts_form, moved_rows, rows_of, typed_of_sheet

__all__ = [
    "AloneForm",
    "ConfirmFactsForm",
    "DecideForm",
    "FactsForm",
    "NewForm",
    "OwnersForm",
    "PreviewForm",
    "ScheduleForm",
    "SubmitForm",
    "TextForm",
    "WaiveForm",
    "WithdrawForm",
    "facts_form",
    "moved_rows",
    "rows_of",
    "typed_of_sheet",
]
