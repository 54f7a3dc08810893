"""Tables of articles: the texts, and the work on them."""

from portal.articles.models.links import Link
from portal.articles.models.reads import Read, SearchTerm, Seen
from portal.articles.models.text import Article, Edition, FormerSlug, Revision, Sheet
from portal.articles.models.work import (
    Counter,
    Helpful,
    PreviewLink,
    Receipt,
    Review,
    ReviewItem,
    Salt,
    Sender,
    Slot,
    Waiver,
)

__all__ = [
    "Article",
    "Counter",
    "Edition",
    "FormerSlug",
    "Helpful",
    "Link",
    "PreviewLink",
    "Read",
    "Receipt",
    "Review",
    "ReviewItem",
    "Revision",
    "Salt",
    "SearchTerm",
    "Seen",
    "Sender",
    "Sheet",
    "Slot",
    "Waiver",
]
