"""The public site's pages, feeds and read API."""

from portal.reading.views import api, article, extras, pages
from portal.reading.views.reader import blueprint

__all__ = ["api", "article", "blueprint", "extras", "pages"]
