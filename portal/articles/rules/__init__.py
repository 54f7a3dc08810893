"""Pure rules of articles: which edition answers a reader, and what the files of a package may say."""

from portal.articles.rules.choice import Choice, choose
from portal.articles.rules.package import MAX_SOURCE, ArticleFile, EditionFile, Status, read_article, read_edition

__all__ = [
    "MAX_SOURCE",
    "ArticleFile",
    "Choice",
    "EditionFile",
    "Status",
    "choose",
    "read_article",
    "read_edition",
]
