"""Mingbai, a financial-education portal. `docs/` and ARCHITECTURE.md say how it is laid out."""
