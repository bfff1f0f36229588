"""leduc_v0: PettingZoo's test functions, ours, the rules by hand, and the size of the whole game."""

from __future__ import annotations

import copy
import random
import warnings
from typing import Any

import pytest

import arenas
from arenas.decode import decode
from arenas.errors import IllegalAction
from arenas.extensive.nash_conv import nash_conv
from arenas.extensive.tree import Chance, Choice, End, Node, form
from arenas.leduc import leduc_v0
from arenas.leduc.rules import CALL, FOLD, RAISE, Hand
from arenas.leduc.solve import key, percents, rounded
from arenas.playing import load, play

with warnings.catch_warnings():
    # PettingZoo's test package imports its own deprecated modules.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pettingzoo.test import api_test, seed_test


def after(hand: Hand, moves: str) -> Hand:
    for letter in moves:
        action = "fcr".index(letter)
        assert action in hand.legal(), (hand, letter)
        hand = hand.after(action)
    return hand


@pytest.mark.parametrize(
    ("cards", "public", "moves", "returns"),
    [
        ((0, 2), 1, "rf", (1, -1)),
        ((0, 2), 1, "crf", (-1, 1)),
        ((0, 2), 1, "rrf", (-3, 3)),
        ((0, 2), 1, "cccc", (-1, 1)),
        ((2, 0), 1, "cccc", (1, -1)),
        ((0, 2), 0, "cccc", (1, -1)),
        ((1, 1), 0, "crccrrc", (0, 0)),
        ((2, 1), 1, "crrcrrc", (-13, 13)),
        ((2, 1), 1, "crccrf", (-3, 3)),
        ((2, 1), 0, "rccrrc", (11, -11)),
    ],
)
def test_who_wins_what(cards: tuple[int, int], public: int, moves: str, returns: tuple[int, int]) -> None:
    hand = after(Hand(cards, public), moves)
    assert hand.over and hand.legal() == ()
    assert hand.returns() == returns


def test_what_is_legal() -> None:
    start = Hand((0, 1), 2)
    assert start.legal() == (CALL, RAISE)
    assert after(start, "r").legal() == (FOLD, CALL, RAISE)
    assert after(start, "rr").legal() == (FOLD, CALL)
    assert after(start, "c").legal() == (CALL, RAISE)
    second = after(start, "crrc")
    assert (second.round, second.to_move, second.legal(), second.chips) == (1, 0, (CALL, RAISE), (5, 5))


def test_a_player_sees_its_own_card_and_the_table_when_it_is_turned() -> None:
    spec = arenas.get("leduc_v0")
    game = spec.make()
    game.reset(3)
    start = decode(spec.schema, game.observe(0))
    assert (start.public, start.round, start.first, start.to_call, start.raises_left) == (-1, 1, (-1,) * 4, 0, 2)
    game.act({0: RAISE})
    seen = decode(spec.schema, game.observe(1))
    assert (seen.first, seen.my_chips, seen.their_chips, seen.to_call, seen.raises_left) == ((2, -1, -1, -1), 1, 3, 2, 1)
    with pytest.raises(IllegalAction):
        game.act({0: CALL})
    game.act({1: CALL})
    later = decode(spec.schema, game.observe(0))
    assert later.round == 2 and later.public in (0, 1, 2) and game.legal(0) == (CALL, RAISE)


def test_pettingzoo_own_tests_pass() -> None:
    with warnings.catch_warnings():
        # PettingZoo's own way of giving legal actions, a Dict with a mask, earns a warning from its own test.
        warnings.filterwarnings("ignore", "Observation (space for each agent probably|is not a NumPy array)", UserWarning)
        api_test(leduc_v0.raw_env(), num_cycles=300)
    seed_test(leduc_v0.env, num_cycles=100)


def _walk(env: Any, choices: random.Random) -> list[Any]:
    said = []
    for agent in env.agent_iter():
        observation, reward, terminated, truncated, _ = env.last()
        assert env.observation_space(agent).contains(observation) and env.state_space.contains(env.state())
        said.append((agent, observation["observation"].tolist(), observation["action_mask"].tolist(), reward))
        legal = observation["action_mask"].nonzero()[0].tolist()
        env.step(None if terminated or truncated else choices.choice(legal))
    return said


