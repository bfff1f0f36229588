"""A script as a policy object of somebody else's tool: the folder of `folder.py`, and beside it

policy.py         the object, as the tool wants it; its first lines say how it is used
view.py           between the environment's own observations and actions and those of the script
packing.py        the arena's view of an observation, where it names fields
given.json        what the environment gave in the recorded episodes, and what it was given back
test_policy.py    the policy, asked again
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from arenas.adapters.aec import AecGame
from arenas.adapters.cycle import CycleGame
from arenas.adapters.gym import GymnasiumGame
from arenas.adapters.original import OriginalGame
from arenas.adapters.parallel import ParallelGame
from arenas.spec import ArenaSpec
from mascript.errors import ScriptError
from mascript.records import MatchResult, Trace
from mascript.standalone.carry import carried
from mascript.standalone.folder import Recorded, form, interface, lines

HOME = Path(__file__).parent
TOOLS = {
    "gymnasium": (GymnasiumGame,),
    "pettingzoo": (AecGame, CycleGame, ParallelGame),
    "sb3": (GymnasiumGame,),
    "rllib": (AecGame, CycleGame, GymnasiumGame, ParallelGame),
}
"""Tool to the adapters of the environments that it can play."""
MOST_NUMBERS = 500_000
"""Recorded of observations, over all episodes: images would fill a disk else."""
PACKED = "pack_observation"


@dataclass(frozen=True)
class Met:
    """One seat's turns in one episode as the environment knows them. Made by `turns_of`; written to `given.json`."""

    seed: int
    """Of the seat's random numbers."""
    seat: int
    turns: tuple[tuple[Any, Any, int, Any], ...]
    """(observation, info with its mask alone or None, joint steps so far, element of the action space)."""


def demand_tool(tool: str, spec: ArenaSpec) -> OriginalGame:
    """Return the arena's original game.

    Raises:
        ScriptError: the tool has no environments of this kind.
    """
    game = spec.make()
    if not isinstance(game, TOOLS[tool]) or not isinstance(game, OriginalGame):
        others = [name for name, kinds in TOOLS.items() if isinstance(game, kinds)]
        raise ScriptError(
            f"{spec.id} is no environment that {tool} plays; expected --to {' or '.join([*others, 'folder'])} for this arena"
        )
    return game


def tool_texts(tool: str, spec: ArenaSpec, seat: int, met: Sequence[Met]) -> dict[str, str]:
    """Return the text of every file that a tool needs beside the folder's, by its path in the folder.

    Raises:
        ScriptError: the arena's view of an observation cannot leave with the script.
    """
    game = demand_tool(tool, spec)
    texts = {
        "policy.py": _template(tool),
        "view.py": _template("view"),
        "test_policy.py": _template("test_policy"),
        "interface.json": json.dumps(interface(spec, seat) | {"given": _shape(met)}, indent=1) + "\n",
        "given.json": lines([asdict(one) for one in met], "turns"),
    }
    if spec.schema_of(seat).layout == "record":
        doc = f"What a script of {spec.id} is shown, packed: a function of the observation and the seat."
        texts["packing.py"] = carried(PACKED, game.encode, doc)
    return texts


def turns_of(result: MatchResult, recorded: Sequence[Recorded], spec: ArenaSpec, seat: int, seeds: Sequence[int]) -> list[Met]:
    """Play recorded moves again in the original environment and keep what it gave a seat. Runs no script.

    Args:
        result: of episodes that were watched, on the original environment.
        recorded: the same seat's decisions in them; no more turns are kept.
        spec: the arena.
        seat: whose turns.
        seeds: of the episodes.
    """
    game = demand_tool("rllib", spec)
    found, left = [], MOST_NUMBERS
    for seed, moves, kept in zip(seeds, result.moves, recorded, strict=True):
        game.reset(seed)
        turns: list[tuple[Any, Any, int, Any]] = []
        for step, joint in _by_step(moves):
            if len(turns) == len(kept.decisions) or left <= 0 or None in joint.values():
                break
            if seat in joint:
                observation, info = game.given(seat)
                left -= _size(observation)
                turns.append((form(_plain(observation)), form(_mask(info)), step, form(_plain(game.element(seat, joint[seat])))))
            game.act(joint)
        found.append(Met(kept.seed, seat, tuple(turns)))
    return found


def _shape(met: Sequence[Met]) -> tuple[int, ...]:
    """Shape of an observation as the environment gives it, or of the first part of a dict or tuple."""
    first = next(one.turns[0][0] for one in met if one.turns)
    if isinstance(first, dict) and "dict" in first:
        first = first["dict"][0][1]
    elif isinstance(first, list):
        return (len(first),)
    return tuple(first["array"][1]) if isinstance(first, dict) and "array" in first else ()


def _by_step(moves: Trace) -> list[tuple[int, dict[int, Any]]]:
    """Joint steps in order, each with the actions by seat."""
    joint: dict[int, dict[int, Any]] = {}
    for move in moves:
        joint.setdefault(move.step, {})[move.seat] = move.action
    return sorted(joint.items())


def _size(observation: Any) -> int:
    parts = observation.values() if isinstance(observation, dict) else [observation]
    return sum(int(getattr(part, "size", 1)) for part in parts)


def _mask(info: Any) -> Any:
    return {"action_mask": info["action_mask"]} if isinstance(info, dict) and "action_mask" in info else None


def _plain(value: Any) -> Any:
    """A value with numpy's numbers as Python's: arrays stay."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value.item() if hasattr(value, "item") and not getattr(value, "shape", ()) else value


def _template(name: str) -> str:
    return (HOME / f"{name}.py.txt").read_text(encoding="utf-8")
