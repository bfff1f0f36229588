"""The top frame: finds a command late, and turns the errors of all three houses into one clear message."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping
from errno import ENOSPC
from typing import Any, TextIO

import click

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


class Refusal(click.ClickException):
    """An error of one of the three houses, as the command says it: one message on stderr, exit code 1."""

    exit_code = 1


class Frame(click.Group):
    """The outermost group. A subcommand's module is imported when it is invoked; its line in `--help` comes from the table.

    Args:
        table: name to (`module:attribute`, help line).
    """

    def __init__(self, table: Mapping[str, tuple[str, str]], **settings: Any) -> None:
        super().__init__(**settings)
        self._table = table
        self.params.append(click.Option(["--version"], is_flag=True, expose_value=False, is_eager=True, callback=_version))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the table."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None for an unknown one."""
        if cmd_name not in self._table:
            return None
        from importlib import import_module

        module, _, attribute = self._table[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table, importing nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self._table.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which was probably meant."""
        name = args[0]
        if name not in self._table and not name.startswith("-"):
            raise click.UsageError(f"no such command {name!r}{_near(name, list(self._table))}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error that a user can meet becomes one message."""
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _warn
                return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("\ninterrupted; what was committed before is kept", err=True)
            ctx.exit(INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # the top frame: errors made for users are said, every other keeps its traceback
            message = said(error)
            if message is None:
                raise
            if isinstance(error, OSError) and error.errno == ENOSPC:
                _drop_output()
            raise Refusal(message) from error


def said(error: BaseException) -> str | None:
    """Return the message of an error that a user can meet, None for a defect."""
    from arenas.errors import ArenaError
    from library.errors import LibraryError
    from mascript.errors import MascriptError

    if isinstance(error, MascriptError | ArenaError | LibraryError):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, OSError) and error.errno == ENOSPC:
        return "the disk is full where the output goes; what was committed to the workspace is kept"
    return None


def _warn(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Say a warning as a command does: what it is, without the line of code that gave it."""
    click.echo(f"warning: {message}", err=True)


def _drop_output() -> None:
    """Let what is still buffered go nowhere: Python would meet the full disk again when it exits, and say so in its own words."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _near(name: str, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    return f"; did you mean `{near[0]}`?" if near else f"; there are {', '.join(known)}"


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from mascript import __version__

        click.echo(f"mascript {__version__}")
        ctx.exit()
