"""Write the pages that follow from the code: commands, the experiment file, JSON, Python, and the list of decisions.

`make docs` runs it before it builds. They are no files of the repository, so that they cannot be older than what they describe.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import click

import mascript
from mascript import config, front
from mascript.cli import main
from mascript.config import keys

HERE = Path(__file__).resolve().parent
Found = tuple[str, click.Command, click.Context]
"""A command's words, the command, and where it stands."""
JSON = "Print JSON instead: "


def pages() -> dict[str, str]:
    """Return the text of each page by its path in this folder."""
    return {
        "reference/commands.md": commands(),
        "reference/experiment.md": experiment(),
        "reference/json.md": shapes(),
        "reference/python.md": python(),
        "decisions/index.md": decisions(),
    }


def commands() -> str:
    """Every command with its arguments and options, as `--help` has them."""
    parts = ["# Commands", "", "`mascript COMMAND --help` says the same.", ""]
    for path, command, context in _commands():
        parts += [f"## `{path}`", "", f"`{command.get_usage(context).removeprefix('Usage: ')}`", "", _prose(command.help or ""), ""]
        options = [option for option in command.get_params(context) if isinstance(option, click.Option) and not option.hidden]
        rows = [_option(option, context) for option in options if "--help" not in option.opts]
        if rows:
            parts += ["| option | | ", "| --- | --- |", *rows, ""]
    return "\n".join(parts)


def shapes() -> str:
    """What each `--json` prints."""
    parts = ["# JSON", "", "Numbers are numbers; null stands where there is no value or no finite one.", ""]
    parts += ["| command | prints |", "| --- | --- |"]
    for path, command, _ in _commands():
        for option in command.params:
            if isinstance(option, click.Option) and "--json" in option.opts:
                parts.append(f"| `{path} --json` | {_cell((option.help or '').removeprefix(JSON))} |")
    return "\n".join([*parts, ""])


def experiment() -> str:
    """Every key of an experiment file."""
    tables = ast.parse(inspect.getsource(keys)).body
    documented = {node.name: node for node in tables if isinstance(node, ast.ClassDef)}
    parts = ["# The experiment file", "", _prose(config.__doc__ or ""), ""]
    for table in fields(config.Config):
        kind = re.findall(r"\w+Config", str(table.type))[0]
        many = str(table.type).startswith("tuple")
        parts += [f"## {f'[[{table.name}]]' if many else f'[{table.name}]'}", "", _prose(_said(documented[kind])), ""]
        parts += ["| key | type | default | |", "| --- | --- | --- | --- |"]
        notes = _notes(documented[kind])
        for one in fields(getattr(keys, kind)):
            default = "needed" if one.default is MISSING else f"`{'{}' if one.type == 'Table' else _toml(one.default)}`"
            parts.append(f"| `{one.name}` | {_cell(_type(str(one.type)))} | {default} | {_cell(notes.get(one.name, ''))} |")
        parts.append("")
    return "\n".join(parts)


def python() -> str:
    """The front door for Python."""
    parts = ["# Python", "", _prose(mascript.__doc__ or ""), ""]
    for name in ("run", "open_workspace"):
        parts += _called(name, getattr(mascript, name), f"mascript.{name}")
    parts += ["## What an open workspace answers", "", _prose(front.Reader.__doc__ or ""), ""]
    for name, method in inspect.getmembers(front.Reader, inspect.isfunction):
        if not name.startswith("_"):
            parts += _called(name, method, name)
    return "\n".join(parts)


def decisions() -> str:
    """Every decision by its title."""
    parts = ["# Why things are as they are", ""]
    parts += ["One page a decision that somebody might undo by mistake: the problem, the choice, what guards it.", ""]
    for path in sorted((HERE / "decisions").glob("0*.md")):
        title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        parts.append(f"- [{title}]({path.name})")
    return "\n".join([*parts, ""])


def _commands() -> Iterator[tuple[str, click.Command, click.Context]]:
    """(words, command, context) of every command that can be run."""

    def below(
        command: click.Command, words: str, parent: click.Context | None
    ) -> Iterator[tuple[str, click.Command, click.Context]]:
        context = click.Context(command, info_name=words.rpartition(" ")[2], parent=parent)
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None, name
                yield from below(found, f"{words} {name}", context)
        else:
            yield words, command, context

    yield from below(main, "mascript", None)


def _option(option: click.Option, context: click.Context) -> str:
    names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
    metavar = "" if option.is_flag or option.count else f" `{_cell(option.make_metavar(context))}`"
    default = option.get_default(context, call=False)
    shown = f" Default: `{_cell(str(default))}`." if option.show_default and default not in (None, (), False) else ""
    return f"| {names}{metavar} | {_cell(option.help or '')}{shown} |"


def _called(name: str, function: Any, shown: str) -> list[str]:
    signature = re.sub(
        r"<function .*? at \w+>", "...", str(inspect.signature(function)).replace("(self, ", "(").replace("(self)", "()")
    )
    signature = re.sub(r"(: |-> )'([^']*)'", r"\1\2", signature)  # annotations are kept as text
    return [f"### `{shown}`", "", f"```python\n{name}{signature}\n```", "", _sections(inspect.getdoc(function) or ""), ""]


def _sections(doc: str) -> str:
    """A docstring with its arguments as a list."""
    text = re.sub(r"^(Args|Raises|Returns):\n", lambda found: f"\n**{found[1]}**\n\n", doc, flags=re.MULTILINE)
    return re.sub(r"^    (\w[\w, ]*): ", r"- `\1`: ", text, flags=re.MULTILINE)


def _said(node: ast.ClassDef) -> str:
    return (ast.get_docstring(node) or "").partition("\n\nMade by")[0].partition(" Made by")[0]


def _notes(node: ast.ClassDef) -> dict[str, str]:
    """What stands below each field."""
    found = {}
    for one, after in zip(node.body, node.body[1:], strict=False):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and isinstance(after, ast.Expr):
            found[one.target.id] = " ".join(str(ast.literal_eval(after.value)).split())
    return found


def _type(text: str) -> str:
    if text.startswith("Literal["):
        return ", ".join(f"`{word}`" for word in re.findall(r"'([^']*)'", text.replace('"', "'")))
    return re.sub(r"tuple\[(\w+), \.\.\.\]", r"list of \1", text.replace("str", "text").replace("Table", "table"))


def _toml(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _prose(text: str) -> str:
    return inspect.cleandoc(text).replace("\b\n", "")


def _cell(text: str) -> str:
    """Text of one line that cannot end a cell or be taken for a tag."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("{", "&#123;")


def write() -> None:
    """Write every page."""
    for name, text in pages().items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_text(text, encoding="utf-8")
        print(f"wrote docs/{name}")


if __name__ == "__main__":
    write()
