"""A spec for any PettingZoo or Gymnasium id, its schema derived from the spaces.

Ids: what `pettingzoo.make` takes (`classic/tictactoe-v3`, also spelled `classic/tictactoe_v3`), what `gymnasium.make` takes
(`CartPole-v1`, `package:Name-v0`), or `package:module_v0` for a module with PettingZoo's `parallel_env` or `env`
(`mpe2:simple_tag_v3`). Where an environment has both of PettingZoo's interfaces the parallel one is used.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any, Literal

import gymnasium

from arenas.adapters.actions import DiscreteCodec, codec
from arenas.adapters.aec import AecGame
from arenas.adapters.gym import GymnasiumGame, IndexedGymnasiumGame
from arenas.adapters.original import Encode
from arenas.adapters.parallel import ParallelGame
from arenas.errors import BadArguments, MissingDependency, UnsupportedSpace
from arenas.schema import ActionSpec, Schema
from arenas.spaces import actions_of, packer, schema_of
from arenas.spec import Action, ArenaSpec, Game, Reference
from arenas.uniform import random_script
from arenas.versions import installed

UNKNOWN_FLOOR = -1e6
"""Selection score of a forfeit where nothing is known of an arena's returns: below any that its environments pay."""
UNKNOWN_HORIZON = 1_000
"""Joint steps after which a match truncates an episode whose environment names no limit."""
LONGEST_RULES = 6_000
"""Characters of an environment's own documentation that are kept as its rules."""

_LIMITS = ("max_cycles", "max_steps", "max_iter", "max_frames", "num_iters")
"""Attributes by which PettingZoo environments name their limit on cycles."""


Interface = Literal["parallel", "aec", "gymnasium"]


@dataclass(frozen=True)
class Source:
    """Where an environment comes from. Made by `find`; read by `derive`."""

    id: str
    interface: Interface
    make: Callable[..., Any]
    package: str
    """Top-level module whose version is part of the cache key."""


def derive(id: str, arguments: dict[str, Any]) -> ArenaSpec | None:
    """Return the spec of an environment id, or None where nothing has this id.

    Raises:
        BadArguments: the environment does not take these arguments.
        MissingDependency: the environment exists but a package that it needs is not installed.
        UnsupportedSpace: its spaces have no readable form.
    """
    source = find(id)
    if source is None:
        return None
    env = _build(source, arguments)
    try:
        return _gymnasium_spec(source, env, arguments) if source.interface == "gymnasium" else _zoo_spec(source, env, arguments)
    finally:
        env.close()


def find(id: str) -> Source | None:
    """Return where this id comes from, or None."""
    return _module_source(id) or _zoo_source(id) or _gymnasium_source(id)


def known_ids() -> list[str]:
    """Return the ids that PettingZoo, Gymnasium and mpe2 list, for near matches."""
    zoo = import_module("pettingzoo")
    ids = [*zoo.aec_registry, *zoo.parallel_registry, *gymnasium.registry]
    mpe2 = find_spec("mpe2")
    if mpe2 is not None and mpe2.submodule_search_locations:
        ids += [
            f"mpe2:{module.name}" for module in iter_modules(mpe2.submodule_search_locations) if re.search(r"_v\d+$", module.name)
        ]
    return ids


def _module_source(id: str) -> Source | None:
    package, colon, name = id.partition(":")
    if not colon or not re.fullmatch(r"[\w.]+", package) or not re.fullmatch(r"\w+", name) or not _exists(f"{package}.{name}"):
        return None
    module = import_module(f"{package}.{name}")
    pairs: tuple[tuple[str, Interface], ...] = (("parallel_env", "parallel"), ("env", "aec"))
    for attribute, interface in pairs:
        make = getattr(module, attribute, None)
        if callable(make):
            return Source(id, interface, make, package.partition(".")[0])
    return None


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _zoo_source(id: str) -> Source | None:
    zoo = import_module("pettingzoo")
    errors = import_module("pettingzoo.env_registry.exceptions")
    interfaces: tuple[Interface, ...] = ("parallel", "aec")
    for interface in interfaces:
        try:
            found = zoo.spec(interface, id)
        except errors.PettingZooRegistryError:
            continue
        return Source(found.id, interface, partial(zoo.make, interface, found.id), "pettingzoo")
    return None


def _gymnasium_source(id: str) -> Source | None:
    package, colon, _ = id.partition(":")
    if colon and not (re.fullmatch(r"[\w.]+", package) and _exists(package)):
        return None
    try:
        if colon:
            import_module(package)
        found = gymnasium.spec(id.rpartition(":")[2])
    except gymnasium.error.Error:
        return None
    entry = found.entry_point
    module = re.split(r"[.:]", entry)[0] if isinstance(entry, str) else "gymnasium"
    # The passive checker would repeat on every episode what it has to say once.
    return Source(id, "gymnasium", partial(gymnasium.make, id, disable_env_checker=True), module)


