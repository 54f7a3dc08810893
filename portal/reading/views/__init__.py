"""The public site's pages, feeds and read API."""

from portal.reading.views import api, article, counting, extras, helpful, leaflet, pages, preview, shared_files
from portal.reading.views.express import Express
from portal.reading.views.reader import blueprint

__all__ = [
    "Express",
    "api",
    "article",
    "blueprint",
    "counting",
    "extras",
    "helpful",
    "leaflet",
    "pages",
    "preview",
    "shared_files",
]
