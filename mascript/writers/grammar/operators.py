"""Ways to change a program. Structural operators change the tree, the scalar operator `constants` only its numbers.

Every operator is a function (tree, workshop) -> tree or None, where None means that it found nothing to do.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from mascript.writers.grammar.grow import Grower
from mascript.writers.grammar.language import Function, Language
from mascript.writers.grammar.sketches import MAX_SIZE, Slot, shorter, slot_of
from mascript.writers.grammar.terminals import SMALL, tidy
from mascript.writers.grammar.tree import Node, Path, Scope, Tree, accepts, at, const, nodes, put, size, walk

SUMMED = ("Point", "float")


@dataclass(frozen=True)
class Workshop:
    """What operators work with. Made per brief by the writer."""

    language: Language
    rng: random.Random
    archive: tuple[Tree, ...] = ()
    own: frozenset[str] = frozenset()
    """Helpers taken out of this line of programs: calling them again is no borrowing."""

    def grower(self, slot: Slot) -> Grower:
        """A grower for this slot."""
        return Grower(self.language, self.rng, slot.scope)

    def foreign(self) -> list[Function]:
        """Usable shared functions that somebody contributed, starters apart."""
        found = [
            f
            for table in self.language.by_return.values()
            for f in table
            if not f.starter and f.weight > 0 and f.name not in self.own
        ]
        return sorted(found, key=lambda f: f.name)


@dataclass(frozen=True)
class Spot:
    """A node of a program with what surrounds it. Made by `_spots`; read by operators."""

    slot: Slot
    path: Path
    node: Node
    scope: Scope


Operator = Callable[[Tree, Workshop], Tree | None]


def _spots(tree: Tree, shop: Workshop, keep: Callable[[Node], bool]) -> list[Spot]:
    found = []
    for name, root in tree.slots:
        slot = slot_of(tree, shop.language, name)
        if slot.literal:
            continue
        for path, node, scope in walk(root):
            if keep(node):
                found.append(Spot(slot, path, node, scope))
    return found


def _replace(tree: Tree, spot: Spot, new: Node) -> Tree:
    return tree.with_slot(spot.slot.name, put(tree.slot(spot.slot.name), spot.path, new))


def _changeable(node: Node) -> bool:
    return node.type in {
        "Point",
        "float",
        "int",
        "bool",
        "action",
        "list[Point]",
        "list[float]",
        "list[int]",
    }


def replace_part(tree: Tree, shop: Workshop) -> Tree | None:
    """A subtree gives way to a random one of its type; small subtrees more often than large ones."""
    spots = _spots(tree, shop, _changeable)
    if not spots:
        return None
    spot = shop.rng.choices(spots, [1 / size(s.node) ** 0.5 for s in spots])[0]
    depth = 2 if spot.node.type == "action" else shop.rng.choice((0, 1, 1, 2))
    return _replace(tree, spot, shop.grower(spot.slot).grow(spot.node.type, depth, spot.scope))


def delete(tree: Tree, shop: Workshop) -> Tree | None:
    """A part gives way to one of its own descendants of the same type."""
    options = []
    for spot in _spots(tree, shop, lambda node: bool(node.args)):
        bound = {name for _, _, inner in walk(spot.node) for name, _ in inner}
        for _path, node, inner in list(walk(spot.node))[1:]:
            if accepts(spot.node.type, node.type) and not inner and not (bound and node.op == "var" and node.value in bound):
                options.append((spot, node))
    if not options:
        return None
    spot, node = shop.rng.choice(options)
    return _replace(tree, spot, node)


def swap(tree: Tree, shop: Workshop) -> Tree | None:
    """Two arguments or branches of the same type change places."""
    spots = [s for s in _spots(tree, shop, lambda node: len(node.args) > 1) if _pairs(s.node)]
    if not spots:
        return None
    spot = shop.rng.choice(spots)
    first, second = shop.rng.choice(_pairs(spot.node))
    args = list(spot.node.args)
    args[first], args[second] = args[second], args[first]
    return _replace(tree, spot, Node(spot.node.op, spot.node.type, tuple(args), spot.node.value))


def _pairs(node: Node) -> list[tuple[int, int]]:
    if node.op in {"+", "*", "and", "or"}:
        return []
    return [
        (i, j)
        for i in range(len(node.args))
        for j in range(i + 1, len(node.args))
        if node.args[i].type == node.args[j].type and node.args[i] != node.args[j]
    ]


def add_term(tree: Tree, shop: Workshop) -> Tree | None:
    """`n -> n + c * feature` on a Point or a number; `and`/`or` one more condition on a test."""
    spots = _spots(tree, shop, lambda node: node.type in {*SUMMED, "bool"} and node.op not in {"const", "chance"})
    if not spots:
        return None
    weights = [4.0 if not s.path else 1.0 if s.node.type == s.slot.type else 0.5 for s in spots]
    spot = shop.rng.choices(spots, weights)[0]
    grower = shop.grower(spot.slot)
    if spot.node.type == "bool":
        other = grower.grow("bool", 1, spot.scope)
        return _replace(tree, spot, Node(shop.rng.choice(("and", "or")), "bool", (spot.node, other)))
    return _replace(tree, spot, grower.plus(spot.node, grower.term(spot.node.type, spot.scope)))


def wrap(tree: Tree, shop: Workshop) -> Tree | None:
    """`n -> n if condition else other`, the other one new or a scaled copy."""
    spots = _spots(tree, shop, lambda node: node.type in {*SUMMED, "action"})
    if not spots:
        return None
    spot = shop.rng.choice(spots)
    grower = shop.grower(spot.slot)
    test = grower.grow("bool", shop.rng.choice((1, 2)), spot.scope)
    other = grower.grow(spot.node.type, 1, spot.scope)
    branches = (spot.node, other) if shop.rng.random() < 0.5 else (other, spot.node)
    return _replace(tree, spot, Node("if", spot.node.type, (test, *branches)))


def duplicate(tree: Tree, shop: Workshop) -> Tree | None:
    """A copy of a part, one leaf of it changed, is added with a weight: what helped once may help a second way."""
    parts = _spots(tree, shop, lambda node: node.type in {"Point", "float", "int"} and size(node) > 2)
    parts = [s for s in parts if not s.scope]
    if not parts:
        return None
    spot = shop.rng.choice(parts)
    grower = shop.grower(spot.slot)
    leaves = [(path, node, inner) for path, node, inner in walk(spot.node) if not node.args and _changeable(node)]
    if not leaves:
        return None
    path, leaf, inner = shop.rng.choices(leaves, [3.0 if leaf.op == "const" else 1.0 for _, leaf, _ in leaves])[0]
    literal = leaf.op == "const" and leaf.type == "int"
    copy = put(spot.node, path, const(shop.rng.choice(SMALL)) if literal else grower.grow(leaf.type, 0, inner))
    root = tree.slot(spot.slot.name)
    if root.type not in SUMMED or not accepts(root.type, copy.type):
        return None
    if root.type == "float" and shop.rng.random() < 0.5:
        test = Node(shop.rng.choice("<>"), "bool", (copy, const(shop.rng.choice((0, 1, 2, 3)))))
        return tree.with_slot(spot.slot.name, grower.plus(root, Node("if", "float", (test, const(grower.number()), const(0.0)))))
    return tree.with_slot(spot.slot.name, grower.plus(root, grower.times(copy, grower.number())))


def crossover(tree: Tree, shop: Workshop) -> Tree | None:
    """A part gives way to a part of the same type from another good script of this agent."""
    donors = [other for other in shop.archive if other.form == tree.form and other.slots != tree.slots]
    if not donors:
        return None
    donor = shop.rng.choice(donors)
    spots = _spots(tree, shop, _changeable)
    gifts = [s for s in _spots(donor, shop, _changeable) if not s.scope and size(s.node) > 1]
    pairs = [(a, b) for a in spots for b in gifts if a.node.type == b.node.type and a.slot.scope == b.slot.scope]
    if not pairs:
        return None
    spot, gift = shop.rng.choice(pairs)
    return _with_pins_of(_replace(tree, spot, gift.node), tree, donor)


def _with_pins_of(grown: Tree, tree: Tree, donor: Tree) -> Tree:
    """A tree that took a part of a donor knows what the donor pinned; where both pin a name, the tree's own pin stands."""
    known = dict(donor.pins) | dict(tree.pins)
    return replace(grown, pins=tuple(sorted(known.items())), bodies=tuple((dict(donor.bodies) | dict(tree.bodies)).items()))


