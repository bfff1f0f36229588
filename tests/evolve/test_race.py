"""Racing spends episodes on the better candidates and never keeps one without a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mascript.evolve.race import Scores, Stage, halved, paired, race, standing

TRUE = [0.0, 3.0, 1.0, 2.0]


def _play(chosen: Sequence[int], start: int, end: int) -> list[Scores]:
    return [[TRUE[c] + (0.1 if episode % 2 else -0.1) for episode in range(start, end)] for c in chosen]


def test_the_best_go_on_and_come_first() -> None:
    standings = race(4, [Stage(4, 2), Stage(2, 6)], _play)
    assert [s.candidate for s in standings] == [1, 3, 2, 0]
    assert [s.n for s in standings] == [6, 6, 2, 2]


@given(count=st.integers(1, 200), full=st.integers(1, 200))
def test_halving_stays_within_its_share_and_shrinks(count: int, full: int) -> None:
    stages = halved(count, full)
    lengths = [stage.episodes for stage in stages]
    assert stages[0].keep == count and lengths == sorted(set(lengths)) and lengths[-1] <= full
    assert all(later.keep <= earlier.keep for earlier, later in pairwise(stages))
    played = sum(stage.keep * (stage.episodes - before) for stage, before in zip(stages, [0, *lengths], strict=False))
    assert played <= max(count * full / 2, count * stages[0].episodes)


def test_halving_gives_the_longest_evaluation_to_a_few() -> None:
    assert [(stage.keep, stage.episodes) for stage in halved(24, 32)] == [(24, 5), (17, 10), (8, 20), (8, 32)]
    assert [(stage.keep, stage.episodes) for stage in halved(2, 32)] == [(2, 5), (2, 10)]


def test_a_candidate_with_an_unscored_episode_ranks_last() -> None:
    def play(chosen: Sequence[int], start: int, end: int) -> list[Scores]:
        return [[None if c == 1 else TRUE[c] for _ in range(start, end)] for c in chosen]

    standings = race(4, [Stage(4, 2)], play)
    assert standings[-1].candidate == 1
    assert standing(0, [5.0, None]).mean == float("-inf")


def test_no_candidates_no_standings() -> None:
    assert race(0, [Stage(4, 2)], _play) == []


def test_paired_leaves_out_what_only_one_has() -> None:
    mean, error, n = paired([2.0, None, 4.0], [1.0, 5.0, 1.0])
    assert (mean, n) == (2.0, 2)
    assert error == 1.0
