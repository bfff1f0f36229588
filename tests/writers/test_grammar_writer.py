"""The grammar writer: scripts that run, keep the rules and the formatter's layout; helpers that do what the script did."""

from __future__ import annotations

import ast
import json
import random
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arenas.schema import ActionSpec, Field, Schema
from library.starter import starter_functions
from mascript.sandbox import check_source
from mascript.writers.base import Brief, Contribution, LibraryEntry, Parent, Proposal
from mascript.writers.grammar import sketches
from mascript.writers.grammar.extract import unfold
from mascript.writers.grammar.language import build
from mascript.writers.grammar.tree import tree_from_json
from mascript.writers.grammar.writer import GrammarWriter

WRITER = GrammarWriter()
Value = Any

STARTERS = tuple(
    LibraryEntry(
        function.name,
        "1.0.0",
        f"sha256:{index:064x}",
        tuple(
            (argument.arg, ast.unparse(argument.annotation))
            for node in ast.parse(function.source).body
            if isinstance(node, ast.FunctionDef)
            for argument in node.args.args
            if argument.annotation is not None
        ),
        next(
            ast.unparse(node.returns)
            for node in ast.parse(function.source).body
            if isinstance(node, ast.FunctionDef) and node.returns is not None
        ),
        "",
        "starter",
    )
    for index, function in enumerate(starter_functions())
)

PUSHES = ActionSpec("discrete", 3, names=("rest", "west", "north"), directions=((0.0, 0.0), (-1.0, 0.0), (0.0, 1.0)))
DRIFT = Schema(
    (
        Field("velocity", "Point", (2,)),
        Field("goals", "list[Point]", (3, 2)),
        Field("fuel", "float", ()),
        Field("docked", "bool", (), "?"),
    )
)
SLOTS = Schema((Field("table", "Grid", (4, 5), "b"), Field("height", "list[int]", (5,), "b", "row")))
PAST = Schema((Field("own", "list[int]", (6,), "b"), Field("rate", "float", ()), Field("turn", "int", (), "q")))
RAW = Schema((Field("", "array", (4,)),), {"leaf": 0})
NESTED = Schema(
    (Field("", "int", (), "q"), Field("", "array", (2, 2))), {"dict": {"mode": {"leaf": 0}, "view": {"tuple": [{"leaf": 1}]}}}
)

CASES: dict[str, tuple[Schema, ActionSpec]] = {
    "steer": (DRIFT, PUSHES),
    "columns": (SLOTS, ActionSpec("discrete", 5)),
    "history": (PAST, ActionSpec("discrete", 2, names=("yes", "no"))),
    "array": (RAW, ActionSpec("discrete", 2)),
    "nested": (NESTED, ActionSpec("discrete", 3, start=1)),
    "box": (RAW, ActionSpec("box", 2, low=(-1.0, 0.0), high=(1.0, 2.0))),
    "switches": (DRIFT, ActionSpec("multi_discrete", 2, low=(0.0, 0.0), high=(2.0, 4.0))),
}


def brief(case: str, count: int = 12, champion: Parent | None = None, **changes: Any) -> Brief:
    schema, actions = CASES[case]
    given = Brief("anywhere_v0", "", schema, actions, ("a", "b", "c"), 1, "ada", 0, count, champion, (), STARTERS)
    return replace(given, **changes)


def parent(proposal: Proposal) -> Parent:
    return Parent("pid", proposal, 0.0, 1)


def lineage(case: str, seed: int, **changes: Any) -> list[Proposal]:
    """Founders, and changes of some of them."""
    rng = random.Random(seed)
    founders = list(WRITER.propose(brief(case, **changes), rng))
    found = list(founders)
    for proposal in founders[:3]:
        archive = tuple(parent(other) for other in founders[3:6])
        found += WRITER.propose(brief(case, champion=parent(proposal), archive=archive, **changes), rng)
    return found


def functions(*extra: str) -> dict[str, Callable[..., Value]]:
    """The starter set, and helpers that may call it or one another."""
    namespace: dict[str, Any] = {}
    for source in [*(one.source for one in starter_functions()), *extra]:
        body = re.sub(r"^from shared import .*$", "", source, flags=re.M)
        exec("from __future__ import annotations\n" + body, namespace)
    return namespace


def value(field: Field, rng: random.Random) -> Value:
    def point() -> tuple[float, float]:
        return (rng.uniform(-1, 1), rng.uniform(-1, 1))

    if field.type == "array":
        import numpy

        return numpy.array([rng.uniform(-1, 1) for _ in range(_numbers(field))]).reshape(field.shape)
    count = field.shape[0] if field.shape else 0
    made: dict[str, Callable[[], Value]] = {
        "Point": point,
        "list[Point]": lambda: tuple(point() for _ in range(count)),
        "list[int]": lambda: tuple(rng.randrange(-1, 4) for _ in range(count)),
        "Grid": lambda: tuple(tuple(rng.randrange(-1, 2) for _ in range(field.shape[1])) for _ in range(count)),
        "float": rng.random,
        "int": lambda: rng.randrange(9),
        "bool": lambda: rng.random() < 0.5,
    }
    return made[field.type]()


