"""Putting messages into the outbox, sending them, and forgetting them."""

from portal.messages.services.folders import forget_files
from portal.messages.services.queueing import NotFailed, forget, purge, queue, queue_text, retry
from portal.messages.services.sending import Claim, claim, mark_failed, mark_sent, send_batch
from portal.messages.services.staff import tell_staff

__all__ = [
    "Claim",
    "NotFailed",
    "claim",
    "forget",
    "forget_files",
    "mark_failed",
    "mark_sent",
    "purge",
    "queue",
    "queue_text",
    "retry",
    "send_batch",
    "tell_staff",
]
