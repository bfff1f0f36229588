"""A plan as a short decision list: tests of what is observed, and the action that is good for all that pass them.

Greedy trees (Breiman et al. 1984), with the plan's whole truth as labels: where several actions are as good, any of them may stand,
so that a tree need not tell apart what makes no difference (Bastani et al. 2018, VIPER, weighs by the same loss). Tests read
numbers, truth values, rows and columns, how far one cell is from another, which of two cells a truth value selects, and the step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from arenas.decode import decode
from arenas.schema import Field, Schema
from mascript.writers.grammar.drive import choice
from mascript.writers.grammar.tree import Node, Tree, const
from mascript.writers.synthesis.tabular import Model, Plan

SLACKS = (1e-9, 5e-6)
"""What the plan's value may lose at each observation, as a share of its size or of 1: nothing, and little for a shorter program."""
TOLD_APART = 1.5
"""Standard errors of the mean rewards from which two actions are told apart."""
RARE = 1e-6
"""Meetings per episode below which an observation needs no rule of its own."""
MOST_LEAVES = 160
STEP = Node("var", "int", (), "step")


@dataclass(frozen=True)
class _Row:
    """One observation in one segment of a plan. Made by `_rows`; read while the tree grows."""

    values: tuple[float, ...]
    """One per column."""
    good: frozenset[int]
    weight: float


@dataclass(frozen=True)
class _Test:
    """`column < edge`, or the truth value itself. Made and read while the tree grows."""

    column: int
    edge: float


def programs(schema: Schema, model: Model, plan: Plan) -> Iterator[Tree]:
    """Yield the plan's programs, the exact one first; what would be too long is left out."""
    columns = list(_columns(schema, counted=len(plan.until) > 1))
    scale = max(1.0, abs(plan.value))
    seen: set[Tree] = set()
    for slack in SLACKS:
        rows = list(_rows(schema, model, plan, columns, slack * scale))
        if not rows:
            return
        root = _grown(rows, columns, [MOST_LEAVES])
        if root is not None and (tree := Tree("rules", (("decision", root),))) not in seen:
            seen.add(tree)
            yield tree


# --- columns --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Column:
    """An expression that tests may read. Made by `_columns`; read while the tree grows."""

    node: Node
    read: Any
    """(observation record, step) -> number."""
    flag: bool = False
    cost: float = 1.0
    """How much more a test of it must tell apart than one of a plain number."""


def _columns(schema: Schema, counted: bool) -> Iterator[_Column]:
    cells: list[tuple[Node, Any]] = []
    flags: list[tuple[Node, Any]] = []
    for field in schema.fields:
        node, read = Node("field", field.type, (), field.name), _reader(field.name)
        if field.type == "Cell":
            cells.append((node, read))
        elif field.type == "bool":
            flags.append((node, read))
            yield _Column(node, read, flag=True)
        elif field.type == "int":
            yield _Column(node, read)
        elif field.type == "list[int]":
            yield from _elements(field, node, read)
    chosen = [
        (Node("if", "Cell", (flag, one, other)), _selected(told, a, b))
        for flag, told in flags
        for index, (one, a) in enumerate(cells)
        for other, b in cells[index + 1 :]
    ]
    for node, read in (*cells, *chosen):
        for axis, place in (("x", 0), ("y", 1)):
            yield _Column(Node(axis, "int", (node,)), _part(read, place), cost=1.0 if node.op == "field" else 1.1)
    for index, (one, a) in enumerate((*chosen, *cells)):
        for other, b in (*chosen, *cells)[index + 1 :]:
            if one.op == "if" and other.op != "field":
                continue
            for axis, place in (("x", 0), ("y", 1)):
                away = Node("-", "int", (Node(axis, "int", (one,)), Node(axis, "int", (other,))))
                yield _Column(away, _apart(a, b, place), cost=1.05)
    if counted:
        yield _Column(STEP, lambda seen, step: step)


def _reader(name: str) -> Any:
    return lambda seen, step: getattr(seen, name)


def _elements(field: Field, node: Node, read: Any) -> Iterator[_Column]:
    for index in range(field.shape[0]):
        yield _Column(Node("item", "int", (node, const(index))), _part(read, index), cost=1.1)


def _part(read: Any, place: int) -> Any:
    return lambda seen, step: read(seen, step)[place]


def _selected(told: Any, a: Any, b: Any) -> Any:
    return lambda seen, step: a(seen, step) if told(seen, step) else b(seen, step)


