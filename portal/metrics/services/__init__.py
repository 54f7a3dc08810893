"""Verbs of the quarter: gather, build, close, confirm; and reading a table of answers."""
