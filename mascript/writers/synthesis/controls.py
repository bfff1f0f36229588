"""Founders that steer numbers: controllers made of observed numbers, with their signs and scales from what an explorer met.

Human priors, all of control engineering and none of one arena: a number is pulled towards a target by its distance and held back by
its rate; a target may itself be a bounded sum of other numbers (a chain of controllers); energy is added by pushing along a rate; a
sum of numbers and of their products bends a boundary; two controllers share the work, and a number near its target says whose turn
it is.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from mascript.writers.grammar.drive import choice
from mascript.writers.grammar.language import Language
from mascript.writers.grammar.sketches import SKETCHES
from mascript.writers.grammar.terminals import tidy
from mascript.writers.grammar.tree import Node, Path, Tree, at, const, put
from mascript.writers.synthesis.insight import Insight

KINDS = {"setpoint": 3.0, "chain": 5.0, "pump": 1.5, "weighted": 1.5, "curved": 2.5, "switch": 4.0}
"""Form of a controller -> how often it is drawn."""
HOLDING, FETCHING = ("setpoint", "setpoint", "chain", "weighted"), ("pump", "pump", "weighted", "curved")
"""Forms that keep a number where it is wanted, and forms that bring it there: the two of a switch."""
DOUBTED = 0.15
"""How often what the explorer saw of the actions is left aside."""
CERTAIN = 3.0
"""Standard errors from which a push counts as seen."""
MOST_TERMS = 6
SWITCHED_OFF = 0.5
"""Where truth values are observed: how often a controller is divided between itself and rest."""
BOLDER = 3.0
"""How much larger the factors of a bounded control are."""


@dataclass(frozen=True)
class Drafter:
    """Draws founders from one random stream. Made per brief by the writer."""

    language: Language
    insight: Insight
    rng: random.Random

    def possible(self) -> bool:
        """Whether there are numbers to steer by and a form to steer with."""
        forms = (SKETCHES["drive"], SKETCHES["output"])
        return bool(self.insight.features) and any(form.applies(self.language) for form in forms)

    def divided(self, tree: Tree) -> Tree | None:
        """The program with one of its numbers computed by two controllers in turn."""
        name = self._steering(tree)
        if name is None:
            return None
        flags = [feature.node for feature in self.insight.features if feature.flag]
        if flags and self.rng.random() < SWITCHED_OFF:
            return tree.with_slot(name, self._unless(flags, tree.slot(name)))
        return tree.with_slot(name, self.split(tree.slot(name), self._pushes_of(tree, name)))

    def _unless(self, flags: Sequence[Node], node: Node) -> Node:
        """A controller that rests where a truth value, or either of two, holds."""
        chosen = self.rng.sample(flags, self.rng.randint(1, min(2, len(flags))))
        test = chosen[0] if len(chosen) == 1 else Node("or", "bool", tuple(chosen))
        return Node("if", "float", (test, const(0.0), node))

    def extended(self, tree: Tree) -> Tree | None:
        """The program with a number, or a product of some, added to one of its numbers or to one side of a switch."""
        name = self._steering(tree)
        if name is None:
            return None
        path: Path = ()
        while at(tree.slot(name), path).op == "if" and self.rng.random() < 0.7:
            path = (*path, self.rng.choice((1, 2)))
        node = at(tree.slot(name), path)
        return tree.with_slot(name, put(tree.slot(name), path, _plus(node, self._product(self._some()))))

    def _steering(self, tree: Tree) -> str | None:
        """One of the slots that compute a number."""
        slots = [name for name, node in tree.slots if node.type == "float" and node.op != "const"]
        return self.rng.choice(slots) if slots and tree.form in ("drive", "output") else None

    def _pushes_of(self, tree: Tree, name: str) -> list[float]:
        """How much a slot's number pushes each observed number."""
        if tree.form == "output":
            return self._pushed_by([slot for slot, _ in tree.slots].index(name))
        if name == "need":
            return self._pushed_by(tree.slot("first").value)
        forward, backward = tree.slot("forward").value, tree.slot("backward").value
        return [self._push(place, forward, backward) for place in range(len(self.insight.features))]

    def founder(self) -> Tree:
        """A random controller in the form that the actions allow."""
        if SKETCHES["drive"].applies(self.language):
            return self._drive()
        size = self.language.actions.size
        return Tree("output", tuple((f"part_{index}", self.controller(self._pushed_by(index))) for index in range(size)))

    def _drive(self) -> Tree:
        size = self.language.actions.size
        forward, backward = self._opposed()
        left = [action for action in range(size) if action not in (forward, backward)]
        self.rng.shuffle(left)
        push = self.controller([self._push(place, forward, backward) for place in range(len(self.insight.features))])
        slots = [("push", push), ("forward", choice(forward)), ("backward", choice(backward))]
        if len(left) == 2:
            weak = [sum(abs(self.insight.push(place, action)) for place in range(len(self.insight.features))) for action in left]
            if weak[0] > weak[1] and self.rng.random() >= DOUBTED / 3:
                left.reverse()
        if left:
            slots += [("rest", choice(left[0])), ("rest_below", const(tidy(self.rng.choice((0.0, 10 ** self.rng.uniform(-2, 0))))))]
        if len(left) == 2:
            slots += [("need", self.controller(self._pushed_by(left[1]))), ("first", choice(left[1]))]
        return Tree("drive", tuple(slots))

    def _opposed(self) -> tuple[int, int]:
        """Two actions that push some number opposite ways, most often those that do so most clearly."""
        size, places = self.language.actions.size, range(len(self.insight.features))
        pairs = [(one, other) for one in range(size) for other in range(size) if one != other]
        if self.rng.random() < DOUBTED:
            return self.rng.choice(pairs)
        clear = [max((_against(self.insight.push(p, a), self.insight.push(p, b)) for p in places), default=0.0) for a, b in pairs]
        return pairs[max(range(len(pairs)), key=lambda number: (clear[number], -number))]

    def _push(self, place: int, forward: int, backward: int) -> float:
        return self.insight.push(place, forward) - self.insight.push(place, backward)

    def _pushed_by(self, action: int) -> list[float]:
        return [self.insight.push(place, action) for place in range(len(self.insight.features))]

    # --- controllers -------------------------------------------------------------------------------------------------------------

    def controller(self, pushes: Sequence[float]) -> Node:
        """A number that is to push; `pushes` says how much it would push each observed number."""
        kind = self.rng.choices(list(KINDS), list(KINDS.values()))[0]
        if kind == "switch":
            return self._switch(pushes)
        return self._simple(kind, pushes)

    def _simple(self, kind: str, pushes: Sequence[float]) -> Node:
        moving = self.insight.moving()
        if kind == "weighted" or (kind != "curved" and not moving):
            return self._offset(self._sum(self._some()))
        if kind == "curved":
            return self._curved()
        weights = [1.0 + abs(pushes[place]) for place in moving]
        place = self.rng.choices(moving, weights)[0]
        rate = self.insight.features[place].rate or 0
        sign = self._sign(pushes[place])
        if kind == "pump":
            pumped = self._scaled(rate, sign)
            return pumped if self.rng.random() < 0.5 else self._offset(_plus(pumped, self._scaled(place, self._sign(0.0))))
        target = self._target(place) if kind == "chain" else self._near(place)
        error = Node("-", "float", (target, self.insight.features[place].node))
        return _plus(_times(self._gain(place, sign), error), self._scaled(rate, -sign))

    def _switch(self, pushes: Sequence[float]) -> Node:
        """One controller near a place, another one elsewhere."""
        place = self.rng.choice(self._some())
        pair = [self._simple(self.rng.choice(kinds), pushes) for kinds in (HOLDING, FETCHING)]
        self.rng.shuffle(pair)
        return self._either(place, *pair)

    def split(self, node: Node, pushes: Sequence[float]) -> Node:
        """A controller that shares its work with another one, new or with constants of its own."""
        other = self._simple(self.rng.choice([*HOLDING, *FETCHING]), pushes)
        pair = [node, other]
        self.rng.shuffle(pair)
        return self._either(self.rng.choice(self._some()), *pair)

    def _either(self, place: int, one: Node, other: Node) -> Node:
        feature = self.insight.features[place]
        if feature.flag:
            test = feature.node
        else:
            edge = const(tidy(feature.middle + feature.spread * self.rng.gauss(0.0, 1.0)))
            test = Node(self.rng.choice("<>"), "bool", (self._number(place), edge))
        return Node("if", "float", (test, one, other))

    def _near(self, place: int) -> Node:
        """A fixed target: often 0, else somewhere within the number's spread."""
        spread = self.insight.features[place].spread
        return const(self.rng.choice((0.0, tidy(spread * self.rng.gauss(0.0, 0.5)))))

    def _target(self, place: int) -> Node:
        """A bounded sum of numbers that this one is to follow."""
        others = [other for other in self.insight.moving() if other not in (place, self.insight.features[place].rate)]
        if not others:
            return self._near(place)
        other = self.rng.choice(others)
        rate = self.insight.features[other].rate or 0
        spread = self.insight.features[place].spread
        sign = self._sign(0.0)
        wanted = _plus(self._scaled(other, sign, spread), self._scaled(rate, sign, spread))
        if self.rng.random() < 0.15:
            wanted = _plus(Node("abs", "float", (wanted,)), const(tidy(spread * self.rng.gauss(0.0, 0.5))))
        bound = tidy(spread * 10 ** self.rng.uniform(-0.3, 0.5))
        return Node("min", "float", (Node("max", "float", (wanted, const(-bound))), const(bound)))

    def _curved(self) -> Node:
        """A sum of numbers and of products of two or three of them."""
        places = self._some()
        total = self._sum(places)
        for _ in range(self.rng.choice((1, 2, 3, 4))):
            total = _plus(total, self._product(places, fewest=2))
        return self._offset(total)

    def _product(self, places: Sequence[int], fewest: int = 1) -> Node:
        """A weighted product of up to three numbers, equal ones too."""
        factors = sorted(self.rng.choices(places, k=self.rng.choice((fewest, 2, 3))))
        product, spread = self._number(factors[0]), self.insight.features[factors[0]].spread
        for place in factors[1:]:
            product = _times(product, self._number(place))
            spread *= self.insight.features[place].spread
        return _times(const(tidy(self._size() * self._sign(0.0) / spread)), product)

    def _sum(self, places: Sequence[int]) -> Node:
        total = self._scaled(places[0], self._sign(0.0))
        for place in places[1:]:
            total = _plus(total, self._scaled(place, self._sign(0.0)))
        return total

    def _offset(self, total: Node) -> Node:
        """A sum moved so that it is about 0 in the middle of what was seen: else its sign would be the same everywhere."""
        middle = sum(self._middle(term) for term in _terms(total))
        return _plus(const(tidy(self.rng.gauss(0.0, 0.3) - middle)), total)

    def _middle(self, node: Node) -> float:
        """The value of a weighted product where every number is in its middle."""
        if node.op == "const":
            return float(node.value)
        if node.op == "*":
            return self._middle(node.args[0]) * self._middle(node.args[1])
        known = {self._number(place): feature.middle for place, feature in enumerate(self.insight.features)}
        return known[node]

    def _some(self) -> list[int]:
        """A few places: all, where there are few."""
        count = len(self.insight.features)
        most = min(count, MOST_TERMS)
        return sorted(self.rng.sample(range(count), most if self.rng.random() < 0.5 else self.rng.randint(1, most)))

    # --- numbers -----------------------------------------------------------------------------------------------------------------

    def _number(self, place: int) -> Node:
        feature = self.insight.features[place]
        return Node("if", "float", (feature.node, const(1.0), const(0.0))) if feature.flag else feature.node

    def _scaled(self, place: int, sign: float, to: float = 1.0) -> Node:
        return _times(self._gain(place, sign, to), self._number(place))

    def _gain(self, place: int, sign: float, to: float = 1.0) -> Node:
        """A factor that brings a number's spread to about `to`."""
        return const(tidy(sign * to * self._size() / self.insight.features[place].spread))

    def _size(self) -> float:
        """A factor about 1; larger where what is computed is bounded, since the best controls mostly lie on the bounds."""
        return 10 ** self.rng.uniform(-0.7, 0.5) * (1.0 if self.language.actions.kind == "discrete" else BOLDER)

    def _sign(self, push: float) -> float:
        """The sign of a push that was seen; either where none was, or where it is doubted."""
        if abs(push) < CERTAIN or self.rng.random() < DOUBTED:
            return self.rng.choice((-1.0, 1.0))
        return 1.0 if push > 0 else -1.0


def _against(one: float, other: float) -> float:
    """How clearly two pushes oppose each other: as the weaker one does, since a strong one stands out against any."""
    return min(abs(one), abs(other)) if one * other < 0 else 0.0


def _plus(one: Node, other: Node) -> Node:
    return other if one.op == "const" and one.value == 0.0 else Node("+", "float", (one, other))


def _terms(total: Node) -> list[Node]:
    return [*_terms(total.args[0]), *_terms(total.args[1])] if total.op == "+" else [total]


def _times(factor: Node, node: Node) -> Node:
    return Node("*", "float", (factor, node))
