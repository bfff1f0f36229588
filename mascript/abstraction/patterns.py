"""The search for what pays: expressions with holes that many scripts hold, found from the top down.

A pattern grows from a single hole. The leftmost hole is filled by what stands there in some of the places that match, or is closed
as a parameter. Every state knows the places that it still matches, so nothing is built that no script holds; what its best end
could save at most decides which state grows next, and states that cannot beat the best found are dropped (corpus-guided top-down
synthesis: Bowers et al., Top-Down Synthesis for Library Learning, POPL 2023; here over Python's syntax, with static types).
"""

from __future__ import annotations

import ast
import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from mascript.abstraction.types_of import OBSERVATION, join, plain

CALL = 2
"""Nodes that a call costs beside its arguments: the call and the name."""
FUNCTION = 2
"""Nodes of a function beside its body, parameters and types: the definition and the return."""
MOST_PARAMETERS = 5
LARGEST = 60
"""Nodes of a body at most: a helper fits into a line or two."""
PATIENCE = 30_000
"""States that are looked at before the best one so far is taken."""
PASSED = frozenset({"float", "int", "bool", "Point", "Cell", "Grid", "list[float]", "list[int]", "list[Point]", "list[Cell]"})
"""Types that a helper may take and return."""


@dataclass(frozen=True)
class Site:
    """One expression of one script. Made by `corpus`; read by the search."""

    script: int
    agent: int
    """Whose it is, by number."""
    node: ast.expr
    type: str
    binders: int
    """Lambdas and comprehensions around it."""
    size: int


@dataclass(frozen=True, eq=False)
class Corpus:
    """All scripts as the search sees them. Made by `corpus.read`."""

    sites: tuple[Site, ...]
    types: dict[int, str]
    """Type of each node, by id."""
    binders: dict[int, int]
    """Lambdas and comprehensions around each node, by id."""
    bound: dict[int, tuple[int, int]]
    """Names that a lambda or comprehension binds, by id: (binders around that one, place among its names)."""
    shared: dict[int, tuple[str, str]]
    """Names of shared functions, by id: (name, fid)."""
    texts: dict[int, str]
    """Each node as text, so that equal ones are known."""


@dataclass(frozen=True)
class Match:
    """A place that a pattern matches. Made by the search; read by `helper` and `rewrite`."""

    site: Site
    holes: tuple[ast.expr, ...] = ()
    """What stands where the pattern is still open, leftmost first."""
    arguments: tuple[ast.expr, ...] = ()
    """What stands for each parameter, where it appears first."""
    places: tuple[ast.expr, ...] = ()
    """What stands in each closed hole, in order."""


@dataclass(frozen=True)
class Hole:
    """An open place. Made by the search."""

    lazy: bool
    """Whether what stands there is not evaluated exactly once, in every call."""


@dataclass(frozen=True, eq=False)
class State:
    """A pattern on its way. Made by the search; a finished one has no holes."""

    matches: tuple[Match, ...]
    holes: tuple[Hole, ...]
    known: int = 0
    """Nodes of the body that are settled."""
    parameters: tuple[str, ...] = ()
    """Type of each."""
    filled: tuple[int, ...] = ()
    """Parameter of each closed hole, in order."""

    def agents(self) -> int:
        """Agents with a match."""
        return len({match.site.agent for match in self.matches})

    def most(self, sizes: dict[int, int]) -> int:
        """What any completion can save at most: every open hole may yet vanish into the body."""
        saved = sum(match.site.size - CALL - sum(sizes[id(one)] for one in match.arguments) for match in self.matches)
        return saved - self.known - FUNCTION - 2 * len(self.parameters)


@dataclass(frozen=True, eq=False)
class Found:
    """A pattern that pays. Made by `best`; read by `helper`."""

    matches: tuple[Match, ...]
    parameters: tuple[str, ...]
    filled: tuple[int, ...]
    """Parameter of each closed hole, in the order in which they stand."""
    returns: str
    saves: int
    """Nodes that the corpus loses if every place that can be is a call, the function's own nodes taken off."""


@dataclass
class Avoid:
    """What is not to be found again. Made and filled by `learning`."""

    bodies: set[str] = field(default_factory=set)
    """Patterns, as `body_text` has them."""
    roots: set[str] = field(default_factory=set)
    """Expressions, as text, at which no pattern begins."""


@dataclass
class Search:
    """One search. Owned by `best`."""

    corpus: Corpus
    sizes: dict[int, int]
    least: int
    avoid: Avoid
    best: Found | None = None
    looked: int = 0
    queue: list[tuple[int, int, State]] = field(default_factory=list)

    def push(self, state: State) -> None:
        """Keep a state that may still win."""
        if state.agents() < self.least or state.known > LARGEST:
            return
        most = state.most(self.sizes)
        if most > (self.best.saves if self.best else 0):
            self.looked += 1
            heapq.heappush(self.queue, (-most, self.looked, state))


