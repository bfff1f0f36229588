"""One-seat episodes in lanes give what they give the general way, whatever happens in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mascript.records import ArenaRef, MatchJob

POLE = ArenaRef("CartPole-v1", (("max_episode_steps", 60),))
LAKE = ArenaRef("FrozenLake-v1")
TAXI = ArenaRef("generic:Taxi-v4")
TOWN = ArenaRef("Taxi-v4")


def _both_ways(player: Any, job: MatchJob) -> tuple[Any, Any]:
    """A trace is kept by the general way alone; memory, rng and steps must come out the same."""
    quick, general = player.play([job])[0], player.play([replace(job, trace=0)])[0]
    assert all(
        len(trace) == episode.steps for trace, episode in zip(general.traces, general.episodes, strict=True) if not episode.forfeits
    )
    return quick.episodes, general.episodes


def test_episodes_of_unlike_lengths(player: Any, script: Any) -> None:
    sways = script('memory["n"] = memory.get("n", 0) + 1\nreturn int(rng.random() < 0.5 + (step % 2 - memory["n"] % 2) / 8)')
    quick, general = _both_ways(player, MatchJob(POLE, (sways,), tuple(range(80))))
    assert quick == general
    assert len({episode.steps for episode in quick}) > 5 and len({episode.trajectory for episode in quick}) == 80


def test_violations_fall_at_their_step(player: Any, script: Any) -> None:
    body = "if step == 7 and rng.random() < 0.5:\n    return {}\nreturn step % 2"
    for wrong, reason in (("2", "action"), ("1 // 0", "error"), ("[0 for _ in range(10**6)]", "fuel"), ('"x" * 3', "action")):
        quick, general = _both_ways(player, MatchJob(POLE, (script(body.format(wrong)),), tuple(range(24))))
        assert quick == general
        fallen = [forfeit for episode in quick for forfeit in episode.forfeits]
        assert 0 < len(fallen) < 24 and {(one.reason, one.step) for one in fallen} == {(reason, 7)}


def test_a_script_that_does_not_load(player: Any, script: Any) -> None:
    quick, general = _both_ways(player, MatchJob(POLE, (script("return 0", head="X = 1 // 0"),), (1, 2, 3)))
    assert quick == general
    assert all(episode.forfeits[0].reason == "load" and episode.steps > 0 for episode in quick)


def test_a_death_in_a_lane_costs_its_own_episode(player: Any, script: Any) -> None:
    hangs = script("if step == 3 and rng.random() < 0.2:\n    x = [0] * 10**6 * 10**3\nreturn step % 2")
    (result,) = player.play([MatchJob(POLE, (hangs,), tuple(range(6)))])
    alone = [player.play([MatchJob(POLE, (hangs,), (seed,))])[0].episodes[0] for seed in range(6)]
    assert list(result.episodes) == alone


def test_masks_and_small_numbers(player: Any, script: Any) -> None:
    """Taxi lists its legal actions in every info, so nothing of it is quick; FrozenLake's observations are single numbers."""
    named = (TOWN, "return legal[(observation.position[0] + step) % len(legal)]")
    for arena, body in (
        (LAKE, "return (observation + step) % 4"),
        (TAXI, "return legal[(observation + step) % len(legal)]"),
        named,
    ):
        quick, general = _both_ways(player, MatchJob(arena, (script(body),), tuple(range(12))))
        assert quick == general and not any(episode.forfeits for episode in quick)


def test_two_scripts_and_jobs_beside_each_other(player: Any, script: Any) -> None:
    """A lane, another lane, and a traced job of the same worker that plays the general way."""
    left, right = script("return 0"), script("return step % 2")
    jobs = [
        MatchJob(POLE, (left,), (1, 2, 3)),
        MatchJob(POLE, (right,), (1, 2)),
        MatchJob(POLE, (right,), (3, 4), trace=0, count_calls=False),
    ]
    together = [result.episodes for result in player.play(jobs)]
    assert together == [player.play([job])[0].episodes for job in jobs]
