"""Steps in an arena before the first script: an explorer that knows nothing of it writes down what it meets.

Where observations come back, it goes where it has tried least, by planning on what it has seen so far with a reward of 1 / sqrt(n)
for an action that was tried n times (Strehl and Littman 2008, MBIE-EB), if that is less than half of the mean: what is well known
near by must not keep it from what is far. Where observations never come back, it holds random actions for a few steps each, so that
something moves. What it learns it learns from the game's own answers: no script plays.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

from arenas.schema import ActionSpec
from arenas.spec import ArenaSpec, Game
from mascript.writers.base import Experience, Transition

MANY = 4096
"""Different observations from which on they count as numbers that never come back."""
HELD = 0.25
"""How often a held action gives way to another."""
FIRST_PLAN, NEXT_PLAN = 500, 2_000
"""Steps before the first plan, and from one to the next: what was wanted is soon known."""
ASTRAY = 0.1
"""How often a plan is not kept to, so that no place is missed that it wrongly thinks out of reach."""
SWEEPS = 200
TRIED, TRIED_BY_CHANCE = 2, 600
"""Tries of every action that are enough: where all that was tried twice came out alike, and where it did not."""
FADE = 0.98
"""What an untried action one step further away is worth less."""


def explore(spec: ArenaSpec, seeds: Iterable[int], steps: int, rng: random.Random) -> Experience:
    """Play until there are so many steps, no more seeds, or nothing left that is worth another try.

    Args:
        spec: of an arena with one seat, whose actions are discrete or a box with bounds.
        seeds: of episodes, taken in order.
        steps: how many to see at most.
        rng: the explorer's own stream.
    """
    game = spec.make() if spec.make_twin is None else spec.make_twin()
    notes = _Notes(spec.actions_of(0))
    starts: dict[bytes, int] = {}
    episodes = 0
    for seed in seeds:
        if notes.steps >= steps or notes.enough:
            break
        episodes += 1
        first = _episode(spec, game, seed, steps, notes, rng)
        starts[first] = starts.get(first, 0) + 1
    return Experience(notes.transitions(), tuple(starts.items()), episodes, notes.steps, spec.horizon)


def _episode(spec: ArenaSpec, game: Game, seed: int, limit: int, notes: _Notes, rng: random.Random) -> bytes:
    """Play one episode, noting every step; return what was observed first."""
    game.reset(seed)
    first = seen = game.observe(0)
    total, step = 0.0, 0
    while game.waiting() and step < spec.horizon and notes.steps < limit:
        action = notes.chosen(seen, game.legal(0), rng)
        game.act({0: action})
        step += 1
        now = game.returns()[0]
        over = not game.waiting()
        # At the limit of steps nobody can tell which of the two ended it; the limit is the likelier one.
        after = b"" if over and step < spec.horizon else seen if over else game.observe(0)
        if not over or step < spec.horizon:
            notes.add(seen, action, after, now - total)
        seen, total = after, now
    notes.let_go()
    return first


class _Notes:
    """What was seen, and where to go for what was not."""

    def __init__(self, actions: ActionSpec) -> None:
        self.steps = 0
        self.enough = False
        """Whether every action was tried often enough, as far as anything is known."""
        self._actions = actions
        self._seen: dict[tuple[bytes, Any, bytes, float], int] = {}
        self._tried: dict[bytes, dict[int, int]] = {}
        self._open: dict[bytes, int] = {}
        """How many actions there are to try."""
        self._plan: dict[bytes, int] = {}
        self._next_plan = FIRST_PLAN
        self._held: Any = None

    def transitions(self) -> tuple[Transition, ...]:
        """All that was seen, alike ones counted."""
        return tuple(Transition(*key, times) for key, times in self._seen.items())

    def let_go(self) -> None:
        """Hold no action any longer: the episode is over."""
        self._held = None

    def add(self, seen: bytes, action: Any, after: bytes, reward: float) -> None:
        """Note a step."""
        self.steps += 1
        key = (seen, action, after, reward)
        self._seen[key] = self._seen.get(key, 0) + 1
        if self._actions.kind == "discrete" and len(self._tried) <= MANY:
            tried = self._tried.setdefault(seen, {})
            tried[action] = tried.get(action, 0) + 1

    def chosen(self, seen: bytes, legal: Sequence[int] | None, rng: random.Random) -> Any:
        """The action that leads to what is not yet known; without any such knowledge a random one, held for a while."""
        if self._actions.kind != "discrete" or len(self._tried) > MANY or legal is None:
            return self._any(legal, rng)
        if self.steps >= self._next_plan:
            self._next_plan = self.steps + NEXT_PLAN
            by_chance = len(self._seen) > sum(len(tried) for tried in self._tried.values())
            self.enough = _least(self._tried, self._open) >= (TRIED_BY_CHANCE if by_chance else TRIED)
            self._plan = _plan(self._seen, self._tried, self._open)
        self._open[seen] = len(legal)
        if seen in self._plan and self._plan[seen] in legal:
            action = self._plan[seen]
            if rng.random() > ASTRAY:
                return action
        tried = self._tried.get(seen, {})
        least = min(tried.get(action, 0) for action in legal)
        return rng.choice([action for action in legal if tried.get(action, 0) == least])

    def _any(self, legal: Sequence[int] | None, rng: random.Random) -> Any:
        """Any action, mostly the one that is held."""
        if self._held is None or rng.random() < HELD or (legal is not None and self._held not in legal):
            spec = self._actions
            if spec.kind == "discrete":
                self._held = rng.choice(range(spec.size) if legal is None else list(legal))
            else:
                self._held = tuple(rng.uniform(low, high) for low, high in zip(spec.low, spec.high, strict=True))
        return self._held


def _least(tried: dict[bytes, dict[int, int]], there: dict[bytes, int]) -> int:
    """How often the least tried action of any observation was tried."""
    return min((min(row.values()) if len(row) >= there[state] else 0 for state, row in tried.items()), default=0)


def _plan(
    seen: dict[tuple[bytes, Any, bytes, float], int], tried: dict[bytes, dict[int, int]], there: dict[bytes, int]
) -> dict[bytes, int]:
    """For each observation the action that leads soonest to what was tried least; none where one is untried."""
    import numpy

    states = list(tried)
    index = {state: number for number, state in enumerate(states)}
    pairs = {pair: number for number, pair in enumerate((state, action) for state in states for action in tried[state])}
    owner = numpy.array([index[state] for state, _ in pairs])
    times = numpy.array([tried[state][action] for state, action in pairs])
    novelty = times**-0.5 * (times < times.mean() / 2)
    fresh = numpy.array([float(len(tried[state]) < there[state]) for state in states])
    rows = [
        (pairs[state, action], index.get(after, -1), times / tried[state][action])
        for (state, action, after, _), times in seen.items()
    ]
    source, goal, weight = (numpy.array(column) for column in zip(*rows, strict=True))
    weight = weight * (goal >= 0)
    values, worth = fresh, novelty
    for _ in range(SWEEPS):
        worth = novelty + FADE * numpy.bincount(source, weights=weight * values[goal], minlength=len(pairs))
        values = fresh.copy()
        numpy.maximum.at(values, owner, worth)
    chosen: dict[bytes, tuple[float, int]] = {}
    for (state, action), value in zip(pairs, worth.tolist(), strict=True):
        if len(tried[state]) >= there[state] and value > chosen.get(state, (0.0, 0))[0]:
            chosen[state] = (value, action)
    return {state: action for state, (_, action) in chosen.items()}
