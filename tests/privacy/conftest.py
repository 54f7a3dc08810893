"""What tests of quizzes stand on, also here."""

from tests.quizzes.conftest import desk_library

__all__ = ["desk_library"]
