"""The writer that explores: what it reads out of steps, what it solves, how it tunes, and that nothing of it knows an arena."""

from __future__ import annotations

import ast
import math
import random
import re
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path

import gymnasium
import pytest

import arenas
import mascript.writers
from arenas.decode import decode
from arenas.playing import heard, load, play
from arenas.schema import ActionSpec, Schema
from arenas.single import toy
from arenas.spec import ArenaSpec
from mascript.evolve.explore import explore
from mascript.sandbox import check_source
from mascript.writers.base import Brief, Experience, Judged, Parent, Transition
from mascript.writers.grammar.language import build
from mascript.writers.grammar.sketches import script
from mascript.writers.grammar.tree import Tree, tree_from_json
from mascript.writers.synthesis import adaptation, tuning
from mascript.writers.synthesis.distil import programs
from mascript.writers.synthesis.insight import insight
from mascript.writers.synthesis.tabular import Model, Plan, chances, denominator, learnt, looks_finite, plans
from mascript.writers.synthesis.writer import SynthesisWriter

WRITER = SynthesisWriter()


@cache
def met(arena: str, steps: int) -> tuple[ArenaSpec, Experience]:
    spec = arenas.get(arena)
    return spec, explore(spec, count(10_000), steps, random.Random(7))


def brief(spec: ArenaSpec, experience: Experience | None, number: int = 24) -> Brief:
    return Brief(spec.id, spec.rules, spec.schema, spec.actions, spec.seats, 0, "ada", 0, number, None, experience=experience)


# --- exploring --------------------------------------------------------------------------------------------------------------------


def test_an_explorer_tries_everything_and_stops_when_it_knows_all() -> None:
    _, found = met("CliffWalking-v1", 100_000)
    pairs = {(one.seen, one.action) for one in found.transitions}
    assert len(pairs) == 37 * 4, "every action of every cell where one can stand"
    assert found.steps < 100_000, "nothing was left to try"
    assert sum(one.times for one in found.transitions) == found.steps
    assert {one.reward for one in found.transitions} == {-1.0, -100.0}
    assert sum(times for _, times in found.starts) == found.episodes


def test_exploring_is_repeatable_and_held_actions_move_what_never_comes_back() -> None:
    spec, found = met("MountainCar-v0", 3_000)
    assert found == explore(spec, count(10_000), 3_000, random.Random(7))
    assert all(one.times == 1 for one in found.transitions[200:]), "no such observation comes back"
    positions = [decode(spec.schema, one.seen).position for one in found.transitions]
    assert max(positions) - min(positions) > 0.2


@pytest.mark.parametrize("arena", ["bin_packing_v0", "lane_keeping_v0", "CliffWalkingSlippery-v1"])
def test_any_arena_of_one_seat_can_be_explored_and_written_for(arena: str) -> None:
    spec = arenas.get(arena)
    assert WRITER.exploration(spec.schema, spec.actions) > 0
    found = explore(spec, count(10_000), 300, random.Random(1))
    assert found.steps > 250, "but for the last steps of episodes"
    for one in WRITER.propose(brief(spec, found, 4), random.Random(1)):
        check_source(one.source, "script")


def test_what_has_no_bounds_is_not_explored() -> None:
    schema = arenas.get("CartPole-v1").schema
    assert not WRITER.exploration(schema, ActionSpec("box", 1, low=(-math.inf,), high=(math.inf,)))
    assert not WRITER.exploration(schema, ActionSpec("multi_discrete", 2, high=(2.0, 3.0)))


# --- insight ----------------------------------------------------------------------------------------------------------------------


def test_rates_and_pushes_are_seen_in_steps_alone() -> None:
    spec, found = met("CartPole-v1", 3_000)
    seen = insight(spec.schema, spec.actions, found)
    assert [one.rate for one in seen.features] == [1, None, 3, None]
    right = spec.actions.names.index("right")
    assert seen.push(0, right) > 10 and seen.push(2, right) < -10, "to the right goes the cart, and the pole falls to the left"


# --- tables -----------------------------------------------------------------------------------------------------------------------


def everything(arena: str, encode: object) -> Experience:
    """All of Gymnasium's transition table, as if each outcome had been seen in proportion to its chance."""
    bare = gymnasium.make(arena).unwrapped
    seen = [
        Transition(encode(state, 0), action, b"" if ends else encode(after, 0), float(reward), round(chance * 6000))
        for state, row in bare.P.items()
        for action, outcomes in row.items()
        for chance, after, reward, ends in outcomes
    ]
    starts = [(encode(state, 0), round(chance * 3000)) for state, chance in enumerate(bare.initial_state_distrib) if chance]
    steps = sum(one.times for one in seen)
    return Experience(tuple(seen), tuple(starts), 3000, steps, 200)


