"""Pure measures of text."""
