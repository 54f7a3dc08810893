"""Pure rules of the reference lists: audiences and languages, addresses, and how package files are read."""

from portal.reference.rules.editions import (
    AUDIENCES,
    DEFAULT_AUDIENCE,
    DEFAULT_LOCALE,
    LOCALES,
    Audience,
    Locale,
    address,
    localised,
)
from portal.reference.rules.files import Node, PackageError, Problem, Problems, read_text, read_yaml, write_yaml

__all__ = [
    "AUDIENCES",
    "DEFAULT_AUDIENCE",
    "DEFAULT_LOCALE",
    "LOCALES",
    "Audience",
    "Locale",
    "Node",
    "PackageError",
    "Problem",
    "Problems",
    "address",
    "localised",
    "read_text",
    "read_yaml",
    "write_yaml",
]
