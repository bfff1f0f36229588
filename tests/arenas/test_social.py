"""The social metrics by hand-computed examples, and the commands that show them and the speed."""

from __future__ import annotations

import json

import pytest

from arenas import dilemma, speed
from arenas.social import Ledger, equality, mean_of, metrics


def test_the_metrics_of_a_short_episode() -> None:
    """Two seats, four steps: the first gains 1 in steps 1 and 3, the second 2 in step 4 and is out for two steps."""
    ledger = Ledger(2, tagging=True)
    for rewards in ((1, 0), (0, 0), (1, 0), (0, 2)):
        ledger.pay(rewards)
    ledger.absences[1] = 2
    found = metrics(ledger)
    assert found.efficiency == 1.0
    assert found.equality == 1.0
    assert found.sustainability == ((1 + 3) / 2 + 4) / 2
    assert found.peace == (2 * 4 - 2) / 4


@pytest.mark.parametrize(
    ("returns", "expected"),
    [((1, 1, 1), 1.0), ((0, 0, 3), 1 / 3), ((1, 3), 0.75), ((0, 0), None), ((-1, 3), None), ((-1, -2), None), ((5,), 1.0)],
)
def test_equality_is_one_less_gini_and_undefined_without_a_positive_sum(returns: tuple[float, ...], expected: float | None) -> None:
    total, seats = sum(returns), len(returns)
    if expected is not None:
        spread = sum(abs(a - b) for a in returns for b in returns)
        assert expected == pytest.approx(1 - spread / (2 * seats * total))
    assert equality(returns) == (None if expected is None else pytest.approx(expected))


def test_what_is_undefined_is_none() -> None:
    ledger = Ledger(3)
    ledger.pay((0, 0, -1))
    found = metrics(ledger)
    assert (found.equality, found.sustainability, found.peace) == (None, None, None)
    ledger.pay((2, 0, 0))
    assert metrics(ledger).sustainability == 2
    assert mean_of([None, 1.0, None, 2.0]) == 1.5 and mean_of([None]) is None


def test_the_dilemma_command_shows_every_pair(capsys: pytest.CaptureFixture[str]) -> None:
    assert dilemma.main(["stag_hunt_v0", "--set", "horizon=5", "--set", "noise=0.0", "--episodes", "2"]) == 0
    said = json.loads(capsys.readouterr().out)
    names = [row["name"] for row in said["together"]]
    assert names[0] == "random" and {"always_stag", "always_hare"} < set(names)
    assert len(said["switch"]) == len(names) * (len(names) - 1)
    (row,) = (row for row in said["switch"] if (row["name"], row["among"]) == ("always_hare", "always_stag"))
    assert (row["own"], row["others"]) == (3.0, 0.0)


def test_the_speed_command_says_what_it_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert speed.main(["public_goods_v0", "connect_four_v3", "--seconds", "0.02", "--observe", "--original"]) == 0
    ours, theirs = json.loads(capsys.readouterr().out)
    assert (ours["arena"], ours["seats"], ours["original"], ours["observed"]) == ("public_goods_v0", 4, True, True)
    assert ours["steps"] >= 20 and theirs["steps_per_second"] > 0


def test_numbers_are_drawn_where_there_is_no_list_of_actions() -> None:
    assert speed.measure("Pendulum-v1", seconds=0.01).steps >= 200


@pytest.mark.parametrize(("id", "target"), [("stag_hunt_v0", 100_000), ("public_goods_v0", 100_000)])
def test_matrix_games_are_fast(id: str, target: int) -> None:
    """A third of the target, so that a slow or busy machine passes and a lost order of magnitude does not."""
    assert speed.measure(id, seconds=0.1).steps_per_second > target / 3


@pytest.mark.parametrize("id", ["cleanup_v0", "commons_harvest_v0", "foraging_v0"])
def test_grids_with_four_players_are_fast(id: str) -> None:
    assert speed.measure(id, seconds=0.1, players=4).steps_per_second > 15_000 / 3
