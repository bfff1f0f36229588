"""The form `drive`: one number pushes one way or the other, a second one may come before it, small pushes are left out.

For actions that pull against each other: a controller's output becomes the action. Which actions these are is part of the program.
"""

from __future__ import annotations

from mascript.writers.grammar.language import Language
from mascript.writers.grammar.render import Printer
from mascript.writers.grammar.tree import Node, Tree

FEWEST, MOST = 2, 4
"""Numbers of actions that the form is for: two that oppose each other, one that is taken first, and rest."""


def applies(language: Language) -> bool:
    """Whether the actions are few, discrete and without directions."""
    return language.actions.kind == "discrete" and FEWEST <= language.actions.size <= MOST and not language.actions.directions


def choice(action: int) -> Node:
    """An action as a part of a program."""
    return Node("choice", "action", (), action)


def body(tree: Tree, printer: Printer) -> list[str]:
    """Lines of the policy."""
    slots = dict(tree.slots)
    names = {key: _action(printer.language, slots[key].value) for key in ("forward", "backward", "rest", "first") if key in slots}
    lines = printer.line("push = ", slots["push"])
    if "first" in slots:
        lines += printer.line("need = ", slots["need"])
        lines += ["    if need > abs(push):", f"        return {names['first']}"]
    if "rest" in slots and slots["rest_below"].value > 0:
        lines += [f"    if abs(push) < {slots['rest_below'].value!r}:", f"        return {names['rest']}"]
    return [*lines, f"    return {names['forward']} if push > 0 else {names['backward']}"]


def _action(language: Language, index: int) -> str:
    return f'"{language.actions.names[index]}"' if language.actions.names else str(index + language.actions.start)
