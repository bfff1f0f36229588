"""The frame: every command explains itself, and what is mistyped is answered."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

import mascript
from mascript.cli import COMMANDS, main


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


ALL = list(_commands(main))
LISTINGS = [
    ("arenas", "list"),
    ("arenas", "show"),
    ("check",),
    ("score",),
    ("play",),
    ("status",),
    ("transcript",),
    ("verify",),
    ("submissions",),
    ("library", "list"),
    ("library", "search"),
    ("library", "show"),
    ("library", "diff"),
    ("library", "history"),
    ("library", "dependents"),
    ("library", "verify"),
    ("library", "add"),
    ("library", "yank"),
    ("library", "export"),
    ("library", "import"),
    ("lineage", "show"),
    ("credit",),
    ("run",),
    ("doctor",),
]


@pytest.mark.parametrize("path", [path for path, _ in ALL], ids=" ".join)
def test_every_command_has_help(call, path) -> None:
    result = call(*path, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage:")


@pytest.mark.parametrize("path", LISTINGS, ids=" ".join)
def test_every_listing_documents_its_json(path) -> None:
    command = dict(ALL)[path]
    option = next(one for one in command.params if "--json" in one.opts)
    assert isinstance(option, click.Option)
    assert option.help is not None
    assert "an array of {" in option.help or "an object" in option.help


def test_frame_lists_every_command_with_one_line(call) -> None:
    text = call("--help").stdout
    for name, (_, line) in COMMANDS.items():
        assert name in text
        assert line in text


def test_unknown_command_names_a_near_one(call) -> None:
    result = call("arens")
    assert result.exit_code == 2
    assert "did you mean `arenas`?" in result.stderr


def test_version(call) -> None:
    assert call("--version").stdout == f"mascript {mascript.__version__}\n"


def test_package_offers_what_it_says() -> None:
    assert sorted(mascript.__all__) == ["__version__", "open_workspace", "run"]
    assert all(hasattr(mascript, name) for name in mascript.__all__)


def test_a_command_of_an_extra_explains_itself_without_it(call) -> None:
    from importlib.util import find_spec

    assert "pip install 'mascript[mcp]'" in " ".join(call("mcp", "--help").stdout.split())
    if find_spec("mcp") is None:
        said = call("mcp")
        assert said.exit_code == 1 and "needs the extra `mcp`, which is not installed" in said.stderr
