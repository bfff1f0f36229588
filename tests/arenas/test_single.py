"""Gymnasium's tasks with names: what is decoded, that the game is Gymnasium's, what is optimal, and what counts as another game."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from statistics import fmean
from typing import Any

import gymnasium
import pytest

import arenas
from arenas.decode import decode
from arenas.errors import BadArguments
from arenas.extras import installed
from arenas.playing import load, play
from arenas.single import solve, toy
from arenas.spec import ArenaSpec
from mascript.linking import link
from mascript.match.play import Player
from mascript.records import ArenaRef, MatchJob, Program
from mascript.sandbox import Limits, Sandbox

TASKS = (
    *("Acrobot-v1", "BipedalWalker-v3", "Blackjack-v1", "CartPole-v1", "CliffWalking-v1", "FrozenLake8x8-v1", "LunarLander-v3"),
    *("MountainCar-v0", "MountainCarContinuous-v0", "Pendulum-v1", "Taxi-v4"),
)
HERE = tuple(id for id in TASKS if installed(arenas.get(id).requires))
NUMBERS = tuple(id for id in HERE if id not in ("Blackjack-v1", "CliffWalking-v1", "FrozenLake8x8-v1", "Taxi-v4"))


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    with Sandbox(Limits(deadline_s=5.0)) as sandbox, closing(Player(sandbox)) as player:
        yield player


@pytest.fixture(scope="session")
def program() -> Callable[[str], Program]:
    return lambda source: link(source, {}, None)


def _env(spec: ArenaSpec) -> Any:
    return gymnasium.make(spec.id, max_episode_steps=spec.horizon, disable_env_checker=True)


def _policies(spec: ArenaSpec) -> dict[str, Any]:
    return {reference.name: load(reference.source) for reference in spec.references}


@pytest.mark.parametrize("id", HERE)
def test_an_episode_is_gymnasiums(id: str) -> None:
    """Wrappers and limit of steps included, for random actions; the fields are the numbers of the array, in order."""
    spec = arenas.get(id)
    game = spec.make()
    for seed in range(4):
        rng = random.Random(seed)
        env = _env(spec)
        game.reset(seed)
        observation, _ = env.reset(seed=seed)
        total, over = 0.0, False
        while not over:
            seen = decode(spec.schema, game.observe(0))
            if id in NUMBERS:
                assert _flat(vars(seen)) == observation.tolist()
            if spec.actions.kind == "discrete":
                action = element = rng.randrange(spec.actions.size)
            else:
                action = tuple(rng.uniform(low, high) for low, high in zip(spec.actions.low, spec.actions.high, strict=True))
                element = env.action_space.low * 0 + action
                element = element.astype("float32")
            observation, reward, terminated, truncated, _ = env.step(element)
            total, over = total + float(reward), terminated or truncated
            game.act({0: action})
        assert not game.waiting()
        assert game.returns() == pytest.approx((total,))


def _flat(fields: dict[str, Any]) -> list[float]:
    return [number for value in fields.values() for number in (value if isinstance(value, tuple) else (value,))]


def test_taxis_number_is_taken_apart() -> None:
    env, schema = gymnasium.make("Taxi-v4").unwrapped, arenas.get("Taxi-v4").schema
    assert [bytes(row[1:-1]).decode() for row in env.desc[1:-1].view("S11").ravel().tolist()] == list(toy.TOWN)
    for state in range(500):
        row, column, passenger, destination = env.decode(state)
        seen = decode(schema, toy.encode_taxi(state, 0))
        assert (seen.position, seen.passenger, seen.destination) == ((row, column), passenger, destination)
        assert seen.aboard == (passenger == 4)
        assert seen.destination_at == env.locs[destination]
        assert seen.passenger_at == ((row, column) if passenger == 4 else env.locs[passenger])


def test_the_lakes_number_is_a_tile_and_what_is_around_it() -> None:
    env, schema = gymnasium.make("FrozenLake8x8-v1").unwrapped, arenas.get("FrozenLake8x8-v1").schema
    assert tuple(b"".join(row).decode() for row in env.desc) == toy.LAKE
    for state in range(64):
        row, column = divmod(state, 8)
        seen = decode(schema, toy.encode_lake(state, 0))
        assert seen.position == (row, column)
        for tile, (down, right) in zip(seen.around, ((0, -1), (1, 0), (0, 1), (-1, 0)), strict=True):
            y, x = row + down, column + right
            inside = 0 <= y < 8 and 0 <= x < 8
            assert tile == ("FHG".index(toy.LAKE[y][x].replace("S", "F")) if inside else 3)


def test_named_actions_are_gymnasiums_numbers() -> None:
    lake, cliff, town = (gymnasium.make(id).unwrapped for id in ("FrozenLake8x8-v1", "CliffWalking-v1", "Taxi-v4"))
    for name, down, right in (("left", 0, -1), ("down", 1, 0), ("right", 0, 1), ("up", -1, 0)):
        moved = lake.P[8 * 1 + 1][arenas.get("FrozenLake8x8-v1").actions.names.index(name)][1]
        assert divmod(moved[1], 8) == (1 + down, 1 + right)
        ((_, reached, _, _),) = cliff.P[12 * 1 + 1][arenas.get("CliffWalking-v1").actions.names.index(name)]
        assert divmod(int(reached), 12) == (1 + down, 1 + right)
    for name, down, right in (("south", 1, 0), ("north", -1, 0), ("east", 0, 1), ("west", 0, -1)):
        ((_, reached, _, _),) = town.P[town.encode(2, 2, 4, 0)][arenas.get("Taxi-v4").actions.names.index(name)]
        assert town.decode(reached)[:2] == (2 + down, 2 + right)


def test_taxis_mask_is_advice() -> None:
    """A drive into a wall costs a step like any, so it is played and no violation."""
    spec = arenas.get("Taxi-v4")
    assert spec.actions.advisory
    game, env = spec.make(), gymnasium.make("Taxi-v4")
    game.reset(3)
    _, info = env.reset(seed=3)
    taken = 0
    for step in range(40):
        assert list(game.legal(0) or ()) == [index for index in range(6) if info["action_mask"][index]]
        action = step % 6
        taken += action not in (game.legal(0) or ())
        game.act({0: action})
        _, _, _, _, info = env.step(action)
    assert taken > 5
    assert game.returns()[0] < -40


def test_the_optima_are_what_solving_gives() -> None:
    found = [(row.spec.id, row.spec.arguments, row.score) for row in solve.solve()]
    written = json.loads((solve.REFERENCES / "optima.json").read_text())
    assert [(row["arena"], tuple(map(tuple, row["arguments"]))) for row in written] == [row[:2] for row in found]
    assert [row["score"] for row in written] == pytest.approx([row[2] for row in found], abs=1e-9)
    values = {id if starts == "corner" else f"{id} {starts}": value for id, starts, value in _by_starts(found)}
    assert values["CartPole-v1"] == 500
    assert values["CliffWalking-v1"] == -13
    ways = [column + row - 14 if row < 3 else -13 for row, column in toy.SAFE_CELLS]
    assert values["CliffWalking-v1 anywhere"] == pytest.approx(fmean(ways))
    assert values["FrozenLake8x8-v1"] == pytest.approx(0.91, abs=0.005), "gymnasium/envs/__init__.py says 0.91"
    assert values["Taxi-v4"] == pytest.approx(7.93)


def _by_starts(rows: Any) -> Any:
    return [(id, dict(arguments).get("starts", "corner"), value) for id, arguments, value in rows]


@pytest.mark.parametrize(
    ("id", "script"), [("FrozenLake8x8-v1", solve.lake_script), ("Blackjack-v1", solve.blackjack_script)], ids=["lake", "blackjack"]
)
def test_the_optimal_scripts_are_what_solving_writes(id: str, script: Any) -> None:
    (written,) = (reference.source for reference in arenas.get(id).references if reference.name == "optimal")
    assert written == script()


def test_the_dealer_is_the_one_of_the_books() -> None:
    """Busts by open card with an endless deck, standing on every 17, as often published (2: .35, 6: .42, ten: .21)."""
    busts = {card: solve.dealt((card, card == 1))[0] for card in solve.CARDS}
    assert all(sum(solve.dealt((card, card == 1)).values()) == pytest.approx(1) for card in solve.CARDS)
    assert {card: round(busts[card], 2) for card in (2, 6, 10)} == {2: 0.35, 6: 0.42, 10: 0.21}


@pytest.mark.parametrize("id", [*HERE, "catch_pixels_v0"])
def test_nothing_measured_is_better_than_the_optimum(id: str) -> None:
    spec = arenas.get(id)
    best = max(spec.references, key=lambda reference: reference.score or float("-inf"))
    assert best.name != "random"
    assert best.score is not None and best.half_width is not None
    if spec.optimum is not None and not spec.optimum.bound:
        # Twice the half width, because there are several of these.
        assert abs(best.score - spec.optimum.score) <= 2 * best.half_width


@pytest.mark.parametrize(
    ("id", "name", "least"),
    [
        ("Acrobot-v1", "pump", -100),
        ("CartPole-v1", "balance", 499.9),
        ("CliffWalking-v1", "edge", -13),
        ("MountainCar-v0", "pump", -130),
        ("MountainCar-v0", "plan", -105),
        ("MountainCarContinuous-v0", "gentle", 98),
        ("Pendulum-v1", "swing_and_hold", -220),
        ("Taxi-v4", "shortest", 6),
    ],
)
def test_the_scripted_references_do_what_they_say(id: str, name: str, least: float) -> None:
    spec = arenas.get(id)
    policy = _policies(spec)[name]
    assert fmean(returns[0] for returns in play(spec, [policy], range(8))) >= least


@pytest.mark.parametrize("id", HERE)
def test_its_references_play_in_the_sandbox_without_a_forfeit(id: str, player: Any, program: Any) -> None:
    spec = arenas.get(id)
    for reference in spec.references:
        (result,) = player.play([MatchJob(ArenaRef(id, spec.arguments), (program(reference.source),), (800_001, 800_002))])
        assert not any(episode.forfeits or episode.unscored for episode in result.episodes)
        expected = play(spec, [load(reference.source)], (800_001, 800_002))
        if not reference.name.startswith("random"):
            assert [episode.returns for episode in result.episodes] == [pytest.approx(returns) for returns in expected]


def test_one_start_and_no_chance_are_one_game(player: Any, program: Any) -> None:
    """CliffWalking as published: however many seeds, a script that draws nothing plays one game; other starts are other games."""
    edge = program(arenas.get("CliffWalking-v1").references[1].source)
    seeds = tuple(range(60))
    corner, anywhere = player.play(
        [MatchJob(ArenaRef("CliffWalking-v1", (("starts", starts),)), (edge,), seeds) for starts in ("corner", "anywhere")]
    )
    assert len({episode.trajectory for episode in corner.episodes}) == 1
    starts = {toy.cliff_opening(gymnasium.make("CliffWalking-v1").unwrapped, seed) for seed in seeds}
    assert len({episode.trajectory for episode in anywhere.episodes}) == len(starts) > 25


def test_cliff_openings_are_spread_over_all_cells() -> None:
    env = gymnasium.make("CliffWalking-v1").unwrapped
    drawn = Counter(divmod(toy.cliff_opening(env, seed), 12) for seed in range(3_700))
    assert set(drawn) == set(toy.SAFE_CELLS)
    assert min(drawn.values()) > 60
    game = arenas.get("CliffWalking-v1", starts="anywhere").make()
    for seed in range(20):
        game.reset(seed)
        schema = arenas.get("CliffWalking-v1").schema
        assert decode(schema, game.observe(0)).position == divmod(toy.cliff_opening(env, seed), 12)


@pytest.mark.parametrize("id", ["FrozenLake8x8-v1", "Blackjack-v1"])
def test_where_chance_decides_each_seed_is_evidence(id: str, player: Any, program: Any) -> None:
    assert arenas.get(id).chance
    (result,) = player.play([MatchJob(ArenaRef(id), (program("def policy(legal):\n    return legal[0]\n"),), tuple(range(40)))])
    assert len({episode.trajectory for episode in result.episodes}) == 40


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(BadArguments, match=r"starts must be one of corner, anywhere, got 'left'"):
        arenas.get("CliffWalking-v1", starts="left")
    for wrong in (0, 2.5, True):
        with pytest.raises(BadArguments, match="max_episode_steps must be an integer of 1 or more"):
            arenas.get("Pendulum-v1", max_episode_steps=wrong)
    with pytest.raises(BadArguments, match="it takes: max_episode_steps"):
        arenas.get("CartPole-v1", gravity=3)


def test_a_limit_of_steps_is_kept_and_told() -> None:
    spec = arenas.get("CartPole-v1", max_episode_steps=40)
    assert (spec.horizon, spec.arguments) == (40, (("max_episode_steps", 40),))
    assert "cut off after 40 steps" in spec.rules
    assert spec.optimum is None, "worked out for the usual limit only"
    assert play(spec, [_policies(spec)["balance"]], [1]) == [(40.0,)]