def blend(tree: Tree, shop: Workshop) -> Tree | None:
    """All that another good script of this agent computes is added with a weight: two halves of an answer meet."""
    donors = [other for other in shop.archive if other.form == tree.form and other.slots != tree.slots]
    if not donors:
        return None
    donor = shop.rng.choice(donors)
    gifts = {s.slot.scope: s for s in _spots(donor, shop, lambda node: node.type in SUMMED) if not s.path}
    roots = [s for s in _spots(tree, shop, lambda node: node.type in SUMMED) if not s.path]
    pairs = [(s, gifts[s.slot.scope]) for s in roots if s.slot.scope in gifts]
    pairs = [(s, gift) for s, gift in pairs if (s.node.type == "Point") == (gift.node.type == "Point")]
    if not pairs:
        return None
    spot, gift = shop.rng.choice(pairs)
    grower = shop.grower(spot.slot)
    grown = _replace(tree, spot, grower.plus(spot.node, grower.times(gift.node, grower.number())))
    return _with_pins_of(grown, tree, donor)


def borrow(tree: Tree, shop: Workshop) -> Tree | None:
    """Call a contributed function (or, rarely, a starter) at a place of fitting type: instead of it, or added to it."""
    functions = shop.foreign()
    if not functions or shop.rng.random() < 0.1:
        functions = sorted((f for table in shop.language.by_return.values() for f in table if f.weight > 0), key=lambda f: f.name)
    if not functions:
        return None
    function = shop.rng.choices(functions, [f.weight for f in functions])[0]
    spots = _spots(tree, shop, lambda node: accepts(node.type, function.returns))
    if not spots:
        return None
    roots = [s for s in spots if not s.path]
    spot = shop.rng.choice(roots) if roots and shop.rng.random() < 0.6 else shop.rng.choice(spots)
    grower = shop.grower(spot.slot)
    call = grower.call(function, 1, spot.scope)
    draw = shop.rng.random()
    if spot.node.type in SUMMED and draw < 0.35:
        return _replace(tree, spot, grower.plus(spot.node, grower.times(call, grower.number())))
    if spot.node.type in SUMMED and draw < 0.5:
        return _replace(tree, spot, grower.plus(call, grower.times(spot.node, grower.number())))
    if spot.node.type == "bool" and draw < 0.4:
        return _replace(tree, spot, Node(shop.rng.choice(("and", "or")), "bool", (spot.node, call)))
    return _replace(tree, spot, call)


