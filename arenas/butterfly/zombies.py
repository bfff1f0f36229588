"""knights_archers_zombies_v11 for scripts: places in pixels of the picture, named actions, rules in prose."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from struct import Struct
from typing import Any

from arenas.adapters.actions import DiscreteCodec
from arenas.adapters.parallel import ParallelGame
from arenas.mpe.common import check_count
from arenas.schema import ActionSpec, Field, Schema
from arenas.spec import ArenaSpec, Game, Optimum
from arenas.versions import installed
from arenas.yardsticks import references

ID = "knights_archers_zombies_v11"
ORIGINAL = "butterfly/knights_archers_zombies-v11"
WIDTH, HEIGHT = 1280, 720
ACTIONS = ActionSpec(kind="discrete", size=6, names=("forward", "backward", "turn_left", "turn_right", "attack", "nothing"))
_NOTHING = 5
_PLACE = "upper left corner of its box, to the right and down, minus mine"


def build(
    num_archers: int = 2,
    num_knights: int = 2,
    spawn_delay: int = 20,
    max_zombies: int = 10,
    max_arrows: int = 10,
    max_cycles: int = 900,
) -> ArenaSpec:
    """Return the spec; the environment's other arguments go with `generic:`.

    Args:
        num_archers: archers, which hold the first seats.
        num_knights: knights, which hold the others.
        spawn_delay: steps from one zombie to the next.
        max_zombies: zombies at a time.
        max_arrows: arrows in the air at a time.
        max_cycles: steps of an episode at most.

    Raises:
        BadArguments: a value out of range.
    """
    arguments = {
        "max_arrows": max_arrows,
        "max_cycles": max_cycles,
        "max_zombies": max_zombies,
        "num_archers": num_archers,
        "num_knights": num_knights,
        "spawn_delay": spawn_delay,
    }
    for name, value in arguments.items():
        check_count(ID, name, value, 1)
    told = tuple(arguments.items())
    seats = num_archers + num_knights
    encode = encoder(num_archers, num_knights, max_arrows, max_zombies)
    return ArenaSpec(
        id=ID,
        make=partial(_original, arguments, encode, seats),
        schema=schema(num_archers, num_knights, max_arrows, max_zombies),
        actions=ACTIONS,
        seats=(*(f"archer_{index}" for index in range(num_archers)), *(f"knight_{index}" for index in range(num_knights))),
        kind="mixed",
        horizon=max_cycles,
        rules=_rules(num_archers, num_knights, spawn_delay, max_zombies, max_arrows, max_cycles),
        references=references(ID, told),
        optimum=Optimum((max_cycles // spawn_delay) / seats, "every zombie that can come killed", bound=True),
        forfeit_action=_NOTHING,
        floor=0.0,
        version=installed("pettingzoo", "pygame-ce"),
        arguments=told,
    )


def schema(archers: int, knights: int, arrows: int, zombies: int) -> Schema:
    """Return the fields: first oneself, then each kind in the environment's order."""
    gone = "those gone stand at (0, 0)"
    heading = "unit vectors"
    return Schema(
        (
            Field("archer", "bool", (), "?", "", "whether this seat is an archer; else it is a knight"),
            Field("position", "Point", (2,), "f", "pixels", "upper left corner of my box, from the left and from the top"),
            Field("heading", "Point", (2,), "f", "unit vector", "where I look: (0, -1) is up, (1, 0) to the right"),
            Field("archers", "list[Point]", (archers, 2), "f", "pixels", f"each archer, me included: {_PLACE}; {gone}"),
            Field("archer_headings", "list[Point]", (archers, 2), "f", heading, "of each; (0, 0) of those gone"),
            Field("knights", "list[Point]", (knights, 2), "f", "pixels", f"each knight, me included: {_PLACE}; {gone}"),
            Field("knight_headings", "list[Point]", (knights, 2), "f", heading, "of each; (0, 0) of those gone"),
            Field("mace_count", "int", (), "b", "maces", "how many swing now; they are the first of `maces`"),
            Field("maces", "list[Point]", (knights, 2), "f", "pixels", f"each mace: {_PLACE}"),
            Field("arrow_count", "int", (), "b", "arrows", "how many fly; they are the first of `arrows`"),
            Field("arrows", "list[Point]", (arrows, 2), "f", "pixels", f"each arrow: {_PLACE}"),
            Field("arrow_headings", "list[Point]", (arrows, 2), "f", heading, "of each"),
            Field("zombie_count", "int", (), "b", "zombies", "how many there are; they are the first of `zombies`"),
            Field("zombies", "list[Point]", (zombies, 2), "f", "pixels", f"each zombie: {_PLACE}; the oldest first"),
        )
    )


