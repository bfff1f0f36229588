"""The fast twin of simple_spread against mpe2 itself, and the references against their known scores."""

from __future__ import annotations

import random

import pytest

import arenas
from arenas.decode import decode
from arenas.errors import BadArguments, IllegalAction
from arenas.playing import load, play


@pytest.mark.parametrize(("agents", "seeds"), [(3, 50), (4, 20), (2, 10)])
def test_twin_equals_the_original_step_by_step(agents: int, seeds: int) -> None:
    spec = arenas.get("simple_spread_v3", N=agents)
    original, twin = spec.make(), spec.make_twin()  # type: ignore[misc]
    for seed in range(seeds):
        rng = random.Random(seed)
        original.reset(seed)
        twin.reset(seed)
        while original.waiting():
            assert list(original.waiting()) == list(twin.waiting()) == list(range(agents))
            assert all(original.observe(seat) == twin.observe(seat) for seat in range(agents))
            # A heavy hand on one direction brings agents together, so that contact forces are compared too.
            joint = {seat: rng.choice((0, 1, 2, 3, 4, 1 + seed % 4)) for seat in range(agents)}
            original.act(joint)
            twin.act(joint)
            assert twin.returns() == pytest.approx(original.returns(), abs=1e-9)
        assert not twin.waiting()


def test_twin_equals_the_original_when_agents_are_pressed_together() -> None:
    spec = arenas.get("simple_spread_v3", local_ratio=0.9, max_cycles=40)
    original, twin = spec.make(), spec.make_twin()  # type: ignore[misc]
    collided = 0
    for seed in range(10):
        original.reset(seed)
        twin.reset(seed)
        target = spec.actions
        while original.waiting():
            joint = {}
            for seat in range(3):
                other = _others(original.observe(seat))[0]
                joint[seat] = max(
                    range(5), key=lambda action: sum(a * b for a, b in zip(target.directions[action], other, strict=True))
                )
                collided += abs(other[0]) + abs(other[1]) < 0.3
            original.act(joint)
            twin.act(joint)
        assert twin.returns() == pytest.approx(original.returns(), abs=1e-9)
    assert collided > 60


def _others(packed: bytes) -> tuple[tuple[float, float], ...]:
    others: tuple[tuple[float, float], ...] = decode(arenas.get("simple_spread_v3").schema, packed).others
    return others


def test_references_reach_their_known_scores() -> None:
    """Measured for mpe2 1.1.1: random -27.2, nearest -18.2, fixed -15.2, assignment with braking -8.2 per agent."""
    spec = arenas.get("simple_spread_v3")
    means = {}
    for reference in spec.references:
        policy = load(reference.source)
        results = play(spec, [policy] * 3, range(5_000, 5_150))
        means[reference.name] = sum(map(sum, results)) / 450
    assert means["random"] == pytest.approx(-27.2, abs=2.5)
    assert means["nearest"] == pytest.approx(-18.2, abs=1.5)
    assert means["fixed"] == pytest.approx(-15.2, abs=1.0)
    assert means["assignment"] == pytest.approx(-8.2, abs=0.6)
    assert min(means.values()) > spec.floor


@pytest.mark.parametrize("action", [5, -1, 1.0, True, "left", None])
def test_both_games_refuse_an_action_outside_the_space(action: object) -> None:
    spec = arenas.get("simple_spread_v3")
    for game in (spec.make(), spec.make_twin()):  # type: ignore[misc]
        game.reset(1)
        with pytest.raises(IllegalAction, match="seat 1"):
            game.act({0: 0, 1: action, 2: 0})


@pytest.mark.parametrize("arguments", [{"N": 1}, {"N": "3"}, {"local_ratio": 2}, {"max_cycles": 0}, {"n": 3}])
def test_wrong_arguments_are_named(arguments: dict[str, object]) -> None:
    with pytest.raises(BadArguments, match=f"simple_spread_v3.*{next(iter(arguments))}"):
        arenas.get("simple_spread_v3", **arguments)
