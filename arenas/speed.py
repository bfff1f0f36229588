"""Joint steps per second of an arena on one core: `python -m arenas.speed [ID ...] [--set KEY=VALUE] [--seconds S] [--original]`.

Actions are drawn before the clock starts and nobody observes, so the figure is that of the rules; with `--observe` every waiting
seat's observation is packed at every step, as scripts need it. Resets count. Without an id, every registered arena is measured
whose extra is here. `mascript bench arenas` sets these figures beside those of the originals (`arenas.interface_speed`).
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from time import process_time
from typing import Any, NamedTuple

from arenas.errors import BadArguments
from arenas.extras import installed
from arenas.registry import get, names
from arenas.schema import ActionSpec
from arenas.spec import ArenaSpec

FIRST_SEED = 970_000
DRAWN = 4_096
"""Actions drawn beforehand for each seat, used round and round."""
_WIDEST = 1.0
"""Stands for a bound of an action that is not finite."""


class Lap(NamedTuple):
    """Joint steps in whole episodes. Made by a `Run`; read by `measure` and the benchmark."""

    steps: int
    seconds: float
    """Of this process on its core, so that others on the machine hardly matter."""

    @property
    def per_second(self) -> float:
        return self.steps / self.seconds


Run = Callable[[float], Lap]
"""Plays whole episodes of random legal actions for at least so many seconds; seeds go on where the last call stopped."""


@dataclass(frozen=True)
class Speed:
    """How fast an arena steps. Made by `measure`; read by people."""

    arena: str
    arguments: tuple[tuple[str, Any], ...]
    seats: int
    original: bool
    observed: bool
    """Whether every waiting seat observed at every step."""
    steps: int
    seconds: float
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
        ArenaError: an unknown id, arguments that the arena does not take, or actions that are neither a list nor a box.
    """
    spec = get(id, **arguments)
    original = original or spec.make_twin is None
    lap = runner(spec, original=original, observe=observe)(seconds)
    return Speed(spec.id, spec.arguments, len(spec.seats), original, observe, *lap, lap.per_second)


def runner(spec: ArenaSpec, *, original: bool = False, observe: bool = False) -> Run:
    """Return what plays the arena as matches do: its twin where it has one, else the adapter of its environment. One episode is
    played at once, so that nothing is loaded while the clock runs."""
    game = spec.make() if original or spec.make_twin is None else spec.make_twin()
    rng = random.Random(FIRST_SEED)
    draws = [[rng.random() for _ in spec.seats] for _ in range(DRAWN)]
    unlisted = [[_numbers(spec.id, spec.actions_of(seat), rng) for seat in range(len(spec.seats))] for _ in range(DRAWN)]

    def episode(seed: int) -> int:
        game.reset(seed)
        steps = 0
        while waiting := game.waiting():
            row = draws[steps % DRAWN]
            joint = {}
            for seat in waiting:
                legal = game.legal(seat)
                joint[seat] = unlisted[steps % DRAWN][seat] if legal is None else legal[int(row[seat] * len(legal))]
                if observe:
                    game.observe(seat)
            game.act(joint)
            steps += 1
        return steps

    return timed(episode)


def timed(episode: Callable[[int], int]) -> Run:
    """Return a run of this episode, a function from a seed to the joint steps that it played, which is played once now."""
    seeds = itertools.count(FIRST_SEED)
    episode(next(seeds))

    def run(seconds: float) -> Lap:
        steps, begun = 0, process_time()
        while process_time() - begun < seconds:
            steps += episode(next(seeds))
        return Lap(steps, process_time() - begun)

    return run


def _numbers(id: str, actions: ActionSpec, rng: random.Random) -> tuple[float, ...]:
    """Random numbers within the bounds of an action that is no choice from a list; nothing for a choice."""
    if actions.kind == "discrete":
        return ()
    if actions.kind != "box":
        raise BadArguments(f"{id}: speed is measured with random actions: expected a list of them or a box, got {actions.kind}")
    lows = [low if isfinite(low) else -_WIDEST for low in actions.low]
    highs = [high if isfinite(high) else _WIDEST for high in actions.high]
    return tuple(map(rng.uniform, lows, highs))


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
        for id in options.ids or [name for name in names() if installed(get(name).requires)]
    ]
    print(json.dumps([asdict(speed) for speed in found], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