def best(corpus: Corpus, sizes: dict[int, int], least: int, avoid: Avoid) -> Found | None:
    """Return the pattern that saves most nodes, or None where none saves any.

    Args:
        corpus: the scripts.
        sizes: nodes of each expression, by id.
        least: agents whose scripts must hold it: what one agent's scripts share was written once.
        avoid: what was found before and refused.
    """
    search = Search(corpus, sizes, least, avoid)
    roots = [site for site in corpus.sites if plain(site.type) in PASSED and corpus.texts[id(site.node)] not in avoid.roots]
    search.push(State(tuple(Match(site, (site.node,)) for site in roots), (Hole(False),)))
    while search.queue and search.looked < PATIENCE:
        most, _, state = heapq.heappop(search.queue)
        if -most <= (search.best.saves if search.best else 0):
            break
        if not state.holes:
            _finish(search, state)
            continue
        for grown in (*_filled(search, state), *_closed(search, state)):
            search.push(grown)
    return search.best


def _finish(search: Search, state: State) -> None:
    """Count what a whole pattern saves with matches that do not overlap."""
    returns = plain(join(match.site.type for match in state.matches))
    if returns not in PASSED or not state.parameters:
        return
    kept = disjoint(state.matches)
    if len({match.site.agent for match in kept}) < search.least:
        return
    saved = sum(match.site.size - CALL - sum(search.sizes[id(one)] for one in match.arguments) for match in kept)
    imports = len({match.site.script for match in kept})
    annotations = sum(_annotation(type_) for type_ in (*state.parameters, returns))
    saves = saved - state.known - len(state.filled) - FUNCTION - len(state.parameters) - annotations - imports
    if saves <= (search.best.saves if search.best else 0):
        return
    if body_text(search.corpus, state.matches[0], state.filled) in search.avoid.bodies:
        return
    search.best = Found(kept, state.parameters, state.filled, returns, saves)


def disjoint(matches: Sequence[Match]) -> tuple[Match, ...]:
    """Those that can all be calls at once, the largest first: none begins inside the body of another; in an argument it may."""
    kept: list[Match] = []
    gone: set[int] = set()
    for match in sorted(matches, key=lambda one: -one.site.size):
        if id(match.site.node) in gone:
            continue
        kept.append(match)
        passed = {id(part) for argument in match.arguments for part in ast.walk(argument)}
        gone.update(id(part) for part in ast.walk(match.site.node) if id(part) not in passed)
    order = {id(match): index for index, match in enumerate(matches)}
    return tuple(sorted(kept, key=lambda match: order[id(match)]))


def body_text(corpus: Corpus, match: Match, filled: Sequence[int]) -> str:
    """A pattern as text that tells it from others: its first match, with numbers for parameters."""
    return f"{corpus.texts[id(match.site.node)]} {filled} {[corpus.texts[id(one)] for one in match.arguments]}"


def _annotation(type_: str) -> int:
    return 1 + 2 * type_.count("[")


def _filled(search: Search, state: State) -> Iterator[State]:
    """The leftmost hole filled by each kind of node that stands there, with the places where it does."""
    groups: dict[str, list[Match]] = {}
    children: dict[str, list[tuple[ast.expr, bool]]] = {}
    own: dict[str, int] = {}
    for match in state.matches:
        node = match.holes[0]
        label = _label(search.corpus, node, match.site)
        if not label:
            continue
        parts = _parts(node)
        children.setdefault(label, parts)
        own.setdefault(label, search.sizes[id(node)] - sum(search.sizes[id(part)] for part, _ in parts))
        groups.setdefault(label, []).append(replace(match, holes=(*(part for part, _ in parts), *match.holes[1:])))
    lazy = state.holes[0].lazy
    for label, matches in sorted(groups.items()):
        opened = tuple(Hole(lazy or later) for _, later in children[label])
        yield replace(state, matches=tuple(matches), holes=(*opened, *state.holes[1:]), known=state.known + own[label])


def _closed(search: Search, state: State) -> Iterator[State]:
    """The leftmost hole closed: as one of the parameters that there are, where it is the same, or as another one."""
    texts = search.corpus.texts
    for index in range(len(state.parameters)):
        same = [match for match in state.matches if texts[id(match.holes[0])] == texts[id(match.arguments[index])]]
        if same:
            yield _with(state, [_shut(match, match.arguments) for match in same], index)
    if not state.known or len(state.parameters) == MOST_PARAMETERS:
        return
    groups: dict[str, list[Match]] = {}
    for match in state.matches:
        argument = match.holes[0]
        type_ = search.corpus.types.get(id(argument), "")
        if plain(type_) in PASSED and _movable(search.corpus, argument, match.site, state.holes[0].lazy):
            kind = "number" if type_ in ("int", "float") else plain(type_)
            groups.setdefault(kind, []).append(match)
    for kind, matches in sorted(groups.items()):
        type_ = plain(join(search.corpus.types[id(match.holes[0])] for match in matches)) if kind == "number" else kind
        moved = [_shut(match, (*match.arguments, match.holes[0])) for match in matches]
        wider = replace(state, parameters=(*state.parameters, type_))
        yield _with(wider, moved, len(state.parameters))