def rebind(tree: Tree, shop: Workshop) -> Tree | None:
    """One argument of a call, or one index, changes: the helper may be right and its aim wrong."""
    leaves = []
    for spot in _spots(tree, shop, lambda node: node.op in {"call", "item", "choice"}):
        for index, child in enumerate(spot.node.args):
            if not child.args and child.op != "origin":
                leaves.append((spot, index, child))
    if not leaves:
        return None
    spot, index, child = shop.rng.choice(leaves)
    grower = shop.grower(spot.slot)
    if child.type in {"int", "float"} and child.op == "const" and isinstance(child.value, int):
        new: Node = const(max(0, child.value + shop.rng.choice((-2, -1, 1, 2))))
    else:
        new = grower.grow(child.type, 0, spot.scope)
    return _replace(tree, spot, put(spot.node, (index,), new))


def shrink(tree: Tree, shop: Workshop) -> Tree | None:
    """Drop one term, branch or condition: the shorter program may be as good, and is searched faster from."""
    names = set(shop.language.core.values())
    spots = _spots(tree, shop, lambda n: n.op in {"+", "-", "*", "if", "and", "or", "keep", "min", "max"} or n.value in names)
    options = [(s, child) for s in spots for child in s.node.args if accepts(s.node.type, child.type) and child.op != "const"]
    if not options:
        return None
    spot, child = shop.rng.choice(options)
    return _replace(tree, spot, child)


