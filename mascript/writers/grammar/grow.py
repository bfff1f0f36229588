"""Random typed expressions: type-directed growth, and how a library function's arguments are bound."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from mascript.writers.grammar.language import Function, element_count
from mascript.writers.grammar.terminals import Choice, Terminals, same, tidy
from mascript.writers.grammar.tree import Node, Scope, accepts, const, element_type, free_variables, is_list

NEAR_ZERO = 1e-9
CALL_SHARE = 0.3
"""How often an expression that may be a call of a library function is one."""
CALL_SHARE_PER_ACTION = 0.5
"""The same where one expression scores every action: plain observations seldom tell actions apart."""
BY_NAME = 0.85
"""How often an argument takes the observed value of the parameter's name, where there is one of fitting type."""
RELEVANCE_TRIES = 12
BODY_DEPTH = 2
"""Depth of a body over list elements: deeper ones neither fit on a line nor pay for their time."""


class Grower(Terminals):
    """Grows expressions of a wanted type from one random stream. Made per brief by the writer; read by sketches and operators."""

    def grow(self, type_: str, depth: int, scope: Scope = ()) -> Node:
        """A random expression of this type, `depth` calls or operators deep at most (a little more where the type needs it)."""
        makers = {
            "Point": self._point,
            "float": self._float,
            "int": self._int,
            "bool": self._bool,
            "Cell": self._cell,
            "action": self._action,
        }
        if type_ in makers:
            return makers[type_](depth, scope)
        if is_list(type_):
            return self._list(type_, depth, scope)
        return self._field_of(type_)

    def feature(self, type_: str, scope: Scope = ()) -> Node:
        """A small part worth adding to a sum: a terminal, an element, or one call.

        Where the slot has variables of its own (the action), the part must read them: what all actions share decides nothing.
        """
        return self._relevant(lambda: self.grow(type_, self.rng.choice((0, 1, 1, 2)), scope))

    def _relevant(self, make: Callable[[], Node]) -> Node:
        node = make()
        for _ in range(RELEVANCE_TRIES):
            if all(name in free_variables(node) for name, _ in self.scope):
                break
            node = make()
        return node

    def call(self, function: Function, depth: int, scope: Scope = ()) -> Node:
        """A call with its arguments bound by parameter name first, by type otherwise."""
        args: list[Node] = []
        for name, type_ in function.parameters:
            args.append(self._argument(name, type_, depth, scope, args))
        return Node("call", function.returns, tuple(args), function.name)

    def sum_of(self, terms: list[Node]) -> Node:
        """The vector or number sum of the terms."""
        total = terms[0]
        for term in terms[1:]:
            total = self.plus(total, term)
        return total

    def plus(self, a: Node, b: Node) -> Node:
        """a + b for two Points or two numbers."""
        if a.type == "Point":
            return Node("call", "Point", (a, b), self.language.core["add"])
        return Node("+", "int" if a.type == b.type == "int" else "float", (a, b))

    def times(self, node: Node, factor: float) -> Node:
        """factor * node for a Point or a number."""
        if node.type == "Point":
            return Node("call", "Point", (node, const(factor)), self.language.core["scale"])
        return Node("*", "float", (const(factor), node))

    def term(self, type_: str, scope: Scope = ()) -> Node:
        """c * feature, or for numbers also c where a condition holds: what ADD-TERM adds."""
        if type_ == "float" and self.rng.random() < 0.3:
            test = self._relevant(lambda: self.grow("bool", 1, scope))
            return Node("if", "float", (test, const(self.number()), const(0.0)))
        return self.times(self.feature(type_, scope), self.number())

    def _calls(self, type_: str, depth: int, scope: Scope) -> list[Choice]:
        found = self.language.calls_for(type_)
        total = sum(function.weight for function in found)
        if total < NEAR_ZERO:
            return []
        return [
            (function.weight / total, partial(self.call, function, depth - 1, scope)) for function in found if function.weight > 0
        ]

    def _maybe_call(self, type_: str, depth: int, scope: Scope) -> Node | None:
        if depth < 1 or self.rng.random() >= (CALL_SHARE_PER_ACTION if self.scope else CALL_SHARE):
            return None
        calls = self._calls(type_, depth, scope)
        return self._pick(calls) if calls else None

    # --- arguments -------------------------------------------------------------------------------------------------------------

    def _argument(self, name: str, type_: str, depth: int, scope: Scope, earlier: list[Node]) -> Node:
        named = self._by_name(name, type_, scope)
        if named is not None and self.rng.random() < BY_NAME:
            return named
        if type_ == "int" and "index" in name:
            return self._position(earlier)
        if type_ == "int":
            return self._whole_argument(scope)
        if type_ == "Point" and any(node.type == "list[Point]" for node in earlier) and self.rng.random() < 0.5:
            return Node("origin", "Point")
        return self.grow(type_, max(depth, 0), scope)

    # --- terminals -------------------------------------------------------------------------------------------------------------

    # --- one method per type -----------------------------------------------------------------------------------------------------

    def _point(self, depth: int, scope: Scope) -> Node:
        bound = self._variables("Point", scope, own=False)
        terminals: list[Choice] = [(4.0, partial(same, node)) for node in bound]
        terminals += [(1.0, partial(self._field, source)) for source in self.language.sources_of("Point")]
        terminals += self._elements("Point")
        if not terminals:
            terminals = [(1.0, lambda: Node("origin", "Point"))]
        if depth < 1:
            return self._pick(terminals)
        call = self._maybe_call("Point", depth, scope)
        if call is not None:
            return call
        operations: list[Choice] = [
            (2.0, lambda: self.plus(self.grow("Point", depth - 1, scope), self.term("Point", scope))),
            (1.0, lambda: self.times(self.grow("Point", depth - 1, scope), self.number())),
            (0.7, lambda: self._conditional("Point", depth, scope)),
            (3.0, lambda: self._pick(terminals)),
        ]
        if self.language.sources_of("list[Point]") and not scope:
            operations.append((1.5, lambda: self._best("Point", scope)))
            operations.append((0.7, lambda: self._item_by_call(depth, scope)))
        return self._pick(operations)

    def _best(self, type_: str, scope: Scope) -> Node:
        """The element of a list with the smallest or largest key."""
        source = self._list(f"list[{type_}]", 1, scope)
        body = self._body("float", type_, scope)
        return Node(self.rng.choice(("min_by", "min_by", "max_by")), type_, (source, body), "p")

    def _body(self, type_: str, element: str, scope: Scope) -> Node:
        for _ in range(4):
            body = self._any_body(type_, element, scope)
            if "p" in free_variables(body):
                return body
        return Node("var", element, (), "p") if accepts(type_, element) else body

    def _any_body(self, type_: str, element: str, scope: Scope) -> Node:
        """An expression over one element `p`; most often its length, or its distance to something, where elements are Points."""
        inner = (*scope, ("p", element))
        core, point = self.language.core, Node("var", element, (), "p")
        draw = self.rng.random()
        if type_ == "float" and element == "Point" and draw < 0.4:
            return Node("call", "float", (point,), core["length"])
        if type_ == "float" and element == "Point" and draw < 0.8:
            other = self.grow("Point", 0, scope)
            return Node("call", "float", (point, other), core["distance"])
        if type_ == "bool":
            return self._compare(self._body("float", element, scope), self.grow("float", 0, inner))
        return self.grow(type_, BODY_DEPTH - 1, inner)

    def _item_by_call(self, depth: int, scope: Scope) -> Node:
        """`points[nearest(points, ...)]`: the element that a function of the same list points at."""
        choosers = [f for f in self.language.by_return.get("int", ()) if f.parameters[0][1] == "list[Point]"]
        if not choosers:
            return self._best("Point", scope)
        chosen = self.call(self.rng.choice(choosers), depth - 1, scope)
        return Node("item", "Point", (chosen.args[0], chosen))

    def _conditional(self, type_: str, depth: int, scope: Scope) -> Node:
        test = self.grow("bool", 1, scope)
        return Node("if", type_, (test, self.grow(type_, depth - 1, scope), self.grow(type_, depth - 1, scope)))

    def _float(self, depth: int, scope: Scope) -> Node:
        terminals: list[Choice] = [(1.0, lambda: const(self.number()))]
        terminals += [(1.5, partial(self._field, source)) for source in self.language.sources_of("float")]
        terminals += [(1.0, partial(self._field, source)) for source in self.language.sources_of("int")]
        terminals += self._elements("float")
        terminals += [(0.3, partial(same, node)) for node in self._variables("int", ()) if node.value == "step"]
        terminals += [(3.0, partial(same, node)) for node in self._variables("float", scope, own=False)]
        if any(name == "action" for name, _ in self.scope):
            terminals.append((0.7, self._off_centre))
            rows = self.language.per_action()
            if rows:
                terminals.append((0.7, lambda: self._of_action(self.rng.choice(rows))))
        if depth < 1:
            return self._pick(terminals)
        call = self._maybe_call("float", depth, scope)
        if call is not None:
            return call
        core = self.language.core
        operations: list[Choice] = [
            (2.0, lambda: self.plus(self.grow("float", depth - 1, scope), self.term("float", scope))),
            (0.7, lambda: Node("*", "float", (self.grow("float", depth - 1, scope), self.grow("float", depth - 1, scope)))),
            (0.7, lambda: Node("-", "float", (self.grow("float", depth - 1, scope), self.grow("float", depth - 1, scope)))),
            (0.3, lambda: Node("abs", "float", (self.grow("float", depth - 1, scope),))),
            (
                0.3,
                lambda: Node(
                    self.rng.choice(("min", "max")), "float", (self.grow("float", 0, scope), self.grow("float", depth - 1, scope))
                ),
            ),
            (0.7, lambda: self._conditional("float", depth, scope)),
            (2.0, lambda: self._pick(terminals)),
        ]
        if self.language.constructible("Point"):
            operations += [
                (0.8, lambda: Node("call", "float", (self.grow("Point", depth - 1, scope),), core["length"])),
                (
                    0.8,
                    lambda: Node("call", "float", (self.grow("Point", 0, scope), self.grow("Point", 0, scope)), core["distance"]),
                ),
                (0.4, lambda: Node(self.rng.choice("xy"), "float", (self.grow("Point", 0, scope),))),
            ]
        if self._folds() and not scope:
            operations.append((0.8, lambda: self._fold(scope)))
        return self._pick(operations)

    def _folds(self) -> list[str]:
        return [type_ for type_ in ("list[Point]", "list[float]", "list[int]") if self.language.sources_of(type_)]

    def _fold(self, scope: Scope) -> Node:
        """A sum, minimum or maximum of a body over the elements of a list."""
        type_ = self.rng.choice(self._folds())
        source = self._list(type_, 0, scope)
        operation = self.rng.choice(("min_of", "max_of", "sum_of"))
        return Node(operation, "float", (source, self._body("float", element_type(type_), scope)), "p")

    def _int(self, depth: int, scope: Scope) -> Node:
        call = self._maybe_call("int", depth, scope)
        return call if call is not None else self._whole_argument(scope)

    def _bool(self, depth: int, scope: Scope) -> Node:
        flags = self.language.sources_of("bool")
        if flags and self.rng.random() < 0.4:
            return self._field(self.rng.choice(flags))
        call = self._maybe_call("bool", depth, scope)
        if call is not None:
            return call
        draw = self.rng.random()
        if depth > 1 and draw < 0.25:
            return Node(self.rng.choice(("and", "or")), "bool", (self._bool(depth - 1, scope), self._bool(depth - 1, scope)))
        if depth > 1 and draw < 0.3:
            return Node("not", "bool", (self._bool(depth - 1, scope),))
        if draw < 0.55 and self._whole_values(scope):
            return self._equal(scope)
        return self._compare(self.grow("float", depth, scope), const(self.number()))

    def _whole_values(self, scope: Scope) -> list[Choice]:
        """Observed whole numbers that a test may compare with a literal."""
        found: list[Choice] = [(1.0, partial(self._field, s)) for s in self.language.sources_of("int")]
        for source in self.language.sources_of("list[int]"):
            count = element_count(source)
            if count:
                found.append((1.0, partial(self._element, source, count)))
        found += self._calls("int", 1, scope)
        if any(name == "action" for name, _ in self.scope):
            found.append((0.5, lambda: Node("var", "int", (), "action")))
        return found

    def _equal(self, scope: Scope) -> Node:
        left = self._pick(self._whole_values(scope))
        operation = self.rng.choice(("==", "==", ">", "<"))
        return Node(operation, "bool", (left, const(self.rng.choice((0, 0, 1, 1, 2, 3)))))

    def _compare(self, a: Node, b: Node) -> Node:
        return Node(self.rng.choice("<>"), "bool", (a, b))

    def _cell(self, depth: int, scope: Scope) -> Node:
        return Node("cell", "Cell", (self._whole_argument(scope), self._whole_argument(scope)))

    def _list(self, type_: str, depth: int, scope: Scope) -> Node:
        found = self.language.sources_of(type_)
        if not found and type_ == "list[float]":
            found = self.language.sources_of("list[int]")
            if not found:
                return self._mapped(scope)
        if not found:
            return Node("empty", type_)
        node = self._field(self.rng.choice(found))
        if depth > 0 and not scope and self.rng.random() < 0.2:
            return Node("keep", node.type, (node, self._body("bool", element_type(node.type), scope)), "p")
        return node

    def _mapped(self, scope: Scope) -> Node:
        """A list of numbers made from a list of Points, one body per element."""
        source = self._list("list[Point]", 0, scope)
        return Node("map", "list[float]", (source, self._body("float", "Point", scope)), "p")

    def _action(self, depth: int, scope: Scope) -> Node:
        """A decision: an action, or a test between two decisions."""
        if depth < 1 or self.rng.random() < 0.1:
            return Node("choice", "action", (), self.rng.randrange(self.language.actions.size))
        test = self.grow("bool", 2, scope)
        if self.rng.random() < 0.1:
            test = Node("chance", "bool", (const(tidy(self.rng.random())),))
        return Node("if", "action", (test, self._action(depth - 2, scope), self._action(depth - 1, scope)))
