"""Tables of questions, quizzes, attempts, contests and paper sheets."""

from portal.quizzes.models.bank import Document, QuizVersion, Regrade, Review, ReviewMember, Revision, Waiver
from portal.quizzes.models.events import Contest, Entry, PaperFile, PaperSheet
from portal.quizzes.models.taking import Attempt, Certificate, Group, Response

__all__ = [
    "Attempt",
    "Certificate",
    "Contest",
    "Document",
    "Entry",
    "Group",
    "PaperFile",
    "PaperSheet",
    "QuizVersion",
    "Regrade",
    "Response",
    "Review",
    "ReviewMember",
    "Revision",
    "Waiver",
]
