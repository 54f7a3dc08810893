"""Pure rules of articles: which edition answers a reader, and what the files of a package may say."""

from portal.articles.rules.choice import Choice, choose
from portal.articles.rules.helpful import (
    LONGEST_COMMENT,
    MOST_FROM_ONE,
    MOST_OF_ALL,
    day_of,
    kept_comment,
    place_of,
    quarter_of,
)
from portal.articles.rules.package import MAX_SOURCE, ArticleFile, EditionFile, Status, read_article, read_edition
from portal.articles.rules.workflow import (
    EMERGENCY_LASTS,
    LIVE,
    Act,
    Kind,
    Person,
    ReviewState,
    Standing,
    State,
    Why,
    next_state,
    why_not,
    why_not_all,
)

__all__ = [
    "EMERGENCY_LASTS",
    "LIVE",
    "LONGEST_COMMENT",
    "MAX_SOURCE",
    "MOST_FROM_ONE",
    "MOST_OF_ALL",
    "Act",
    "ArticleFile",
    "Choice",
    "EditionFile",
    "Kind",
    "Person",
    "ReviewState",
    "Standing",
    "State",
    "Status",
    "Why",
    "choose",
    "day_of",
    "kept_comment",
    "next_state",
    "place_of",
    "quarter_of",
    "read_article",
    "read_edition",
    "why_not",
    "why_not_all",
]
