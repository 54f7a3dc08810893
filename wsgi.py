"""What servers and the `flask` command load."""

import sys

from portal.app import create_app
from portal.core.settings import SettingsError

try:
    app = create_app()
except SettingsError as problem:
    sys.exit(str(problem))

# What the server calls: one step less before a kept page than by way of `app`.
application = app.wsgi_app
