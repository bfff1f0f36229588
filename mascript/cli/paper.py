"""Long texts on a terminal: colours and a pager where a person looks on, plain text where a program reads."""

from __future__ import annotations

import shutil
import sys

import click

_SIGNS = {"+": "green", "-": "red", "@": "cyan"}


def paged(text: str) -> None:
    """Print a text; through the pager (`PAGER`) where it is longer than the terminal."""
    if sys.stdout.isatty() and text.count("\n") >= shutil.get_terminal_size().lines:
        click.echo_via_pager(text + "\n")
    else:
        click.echo(text)


def python(source: str) -> str:
    """Return a source with its colours, which `click.echo` takes out again where nobody would see them."""
    if not sys.stdout.isatty():
        return source.rstrip()
    from pygments import highlight
    from pygments.formatters import TerminalFormatter
    from pygments.lexers import PythonLexer

    return str(highlight(source, PythonLexer(), TerminalFormatter())).rstrip()


def changes(diff: str) -> str:
    """Return a unified diff with added lines green and removed ones red."""
    return "\n".join(click.style(line, fg=_SIGNS.get(line[:1])) for line in diff.rstrip().splitlines())
