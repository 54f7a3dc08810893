"""What stands between the HTTP server and Flask: finished pages, the site's version, and slow senders.

Pure WSGI. `PageCache` answers a public page from memory, before Flask is entered; it asks the site's version on every
request, so a publication is seen at once by every process and no process has to tell another. `BodyGate` keeps people
who send a request body slowly, or never finish it, from occupying the threads that everybody else's pages need.

docs/adr/0001-page-cache-before-flask.md says why, with the measurements.
"""

from portal.core.delivery.gate import BodyGate
from portal.core.delivery.pages import PageCache
from portal.core.delivery.version import PolledVersion, SqliteVersion

__all__ = ["BodyGate", "PageCache", "PolledVersion", "SqliteVersion"]
