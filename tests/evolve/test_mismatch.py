"""Two plays of one episode: what differs, where they part, and whose fault it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mascript.evolve.mismatch import BEFORE, SHOWN, Played, compare, differences, fork
from mascript.records import EpisodeResult, Forfeit, Move, Program

LINEUP = (Program("policy:ann", ""), Program("policy:bob", ""))


def play(actions: str, returns: tuple[float, ...] = (1.0, 1.0), seen: str = "", **changes: Any) -> Played:
    """An episode of two seats; a letter is the action of both in one step, seat 1's where it is upper case."""
    trace = tuple(
        Move(step, seat, seen or f"{step:08x}", letter.lower() if seat == 1 or letter.islower() else "a")
        for step, letter in enumerate(actions)
        for seat in (0, 1)
    )
    episode = EpisodeResult(7, returns, returns, len(actions), f"{actions}{returns}")
    return Played(replace(episode, **changes), trace)


def test_equal_plays_are_no_mismatch() -> None:
    one = play("aaaa", forfeits=(Forfeit(0, 2, "error", "at 0x1"),))
    other = play("aaaa", forfeits=(Forfeit(0, 2, "error", "at 0x2"),))
    assert differences(one.episode, other.episode) == () and compare(LINEUP, one, other, other) is None


def test_decisions_that_depended_on_other_episodes() -> None:
    default, strict = play("aab", (3.0, 1.0)), play("aaa")
    cheat = compare(LINEUP, default, strict, strict)
    assert cheat is not None and (cheat.verdict, cheat.step, cheat.seats) == ("cheating", 2, (0, 1))
    assert cheat.differs == ("trajectory", "returns") and cheat.blamed == ("policy:ann", "policy:bob")
    lost = compare(LINEUP, play("aaB", (0.0, 0.5)), strict, strict)
    assert lost is not None and (lost.verdict, lost.seats, lost.blamed) == ("leakage", (1,), ("policy:bob",))
    assert "seed 7, step 2" in lost.reason


def test_a_script_that_does_not_repeat_itself() -> None:
    found = compare(LINEUP, play("aab"), play("aaa"), play("aaB"))
    assert found is not None and (found.verdict, found.blamed) == ("nondeterminism", ("policy:bob",))


def test_an_arena_that_does_not_follow_from_its_seed_blames_nobody() -> None:
    shown = compare(LINEUP, play("aab", seen="x"), play("aaa"), play("aaa"))
    assert shown is not None and (shown.verdict, shown.blamed, shown.step) == ("arena", (), 0)
    paid = compare(LINEUP, play("aaa", (2.0, 1.0)), play("aaa"), play("aaa"))
    assert paid is not None and (paid.verdict, paid.differs, paid.step) == ("arena", ("trajectory", "returns"), None)
    unsteady = compare(LINEUP, play("aaa", (2.0, 1.0)), play("aaa"), play("aaa", (3.0, 1.0)))
    assert unsteady is not None and unsteady.verdict == "arena"


def test_a_limit_of_the_machine_blames_nobody() -> None:
    scored = play("aaa")
    cut = Played(EpisodeResult(7, (), (), 2, "", unscored="deadline"), ())
    for default, strict in ((scored, cut), (cut, scored)):
        found = compare(LINEUP, default, strict, scored)
        assert found is not None and (found.verdict, found.blamed) == ("machine", ()) and "unscored" in found.differs


def test_a_script_that_stalls_when_it_is_alone_is_not_excused() -> None:
    """Else hanging in strict mode would be the way around it."""
    cut = Played(EpisodeResult(7, (), (), 1, "", unscored="deadline"), (*play("a").trace, Move(1, 0, "00000001", "a")))
    found = compare(LINEUP, play("aaa"), cut, cut)
    assert found is not None and (found.verdict, found.step, found.blamed) == ("stalling", 1, ("policy:bob",))


def test_both_traces_are_kept_around_the_first_difference() -> None:
    found = compare(LINEUP, play("a" * 90 + "b" * 9), play("a" * 99), play("a" * 99))
    assert found is not None
    for kept in (found.default, found.strict):
        assert len(kept.trace) == min(SHOWN, 2 * 9 + BEFORE) and kept.trace[BEFORE].step == 90
    assert found.default.trace[BEFORE].action != found.strict.trace[BEFORE].action
    assert found.to_json()["strict"]["steps"] == 99


@pytest.mark.parametrize(("one", "other", "parting"), [("aab", "aaa", (2, (0, 1))), ("aaa", "aa", (2, ())), ("Aaa", "aaa", None)])
def test_where_traces_part(one: str, other: str, parting: tuple[int, tuple[int, ...]] | None) -> None:
    assert fork(play(one).trace, play(other).trace) == parting
