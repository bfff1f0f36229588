"""The leaves that growth draws from: observed values, elements, variables, literals, and what an argument is bound to."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from mascript.writers.grammar.language import Language, Source, element_count
from mascript.writers.grammar.tree import Node, Scope, accepts, const, element_type, is_list

Choice = tuple[float, Callable[[], Node]]
SMALL = (-1, -1, 0, 1, 1, 2, 3)
"""Whole numbers that an argument without a name to go by takes."""
EARLY = 4
"""Lists longer than this are read near their beginning more often, as histories and sorted lists are."""
NEXT_TO = 0.2
"""How often an entry of a per-action list is shifted by one: the cell above the landing cell."""
SEAT_POSITION = 0.2
"""How often a position in a list with one entry per seat is the own seat."""


class Terminals:
    """Draws leaves from one random stream. Base of `Grower`."""

    def __init__(self, language: Language, rng: random.Random, scope: Scope = ()) -> None:
        self.language = language
        self.rng = rng
        self.scope = scope
        """What the slot adds to the language's own variables, e.g. the action's index."""

    def number(self) -> float:
        """A factor: either sign, magnitudes from a tenth to five."""
        sign = 1.0 if self.rng.random() < 0.5 else -1.0
        return tidy(sign * 10 ** self.rng.uniform(-1.0, 0.7))

    def _pick(self, choices: list[Choice]) -> Node:
        weights = [weight for weight, _ in choices]
        return self.rng.choices([make for _, make in choices], weights)[0]()

    def _variables(self, type_: str, scope: Scope, own: bool = True) -> list[Node]:
        names = (*(self.language.scope if own else ()), *self.scope, *scope)
        return [Node("var", kind, (), name) for name, kind in names if kind == type_]

    def _position(self, earlier: list[Node]) -> Node:
        """A position in one of the lists given before: a literal, or `seat` where a list has one entry per seat."""
        counts = [element_count(self.language.sources[node.value]) for node in earlier if node.op == "field" and is_list(node.type)]
        if self.language.seats in counts and self.rng.random() < SEAT_POSITION:
            return Node("var", "int", (), "seat")
        return const(self.rng.randrange(max([*counts, 2])))

    def _by_name(self, name: str, type_: str, scope: Scope) -> Node | None:
        """The observed value, variable or per-action number that carries the parameter's name (or has it as its unit)."""
        source = self.language.sources.get(name)
        if source is not None and accepts(type_, source.type):
            return Node("field", source.type, (), name)
        variables = {value: kind for value, kind in (*self.language.scope, *self.scope, *scope)}
        if name in variables and accepts(type_, variables[name]):
            return Node("var", variables[name], (), name)
        if "action" in variables and type_ == "int":
            if name == self.language.action_word:
                return Node("var", "int", (), "action")
            for source in self.language.per_action():
                if source.unit.startswith(name) and source.type == "list[int]":
                    entry = self._of_action(source)
                    return self._shifted(entry) if self.rng.random() < NEXT_TO else entry
        return None

    def _whole_argument(self, scope: Scope) -> Node:
        """Whole-number arguments are mostly the action, its entry in a per-action list, or a small literal."""
        choices: list[Choice] = [(3.0, lambda: const(self.rng.choice(SMALL)))]
        if any(name == "action" for name, _ in self.scope):
            choices.append((1.0, lambda: Node("var", "int", (), "action")))
            rows = [source for source in self.language.per_action() if source.type == "list[int]"]
            if rows:
                choices.append((1.0, lambda: self._of_action(self.rng.choice(rows))))
                choices.append((0.3, lambda: self._shifted(self._of_action(self.rng.choice(rows)))))
        choices += [(0.4, partial(same, node)) for node in self._variables("int", scope) if node.value == "seat"]
        scalars = self.language.sources_of("int")
        if scalars:
            choices.append((0.6, lambda: self._field(self.rng.choice(scalars))))
        return self._pick(choices)

    def _shifted(self, node: Node) -> Node:
        return Node(self.rng.choice("+-"), "int", (node, const(1)))

    def _field(self, source: Source) -> Node:
        return Node("field", source.type, (), source.name)

    def _field_of(self, type_: str) -> Node:
        return self._field(self.rng.choice(self.language.sources_of(type_)))

    def _of_action(self, source: Source) -> Node:
        return Node("item", element_type(source.type), (self._field(source), Node("var", "int", (), "action")))

    def _elements(self, type_: str) -> list[Choice]:
        """Elements of lists and arrays by a literal index; of a list with one entry per seat also by `seat`."""
        found: list[Choice] = []
        for source in self.language.sources.values():
            count = element_count(source)
            if is_list(source.type) and count and accepts(type_, element_type(source.type)):
                found.append((1.5, partial(self._element, source, count)))
            elif source.type == "array" and type_ == "float" and count:
                found.append((1.5, partial(self._array_element, source)))
        return found

    def _element(self, source: Source, count: int) -> Node:
        index = const(self.rng.randrange(count) if count <= EARLY else int(count * self.rng.random() ** 2))
        if count == self.language.seats and self.rng.random() < SEAT_POSITION:
            index = Node("var", "int", (), "seat")
        return Node("item", element_type(source.type), (self._field(source), index))

    def _array_element(self, source: Source) -> Node:
        index = tuple(self.rng.randrange(extent) for extent in source.shape)
        return Node("element", "float", (self._field(source),), index)

    def _off_centre(self) -> Node:
        """How far the action is from the middle of all actions, where their order may mean something."""
        middle = (self.language.actions.size - 1) / 2
        middle = int(middle) if middle.is_integer() else middle
        return Node("abs", "float", (Node("-", "float", (Node("var", "int", (), "action"), const(middle))),))


def tidy(value: float) -> float:
    """Three significant digits: constants that read well and still reach everywhere."""
    return float(f"{value:.3g}")


def same(node: Node) -> Node:
    """The node itself: a choice that needs no making."""
    return node
