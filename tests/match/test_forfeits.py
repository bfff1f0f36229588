"""What a violation costs: the seat's right to act and its selection score, never the others' returns."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

import arenas
from arenas.playing import load, play
from mascript.errors import MatchError
from mascript.linking import link
from mascript.match.play import Player
from mascript.records import ArenaRef, MatchJob
from mascript.sandbox import Limits, Sandbox

DILEMMA = ArenaRef("iterated_dilemma_v0", (("horizon", 10),))
ALWAYS = 'return "defect"'

VIOLATIONS = {
    "fuel": "while True:\n    pass",
    "error": "return 1 / 0",
    "action": 'return "betray"',
    "recursion": "def again(n):\n    return again(n + 1)\nreturn again(0)",
}


@pytest.mark.parametrize("reason", VIOLATIONS)
def test_a_violation_costs_the_offender_alone(player: Any, script: Any, reason: str) -> None:
    """From its third decision on the offender plays the forfeit action, cooperate, against one who always defects."""
    late = "\n".join(f"    {line}" for line in VIOLATIONS[reason].splitlines())
    offender = script(f'if step >= 2:\n{late}\nreturn "defect"')
    (result,) = player.play([MatchJob(DILEMMA, (offender, script(ALWAYS)), (1, 2))])
    spec = arenas.get(DILEMMA.id, horizon=10)
    for episode in result.episodes:
        (forfeit,) = episode.forfeits
        assert (forfeit.seat, forfeit.step, forfeit.reason) == (0, 2, reason)
        assert episode.returns == pytest.approx(((2 * 1 + 8 * 0) / 10, (2 * 1 + 8 * 5) / 10))
        assert episode.scores == (spec.floor, episode.returns[1])
        assert episode.steps == 10


@pytest.mark.parametrize(("source", "reason"), [("while True:\n    pass", "load"), ("import os", "gate")])
def test_a_script_that_does_not_load_forfeits_at_once(player: Any, script: Any, source: str, reason: str) -> None:
    broken = replace(script(ALWAYS), pid=f"broken {reason}", source=f"{source}\ndef policy(step):\n    return 'defect'\n")
    (result,) = player.play([MatchJob(DILEMMA, (script(ALWAYS), broken), (1,))])
    (forfeit,) = result.episodes[0].forfeits
    assert (forfeit.seat, forfeit.step, forfeit.reason) == (1, 0, reason)


def test_a_lineup_of_another_size_is_said(player: Any, script: Any) -> None:
    with pytest.raises(MatchError, match=r"iterated_dilemma_v0: expected 2 programs, one per seat, got 1"):
        player.play([MatchJob(DILEMMA, (script(ALWAYS),), (1,))])


def test_the_forfeit_action_is_a_legal_one(player: Any, script: Any) -> None:
    """Column 0 fills up; the seat that forfeited then drops elsewhere and the game ends by the rules."""
    filler = script("return legal[0]")
    (result,) = player.play([MatchJob(ArenaRef("connect_four_v3"), (script("return 1 / 0"), filler), tuple(range(6)))])
    for episode in result.episodes:
        assert [one.reason for one in episode.forfeits] == ["error"] and sum(episode.returns) == 0


def test_a_forbidden_call_is_blamed_on_the_culprit_alone(ungated: Any, script: Any) -> None:
    """Its worker dies with a batch of episodes; played again one by one, only the episodes in which it strikes are lost."""
    culprit = script('if observation.their_rate > 0.4 and step == 3:\n    __import__("socket").socket()\nreturn "defect"')
    seeds = tuple(range(8))
    tit = script('return "cooperate" if step < 2 or observation.theirs[0] == 1 else "defect"')
    dice = script('return "cooperate" if rng.random() < 0.45 else "defect"')
    jobs = [MatchJob(DILEMMA, (dice, culprit), seeds), MatchJob(DILEMMA, (dice, tit), seeds)]
    struck, untouched = ungated.play(jobs)
    dead = [episode for episode in struck.episodes if episode.forfeits]
    assert 0 < len(dead) < len(seeds)
    assert {(one.seat, one.step, one.reason) for episode in dead for one in episode.forfeits} == {(1, 3, "dead")}
    assert not any(episode.unscored for episode in (*struck.episodes, *untouched.episodes))
    (alone,) = ungated.play(jobs[1:])
    assert alone == untouched
    assert ungated.play(jobs) == [struck, untouched]


def test_a_death_in_a_counted_episode_is_told(ungated: Any, script: Any) -> None:
    """The dead worker cannot say what it called; the episode still has a verdict."""
    culprit = script('if step == 3:\n    __import__("os").kill(1, 9)\nreturn "defect"')
    (result,) = ungated.play([MatchJob(DILEMMA, (script(ALWAYS), culprit), (1, 2), count_calls=True)])
    assert [[one.reason for one in episode.forfeits] for episode in result.episodes] == [["dead"], ["dead"]]


def test_a_deadline_leaves_an_episode_unscored(ungated: Any, script: Any) -> None:
    """Time is the machine's: no verdict on the one that was late, and none lost for the others."""
    slow = script('if step == 1:\n    __import__("time").sleep(9)\nreturn "defect"')
    late, fine = ungated.play([MatchJob(DILEMMA, (slow, script(ALWAYS)), (1,)), MatchJob(DILEMMA, (script(ALWAYS),) * 2, (1, 2))])
    assert late.episodes[0].unscored.startswith("deadline") and not late.episodes[0].returns
    assert [episode.returns for episode in fine.episodes] == [(1.0, 1.0), (1.0, 1.0)]


