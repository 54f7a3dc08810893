"""The library that quizzes of lectures are written beside."""

from tests.articles.conftest import desk_library

__all__ = ["desk_library"]
