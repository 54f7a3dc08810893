"""Named reads of the bank and of what is public of it."""

from portal.quizzes.queries.public import QuizCard, cards, public_version, questions_of, version_of

__all__ = ["QuizCard", "cards", "public_version", "questions_of", "version_of"]
