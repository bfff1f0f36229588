"""Printing: expressions as Python with the fewest parentheses, laid out so that a formatter changes nothing.

Lines stay within the formatter's default width by hoisting parts into named locals, never by breaking a line, so the printer need
not know how a formatter breaks one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from mascript.writers.grammar.language import Language, element_count
from mascript.writers.grammar.tree import Node, Path, at, called, free_variables, is_list, nodes, put, size, walk

WIDTH = 88
LOCAL_NAMES = {
    "Point": "vector",
    "float": "amount",
    "int": "number",
    "bool": "test",
    "Cell": "cell",
    "action": "choice",
}
"""Stem of a hoisted local's name, by type; lists are `chosen`."""
RESERVED = frozenset(
    {
        "observation",
        "legal",
        "memory",
        "rng",
        "seat",
        "step",
        "action",
        "policy",
        "score",
        "aim",
        "p",
        "x",
        "y",
    }
)

_PRECEDENCE = {
    "if": 1,
    "or": 2,
    "and": 3,
    "not": 4,
    "<": 5,
    ">": 5,
    "==": 5,
    "chance": 5,
    "+": 6,
    "-": 6,
    "*": 7,
}
_ATOM = 10
_UNARY = 8


class TooWide(Exception):
    """An expression that no hoisting can fit on a line; raised by `Printer`, met by the writer, which drops the candidate."""


