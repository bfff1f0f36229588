"""The dilemma against the Axelrod library: the registry's contract, the library's own matches, and no torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import arenas
from arenas.axelrod_dilemma.game import axelrod, opponent, pool
from arenas.errors import BadArguments
from arenas.playing import load, play

ID = "axelrod_dilemma_v0"
ARENAS = Path(__file__).parents[1] / "arenas"
ROUNDS = 100


def test_the_contract_of_all_arenas_holds() -> None:
    """The same tests as for every other arena: here is where the package is. Pytest fails where nothing is selected."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", ARENAS / "test_contract.py", "-k", ID]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3_000:]


def test_no_torch_comes_with_it() -> None:
    code = f"import sys, arenas; arenas.get('{ID}').make(); print('axelrod' in sys.modules, 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def reference(name: str) -> Any:
    return load(next(one.source for one in arenas.get(ID).references if one.name == name))


@pytest.mark.parametrize(
    ("name", "theirs"),
    [("tit_for_tat", axelrod.TitForTat), ("all_d", axelrod.Defector), ("all_c", axelrod.Cooperator), ("grim", axelrod.Grudger)],
)
def test_a_script_earns_what_the_librarys_own_player_of_its_rule_earns(name: str, theirs: Any) -> None:
    """Against every strategy of the first tournament that draws nothing, to the last point."""
    spec = arenas.get(ID, horizon=ROUNDS)
    checked = 0
    for seed, player in enumerate(pool("first")):
        if player.classifier["stochastic"]:
            continue
        (returns,) = play(spec, [reference(name)], [seed])
        match = axelrod.Match((theirs(), player()), turns=ROUNDS)
        match.play()
        assert returns[0] == pytest.approx(match.final_score_per_turn()[0]), player.name
        checked += 1
    assert checked > 8


def test_a_strategy_is_met_by_its_name() -> None:
    spec = arenas.get(ID, opponents="Alternator", horizon=10)
    assert spec.episode_kind is not None and spec.episode_kind(7) == "Alternator" == opponent("Alternator", 3)
    ((earned,),) = play(spec, [reference("all_d")], [1])
    assert earned == 3.0
    with pytest.raises(BadArguments, match="Tit For Tat"):
        arenas.get(ID, opponents="Tit for nothing").make()


def test_seeds_in_a_row_meet_the_whole_pool() -> None:
    names = {opponent("first", seed) for seed in range(15)}
    assert len(names) == 15 and len(pool("short")) > 150


def test_noise_is_seen_by_the_library_too() -> None:
    """Grudger never forgives a slip, so noise costs who always cooperates."""
    calm, noisy = (arenas.get(ID, opponents="Grudger", noise=noise) for noise in (0.0, 0.1))
    assert play(calm, [reference("all_c")], [1])[0][0] == 3.0
    assert play(noisy, [reference("all_c")], [1])[0][0] < 1.5
