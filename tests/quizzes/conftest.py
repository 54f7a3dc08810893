"""The library that quizzes are written beside, and who writes them."""

from tests.articles.conftest import desk_library
from tests.quizzes.desk import accounts, begun, enter, writer

__all__ = ["accounts", "begun", "desk_library", "enter", "writer"]
