"""The desk of articles."""