def test_an_action_that_only_the_space_can_refuse(player: Any, script: Any) -> None:
    """Pendulum's torque is bounded: outside it the seat forfeits and zero torque stands in, as a script of zeros would play."""
    pendulum = ArenaRef("Pendulum-v1")
    wild, still = player.play([MatchJob(pendulum, (script(f"return ({torque},)"),), (5,)) for torque in ("9.0", "0.0")])
    (forfeit,) = wild.episodes[0].forfeits
    assert forfeit.reason == "action" and wild.episodes[0].returns == still.episodes[0].returns
    assert wild.episodes[0].scores == (arenas.get("Pendulum-v1").floor,)


def test_unlike_seats_forfeit_with_actions_of_their_own(player: Any, script: Any) -> None:
    """A listener has more actions than a speaker; both may fail, and the reference plays both seats."""
    arena = ArenaRef("mpe2:simple_speaker_listener_v4")
    spec = arenas.get(arena.id)
    assert spec.schemas and spec.seat_actions
    random_script = spec.references[0].source
    anyone = link(random_script, {}, None)
    lineups = [(anyone, anyone), (script("return 1 / 0"), anyone), (anyone, script("return 1 / 0"))]
    fair, first, second = player.play([MatchJob(arena, lineup, (1, 2)) for lineup in lineups])
    assert not any(episode.forfeits for episode in fair.episodes)
    assert [[one.seat for one in episode.forfeits] for episode in (*first.episodes, *second.episodes)] == [[0], [0], [1], [1]]


@pytest.mark.parametrize("arena", ["simple_spread_v3", "connect_four_v3", "iterated_dilemma_v0"])
def test_original_and_twin_play_alike(player: Any, arena: str) -> None:
    """Every reference through the sandbox, in the twin, in the original, and in this process without a sandbox."""
    spec = arenas.get(arena)
    for reference in spec.references[1:3]:
        program = link(reference.source, {}, None)
        twin, original = player.play(
            [MatchJob(ArenaRef(arena, original=own), (program,) * len(spec.seats), (3, 4, 5)) for own in (False, True)]
        )
        assert [episode.forfeits for episode in twin.episodes] == [()] * 3
        for ours, theirs in zip(twin.episodes, original.episodes, strict=True):
            assert ours.returns == pytest.approx(theirs.returns, abs=1e-9) and ours.steps == theirs.steps
        if "rng" not in reference.source:
            here = play(spec, [load(reference.source)] * len(spec.seats), (3, 4, 5))
            for episode, returns in zip(twin.episodes, here, strict=True):
                assert episode.returns == pytest.approx(returns, abs=1e-9)


def test_a_worker_that_has_served_long_is_replaced_before_its_cpu_limit(script: Any) -> None:
    """The kernel counts a worker's whole life: without a new one, honest work of many episodes would end as a hang does."""
    busy = script("n = 0\nwhile n < 150000:\n    n += 1\nreturn 'defect'")
    with Sandbox(Limits(cpu_s=1)) as sandbox, closing(Player(sandbox)) as player:
        for seed in range(25):
            (result,) = player.play([MatchJob(ArenaRef("iterated_dilemma_v0", (("horizon", 4),)), (busy, script(ALWAYS)), (seed,))])
            assert not result.episodes[0].unscored and not result.episodes[0].forfeits
            assert all(not worker.worn for worker in player._workers.values())
        assert sandbox._numbers > 3


def test_a_worker_that_died_idle_is_dropped_at_the_next_call(script: Any) -> None:
    """Its program may never play again, and its descriptors would stay open for as long as the evaluator lives."""
    first, second = script(ALWAYS), script('return "cooperate"')
    with Sandbox() as sandbox, closing(Player(sandbox)) as player:
        player.play([MatchJob(DILEMMA, (first, second), (1,))])
        idle = next(worker for key, worker in player._workers.items() if key[0] == first.pid)
        sandbox.end(idle._number)
        player.play([MatchJob(DILEMMA, (second, second), (1,))])
        assert not idle.living and idle not in player._workers.values()
