"""What staff type about questions, quizzes and their reviews, checked."""

from portal.core.forms import Typed, changed, count
from portal.quizzes.forms.contests import CONTACTS, DRAWN, ContestForm, DrawForm, TermsForm
from portal.quizzes.forms.files import FileForm, TakeForm
from portal.quizzes.forms.groups import GroupForm
from portal.quizzes.forms.item_values import blank, can_be_judged, item_of, look_again, settled, typed_of
from portal.quizzes.forms.items import FIXED, MOST_ROWS, TICKED, VOICES, WEIGHED, Shelf, item_form
from portal.quizzes.forms.quizzes import (
    MOST_SLOTS,
    QuizShelf,
    look_again_at_quiz,
    quiz_can_be_judged,
    quiz_form,
    quiz_of,
    typed_of_quiz,
    typed_slot,
)
from portal.quizzes.forms.reviews import DecideForm, SubmitForm, WaiveForm

__all__ = [
    "CONTACTS",
    "DRAWN",
    "FIXED",
    "MOST_ROWS",
    "MOST_SLOTS",
    "TICKED",
    "VOICES",
    "WEIGHED",
    "ContestForm",
    "DecideForm",
    "DrawForm",
    "FileForm",
    "GroupForm",
    "QuizShelf",
    "Shelf",
    "SubmitForm",
    "TakeForm",
    "TermsForm",
    "Typed",
    "WaiveForm",
    "blank",
    "can_be_judged",
    "changed",
    "count",
    "item_form",
    "item_of",
    "look_again",
    "look_again_at_quiz",
    "quiz_can_be_judged",
    "quiz_form",
    "quiz_of",
    "settled",
    "typed_of",
    "typed_of_quiz",
    "typed_slot",
]
