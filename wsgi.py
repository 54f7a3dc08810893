"""What servers and the `flask` command load."""

import gc
import sys

# All that is loaded here stays. To look through it for what could go, again and again while it grows, was a fifth of
# the start of every command; frozen, no later look goes through it either, and no forked worker copies it for that.
gc.disable()

from portal.app import create_app  # noqa: E402  # loaded while nothing looks
from portal.core.settings import SettingsError  # noqa: E402  # as above

try:
    app = create_app()
except SettingsError as problem:
    sys.exit(str(problem))
gc.freeze()
gc.enable()

# What the server calls: one step less before a kept page than by way of `app`.
application = app.wsgi_app