def _build(source: Source, arguments: dict[str, Any]) -> Any:
    errors = import_module("pettingzoo.env_registry.exceptions")
    try:
        return source.make(**arguments)
    except (TypeError, AssertionError) as error:
        if not arguments:
            raise
        raise BadArguments(f"{source.id} does not take {arguments}: {error}") from error
    except (ImportError, errors.FailedToImport, gymnasium.error.DependencyNotInstalled) as error:
        raise MissingDependency(f"{source.id} needs a package that is not installed: {error}") from error


def _gymnasium_spec(source: Source, env: Any, arguments: dict[str, Any]) -> ArenaSpec:
    encode = _encoder([packer(env.observation_space)])
    limit = getattr(env.spec, "max_episode_steps", None)
    actions, acting = actions_of(env.action_space), codec(env.action_space)
    adapter: Callable[..., Game] = GymnasiumGame
    if isinstance(acting, DiscreteCodec):
        advisory = _advises(env)
        actions, adapter = replace(actions, advisory=advisory), partial(IndexedGymnasiumGame, advisory=advisory)
    return ArenaSpec(
        make=partial(adapter, partial(source.make, **arguments), encode, acting),
        seats=("agent_0",),
        kind="single",
        horizon=limit or UNKNOWN_HORIZON,
        **_common(source, env, arguments, (schema_of(env.observation_space),), (actions,)),
    )


def _advises(env: Any) -> bool:
    """Whether the environment puts a mask of actions into its info, beside observations that have none."""
    observation, info = env.reset(seed=0)
    return "action_mask" in info and not (isinstance(observation, dict) and "action_mask" in observation)


def _zoo_spec(source: Source, env: Any, arguments: dict[str, Any]) -> ArenaSpec:
    agents = list(getattr(env, "possible_agents", ()))
    if not agents:
        raise UnsupportedSpace(f"{source.id} does not name its possible_agents, so seats cannot be given to scripts")
    observed = [env.observation_space(agent) for agent in agents]
    acted = [env.action_space(agent) for agent in agents]
    schemas = tuple(schema_of(space) for space in observed)
    encode = _encoder([packer(space) for space in observed])
    adapter: Callable[..., Game] = ParallelGame if source.interface == "parallel" else AecGame
    cycles = next((limit for name in _LIMITS if isinstance(limit := getattr(env.unwrapped, name, None), int) and limit > 0), None)
    turns = 1 if source.interface == "parallel" else len(agents)
    return ArenaSpec(
        make=partial(adapter, partial(source.make, **arguments), encode, [codec(space) for space in acted]),
        seats=tuple(str(agent) for agent in agents),
        kind="mixed" if len(agents) > 1 else "single",
        horizon=cycles * turns if cycles else UNKNOWN_HORIZON,
        **_common(source, env, arguments, schemas, tuple(actions_of(space) for space in acted)),
    )


def _common(
    source: Source, env: Any, arguments: dict[str, Any], schemas: tuple[Schema, ...], actions: tuple[ActionSpec, ...]
) -> dict[str, Any]:
    return {
        "id": source.id,
        "schema": schemas[0],
        "schemas": () if len(set(map(repr, schemas))) == 1 else schemas,
        "actions": actions[0],
        "seat_actions": () if len(set(map(repr, actions))) == 1 else actions,
        "rules": _rules(source, env),
        "references": (Reference("random", random_script(actions)),),
        "forfeit_action": _forfeit(actions[0]),
        "floor": UNKNOWN_FLOOR,
        # Our own environments carry their version in their id.
        "version": installed(
            *sorted({source.package, "gymnasium" if source.interface == "gymnasium" else "pettingzoo"} - {"arenas"})
        ),
        "arguments": tuple(sorted(arguments.items())),
    }


def _encoder(packs: list[Encode]) -> Encode:
    return packs[0] if len(packs) == 1 else lambda observation, seat: packs[seat](observation, seat)


def _forfeit(actions: ActionSpec) -> Action:
    """Zero, or the bound nearest to it, for each number."""
    if actions.kind == "discrete":
        return 0
    return tuple(min(max(0.0, low), high) for low, high in zip(actions.low, actions.high, strict=True))


def _rules(source: Source, env: Any) -> str:
    """The environment's own documentation: its class's, else its module's."""
    kind = type(env.unwrapped)
    own = inspect.cleandoc(kind.__doc__ or "") or inspect.getdoc(sys.modules[kind.__module__]) or ""
    return f"{source.id}. {own}"[:LONGEST_RULES].strip()
