"""Who plays whom: chairs, opponents and scores of the script under test."""

from __future__ import annotations

import pytest

from mascript.evolve.settings import Setting, fixed_seats, focal_score, jobs_for, roaming
from mascript.records import ArenaRef, EpisodeResult, Forfeit, Program

A, B, C, ME = (Program(pid, "") for pid in ("a", "b", "c", "me"))


def test_fixed_seats_leave_only_the_own_chair_empty() -> None:
    (setting,) = fixed_seats((1,), [A, B, C], [5])
    assert setting.others == (A, None, C)
    assert setting.lineup(ME) == (A, ME, C)


def test_roaming_balances_opponents_and_chairs() -> None:
    settings = roaming(2, [A, B], list(range(8)))
    met = [(setting.lineup(ME)[1 - setting.focal[0]].pid, setting.focal[0]) for setting in settings]
    assert {pair: met.count(pair) for pair in met} == {("a", 0): 2, ("b", 0): 2, ("a", 1): 2, ("b", 1): 2}


def test_a_short_prefix_of_roaming_settings_holds_every_chair() -> None:
    settings = roaming(2, [A, B, C], list(range(6)))
    assert [setting.focal[0] for setting in settings] == [0, 1, 0, 1, 0, 1]
    assert [setting.lineup(ME)[1 - setting.focal[0]].pid for setting in settings] == ["a", "a", "b", "b", "c", "c"]


def test_roaming_fills_the_chairs_of_larger_tables() -> None:
    (setting,) = roaming(3, [A, B], [1])
    assert setting.others == (None, A, B)


def test_jobs_keep_the_order_of_settings() -> None:
    settings = roaming(2, [A], list(range(4)))
    jobs = jobs_for(ArenaRef("x"), ME, settings)
    assert [seed for job in jobs for seed in job.seeds] == [0, 1, 2, 3]
    assert [job.lineup for job in jobs] == [(ME, A), (A, ME)] * 2


@pytest.mark.parametrize(("objective", "expected"), [("own", 1.0), ("team", 2.0)])
def test_scores_are_own_or_the_teams(objective: str, expected: float) -> None:
    episode = EpisodeResult(1, (1.0, 3.0), (1.0, 3.0), 4, "t")
    assert focal_score(episode, Setting((None, A), 1), (0, 1), -9.0, objective) == expected  # type: ignore[arg-type]


def test_a_forfeit_scores_the_floor_and_an_unscored_episode_nothing() -> None:
    lost = EpisodeResult(1, (1.0, 3.0), (-9.0, 3.0), 4, "t", forfeits=(Forfeit(0, 2, "fuel"),))
    assert focal_score(lost, Setting((None, A), 1), (0, 1), -9.0, "team") == -9.0
    assert focal_score(lost, Setting((A, None), 1), (0, 1), -9.0, "team") == 2.0
    unscored = EpisodeResult(1, (), (), 4, "", unscored="deadline")
    assert focal_score(unscored, Setting((None, A), 1), (0, 1), -9.0, "own") is None
