"""Pure checks of text: reading time, and what changed."""

from portal.prose.rules.minutes import HAN_A_MINUTE, WORDS_A_MINUTE, reading_minutes

__all__ = ["HAN_A_MINUTE", "WORDS_A_MINUTE", "reading_minutes"]
