"""Joint steps per second of an arena on one core: `python -m arenas.speed [ID ...] [--set KEY=VALUE] [--seconds S] [--original]`.

Actions are drawn before the clock starts and nobody observes, so the figure is that of the rules; with `--observe` every waiting
seat's observation is packed at every step, as scripts need it. Resets count. Without an id, every registered arena is measured.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from time import process_time
from typing import Any

from arenas.errors import BadArguments
from arenas.registry import get, names
from arenas.schema import ActionSpec
from arenas.spec import Game

FIRST_SEED = 970_000
DRAWN = 4_096
"""Actions drawn beforehand for each seat, used round and round."""


@dataclass(frozen=True)
class Speed:
    """How fast an arena steps. Made by `measure`; read by people and the bench command."""

    arena: str
    arguments: tuple[tuple[str, Any], ...]
    seats: int
    original: bool
    observed: bool
    """Whether every waiting seat observed at every step."""
    steps: int
    seconds: float
    """Of this process on its core, so that others on the machine hardly matter."""
    steps_per_second: float


def measure(id: str, *, seconds: float = 1.0, original: bool = False, observe: bool = False, **arguments: Any) -> Speed:
    """Play random legal actions for at least this long, in whole episodes.

    Args:
        id: an arena id.
        seconds: how long at least.
        original: the original environment instead of the twin.
        observe: pack what each waiting seat sees at every step too.
        arguments: what the arena takes.

    Raises:
        ArenaError: an unknown id, arguments that the arena does not take, or an action space that is neither a finite list nor a
            bounded box.
    """
    spec = get(id, **arguments)
    twin = None if original else spec.make_twin
    game = twin() if twin else spec.make()
    rng = random.Random(FIRST_SEED)
    seated = [spec.actions_of(seat) for seat in range(len(spec.seats))]
    draws = [[_drawn(id, actions, rng) for actions in seated] for _ in range(DRAWN)]
    steps, seed = 0, FIRST_SEED
    _episode(game, seed, draws, observe)
    begun = process_time()
    while process_time() - begun < seconds:
        seed += 1
        steps += _episode(game, seed, draws, observe)
    passed = process_time() - begun
    return Speed(spec.id, spec.arguments, len(spec.seats), twin is None, observe, steps, passed, steps / passed)


def _drawn(id: str, actions: ActionSpec, rng: random.Random) -> Any:
    """A place in the list of legal actions, 0 to below 1, or the numbers of a bounded box."""
    if actions.kind == "discrete":
        return rng.random()
    if actions.kind != "box" or not all(map(isfinite, (*actions.low, *actions.high))):
        raise BadArguments(f"{id}: speed is measured with random actions: expected a finite list of them or a bounded box")
    return tuple(rng.uniform(low, high) for low, high in zip(actions.low, actions.high, strict=True))


def _episode(game: Game, seed: int, draws: Sequence[Sequence[Any]], observe: bool) -> int:
    game.reset(seed)
    steps = 0
    while waiting := game.waiting():
        row = draws[steps % DRAWN]
        joint = {}
        for seat in waiting:
            legal = game.legal(seat)
            joint[seat] = row[seat] if legal is None else legal[int(row[seat] * len(legal))]
            if observe:
                game.observe(seat)
        game.act(joint)
        steps += 1
    return steps


def parse(settings: Sequence[str]) -> Mapping[str, Any]:
    """Return KEY=VALUE settings as arguments; a value is read as JSON where it can be, else as text."""
    arguments = {}
    for setting in settings:
        key, _, value = setting.partition("=")
        try:
            arguments[key] = json.loads(value)
        except json.JSONDecodeError:
            arguments[key] = value
    return arguments


def main(given: Sequence[str]) -> int:
    """Print a JSON list of `Speed` records."""
    parser = argparse.ArgumentParser(prog="python -m arenas.speed", description="Joint steps per second of arenas.")
    parser.add_argument("ids", nargs="*", help="arena ids; all registered ones by default")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="an argument of the arenas")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--original", action="store_true", help="the original environments instead of their twins")
    parser.add_argument("--observe", action="store_true", help="let every waiting seat observe at every step")
    options = parser.parse_args(given)
    settings = parse(options.set)
    found = [
        measure(id, seconds=options.seconds, original=options.original, observe=options.observe, **settings)
        for id in options.ids or names()
    ]
    print(json.dumps([asdict(speed) for speed in found], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
