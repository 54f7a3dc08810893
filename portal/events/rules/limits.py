"""How often the public may do what could be abused: fill a hall with names that nobody has, and guess codes.

What is counted is a network within an hour of the clock, and no network is kept: its digest goes with its hour.

A carrier puts thousands of telephones behind one address, and a whole community centre has one as well. So the limit of
registrations is per lecture and place, far above what a family does, and says whom to call instead of only refusing.
What fills a hall from many networks shows as such at the desk; staff can register and cancel without any limit.
"""

from __future__ import annotations

from datetime import datetime

REGISTRATIONS_FROM_ONE_NETWORK = 60
"""New registrations for one place of one lecture from one network in an hour. Forms sent twice do not count."""
WRONG_CODES_FROM_ONE_NETWORK = 30
"""Wrong pairs of code and name from one network in an hour; right ones do not count."""
WRONG_NAMES_FOR_ONE_CODE = 10
"""In an hour, from wherever; so a code on a lost slip of paper is not tried with a list of surnames."""
WRONG_CODES_OF_ALL = 1_000
"""In an hour: of 31 to the power of 8 codes, with 100,000 of them in use, one is hit in a year, and then the name is
still missing."""


def hour_of(at: datetime) -> datetime:
    """Return the hour of the clock that a moment lies in."""
    return at.replace(minute=0, second=0, microsecond=0)
