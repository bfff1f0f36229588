"""Cases whose true effects are known by construction, to be played: arenas, policies and helpers for `mascript bench credit`.

A family is one run's worth: a policy in an arena of `planted_v0` that calls a helper per channel, some channels with an effect,
some noisy nulls, and helpers that are called for nothing or not at all. Sizes are in standard deviations of the paired difference,
which follow from the moments of the arena's draws; every channel is scaled so that this deviation is 1.

A noisy null changes actions in nearly every episode and earns 0 in the mean; the skewed ones by Hermite's third polynomial, so that
the difference has a long tail on one side.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random
from typing import Literal

from arenas.planted.rules import points
from mascript.lineage.effect_records import CreditDesign, CreditSeeds, Placement, Subject
from mascript.records import ArenaRef, LinkedFunction, Program
from mascript.seeds import Pool, episode_seeds, stream

Noise = Literal["symmetric", "skewed", "sparse"]
Sum = Literal["zero-sum", "common", "apart"]

HORIZON = 4
SIZES = (0.2, 0.5, 1.0)
NOISES: tuple[Noise, ...] = ("symmetric", "skewed", "sparse")
MARGIN = 0.25
"""Effects up to so many standard deviations count as 0."""
SPREAD = 3.0
"""Standard deviation of the luck that paired episodes share, in deviations of the difference."""
LOOKS = (16, 64, 256)
PAIRS = 64
"""Replicates where there is one look."""
RECORDED = 16
NULL_SYMMETRIC, NULL_SKEWED = "null, symmetric", "null, skewed"

WEIGHTS: dict[str, tuple[float, float]] = {
    "own-only": (1.0, 0.0),
    "others-only": (0.0, 1.0),
    "mutual": (1.0, 0.7),
    "exploitative": (1.0, -0.7),
    "altruistic": (-1.0, 0.7),
    "harmful": (-1.0, -0.7),
}
"""(own, each other's) share of a channel's gain."""


@dataclass(frozen=True)
class Truth:
    """What an effect is by construction, in the unit of the return. Made with a case; read by the judge.

    None: exactly 0 in every replicate, not only in the mean.
    """

    own: float | None
    others: float | None


@dataclass(frozen=True)
class Case:
    """One (policy, helper) pair and its truth. Made here and by `credit_drawn`; read by the judge."""

    kind: str
    noise: str
    size: float
    """Effect in standard deviations of the paired difference; 0 for nulls."""
    truth: Truth


@dataclass(frozen=True)
class Family:
    """What is measured and corrected together. Made by `families`; played by `credit_played`."""

    method: Literal["helpers", "control", "joint", "paths"]
    arena: ArenaRef
    subjects: tuple[Subject, ...]
    cases: tuple[Case, ...]
    """One per subject; of `joint`, one per helper, or the pair's interaction alone."""
    seeds: CreditSeeds
    design: CreditDesign


def families(seed: int, count: int) -> list[Family]:
    """Return `count` families of eleven helpers with their controls, and what needs a family of its own.

    Args:
        seed: of the generator; other seeds share no episode.
        count: of the large families, of which every third is zero-sum and every third common-reward.
    """
    made = []
    for index in range(count):
        total: Sum = ("zero-sum", "common", "apart")[index % 3]
        looks = LOOKS if index % 2 else (PAIRS,)
        family = _large(seed, index, total, looks)
        made.append(family)
        made.append(_control(family))
    for index in range(max(1, count // 4)):
        made += [_pair(seed, index, "redundant pair"), _pair(seed, index, "synergy")]
        made += [_path(seed, index, "direct"), _path(seed, index, "propagated-only")]
    made += [_failing(seed, index) for index in range(max(1, count // 10))]
    made += [_repeating(seed, index) for index in range(max(1, count // 10))]
    return made


def channel(noise: Noise, size: float, rounds: int, share: tuple[float, float], answer: bool = False) -> tuple[float, ...]:
    """Return the channel (`arenas.planted.rules.Channel`) whose difference has deviation 1 and this mean, in what weighs 1.

    With x = z, and in the other arm x' drawn from the same points, the difference of a round is G = (z - x') rate, with
    E[G] = slope and E[G^2] = 4 slope^2 + 2 hidden^2 + (6 + E[z^2 He3(z)^2]) bend^2 + 12 slope bend; rounds are independent given
    that the channel is awake.

    Args:
        noise: of the difference.
        size: mean in deviations; 0 is a noisy null.
        rounds: that pay.
        share: (own, others) weights.
        answer: the gain comes by the others' answers instead of at once.
    """
    slope, hidden, bend = (1.0, 0.0, 0.0) if size else (0.0, 1.0, 0.0)
    awake = 1.0 if noise != "sparse" else (0.9 if size > 0.5 else 0.35)
    curved = 6 + sum(chance * (z * (z**3 - 3 * z)) ** 2 for z, chance in zip(*points(), strict=True))
    if not size and noise == "skewed":
        hidden, bend = 0.0, 1.0
    if size:
        wanted = awake * rounds / size**2 - rounds * (1 - awake)
        if noise == "skewed":
            bend = (sqrt(144 + 4 * curved * (wanted - 3)) - 12) / (2 * curved)
        else:
            hidden = sqrt(max(wanted - 3, 0.0) / 2)
    variance = 3 * slope**2 + 2 * hidden**2 + curved * bend**2 + 12 * slope * bend
    deviation = sqrt(awake * rounds * variance + rounds**2 * awake * (1 - awake) * slope**2)
    own, others = share
    paid = (0.0, 0.0, own, others) if answer else (own, others, 0.0, 0.0)
    return (*paid, *(part / deviation for part in (slope, hidden, bend)), awake)


def truth_of(planted: tuple[float, ...]) -> Truth:
    """Return what x = z earns in such a channel, against any x that does not depend on z."""
    own, others, answer, answer_others, slope, _, _, awake = planted
    direct, answered = awake * slope * HORIZON, awake * slope * (HORIZON - 1)
    return Truth(
        own * direct + answer * answered if own or answer else None,
        others * direct + answer_others * answered if others or answer_others else None,
    )


def _large(seed: int, index: int, total: Sum, looks: tuple[int, ...]) -> Family:
    """Five effects, two nulls of either shape and one more, a helper for nothing, and now and then a channel that hardly wakes."""
    rng = stream(seed, "credit bench", "family", index)
    players = 2 + index % 5
    kinds = [*WEIGHTS, "mixed"]
    planned: list[tuple[str, Noise, float]] = []
    for slot in range(5):
        kind = {"zero-sum": "zero-sum", "common": "common-reward"}.get(total, kinds[(index // 3 * 5 + slot) % len(kinds)])
        planned.append((kind, NOISES[(index + slot) % 3], SIZES[(index // 3 + slot) % 3]))
    shapes: list[tuple[str, Noise]] = [(NULL_SYMMETRIC, "symmetric"), (NULL_SKEWED, "skewed")] * 2
    planned += [
        (kind, "sparse" if kind == NULL_SYMMETRIC and slot == 0 else noise, 0.0) for slot, (kind, noise) in enumerate(shapes)
    ]
    planned.append(((NULL_SYMMETRIC, "symmetric", 0.0), (NULL_SKEWED, "skewed", 0.0))[index % 2])
    channels, cases = [], []
    for kind, noise, size in planned:
        planted = channel(noise, size, HORIZON, _shares(kind, total, players, rng))
        channels.append(planted)
        cases.append(Case(kind, noise, size, truth_of(planted)))
    if index % 4 == 0:
        planted = (*_shares("own-only", total, players, rng), 0.0, 0.0, 1.0, 0.0, 0.0, 0.02)
        channels.append(planted)
        cases.append(Case("rare", "sparse", 0.0, truth_of(planted)))
    idle = "unexecuted" if index % 2 else "inert"
    cases.append(Case(idle, "none", 0.0, Truth(None, None)))
    names = [f"signal_{number}" for number in range(len(channels))]
    terms = ", ".join(f"1.0 * {name}(signals[{number}])" for number, name in enumerate(names))
    call = "if step > 90:\n        idle(signals[0])" if idle == "unexecuted" else "idle(signals[0])"
    source = _script([*names, "idle"], f"    signals = observation.signals\n    {call}\n    return [{terms}]\n")
    functions = [_helper(name, f"seed {seed} family {index}") for name in (*names, "idle")]
    arena, placements = _table(tuple(channels), players, index % players, total, _program(source, functions))
    return Family(
        "helpers", arena, _subjects(functions, placements), tuple(cases), _seeds(seed, "family", index), _design(seed, looks)
    )


def _control(family: Family) -> Family:
    """The same family with nothing replaced."""
    design = CreditDesign((PAIRS,), margin=MARGIN, replacement="none", seed=family.design.seed)
    return Family(
        "control", family.arena, family.subjects[:1], (Case("A/A", "none", 0.0, Truth(None, None)),), family.seeds, design
    )


def _pair(seed: int, index: int, kind: str) -> Family:
    """Two helpers of which either would do, or of which neither does without the other; a neutral value stands in."""
    players = 2 + index % 5
    planted = channel(NOISES[index % 2], SIZES[1 + index % 2], HORIZON, (1.0, 0.5))
    whole = truth_of(planted)
    if kind == "redundant pair":
        action, bodies = "first(signal) or second(signal)", ("x", "x")
    else:
        action, bodies = "first(signal) * second(signal)", ("abs(x)", "1.0 if x > 0 else -1.0")
    source = _script(["first", "second"], f"    signal = observation.signals[0]\n    return [1.0 * ({action})]\n")
    functions = [_helper(name, f"seed {seed} {kind} {index}", body) for name, body in zip(("first", "second"), bodies, strict=True)]
    arena, placements = _table((planted,), players, index % players, "apart", _program(source, functions))
    half = Truth(_scaled(whole.own, 0.5), _scaled(whole.others, 0.5))
    cases = (Case(kind, "paired", 0.5, half),) * 2 if kind == "redundant pair" else (Case(kind, "paired", 0.5, whole),)
    design = CreditDesign((PAIRS,), margin=MARGIN / 2, replacement="constant", seed=seed)
    return Family("joint", arena, _subjects(functions, placements), cases, _seeds(seed, kind, index), design)


def _path(seed: int, index: int, kind: str) -> Family:
    """One helper whose effect is its own, or comes by the others' answers alone."""
    players, through = 2 + index % 5, kind == "propagated-only"
    planted = channel(NOISES[index % 2], SIZES[1 + index % 2], HORIZON - through, (1.0, 0.5), answer=through)
    source = _script(["signal_0"], "    return [1.0 * signal_0(observation.signals[0])]\n")
    functions = [_helper("signal_0", f"seed {seed} {kind} {index}")]
    arena, placements = _table((planted,), players, index % players, "apart", _program(source, functions))
    case = Case(kind, NOISES[index % 2], SIZES[1 + index % 2], truth_of(planted))
    return Family("paths", arena, _subjects(functions, placements), (case,), _seeds(seed, kind, index), _design(seed, (PAIRS,)))


def _failing(seed: int, index: int) -> Family:
    """A policy that fails where its helper gives what it gave at another time."""
    body = "    rows = [0.0] * (step + 1)\n    return [rows[place(step)] + observation.signals[0]]\n"
    functions = [_helper("place", f"seed {seed} failing {index}", "x", "int")]
    program = _program(_script(["place"], body), functions)
    arena, placements = _table((channel("symmetric", 0.5, HORIZON, (1.0, 0.0)),), 2, 0, "apart", program)
    case = Case("dependency", "none", 0.0, Truth(None, None))
    return Family("helpers", arena, _subjects(functions, placements), (case,), _seeds(seed, "failing", index), _design(seed, LOOKS))


def _repeating(seed: int, index: int) -> Family:
    """An arena of one episode, whatever the seed."""
    functions = [_helper("signal_0", f"seed {seed} repeating {index}", "1.5")]
    program = _program(_script(["signal_0"], "    return [1.0 * signal_0(observation.signals[0])]\n"), functions)
    arena, placements = _table((channel("symmetric", 0.5, HORIZON, (1.0, 0.0)),), 2, 0, "apart", program, fixed=True)
    case = Case("unreplicated", "none", 0.0, Truth(None, None))
    return Family(
        "helpers", arena, _subjects(functions, placements), (case,), _seeds(seed, "repeating", index), _design(seed, LOOKS)
    )


def _shares(kind: str, total: Sum, players: int, rng: Random) -> tuple[float, float]:
    sign = rng.choice((-1.0, 1.0))
    if total == "zero-sum":
        return sign, -sign / (players - 1)
    if total == "common":
        return sign, sign
    if kind == "mixed" or kind.startswith("null"):
        return sign, rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 1.0)
    return WEIGHTS[kind]


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _script(names: Sequence[str], body: str) -> str:
    return f"from shared import {', '.join(names)}\n\n\ndef policy(observation, step):\n{body}"


def _helper(name: str, mark: str, body: str = "x", type_: str = "float") -> LinkedFunction:
    fid = "sha256:" + hashlib.sha256(f"{mark} {name}".encode()).hexdigest()
    return LinkedFunction(fid, name, f"def {name}(x: {type_}) -> {type_}:\n    return {body}\n")


def _program(source: str, functions: Sequence[LinkedFunction]) -> Program:
    mark = hashlib.sha256((source + "".join(one.fid for one in functions)).encode()).hexdigest()
    return Program(f"policy:{mark}", source, tuple((one.name, one.fid) for one in functions), tuple(functions))


def _table(
    channels: tuple[tuple[float, ...], ...], players: int, leader: int, luck: Sum, program: Program, fixed: bool = False
) -> tuple[ArenaRef, tuple[Placement, ...]]:
    """The arena, and the program in the leader's seat among others that answer with what they heard."""
    arguments = {
        "channels": channels,
        "fixed": fixed,
        "horizon": HORIZON,
        "leader": leader,
        "luck": luck,
        "players": players,
        "spread": SPREAD,
    }
    answering = Program("policy:answers", "def policy(observation):\n    return list(observation.heard)\n")
    lineup = tuple(program if seat == leader else answering for seat in range(players))
    return ArenaRef("planted_v0", tuple(arguments.items())), (Placement(lineup, leader),)


def _subjects(functions: Sequence[LinkedFunction], placements: tuple[Placement, ...]) -> tuple[Subject, ...]:
    return tuple(
        Subject(one.fid, f"{one.name}@1.0.0", one.source.split("-> ")[1].split(":")[0], "ada", "bo", placements)
        for one in functions
    )


def _seeds(seed: int, *purpose: object) -> CreditSeeds:
    drawn = episode_seeds(Pool.AUDIT, seed, RECORDED + LOOKS[-1], "credit bench", *purpose)
    return CreditSeeds(drawn[:RECORDED], drawn[RECORDED:])


def _design(seed: int, looks: tuple[int, ...]) -> CreditDesign:
    return CreditDesign(looks, margin=MARGIN, seed=seed)
