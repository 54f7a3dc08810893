"""Named reads of the bank and of what is public of it."""

from portal.quizzes.queries.public import QuizCard, all_newest, cards, public_version, questions_of, version_of

__all__ = ["QuizCard", "all_newest", "cards", "public_version", "questions_of", "version_of"]
