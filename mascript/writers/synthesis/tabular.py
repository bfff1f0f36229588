"""A learnt model of an arena whose observations come back, the best plans on it, and the programs that say them.

The model is the counts of what was seen. On it two plans are worked out exactly: the best one that knows how many steps are left
(backward induction, Bellman 1957), and the best that does not, found from it by changing one observation's action at a time as long
as that pays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from arenas.schema import ActionSpec, Schema
from mascript.writers.base import Experience, Transition

WHOLE = frozenset({"int", "bool", "Cell", "list[int]"})
MOST_NUMBERS = 12
"""Of an observation that may come back."""
MOST_STATES = 1024
FEWEST_RETURNS = 3.0
"""Steps per observation and action from which a table is worth solving."""
MOST_PARTS = 6
"""Equal parts that chance may be made of in a world of dice: a third is likelier there than .3318."""
OFTEN, AGREEING = 100, 0.9
"""Tries from which an action says whether chance is that of dice, and the share of such actions that must."""
UNKNOWN = 1e6
"""What an action that was never seen loses at least."""
SEGMENTS: tuple[tuple[float, ...], ...] = ((), (0.3,), (0.15, 0.4), (0.1, 0.22, 0.45))
"""Shares of all steps that are left when a plan that counts them changes: none, and ever more."""
PAYS = 0.002
"""Share of what is still to be gained that a plan with more segments must gain."""
TIED = 1e-9
ROUNDS = 200
"""Changes of a plan at most, all that pay at once counted as one."""


def looks_finite(schema: Schema, actions: ActionSpec) -> bool:
    """Whether observations are a few whole numbers and actions a list, so that a table may be learnt."""
    numbers = sum(max(1, _product(field.shape)) for field in schema.fields)
    whole = schema.layout == "record" and all(field.type in WHOLE for field in schema.fields)
    return whole and numbers <= MOST_NUMBERS and actions.kind == "discrete"


def _product(shape: Sequence[int]) -> int:
    total = 1
    for length in shape:
        total *= length
    return total


@dataclass(frozen=True)
class Model:
    """What was seen as a table. Made by `learnt`; read by planning."""

    states: tuple[bytes, ...]
    start: Any
    """Array (states,): how often an episode began there."""
    onward: Any
    """Array (actions, states, states): shares of what followed; what ended the episode is missing."""
    paid: Any
    """Array (actions, states): mean reward; very low for an action that was never seen there."""
    known: Any
    """Array (actions, states) of bool: what was seen at all."""
    unsure: Any
    """Array (actions, states): standard error of the mean reward; 0 where the chances are known to be simple fractions."""
    horizon: int


def learnt(experience: Experience, actions: int) -> Model | None:
    """Return the model; None where there are too many observations for what was seen of them."""
    import numpy

    states = tuple(dict.fromkeys(one.seen for one in experience.transitions))
    if len(states) > MOST_STATES or experience.steps < FEWEST_RETURNS * len(states) * actions:
        return None
    index = {state: number for number, state in enumerate(states)}
    outcomes: dict[tuple[int, int], list[Transition]] = {}
    for one in experience.transitions:
        if not isinstance(one.action, int):
            return None
        outcomes.setdefault((one.action, index[one.seen]), []).append(one)
    onward = numpy.zeros((actions, len(states), len(states)))
    worst = min(one.reward for one in experience.transitions) * experience.horizon - UNKNOWN
    paid = numpy.full((actions, len(states)), worst)
    unsure = numpy.zeros((actions, len(states)))
    parts = denominator([[one.times for one in found] for found in outcomes.values()])
    for here, found in outcomes.items():
        times = sum(one.times for one in found)
        shares = chances([one.times for one in found], parts)
        paid[here] = sum(share * one.reward for share, one in zip(shares, found, strict=True))
        if [one.times / times for one in found] == shares:
            spread = sum(share * (one.reward - paid[here]) ** 2 for share, one in zip(shares, found, strict=True))
            unsure[here] = (spread / times) ** 0.5
        for share, one in zip(shares, found, strict=True):
            if one.after in index:
                onward[here][index[one.after]] += share
    return Model(states, _starts(experience, index), onward, paid, paid > worst, unsure, experience.horizon)


def _starts(experience: Experience, index: Mapping[bytes, int]) -> Any:
    """How often an episode begins in each state: as counted; those never seen share what was seen once (Good 1953)."""
    import numpy

    counts = numpy.zeros(len(index))
    for state, count in experience.starts:
        if state in index:
            counts[index[state]] += count
    unseen = counts == 0
    missing = (counts == 1).sum() / counts.sum() if unseen.any() else 0.0
    return (1 - missing) * counts / counts.sum() + missing * unseen / max(1, unseen.sum())


def denominator(counts: Sequence[Sequence[int]]) -> int | None:
    """Return the smallest number of equal parts that chance is made of, here as in a world of dice; None in another world.

    That is what nearly everything that was tried often agrees with, by Pearson's statistic within three standard deviations.
    """
    often = [times for times in counts if len(times) > 1 and sum(times) >= OFTEN]
    for parts in range(1, MOST_PARTS + 1):
        if often and sum(_agrees(times, parts) for times in often) >= AGREEING * len(often):
            return parts
    return None


def chances(times: Sequence[int], parts: int | None) -> list[float]:
    """Return the shares of outcomes: of so many equal parts, where they fill them, else as counted."""
    total = sum(times)
    rounded = [round(count * (parts or 0) / total) for count in times]
    if parts and sum(rounded) == parts and all(rounded):
        return [part / parts for part in rounded]
    return [count / total for count in times]


def _agrees(times: Sequence[int], parts: int) -> bool:
    total = sum(times)
    shares = chances(times, parts)
    if any(not (share * parts).is_integer() for share in shares):
        return False
    surprise = sum((count - total * share) ** 2 / (total * share) for count, share in zip(times, shares, strict=True))
    free = len(times) - 1
    return bool(surprise <= free + 3 * (2 * free) ** 0.5)


@dataclass(frozen=True)
class Plan:
    """An action for each observation, by how many steps are left. Made here; read by `distil`."""

    until: tuple[int, ...]
    """Falling to 0: segment k holds while more than `until[k]` steps are left."""
    actions: tuple[Any, ...]
    """One array (states,) per segment."""
    value: float
    """On the model, over its starts."""
    gains: tuple[Any, ...]
    """One array (actions, states) per segment: what the value would gain by another action there; at most about 0."""
    met: tuple[Any, ...]
    """One array (states,) per segment: how often each state is met in an episode."""


def plans(model: Model) -> Iterator[Plan]:
    """Yield plans: the best found without a count of steps first, then with ever more segments while that pays."""
    worths = _inducted(model)
    optimum = float(model.start @ worths[-1].max(axis=0))
    reached: float | None = None
    for shares in SEGMENTS:
        cuts = [round(share * model.horizon) for share in shares]
        if all(cuts) or not cuts:
            plan = _improved(model, _segmented(model, worths, cuts))
            if reached is None or plan.value > reached + PAYS * abs(optimum - reached):
                yield plan
                reached = plan.value
        if reached is not None and reached >= optimum - TIED * (1 + abs(optimum)):
            return


def _inducted(model: Model) -> list[Any]:
    """Arrays (actions, states): what each action is worth with so many steps left, one first."""
    import numpy

    values, found = numpy.zeros(len(model.states)), []
    for _ in range(model.horizon):
        worth = model.paid + model.onward @ values
        values = worth.max(axis=0)
        found.append(worth)
    return found


def _segmented(model: Model, worths: Sequence[Any], cuts: Sequence[int]) -> list[tuple[int, Any]]:
    """(steps left beyond which it holds, actions) of each segment, as the best plan acts in the middle of the segment."""
    bounds = [model.horizon, *sorted(cuts, reverse=True), 0]
    return [(low, worths[(high + low) // 2].argmax(axis=0)) for high, low in pairwise(bounds)]


@dataclass(frozen=True)
class _Looked:
    """A plan as it was evaluated. Made by `_evaluated`; read by `_improved`."""

    value: float
    gains: list[Any]
    """Per segment, array (actions, states): what the value would gain, to first order, by another action there."""
    met: list[Any]
    """Per segment, array (states,): how often each state is met in an episode."""


def _evaluated(model: Model, segments: Sequence[tuple[int, Any]]) -> _Looked:
    """Work out a plan's value and what each single change of it would bring."""
    import numpy

    everyone = numpy.arange(len(model.states))
    of_step = [next(k for k, (low, _) in enumerate(segments) if model.horizon - step > low) for step in range(model.horizon)]
    moves = [model.onward[actions, everyone] for _, actions in segments]
    pays = [model.paid[actions, everyone] for _, actions in segments]
    met, here = [], model.start
    for step in range(model.horizon):
        met.append(here)
        here = here @ moves[of_step[step]]
    gains = [numpy.zeros_like(model.paid) for _ in segments]
    often = [numpy.zeros(len(model.states)) for _ in segments]
    values = numpy.zeros(len(model.states))
    for step in reversed(range(model.horizon)):
        k = of_step[step]
        worth = model.paid + model.onward @ values
        values = pays[k] + moves[k] @ values
        gains[k] += met[step] * (worth - values)
        often[k] += met[step]
    return _Looked(float(model.start @ values), gains, often)


