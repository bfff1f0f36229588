"""The gates between a contribution and a release, in order; the first that refuses says why and what to do instead.

parse, signature, documentation, imports, purity (of the text), complexity, duplicate, quota, examples, bounded, types, purity (of
the behaviour) and version.
Nothing here executes a contribution: examples and probes go through the `Runner`.
"""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from library.canonical import encode
from library.errors import Ambiguous, BadPin, BadSource, Corrupt, LibraryError, NotFound
from library.identity import fid_of_canonical
from library.purity import PURE_BUILTINS, impurity
from library.records import Battery, Call, Fid, Linked, Outcome, Release, Runner, Signature, Terms
from library.rows import NewFunction, ProbeRecord, View
from library.source import FunctionText, read, signature
from library.store import Store
from library.types import holds
from library.values import call_text, error_kind, outcome_text, value_of
from library.versions import kind_of_change, next_version, suggested_name
from library.vocabulary import ALIASES

MAX_SOURCE = 20_000
"""Characters of a contribution."""
UNBOUNDED = frozenset({"fuel", "recursion", "memory", "deadline", "dead", "RecursionError", "MemoryError", "TimeoutError"})
"""Kinds of error that say that a call did not end within its means."""

Resolve = Callable[[str], Release]
Step = TypeVar("Step")


class Refusal(Exception):
    """A gate's no. Raised by gates; turned into a `Verdict` by `Library.add`."""

    def __init__(self, gate: str, reason: str) -> None:
        super().__init__(f"{gate}: {reason}")
        self.gate = gate
        self.reason = reason


@dataclass(frozen=True)
class Decision:
    """What is to be recorded of an accepted contribution. Made by `judge`; written by `Library.add`."""

    function: NewFunction
    kind: Literal["new", "alias", "patch", "minor", "major"]
    version: tuple[int, int, int]
    reason: str
    probes: tuple[ProbeRecord, ...] = ()
    parents: tuple[tuple[str, Fid], ...] = ()
    """(kind of derivation, parent)."""
    existing: Release | None = None
    """The release that this name and function have already; then nothing is recorded."""


@dataclass(frozen=True)
class Bench:
    """What judging needs besides the text. Made by `Library.add`."""

    store: Store
    runner: Runner
    battery: Battery
    view: View
    """What the contributor sees of the library; what it does not see decides nothing."""
    resolve: Resolve
    """Release for a specification or pin in that view."""
    terms: Terms
    author: str
    """Whose quota counts, in the run of the view."""


def judge(source: str, derives_from: str, imports: Mapping[str, str], bench: Bench) -> Decision:
    """Send a contribution through the gates.

    Raises:
        Refusal: a gate refused it.
    """
    function = static_gates(source, imports, bench)
    parent = _parent(derives_from, bench)
    released = bench.store.releases(bench.view, function.name)
    duplicate = _duplicate_gate(function, released, bench.store.of_fid(function.fid, bench.view))
    if duplicate is None or duplicate.existing is None:
        _quota_gate(bench)
    if duplicate is not None:
        return duplicate
    base = _base(function.name, released, parent)
    closure = [*link(bench.store, [fid for _, fid in function.imports]), linked(function)]
    examples_gate(bench.runner.run_doctests(closure, function.fid))
    own, old = _probe(function, closure, base, bench)
    kind, version, reason = _version_gate(function, base, old, released, derives_from)
    parents = [(_derivation(parent, function.name), parent.fid)] if parent else []
    if base and not parent:
        parents = [("revision", base.fid)]
    parents += [("equivalent", fid) for fid in bench.store.same_behaviour(own.behaviour_id, function.fid, bench.view)]
    return Decision(function, kind, version, reason, (own,), tuple(parents))


