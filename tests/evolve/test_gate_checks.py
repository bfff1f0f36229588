"""A refused proposal that would have been accepted is called a false rejection, and checking it leaves the search as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from arenas.iterated_dilemma.spec import build
from mascript.config import loads
from mascript.evolve.gate_check import Check, check_refusals
from mascript.evolve.gate_report import count_gates, wilson
from mascript.evolve.gates import Candidate, Refusal, smoke
from mascript.evolve.opening import Means, open_run
from mascript.evolve.run import Run
from mascript.evolve.state import RunState
from mascript.records import EpisodeResult, Forfeit, Program
from mascript.seeds import Pool
from mascript.writers.base import Parent, Proposal

AGAINST_DEFECTORS = """
[experiment]
arena = "iterated_dilemma_v0"
generations = 1
[evaluation]
opponents = ["reference:all_d"]
[[agents]]
name = "ada"
"""
"""Whoever meets only defectors does better by defecting."""
SOURCES = {reference.name: reference.source for reference in build().references}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Run, RunState]]:
    path = tmp_path_factory.mktemp("checks") / "one.db"
    with open_run(loads(AGAINST_DEFECTORS), path, Means(workers=1)) as (run, state):
        champion = _proposal("all_c")
        state.agents[0].champion = Parent(run.link(champion).pid, champion, 0.0, 1)
        yield run, state


def _proposal(name: str) -> Proposal:
    return Proposal(SOURCES[name], "test", (), None)


def _checked(opened: tuple[Run, RunState], name: str, share: float = 1.0, twin: str = "") -> tuple[tuple[Check, ...], int]:
    run, state = opened
    proposal = _proposal(name)
    program = run.link(proposal)
    standing_for = [Candidate(_proposal(twin), run.link(_proposal(twin)))] if twin else []
    refusal = Refusal(proposal, "fingerprint", "", program.pid, program, standing_for[0].program.pid if twin else "")
    settings = run.settings(Pool.VALIDATION, state, state.agents[0], 6, "promote", 0)
    return check_refusals(run, ("ada", 0), [refusal], standing_for, run.champion(state.agents[0]), settings, share)


def test_a_better_script_that_was_refused_is_a_false_rejection(opened: tuple[Run, RunState]) -> None:
    (check,), episodes = _checked(opened, "all_d")
    assert (check.verdict, check.n, episodes) == ("false", 6, 12)
    assert check.gain > 0


def test_one_that_plays_as_the_champion_was_rightly_refused(opened: tuple[Run, RunState]) -> None:
    (check,), _ = _checked(opened, "all_c")
    assert (check.verdict, check.gain) == ("right", 0.0)


def test_one_whose_twin_stands_for_it_was_rightly_refused(opened: tuple[Run, RunState]) -> None:
    (check,), episodes = _checked(opened, "all_d", twin="all_d")
    assert (check.verdict, episodes) == ("right", 18)
    assert _checked(opened, "all_d", twin="tit_for_tat")[0][0].verdict == "false"


def test_the_search_neither_counts_nor_keeps_what_a_check_plays(opened: tuple[Run, RunState]) -> None:
    run, state = opened
    played, beside = run.evaluation.played, run.evaluation.beside
    _, episodes = _checked(opened, "all_d")
    assert (run.evaluation.played, run.evaluation.beside) == (played, beside + episodes)
    settings = run.settings(Pool.VALIDATION, state, state.agents[0], 6, "promote", 0)
    run.evaluation.episodes(Pool.VALIDATION, [run.link(_proposal("all_d"))], settings)
    assert run.evaluation.played == played + 6


def test_no_share_no_check(opened: tuple[Run, RunState]) -> None:
    assert _checked(opened, "all_d", share=0.0) == ((), 0)


def test_every_turn_of_a_run_says_what_was_checked(undisturbed: Any) -> None:
    turns = undisturbed.bodies("turn")
    assert all(set(turn) >= {"checks", "check_episodes"} for turn in turns)
    (frozen,) = undisturbed.bodies("frozen")
    stopped = {row["gate"]: row["stopped"] for row in frozen["gates"]}
    assert sum(number for gate, number in stopped.items() if gate != "race") == sum(len(turn["refused"]) for turn in turns)


def test_what_a_gate_stopped_is_counted_by_gate() -> None:
    turn = {
        "refused": [{"gate": "duplicate"}, {"gate": "fingerprint"}, {"gate": "fingerprint"}, {"gate": "ast"}],
        "candidates": [{"n": 4}, {"n": 16}],
        "checks": [{"gate": "fingerprint", "verdict": "false"}, {"gate": "fingerprint", "verdict": "unscored"}],
    }
    rows = count_gates([turn, {**turn, "checks": []}], 16)
    assert [(row.gate, row.stopped, row.episodes_saved) for row in rows] == [
        ("ast", 2, 32),
        ("duplicate", 2, 32),
        ("fingerprint", 4, 64),
        ("race", 2, 24),
    ]
    assert [(row.checked, row.false) for row in rows] == [(0, 0), (0, 0), (1, 1), (0, 0)]


@pytest.mark.parametrize(("hits", "n", "low", "high"), [(0, 10, 0.0, 0.2775), (3, 12, 0.0889, 0.5323), (10, 10, 0.7225, 1.0)])
def test_wilson(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=1e-4)


def test_wilson_of_nothing_is_nothing() -> None:
    assert wilson(0, 0) == (None, None)


def test_smoke_stops_whoever_forfeits_and_nobody_else() -> None:
    candidates = [Candidate(_proposal(name), Program(name, "")) for name in ("all_c", "all_d", "grim")]
    forfeits = [(), (Forfeit(1, 3, "action", "not legal"),), (Forfeit(0, 3, "action", "not legal"),)]
    episodes = [EpisodeResult(1, (0.0, 0.0), (0.0, 0.0), 4, "", forfeits=forfeit) for forfeit in forfeits]
    tried = smoke(candidates, episodes, focal=(0,))
    assert [candidate.program.pid for candidate in tried.candidates] == ["all_c", "all_d"]
    (refusal,) = tried.refusals
    assert (refusal.gate, refusal.pid) == ("smoke", "grim")
    assert "step 3" in refusal.reason
