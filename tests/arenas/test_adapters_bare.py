"""Games on bare environments give what the environments' public interfaces give."""

from __future__ import annotations

import random
from importlib import import_module

import gymnasium
import numpy

import arenas
from arenas.adapters.actions import DiscreteCodec
from arenas.adapters.parallel import ParallelGame
from arenas.spec import OneSeatGame


def test_a_cycle_is_a_parallel_step() -> None:
    spec = arenas.get("simple_spread_v3")
    bare = spec.make()
    parallel = ParallelGame(
        lambda: import_module("mpe2.simple_spread_v3").parallel_env(N=3, local_ratio=0.5, max_cycles=25),
        lambda observation, seat: observation[:14].astype("<f4").tobytes(),
        [DiscreteCodec(5)] * 3,
    )
    for seed in range(6):
        dice = random.Random(seed)
        bare.reset(seed)
        parallel.reset(seed)
        while bare.waiting():
            assert tuple(bare.waiting()) == tuple(parallel.waiting())
            assert [bare.observe(seat) for seat in range(3)] == [parallel.observe(seat) for seat in range(3)]
            actions = {seat: dice.randrange(5) for seat in range(3)}
            bare.act(actions)
            parallel.act(actions)
            assert bare.returns() == parallel.returns()
        assert not parallel.waiting()


def test_connect_four_is_packed_as_the_planes_say() -> None:
    game = arenas.get("connect_four_v3").make()
    env = import_module("arenas.connect_four.spec").bare()
    env.reset(seed=0)
    dice, encode = random.Random(3), import_module("arenas.connect_four.spec").encode
    while not any(env.terminations.values()):
        seen = env.observe(env.agent_selection)
        mine, theirs = seen["observation"][:, :, 0], seen["observation"][:, :, 1]
        landing = 5 - (mine + theirs).sum(axis=0)
        assert encode(seen, 0) == (mine - theirs).astype("i1").tobytes() + landing.astype("i1").tobytes()
        env.step(dice.choice(numpy.flatnonzero(seen["action_mask"]).tolist()))
    game.reset(5)
    assert len(game.observe(game.waiting()[0])) == 49


def test_moves_are_steps_of_the_whole_environment() -> None:
    """The quick way against Gymnasium's own, wrappers and limit of steps included; and against the game's own slow way."""
    arena, limit = "CartPole-v1", 40
    spec = arenas.get(arena, max_episode_steps=limit)
    whole, quick, slow = gymnasium.make(arena, max_episode_steps=limit), spec.make(), spec.make()
    assert isinstance(quick, OneSeatGame)
    for seed, choose in ((1, lambda seen: int(seen[2] > 0)), (2, lambda seen: 1)):
        observation, _ = whole.reset(seed=seed)
        quick.reset(seed)
        slow.reset(seed)
        played: list[int] = []
        moves = quick.moves(1000, played)
        assert moves is not None
        shown, total, over = next(moves), 0.0, False
        while not over:
            assert shown == slow.observe(0) == observation.tobytes()
            action = choose(observation)
            observation, reward, terminated, truncated, _ = whole.step(action)
            total, over = total + float(reward), terminated or truncated
            slow.act({0: action})
            shown = moves.send(action)
        assert shown == b"" and played[-1] == action
        moves.close()
        assert tuple(quick.waiting()) == tuple(slow.waiting()) == ()
        assert quick.returns() == slow.returns() == (total,)


def test_moves_that_stop_half_way_leave_the_game_where_it_is() -> None:
    quick, slow = arenas.get("CartPole-v1").make(), arenas.get("CartPole-v1").make()
    assert isinstance(quick, OneSeatGame)
    for game in (quick, slow):
        game.reset(7)
    moves = quick.moves(3, [])
    assert moves is not None
    next(moves)
    for action in (0, 1, 1):
        shown = moves.send(action)
        slow.act({0: action})
    assert shown == b""
    moves.close()
    assert quick.observe(0) == slow.observe(0) and quick.returns() == slow.returns() == (3.0,)
    for game in (quick, slow):
        game.act({0: 1})
    assert quick.observe(0) == slow.observe(0)