def _numbers(field: Field) -> int:
    total = 1
    for extent in field.shape:
        total *= extent
    return total


def observation(case: str, rng: random.Random) -> Value:
    schema, _ = CASES[case]
    values = [value(field, rng) for field in schema.fields]
    if schema.layout == "record":
        return SimpleNamespace(**{field.name: seen for field, seen in zip(schema.fields, values, strict=True)})
    if case == "nested":
        return {"mode": values[0], "view": (values[1],)}
    return values[0]


def decide(source: str, case: str, seed: int, shared: dict[str, Callable[..., Value]]) -> Value:
    """What a script does on a random observation."""
    rng = random.Random(seed)
    actions = CASES[case][1]
    legal = _choices(actions)
    namespace: dict[str, Any] = dict(shared)
    exec(re.sub(r"^from shared import .*$", "", source, flags=re.M), namespace)
    policy = namespace["policy"]
    given = {"observation": observation(case, rng), "legal": legal, "memory": {}, "rng": random.Random(seed), "seat": 1, "step": 3}
    names = policy.__code__.co_varnames[: policy.__code__.co_argcount]
    return policy(**{name: given[name] for name in names})


def _choices(actions: ActionSpec) -> tuple[Value, ...]:
    if actions.names:
        return actions.names
    return tuple(range(actions.start, actions.start + actions.size))


def allowed(reply: Value, actions: ActionSpec) -> bool:
    if actions.kind == "discrete":
        return reply in _choices(actions)
    kinds = (int, float) if actions.kind == "box" else (int,)
    pairs = zip(reply, actions.low, actions.high, strict=True)
    return all(isinstance(part, kinds) and low <= part <= high for part, low, high in pairs)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(case=st.sampled_from(sorted(CASES)), seed=st.integers(0, 10_000))
def test_every_script_keeps_the_rules_and_gives_an_action(case: str, seed: int) -> None:
    shared = functions()
    for proposal in lineage(case, seed):
        check_source(proposal.source, "script")
        for look in range(3):
            assert allowed(decide(proposal.source, case, seed + look, shared), CASES[case][1]), proposal.source


@pytest.mark.parametrize("case", sorted(CASES))
def test_proposes_as_many_different_scripts_as_asked_for(case: str) -> None:
    founders = WRITER.propose(brief(case), random.Random(5))
    assert len({proposal.source for proposal in founders}) == 12
    children = WRITER.propose(brief(case, champion=parent(founders[0])), random.Random(5))
    assert len({(proposal.source, proposal.pins) for proposal in children}) == 12
    assert all(proposal.parents == ("pid",) for proposal in children)


def test_the_formatter_changes_nothing(tmp_path: Path) -> None:
    for case in sorted(CASES):
        for number, proposal in enumerate(lineage(case, 11, count=30)):
            (tmp_path / f"{case}_{number}.py").write_text(proposal.source, encoding="utf-8")
            for helper in WRITER.extract(parent(proposal), brief(case), random.Random(0)):
                (tmp_path / f"{case}_{number}_helper.py").write_text(helper.source, encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--check", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]


def test_equal_briefs_and_streams_give_equal_proposals() -> None:
    assert lineage("steer", 3) == lineage("steer", 3)
    assert [p.source for p in lineage("steer", 3)] != [p.source for p in lineage("steer", 4)]


@pytest.mark.parametrize("case", sorted(CASES))
def test_genome_survives_json_and_prints_the_same_script(case: str) -> None:
    language = build(brief(case))
    for proposal in lineage(case, 2):
        genome = json.loads(json.dumps(proposal.genome))
        assert genome == proposal.genome
        assert sketches.script(tree_from_json(genome), language) == proposal.source


def test_the_scalar_operator_moves_constants_only() -> None:
    founder = next(p for p in WRITER.propose(brief("steer"), random.Random(1)) if re.search(r"\d\.\d", p.source))
    children = WRITER.propose(brief("steer", count=60, champion=parent(founder)), random.Random(1))
    scalar = [p for p in children if p.operator == "constants"]
    number = re.compile(r"-?\d+\.\d+(e-?\d+)?")

    def shape(source: str) -> str:
        lines = [line for line in source.splitlines() if not line.startswith("    if abs(x)") and 'return "rest"' not in line]
        return number.sub("#", "\n".join(lines)).replace(" - #", " + #")

    assert scalar
    assert {shape(p.source) for p in scalar} == {shape(founder.source)}


def contributed(case: str, seed: int, library: tuple[LibraryEntry, ...] = STARTERS) -> list[tuple[Proposal, Contribution]]:
    found = []
    for proposal in lineage(case, seed, library=library):
        for helper in WRITER.extract(parent(proposal), brief(case, library=library), random.Random(0)):
            found.append((proposal, helper))
    return found


@pytest.mark.parametrize("case", ["steer", "columns", "history", "array"])
def test_what_is_taken_out_leaves_behaviour_as_it_was(case: str) -> None:
    found = contributed(case, 7)
    assert found
    for proposal, helper in found:
        check_source(helper.source, "function")
        shared = functions(helper.source)
        assert helper.name in helper.rewritten.source
        for look in range(6):
            before = decide(proposal.source, case, look, shared)
            assert decide(helper.rewritten.source, case, look, shared) == before, helper.source


@pytest.mark.parametrize("case", ["steer", "columns", "history"])
def test_examples_of_helpers_hold(case: str) -> None:
    import doctest

    for _, helper in contributed(case, 9):
        namespace = functions(helper.source)
        parsed = doctest.DocTestParser().get_doctest(
            ast.get_docstring(_function(helper.source)) or "", namespace, helper.name, "", 0
        )
        results = doctest.DocTestRunner(verbose=False).run(parsed)
        assert results.attempted == 1 and results.failed == 0, helper.source


def _function(source: str) -> ast.FunctionDef:
    return next(node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))


