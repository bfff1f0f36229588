"""The spec of a game on `arenas.joint`: what its design says already is not said again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from arenas.joint.design import Design
from arenas.joint.drawing import RENDERER
from arenas.joint.games import JointOriginal, JointTwin
from arenas.spec import ArenaSpec, Game
from arenas.versions import installed
from arenas.yardsticks import references


def joint_spec(
    make_design: Callable[[], Design], env_module: str, env_arguments: tuple[Any, ...], *, per_step: bool = False, **more: Any
) -> ArenaSpec:
    """Return the spec of a game with these rules.

    Args:
        make_design: the game with its arguments filled in; called for the spec and for each game.
        env_module: name of the module with its `parallel_env`, imported when an environment is first made.
        env_arguments: of `parallel_env`, in its order.
        per_step: whether a return is the mean per step, not the sum.
        more: what a design does not say: kind, rules, arguments, forfeit_action, floor, and whatever else an ArenaSpec takes.
    """
    design = make_design()
    own: dict[str, Any] = {
        "make": partial(_original, make_design, env_module, env_arguments, per_step),
        "make_twin": partial(_twin, make_design, per_step),
        "schemas": tuple(view.schema for view in design.views),
        "references": references(design.id, more["arguments"]),
    }
    return ArenaSpec(
        id=design.id,
        schema=design.view.schema,
        actions=design.actions,
        seats=design.seats,
        horizon=design.horizon,
        renderer=RENDERER,
        version=installed("pettingzoo", "numpy"),
        reusable=True,
        **(own | more),
    )


def _original(make_design: Callable[[], Design], env_module: str, env_arguments: tuple[Any, ...], per_step: bool) -> Game:
    return JointOriginal(partial(import_module(env_module).parallel_env, *env_arguments), make_design(), per_step=per_step)


def _twin(make_design: Callable[[], Design], per_step: bool) -> Game:
    return JointTwin(make_design(), per_step=per_step)