def link(store: Store, fids: Sequence[Fid]) -> list[Linked]:
    """These functions and all they depend on, each once, dependencies before dependents, in an order that only the pins decide.

    Raises:
        NotFound: one of them, or a dependency, is not there.
        Corrupt: the stored pins go round in a circle.
    """
    done: dict[Fid, Linked] = {}
    entered: set[Fid] = set()
    stack: list[tuple[Fid, bool]] = [(fid, False) for fid in reversed(fids)]
    while stack:
        fid, ready = stack.pop()
        if fid in done:
            continue
        found = store.linked(fid)
        if found is None:
            raise NotFound(f"no function {fid} in this library")
        if ready:
            done[fid] = found
        elif fid in entered:
            raise Corrupt(f"{fid} depends on itself, which no true hash can; `verify` says more")
        else:
            entered.add(fid)
            stack.append((fid, True))
            stack += [(dependency, False) for _, dependency in reversed(found.imports)]
    return list(done.values())


def static_gates(source: str, imports: Mapping[str, str], bench: Bench) -> NewFunction:
    """Everything that the text alone decides."""
    if len(source) > MAX_SOURCE:
        raise Refusal("parse", f"expected at most {MAX_SOURCE} characters, got {len(source)}; share smaller functions")
    text = _gated("parse", lambda: read(source))
    shape = _gated("signature", lambda: signature(text))
    _name_gate(shape)
    if not text.doc or text.doc.lstrip().startswith(">>>"):
        raise Refusal("documentation", "expected a docstring that begins with what the function returns, in one line")
    if ">>>" not in text.doc:
        raise Refusal(
            "documentation", f"expected an example in the docstring, such as `>>> {shape.name}(...)` and its result below"
        )
    pins = _resolve_imports(text, imports, bench)
    free: set[str] = set()
    form = _gated("parse", lambda: encode(text, dict(pins), free))
    _names_gate(text, form, pins, free)
    found = impurity(text.node)
    if found:
        raise Refusal("purity", found)
    _complexity_gate(text, bench.terms.complexity)
    return NewFunction(fid_of_canonical(form), shape.name, source, form, shape, text.doc, pins)


def _complexity_gate(text: FunctionText, limit: int) -> None:
    size = sum(1 for statement in text.body for _ in ast.walk(statement))
    if size > limit:
        raise Refusal("complexity", f"expected at most {limit} nodes of syntax, got {size}; share its parts on their own")


def _quota_gate(bench: Bench) -> None:
    quota = bench.terms.quota
    if quota is not None and bench.store.count_by(bench.author, bench.view.run) >= quota:
        where = f" in run {bench.view.run}" if bench.view.run else ""
        raise Refusal("quota", f"{bench.author} has its {quota} releases{where}; yank one that is not worth its place")


def _gated(gate: str, step: Callable[[], Step]) -> Step:
    try:
        return step()
    except BadSource as error:
        raise Refusal(gate, str(error)) from None


def _name_gate(shape: Signature) -> None:
    names = [shape.name, *(parameter.name for parameter in shape.parameters)]
    hidden = [name for name in names if name.startswith("_")]
    if hidden:
        raise Refusal("signature", f"`{hidden[0]}` begins with an underscore; names of shared functions are for others to read")
    if (
        shape.name in ALIASES
        or hasattr(builtins, shape.name)
        or keyword.issoftkeyword(shape.name)
        or shape.name in {"math", "shared"}
    ):
        raise Refusal("signature", f"`{shape.name}` means something else already; try `{suggested_name(shape.name, [])}`")
    if shape.returns == "None":
        raise Refusal("signature", "a shared function returns a value")


def _resolve_imports(text: FunctionText, imports: Mapping[str, str], bench: Bench) -> tuple[tuple[str, Fid], ...]:
    """Pin every import: to what the contributor says, else to the newest release that it sees."""
    pins = []
    for name in text.shared:
        wanted = imports.get(name, name)
        if wanted.startswith("sha256:"):
            if bench.store.linked(wanted) is None:
                raise Refusal("imports", f"`{name}` is pinned to {wanted}, which this library does not hold")
            pins.append((name, wanted))
            continue
        try:
            pins.append((name, bench.resolve(wanted).fid))
        except (NotFound, Ambiguous, BadPin) as error:
            raise Refusal("imports", f"cannot import `{name}` from shared: {error}") from None
    return tuple(pins)