def test_a_taken_out_part_can_be_put_back() -> None:
    for proposal, helper in contributed("steer", 7):
        folded = tree_from_json(helper.rewritten.genome)
        assert helper.name in folded.called()
        assert unfold(folded).slots == tree_from_json(proposal.genome).slots


def test_helpers_pin_what_they_import_and_never_return_the_action() -> None:
    pins = {entry.name: entry.fid for entry in STARTERS}
    for case in ("steer", "columns", "history"):
        for _, helper in contributed(case, 13):
            imported = {
                name for line in re.findall(r"^from shared import (.*)$", helper.source, flags=re.M) for name in line.split(", ")
            }
            assert dict(helper.pins) == {name: pins[name] for name in imported}
            returns = _function(helper.source).returns
            assert returns is not None and ast.unparse(returns) in {"Point", "float", "int", "bool"}


def test_names_already_taken_are_avoided() -> None:
    proposal, helper = contributed("steer", 7)[0]
    taken = {"taken_names": (helper.name,)}
    (again,) = WRITER.extract(parent(proposal), brief("steer", settings=taken), random.Random(0))
    assert again.name == f"{helper.name}_2" and f"def {again.name}(" in again.source


def entry(
    name: str, parameters: tuple[tuple[str, str], ...], returns: str, version: str = "1.0.0", weight: float = 4.0
) -> LibraryEntry:
    return LibraryEntry(name, version, f"sha256:{name}-{version}", parameters, returns, "", "bo", weight)


def test_newcomers_start_from_contributed_helpers_bound_by_name() -> None:
    helper = entry("aim_from_velocity_goals", (("velocity", "Point"), ("goals", "list[Point]"), ("index", "int")), "Point")
    founders = WRITER.propose(brief("steer", count=24, library=(*STARTERS, helper)), random.Random(1))
    calls = [p.source for p in founders if "aim_from_velocity_goals" in p.borrowed]
    whole = [
        source
        for source in calls
        if re.search(r"x, y = aim_from_velocity_goals\(observation.velocity, observation.goals, ", source)
    ]
    assert len(calls) >= 5
    assert len(whole) >= 4
    assert len(set(whole)) >= 3


def test_borrowing_follows_weight() -> None:
    good = entry("lead_goals", (("goals", "list[Point]"),), "Point", weight=8.0)
    bad = entry("lag_goals", (("goals", "list[Point]"),), "Point", weight=0.0)
    found = [p for seed in range(4) for p in lineage("steer", seed, library=(*STARTERS, good, bad))]
    assert sum("lead_goals" in p.borrowed for p in found) >= 10
    assert not any("lag_goals" in p.source for p in found)


def test_a_newer_version_of_a_called_function_is_offered() -> None:
    old = entry("lead_goals", (("goals", "list[Point]"),), "Point")
    new = entry("lead_goals", (("goals", "list[Point]"),), "Point", version="2.0.0")
    founder = next(
        p for p in WRITER.propose(brief("steer", library=(*STARTERS, old)), random.Random(1)) if "lead_goals" in p.borrowed
    )
    children = WRITER.propose(brief("steer", library=(*STARTERS, new), champion=parent(founder), count=20), random.Random(2))
    upgraded = [p for p in children if p.operator == "upgrade"]
    assert upgraded and dict(upgraded[0].pins)["lead_goals"] == new.fid
    kept = [p for p in children if p.operator != "upgrade" and "lead_goals" in dict(p.pins)]
    assert kept and all(dict(p.pins)["lead_goals"] == old.fid for p in kept)


def test_without_a_library_vectors_are_local_functions() -> None:
    founders = WRITER.propose(brief("steer", library=(), count=30), random.Random(1))
    assert not any("shared" in p.source for p in founders)
    assert any("def add_vectors(" in p.source for p in founders)
    assert all(allowed(decide(p.source, "steer", 1, {}), PUSHES) for p in founders)


def test_no_part_of_the_grammar_names_an_arena() -> None:
    words = re.compile(r"spread|connect|dilemma|landmark|column_\d|cooperate|defect", re.I)
    folder = Path(sketches.__file__).parent
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    code = {name: ast.unparse(_without_docstrings(ast.parse(text))) for name, text in texts.items()}
    assert not {name: words.findall(text) for name, text in code.items() if words.search(text)}


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))] or [
                ast.Pass()
            ]
    return tree