class Printer:
    """Prints one script or one helper. Made per text; holds the names that it has given."""

    def __init__(self, language: Language, taken: Collection[str] = (), in_helper: bool = False) -> None:
        self.language = language
        self.in_helper = in_helper
        self.aliases: dict[str, str] = {}
        self._taken = set(taken) | RESERVED
        self._hoisted: dict[str, int] = {}

    def alias_fields(self, trees: Collection[Node], names: Mapping[str, str] | None = None) -> list[str]:
        """Bind fields that are read more than once to locals of their own names; returns the binding lines, unindented."""
        if names is not None:
            self.aliases = dict(names)
            return []
        reads = Counter(part.value for tree in trees for part in nodes(tree) if part.op == "field")
        looped = {part.value for tree in trees for part in _inside_bodies(tree) if part.op == "field"}
        lines = []
        for name, source in self.language.sources.items():
            if name.isidentifier() and name not in self._taken and (reads[name] > 1 or name in looped):
                self.aliases[name] = name
                lines.append(f"{name} = {source.access}")
        self._taken |= set(self.aliases)
        return lines

    # --- expressions -------------------------------------------------------------------------------------------------------------

    def text(self, node: Node, floor: int = 0) -> str:
        """The expression, in parentheses where it binds less tightly than `floor`."""
        text, precedence = self._form(node)
        return f"({text})" if precedence < floor else text

    def _form(self, node: Node) -> tuple[str, int]:
        op, args = node.op, node.args
        if op == "const":
            return repr(node.value), _UNARY if not isinstance(node.value, bool) and node.value < 0 else _ATOM
        if op in {"field", "var", "local"}:
            return self._name(node), _ATOM
        if op == "call":
            return (f"{node.value}({', '.join(self.text(child) for child in args)})", _ATOM)
        if op in _PRECEDENCE:
            return self._operator(node), _PRECEDENCE[op]
        if op in {"abs", "min", "max"}:
            return f"{op}({', '.join(self.text(child) for child in args)})", _ATOM
        if op in {"x", "y"}:
            return f"{self.text(args[0], _ATOM)}[{'xy'.index(op)}]", _ATOM
        if op == "item":
            return self._item(node), _ATOM
        if op == "element":
            subscripts = "".join(f"[{index}]" for index in node.value)
            return f"float({self.text(args[0], _ATOM)}{subscripts})", _ATOM
        if op == "origin":
            return "(0.0, 0.0)", _ATOM
        if op == "empty":
            return "()", _ATOM
        if op == "cell":
            return f"({self.text(args[0])}, {self.text(args[1])})", _ATOM
        return self._binder(node), _ATOM

    def _name(self, node: Node) -> str:
        if node.op != "field":
            return str(node.value)
        return self.aliases.get(node.value) or self.language.sources[node.value].access

    def _operator(self, node: Node) -> str:
        op, args = node.op, node.args
        if op == "if":
            test, yes, no = args
            return f"{self.text(yes, 2)} if {self.text(test, 2)} else {self.text(no, 2)}"
        if op == "not":
            return f"not {self.text(args[0], 4)}"
        if op == "chance":
            return f"rng.random() < {self.text(args[0], 6)}"
        level = _PRECEDENCE[op]
        left, right = args
        if op == "+" and right.op == "*" and right.args[0].op == "const" and right.args[0].value < 0:
            return f"{self.text(left, level)} - {-right.args[0].value!r} * {self.text(right.args[1], level + 1)}"
        if op == "+" and right.op == "const" and right.value < 0:
            return f"{self.text(left, level)} - {-right.value!r}"
        if op == "-" and right.op == "const" and right.value < 0:
            return f"{self.text(left, level)} + {-right.value!r}"
        tight = level + 1 if op in {"-", "<", ">", "=="} else level
        return f"{self.text(left, tight if level == 5 else level)} {op} {self.text(right, tight)}"

    def _item(self, node: Node) -> str:
        """A subscript, wrapped round the list's length wherever the index is not known to fit."""
        source, index = node.args
        text = self.text(source, _ATOM)
        if self._fits(source, index):
            return f"{text}[{self.text(index)}]"
        return f"{text}[{self.text(index, 8)} % len({self.text(source)})]"

    def _fits(self, source: Node, index: Node) -> bool:
        if index.op == "call" and source in index.args:
            return True
        if index.op == "var" and index.value == "action":
            return True
        if source.op != "field" or self.in_helper:
            return False
        count = element_count(self.language.sources[source.value])
        if index.op == "const":
            return 0 <= int(index.value) < count
        return index.op == "var" and index.value == "seat" and count == self.language.seats

    def _binder(self, node: Node) -> str:
        source, body = self.text(node.args[0]), self.text(node.args[1])
        name = node.value
        maybe_empty = node.args[0].op != "field" or self.in_helper
        if node.op in {"min_by", "max_by"}:
            default = ", default=(0.0, 0.0)" if node.type == "Point" else ", default=0.0"
            return f"{node.op[:3]}({source}, key=lambda {name}: {body}{default if maybe_empty else ''})"
        if node.op == "keep":
            return f"[{name} for {name} in {source} if {self.text(node.args[1], 2)}]"
        if node.op == "map":
            return f"[{body} for {name} in {source}]"
        if node.op == "sum_of":
            return f"sum({body} for {name} in {source})"
        if maybe_empty:
            return f"{node.op[:3]}(({body} for {name} in {source}), default=0.0)"
        return f"{node.op[:3]}({body} for {name} in {source})"

    # --- lines -------------------------------------------------------------------------------------------------------------------

    def line(self, prefix: str, node: Node, suffix: str = "", indent: int = 4) -> list[str]:
        """`prefix expression suffix` on one line, after the lines of the parts that had to be hoisted for it.

        Raises:
            TooWide: nothing is left to hoist and the line is still too long.
        """
        pad = " " * indent
        lines: list[str] = []
        node = self._share(node, lines, indent)
        while len(text := f"{pad}{prefix}{self.text(node)}{suffix}") > WIDTH:
            path = self._widest(node)
            if path is None:
                raise TooWide(text)
            node = self._hoist(node, at(node, path), lines, indent)
        return [*lines, text]

    def _share(self, node: Node, lines: list[str], indent: int) -> Node:
        """Give repeated calls a name: they read better and run once."""
        while True:
            seen = Counter(part for part in self._closed(node) if part.op in {"call", "min_by", "max_by"} and size(part) > 2)
            repeated = [part for part, count in seen.items() if count > 1]
            if not repeated:
                return node
            node = self._hoist(node, max(repeated, key=size), lines, indent)

    def _hoist(self, node: Node, part: Node, lines: list[str], indent: int) -> Node:
        stem = "chosen" if is_list(part.type) else LOCAL_NAMES.get(part.type, "part")
        lines += self.line(f"{stem}_0 = ", part, indent=indent)
        self._hoisted[stem] = self._hoisted.get(stem, 0) + 1
        name = f"{stem}_{self._hoisted[stem]}"
        lines[-1] = lines[-1].replace(f"{stem}_0 = ", f"{name} = ", 1)
        local = Node("local", part.type, (), name)
        for path, found, _ in list(walk(node)):
            if found == part:
                node = put(node, path, local)
        return node

    def _closed(self, node: Node) -> list[Node]:
        """Proper parts that may be computed before the line: nothing bound inside the line, nothing random."""
        bound = {"p"}
        return [
            part
            for path, part, _ in walk(node)
            if path and not free_variables(part) & bound and not any(inner.op == "chance" for inner in nodes(part))
        ]

    def _widest(self, node: Node) -> Path | None:
        """The part to hoist: the longest that leaves a line of its own; else the longest of all."""
        best: tuple[int, Path] | None = None
        closed = set(self._closed(node))
        for path, part, _ in walk(node):
            if path and part in closed and part.args and part.op != "const":
                width = len(self.text(part))
                if width > 12 and (best is None or width > best[0]) and width < WIDTH * 3:
                    best = (width, path)
        return best[1] if best else None


def _inside_bodies(node: Node) -> list[Node]:
    """Nodes evaluated once per list element."""
    found: list[Node] = []
    for path, part, scope in walk(node):
        if scope and path:
            found.append(part)
    return found


def import_lines(names: Collection[str]) -> list[str]:
    """`from shared import ...` lines, sorted, as many as fit the width."""
    lines: list[str] = []
    for name in sorted(names):
        if lines and len(lines[-1]) + len(name) + 2 <= WIDTH:
            lines[-1] += f", {name}"
        else:
            lines.append(f"from shared import {name}")
    return lines


def shared_names(language: Language, trees: Collection[Node]) -> set[str]:
    """Library functions called by the trees."""
    used = set().union(*(called(tree) for tree in trees)) if trees else set()
    return {name for name in used if name not in language.functions or language.functions[name].fid}


def local_sources(language: Language, trees: Collection[Node]) -> list[str]:
    """Texts of the local functions that the trees call, by name."""
    used = set().union(*(called(tree) for tree in trees)) if trees else set()
    return [f.source for name in sorted(used) if (f := language.functions.get(name)) is not None and f.source]
