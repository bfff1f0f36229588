"""What an explorer's steps say about the numbers of an arena: their spread, which is another's rate of change, what actions push.

No name and no unit is read: `angular_velocity` is the rate of `angle` because the one grows by the other, and an action pushes a
number because the number moves otherwise after it than after the rest.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from arenas.decode import count
from arenas.schema import ActionSpec, Field, Schema
from mascript.writers.base import Experience
from mascript.writers.grammar.tree import Node, const

MOST_FEATURES = 40
"""Numbers of an observation that are looked at; longer ones are pictures or histories."""
ENOUGH = 6_000
"""Steps that are looked at."""
ALIKE = 0.6
"""Correlation of one number's change with another number from which the other is called its rate."""
FLAT = 1e-9


@dataclass(frozen=True)
class Feature:
    """One observed number. Made by `insight`; read by founders."""

    node: Node
    flag: bool
    """Whether it is a truth value, of which a form makes a number."""
    middle: float
    spread: float
    """Standard deviation, or 1 where it never moved."""
    rate: int | None
    """Place of the number that its change follows."""
    pushes: tuple[float, ...]
    """How much more it moves after each discrete action than after all, or with each number of a box, in standard errors."""


@dataclass(frozen=True)
class Insight:
    """Made by `insight`; read by founders."""

    features: tuple[Feature, ...]

    def moving(self) -> list[int]:
        """Places of numbers that have a rate."""
        return [place for place, feature in enumerate(self.features) if feature.rate is not None]

    def push(self, place: int, action: int) -> float:
        """How an action, or a number of a box, pushes this number: through its rate, where it has one."""
        feature = self.features[place]
        followed = self.features[feature.rate] if feature.rate is not None else feature
        return followed.pushes[action] if followed.pushes else 0.0


def insight(schema: Schema, actions: ActionSpec, experience: Experience | None) -> Insight:
    """Return what is known of each number; without steps, or of non-record observations, nothing but the numbers themselves."""
    parts = _parts(schema)[:MOST_FEATURES]
    if experience is None or not parts:
        return Insight(tuple(Feature(node, flag, 0.0, 1.0, None, ()) for node, flag, _ in parts))
    import numpy

    taken = [one for one in experience.transitions[:ENOUGH] if one.after]
    before = numpy.array([_numbers(schema, one.seen) for one in taken])[:, [place for _, _, place in parts]]
    after = numpy.array([_numbers(schema, one.after) for one in taken])[:, [place for _, _, place in parts]]
    change = after - before
    played = _played(actions, [one.action for one in taken])
    return Insight(
        tuple(
            Feature(
                node,
                flag,
                float(before[:, place].mean()),
                float(before[:, place].std()) if before[:, place].std() > FLAT else 1.0,
                None if flag else _rate(place, after, change, [other[1] for other in parts]),
                tuple(_push(change[:, place], column) for column in played.T),
            )
            for place, (node, flag, _) in enumerate(parts)
        )
    )


def _parts(schema: Schema) -> list[tuple[Node, bool, int]]:
    """(expression, whether it is a truth value, place among all packed numbers) of each number that an expression can read."""
    found: list[tuple[Node, bool, int]] = []
    place = 0
    for field in schema.fields if schema.layout == "record" else ():
        found += [(node, flag, place + offset) for offset, (node, flag) in enumerate(_of_field(field))]
        place += count(field)
    return found


def _of_field(field: Field) -> list[tuple[Node, bool]]:
    whole = Node("field", field.type, (), field.name)
    if field.type in {"float", "int", "bool"}:
        return [(whole, field.type == "bool")]
    if field.type == "Point":
        return [(Node(axis, "float", (whole,)), False) for axis in "xy"]
    if field.type in {"list[float]", "list[int]"} and count(field) <= MOST_FEATURES:
        return [(Node("item", field.type[5:-1], (whole, const(index))), False) for index in range(count(field))]
    return []


def _numbers(schema: Schema, packed: bytes) -> tuple[float, ...]:
    form = "<" + "".join(f"{count(field)}{field.dtype}" for field in schema.fields)
    return tuple(float(number) for number in struct.unpack(form, packed))


def _played(actions: ActionSpec, taken: Sequence[Any]) -> Any:
    """One column per discrete action, 1 where it was taken, or one per number of a box."""
    import numpy

    if actions.kind == "discrete":
        return numpy.array([[float(action == index) for index in range(actions.size)] for action in taken])
    return numpy.array(taken, dtype=float)


def _rate(place: int, after: Any, change: Any, flags: Sequence[bool]) -> int | None:
    """The number that follows this one's change most closely."""
    best, found = ALIKE, None
    for other in range(after.shape[1]):
        if other != place and not flags[other]:
            alike = abs(_correlation(change[:, place], after[:, other]))
            if alike > best:
                best, found = alike, other
    return found


def _push(change: Any, column: Any) -> float:
    """Correlation of a change with an action, in standard errors of none."""
    return float(_correlation(change, column) * len(change) ** 0.5)


def _correlation(one: Any, other: Any) -> float:
    spreads = float(one.std() * other.std())
    if spreads < FLAT * FLAT or not len(one):
        return 0.0
    return float(((one - one.mean()) * (other - other.mean())).mean()) / spreads
