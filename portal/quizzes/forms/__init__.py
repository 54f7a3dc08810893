"""What staff type about questions, quizzes and their reviews, checked."""

from portal.quizzes.forms.contests import ContestForm, DrawForm
from portal.quizzes.forms.files import FileForm, TakeForm
from portal.quizzes.forms.groups import GroupForm
from portal.quizzes.forms.item_values import blank, item_of, look_again, settled, typed_of
from portal.quizzes.forms.items import FIXED, MOST_ROWS, TICKED, VOICES, WEIGHED, Shelf, item_form
from portal.quizzes.forms.quizzes import (
    MOST_SLOTS,
    QuizShelf,
    look_again_at_quiz,
    quiz_form,
    quiz_of,
    typed_of_quiz,
    typed_slot,
)
from portal.quizzes.forms.reviews import DecideForm, SubmitForm, WaiveForm
from portal.quizzes.forms.rows import Typed, changed, count

__all__ = [
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
    "Typed",
    "WaiveForm",
    "blank",
    "changed",
    "count",
    "item_form",
    "item_of",
    "look_again",
    "look_again_at_quiz",
    "quiz_form",
    "quiz_of",
    "settled",
    "typed_of",
    "typed_of_quiz",
    "typed_slot",
]
