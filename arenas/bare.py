"""Plain loops over bare environments, as somebody would write them who trusts the policy: what the judge's speed is measured by.

Each plays episodes one after the other in this process, hands the policy what its script would see, and returns the joint steps and
the sum of returns per seat, so that a comparison can check that both sides played the same.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

Policy = Callable[..., Any]


class Played(NamedTuple):
    """What a loop did. Made here; read by the benchmark."""

    steps: int
    returns: tuple[float, ...]
    """Per seat, summed over episodes."""


Loop = Callable[[Sequence[Policy], Sequence[int]], Played]
"""Plays (one policy per seat, seeds of the episodes)."""


def cart_pole() -> Loop:
    """CartPole-v1 without Gymnasium's wrappers; `policy(observation)`."""
    import gymnasium

    env = gymnasium.make("CartPole-v1", disable_env_checker=True).unwrapped
    record = namedtuple("record", ("position", "velocity", "angle", "angular_velocity"))

    def play(policies: Sequence[Policy], seeds: Sequence[int]) -> Played:
        policy, steps, total = policies[0], 0, 0.0
        for seed in seeds:
            observation, _ = env.reset(seed=seed)
            for _ in range(500):
                observation, reward, terminated, truncated, _ = env.step(policy(record(*observation.tolist())))
                steps += 1
                total += float(reward)
                if terminated or truncated:
                    break
        return Played(steps, (total,))

    return play


def simple_spread() -> Loop:
    """mpe2's simple_spread_v3 without wrappers, driven agent by agent; `policy(observation, seat)`."""
    from arenas.mpe.common import MOVES, bare

    env = bare("simple_spread_v3", {})
    record = namedtuple("record", ("velocity", "position", "landmarks", "others"))
    index = {name: place for place, name in enumerate(MOVES.names)}

    def seen(observation: Any) -> Any:
        vx, vy, x, y, *rest = observation.tolist()
        points = list(zip(rest[0:10:2], rest[1:10:2], strict=True))
        return record((vx, vy), (x, y), tuple(points[:3]), tuple(points[3:]))

    def play(policies: Sequence[Policy], seeds: Sequence[int]) -> Played:
        steps, totals, agents = 0, [0.0] * 3, env.possible_agents
        for seed in seeds:
            env.reset(seed=seed)
            gained = [0.0] * 3
            while not any(env.truncations.values()):
                for seat, agent in enumerate(agents):
                    env.step(index[policies[seat](seen(env.observe(agent)), seat)])
                for seat, agent in enumerate(agents):
                    gained[seat] += float(env.rewards[agent])
                steps += 1
            totals = [total + gain for total, gain in zip(totals, gained, strict=True)]
        return Played(steps, tuple(totals))

    return play


def connect_four() -> Loop:
    """PettingZoo's connect four without wrappers, from the arena's openings; `policy(legal, step)`, so no board is unpacked."""
    from arenas.connect_four.rules import opening
    from arenas.connect_four.spec import bare

    env = bare()

    def play(policies: Sequence[Policy], seeds: Sequence[int]) -> Played:
        steps, totals, agents = 0, [0.0, 0.0], env.possible_agents
        for seed in seeds:
            env.reset(seed=seed)
            for column in opening(seed):
                env.step(column)
            step = 0
            while not env.terminations[env.agent_selection]:
                agent = env.agent_selection
                mask = env.observe(agent)["action_mask"]
                env.step(policies[agents.index(agent)](tuple(mask.nonzero()[0].tolist()), step))
                step += 1
            for seat, agent in enumerate(agents):
                totals[seat] += float(env.rewards[agent])
            steps += step
        return Played(steps, tuple(totals))

    return play


LOOPS: dict[str, Callable[[], Loop]] = {
    "CartPole-v1": cart_pole,
    "simple_spread_v3": simple_spread,
    "connect_four_v3": connect_four,
}
"""Arena to what makes its loop."""
