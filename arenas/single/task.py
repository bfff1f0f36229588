"""What the specs of all of Gymnasium's tasks share: from a task's description to its spec and its game."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from arenas.adapters.actions import DiscreteCodec, SpaceCodec
from arenas.adapters.gym import GymnasiumGame, IndexedGymnasiumGame
from arenas.adapters.original import Encode
from arenas.drawing.scene import Renderer
from arenas.errors import BadArguments
from arenas.extras import demand
from arenas.schema import ActionSpec, Field, Schema
from arenas.single.twin import Rules, twin
from arenas.spec import ArenaSpec, Game
from arenas.versions import installed
from arenas.yardsticks import optimum, references

SEAT = "agent_0"


@dataclass(frozen=True)
class Task:
    """A Gymnasium environment as scripts are told of it. Made by the modules beside this one; read by `spec`."""

    id: str
    fields: tuple[Field, ...]
    actions: ActionSpec
    encode: Encode
    rules: str
    """In prose; the limit of steps is added to it."""
    worst_step: float
    """Lower bound of what a step pays."""
    worst_once: float = 0.0
    """Lower bound of what an episode pays besides."""
    chance: bool = False
    openings: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What Gymnasium's `make` is given besides the limit of steps."""
    rules_alone: Callable[[], Rules] | None = None
    """Makes the rules in plain Python, which the fast twin plays."""
    opening: Callable[[Any, int], Any] | None = None
    """Puts the environment, fresh from its reset, where the seed says, and returns what it then observes."""
    packages: tuple[str, ...] = ("gymnasium", "numpy")
    requires: str = ""
    reusable: bool = True
    renderer: Renderer | None = None
    """None: as the environment draws itself, if it does."""


def spec(task: Task, steps: int, arguments: Mapping[str, Any] | None = None) -> ArenaSpec:
    """Return the spec of a task whose episodes last at most this many steps; `arguments` are the arena's own.

    Raises:
        BadArguments: `steps`, the arena's argument `max_episode_steps`, is no integer of 1 or more.
    """
    if type(steps) is not int or steps < 1:
        raise BadArguments(f"{task.id}: max_episode_steps must be an integer of 1 or more, got {steps!r}")
    told = tuple(sorted({"max_episode_steps": steps, **(arguments or {})}.items()))
    floor = task.worst_step * steps + task.worst_once
    return ArenaSpec(
        id=task.id,
        make=partial(original, task, steps),
        make_twin=None if task.rules_alone is None else partial(_twin, task.rules_alone, task.actions, steps),
        schema=Schema(task.fields),
        actions=task.actions,
        seats=(SEAT,),
        kind="single",
        horizon=steps,
        rules=f"{task.rules} The episode is cut off after {steps} steps.",
        references=references(task.id, told),
        optimum=optimum(task.id, told),
        forfeit_action=_idle(task.actions),
        floor=floor,
        openings=task.openings,
        version=installed(*task.packages),
        arguments=told,
        reusable=task.reusable,
        requires=task.requires,
        renderer=task.renderer,
        chance=task.chance,
    )


def original(task: Task, steps: int) -> Game:
    """Return the game on Gymnasium's environment.

    Raises:
        MissingDependency: the extra that it needs is not installed.
    """
    demand(task.id, task.requires)
    make_env = partial(environment, task, steps)
    if task.actions.kind == "discrete":
        codec = DiscreteCodec(task.actions.size)
        return IndexedGymnasiumGame(make_env, task.encode, codec, reusable=task.reusable, advisory=task.actions.advisory)
    return GymnasiumGame(make_env, task.encode, SpaceCodec(_box(task.actions)), reusable=task.reusable)


def _twin(rules: Callable[[], Rules], actions: ActionSpec, steps: int) -> Game:
    return twin(rules(), actions, steps)


def environment(task: Task, steps: int) -> Any:
    """Return Gymnasium's environment with this limit of steps and the task's own openings."""
    import gymnasium

    # The passive checker would repeat on every episode what it has to say once.
    env = gymnasium.make(task.id, max_episode_steps=steps, disable_env_checker=True, **task.options)
    if task.opening is None:
        return env
    from arenas.single.opened import Opened

    return Opened(env, task.opening)


def numbers(observation: Any, seat: int) -> bytes:
    """Pack an observation that is an array of float32, all of it."""
    packed: bytes = observation.tobytes()
    return packed


def box(low: float, high: float, size: int) -> ActionSpec:
    """Return the actions that are a vector of float32 within the same bounds."""
    return ActionSpec(kind="box", size=size, low=(low,) * size, high=(high,) * size, shape=(size,), dtype="f")


def _box(actions: ActionSpec) -> Any:
    import numpy
    from gymnasium.spaces import Box

    low, high = (numpy.array(bound, dtype=numpy.float32) for bound in (actions.low, actions.high))
    return Box(low, high, dtype=numpy.float32)


def _idle(actions: ActionSpec) -> Any:
    """The first action, or no force at all."""
    return 0 if actions.kind == "discrete" else (0.0,) * actions.size
