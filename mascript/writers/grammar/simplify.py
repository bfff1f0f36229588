"""Making programs shorter without changing what they compute: sums are collected, constants folded, idle branches dropped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mascript.writers.grammar.language import Language
from mascript.writers.grammar.terminals import tidy
from mascript.writers.grammar.tree import Node, const, free_variables, nodes


class Term(NamedTuple):
    """factor * base in a sum. Made by `_terms`; read by `_collected`."""

    factor: float
    base: Node


def simplify(node: Node, language: Language) -> Node:
    """The same value, up to rounding, from a shorter tree; coin tosses are left alone."""
    if any(part.op == "chance" for part in nodes(node)) and node.type != "action":
        return node
    node = Node(node.op, node.type, tuple(simplify(child, language) for child in node.args), node.value)
    args = node.args
    if node.op == "if" and args[1] == args[2]:
        return args[1]
    if node.op in {"and", "or"} and args[0] == args[1]:
        return args[0]
    if node.op == "not" and args[0].op == "not":
        return args[0].args[0]
    if node.op == "abs" and args[0].op == "abs":
        return args[0]
    if node.type == "Point" and node.op == "call" and node.value in {language.core["add"], language.core["scale"]}:
        return _collected(node, language)
    if node.type in {"float", "int"} and node.op in {"+", "-", "*"}:
        return _collected(node, language) if node.type == "float" else _whole(node)
    return node


def decisive(node: Node, language: Language, variables: Iterable[str]) -> Node:
    """A slot's sum without the terms that read none of its own variables: they shift every action's score alike."""
    names = set(variables)
    if not names or node.type != "float":
        return node
    terms = [term for term in _terms(node, 1.0, language) if names & free_variables(term.base)]
    if not terms:
        return node
    total = _weighted(terms[0], "float", language)
    for term in terms[1:]:
        total = Node("+", "float", (total, _weighted(term, "float", language)))
    return total


def _whole(node: Node) -> Node:
    """Integer arithmetic on literals."""
    a, b = node.args
    if a.op != "const" or b.op != "const":
        return node
    return const(int(a.value + b.value if node.op == "+" else a.value - b.value if node.op == "-" else a.value * b.value))


def _terms(node: Node, factor: float, language: Language) -> list[Term]:
    """The terms of a sum of weighted parts."""
    args = node.args
    if node.op == "call" and node.value == language.core["add"]:
        return _terms(args[0], factor, language) + _terms(args[1], factor, language)
    if node.op == "call" and node.value == language.core["scale"] and args[1].op == "const":
        return _terms(args[0], factor * args[1].value, language)
    if node.type == "float" and node.op in {"+", "-"}:
        return _terms(args[0], factor, language) + _terms(args[1], factor if node.op == "+" else -factor, language)
    if node.type == "float" and node.op == "*":
        for number, other in ((args[0], args[1]), (args[1], args[0])):
            if number.op == "const":
                return _terms(other, factor * number.value, language)
    if node.op == "const":
        return [Term(factor * node.value, const(1.0))]
    return [Term(factor, node)]


def _collected(node: Node, language: Language) -> Node:
    """The sum with equal parts merged, in the order of their first mention; it starts, where it can, with an unweighted part."""
    factors: dict[Node, float] = {}
    for factor, base in _terms(node, 1.0, language):
        factors[base] = factors.get(base, 0.0) + factor
    terms = [Term(tidy(factor), base) for base, factor in factors.items() if tidy(factor) != 0.0]
    if not terms:
        return Node("origin", "Point") if node.type == "Point" else const(0.0)
    plain = next((index for index, term in enumerate(terms) if term.factor == 1.0 and term.base.op != "const"), 0)
    terms = [terms[plain], *terms[:plain], *terms[plain + 1 :]]
    total = _weighted(terms[0], node.type, language)
    for term in terms[1:]:
        part = _weighted(term, node.type, language)
        if node.type == "Point":
            total = Node("call", "Point", (total, part), language.core["add"])
        else:
            total = Node("+", "float", (total, part))
    return total


def _weighted(term: Term, type_: str, language: Language) -> Node:
    factor, base = term
    if base.op == "const":
        return const(factor)
    if factor == 1.0:
        return base
    if type_ == "Point":
        return Node("call", "Point", (base, const(factor)), language.core["scale"])
    return Node("*", "float", (const(factor), base))
