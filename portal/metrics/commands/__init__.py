"""`flask metrics …`."""

from __future__ import annotations

from flask.cli import AppGroup

from portal.metrics.commands import quarter
from portal.metrics.commands.uplift import uplift

cli = AppGroup("metrics", help="Figures of a quarter, and of any survey before and after.")
for command in (
    uplift,
    quarter.build,
    quarter.show,
    quarter.export,
    quarter.ledger,
    quarter.close,
    quarter.confirm,
    quarter.amend,
    quarter.verify,
    quarter.rebuild,
    quarter.enter,
    quarter.target,
):
    cli.add_command(command)
