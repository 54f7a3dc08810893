"""Pure rules of articles: which edition answers a reader, and what the files of a package may say."""

from portal.articles.rules.choice import Choice, choose
from portal.articles.rules.intake import BRINGS_TEXT, Before, Mode, Step, step
from portal.articles.rules.package import (
    MAX_SOURCE,
    ArticleFile,
    EditionFile,
    Status,
    read_article,
    read_edition,
    read_facts,
    read_sources,
)
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
    "BRINGS_TEXT",
    "EMERGENCY_LASTS",
    "LIVE",
    "MAX_SOURCE",
    "Act",
    "ArticleFile",
    "Before",
    "Choice",
    "EditionFile",
    "Kind",
    "Mode",
    "Person",
    "ReviewState",
    "Standing",
    "State",
    "Status",
    "Step",
    "Why",
    "choose",
    "next_state",
    "read_article",
    "read_edition",
    "read_facts",
    "read_sources",
    "step",
    "why_not",
    "why_not_all",
]
