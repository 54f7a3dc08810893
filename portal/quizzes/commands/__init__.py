"""`flask quizzes …`."""

from __future__ import annotations

import click

from portal.quizzes.commands.analyse import analyse

cli = click.Group("quizzes", help="Questions, quizzes and their statistics.")
cli.add_command(analyse)
