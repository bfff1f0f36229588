"""stag_hunt_v0: payoffs by hand, what a player sees, and that it is a stag hunt."""

from __future__ import annotations

import pytest

import arenas
from arenas.decode import decode
from arenas.dilemma import switch, together
from arenas.errors import BadArguments
from arenas.stag_hunt import stag_hunt_v0

SEEDS = range(30)


@pytest.mark.parametrize(
    ("stags", "needed", "paid"),
    [
        ((1, 1, 1), 3, (4.0, 4.0, 4.0)),
        ((1, 1, 0), 3, (0.0, 0.0, 3.0)),
        ((1, 1, 0), 2, (4.0, 4.0, 3.0)),
        ((1, 0, 0), 2, (0.0, 3.0, 3.0)),
        ((0, 0, 0), 2, (3.0, 3.0, 3.0)),
    ],
)
def test_a_stag_falls_to_enough_hunters(stags: tuple[int, ...], needed: int, paid: tuple[float, ...]) -> None:
    env = stag_hunt_v0.parallel_env(players=3, needed=needed, noise=0.0)
    env.reset(seed=0)
    _, rewards, *_ = env.step({f"player_{seat}": 1 - stag for seat, stag in enumerate(stags)})
    assert tuple(rewards.values()) == paid


def test_what_a_player_sees() -> None:
    spec = arenas.get("stag_hunt_v0", players=4, needed=2, noise=0.0)
    game = spec.make()
    game.reset(0)
    seen = decode(spec.schema, game.observe(2))
    assert (seen.round, seen.needed, seen.hunters, seen.last, seen.my_rate) == (0, 2, (-1,) * 10, (-1,) * 3, 0.5)
    game.act({0: 0, 1: 1, 2: 0, 3: 1})
    game.act({0: 0, 1: 0, 2: 1, 3: 1})
    seen = decode(spec.schema, game.observe(2))
    assert (seen.round, seen.mine[:3], seen.hunters[:3]) == (2, (0, 1, -1), (2, 1, -1))
    assert (seen.last, seen.my_rate, seen.rates) == ((0, 1, 1), 0.5, (0.0, 1.0, 0.5))
    assert game.returns() == pytest.approx((4.0, 3.5, 3.5, 3.0))


def test_noise_flips_its_share_of_choices() -> None:
    env = stag_hunt_v0.parallel_env(players=10, noise=0.1, max_cycles=500)
    env.reset(seed=3)
    while env.agents:
        env.step(dict.fromkeys(env.agents, 0))
    assert sum(env.state()[-10:]) / 10 == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize("players", [2, 4])
def test_it_is_a_stag_hunt(players: int) -> None:
    """Both conventions hold against a single deviant, and stag is the better one for all."""
    spec = arenas.get("stag_hunt_v0", players=players)
    stag, hare = together(spec, "always_stag", SEEDS).per_seat, together(spec, "always_hare", SEEDS).per_seat
    assert stag > hare + 0.5
    assert switch(spec, "always_hare", "always_stag", SEEDS).own < stag
    assert switch(spec, "always_stag", "always_hare", SEEDS).own < hare


def test_a_player_who_forgives_a_slip_does_better_than_one_who_does_not() -> None:
    spec = arenas.get("stag_hunt_v0")
    assert together(spec, "patient", SEEDS).per_seat > together(spec, "follow", SEEDS).per_seat + 0.5
    assert switch(spec, "patient", "always_hare", SEEDS).own > switch(spec, "always_stag", "always_hare", SEEDS).own + 2


def test_payoffs_that_make_no_stag_hunt_are_refused() -> None:
    for wrong in ({"stag": 2.0}, {"alone": 3.0}, {"hare": "much"}, {"needed": 1}, {"needed": 3}, {"noise": 2.0}):
        with pytest.raises(BadArguments):
            arenas.get("stag_hunt_v0", **wrong)
