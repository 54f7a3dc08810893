"""Reading: `find`, `suggest`, `misses`, and whether the index has caught up."""

from portal.search.queries.answers import MOST_RESULTS, find, is_behind, is_question
from portal.search.queries.misses import misses
from portal.search.queries.results import Hit, MissCount, Results, Suggestion
from portal.search.queries.suggest import suggest

__all__ = [
    "MOST_RESULTS",
    "Hit",
    "MissCount",
    "Results",
    "Suggestion",
    "find",
    "is_behind",
    "is_question",
    "misses",
    "suggest",
]
