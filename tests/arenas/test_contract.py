"""What every arena promises, registered or derived. To add an arena to it: register it, or put its id into `DERIVED`.

Registered ids are taken from `arenas.names()`, so a new spec is tested the day it is registered.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import asdict
from functools import cache
from math import isfinite
from typing import Any

import pytest

import arenas
from arenas.decode import decode, packed_size
from arenas.errors import IllegalAction
from arenas.extras import installed
from arenas.playing import heard, load, play, play_one
from arenas.schema import ActionSpec, Field, Schema
from arenas.spec import ArenaSpec, Game

DERIVED = (
    "generic:CartPole-v1",
    "generic:Pendulum-v1",
    "FrozenLake-v1",
    "generic:Blackjack-v1",
    "generic:Taxi-v4",
    "classic/tictactoe-v3",
    "classic/rps-v2",
    "mpe2:simple_speaker_listener_v4",
    "generic:iterated_dilemma_v0",
)
WITH_ARGUMENTS: tuple[tuple[str, tuple[tuple[str, Any], ...]], ...] = (
    ("simple_spread_v3", (("N", 4),)),
    ("iterated_dilemma_v0", (("noise", 0.05), ("continuation", 0.97))),
    ("mpe2:simple_spread_v3", (("continuous_actions", True),)),
    ("CliffWalking-v1", (("starts", "anywhere"),)),
    ("planted_v0", (("channels", ((1.0,), (0.0, 1.0))), ("players", 3), ("leader", 2), ("luck", "zero-sum"))),
)
SLOW = () if "MASCRIPT_SLOW_ARENAS" in os.environ else ("knights_archers_zombies_v11", "pursuit_v5")
"""They take seconds an episode: tests/extras/test_box2d.py plays them, tests/arenas/test_zoo.py looks at them."""
PLAYABLE = tuple(id for id in arenas.names() if installed(arenas.get(id).requires) and id not in SLOW)
"""Registered arenas whose extra is here; `make test-extras` installs them all."""
CASES = tuple((id, ()) for id in (*PLAYABLE, *DERIVED)) + WITH_ARGUMENTS
every_arena = pytest.mark.parametrize("case", CASES, ids=str)


@cache
def _spec(case: tuple[str, tuple[tuple[str, Any], ...]]) -> ArenaSpec:
    return arenas.get(case[0], **dict(case[1]))


def _tuples(value: Any) -> Any:
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


def _games(spec: ArenaSpec) -> list[Game]:
    return [spec.make()] + ([spec.make_twin()] if spec.make_twin else [])


def _trace(spec: ArenaSpec, game: Game, seed: int, steps: int = 60) -> list[Any]:
    """All that the seats meet in an episode of random actions."""
    scripts = [load(spec.references[0].source)] * len(spec.seats)
    streams = [random.Random(f"{seed} {seat}") for seat in range(len(spec.seats))]
    game.reset(seed)
    trace: list[Any] = []
    while game.waiting() and len(trace) < steps:
        joint = {}
        for seat in game.waiting():
            trace.append((seat, game.observe(seat), game.legal(seat)))
            joint[seat] = _random_action(spec, game, scripts[seat], seat, streams[seat])
        game.act(joint)
        trace.append(tuple(game.returns()))
    return trace


def _random_action(spec: ArenaSpec, game: Game, script: Any, seat: int, rng: random.Random) -> Any:
    actions = spec.actions_of(seat)
    legal = game.legal(seat)
    given = {"legal": None if legal is None else [index + actions.start for index in legal], "rng": rng, "seat": seat}
    names = script.__code__.co_varnames[: script.__code__.co_argcount]
    return heard(actions, script(**{name: given[name] for name in names}))


@every_arena
def test_schema_and_actions_are_plain_data(case: Any) -> None:
    spec = _spec(case)
    for seat in range(len(spec.seats)):
        schema, actions = spec.schema_of(seat), spec.actions_of(seat)
        read = json.loads(json.dumps(asdict(schema)))
        fields = tuple(Field(**{key: _tuples(value) for key, value in field.items()}) for field in read["fields"])
        assert Schema(fields, read["layout"]) == schema
        read = json.loads(json.dumps(asdict(actions)))
        layout = read.pop("layout")
        assert ActionSpec(**{key: _tuples(value) for key, value in read.items()}, layout=layout) == actions


@every_arena
def test_the_spec_can_be_read(case: Any) -> None:
    spec = _spec(case)
    assert spec.rules
    assert spec.seats
    assert spec.horizon > 0
    assert spec.version
    assert "absent" not in spec.version
    assert spec.references[0].name == "random"
    assert len(spec.actions.names) in (0, spec.actions.size)
    assert len(spec.actions.directions) in (0, spec.actions.size)
    for schema in spec.schemas or (spec.schema,):
        names = [field.name for field in schema.fields]
        assert len(set(names)) == len(names)
        assert schema.layout != "record" or all(name.isidentifier() for name in names)


@every_arena
def test_observations_have_the_declared_size_and_types(case: Any) -> None:
    spec = _spec(case)
    game = spec.make()
    game.reset(3)
    for seat in game.waiting():
        schema = spec.schema_of(seat)
        packed = game.observe(seat)
        assert len(packed) == packed_size(schema)
        seen = decode(schema, packed)
        if schema.layout != "record":
            continue
        for field in schema.fields:
            _check_type(field, getattr(seen, field.name))


def _check_type(field: Field, value: Any) -> None:
    if field.type in ("float", "int", "bool"):
        assert type(value).__name__ == field.type
    elif field.type == "Grid":
        assert (len(value), len(value[0]), type(value[0][0])) == (*field.shape, int)
    elif field.type in ("list[Point]", "list[Cell]"):
        assert len(value) == field.shape[0]
        assert all(len(point) == 2 and type(point[0]) is (float if field.type == "list[Point]" else int) for point in value)
    else:
        assert len(value) == field.shape[0]
        assert {type(part) for part in value} == {int if field.type in ("list[int]", "Cell") else float}


@every_arena
def test_random_play_ends_within_the_horizon_and_above_the_floor(case: Any) -> None:
    spec = _spec(case)
    script = load(spec.references[0].source)
    for game in _games(spec):
        for seed in range(2):
            returns = play_one(spec, game, [script] * len(spec.seats), seed)
            assert len(returns) == len(spec.seats)
            assert all(isfinite(value) and value >= spec.floor for value in returns)
            assert not game.waiting()


@every_arena
def test_an_episode_depends_on_its_seed_alone(case: Any) -> None:
    spec = _spec(case)
    used, fresh = spec.make(), spec.make()
    first = _trace(spec, used, 11)
    assert _trace(spec, used, 12) != first
    assert _trace(spec, used, 11) == first
    assert _trace(spec, fresh, 11) == first


@every_arena
def test_legal_actions_rise_and_are_within_the_space(case: Any) -> None:
    spec = _spec(case)
    for _, _, legal in (step for step in _trace(spec, spec.make(), 5) if len(step) == 3 and isinstance(step[1], bytes)):
        if spec.actions.kind == "discrete":
            assert list(legal) == sorted(set(legal))
            assert legal
        else:
            assert legal is None


@every_arena
def test_an_action_outside_the_space_is_refused_and_changes_nothing(case: Any) -> None:
    spec = _spec(case)
    for game in _games(spec):
        game.reset(7)
        waiting = tuple(game.waiting())
        before = [game.observe(seat) for seat in waiting]
        for wrong in ("nonsense", None, 10**6, (1e9,) * 999):
            with pytest.raises(IllegalAction):
                game.act(dict.fromkeys(waiting, wrong))
        with pytest.raises(IllegalAction):
            game.act({})
        assert [game.observe(seat) for seat in waiting] == before


@every_arena
def test_the_forfeit_action_is_in_the_space(case: Any) -> None:
    spec = _spec(case)
    for game in _games(spec):
        game.reset(2)
        waiting = tuple(game.waiting())
        legal = game.legal(waiting[0])
        if legal is None or spec.forfeit_action in legal:
            game.act(dict.fromkeys(waiting, spec.forfeit_action))


@every_arena
def test_a_twin_is_equal_to_the_original(case: Any) -> None:
    spec = _spec(case)
    if spec.make_twin is None:
        pytest.skip("no twin")
    original, twin = spec.make(), spec.make_twin()
    for seed in range(12):
        expected, found = _trace(spec, original, seed, 10_000), _trace(spec, twin, seed, 10_000)
        assert [step for step in found if isinstance(step[-1], float)] == [
            pytest.approx(step, abs=1e-9) for step in expected if isinstance(step[-1], float)
        ]
        assert [step for step in found if not isinstance(step[-1], float)] == [
            step for step in expected if not isinstance(step[-1], float)
        ]


@pytest.mark.parametrize("id", PLAYABLE)
def test_references_play_and_carry_their_measured_scores(id: str) -> None:
    spec = arenas.get(id)
    assert len(spec.references) > 1
    for reference in spec.references:
        policy = load(reference.source)
        assert policy.__doc__
        (returns,) = play(spec, [policy] * len(spec.seats), [4])
        assert min(returns) >= spec.floor
        assert reference.n >= 200
        assert reference.score is not None
        assert reference.half_width is not None


@pytest.mark.parametrize("id", PLAYABLE)
def test_seeds_give_distinct_episodes(id: str) -> None:
    spec = arenas.get(id, **({"noise": 0.05} if id == "iterated_dilemma_v0" else {}))
    game = _games(spec)[-1]
    found = len({repr(_trace(spec, game, seed)) for seed in range(100)})
    assert found == 100 or (spec.chance and found > 40), "where cards repeat, hands of different seeds may pass alike"


def test_importing_arenas_loads_no_environment_library() -> None:
    code = (
        "import sys, arenas; [arenas.get(id) for id in arenas.names()];"
        "print([name for name in ('numpy', 'gymnasium', 'pettingzoo', 'mpe2', 'pygame') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
