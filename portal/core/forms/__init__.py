"""Forms: what was typed, checked, kept, and shown again with its errors in the reader's language."""

from portal.core.forms.checks import (
    Form,
    Validator,
    at_most,
    known_choice,
    mail_address,
    moment,
    one_line,
    optional,
    read_moment,
    required,
    stripped,
    whole_number,
)
from portal.core.forms.rows import Typed, changed, count

__all__ = [
    "Form",
    "Typed",
    "Validator",
    "at_most",
    "changed",
    "count",
    "known_choice",
    "mail_address",
    "moment",
    "one_line",
    "optional",
    "read_moment",
    "required",
    "stripped",
    "whole_number",
]