def _names_gate(text: FunctionText, form: str, pins: Sequence[tuple[str, Fid]], free: set[str]) -> None:
    for name in sorted(free - ALIASES):
        if not hasattr(builtins, name):
            raise Refusal("imports", f"`{name}` is not defined; if it is a shared function, write `from shared import {name}`")
        if name not in PURE_BUILTINS:
            raise Refusal("purity", f"a shared function may not use `{name}`")
    used = {node.id for node in ast.walk(text.node) if isinstance(node, ast.Name)}
    unused = [name for name, fid in pins if name not in used or fid not in form]
    if unused:
        raise Refusal("imports", f"`{unused[0]}` is imported and never used; leave the import out")


def _duplicate_gate(function: NewFunction, released: Sequence[Release], known: Sequence[Release]) -> Decision | None:
    """The same function again: nothing to do under its own name, an alias under a free one."""
    if not known:
        return None
    for release in released:
        if release.fid == function.fid:
            numbers = (release.major, release.minor, release.patch)
            return Decision(function, "alias", numbers, f"this function is {release.pin} already", existing=release)
    if released:
        taken = f"`{function.name}` is the name of another function, and this one is {known[0].pin} already; import that"
        raise Refusal("duplicate", taken)
    return Decision(function, "alias", (1, 0, 0), f"the same function as {known[0].pin}")


def _parent(derives_from: str, bench: Bench) -> Release | None:
    if not derives_from:
        return None
    try:
        return bench.resolve(derives_from)
    except (NotFound, Ambiguous, BadPin) as error:
        raise Refusal("version", f"derives from an unknown release: {error}") from None


def _base(name: str, released: Sequence[Release], parent: Release | None) -> Release | None:
    """The release that a new version is measured against: the newest of the major line it derives from. None for a new name."""
    if not released:
        return None
    if parent is not None and parent.name != name:
        reason = f"`{name}` is taken, and this derives from `{parent.name}`"
        raise Refusal("version", f"{reason}; name it `{suggested_name(name, [name])}` or derive it from {released[0].pin}")
    major = parent.major if parent else released[0].major
    line = [release for release in released if release.major == major]
    return next((release for release in line if not release.yanked), line[0])


def linked(function: NewFunction) -> Linked:
    return Linked(function.fid, function.name, function.source, function.imports)


def examples_gate(outcomes: Sequence[Outcome]) -> None:
    if not outcomes:
        raise Refusal(
            "examples", "the docstring's examples could not be found; write them as `>>> call(...)` with the result below"
        )
    for number, outcome in enumerate(outcomes, 1):
        if outcome.error:
            raise Refusal("examples", f"example {number} of {len(outcomes)} does not hold: {outcome.error}")


def _probe(
    function: NewFunction, closure: Sequence[Linked], base: Release | None, bench: Bench
) -> tuple[ProbeRecord, tuple[ProbeRecord, tuple[str, ...]] | None]:
    """Run the function's own probes and those kept with its base, forwards and backwards.

    Returns:
        What its own probes showed; and, with a base, the base's record and the new function's outcomes on the same calls.
    """
    calls = list(bench.battery.probes(function.signature))
    kept = bench.store.probes(base.fid)[0] if base else None
    if base and not _accepts(base.signature, function.signature):
        kept = None
    old_calls = [Call(value_of(text)) for text in kept.calls] if kept else []
    outcomes = run_probes(function, closure, [*calls, *old_calls], bench.runner)
    own = ProbeRecord(bench.battery.id, tuple(map(call_text, calls)), tuple(outcomes[: len(calls)]))
    return own, (kept, tuple(outcomes[len(calls) :])) if kept else None


