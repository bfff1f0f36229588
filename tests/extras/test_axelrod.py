"""axelrod_v0 with the Axelrod library: our rules of the first tournament beside the library's, scripts against strategies."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

import axelrod
import pytest

import arenas
from arenas.axelrod_library.opponents import LibraryPlayer, named
from arenas.errors import BadArguments
from arenas.iterated_dilemma.rules import Payoffs
from arenas.playing import load, play, play_one
from arenas.spec import ArenaSpec

CONTRACT = Path(__file__).parents[1] / "arenas" / "test_contract.py"
ROUNDS = 200
OURS = {
    "tit_for_tat": "TitForTat",
    "tideman_and_chieruzzi": "FirstByTidemanAndChieruzzi",
    "nydegger": "FirstByNydegger",
    "grofman": "FirstByGrofman",
    "shubik": "FirstByShubik",
    "stein_and_rapoport": "FirstBySteinAndRapoport",
    "friedman": "Grudger",
    "davis": "FirstByDavis",
    "graaskamp": "FirstByGraaskamp",
    "downing": "FirstByDowning",
    "feld": "FirstByFeld",
    "joss": "FirstByJoss",
    "tullock": "FirstByTullock",
    "name_withheld": "FirstByAnonymous",
    "random": "Random",
}
"""Our entrants of the first tournament -> the library's."""
DRAWING = ("grofman", "graaskamp", "feld", "joss", "tullock", "name_withheld", "random")
"""Those that toss coins, so that ours and the library's can only agree on average."""
SETTLED = tuple(name for name in OURS if name not in DRAWING)


@cache
def _ours() -> dict[str, Any]:
    (population,) = arenas.get("iterated_dilemma_v0").populations
    return {one.name: load(one.source) for one in population.members}


class Kept:
    """A game that keeps what its seat chose."""

    def __init__(self, game: Any) -> None:
        self._game = game
        self.chosen: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._game, name)

    def act(self, actions: dict[int, int]) -> None:
        self.chosen.append(actions[0])
        self._game.act(actions)


def _against(opponent: str, **arguments: Any) -> ArenaSpec:
    return arenas.get("axelrod_v0", opponent=opponent, **arguments)


def _library_chooses(name: str, opponent: str, seed: int) -> list[int]:
    """What the library's own match has its player choose, both seeded as in the arena."""
    player, other = (LibraryPlayer(one, seed, Payoffs(), ROUNDS, 0.0) for one in (name, opponent))
    chosen = []
    for _ in range(ROUNDS):
        mine, theirs = player.choose(), other.choose()
        player.learn(mine, theirs)
        other.learn(theirs, mine)
        chosen.append(mine)
    return chosen


def test_the_contract_of_all_arenas_holds() -> None:
    """Pytest fails where nothing is selected."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", CONTRACT, "-k", "axelrod_v0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3_000:]


def test_the_fifteen_are_the_librarys_fifteen() -> None:
    assert set(OURS) == set(_ours())
    assert set(OURS.values()) == set(named("axelrod_first"))
    stochastic = {name for name, theirs in OURS.items() if axelrod.Classifiers["stochastic"](getattr(axelrod, theirs)())}
    assert stochastic == set(DRAWING)


@pytest.mark.parametrize("name", SETTLED)
def test_rules_without_a_draw_choose_what_the_librarys_choose(name: str) -> None:
    """Move by move against each of the fifteen, coins of the opponent included: they fall alike while our moves are the same."""
    for opponent in OURS.values():
        spec = _against(opponent)
        assert spec.make_twin is not None
        for seed in (1, 2):
            game = Kept(spec.make_twin())
            play_one(spec, game, [_ours()[name]], seed)
            assert game.chosen == _library_chooses(OURS[name], opponent, seed), f"against {opponent}, seed {seed}"


@pytest.mark.parametrize("name", DRAWING)
def test_rules_that_draw_earn_what_the_librarys_earn(name: str) -> None:
    """Mean payoff against the fifteen, three matches each."""
    spec = _against("axelrod_first")
    ours = fmean(returns[0] for returns in play(spec, [_ours()[name]], range(45)))
    assert ours == pytest.approx(fmean(_library_earns(OURS[name], seed) for seed in range(45)), abs=0.14)


def _library_earns(name: str, seed: int) -> float:
    """Mean payoff a round of the library's own match against the opponent of this seed."""
    opponents = named("axelrod_first")
    pair = (getattr(axelrod, name)(), getattr(axelrod, opponents[seed % len(opponents)])())
    match = axelrod.Match(pair, turns=ROUNDS, seed=seed)
    match.play()
    return float(match.final_score_per_turn()[0])


def test_every_listed_strategy_plays() -> None:
    """All that the library lets play in short time, with noise: 222 of its strategies in 4.13.1, ten rounds each."""
    spec = _against("short_run_time", horizon=10, noise=0.1)
    names = named("short_run_time")
    assert len(names) > 200
    assert spec.episode_kind is not None
    assert {spec.episode_kind(seed) for seed in range(len(names))} == set(names)
    returns = play(spec, [_ours()["tit_for_tat"]], range(len(names)))
    assert all(0 <= value <= 5 for (value,) in returns)
    assert returns == play(spec, [_ours()["tit_for_tat"]], range(len(names))), "an episode depends on its seed alone"


def test_noise_flips_what_both_mean() -> None:
    clean, noisy = (_against("Cooperator", noise=noise) for noise in (0.0, 0.2))
    loyal = load("def policy():\n    return 'cooperate'\n")
    assert play(clean, [loyal], [1]) == [(3.0,)]
    flipped = fmean(returns[0] for returns in play(noisy, [loyal], range(40)))
    # Each of two choices is flipped with probability 0.2: 3 * 0.64 + 5 * 0.16 + 0 * 0.16 + 1 * 0.04.
    assert flipped == pytest.approx(2.76, abs=0.05)


def test_score_tells_opponents_apart() -> None:
    """`mascript score`, where the script is in its sandbox, names each opponent."""
    command = [sys.executable, "-m", "mascript", "score", "reference:tit_for_tat", "--arena", "axelrod_v0", "--no-cache"]
    done = subprocess.run([*command, "--seeds", "800000..800014", "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    by_kind = {row["kind"]: row["mean"] for row in json.loads(done.stdout)["by_kind"]}
    assert set(by_kind) == set(named("axelrod_first"))
    assert by_kind["TitForTat"] == 3.0


def test_what_the_library_has_not_is_said() -> None:
    with pytest.raises(BadArguments, match="did you mean TitForTat"):
        _against("TitForTatt")
    with pytest.raises(BadArguments, match=r"no list 'axelrod_frist'; did you mean axelrod_first"):
        _against("axelrod_frist")
    with pytest.raises(BadArguments, match="Darwin reads or changes the program"):
        _against("Darwin")


def test_reading_the_arena_does_not_import_the_library() -> None:
    code = "import sys, arenas; arenas.get('axelrod_v0'); print('axelrod' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