def encoder(archers: int, knights: int, arrows: int, zombies: int) -> Callable[[Any, int], bytes]:
    """Return the function from the environment's rows (distance, x and y in parts of the picture, heading) to packed fields."""
    players, swinging = archers + knights, archers + 2 * knights
    flying = swinging + arrows
    pack = Struct(f"<?4f{4 * players}fb{2 * knights}fb{4 * arrows}fb{2 * zombies}f").pack

    def encode(observation: Any, seat: int) -> bytes:
        (_, x, y, *heading), *rows = observation.tolist()
        places = [(WIDTH * right, HEIGHT * down) for _, right, down, _, _ in rows]
        looks = [tuple(row[3:]) for row in rows]
        return pack(
            seat < archers,
            WIDTH * x,
            HEIGHT * y,
            *heading,
            *_flat(places[:archers]),
            *_flat(looks[:archers]),
            *_flat(places[archers:players]),
            *_flat(looks[archers:players]),
            _count(looks[players:swinging]),
            *_flat(places[players:swinging]),
            _count(looks[swinging:flying]),
            *_flat(places[swinging:flying]),
            *_flat(looks[swinging:flying]),
            _count(looks[flying:]),
            *_flat(places[flying:]),
        )

    return encode


def _flat(points: list[Any]) -> list[float]:
    return [number for point in points for number in point]


def _count(looks: list[Any]) -> int:
    """How many there are: whatever is there looks somewhere."""
    return sum(any(look) for look in looks)


def _original(arguments: dict[str, Any], encode: Callable[[Any, int], bytes], seats: int) -> Game:
    # Not reusable: a used instance diverges after reset(seed), since the clock of the zombies goes on.
    make_env = partial(import_module("pettingzoo").make, "parallel", ORIGINAL, **arguments)
    return ParallelGame(make_env, encode, [DiscreteCodec(ACTIONS.size)] * seats)


def _rules(archers: int, knights: int, delay: int, zombies: int, arrows: int, cycles: int) -> str:
    return (
        f"{archers} archers (the first seats) and {knights} knights (the others) stand at the bottom of a picture of {WIDTH} by "
        f"{HEIGHT} pixels and look up; x counts from the left, y from the top. Every {delay} steps a zombie "
        "comes in at the top, at "
        f"a random x from 69 to 1150, while there are fewer than {zombies}. Each step a zombie goes 5 pixels "
        "down; every third step "
        "it also goes 30 pixels to the right (3 times of 10), to the left (4 of 10) or neither. Each step every living player at "
        "once goes forward or backward by 25 pixels along its heading (walls stop it 100 pixels from the left and right edges), "
        "turns by 10 degrees to the left (counter-clockwise) or to the right, attacks, or does nothing. An archer's attack shoots "
        "an arrow from its middle along its heading, 45 pixels a step until it leaves the picture; its next three attacks do "
        f"nothing and the fourth shoots again, but none while {arrows} arrows fly. A knight's attack swings a "
        "mace around its middle, "
        "32 pixels away, from 40 degrees on its right to 60 on its left in six steps, in which nothing else that it chooses "
        "happens. What touches is decided by upright boxes that overlap: of a zombie 29 by 31 pixels, of a player and a mace 32 by "
        "32, of an arrow 46 by 46, the boxes of players and arrows wider while they look aslant. In a step weapons move first: a "
        "zombie that one touches is gone, an arrow with it, and whoever attacked receives 1, if still there. Then a player that a "
        "zombie touches is gone for the rest of the episode, and then zombies move. The episode ends when no player is left, when "
        f"a zombie arrives at the bottom (its corner below y = 689), or after {cycles} steps. The return is the number of zombies "
        "that a player was paid for; what is killed in the last step may go unpaid."
    )
