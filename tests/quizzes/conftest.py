"""The library that quizzes are written beside."""

from tests.articles.conftest import desk_library

__all__ = ["desk_library"]