def _apart(a: Any, b: Any, place: int) -> Any:
    return lambda seen, step: a(seen, step)[place] - b(seen, step)[place]


# --- rows -----------------------------------------------------------------------------------------------------------------------


def _rows(schema: Schema, model: Model, plan: Plan, columns: Sequence[_Column], slack: float) -> Iterator[_Row]:
    """What the plan says of each observation that it meets, in each of its segments, at the segment's first step.

    As good as the plan's own action is only one after which the plan still knows what to do. What rewards seen so far do not tell
    apart counts as equally good: then the neighbours decide.
    """
    import numpy

    for segment, (actions, gains, met) in enumerate(zip(plan.actions, plan.gains, plan.met, strict=True)):
        begins = 0 if not segment else model.horizon - plan.until[segment - 1]
        ruled = sum(plan.met[segment : segment + 2]) > RARE
        strays = (model.onward * ~ruled).sum(axis=2) > 0
        everyone = numpy.arange(len(model.states))
        told_apart = TOLD_APART * numpy.hypot(model.unsure, model.unsure[actions, everyone]) * met
        as_good = model.known & (gains >= -slack - told_apart) & ~strays
        for state, packed in enumerate(model.states):
            if met[state] > RARE:
                good = {int(actions[state]), *as_good[:, state].nonzero()[0].tolist()}
                seen = decode(schema, packed)
                values = tuple(float(column.read(seen, begins)) for column in columns)
                yield _Row(values, frozenset(good), float(met[state]))


# --- tree -----------------------------------------------------------------------------------------------------------------------


def _grown(rows: Sequence[_Row], columns: Sequence[_Column], left: list[int]) -> Node | None:
    """The decision for these rows; None where it would have too many leaves, or nothing tells two of them apart."""
    common = frozenset.intersection(*(row.good for row in rows))
    if common:
        left[0] -= 1
        return choice(min(common, key=lambda action: (-sum(row.weight for row in rows if action in row.good), action)))
    best: tuple[float, int, float] | None = None
    for place, column in enumerate(columns):
        for edge, worth in _edges(rows, place):
            if best is None or worth * column.cost < best[0] - 1e-12:
                best = (worth * column.cost, place, edge)
    if best is None or left[0] <= 0:
        return None
    _, place, edge = best
    below = [row for row in rows if row.values[place] < edge]
    above = [row for row in rows if row.values[place] >= edge]
    if len(below) > len(above):
        below, above, flipped = above, below, True
    else:
        flipped = False
    yes, no = _grown(below, columns, left), _grown(above, columns, left)
    if yes is None or no is None:
        return None
    return Node("if", "action", (_test(columns[place], edge, flipped), yes, no))


def _test(column: _Column, edge: float, flipped: bool) -> Node:
    """The condition of the smaller part: below the edge, or not below it."""
    if column.flag:
        return column.node if flipped else Node("not", "bool", (column.node,))
    whole = int(edge) if float(edge).is_integer() else edge
    return Node(">", "bool", (column.node, const(whole - 1))) if flipped else Node("<", "bool", (column.node, const(whole)))


def _edges(rows: Sequence[_Row], place: int) -> Iterator[tuple[float, float]]:
    """(edge, impurity of both parts) of each way to cut the rows in two by a column."""
    by_value: dict[float, list[_Row]] = {}
    for row in rows:
        by_value.setdefault(row.values[place], []).append(row)
    if len(by_value) < 2:
        return
    whole = _tally(rows)
    below: dict[int, float] = dict.fromkeys(whole, 0.0)
    size = 0
    values = sorted(by_value)
    for value, after in pairwise(values):
        size += len(by_value[value])
        for action, votes in _tally(by_value[value]).items():
            below[action] += votes
        above = {action: votes - below[action] for action, votes in whole.items()}
        yield after, _impurity(below, size) + _impurity(above, len(rows) - size)


def _tally(rows: Sequence[_Row]) -> dict[int, float]:
    """Votes for each action: an observation's one vote is shared among what is good there."""
    votes: dict[int, float] = {}
    for row in rows:
        for action in row.good:
            votes[action] = votes.get(action, 0.0) + 1 / len(row.good)
    return votes


def _impurity(votes: dict[int, float], size: int) -> float:
    """Gini's impurity, times the number of rows."""
    return size - sum(count * count for count in votes.values()) / size if size else 0.0
