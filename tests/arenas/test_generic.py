"""Ids without a spec: how they are found, how their spaces become schemas, and what is said where they cannot."""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium
import numpy
import pytest
from gymnasium import spaces

import arenas
from arenas.decode import decode
from arenas.errors import ArenaError, BadArguments, IllegalAction, UnknownArena, UnsupportedSpace
from arenas.playing import load, play
from arenas.spaces import actions_of, element, packer, schema_of


class Mixed(gymnasium.Env[Any, Any]):
    """Every supported space at once; pays 1 for each step and remembers the last action."""

    metadata: ClassVar[dict[str, Any]] = {"render_modes": []}
    observation_space = spaces.Dict(
        {
            "place": spaces.Discrete(4, start=2),
            "parts": spaces.Tuple((spaces.Box(-1, 1, (2, 3), numpy.float32), spaces.MultiBinary(3))),
            "dials": spaces.MultiDiscrete([3, 5]),
        }
    )
    action_space = spaces.Tuple(
        (
            spaces.Discrete(3, start=-1),
            spaces.Dict({"push": spaces.Box(-2, 2, (2,), numpy.float32), "keys": spaces.MultiDiscrete([2, 4], start=[1, 0])}),
            spaces.MultiBinary(2),
        )
    )

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.observation_space.seed(seed)
        self.steps = 0
        return self.observation_space.sample(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        if not self.action_space.contains(action):
            raise ValueError(f"the adapter let {action} through")
        self.steps += 1
        return self.observation_space.sample(), 1.0, self.steps >= 5, False, {}


class Shifted(gymnasium.Env[int, int]):
    """Actions 3, 4, 5, of which the info allows all but 4, and step raises on it; pays the action."""

    metadata: ClassVar[dict[str, Any]] = {"render_modes": []}
    observation_space = spaces.Discrete(2)
    action_space = spaces.Discrete(3, start=3)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        super().reset(seed=seed)
        return 1, {"action_mask": numpy.array([1, 0, 1], dtype=numpy.int8)}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        if action == 4:
            raise ValueError("not now")
        return 0, float(action), True, False, {}


class Paired(Shifted):
    """Pays two players, as some Gymnasium environments do."""

    def step(self, action: int) -> tuple[int, Any, bool, bool, dict[str, Any]]:
        return 0, [1.0, 2.0], True, False, {}


gymnasium.register("MascriptPaired-v0", entry_point=Paired)
gymnasium.register("MascriptMixed-v0", entry_point=Mixed)
gymnasium.register("MascriptShifted-v0", entry_point=Shifted)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return list(a) == list(b) and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, tuple):
        return isinstance(b, tuple) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    return bool(numpy.array_equal(a, b)) and getattr(a, "dtype", None) == getattr(b, "dtype", None)


def test_a_nested_observation_comes_back_as_the_space_gives_it() -> None:
    space = Mixed.observation_space
    space.seed(1)
    pack, schema = packer(space), schema_of(space)
    for _ in range(20):
        sample = space.sample()
        seen = decode(schema, pack(sample, 0))
        seen["place"] = numpy.int64(seen["place"])
        assert _same(seen, sample)


def test_a_flat_reply_becomes_an_element_of_a_nested_space() -> None:
    space = Mixed.action_space
    spec = actions_of(space)
    assert (spec.kind, spec.size) == ("composite", 7)
    assert spec.low == (-1, 1, 0, -2, -2, 0, 0)
    assert spec.high == (1, 2, 3, 2, 2, 1, 1)
    value = element(space, (-1, 2, 3, 0.5, -2, 0, 1))
    assert space.contains(value)
    assert value[0] == -1
    assert value[1]["push"].tolist() == [0.5, -2.0]
    assert value[1]["keys"].tolist() == [2, 3]


def test_random_play_with_every_kind_of_space() -> None:
    spec = arenas.get("MascriptMixed-v0")
    assert play(spec, [load(spec.references[0].source)], range(3)) == [(5.0,)] * 3
    game = spec.make()
    game.reset(0)
    for wrong in (
        (5, 1, 0, 0, 0, 0, 0),
        (0, 1, 0, 0, 0, 0),
        (0.5, 1, 0, 0, 0, 0, 0),
        (0, 1, 0, 3, 0, 0, 0),
        (0, 1, 0, float("nan"), 0, 0, 0),
    ):
        with pytest.raises(IllegalAction, match="seat 0"):
            game.act({0: wrong})


def test_indices_count_from_zero_whatever_the_start_and_the_info_may_mask() -> None:
    spec = arenas.get("MascriptShifted-v0")
    game = spec.make()
    game.reset(0)
    assert tuple(game.legal(0) or ()) == (0, 2)
    with pytest.raises(IllegalAction, match="legal"):
        game.act({0: 1})
    game.act({0: 2})
    assert tuple(game.returns()) == (5.0,)
    assert play(spec, [lambda legal: legal[0]], [0]) == [(3.0,)]


def test_a_mask_in_the_info_of_an_environment_that_takes_every_action_is_advice() -> None:
    """Taxi's mask names the actions that change something; the others, a drive into a wall, cost a step like any."""
    spec = arenas.get("generic:Taxi-v4")
    assert spec.actions.advisory
    assert not arenas.get("generic:CartPole-v1").actions.advisory
    assert not arenas.get("classic/tictactoe-v3").actions.advisory
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


def test_rewards_for_several_players_are_refused_with_a_reason() -> None:
    game = arenas.get("MascriptPaired-v0").make()
    game.reset(0)
    with pytest.raises(UnsupportedSpace, match=r"one reward.*\[1.0, 2.0\]"):
        game.act({0: 0})


