"""Marks that change nothing, lines that are known, edits whose effect is known, and a planted kind of state."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import arenas
from library import Library
from mascript.cli import main
from mascript.errors import ScriptError
from mascript.explain.counterexamples import counterexamples, names_of, told
from mascript.explain.coverage import coverage
from mascript.explain.edits import edited_play
from mascript.explain.episode import explain_episode
from mascript.explain.probes import marked
from mascript.explain.stage import Stage, staged
from mascript.journal import Journal, PolicyRow, Rows, Workspace
from mascript.linking import link
from mascript.records import ArenaRef, Program
from mascript.sandbox import Limits
from mascript.scripts import with_header

DILEMMA = arenas.get("iterated_dilemma_v0", horizon=12)
ARENA = ArenaRef("iterated_dilemma_v0", (("horizon", 12),))
WATCHED = '''def policy(observation, step):
    """Cooperate, then do as was done; never forget three defections."""
    if step == 0:
        return "cooperate"
    if observation.theirs[: observation.round].count(0) >= 3:
        last = "defect"
        return last
    elif step > 500:
        return "defect"
    return "cooperate" if observation.theirs[0] == 1 else "defect"
'''


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged(Limits()) as opened:
        yield opened


@pytest.fixture
def starved() -> Iterator[Stage]:
    with staged(Limits(fuel=6_000)) as opened:
        yield opened


def program(source: str) -> Program:
    return link(source, {}, None)


def reference(name: str) -> Program:
    return program(next(one.source for one in DILEMMA.references if one.name == name))


@pytest.mark.parametrize("arena", ["connect_four_v3", "simple_spread_v3"])
def test_a_marked_script_does_what_the_unmarked_one_does(arena: str, stage: Stage) -> None:
    spec = arenas.get(arena)
    one = max(spec.references, key=lambda one: len(one.source))
    seats = tuple(program(one.source) for _ in spec.seats)
    found = coverage(ArenaRef(arena), seats[0], [(0, seats)], (1, 2), stage)
    assert (found.faithful, found.episodes) == (2, 2), one.name
    assert sum(mark.times > 0 for mark in found.marks) > 10


def test_the_line_that_made_a_decision_is_named(stage: Stage) -> None:
    play = explain_episode(DILEMMA, (0, (program(WATCHED), reference("all_d"))), 3, stage)
    assert [one.line for one in play.decisions] == [4, 10, 10, 7, *[7] * 8]
    assert [one.action for one in play.decisions[:4]] == ["cooperate", "defect", "defect", "defect"]
    assert play.decisions[0].lines == (3, 4) and play.decisions[3].lines == (3, 5, 6, 7)
    assert play.decisions[2].observation.round == 2 and not any(one.forfeit for one in play.decisions)


def test_lines_never_reached_and_tests_that_go_one_way(stage: Stage) -> None:
    found = coverage(ARENA, program(WATCHED), [(0, (program(WATCHED), reference("all_c")))], (1, 2, 3), stage)
    assert found.never("script") == (6, 7, 9)
    assert found.one_sided("script") == ((5, "not taken"), (8, "not taken"), (10, "taken"))
    first = next(one for one in found.marks if (one.line, one.kind) == (3, "line"))
    assert (first.times, first.episodes) == (36, 3)


def test_fuel_is_the_unmarked_scripts(starved: Stage) -> None:
    endless = program("def policy(step):\n    while step >= 2:\n        step = step + 1\n    return 'cooperate'\n")
    play = explain_episode(DILEMMA, (0, (endless, reference("all_c"))), 1, starved)
    assert [one.line for one in play.decisions] == [4, 4, 0] and play.decisions[2].forfeit.startswith("fuel")
    assert coverage(ARENA, endless, [(0, (endless, reference("all_c")))], (1,), starved).faithful == 1
    costly = program("def policy(step):\n    total = 0\n    for k in range(8000):\n        total += k\n    return 'cooperate'\n")
    found = coverage(ARENA, costly, [(0, (costly, reference("all_c")))], (1, 2), starved)
    assert found.faithful == 0, "the unmarked script forfeits; that the marked one does not is said"


def test_marks_keep_values_and_chains() -> None:
    source = "def policy(step):\n    x = [a if a > 1 else -a for a in range(4)]\n" + "".join(
        f"    {'el' if k else ''}if step == {k}:\n        return x[{k % 4}]\n" for k in range(40)
    )
    made = marked(program(source + "    return 0\n"))
    names: dict[str, object] = {f"mark_line_{k}": lambda: False for k in range(len(made.marks))}
    tree = ast.parse(made.program.source)
    tree.body = [node for node in tree.body if not isinstance(node, ast.ImportFrom)]
    exec(compile(tree, "marked", "exec"), names)
    policy = names["policy"]
    assert callable(policy) and [policy(step) for step in (0, 1, 2, 3, 39, 40)] == [0, -1, 2, 3, 3, 0]
    for text in (
        "def policy():\n    mark_line_0 = 1\n    return mark_line_0\n",
        "def mark_line_0():\n    return 1\n\n\ndef policy():\n    return 0\n",
    ):
        with pytest.raises(ScriptError, match="rename it"):
            marked(program(text))


def test_an_edit_that_changes_nothing_is_worth_exactly_nothing(stage: Stage) -> None:
    companies = [(0, (program(WATCHED), reference("generous_tit_for_tat")))]
    found = edited_play(ARENA, program(WATCHED), program("# a comment\n" + WATCHED), companies, range(12), stage)
    assert (found.own.mean, found.welfare.mean, found.partings) == (0.0, 0.0, ())


def test_an_edit_is_worth_what_arithmetic_says(stage: Stage) -> None:
    companies = [(0, (reference("all_c"), reference("all_c"))), (1, (reference("all_c"), reference("all_c")))]
    found = edited_play(ARENA, reference("all_c"), reference("all_d"), companies, range(3), stage)
    (temptation, reward, sucker) = 5.0, 3.0, 0.0
    scale = found.own.mean / (temptation - reward)
    assert scale > 0 and found.others is not None
    assert found.others.mean == pytest.approx(scale * (sucker - reward))
    assert found.welfare.mean == pytest.approx(found.own.mean + found.others.mean)
    assert (found.pairs, found.n, found.own.half_width) == (6, 2, None), "a deterministic game gives two pairs, and no interval"
    assert {(one.step, one.original, one.edited) for one in found.partings} == {(0, 0, 1)}


def test_a_planted_kind_of_state_is_found_and_noise_is_not() -> None:
    rng = np.random.default_rng(3)
    features = rng.normal(size=(200, 30))
    noise = rng.normal(size=200)
    labels = [f"x{k}" for k in range(30)]
    (first, *_) = told(labels, features, noise - 2.0 * (features[:, 7] > 0.8))
    assert first.when.startswith("x7 > ") and first.loss == pytest.approx(2.0, abs=3 * first.half_width) and min(first.n) >= 5
    false = sum(bool(told(labels, features, rng.normal(size=200))) for _ in range(25))
    assert false <= 4, f"{false} of 25 searches in noise told a kind of state"


def test_numbers_have_the_names_that_a_script_writes(stage: Stage) -> None:
    names = names_of(arenas.get("simple_spread_v3", N=2).schema)
    assert names[:4] == ["velocity.x", "velocity.y", "position.x", "position.y"] and "landmarks[1].y" in names
    found = counterexamples(DILEMMA, ARENA, (0, (program(WATCHED), reference("random"))), range(24), stage)
    assert found.episodes == 24 and len(found.worst) == 5 and found.worst[0][1] <= found.mean and not found.forfeits


def test_the_command_explains_edits_and_searches(tmp_path: Path) -> None:
    config = {
        "experiment": {"name": "game", "arena": "iterated_dilemma_v0", "seed": 3, "arguments": {"horizon": 12}},
        "agents": [{"name": "ada", "writer": "grammar", "seat": None}],
    }
    path, edit = tmp_path / "w.db", tmp_path / "edited.py"
    edit.write_text(WATCHED.replace(">= 3", ">= 1"))
    with Workspace.open(path, create=True) as workspace:
        Library(workspace.db)
        with workspace.transaction():
            Journal(workspace).create_run("game-3-1", "game", json.dumps(config), 3, "0", "test")
            source = with_header(WATCHED, DILEMMA.id, {})
            Rows(workspace).record_policy(PolicyRow("game-3-1", "ada", 0, program(WATCHED).pid, source, "random", "champion"))
    command = ["explain", "game-3-1:ada", "-w", str(path), "--seeds", "0..1", "--edit", str(edit), "--counterexamples", "20"]
    shown = CliRunner().invoke(main, command)
    assert shown.exit_code == 0, shown.output
    assert "Edited minus original" in shown.stdout and "that made it" in shown.stdout and "20 episodes, mean" in shown.stdout
    said = json.loads(CliRunner().invoke(main, [*command[:-4], "--json"]).stdout)
    assert said["coverage"]["faithful"] == said["coverage"]["episodes"] > 0 and len(said["decisions"]) == 12
    assert said["edit"] is None and said["failures"] is None
    unknown = CliRunner().invoke(main, ["explain", "game-3-1:eve", "-w", str(path)])
    assert unknown.exit_code == 1 and "it has those of ada" in unknown.stderr
