"""Named reads of the bank and of what is public of it."""

from portal.quizzes.queries.contests import (
    ContestRow,
    all_contests,
    announced,
    contest_of,
    contest_of_attempt,
    entries,
    kept_contacts,
    leaderboard,
    quizzes_to_choose,
    slug_of_quiz,
)
from portal.quizzes.queries.groups import GroupRow, Results, all_groups, group_of, group_results
from portal.quizzes.queries.public import QuizCard, all_newest, cards, public_version, questions_of, version_of

__all__ = [
    "ContestRow",
    "GroupRow",
    "QuizCard",
    "Results",
    "all_contests",
    "all_groups",
    "all_newest",
    "announced",
    "cards",
    "contest_of",
    "contest_of_attempt",
    "entries",
    "group_of",
    "group_results",
    "kept_contacts",
    "leaderboard",
    "public_version",
    "questions_of",
    "quizzes_to_choose",
    "slug_of_quiz",
    "version_of",
]
