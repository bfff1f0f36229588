"""Joint steps per second of an original through its own interface, PettingZoo's or Gymnasium's, driven as one would by hand.

What `arenas.speed` measures is set beside this by `mascript bench arenas`. The actions are random and legal; those that need no
mask are drawn before the clock starts. Observations are what the interface gives at each step anyway.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from arenas.generic import find
from arenas.registry import original
from arenas.speed import DRAWN, FIRST_SEED, Run, timed

_ARGUMENTS: Mapping[str, Mapping[str, Any]] = {"rps_v2": {"max_cycles": 1000}}
"""Where the environment's own defaults are another game than the arena's."""
_LONGEST = 5_000
"""Steps after which an episode of an environment without a limit is left."""


def runner(id: str) -> Run | None:
    """Return what plays the environment behind a registered arena; None where the interface has no environment of this id."""
    source = find(original(id))
    if source is None:
        return None
    env = source.make(**_ARGUMENTS.get(id, {}))
    return timed(_EPISODES[source.interface](env))


def _parallel(env: Any) -> Callable[[int], int]:
    drawn = {agent: _samples(env.action_space(agent)) for agent in env.possible_agents}

    def episode(seed: int) -> int:
        env.reset(seed=seed)
        steps = 0
        while env.agents and steps < _LONGEST:
            env.step({agent: drawn[agent][steps % DRAWN] for agent in env.agents})
            steps += 1
        return steps

    return episode


def _aec(env: Any) -> Callable[[int], int]:
    drawn = {agent: _samples(env.action_space(agent)) for agent in env.possible_agents}
    rng = random.Random(FIRST_SEED)
    numbers = [rng.random() for _ in range(DRAWN)]

    def episode(seed: int) -> int:
        env.reset(seed=seed)
        steps = 0
        for agent in env.agent_iter(_LONGEST):
            observation, _, terminated, truncated, info = env.last()
            if terminated or truncated:
                env.step(None)
                continue
            mask = observation.get("action_mask") if isinstance(observation, dict) else info.get("action_mask")
            if mask is None:
                action = drawn[agent][steps % DRAWN]
            else:
                legal = mask.nonzero()[0]
                action = int(legal[int(numbers[steps % DRAWN] * len(legal))])
            env.step(action)
            steps += 1
        return steps

    return episode


def _gymnasium(env: Any) -> Callable[[int], int]:
    drawn = _samples(env.action_space)

    def episode(seed: int) -> int:
        env.reset(seed=seed)
        for step in range(_LONGEST):
            _, _, terminated, truncated, _ = env.step(drawn[step % DRAWN])
            if terminated or truncated:
                return step + 1
        return _LONGEST

    return episode


def _samples(space: Any) -> list[Any]:
    space.seed(FIRST_SEED)
    return [space.sample() for _ in range(DRAWN)]


_EPISODES: Mapping[str, Callable[[Any], Callable[[int], int]]] = {"parallel": _parallel, "aec": _aec, "gymnasium": _gymnasium}