def test_cartpole_is_the_array_that_gymnasium_gives() -> None:
    spec = arenas.get("generic:CartPole-v1")
    game = spec.make()
    game.reset(5)
    expected, _ = gymnasium.make("CartPole-v1").reset(seed=5)
    seen = decode(spec.schema, game.observe(0))
    assert seen.dtype == numpy.float32
    assert numpy.array_equal(seen, expected)
    assert (spec.kind, spec.horizon, spec.actions.size) == ("single", 500, 2)


def test_an_observation_with_a_mask_is_the_dict_itself() -> None:
    spec = arenas.get("classic/tictactoe_v3")
    assert spec.id == "classic/tictactoe-v3"
    game = spec.make()
    game.reset(0)
    game.act({0: 4})
    seen = decode(spec.schema, game.observe(1))
    assert list(seen) == ["action_mask", "observation"] or list(seen) == ["observation", "action_mask"]
    assert tuple(game.legal(1) or ()) == (0, 1, 2, 3, 5, 6, 7, 8)
    assert seen["action_mask"].tolist() == [1, 1, 1, 1, 0, 1, 1, 1, 1]


def test_returns_of_an_aec_game_are_what_pettingzoo_reports_to_its_agents() -> None:
    from pettingzoo import make

    spec = arenas.get("classic/tictactoe-v3")
    moves = [0, 3, 1, 4, 2]
    game = spec.make()
    game.reset(0)
    for move in moves:
        game.act({game.waiting()[0]: move})
    env = make("aec", "classic/tictactoe-v3")
    env.reset(seed=0)
    totals = dict.fromkeys(env.possible_agents, 0.0)
    for agent in env.agent_iter():
        _, reward, terminated, truncated, _ = env.last()
        totals[agent] += reward
        env.step(None if terminated or truncated else moves.pop(0))
    assert tuple(game.returns()) == tuple(totals.values()) == (1.0, -1.0)
    assert tuple(game.waiting()) == ()


def test_seats_may_observe_and_act_differently() -> None:
    spec = arenas.get("mpe2:simple_speaker_listener_v4")
    assert [spec.schema_of(seat).fields[0].shape for seat in (0, 1)] == [(3,), (11,)]
    assert [spec.actions_of(seat).size for seat in (0, 1)] == [3, 5]


def test_the_prefix_reaches_the_environment_behind_a_registered_spec() -> None:
    assert arenas.get("generic:simple_spread_v3", N=4).id == "mpe2:simple_spread_v3"
    assert arenas.get("generic:simple_spread_v3").schema.fields[0].shape == (18,)


@pytest.mark.parametrize(
    ("id", "near"),
    [
        ("simple_spred_v3", "simple_spread_v3"),
        ("CartPol-v1", "CartPole-v1"),
        ("classic/tictacto-v3", "classic/tictactoe-v3"),
        ("mpe2:simple_tagg_v3", "mpe2:simple_tag_v3"),
        ("Taxi-v3", "Taxi-v4"),
    ],
)
def test_an_unknown_id_names_its_neighbours(id: str, near: str) -> None:
    with pytest.raises(UnknownArena, match=near) as caught:
        arenas.get(id)
    assert caught.value.near[0] == near


@pytest.mark.parametrize("id", ["", "a b", "os:system_v1", "no.such.package:thing_v0", "../etc", ":", "generic:", "x/y/z"])
def test_odd_ids_are_unknown_and_nothing_worse(id: str) -> None:
    with pytest.raises(UnknownArena):
        arenas.get(id)


def test_arguments_that_an_environment_does_not_take() -> None:
    with pytest.raises(BadArguments, match="wind"):
        arenas.get("generic:CartPole-v1", wind=3)
    with pytest.raises(BadArguments, match="colour"):
        arenas.get("mpe2:simple_tag_v3", colour="red")


@pytest.mark.parametrize(
    "space",
    [
        spaces.Box(0, 255, (64, 64, 3), numpy.uint8),
        spaces.Box(0, 255, (84, 84), numpy.uint8),
        spaces.Box(0, 255, (4, 84, 84), numpy.uint8),
        spaces.Box(0, 1, (3, 64, 64), numpy.float32),
        spaces.Text(5),
        spaces.Sequence(spaces.Discrete(3)),
        spaces.Graph(spaces.Box(0, 1, (2,)), None),
    ],
)
def test_spaces_without_a_readable_form_are_refused(space: Any) -> None:
    with pytest.raises(UnsupportedSpace, match=r"image|fixed size"):
        schema_of(spaces.Dict({"eye": space}))


def test_boards_and_maps_are_not_taken_for_images() -> None:
    assert schema_of(spaces.Box(0, 255, (8, 8, 3), numpy.uint8)).fields[0].dtype == "B"
    assert schema_of(spaces.Box(0, 1, (19, 19, 17), numpy.float32)).fields[0].dtype == "f"
    assert schema_of(spaces.Box(0, 1, (64, 64), numpy.float64)).fields[0].dtype == "d"


def test_an_environment_of_images_is_refused_by_naming_the_hook() -> None:
    with pytest.raises(UnsupportedSpace, match=r"feature extractor as its `encode` hook"):
        arenas.get("butterfly/cooperative_pong-v6")


def test_every_error_is_an_arena_error() -> None:
    from arenas import errors

    assert all(issubclass(getattr(errors, name), ArenaError) for name in errors.__all__)
