"""Helpers that only matter together, and effects that only come by the others: through the real sandbox, in the planted arena."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mascript.bench.credit_cases import Family, families
from mascript.errors import ConfigError
from mascript.lineage.arms import arm_of
from mascript.lineage.direct import held_to, measure_paths
from mascript.lineage.joint import ORDER_PAIRS, measure_jointly
from mascript.lineage.shapley import MOST_EXACT
from mascript.match.play import Player
from mascript.records import LinkedFunction, MatchJob, Program
from mascript.sandbox import Sandbox

PLANTED = families(seed=5, count=1)
"""One family of every method; see `credit_cases`."""


def planted(kind: str) -> Family:
    return next(family for family in PLANTED if family.cases[0].kind == kind)


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    with Sandbox() as sandbox:
        player = Player(sandbox)
        yield player
        player.close()


@pytest.mark.parametrize(("kind", "sign"), [("redundant pair", "-"), ("synergy", "+")])
def test_a_pair_is_credited_together(player: Player, kind: str, sign: str) -> None:
    family = planted(kind)
    found = measure_jointly(player.play, family.subjects, family.arena, family.seeds, family.design)
    assert (found.exact, found.coalitions, found.n, found.flags) == (True, 4, 64, ())
    one, other = (share.estimates["own"] for share in found.shares)
    together = found.interactions[0].estimates["own"]
    assert one.sign == other.sign == "+" and together.sign == sign
    assert one.mean == pytest.approx(other.mean) and abs(together.mean) == pytest.approx(2 * one.mean)
    low, high = one.interval or (0.0, 0.0)
    assert low <= (family.cases[0].truth.own or 0.0) * (1 if kind == "redundant pair" else 0.5) <= high


def test_one_at_a_time_a_redundant_pair_looks_useless(player: Player) -> None:
    """The reason for coalitions: either helper alone can go, and nothing at all changes."""
    family = planted("redundant pair")
    found = [
        measure_jointly(player.play, [one], family.arena, family.seeds, replace(family.design, looks=(16,)))
        for one in family.subjects
    ]
    assert [(one.shares[0].estimates["own"].mean, one.shares[0].estimates["own"].nonzero) for one in found] == [(0.0, 0)] * 2


def test_above_six_helpers_orders_are_sampled(player: Player) -> None:
    family = next(one for one in PLANTED if one.method == "helpers" and len(one.subjects) > MOST_EXACT)
    subjects = (*family.subjects[:MOST_EXACT], family.subjects[-1])
    found = measure_jointly(player.play, subjects, family.arena, family.seeds, replace(family.design, looks=(2,)))
    assert not found.exact and found.interactions == () and len(found.shares) == len(subjects)
    assert MOST_EXACT < found.coalitions <= 2 * 2 * ORDER_PAIRS * len(subjects)
    idle = found.shares[-1].estimates["own"]
    assert (idle.mean, idle.nonzero) == (0.0, 0)
    assert max(abs(share.estimates["cooperative"].mean) for share in found.shares) == 0.0, "the first family is zero-sum"


def test_helpers_of_two_policies_are_no_game(player: Player) -> None:
    one, other = planted("redundant pair"), planted("synergy")
    with pytest.raises(ConfigError, match="one or more helpers of one policy"):
        measure_jointly(player.play, [one.subjects[0], other.subjects[0]], one.arena, one.seeds, one.design)


@pytest.mark.parametrize("kind", ["direct", "propagated-only"])
def test_the_path_of_an_effect_is_told(player: Player, kind: str) -> None:
    family = planted(kind)
    found = measure_paths(player.play, family.subjects[0], family.arena, family.seeds, family.design, [0, 0])
    whole, none = (found.through, found.direct) if kind == "propagated-only" else (found.direct, found.through)
    assert found.reason == "" and found.total["own"].sign == "+"
    assert {name: one.mean for name, one in whole.items()} == pytest.approx({name: one.mean for name, one in found.total.items()})
    assert all((one.mean, one.se, one.nonzero) == (0.0, 0.0, 0) for one in none.values())


def test_held_seats_play_the_unchanged_episode_again(player: Player) -> None:
    family = planted("propagated-only")
    lineup, seed = family.subjects[0].placements[0].lineup, family.seeds.replicates[0]
    (whole,) = player.play([MatchJob(family.arena, lineup, (seed,), watched=(seed,))])
    held = tuple(held_to(whole.moves[0], seat, 0) for seat in range(len(lineup)))
    (again,) = player.play([MatchJob(family.arena, held, (seed,))])
    assert again.episodes[0].trajectory == whole.episodes[0].trajectory and not again.episodes[0].forfeits
    assert arm_of(lineup, seed) != arm_of(held, seed)


def test_no_direct_effect_where_a_held_move_is_not_legal_any_more(player: Player) -> None:
    """In connect four the answer to another move may be a full column, or the game may last longer than it did."""
    pick = LinkedFunction("sha256:" + "c" * 64, "pick", "def pick(x: int) -> int:\n    return x\n")
    source = "from shared import pick\n\n\ndef policy(legal, step):\n    return legal[pick(step) % len(legal)]\n"
    policy = Program("p:pick", source, (("pick", pick.fid),), (pick,))
    family = planted("direct")
    subject = replace(
        family.subjects[0],
        fid=pick.fid,
        returns="int",
        placements=(replace(family.subjects[0].placements[0], lineup=(policy, Program("p:first", FIRST)), seat=0),),
    )
    arena = replace(family.arena, id="connect_four_v3", arguments=())
    found = measure_paths(player.play, subject, arena, family.seeds, replace(family.design, looks=(24,)), [0, 0])
    assert found.total and not found.direct and not found.through
    assert "not legal any more" in found.reason or "no decision was recorded" in found.reason


FIRST = "def policy(legal):\n    return legal[0]\n"
