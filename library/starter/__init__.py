"""The starter set: general helpers every library begins with.

They are ordinary modules, so that they can be read, typed and tested like any code. `starter_functions` hands them over in the form
of a contribution: one function per text, with the imports that it needs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MODULES = ("geometry", "grids", "selection", "masks", "memory")


class StarterFunction(NamedTuple):
    """One helper of the starter set. Made by `starter_functions`; read by admission and by writers' tests."""

    name: str
    source: str


def starter_functions() -> list[StarterFunction]:
    """Every helper of the starter set, in the order of the modules and of their text."""
    return [function for module in MODULES for function in _functions_of(module)]


def _functions_of(module: str) -> Iterator[StarterFunction]:
    """A starter function stands alone: of its module's imports only `math` can reach it."""
    text = (Path(__file__).parent / f"{module}.py").read_text(encoding="utf-8")
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            body = "\n".join(lines[node.lineno - 1 : node.end_lineno]) + "\n"
            uses_math = any(isinstance(part, ast.Name) and part.id == "math" for part in ast.walk(node))
            yield StarterFunction(node.name, ("import math\n\n\n" if uses_math else "") + body)