def _shut(match: Match, arguments: tuple[ast.expr, ...]) -> Match:
    return replace(match, holes=match.holes[1:], arguments=arguments, places=(*match.places, match.holes[0]))


def _with(state: State, matches: Sequence[Match], parameter: int) -> State:
    return replace(state, matches=tuple(matches), holes=state.holes[1:], filled=(*state.filled, parameter))


def _movable(corpus: Corpus, argument: ast.expr, site: Site, lazy: bool) -> bool:
    """Whether an argument can be evaluated at the call: it names nothing bound inside, and where it was not always evaluated
    exactly once, it can neither fail nor take long."""
    inside = corpus.binders[id(argument)]
    for part in ast.walk(argument):
        level = corpus.bound.get(id(part), (-1, 0))[0]
        if site.binders <= level < inside:
            return False
    return not lazy or _cheap(argument, corpus)


def _cheap(node: ast.expr, corpus: Corpus) -> bool:
    match node:
        case ast.Constant() | ast.Name():
            return True
        case ast.Attribute():
            return corpus.types.get(id(node.value)) == OBSERVATION
        case ast.UnaryOp():
            return _cheap(node.operand, corpus)
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult()):
            return _cheap(node.left, corpus) and _cheap(node.right, corpus)
    return False


def _label(corpus: Corpus, node: ast.expr, site: Site) -> str:
    """What a node is, its expressions apart; equal for nodes that may stand in one pattern, empty for what no helper may hold."""
    match node:
        case ast.Constant(value=bool() | int() | float() | None):
            return f"constant {node.value!r}"
        case ast.Name():
            return _name_label(corpus, node, site)
        case ast.BinOp() | ast.UnaryOp() | ast.BoolOp():
            return f"{type(node).__name__} {type(node.op).__name__} {len(_parts(node))}"
        case ast.Compare():
            return f"compare {[type(op).__name__ for op in node.ops]}"
        case ast.IfExp() | ast.Subscript():
            return type(node).__name__
        case ast.Slice():
            return f"slice {node.lower is not None}{node.upper is not None}{node.step is not None}"
        case ast.Tuple(ctx=ast.Load()) | ast.List(ctx=ast.Load()):
            return f"{type(node).__name__} {len(node.elts)}"
        case ast.Lambda():
            return f"lambda {len(node.args.args)}" if not node.args.defaults and not node.args.vararg else ""
        case ast.ListComp() | ast.GeneratorExp():
            return _comprehension_label(node)
        case ast.Call():
            return f"call {len(node.args)} {[one.arg for one in node.keywords]}" if _callable(node) else ""
        case ast.Attribute(value=ast.Name(id="math")):
            return f"math {node.attr}"
    return ""


def _callable(node: ast.Call) -> bool:
    named = isinstance(node.func, ast.Name) or (isinstance(node.func, ast.Attribute) and _of_math(node.func))
    return named and all(one.arg for one in node.keywords) and not any(isinstance(one, ast.Starred) for one in node.args)


def _of_math(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "math"


def _comprehension_label(node: ast.ListComp | ast.GeneratorExp) -> str:
    one = node.generators[0]
    simple = len(node.generators) == 1 and isinstance(one.target, ast.Name) and not one.is_async
    return f"{type(node).__name__} {len(one.ifs)}" if simple else ""


def _name_label(corpus: Corpus, node: ast.Name, site: Site) -> str:
    """A name bound inside the pattern counts by where it is bound; one of a builtin or a shared function by what it is."""
    level, place = corpus.bound.get(id(node), (-1, 0))
    if level >= site.binders:
        return f"bound {level - site.binders} {place}"
    if id(node) in corpus.shared:
        return "shared {} {}".format(*corpus.shared[id(node)])
    return f"builtin {node.id}" if corpus.types.get(id(node)) == "builtin" else ""


def _parts(node: ast.expr) -> list[tuple[ast.expr, bool]]:
    """The expressions of a node in the order of evaluation, each with whether it is evaluated other than once and always."""
    match node:
        case ast.IfExp():
            return [(node.test, False), (node.body, True), (node.orelse, True)]
        case ast.BoolOp():
            return [(one, index > 0) for index, one in enumerate(node.values)]
        case ast.Compare():
            return [(node.left, False), *((one, index > 0) for index, one in enumerate(node.comparators))]
        case ast.Lambda():
            return [(node.body, True)]
        case ast.ListComp() | ast.GeneratorExp():
            one = node.generators[0]
            return [(one.iter, False), *((test, True) for test in one.ifs), (node.elt, True)]
        case ast.Call():
            return [(one, False) for one in (node.func, *node.args, *(part.value for part in node.keywords))]
        case ast.Attribute():
            return []
    return [(part, False) for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
