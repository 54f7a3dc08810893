"""Tables (`tables`) and the index's files (`files`)."""

from portal.search.models.tables import KEPT_DAYS, MOST_MISSES, Change, Document, Miss, Vocabulary

__all__ = ["KEPT_DAYS", "MOST_MISSES", "Change", "Document", "Miss", "Vocabulary"]
