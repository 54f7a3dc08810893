"""`flask quizzes …`."""

from __future__ import annotations

import click

from portal.quizzes.commands.analyse import analyse
from portal.quizzes.commands.draw import draw
from portal.quizzes.commands.exporting import export
from portal.quizzes.commands.importing import import_
from portal.quizzes.commands.paper import paper

cli = click.Group("quizzes", help="Questions, quizzes and their statistics.")
cli.add_command(analyse)
cli.add_command(draw)
cli.add_command(export)
cli.add_command(import_)
cli.add_command(paper)
