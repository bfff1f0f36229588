"""Play trusted policies on a game in this process: for measuring the package's own references and for tests.

Scripts of agents never run here: they play in the engine's sandbox, through the same packed observations.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from arenas.decode import decode
from arenas.schema import ActionSpec
from arenas.spec import ArenaSpec, Game

Policy = Callable[..., Any]


@dataclass(frozen=True)
class Seated:
    """One seat's policy in one episode, with all that its parameters may name. Made and read by `play`."""

    policy: Policy
    parameters: tuple[str, ...]
    memory: dict[Any, Any]
    rng: random.Random


def load(source: str) -> Policy:
    """Return `policy` of a trusted script text."""
    namespace: dict[str, Any] = {"__name__": "script"}
    exec(compile(source, "<reference>", "exec"), namespace)
    policy: Policy = namespace["policy"]
    return policy


def play(spec: ArenaSpec, lineup: Sequence[Policy], seeds: Iterable[int], *, original: bool = False) -> list[tuple[float, ...]]:
    """Return the returns per seat of one episode for each seed; `lineup` has one policy per seat."""
    game = spec.make() if original or spec.make_twin is None else spec.make_twin()
    return [play_one(spec, game, lineup, seed) for seed in seeds]


def play_one(spec: ArenaSpec, game: Game, lineup: Sequence[Policy], seed: int) -> tuple[float, ...]:
    """Play the episode of this seed to its end, or to the spec's horizon, and return the returns per seat."""
    seated = [_seat(policy, seed, seat) for seat, policy in enumerate(lineup)]
    game.reset(seed)
    for step in range(spec.horizon):
        waiting = game.waiting()
        if not waiting:
            break
        game.act({seat: _decide(spec, game, seated[seat], seat, step) for seat in waiting})
    return tuple(game.returns())


def _seat(policy: Policy, seed: int, seat: int) -> Seated:
    code: Any = getattr(policy, "__code__")  # noqa: B009 - `Callable` has no such attribute for the type checker
    return Seated(policy, code.co_varnames[: code.co_argcount], {}, random.Random(f"{seed}:{seat}"))


def _decide(spec: ArenaSpec, game: Game, seated: Seated, seat: int, step: int) -> Any:
    actions = spec.actions_of(seat)
    given: dict[str, Any] = {"memory": seated.memory, "rng": seated.rng, "seat": seat, "step": step}
    if "observation" in seated.parameters:
        given["observation"] = decode(spec.schema_of(seat), game.observe(seat))
    if "legal" in seated.parameters:
        indices = game.legal(seat)
        given["legal"] = None if indices is None else tuple(_spoken(actions, index) for index in indices)
    reply = seated.policy(**{name: given[name] for name in seated.parameters})
    return heard(actions, reply)


def _spoken(actions: ActionSpec, index: int) -> Any:
    return actions.names[index] if actions.names else index + actions.start


def heard(actions: ActionSpec, reply: Any) -> Any:
    """Turn a reply (name, number or nested numbers) into the flat form that `Game.act` takes."""
    if actions.kind == "discrete":
        return actions.names.index(reply) if isinstance(reply, str) else int(reply) - actions.start
    return tuple(_flat(reply))


def _flat(reply: Any) -> list[float]:
    if isinstance(reply, dict):
        return [number for key in reply for number in _flat(reply[key])]
    if isinstance(reply, tuple | list):
        return [number for part in reply for number in _flat(part)]
    return [reply]
