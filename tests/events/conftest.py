"""The library that quizzes of lectures are written beside, and the clock of the time after."""

from tests.articles.conftest import desk_library
from tests.events.aftermath import hall, watch

__all__ = ["desk_library", "hall", "watch"]
