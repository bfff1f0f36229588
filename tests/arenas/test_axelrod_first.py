"""The entrants of Axelrod's first tournament: what each published rule says, move by move, worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest

import arenas
from arenas.playing import load, play_one
from arenas.spec import ArenaSpec, Population
from mascript.sandbox import check_source

LETTERS = ("C", "D")


@cache
def arena() -> ArenaSpec:
    return arenas.get("iterated_dilemma_v0", horizon=200)


def population() -> Population:
    (found,) = arena().populations
    return found


def moves(name: str, other: str, seed: int = 0) -> str:
    """What a member plays against moves in a cycle, or against another member."""
    policies = {one.name: load(one.source) for one in population().members}

    def scripted(step: int) -> str:
        return "cooperate" if other[step % len(other)] == "C" else "defect"

    twin = arena().make_twin
    assert twin is not None
    game = Recorder(twin())
    play_one(arena(), game, [policies[name], policies.get(other, scripted)], seed)
    return "".join(LETTERS[move] for move in game.moves)


class Recorder:
    """A game that keeps what seat 0 played."""

    def __init__(self, game: Any) -> None:
        self._game = game
        self.moves: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._game, name)

    def act(self, actions: dict[int, int]) -> None:
        self.moves.append(actions[0])
        self._game.act(actions)


def test_there_are_the_fifteen_of_1980_and_every_gate_lets_them_pass() -> None:
    assert population().name == "axelrod_first"
    assert population().arguments == (("horizon", 200),)
    assert len(population().members) == 15
    for one in population().members:
        check_source(one.source, "script")
        assert " of 15 in 1980)" in one.source, one.name


@pytest.mark.parametrize(
    ("name", "other", "expected"),
    [
        ("tit_for_tat", "CDDC", "CCDDCCDD"),
        ("friedman", "CCDC", "CCCDDDDD"),
        ("davis", "D", "C" * 10 + "DDD"),
        ("davis", "C", "C" * 13),
        ("shubik", "CDCCDCCCDCCCCC", "CCDCCDDCCDDDCC"),
        ("shubik", "D", "CDCDDCDDDC"),
        ("nydegger", "D", "CDDCCCCC"),
        ("nydegger", "DCC", "CDDD"),
        ("nydegger", "C", "CCCCCCCC"),
        ("grofman", "C", "C" * 20),
        ("feld", "D", "CDDDDDDD"),
        ("joss", "D", "CDDDDDDD"),
        ("tullock", "D", "C" * 11 + "DDDDDDDD"),
        ("downing", "C", "DDCDDDDD"),
        ("downing", "D", "DDDDDDDD"),
        ("stein_and_rapoport", "D", "CCCCDDDDDD"),
        ("stein_and_rapoport", "CD", "CCCC" + "DC" * 5 + "DDDDDDDD"),
        ("tideman_and_chieruzzi", "CDCCDCCCC", "CCDCCDDCC"),
        ("graaskamp", "CD", "C" + "CD" * 24 + "C" + "D" + "C" + "D"),
    ],
)
def test_rules_that_leave_nothing_to_chance(name: str, other: str, expected: str) -> None:
    assert moves(name, other)[: len(expected)] == expected


@pytest.mark.parametrize("name", ["stein_and_rapoport", "tideman_and_chieruzzi"])
def test_two_defect_on_the_last_two_moves(name: str) -> None:
    assert moves(name, "C") == "C" * 198 + "DD"


def test_tideman_and_chieruzzi_forgive_who_is_behind_and_no_coin() -> None:
    betrayals = "DC" * 7
    early = moves("tideman_and_chieruzzi", betrayals + "CCCCC" + "DC" + "C" * 179)
    late = moves("tideman_and_chieruzzi", betrayals + "C" * 66 + "DC" + "C" * 118)
    assert early[:30] == "CDCDDDDDCDDDDDDDDD" + "CC" + "DDDDDD" + "CCCC", "1, 2 and 3, 4 and 5, then 6 defections"
    assert late[:18] == early[:18]
    assert late[18:90] == "C" * 63 + "D" + "C" * 8, "after the fresh start the count begins anew"


def test_graaskamp_probes_and_then_defects_now_and_then() -> None:
    played = moves("graaskamp", "C")
    assert played[:56] == "C" * 50 + "D" + "C" * 5
    defections = [move for move, letter in enumerate(played) if letter == "D" and move > 55]
    gaps = [b - a for a, b in zip([56, *defections], defections, strict=False)]
    assert len(gaps) > 8 and min(gaps) >= 5 and max(gaps) <= 15
    assert moves("graaskamp", "CD")[56:] == "D" * 144, "who seems to toss a coin is not trusted"
    assert set(moves("graaskamp", "tit_for_tat")[52:].strip("D").split("D")) <= {"C", ""}, "with Tit for Tat the echo goes on"
    assert moves("graaskamp", "graaskamp")[56:] == "D" * 144


@pytest.mark.parametrize(
    ("name", "other", "share"),
    [
        ("joss", "C", 0.9),
        ("tullock", "C", 0.9),
        ("feld", "C", 0.75),
        ("name_withheld", "D", 0.5),
        ("random", "D", 0.5),
        ("grofman", "D", 7 / 12),
    ],
)
def test_rules_that_draw(name: str, other: str, share: float) -> None:
    played = "".join(moves(name, other, seed)[11:] for seed in range(20))
    assert played.count("C") / len(played) == pytest.approx(share, abs=0.03)


def test_a_population_names_its_members() -> None:
    names: Sequence[str] = [one.name for one in population().members]
    assert names[0] == "random" and list(names[1:]) == sorted(names[1:])