def _improved(model: Model, segments: list[tuple[int, Any]]) -> Plan:
    """Change all that seems to pay at once, and where that is too much, the one change that pays most, until nothing does."""
    import numpy

    looked = _evaluated(model, segments)
    for _ in range(ROUNDS):
        bolder = [(low, gain.argmax(axis=0)) for (low, _), gain in zip(segments, looked.gains, strict=True)]
        bolder = [
            (low, numpy.where(gain.max(axis=0) > TIED, new, old))
            for (low, new), (_, old), gain in zip(bolder, segments, looked.gains, strict=True)
        ]
        then = _evaluated(model, bolder)
        if then.value <= looked.value + TIED:
            k = max(range(len(segments)), key=lambda one: float(looked.gains[one].max()))
            action, state = numpy.unravel_index(int(looked.gains[k].argmax()), looked.gains[k].shape)
            bolder = [(low, actions.copy()) for low, actions in segments]
            bolder[k][1][state] = action
            then = _evaluated(model, bolder)
            if then.value <= looked.value + TIED:
                break
        segments, looked = bolder, then
    return Plan(
        tuple(low for low, _ in segments),
        tuple(actions for _, actions in segments),
        looked.value,
        tuple(looked.gains),
        tuple(looked.met),
    )


def solved(experience: Experience | None, actions: ActionSpec) -> tuple[Model, list[Plan]] | None:
    """Return the model of what was met and the plans for it; None where no table can be made of it."""
    model = None if experience is None else learnt(experience, actions.size)
    return None if model is None else (model, list(plans(model)))
