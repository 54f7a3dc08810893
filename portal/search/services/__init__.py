"""Writing: documents and words by other rooms, the index by the worker, misses by the search page."""

from portal.search.services.documents import DocumentData, put, remove, set_vocabulary
from portal.search.services.indexing import Built, Drained, drain, ensure, optimise, reason_to_rebuild, rebuild
from portal.search.services.misses import record_miss
from portal.search.services.outbox import pending

__all__ = [
    "Built",
    "DocumentData",
    "Drained",
    "drain",
    "ensure",
    "optimise",
    "pending",
    "put",
    "reason_to_rebuild",
    "rebuild",
    "record_miss",
    "remove",
    "set_vocabulary",
]
