"""Which ids have a spec of their own, and where an id without one goes.

An id is looked up as: a registered spec; a third party's entry point in the group `mascript.arenas` (a callable that takes the
arena's arguments and returns an `ArenaSpec`); else an environment id whose schema is derived from its spaces (`arenas.generic`).
The prefix `generic:` skips the first two.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from arenas.errors import BadArguments, UnknownArena

if TYPE_CHECKING:
    from arenas.spec import ArenaSpec

GROUP = "mascript.arenas"
GENERIC = "generic:"

_BUILDERS = {
    "simple_spread_v3": "arenas.simple_spread.spec:build",
    "connect_four_v3": "arenas.connect_four.spec:build",
    "iterated_dilemma_v0": "arenas.iterated_dilemma.spec:build",
    "bin_packing_v0": "arenas.bin_packing.spec:build",
    "double_auction_v0": "arenas.double_auction.spec:build",
    "lane_keeping_v0": "arenas.lane_keeping.spec:build",
    "cleanup_v0": "arenas.cleanup.spec:build",
    "commons_harvest_v0": "arenas.commons_harvest.spec:build",
    "foraging_v0": "arenas.foraging.spec:build",
    "public_goods_v0": "arenas.public_goods.spec:build",
    "stag_hunt_v0": "arenas.stag_hunt.spec:build",
    "hanabi_v0": "arenas.hanabi.spec:build",
    "leduc_v0": "arenas.leduc.spec:build",
    "rps_v2": "arenas.rps.spec:build",
    "simple_adversary_v3": "arenas.mpe.adversary:build",
    "simple_push_v3": "arenas.mpe.push:build",
    "simple_reference_v3": "arenas.mpe.reference:build",
    "simple_speaker_listener_v4": "arenas.mpe.speaker_listener:build",
    "simple_tag_v3": "arenas.mpe.tag:build",
    "tictactoe_v3": "arenas.tictactoe.spec:build",
    "catch_pixels_v0": "arenas.catch_pixels.spec:build",
    "axelrod_v0": "arenas.axelrod_library.spec:build",
    "knights_archers_zombies_v11": "arenas.butterfly.zombies:build",
    "multiwalker_v9": "arenas.sisl.multiwalker:build",
    "pursuit_v5": "arenas.sisl.pursuit:build",
    "Acrobot-v1": "arenas.single.control:acrobot",
    "BipedalWalker-v3": "arenas.single.rigid:bipedal_walker",
    "Blackjack-v1": "arenas.single.toy:blackjack",
    "CartPole-v1": "arenas.single.control:cart_pole",
    "CliffWalking-v1": "arenas.single.toy:cliff_walking",
    "FrozenLake8x8-v1": "arenas.single.toy:frozen_lake",
    "LunarLander-v3": "arenas.single.rigid:lunar_lander",
    "MountainCar-v0": "arenas.single.control:mountain_car",
    "MountainCarContinuous-v0": "arenas.single.control:mountain_car_continuous",
    "Pendulum-v1": "arenas.single.control:pendulum",
    "Taxi-v4": "arenas.single.toy:taxi",
}
_UNLISTED = {"planted_v0": "arenas.planted.spec:build"}
"""Found by their id and in no listing: no task, but what a measurement is proved on."""
_ORIGINALS = {
    "simple_spread_v3": "mpe2:simple_spread_v3",
    "connect_four_v3": "classic/connect_four-v3",
    "iterated_dilemma_v0": "arenas.iterated_dilemma:iterated_dilemma_v0",
    "bin_packing_v0": "arenas.bin_packing:bin_packing_v0",
    "double_auction_v0": "arenas.double_auction:double_auction_v0",
    "lane_keeping_v0": "arenas.lane_keeping:lane_keeping_v0",
    "cleanup_v0": "arenas.cleanup:cleanup_v0",
    "commons_harvest_v0": "arenas.commons_harvest:commons_harvest_v0",
    "foraging_v0": "arenas.foraging:foraging_v0",
    "public_goods_v0": "arenas.public_goods:public_goods_v0",
    "stag_hunt_v0": "arenas.stag_hunt:stag_hunt_v0",
    "hanabi_v0": "arenas.hanabi:hanabi_v0",
    "leduc_v0": "arenas.leduc:leduc_v0",
    "rps_v2": "classic/rps-v2",
    "simple_adversary_v3": "mpe2:simple_adversary_v3",
    "simple_push_v3": "mpe2:simple_push_v3",
    "simple_reference_v3": "mpe2:simple_reference_v3",
    "simple_speaker_listener_v4": "mpe2:simple_speaker_listener_v4",
    "simple_tag_v3": "mpe2:simple_tag_v3",
    "tictactoe_v3": "classic/tictactoe-v3",
    "catch_pixels_v0": "arenas.catch_pixels:catch_pixels_v0",
    "knights_archers_zombies_v11": "butterfly/knights_archers_zombies-v11",
    "multiwalker_v9": "sisl/multiwalker-v9",
    "pursuit_v5": "sisl/pursuit-v5",
}
"""Where `generic:` finds the environment behind a registered id, where it is not that id."""

_FAMILIES = {"Foraging-": "arenas.lbf.spec:named"}
"""Prefix -> a function from an id to its builder, or to None: ids that say themselves what they are."""
_LISTED = ("Foraging-8x8-2p-2f-coop-v3", "Foraging-10x10-3p-3f-v3", "Foraging-15x15-4p-3f-v3")
"""The ids of families that listings show."""
_PACKAGES = {"Foraging-": "lbforaging:"}
"""Prefix of a family -> what stands before its ids where Gymnasium is to import the package that registers them."""


def names() -> list[str]:
    """Return the ids that have a spec of their own, entry points included, sorted."""
    return sorted({*_BUILDERS, *_LISTED, *_entry_points()})


def registered(id: str) -> bool:
    """Whether an id has a spec of its own. `get` looks for any other among what is installed, which may import a package."""
    return _builder(id) is not None


def get(id: str, **arguments: Any) -> ArenaSpec:
    """Return the spec of an arena.

    Args:
        id: a registered id (`names()`), a PettingZoo id (`classic/tictactoe-v3`, `mpe2:simple_tag_v3`) or a Gymnasium id
            (`CartPole-v1`). `generic:` before it bypasses a registered spec.
        arguments: what the arena or the environment takes.

    Raises:
        UnknownArena: nothing has this id; near matches are named.
        BadArguments: the arena does not take these arguments or values.
        UnsupportedSpace: a generic arena whose spaces have no readable form.
    """
    builder = None if id.startswith(GENERIC) else _builder(id)
    if builder is not None:
        check_arguments(id, builder, arguments)
        return builder(**arguments)
    from arenas.generic import derive, known_ids

    plain = id.removeprefix(GENERIC)
    spec = derive(original(plain), arguments)
    if spec is None:
        near = difflib.get_close_matches(plain, sorted({*names(), *known_ids()} - {plain}), n=3, cutoff=0.6)
        raise UnknownArena(plain, tuple(near))
    return spec


def original(id: str) -> str:
    """Return the id, as PettingZoo or Gymnasium knows it, of the environment behind an arena."""
    package = next((package for prefix, package in _PACKAGES.items() if id.startswith(prefix)), "")
    return package + _ORIGINALS.get(id, id)


def check_arguments(id: str, function: Callable[..., object], arguments: dict[str, Any]) -> None:
    """Raise BadArguments where `function` cannot be called with these keyword arguments."""
    signature = inspect.signature(function)
    try:
        signature.bind(**arguments)
    except TypeError as error:
        known = ", ".join(signature.parameters) or "none"
        raise BadArguments(f"{id}: {error}; it takes: {known}") from error


def _builder(id: str) -> Callable[..., ArenaSpec] | None:
    target = _BUILDERS.get(id) or _UNLISTED.get(id)
    if target is not None:
        builder: Callable[..., ArenaSpec] = _load(target)
        return builder
    for prefix, family in _FAMILIES.items():
        if id.startswith(prefix):
            found: Callable[..., ArenaSpec] | None = _load(family)(id)
            return found
    entry = _entry_points().get(id)
    if entry is None:
        return None
    loaded: Callable[..., ArenaSpec] = entry.load()
    return loaded


def _load(target: str) -> Any:
    module, _, function = target.partition(":")
    return getattr(importlib.import_module(module), function)


def _entry_points() -> dict[str, Any]:
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in entry_points(group=GROUP)}