def _accepts(old: Signature, new: Signature) -> bool:
    """Whether positional calls of the old can be tried on the new at all."""
    needed = sum(1 for parameter in new.parameters if not parameter.default)
    return needed <= len(old.parameters) <= len(new.parameters)


def run_probes(function: NewFunction, closure: Sequence[Linked], calls: Sequence[Call], runner: Runner) -> list[str]:
    """Outcomes as text, in the order of the calls; the same whatever ran before."""
    forwards = _texts(function, runner.run(closure, function.fid, calls), calls)
    backwards = _texts(function, runner.run(closure, function.fid, calls[::-1]), calls[::-1])[::-1]
    for call, first, second in zip(calls, forwards, backwards, strict=True):
        if first != second:
            raise Refusal(
                "purity", f"{_shown(function, call)} gave {first}, then {second} in another order of calls; keep no state"
            )
    return forwards


def _texts(function: NewFunction, outcomes: Sequence[Outcome], calls: Sequence[Call]) -> list[str]:
    if len(outcomes) != len(calls):
        raise LibraryError(f"the runner gave {len(outcomes)} outcomes for {len(calls)} calls")
    texts = []
    for call, outcome in zip(calls, outcomes, strict=True):
        if outcome.error and error_kind(outcome.error) in UNBOUNDED:
            raise Refusal("bounded", f"{_shown(function, call)} did not end within its means: {outcome.error}")
        if not outcome.error and not holds(outcome.value, function.signature.returns):
            got = type(outcome.value).__name__
            raise Refusal(
                "types", f"{_shown(function, call)} gave {outcome.value!r} ({got}), declared {function.signature.returns}"
            )
        texts.append(_outcome(function, call, outcome))
    if texts and all(outcome.error for outcome in outcomes):
        raise Refusal(
            "types", f"every probe failed, the first, {_shown(function, calls[0])}, with {outcomes[0].error}; lists are tuples"
        )
    return texts


def _outcome(function: NewFunction, call: Call, outcome: Outcome) -> str:
    try:
        return outcome_text(outcome)
    except (TypeError, ValueError) as error:
        raise Refusal("types", f"{_shown(function, call)}: {error}") from None


def _shown(function: NewFunction, call: Call) -> str:
    text = ", ".join(map(repr, call.arguments))
    return f"{function.name}({text if len(text) <= 200 else text[:200] + '...'})"


def _version_gate(
    function: NewFunction,
    base: Release | None,
    old: tuple[ProbeRecord, tuple[str, ...]] | None,
    released: Sequence[Release],
    derives_from: str,
) -> tuple[Literal["new", "patch", "minor", "major"], tuple[int, int, int], str]:
    """Which version this is, by what it does on the probes kept with its base."""
    if base is None:
        return "new", (1, 0, 0), "a new name"
    same = old is not None and old[0].outcomes == old[1]
    kind = kind_of_change(base.signature, function.signature, same_outcomes=same)
    if kind != "major":
        evidence = f"same outcomes as {base.pin} on all {len(old[0].calls) if old else 0} probes kept with it"
        return kind, next_version(kind, base, released), evidence
    difference = "its signature differs" if old is None or same else _first_difference(old[0], old[1])
    if not derives_from:
        free = suggested_name(function.name, [function.name])
        reason = f"`{function.name}` is taken by {base.pin}, and {difference}"
        raise Refusal(
            "version", f"{reason}; name it `{free}`, or declare derives_from={base.name}@{base.version} for a new major version"
        )
    return "major", next_version("major", base, released), difference


def _first_difference(record: ProbeRecord, outcomes: Sequence[str]) -> str:
    changed = [index for index, (old, new) in enumerate(zip(record.outcomes, outcomes, strict=True)) if old != new]
    first = changed[0]
    shown = f"first on {record.calls[first][:200]}: {record.outcomes[first][:80]} before, {outcomes[first][:80]} now"
    return f"{len(changed)} of {len(outcomes)} probes give another outcome, {shown}"


def _derivation(parent: Release, name: str) -> str:
    return "revision" if parent.name == name else "fork"