def test_counts_of_dice_are_simple_fractions_and_others_are_left() -> None:
    thrown = [[331, 340, 329], [660, 340], [5000], [14, 9]]
    assert denominator(thrown) == 3
    assert [chances(times, 3) for times in thrown] == [[1 / 3] * 3, [2 / 3, 1 / 3], [1.0], [2 / 3, 1 / 3]]
    dealt = [[331, 340, 329], [3120, 6880], [457, 543]]
    assert denominator(dealt) is None
    assert chances(dealt[1], None) == [0.312, 0.688]


def test_plans_are_as_good_as_the_exact_optimum_allows() -> None:
    lake = learnt(everything("FrozenLake8x8-v1", toy.encode_lake), 4)
    assert lake is not None
    found = list(plans(lake))
    assert found[0].until == (0,) and found[0].value > 0.8925, "without a count of steps"
    assert 0.9115 < found[-1].value < 0.91323, "no plan beats backward induction"


@cache
def town() -> tuple[Model, Plan]:
    model = learnt(everything("Taxi-v4", toy.encode_taxi), 6)
    assert model is not None
    return model, next(plans(model))


def test_a_program_does_what_its_plan_says_wherever_the_plan_leads() -> None:
    spec = arenas.get("Taxi-v4")
    model, plan = town()
    assert plan.value == pytest.approx(7.93, abs=1e-6)
    tree = next(programs(spec.schema, model, plan))
    source = script(tree, build(brief(spec, None)))
    check_source(source, "script")
    policy = load(source)
    for state, packed in enumerate(model.states):
        if plan.met[0][state] > 1e-6:
            chosen = heard(spec.actions, policy(decode(spec.schema, packed)))
            assert plan.gains[0][chosen, state] >= -1e-6, "as good as the best"
    returns = [value for (value,) in play(spec, [policy], range(300))]
    assert min(returns) > 0, "no start is left without a way"


def test_what_cannot_be_a_table_is_not_taken_for_one() -> None:
    assert not looks_finite(arenas.get("CartPole-v1").schema, arenas.get("CartPole-v1").actions)
    lake = arenas.get("FrozenLake8x8-v1")
    assert looks_finite(lake.schema, lake.actions)
    assert not looks_finite(lake.schema, ActionSpec("box", 1, low=(-1.0,), high=(1.0,)))


# --- the scalar operator ----------------------------------------------------------------------------------------------------------


def test_the_search_finds_the_bottom_of_a_turned_valley() -> None:
    def height(x: adaptation.Vector) -> float:
        turned = [(x[i] + x[(i + 1) % 6]) * 10 ** (i / 2.5) for i in range(6)]
        return sum(value**2 for value in turned) + (x[0] - 1) ** 2

    rng, search = random.Random(3), adaptation.begin([2.0] * 6, 0.5)
    for _ in range(150):
        draws = sorted((adaptation.draw(6, rng) for _ in range(12)), key=lambda drawn: height(search.at(drawn)))
        search = adaptation.told(search, draws)
    assert height(search.mean) < 1e-3 * height((2.0,) * 6)
    assert adaptation.told(search, [(0.0,) * 6]) == search, "one draw teaches nothing"


def founder_of(spec: ArenaSpec, experience: Experience) -> Judged:
    first = WRITER.propose(brief(spec, experience, 1), random.Random(5))[0]
    return Judged(0, "policy:0", first.operator, first.genome, 10.0, 4, True)


def test_a_line_is_worked_out_again_from_what_was_judged() -> None:
    spec, found = met("CartPole-v1", 3_000)
    judged = [founder_of(spec, found)]
    champion = WRITER.propose(brief(spec, found, 1), random.Random(5))[0]
    for generation in (1, 2, 3):
        told = replace(
            brief(spec, found, 12), generation=generation, champion=Parent("policy:0", champion, 10.0, 4), judged=tuple(judged)
        )
        proposals = WRITER.propose(told, random.Random(generation))
        assert proposals == WRITER.propose(told, random.Random(generation)), "a writer keeps nothing to itself"
        assert {one.operator for one in proposals} == {tuning.OPERATOR}
        assert len({one.source for one in proposals}) == len(proposals) == 12
        judged += [
            Judged(generation, f"policy:{generation}-{rank}", one.operator, one.genome, 10.0 - rank, 4, False)
            for rank, one in enumerate(proposals)
        ]
    (line,) = tuning.lines(judged)
    assert line.rounds == 3 and line.name == tuning.structure(line.origin)
    assert line.search.mean != (0.0,) * len(line.search.mean)
    wider = tuning.lines([one for one in judged if one.generation < 3])[0]
    third = [tuple(one.genome["drawn"]) for one in judged if one.generation == 3]
    assert line.search == adaptation.told(wider.search, third)


