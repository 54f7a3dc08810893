"""Base classes of every error that a room raises on purpose."""


class PortalError(Exception):
    """Something a person can mend; its text is a sentence for whoever caused it."""


class Busy(PortalError):
    """The database cannot take the work now (locked, full or unreachable); trying again may help."""
