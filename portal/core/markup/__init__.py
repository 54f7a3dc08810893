"""Markdown of the portal to safe HTML: checked, rendered once at save in a killable child, sanitised by allow-lists.

A public page never renders: it takes the stored HTML and only fills in what may change after the save (telephone
numbers, glossary names, addresses of articles; see `fill`). What the special blocks look like in source stands in
`content/README.md`.
"""

from portal.core.markup.child import TIME_LIMIT_S, Renderer
from portal.core.markup.render import Rendered, render, sanitise
from portal.core.markup.source import MAX_SOURCE_BYTES, MarkupError, check, figure_line, references
from portal.core.markup.stored import fill, key_message, outside_links, plain

__all__ = [
    "MAX_SOURCE_BYTES",
    "TIME_LIMIT_S",
    "MarkupError",
    "Rendered",
    "Renderer",
    "check",
    "figure_line",
    "fill",
    "key_message",
    "outside_links",
    "plain",
    "references",
    "render",
    "sanitise",
]
