"""A row of the audit: mean, interval, wins and losses over the same distinct episodes."""

from __future__ import annotations

import pytest

from mascript.evolve.audit import summarise
from mascript.evolve.settings import Setting
from mascript.records import EpisodeResult, Program

OTHER = Program("other", "")
FIRST, SECOND = Setting((None, OTHER), 1), Setting((OTHER, None), 1)


def game(trajectory: str, unscored: str = "") -> EpisodeResult:
    return EpisodeResult(1, (), (), 3, trajectory, unscored=unscored)


def test_a_repeated_game_is_one_observation() -> None:
    row = summarise("ada", "random", [1.0, 1.0, -1.0], [game("a"), game("a"), game("b")], [FIRST, FIRST, FIRST])
    assert (row.mean, row.n, row.episodes, row.wins, row.losses, row.win_share) == (0.0, 2, 3, 1, 1, 0.5)
    assert row.half_width == pytest.approx(12.706, abs=1e-3)


def test_the_same_moves_from_the_other_chair_are_another_game() -> None:
    row = summarise("ada", "random", [1.0, -1.0], [game("a"), game("a")], [FIRST, SECOND])
    assert (row.n, row.wins, row.losses) == (2, 1, 1)


def test_unscored_is_no_score_and_not_won() -> None:
    row = summarise("ada", "random", [None, 1.0], [game("a", "deadline"), game("b")], [FIRST, FIRST])
    assert (row.mean, row.n, row.unscored, row.win_share) == (1.0, 1, 1, 0.5)
    nothing = summarise("ada", "random", [None], [game("a", "deadline")], [FIRST])
    assert (nothing.mean, nothing.half_width, nothing.n, nothing.win_share) == (None, None, 0, 0.0)