def test_a_reused_instance_plays_like_a_fresh_one_and_a_copy_goes_on_alike() -> None:
    used = leduc_v0.raw_env()
    for seed in range(20):
        fresh = leduc_v0.raw_env()
        for env in (used, fresh):
            env.reset(seed=seed)
        played = _walk(fresh, random.Random(seed))
        assert _walk(used, random.Random(seed)) == played
        used.reset(seed=seed)
        used.step(RAISE)
        other = copy.deepcopy(used)
        assert _walk(other, random.Random(1)) == _walk(used, random.Random(1))


def test_rewards_come_once_when_the_hand_is_over() -> None:
    env = leduc_v0.env()
    env.reset(seed=5)
    env.step(RAISE)
    env.step(FOLD)
    assert env.rewards == {"player_0": 1.0, "player_1": -1.0}
    told = {}
    for agent in env.agent_iter():
        told[agent] = env.last()[1:4]
        env.step(None)
    assert told == {"player_0": (1.0, True, False), "player_1": (-1.0, True, False)}


def test_rendering_is_text() -> None:
    env = leduc_v0.raw_env(render_mode="ansi")
    env.reset(seed=0)
    env.step(RAISE)
    env.step(CALL)
    lines = env.render().splitlines()
    assert lines[0].startswith("pot 6, table ") and lines[-2:] == ["round 1: raise call", "round 2:"]


def _count(node: Node, found: dict[type, int]) -> None:
    found[type(node)] = found.get(type(node), 0) + 1
    below = node.children if isinstance(node, Choice) else [child for _, child in node.outcomes] if isinstance(node, Chance) else []
    for child in below:
        _count(child, found)


def test_the_tree_is_the_whole_game() -> None:
    """A round of betting has 6 choices, 4 folds and 5 calls that end it; there are 9 pairs of ranks and 24 triples."""
    spec = arenas.get("leduc_v0")
    assert spec.tree is not None
    root = spec.tree()
    found: dict[type, int] = {}
    _count(root, found)
    assert found == {Choice: 9 * 6 + 24 * 5 * 6, End: 9 * 4 + 24 * 5 * 9, Chance: 1 + 9 * 5}
    assert len(form(root, 2).states) == 288


def test_the_tree_is_the_game_that_is_played() -> None:
    """Mean returns of sampled hands agree with the exact values."""
    spec = arenas.get("leduc_v0")
    assert spec.tree is not None
    game = form(spec.tree(), 2)
    calling = tuple(tuple(float(action == CALL) for action in state.now.legal) for state in game.states)
    policies = {one.name: load(one.source) for one in spec.references}
    for policy, name in ((game.uniform(), "random"), (calling, "always_call")):
        expected = nash_conv(game, policy).values[0]
        returns = [one for one, _ in play(spec, [policies[name]] * 2, range(6_000))]
        assert sum(returns) / len(returns) == pytest.approx(expected, abs=0.2)


def test_the_table_of_the_reference_is_nearly_an_equilibrium() -> None:
    spec = arenas.get("leduc_v0")
    assert spec.tree is not None
    game = form(spec.tree(), 2)
    namespace: dict[str, Any] = {}
    exec(next(one.source for one in spec.references if one.name == "cfr_plus"), namespace)
    table = namespace["TABLE"]
    assert len(table) == 288
    rows = []
    for state in game.states:
        fold, lift = table[key(state)]
        shares = {FOLD: fold / 100, RAISE: lift / 100, CALL: 1 - (fold + lift) / 100}
        rows.append(tuple(shares[action] for action in state.now.legal))
        assert percents(state, rows[-1]) == (fold, lift)
    assert nash_conv(game, tuple(rows)).total == pytest.approx(0.030453, abs=1e-6)
    assert nash_conv(game, rounded(game, tuple(rows))).total == pytest.approx(0.030453, abs=1e-6)
