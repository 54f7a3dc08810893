"""The acts that are recorded, named `source:subject:action`."""

from enum import StrEnum


class Tag(StrEnum):
    """What can be done."""

    PACKAGE_IMPORTED = "content:package:imported"
