"""The particle scenarios with roles: what each seat sees, what the words do, who is paid for what, and how the references fare."""

from __future__ import annotations

from statistics import fmean
from typing import Any

import pytest

import arenas
from arenas.decode import decode
from arenas.errors import BadArguments, IllegalAction
from arenas.playing import load, play
from arenas.spec import ArenaSpec, Game

IDS = tuple(id for id in arenas.names() if id.startswith("simple_"))


def _seen(spec: ArenaSpec, game: Game, seat: int) -> Any:
    return decode(spec.schema_of(seat), game.observe(seat))


def _both(spec: ArenaSpec, seed: int = 3) -> list[Game]:
    games = [spec.make(), spec.make_twin()]  # type: ignore[misc]
    for game in games:
        game.reset(seed)
    return games


def test_a_word_arrives_one_step_later() -> None:
    spec = arenas.get("simple_speaker_listener_v4")
    for game in _both(spec):
        assert _seen(spec, game, 1).heard == -1
        game.act({0: spec.actions_of(0).names.index("say_2"), 1: 0})
        assert _seen(spec, game, 1).heard == 2


def test_the_speaker_knows_the_landmark_that_pays() -> None:
    spec = arenas.get("simple_speaker_listener_v4")
    for seed in range(6):
        for game in _both(spec, seed):
            x, y = _seen(spec, game, 1).landmarks[_seen(spec, game, 0).goal]
            game.act({0: 0, 1: 0})
            assert tuple(game.returns()) == pytest.approx((-(x * x + y * y),) * 2, abs=1e-5)


def test_movement_and_word_are_chosen_at_once() -> None:
    spec = arenas.get("simple_reference_v3")
    assert len(spec.actions.names) == len(set(spec.actions.names)) == 50
    for game in _both(spec):
        game.act({0: spec.actions.names.index("right_say_7"), 1: spec.actions.names.index("up_say_0")})
        first, second = _seen(spec, game, 0), _seen(spec, game, 1)
        assert (first.heard, second.heard) == (0, 7)
        assert first.velocity == pytest.approx((0.5, 0.0))
        assert second.velocity == pytest.approx((0.0, 0.5))


def test_roles_are_told_apart_by_what_they_see() -> None:
    spec = arenas.get("simple_tag_v3")
    assert spec.teams == ((0, 1, 2), (3,))
    for game in _both(spec):
        hunter, prey = _seen(spec, game, 0), _seen(spec, game, 3)
        assert (hunter.hunter, prey.hunter) == (True, False)
        assert (len(hunter.hunters), len(prey.hunters), len(hunter.prey)) == (2, 3, 1)
        assert not hasattr(prey, "prey")
        assert hunter.prey[0] == pytest.approx([-coordinate for coordinate in prey.hunters[0]])
    spec = arenas.get("simple_adversary_v3")
    for game in _both(spec):
        assert not hasattr(_seen(spec, game, 0), "goal")
        assert _seen(spec, game, 2).goal in _seen(spec, game, 2).landmarks


@pytest.mark.parametrize(
    ("id", "focal", "mine", "theirs", "least"),
    [
        ("simple_tag_v3", (0, 1, 2), "chase_and_flee", "random", 50.0),
        ("simple_tag_v3", (3,), "chase_and_flee", "random", -6.0),
        ("simple_adversary_v3", (0,), "decoy_and_infer", "random", -20.0),
        ("simple_adversary_v3", (1, 2), "decoy_and_infer", "random", 17.0),
        ("simple_push_v3", (0,), "guard_and_go", "random", 9.0),
        ("simple_push_v3", (1,), "guard_and_go", "random", -10.0),
    ],
)
def test_references_play_both_sides_well(id: str, focal: tuple[int, ...], mine: str, theirs: str, least: float) -> None:
    spec = arenas.get(id)
    assert focal in spec.teams
    policies = {reference.name: load(reference.source) for reference in spec.references}
    lineup = [policies[mine if seat in focal else theirs] for seat in range(len(spec.seats))]
    results = play(spec, lineup, range(7_000, 7_100))
    assert fmean(returns[seat] for returns in results for seat in focal) > least


@pytest.mark.parametrize(
    ("id", "scores"),
    [
        ("simple_speaker_listener_v4", {"random": -40.0, "protocol": -8.2, "protocol_from_centre": -7.0}),
        ("simple_reference_v3", {"random": -28.5, "protocol": -8.9}),
    ],
)
def test_protocols_reach_their_known_scores(id: str, scores: dict[str, float]) -> None:
    spec = arenas.get(id)
    for reference in spec.references:
        results = play(spec, [load(reference.source)] * 2, range(7_000, 7_300))
        assert fmean(map(fmean, results)) == pytest.approx(scores[reference.name], rel=0.2)


@pytest.mark.parametrize("id", IDS)
def test_both_games_refuse_an_action_outside_the_space(id: str) -> None:
    spec = arenas.get(id)
    for game in _both(spec):
        for wrong in (spec.actions_of(1).size, -1, 1.0, True, "left", None):
            with pytest.raises(IllegalAction, match="seat 1"):
                game.act({**dict.fromkeys(range(len(spec.seats)), 0), 1: wrong})


@pytest.mark.parametrize(
    ("id", "arguments"),
    [
        ("simple_tag_v3", {"num_good": 0}),
        ("simple_tag_v3", {"num_obstacles": -1}),
        ("simple_adversary_v3", {"N": 0}),
        ("simple_push_v3", {"max_cycles": 0}),
        ("simple_reference_v3", {"local_ratio": 1.5}),
        ("simple_speaker_listener_v4", {"max_cycles": 2.0}),
        ("simple_push_v3", {"colour": 1}),
    ],
)
def test_wrong_arguments_are_named(id: str, arguments: dict[str, object]) -> None:
    with pytest.raises(BadArguments, match=f"{id}.*{next(iter(arguments))}"):
        arenas.get(id, **arguments)
