"""Commands whose modules are loaded when they are called: servers never call one."""

from __future__ import annotations

import importlib
from typing import Any

import click
from flask.cli import ScriptInfo


class Late(click.Command):
    """Stands for a command, or for a group of them, until it is called."""

    def __init__(self, name: str, place: str, *, help: str) -> None:  # as Click calls it
        """Take where it is.

        Args:
            name: what people type after `flask`.
            place: `module:attribute` of the command, or of what returns it where an application is at hand.
            help: what `flask --help` says of it, without loading it.
        """
        super().__init__(name, help=help)
        self._place = place

    def load(self) -> click.Command:
        """Return the command itself; within an application."""
        module, _, attribute = self._place.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        command: click.Command = found if isinstance(found, click.Command) else found()
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Return the context of the command itself."""
        assert parent is not None  # noqa: S101  # it stands below `flask`
        with parent.ensure_object(ScriptInfo).load_app().app_context():
            command = self.load()
        return command.make_context(info_name, args, parent, **extra)
