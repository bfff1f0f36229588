"""Work out exactly what no policy can beat, and write it: `python -m arenas.single.solve`.

Writes `references/optima.json`, the values, and the reference scripts `optimal` of FrozenLake8x8-v1 and Blackjack-v1, the policies.
FrozenLake, Taxi and CliffWalking are solved by backward induction over the steps that are left (Bellman 1957), on the transition
table of Gymnasium's own environment; Blackjack by recursion over hands with cards drawn from an endless deck.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium
import numpy

from arenas.single.control import cart_pole
from arenas.single.maps import CLIFF_COLUMNS, LAKE, LAKE_SIDE
from arenas.single.toy import SAFE_CELLS, blackjack, cliff_walking, frozen_lake, taxi
from arenas.spec import ArenaSpec

REFERENCES = Path(__file__).parents[1] / "references"
NO_WORSE = 1e-12
"""Values this close are a tie: rounding, and no reason to change the action from one step to the next."""

_LAKE_SCRIPT = '''PLAN = {{
{rows}
}}
"""Tile -> (steps left at most, what to do then), in rising order; the last holds beyond that too."""
STEPS = {steps}


def policy(observation, step):
    """What backward induction over the {steps} steps of an episode found: no policy crosses more often ({value:.5f} of all)."""
    for left, action in PLAN[observation.position]:
        if STEPS - step <= left:
            return action
    return action
'''
_CARDS_SCRIPT = '''HARD = {hard}
"""The dealer's card -> the total from which to stick without a usable ace."""
SOFT = {soft}
"""The same with one."""


def policy(observation):
    """Stick from a total that depends on the dealer's card: no policy wins more with these rules (mean {value:.5f})."""
    enough = SOFT if observation.usable_ace else HARD
    return "stick" if observation.total >= enough[observation.dealer] else "hit"
