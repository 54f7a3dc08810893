"""Putting messages into the outbox, sending them, and forgetting them."""

from portal.messages.services.queueing import NotFailed, purge, queue, queue_text, retry
from portal.messages.services.sending import Claim, claim, mark_failed, mark_sent, send_batch

__all__ = [
    "Claim",
    "NotFailed",
    "claim",
    "mark_failed",
    "mark_sent",
    "purge",
    "queue",
    "queue_text",
    "retry",
    "send_batch",
]
