"""The scalar operator: programs of one structure are one search over their constants, which the run's own rows tell.

A structure is a program with its constants left out. Its search begins where the first program of it was written and has learnt
from every later one that was drawn from it, so nothing is kept between generations and a resumed run goes on where it was.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mascript.seeds import digest
from mascript.writers.base import Judged
from mascript.writers.grammar.terminals import tidy
from mascript.writers.grammar.tree import Node, Path, Tree, const, put, tree_from_json, walk
from mascript.writers.synthesis.adaptation import Search, Vector, begin, draw, told

OPERATOR = "cma"
FIRST_STEP, LATER_STEP = 0.5, 0.2
"""Of a search, in units of each constant's own size: around a founder, and around a program whose constants were tuned before."""
FOUNDER = "founder"
SMALLEST = 0.05
"""Size of a constant at least, where it is so near 0 that its own size says nothing."""
MOST_CONSTANTS = 40
"""Beyond this a matrix takes longer than the episodes it saves."""


@dataclass(frozen=True)
class Line:
    """All programs of one structure. Made by `lines`; read by the writer."""

    name: str
    origin: Tree
    """The first one."""
    best: Judged
    """The one with most episodes behind it, and of these the best score."""
    search: Search
    rounds: int

    def drawn(self, rng: random.Random) -> tuple[Tree, Vector]:
        """Return another program of this structure, and the draw that it stands for."""
        numbers = draw(len(self.search.mean), rng)
        return self.program(numbers), numbers

    def program(self, numbers: Sequence[float]) -> Tree:
        """Return the program that a draw stands for; all zeros stand for the middle of the search."""
        return _with_constants(self.origin, self.search.at(numbers))


def structure(tree: Tree) -> str:
    """Return the name of a program's structure."""
    return f"{digest(tree.form, *(f'{name} {_blank(node)}' for name, node in tree.slots)) >> 208:012x}"


def genome(tree: Tree, drawn: Vector | None = None) -> dict[str, Any]:
    """Return a program as a proposal carries it, with the draw that it was made from."""
    told_apart = {"line": structure(tree)} | ({} if drawn is None else {"drawn": list(drawn)})
    return tree.to_json() | told_apart


def lines(judged: Sequence[Judged]) -> list[Line]:
    """Return the structures tried so far, the most promising first.

    Args:
        judged: of all generations, in their order, the best of each generation first.
    """
    found: dict[str, list[Judged]] = {}
    for one in judged:
        if isinstance(one.genome, Mapping) and "line" in one.genome and one.score is not None:
            found.setdefault(one.genome["line"], []).append(one)
    made = [line for name, members in found.items() if (line := _line(name, members)) is not None]
    return sorted(made, key=lambda line: (-line.best.n, -(line.best.score or 0.0), line.name))


def _line(name: str, members: Sequence[Judged]) -> Line | None:
    first = next((one for one in members if "drawn" not in one.genome), members[0])
    origin = tree_from_json(first.genome)
    start = [node.value for _, _, node in _places(origin)]
    if not start or len(start) > MOST_CONSTANTS:
        return None
    search = begin([0.0] * len(start), FIRST_STEP if first.operator == FOUNDER else LATER_STEP)
    rounds: dict[int, list[Vector]] = {}
    for one in members:
        if len(one.genome.get("drawn", ())) == len(start):
            rounds.setdefault(one.generation, []).append(tuple(one.genome["drawn"]))
    for generation in sorted(rounds):
        search = told(search, rounds[generation])
    best = max(members, key=lambda one: (one.n, one.score or 0.0))
    return Line(name, origin, best, search, len(rounds))


def _places(tree: Tree) -> Iterator[tuple[str, Path, Node]]:
    for name, root in tree.slots:
        for path, node, _ in walk(root):
            if node.op == "const" and isinstance(node.value, float):
                yield name, path, node


def _with_constants(tree: Tree, moved: Sequence[float]) -> Tree:
    """The program with each constant moved by so many of its own sizes."""
    for (name, path, node), steps in zip(list(_places(tree)), moved, strict=True):
        value = tidy(node.value + steps * max(abs(node.value), SMALLEST))
        tree = tree.with_slot(name, put(tree.slot(name), path, const(value)))
    return tree


def _blank(node: Node) -> str:
    value = "" if node.op == "const" and isinstance(node.value, float) else node.value
    return f"{node.op}:{node.type}:{value}({','.join(_blank(child) for child in node.args)})"
