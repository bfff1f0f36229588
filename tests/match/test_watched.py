"""Decisions of watched episodes are kept, and an episode that a machine limit cut short keeps those that were made."""

from __future__ import annotations

from typing import Any

from mascript.records import ArenaRef, MatchJob, Move

DILEMMA = ArenaRef("iterated_dilemma_v0", (("horizon", 4),))


def test_decisions_of_watched_episodes_are_kept(player: Any, script: Any) -> None:
    mine, yours = script('return "defect" if step == 2 else "cooperate"'), script('return "cooperate" if step < 3 else 7')
    watching = MatchJob(DILEMMA, (mine, yours), (1, 2), watched=(2,))
    (result,) = player.play([watching])
    assert result.moves[0] == () and [move[:2] for move in result.moves[1]] == [
        (step, seat) for step in range(4) for seat in (0, 1)
    ]
    assert [move.action for move in result.moves[1] if move.seat == 0] == [0, 0, 1, 0]
    assert result.moves[1][-1].action is None and result.episodes[1].forfeits[0].seat == 1
    (plain,) = player.play([MatchJob(DILEMMA, (mine, yours), (1, 2))])
    assert plain.moves == () and plain.episodes == result.episodes


def test_what_was_shown_is_told_apart(player: Any, script: Any) -> None:
    steady, other = script('return "defect"'), script('return "cooperate"')
    (one,) = player.play([MatchJob(DILEMMA, (steady, steady), (1,), watched=(1,))])
    (two,) = player.play([MatchJob(DILEMMA, (steady, other), (1,), watched=(1,))])
    mine, yours = ([move.seen for move in result.moves[0] if move.seat == 0] for result in (one, two))
    assert mine[0] == yours[0] and mine[1] != yours[1]


def test_an_unscored_episode_keeps_the_decisions_before_its_end(player: Any, script: Any) -> None:
    hungry = script('return "cooperate" if step < 2 else [0] * 10**9')
    steady = script('return "cooperate"')
    from mascript.match.play import Player
    from mascript.sandbox import Limits, Sandbox

    with Sandbox(Limits(fuel=10**12)) as sandbox:
        strict = Player(sandbox, strict=True)
        (result,) = strict.play([MatchJob(DILEMMA, (hungry, steady), (1,), watched=(1,))])
    assert result.episodes[0].unscored.startswith("memory")
    moves = result.moves[0]
    assert [move[:2] for move in moves] == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 1)]
    assert isinstance(moves[-1], Move)
