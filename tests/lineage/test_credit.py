"""The experiment on worlds whose true effects are known by construction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from mascript.errors import ConfigError, MatchError
from mascript.lineage.credit import measure_again, measure_helpers, measure_swaps
from mascript.lineage.effect_records import CreditDesign, CreditSeeds, Effect, Placement, Subject, effect_from_json, effect_to_json
from mascript.records import ArenaRef, EpisodeResult, Forfeit, LinkedFunction, MatchJob, MatchResult, Program

Gain = Callable[[np.random.Generator], tuple[float, float]]
"""What a helper truly adds to (its borrower, each other seat) in one episode."""
ARENA = ArenaRef("planted_v0", (("seats", 2),))
SEEDS = CreditSeeds(recording=tuple(range(10_000, 10_008)), replicates=tuple(range(256)))
DESIGN = CreditDesign(seed=11, engine="0.1.0")


class World:
    """A small simulated arena: returns are noise of the seed plus what each unreplaced helper adds. Counts what it played."""

    def __init__(self, gains: dict[str, Gain], fails: tuple[str, ...] = (), unscored: tuple[int, ...] = (), games: int = 10**9):
        self.gains, self.fails, self.unscored, self.games = gains, fails, unscored, games
        self.episodes = 0
        self.calls = 0

    def __call__(self, jobs: Sequence[MatchJob]) -> list[MatchResult]:
        self.calls += 1
        return [
            MatchResult(
                tuple(self.episode(job, seed) for seed in job.seeds),
                recorded=tuple((fid, tuple(float(k) for k in range(5))) for fid in job.record if fid in self.gains),
            )
            for job in jobs
        ]

    def episode(self, job: MatchJob, seed: int) -> EpisodeResult:
        self.episodes += 1
        returns = np.random.default_rng([1, seed % self.games]).normal(size=len(job.lineup))
        forfeits, calls = [], []
        for seat, program in enumerate(job.lineup):
            replaced = {r.fid for r in program.replacements if r.kind != "none"}
            for function in program.functions:
                if function.fid in replaced:
                    if function.fid in self.fails and seed % 5 == 0:
                        forfeits.append(Forfeit(seat, 3, "error", "unpacking a float"))
                elif function.fid in self.gains:
                    calls.append((seat, function.fid, 2))
                    own, other = self.gains[function.fid](np.random.default_rng([2, seed % self.games, len(function.fid), seat]))
                    returns += other
                    returns[seat] += own - other
        mark = hashlib.sha256(returns.tobytes()).hexdigest()[:16]
        reason = "deadline" if seed in self.unscored else ""
        values = tuple(float(r) for r in returns)
        return EpisodeResult(seed, values, values, 5, mark, tuple(forfeits), reason, tuple(calls) if job.count_calls else ())


def program(name: str, *fids: str) -> Program:
    functions = tuple(LinkedFunction(fid, fid, f"def {fid}(x: float) -> float:\n    return x") for fid in fids)
    source = f"from shared import {', '.join(fids)}\n\ndef policy():\n    return 'go' if {fids[0]}(1.0) > 0 else 'stay'"
    return Program(name, source, tuple((fid, fid) for fid in fids), functions)


def subject(fid: str, *fids: str, returns: str = "float") -> Subject:
    policy, other = program("p_" + fid, *(fids or (fid,))), program("q", "idle")
    return Subject(fid, f"{fid}@1.0.0", returns, "ada", "bo", (Placement((policy, other), 0), Placement((other, policy), 1)))


def measure(world: World, *subjects: Subject, design: CreditDesign = DESIGN, seeds: CreditSeeds = SEEDS) -> list[Effect]:
    return measure_helpers(world, subjects, ARENA, seeds, design, teams=((0,), (1,)))


PLANTED: dict[str, Gain] = {
    "helpful": lambda rng: (rng.normal(1.0, 0.7), rng.normal(1.0, 0.7)),
    "taking": lambda rng: (gain := rng.normal(1.0, 0.7), -gain),
    "giving": lambda rng: (rng.normal(-1.0, 0.7), rng.normal(1.0, 0.7)),
    "hurting": lambda rng: (rng.normal(-1.0, 0.7), rng.normal(-1.0, 0.7)),
    "selfish": lambda rng: (rng.normal(1.0, 0.7), 0.0),
    "aside": lambda rng: (0.0, rng.normal(1.0, 0.7)),
    "inert": lambda rng: (0.0, 0.0),
}


def test_planted_effects_get_their_labels() -> None:
    effects = measure(World(PLANTED), *(subject(fid) for fid in PLANTED))
    labels = {effect.fid: effect.label for effect in effects}
    assert labels == {
        "helpful": "mutual",
        "taking": "exploitative",
        "giving": "altruistic",
        "hurting": "harmful",
        "selfish": "self-only",
        "aside": "others-only",
        "inert": "negligible",
    }
    by_fid = {effect.fid: effect for effect in effects}
    taking, helpful = by_fid["taking"], by_fid["helpful"]
    assert taking.cooperative is not None and taking.cooperative.mean == 0 and taking.cooperative.interval == (0.0, 0.0)
    assert taking.own is not None and taking.own.mean == pytest.approx(1.0, abs=0.3)
    assert helpful.teammates is None and helpful.opponents == helpful.others
    assert helpful.looks_taken == 2 and helpful.n == 64 and helpful.executed == 128
    assert all(effect.resolved for effect in effects if effect.fid != "inert")


def test_a_control_is_exactly_zero() -> None:
    """A/A: nothing is replaced, both arms are played, every difference is 0."""
    (effect,) = measure(World(PLANTED), subject("helpful"), design=replace(DESIGN, replacement="none"))
    assert effect.own is not None and effect.others is not None
    for estimate in (effect.own, effect.others, effect.welfare, effect.cooperative, effect.competitive):
        assert estimate is not None
        assert (estimate.mean, estimate.se, estimate.nonzero, estimate.p, estimate.interval) == (0.0, 0.0, 0, 1.0, (0.0, 0.0))
    assert (effect.label, effect.flags) == ("negligible", ())


def test_both_arms_are_played_and_the_unchanged_one_once() -> None:
    """Two helpers of one policy share the unchanged arm; the control is not answered from it."""
    world = World(PLANTED)
    policy = subject("inert", "inert", "selfish")
    measure(world, policy, replace(policy, fid="selfish"))
    assert world.episodes == 8 + 3 * 64
    assert world.calls == 1 + 2
    control = World(PLANTED)
    measure(control, policy, design=replace(DESIGN, replacement="none"))
    assert control.episodes == 2 * 64


def test_a_failure_makes_a_dependency() -> None:
    (effect,) = measure(World(PLANTED, fails=("helpful",)), subject("helpful"))
    assert effect.flags == ("dependency",) and effect.label == "unresolved"
    assert effect.own is None and effect.welfare is None
    assert effect.reason == "seed 0, seat 0, step 3: error unpacking a float"
    assert effect.looks_taken == 1


def test_unscored_pairs_are_dropped_and_counted() -> None:
    (effect,) = measure(World(PLANTED, unscored=(3, 4, 70)), subject("inert"))
    assert (effect.dropped, effect.pairs, effect.flags) == (3, 253, ("unscored",))
    assert effect.looks_taken == 3, "62 pairs at the second look are too few for an interval"


def test_one_game_under_many_seeds_is_unreplicated() -> None:
    (effect,) = measure(World(PLANTED, games=1), subject("helpful"))
    assert (effect.n, effect.flags, effect.label) == (2, ("unreplicated",), "unresolved")
    assert effect.own is not None and effect.own.interval is None and effect.looks_taken == 1


def test_rare_differences_are_sparse() -> None:
    rare: dict[str, Gain] = {"rare": lambda rng: (5.0 * (rng.random() < 0.02), 0.0)}
    (effect,) = measure(World(rare), subject("rare"))
    assert effect.flags == ("sparse",) and effect.label == "unresolved" and effect.looks_taken == 3
    assert effect.own is not None and 0 < effect.own.nonzero < 10 and effect.own.interval is None


def test_a_helper_that_never_ran_is_said_to_be_unexecuted() -> None:
    never = subject("never")
    (effect,) = measure(World({}), never)
    assert set(effect.flags) == {"unexecuted", "unrecorded"} and effect.executed == 0
    assert effect.replacement.kind == "constant" and effect.replacement.values == (0.0,)
    (unmeasured,) = measure(World({}), replace(never, returns="Widget"))
    assert (unmeasured.flags, unmeasured.pairs, unmeasured.own) == (("unrecorded",), 0, None)


def test_the_replacement_is_resampled_from_recorded_outputs() -> None:
    (effect,) = measure(World(PLANTED), subject("selfish"))
    assert effect.replacement.kind == "resample" and effect.replacement.values[:5] == (0.0, 1.0, 2.0, 3.0, 4.0)
    (constant,) = measure(World(PLANTED), subject("selfish"), design=replace(DESIGN, replacement="constant"))
    assert constant.replacement.values == (0.0,)


def test_the_record_is_complete_and_survives_json() -> None:
    helpers = measure(World(PLANTED), subject("helpful"), subject("inert"))
    wide = replace(helpers[0], own=replace(helpers[0].own, adjusted=(float("-inf"), 2.0)))  # type: ignore[type-var]
    failed = measure(World(PLANTED, fails=("helpful",)), subject("helpful"))
    for effect in (*helpers, wide, *failed):
        assert effect_from_json(json.loads(json.dumps(effect_to_json(effect), allow_nan=False))) == effect
    assert helpers[0].placements == ((("p_helpful", "q"), 0), (("q", "p_helpful"), 1))
    assert helpers[0].seeds == SEEDS.replicates[:64] and helpers[0].arena == ARENA and helpers[0].design.engine == "0.1.0"
    assert "relative to resample" in helpers[0].claim


def test_measuring_again_gives_the_same_record() -> None:
    assert measure(World(PLANTED), subject("giving")) == measure(World(PLANTED), subject("giving"))


def test_false_discoveries_are_held() -> None:
    """Over a dozen families of noisy nulls (mean 0, skewed) and true effects, few of the signs given are false."""
    false, given = 0, 0
    for family in range(12):
        gains: dict[str, Gain] = {}
        for k in range(8):
            gains["null" + "x" * k] = lambda rng: (rng.exponential() - 1, rng.exponential() - 1)
        for k in range(2):
            gains["true" + "x" * (k + 10)] = lambda rng: (rng.normal(0.6, 1.0), rng.normal(0.6, 1.0))
        seeds = CreditSeeds(SEEDS.recording, tuple(range(family * 1_000_000, family * 1_000_000 + 64)))
        design = replace(DESIGN, looks=(16, 64))
        for effect in measure(World(gains), *(subject(fid) for fid in gains), design=design, seeds=seeds):
            signs = [estimate.sign for estimate in (effect.own, effect.others) if estimate is not None]
            given += sum(sign in "+-" for sign in signs)
            false += sum(sign in "+-" for sign in signs) if effect.fid.startswith("null") else 0
    assert given >= 36, "four true signs in each of 12 families, most of them found"
    assert false / given <= 0.1


def test_an_impossible_design_is_refused() -> None:
    world, one = World(PLANTED), subject("inert")
    with pytest.raises(ConfigError, match="looks"):
        measure(world, one, design=replace(DESIGN, looks=(64, 16)))
    with pytest.raises(ConfigError, match="expected 256 different seeds"):
        measure(world, one, seeds=CreditSeeds((999,), tuple(range(100))))
    with pytest.raises(ConfigError, match="share seeds"):
        measure(world, one, seeds=CreditSeeds((5,), tuple(range(256))))
    with pytest.raises(ConfigError, match="recording seeds"):
        measure(world, one, seeds=CreditSeeds((), tuple(range(256))))
    with pytest.raises(ConfigError, match="one policy in all placements"):
        measure(world, replace(one, placements=(*one.placements, Placement(one.placements[0].lineup, 1))))
    assert world.episodes == 0


def test_an_evaluator_that_answers_otherwise_is_an_error_of_the_run() -> None:
    world = World(PLANTED)
    with pytest.raises(MatchError, match="one per job"):
        measure_helpers(lambda jobs: world(jobs)[1:], [subject("inert")], ARENA, SEEDS, DESIGN)
    with pytest.raises(MatchError, match="one episode per seed"):
        backwards = lambda jobs: [replace(r, episodes=r.episodes[::-1]) for r in world(jobs)]  # noqa: E731
        measure_helpers(backwards, [subject("inert")], ARENA, SEEDS, DESIGN)


def test_no_helpers_no_episodes() -> None:
    world = World(PLANTED)
    assert measure(world) == [] and world.episodes == 0


def test_a_stored_effect_is_measured_again_to_the_last_digit() -> None:
    """Each of a family of which some stop early, one is a dependency and one cannot be resampled."""
    gains: dict[str, Gain] = {**PLANTED, "faint": lambda rng: (rng.normal(0.1, 1.0), rng.normal(0.0, 1.0))}
    subjects = [subject(fid) for fid in (*gains, "never")]
    effects = measure(World(gains, fails=("giving",)), *subjects)
    assert len({effect.looks_taken for effect in effects}) == 3
    for index, (one, effect) in enumerate(zip(subjects, effects, strict=True)):
        world = World(gains, fails=("giving",))
        family = [effect_from_json(effect_to_json(other)) for other in effects[:index] + effects[index + 1 :]]
        again = measure_again(world, one, effect_from_json(effect_to_json(effect)), family, teams=((0,), (1,)))
        assert again == effect
        assert world.episodes == 2 * effect.design.looks[effect.looks_taken - 1]
    with pytest.raises(ConfigError, match="expected the policies"):
        measure_again(world, subjects[0], effects[1], [])


def test_a_program_with_a_helper_against_one_without() -> None:
    """A swap needs nothing to stand in: the other arm plays another program, and a failure in it is said."""
    world = World(PLANTED)
    given, plain = subject("taking"), program("p_before", "idle")
    (effect,) = measure_swaps(world, [(given, plain)], ARENA, SEEDS, DESIGN)
    assert (effect.label, effect.replacement.kind, effect.replacement.values) == ("exploitative", "program", ("p_before",))
    assert not effect.resolved and effect.executed == 2 * effect.n and world.episodes == 2 * effect.n
    assert effect_from_json(json.loads(json.dumps(effect_to_json(effect)))) == effect


def test_what_each_seat_got_is_told_by_the_borrowers_seat() -> None:
    (effect,) = measure(World(PLANTED), subject("giving"))
    assert [(one.borrower_seat, one.seat, one.team) for one in effect.by_seat] == [
        (0, 0, (0,)),
        (0, 1, (1,)),
        (1, 0, (0,)),
        (1, 1, (1,)),
    ]
    own = [one.mean for one in effect.by_seat if one.seat == one.borrower_seat]
    assert effect.own is not None and sum(own) / 2 == pytest.approx(effect.own.mean)
    assert all(one.n == effect.n / 2 and one.se > 0 for one in effect.by_seat)