def test_what_paid_is_tried_more_and_the_search_keeps_its_half() -> None:
    spec, found = met("CartPole-v1", 3_000)
    first = founder_of(spec, found)
    champion = WRITER.propose(brief(spec, found, 1), random.Random(5))[0]

    def structural(won: bool) -> int:
        """Scripts of the next generation that change the structure, after one in which such a change won or lost all along."""
        tuned = [
            Judged(10, f"policy:c{k}", "cma", tuning.genome(tree_of(first), (0.1 * k,) * constants), 5.0, 4, False)
            for k in range(9)
        ]
        changed = [Judged(10, f"policy:s{k}", "wrap", first.genome, 9.0 if won else 1.0, 4, won) for k in range(9)]
        told = replace(
            brief(spec, found, 20),
            generation=11,
            champion=Parent("policy:0", champion, 10.0, 4),
            judged=(first, *(changed + tuned if won else tuned + changed)),
        )
        operators = [one.operator for one in WRITER.propose(told, random.Random(2))]
        assert operators.count("cma") >= 10
        return sum(one not in ("cma", "founder") for one in operators)

    constants = len(tuning.lines([first])[0].search.mean)
    assert structural(won=True) > structural(won=False)


def tree_of(judged: Judged) -> Tree:
    return tree_from_json(judged.genome)


def test_without_a_history_only_the_champion_is_changed() -> None:
    spec, found = met("CartPole-v1", 3_000)
    champion = WRITER.propose(brief(spec, found, 1), random.Random(5))[0]
    told = replace(brief(spec, found, 6), generation=20, champion=Parent("policy:0", champion, 10.0, 4))
    proposals = WRITER.propose(told, random.Random(1))
    assert len(proposals) == 6
    assert tuning.OPERATOR not in {one.operator for one in proposals}, "nothing says where to go"
    changed = [one for one in proposals if one.operator != "founder"]
    assert changed and all(one.parents == ("policy:0",) for one in changed)


def test_founders_keep_the_rules_and_some_balance_a_pole_at_once() -> None:
    spec, found = met("CartPole-v1", 3_000)
    proposals = WRITER.propose(brief(spec, found, 32), random.Random(21))
    assert len(proposals) == 32
    returns = []
    for one in proposals:
        check_source(one.source, "script")
        returns.append(sum(value for (value,) in play(spec, [load(one.source)], range(3))) / 3)
    assert sum(value > 400 for value in returns) >= 3, "random play keeps it up for 22 steps"


def test_without_steps_and_with_many_actions_there_are_scripts_too() -> None:
    for arena in ("bin_packing_v0", "BipedalWalker-v3", "Pendulum-v1"):
        spec = arenas.get(arena)
        proposals = WRITER.propose(brief(spec, None, 6), random.Random(2))
        assert len(proposals) == 6, arena
        for one in proposals:
            check_source(one.source, "script")


# --- no arena in it ---------------------------------------------------------------------------------------------------------------


def renamed(spec: ArenaSpec) -> tuple[ArenaSpec, dict[str, str]]:
    """The same arena under names that say nothing, and what each of them stands for."""
    fields = {f"field_{index}": field.name for index, field in enumerate(spec.schema.fields)}
    actions = {f"act_{index}": name for index, name in enumerate(spec.actions.names)}
    told = tuple(replace(field, name=name, unit="", doc="") for name, field in zip(fields, spec.schema.fields, strict=True))
    blank = replace(spec, id="unknown", rules="", schema=Schema(told), actions=replace(spec.actions, names=tuple(actions)))
    return blank, fields | actions


@pytest.mark.parametrize("arena", ["CartPole-v1", "CliffWalking-v1", "Acrobot-v1", "Pendulum-v1"])
def test_names_of_arenas_fields_and_actions_tell_the_writer_nothing(arena: str) -> None:
    spec = arenas.get(arena)
    found = met(arena, 3_000)[1]
    blank, names = renamed(spec)
    plain = WRITER.propose(brief(spec, found, 8), random.Random(4))
    other = WRITER.propose(brief(blank, found, 8), random.Random(4))
    for one, same in zip(plain, other, strict=True):
        text = re.sub(r"\b(?:field|act)_\d+\b", lambda match: names[match.group()], same.source)
        assert unlaid(text) == unlaid(one.source)


def unlaid(source: str) -> str:
    """A script without its layout: longer names break lines elsewhere. Parts that got a name of their own are put back."""
    tree = ast.parse(source)
    parts: dict[str, ast.expr] = {}

    class Inline(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return parts.get(node.id, node) if isinstance(node.ctx, ast.Load) else node

    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        kept = []
        for statement in function.body:
            moved = Inline().visit(statement)
            target = moved.targets[0].id if isinstance(moved, ast.Assign) and isinstance(moved.targets[0], ast.Name) else ""
            if re.fullmatch(r"(amount|test|number|cell)_\d+", target):
                parts[target] = moved.value
            else:
                kept.append(moved)
        function.body = kept
    return ast.unparse(tree)


def test_no_arena_is_mentioned() -> None:
    ids = {re.split(r"[-_]v\d", name)[0].lower() for name in arenas.names()}
    for package in ("grammar", "synthesis"):
        for path in sorted((Path(mascript.writers.__file__).parent / package).glob("*.py")):
            text = path.read_text().lower()
            assert not [name for name in ids if re.search(rf"\b{re.escape(name)}\b", text)], path.name
