"""`flask metrics …`."""

from __future__ import annotations

from flask.cli import AppGroup

from portal.metrics.commands.uplift import uplift

cli = AppGroup("metrics", help="Figures of a quarter, and of any survey before and after.")
cli.add_command(uplift)
