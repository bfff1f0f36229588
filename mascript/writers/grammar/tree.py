"""Typed expression trees: the grammar writer's own form of a program, and their JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

Path = tuple[int, ...]
"""Child indices from the root of a tree to one of its nodes."""
Scope = tuple[tuple[str, str], ...]
"""(name, type) of every variable that an expression may read beside the observation, innermost last."""

BINDERS = frozenset({"min_by", "max_by", "min_of", "max_of", "sum_of", "keep", "map"})
"""Operations whose second argument is a body over one element of the first; `value` names the bound variable."""


@dataclass(frozen=True)
class Node:
    """One typed expression. Made by `grow` and `operators`; read by `render`, `extract` and the interpreter.

    `value` is the constant, the name of a field, variable, function or bound variable, or the action's index, as `op` asks.
    """

    op: str
    type: str
    args: tuple[Node, ...] = ()
    value: Any = None

    def to_json(self) -> list[Any]:
        """[op, type, value, [arguments]], plain JSON."""
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return [self.op, self.type, value, [child.to_json() for child in self.args]]


def node_from_json(data: list[Any]) -> Node:
    """Inverse of `Node.to_json`."""
    op, type_, value, args = data
    return Node(op, type_, tuple(node_from_json(child) for child in args), tuple(value) if isinstance(value, list) else value)


def const(value: float | bool) -> Node:
    """A literal, typed by its Python type."""
    return Node("const", "bool" if isinstance(value, bool) else "int" if isinstance(value, int) else "float", (), value)


def walk(node: Node, path: Path = (), scope: Scope = ()) -> Iterator[tuple[Path, Node, Scope]]:
    """Every node with its path and the variables bound around it, parents first."""
    yield path, node, scope
    for index, child in enumerate(node.args):
        inner = (*scope, (node.value, element_type(node.args[0].type))) if node.op in BINDERS and index == 1 else scope
        yield from walk(child, (*path, index), inner)


def nodes(node: Node) -> Iterator[Node]:
    """Every node, parents first."""
    yield node
    for child in node.args:
        yield from nodes(child)


def size(node: Node) -> int:
    """Number of nodes."""
    return 1 + sum(size(child) for child in node.args)


def depth(node: Node) -> int:
    """Nodes on the longest way down."""
    return 1 + max((depth(child) for child in node.args), default=0)


def at(node: Node, path: Path) -> Node:
    """The node at a path."""
    for index in path:
        node = node.args[index]
    return node


def put(node: Node, path: Path, new: Node) -> Node:
    """The tree with the node at `path` replaced."""
    if not path:
        return new
    head, rest = path[0], path[1:]
    args = tuple(put(child, rest, new) if index == head else child for index, child in enumerate(node.args))
    return replace(node, args=args)


def element_type(type_: str) -> str:
    """`Point` for `list[Point]`.

    Raises:
        ValueError: the type is not a list.
    """
    if not is_list(type_):
        raise ValueError(f"expected a list type such as list[Point], got {type_!r}")
    return type_[5:-1]


def is_list(type_: str) -> bool:
    """Whether the type is `list[...]`."""
    return type_.startswith("list[")


def accepts(wanted: str, given: str) -> bool:
    """Whether a value of type `given` may stand where `wanted` is asked for: equal, or an int for a float."""
    return wanted == given or (wanted, given) in {
        ("float", "int"),
        ("list[float]", "list[int]"),
    }


def free_variables(node: Node) -> set[str]:
    """Names of the variables read but not bound inside the tree."""
    if node.op == "var":
        return {node.value}
    if node.op in BINDERS:
        return free_variables(node.args[0]) | (free_variables(node.args[1]) - {node.value})
    return set().union(*(free_variables(child) for child in node.args)) if node.args else set()


def called(node: Node) -> set[str]:
    """Names of the functions called."""
    return {part.value for part in nodes(node) if part.op == "call"}


def fields_used(node: Node) -> list[str]:
    """Names of the fields read, each once, in order of first use."""
    return list(dict.fromkeys(part.value for part in nodes(node) if part.op == "field"))


@dataclass(frozen=True)
class Body:
    """What a helper of one's own computes: taken out of a program by `extract`, put back by `unfold`."""

    parameters: tuple[tuple[str, str], ...]
    node: Node
    """The expression, its parameters as variables."""


@dataclass(frozen=True)
class Tree:
    """A whole program: a sketch's name, its filled slots and the pins of the shared functions called.

    Made by sketches and operators; read by `render`; its JSON is a `Proposal.genome`.
    """

    form: str
    slots: tuple[tuple[str, Node], ...]
    pins: tuple[tuple[str, str], ...] = ()
    """(name, fid) of the shared functions called, so that a program keeps the versions it was born with."""
    bodies: tuple[tuple[str, Body], ...] = ()
    """(name, what it computes) of helpers that were taken out of this program or its ancestors."""

    def slot(self, name: str) -> Node:
        """The expression in a slot."""
        return dict(self.slots)[name]

    def with_slot(self, name: str, node: Node) -> Tree:
        """The program with one slot filled anew."""
        return replace(self, slots=tuple((key, node if key == name else old) for key, old in self.slots))

    def size(self) -> int:
        """Number of nodes over all slots."""
        return sum(size(node) for _, node in self.slots)

    def called(self) -> set[str]:
        """Names of the functions called in any slot."""
        return set().union(*(called(node) for _, node in self.slots))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, the `Proposal.genome`."""
        return {
            "form": self.form,
            "slots": [[name, node.to_json()] for name, node in self.slots],
            "pins": [list(pin) for pin in self.pins],
            "bodies": [[name, [list(one) for one in body.parameters], body.node.to_json()] for name, body in self.bodies],
        }


def tree_from_json(data: Mapping[str, Any]) -> Tree:
    """Inverse of `Tree.to_json`."""
    slots = tuple((name, node_from_json(node)) for name, node in data["slots"])
    bodies = tuple(
        (name, Body(tuple((key, type_) for key, type_ in parameters), node_from_json(node)))
        for name, parameters, node in data.get("bodies", ())
    )
    return Tree(data["form"], slots, tuple((name, fid) for name, fid in data["pins"]), bodies)
