"""Arithmetic of the quarter: intervals, verdicts, uplift, targets. No database, no web."""
