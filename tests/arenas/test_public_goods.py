"""public_goods_v0: payoffs by hand, what a player sees, and that it is a dilemma."""

from __future__ import annotations

import pytest

import arenas
from arenas.decode import decode
from arenas.dilemma import switch, together
from arenas.errors import BadArguments
from arenas.public_goods import public_goods_v0

SEEDS = range(30)


@pytest.mark.parametrize(
    ("gifts", "share", "paid"),
    [
        ((0, 0, 0, 0), 0.4, (10.0, 10.0, 10.0, 10.0)),
        ((10, 10, 10, 10), 0.4, (16.0, 16.0, 16.0, 16.0)),
        ((10, 0, 0, 0), 0.4, (4.0, 14.0, 14.0, 14.0)),
        ((1, 2, 3, 4), 0.75, (16.5, 15.5, 14.5, 13.5)),
    ],
)
def test_a_round_pays_what_is_kept_and_a_share_of_the_pot(gifts: tuple[int, ...], share: float, paid: tuple[float, ...]) -> None:
    env = public_goods_v0.parallel_env(share=share, noise=0.0)
    env.reset(seed=0)
    _, rewards, *_ = env.step({f"player_{seat}": gift for seat, gift in enumerate(gifts)})
    assert tuple(rewards.values()) == pytest.approx(paid)


def test_what_a_player_sees() -> None:
    spec = arenas.get("public_goods_v0", players=3, noise=0.0)
    game = spec.make()
    game.reset(0)
    seen = decode(spec.schema, game.observe(1))
    assert (seen.round, seen.rounds_left, seen.share, seen.others[0], seen.last) == (0, 20, 0.4, -1.0, (-1, -1))
    game.act({0: 10, 1: 3, 2: 1})
    game.act({0: 0, 1: 7, 2: 5})
    seen = decode(spec.schema, game.observe(1))
    assert (seen.round, seen.rounds_left, seen.mine[:3], seen.others[:3]) == (2, 18, (7, 3, -1), (2.5, 5.5, -1.0))
    assert (seen.last, seen.my_rate, seen.rates) == ((5, 0), 0.5, (0.3, 0.5))
    assert game.returns() == pytest.approx(((5.6 + 14.8) / 2, (12.6 + 7.8) / 2, (14.6 + 9.8) / 2))


def test_noise_replaces_its_share_of_gifts_by_random_ones() -> None:
    env = public_goods_v0.parallel_env(players=10, noise=0.2, max_cycles=500)
    env.reset(seed=3)
    while env.agents:
        env.step(dict.fromkeys(env.agents, 0))
    assert sum(env.state()[-10:]) / 10 == pytest.approx(0.2 * 0.5, abs=0.01)


@pytest.mark.parametrize(("players", "share"), [(4, 0.4), (10, 0.3), (2, 0.75)])
def test_it_is_a_dilemma(players: int, share: float) -> None:
    """Giving all is best for all; giving nothing is best for each, whatever the others do."""
    spec = arenas.get("public_goods_v0", players=players, share=share)
    full, nothing = together(spec, "full", SEEDS), together(spec, "free_rider", SEEDS)
    assert full.per_seat > nothing.per_seat + 3
    assert switch(spec, "free_rider", "full", SEEDS).own > full.per_seat
    assert switch(spec, "full", "free_rider", SEEDS).own < nothing.per_seat
    assert nothing.metrics.peace is None
    assert full.metrics.equality == pytest.approx(1.0, abs=0.03)


def test_conditional_cooperators_make_riding_pay_less() -> None:
    spec = arenas.get("public_goods_v0")
    kind, strict = (switch(spec, "free_rider", among, SEEDS).own for among in ("full", "conditional"))
    assert strict < kind - 5
    assert together(spec, "generous", SEEDS).per_seat > strict


def test_wrong_values_are_refused() -> None:
    for wrong in ({"share": -1.0}, {"share": "half"}, {"noise": 1.5}):
        with pytest.raises(BadArguments, match=next(iter(wrong))):
            arenas.get("public_goods_v0", **wrong)
