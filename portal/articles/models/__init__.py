"""Tables of articles: the texts, and the work on them."""

from portal.articles.models.text import Article, Edition, FormerSlug, Revision, Sheet
from portal.articles.models.work import (
    Counter,
    Helpful,
    PreviewLink,
    Receipt,
    Review,
    ReviewItem,
    Slot,
    Waiver,
)

__all__ = [
    "Article",
    "Counter",
    "Edition",
    "FormerSlug",
    "Helpful",
    "PreviewLink",
    "Receipt",
    "Review",
    "ReviewItem",
    "Revision",
    "Sheet",
    "Slot",
    "Waiver",
]
