"""The child process: `python -m portal.core.markup`."""

from portal.core.markup.child import serve

serve()