def constants(tree: Tree, shop: Workshop) -> Tree | None:
    """Gaussian steps on one to all constants at once; the step's scale is drawn anew, wide to fine."""
    places: list[tuple[str, Path, Node]] = []
    for name, root in tree.slots:
        for path, node, _ in walk(root):
            if node.op == "const" and isinstance(node.value, float):
                places.append((name, path, node))
    if not places:
        return None
    rng = shop.rng
    scale = 10 ** rng.uniform(-1.5, 0.0)
    count = len(places) if rng.random() < 0.3 else min(len(places), rng.choice((1, 1, 2, 3)))
    for name, path, node in rng.sample(places, count):
        slot = slot_of(tree, shop.language, name)
        value = tidy(node.value + rng.gauss(0.0, scale) * max(abs(node.value), 0.1 if slot.literal else 0.3))
        parent = at(tree.slot(name), path[:-1]) if path else None
        if slot.literal:
            value = max(value, 0.0)
        elif parent is not None and parent.op == "chance":
            value = min(max(value, 0.01), 0.99)
        tree = tree.with_slot(name, put(tree.slot(name), path, const(value)))
    return tree


STRUCTURAL: dict[str, tuple[Operator, float]] = {
    "add_term": (add_term, 3.0),
    "replace": (replace_part, 2.0),
    "delete": (delete, 0.5),
    "swap": (swap, 0.3),
    "shrink": (shrink, 1.0),
    "wrap": (wrap, 0.7),
    "duplicate": (duplicate, 2.5),
    "crossover": (crossover, 0.7),
    "blend": (blend, 1.2),
    "borrow": (borrow, 2.0),
    "rebind": (rebind, 1.2),
}
"""Name -> (operator, weight)."""
SCALAR_SHARE = 0.3
"""How often a proposal only moves constants."""


def vary(tree: Tree, shop: Workshop) -> tuple[str, Tree] | None:
    """One changed program and the name of what changed it; None where the operator drawn found nothing to do."""
    if shop.rng.random() < SCALAR_SHARE:
        changed = constants(tree, shop)
        return None if changed is None else ("constants", changed)
    names = list(STRUCTURAL)
    name = shop.rng.choices(names, [weight for _, weight in STRUCTURAL.values()])[0]
    changed = STRUCTURAL[name][0](tree, shop)
    if changed is None or changed.slots == tree.slots:
        return None
    changed = shorter(changed, shop.language)
    if changed.size() > max(MAX_SIZE, tree.size()) or not sound(changed, shop.language):
        return None
    return name, changed


def sound(tree: Tree, language: Language) -> bool:
    """Whether the tree can run: types fit, elements are taken from observed lists, and functions are known or pinned."""
    pinned = {name for name, _ in tree.pins}
    return all(
        accepts(slot_of(tree, language, name).type, root.type) and all(_runs(node, language, pinned) for node in nodes(root))
        for name, root in tree.slots
    )


def _runs(node: Node, language: Language, pinned: Collection[str]) -> bool:
    if node.op == "item":
        return node.args[0].op == "field"
    if node.op != "call":
        return True
    function = language.functions.get(node.value)
    if function is None:
        return node.value in pinned
    types = [type_ for _, type_ in function.parameters]
    return len(types) == len(node.args) and all(accepts(type_, arg.type) for type_, arg in zip(types, node.args, strict=True))