'''


class Solution(NamedTuple):
    """What backward induction found."""

    values: Any
    """Array (states,): the best mean return from each state on, with all steps left."""
    plans: Any
    """Array (steps, states): the action for each number of steps left, one first."""


def induct(table: Any, steps: int) -> Solution:
    """Solve a transition table ({state: {action: [(probability, next state, reward, whether it ends)]}}) for this many steps."""
    states, actions = len(table), len(table[0])
    onward, paid = numpy.zeros((actions, states, states)), numpy.zeros((actions, states))
    for state, row in table.items():
        for action, outcomes in row.items():
            for probability, following, reward, ends in outcomes:
                paid[action, state] += probability * reward
                onward[action, state, following] += 0.0 if ends else probability
    values, plans = numpy.zeros(states), []
    plan = numpy.zeros(states, dtype=int)
    for _ in range(steps):
        worth = paid + onward @ values
        values = worth.max(axis=0)
        plan = numpy.where(worth[plan, numpy.arange(states)] >= values - NO_WORSE, plan, worth.argmax(axis=0))
        plans.append(plan)
    return Solution(values, numpy.array(plans))


CARDS = {**dict.fromkeys(range(1, 10), 1 / 13), 10: 4 / 13}
"""Card -> probability of drawing it."""
Hand = tuple[int, bool]
"""Sum with every ace as 1, and whether an ace is among the cards."""


def points(hand: Hand) -> int:
    """Return what the hand counts, its ace 11 where that does not bust."""
    total, ace = hand
    return total + 10 if ace and total <= 11 else total


def drawn(hand: Hand, card: int) -> Hand:
    """Return the hand with one card more."""
    return hand[0] + card, hand[1] or card == 1


@cache
def dealt(hand: Hand) -> dict[int, float]:
    """Return the dealer's final points from this hand on, 0 for a bust, with their probabilities."""
    if points(hand) >= 17:
        return {points(hand) if points(hand) <= 21 else 0: 1.0}
    ends: dict[int, float] = {}
    for card, chance in CARDS.items():
        for end, further in dealt(drawn(hand, card)).items():
            ends[end] = ends.get(end, 0.0) + chance * further
    return ends


@cache
def stick(total: int, shown: int) -> float:
    """Return the mean payoff of sticking with these points against the dealer's open card."""
    return sum(chance * ((total > end) - (total < end)) for end, chance in dealt((shown, shown == 1)).items())


@cache
def hit(hand: Hand, shown: int) -> float:
    """Return the mean payoff of a hit and the best play after it."""
    return sum(chance * best(drawn(hand, card), shown) for card, chance in CARDS.items())


def best(hand: Hand, shown: int) -> float:
    """Return the mean payoff of the best play with this hand, -1 where it is bust."""
    return -1.0 if points(hand) > 21 else max(stick(points(hand), shown), hit(hand, shown))


def natural(shown: int) -> float:
    """Return the mean payoff of an ace and a ten at once: 1 unless the dealer has the same."""
    return 1.0 - {1: CARDS[10], 10: CARDS[1]}.get(shown, 0.0)


def blackjack_value() -> float:
    """Return the mean payoff of the best play over all deals."""
    value = 0.0
    for shown, first in CARDS.items():
        for one, second in CARDS.items():
            for other, third in CARDS.items():
                hand = drawn(drawn((0, False), one), other)
                worth = natural(shown) if {one, other} == {1, 10} else best(hand, shown)
                value += first * second * third * worth
    return value


def thresholds(ace: bool) -> dict[int, int]:
    """Return, for each card of the dealer, the points from which to stick.

    Raises:
        ValueError: sticking is not best from one total on, so that no such number says it.
    """
    found = {}
    for shown in CARDS:
        totals = range(12, 22)
        sticks = [stick(total, shown) >= hit((total - 10 if ace else total, ace), shown) for total in totals]
        if sticks != sorted(sticks):
            raise ValueError(f"no threshold for the dealer's {shown}: {sticks}")
        found[shown] = totals[sticks.index(True)]
    return found


@dataclass(frozen=True)
class Solved:
    """One arena's optimum. Made by `solve`; written to `optima.json`."""

    spec: ArenaSpec
    score: float
    meaning: str


def solve() -> Iterator[Solved]:
    """Yield the optimum of every arena that has one."""
    pole = cart_pole()
    yield Solved(pole, float(pole.horizon), "every step pays 1, and there are no more")
    yield _inducted(frozen_lake())
    yield _inducted(taxi())
    yield _inducted(cliff_walking())
    yield _inducted(cliff_walking(starts="anywhere"), [row * CLIFF_COLUMNS + column for row, column in SAFE_CELLS])
    yield Solved(blackjack(), blackjack_value(), "recursion over hands, cards drawn from an endless deck")


def _inducted(spec: ArenaSpec, starts: Sequence[int] = ()) -> Solved:
    """The mean over these first states, all equally likely, or over the environment's own."""
    bare = world(spec)
    values = induct(bare.P, spec.horizon).values
    value = values[list(starts)].mean() if starts else values @ bare.initial_state_distrib
    return Solved(spec, float(value), f"backward induction over {spec.horizon} steps on the environment's transition table")


def world(spec: ArenaSpec) -> Any:
    """Return Gymnasium's own environment, with its transition table `P` and its distribution of starts."""
    return gymnasium.make(spec.id, disable_env_checker=True).unwrapped


def lake_script() -> str:
    """Return the script that plays FrozenLake's solution."""
    spec = frozen_lake()
    bare = world(spec)
    solution = induct(bare.P, spec.horizon)
    rows = []
    for state in range(LAKE_SIDE**2):
        cell = divmod(state, LAKE_SIDE)
        if LAKE[cell[0]][cell[1]] in "SF":
            rows.append(f"    {cell}: {_runs(solution.plans[:, state], spec.actions.names)},")
    value = solution.values @ bare.initial_state_distrib
    return _LAKE_SCRIPT.format(rows="\n".join(rows), steps=spec.horizon, value=value)


def _runs(plan: Any, names: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """Of one state: (steps left at most, action), rising."""
    changes = [left for left in range(1, len(plan)) if plan[left] != plan[left - 1]]
    return tuple((last, names[plan[last - 1]]) for last in (*changes, len(plan)))


def blackjack_script() -> str:
    """Return the script that plays Blackjack's solution."""
    return _CARDS_SCRIPT.format(hard=thresholds(ace=False), soft=thresholds(ace=True), value=blackjack_value())


def main() -> int:
    """Solve, write and print."""
    rows = []
    for solved in solve():
        print(f"{solved.spec.id} {dict(solved.spec.arguments)}: {solved.score:.6f} ({solved.meaning})")
        row = {"arena": solved.spec.id, "arguments": solved.spec.arguments, "score": solved.score, "meaning": solved.meaning}
        rows.append(row)
    (REFERENCES / "optima.json").write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    for id, script in (("FrozenLake8x8-v1", lake_script()), ("Blackjack-v1", blackjack_script())):
        (REFERENCES / id / "optimal.py.txt").write_text(script, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
