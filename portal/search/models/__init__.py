"""Tables (`tables`) and the index's files (`files`)."""

from portal.search.models.tables import MOST_MISSES, Change, Document, Miss, Vocabulary

__all__ = ["MOST_MISSES", "Change", "Document", "Miss", "Vocabulary"]
