"""FrozenLake8x8, Taxi, CliffWalking and Blackjack: Gymnasium's encoded numbers as the cells, passengers and cards behind them.

Cells are (row, column) with row 0 in the north and column 0 in the west.
"""

from __future__ import annotations

from random import Random
from struct import Struct
from typing import Any

from arenas.errors import BadArguments
from arenas.schema import ActionSpec, Field
from arenas.single.task import Task, spec
from arenas.spec import ArenaSpec

Cell = tuple[int, int]

LAKE = ("SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF", "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG")
"""Gymnasium's map: start, frozen, hole, goal."""
ICE, HOLE, GOAL, SHORE = range(4)
LAKE_SIDE = len(LAKE)
_SEEN = {"S": ICE, "F": ICE, "H": HOLE, "G": GOAL}
_STEPS = ((0, -1), (1, 0), (0, 1), (-1, 0))
"""Left, down, right, up, as rows and columns."""
_LAKE_PACK = Struct("<6b").pack


def _tile(row: int, column: int) -> int:
    inside = 0 <= row < LAKE_SIDE and 0 <= column < LAKE_SIDE
    return _SEEN[LAKE[row][column]] if inside else SHORE


_LAKE_TABLE = tuple(
    _LAKE_PACK(row, column, *(_tile(row + down, column + right) for down, right in _STEPS))
    for row in range(LAKE_SIDE)
    for column in range(LAKE_SIDE)
)


def encode_lake(observation: int, seat: int) -> bytes:
    """Pack FrozenLake's number of a tile."""
    return _LAKE_TABLE[observation]


FROZEN_LAKE = Task(
    id="FrozenLake8x8-v1",
    fields=(
        Field("position", "Cell", (2,), "b", "tiles", "my row, from the top, and column, from the left; both 0 to 7"),
        Field(
            "around", "list[int]", (4,), "b", "", "tiles to the left, below, to the right and above: 0 ice, 1 hole, 2 goal, 3 shore"
        ),
    ),
    actions=ActionSpec(kind="discrete", size=4, names=("left", "down", "right", "up")),
    encode=encode_lake,
    rules=(
        "A walker crosses a frozen lake of 8 by 8 tiles, from the top left corner (0, 0) to the goal in the bottom right corner "
        f"(7, 7). The rows from the top, S start, F ice, H hole, G goal: {' '.join(LAKE)}. Each step it goes left, down, right or "
        "up, but the ice is slippery: with probability 1/3 it goes where it wants, with 1/3 each to one of the two sides at right "
        "angles to that, never backwards. At the shore it stays where it is. A hole or the goal ends the episode; the goal pays 1, "
        "all else 0, so the return is 1 or 0 and its mean the share of crossings that succeed."
    ),
    worst_step=0.0,
    chance=True,
)

PADS: tuple[Cell, ...] = ((0, 0), (0, 4), (4, 0), (4, 3))
PAD_NAMES = ("red", "green", "yellow", "blue")
TOWN = ("R: | : :G", " : | : : ", " : : : : ", " | : | : ", "Y| : |B: ")
"""Gymnasium's map without its frame: a bar is a wall between two cells of a row."""
ABOARD = len(PADS)
_TAXI_PACK = Struct("<4b?4b").pack


def _taxi(state: int) -> bytes:
    """Pack one state, numbered ((row * 5 + column) * 5 + passenger) * 4 + destination."""
    rest, destination = divmod(state, len(PADS))
    cell, passenger = divmod(rest, ABOARD + 1)
    position = divmod(cell, 5)
    waits = position if passenger == ABOARD else PADS[passenger]
    return _TAXI_PACK(*position, passenger, destination, passenger == ABOARD, *waits, *PADS[destination])


_TAXI_TABLE = tuple(map(_taxi, range(25 * (ABOARD + 1) * len(PADS))))


def encode_taxi(observation: int, seat: int) -> bytes:
    """Pack Taxi's number of a state."""
    return _TAXI_TABLE[observation]


TAXI = Task(
    id="Taxi-v4",
    fields=(
        Field("position", "Cell", (2,), "b", "cells", "the taxi's row, from the north, and column, from the west; both 0 to 4"),
        Field("passenger", "int", (), "b", "", "pad where the passenger waits: 0 red, 1 green, 2 yellow, 3 blue; 4 in the taxi"),
        Field("destination", "int", (), "b", "", "pad where the passenger wants to go, numbered the same"),
        Field("aboard", "bool", (), "?", "", "whether the passenger is in the taxi"),
        Field("passenger_at", "Cell", (2,), "b", "cells", "where the passenger is; the taxi's own cell once aboard"),
        Field("destination_at", "Cell", (2,), "b", "cells", "the destination's cell"),
    ),
    actions=ActionSpec(
        kind="discrete", size=6, names=("south", "north", "east", "west", "pick_up", "drop_off"), advisory=True, dtype="q"
    ),
    encode=encode_taxi,
    rules=(
        "A taxi in a town of 5 by 5 cells fetches a passenger from one pad and brings it to another. Pads are red (0, 0), green "
        f"(0, 4), yellow (4, 0), blue (4, 3). The rows from the north, a bar is a wall: {' / '.join(TOWN)}. The taxi starts "
        "anywhere, the passenger at a pad that is not its destination, all equally likely. Each step the taxi drives south, north, "
        "east or west (into a wall or out of town it stays where it is), picks up or drops off. A step costs 1; picking up where "
        "no passenger waits, or dropping off away from all pads or nobody, costs 10. A passenger may be dropped at any pad, for 1; "
        "at the destination that pays 20 and ends the episode. The legal actions listed are those that change something: advice, "
        "since the others may be played and cost what is said here. Reference: Dietterich (2000)."
    ),
    worst_step=-10.0,
)

CLIFF_ROWS, CLIFF_COLUMNS = 4, 12
CLIFF_START, CLIFF_GOAL = (3, 0), (3, 11)
STARTS = ("corner", "anywhere")
_CLIFF_PACK = Struct("<2b").pack
_CLIFF_TABLE = tuple(_CLIFF_PACK(row, column) for row in range(CLIFF_ROWS) for column in range(CLIFF_COLUMNS))
SAFE_CELLS: tuple[Cell, ...] = (*((row, column) for row in range(CLIFF_ROWS - 1) for column in range(CLIFF_COLUMNS)), CLIFF_START)
"""Where an episode may begin: neither in the cliff nor at the goal."""


def encode_cliff(observation: int, seat: int) -> bytes:
    """Pack CliffWalking's number of a cell."""
    return _CLIFF_TABLE[observation]


def cliff_opening(env: Any, seed: int) -> int:
    """Put the walker on the seed's cell, any of `SAFE_CELLS` equally likely."""
    row, column = Random(f"CliffWalking {seed}").choice(SAFE_CELLS)
    env.s = row * CLIFF_COLUMNS + column
    return int(env.s)


def _cliff_task(starts: str) -> Task:
    anywhere = starts == "anywhere"
    return Task(
        id="CliffWalking-v1",
        fields=(Field("position", "Cell", (2,), "b", "cells", "my row, 0 to 3 from the top, and column, 0 to 11 from the left"),),
        actions=ActionSpec(kind="discrete", size=4, names=("up", "right", "down", "left")),
        encode=encode_cliff,
        rules=(
            "A walker in a field of 4 rows and 12 columns has to get to the bottom right corner (3, 11). The cells of the bottom "
            "row between the corners, (3, 1) to (3, 10), are a cliff. It starts "
            f"{'on any other cell, drawn by the seed' if anywhere else 'in the bottom left corner (3, 0)'}. Each step it goes up, "
            "right, down or left; at the edge of the field it stays where it is. A step costs 1; a step into the cliff costs 100 "
            "and puts it back into the bottom left corner. The goal ends the episode. Reference: Sutton and Barto (2018), example "
            "6.6."
        ),
        worst_step=-100.0,
        openings=(
            "The seed draws the first cell, any of the 37 that are neither cliff nor goal."
            if anywhere
            else "One start and no chance, as published: all seeds of a script that draws nothing are one game. "
            "starts=anywhere gives 37 openings."
        ),
        opening=cliff_opening if anywhere else None,
    )


_CARDS_PACK = Struct("<2b?").pack


def encode_cards(observation: Any, seat: int) -> bytes:
    """Pack Blackjack's sum, card of the dealer and usable ace."""
    total, dealer, ace = observation
    return _CARDS_PACK(total, dealer, bool(ace))


MOST_HITS = 20
"""Hits until a hand is bust for certain: two aces count 2 at least, every further card 1 at least."""
BLACKJACK = Task(
    id="Blackjack-v1",
    fields=(
        Field("total", "int", (), "b", "points", "of my cards, an ace counting 11 where that does not bust"),
        Field("dealer", "int", (), "b", "points", "the dealer's open card: 1 ace, 2 to 10"),
        Field("usable_ace", "bool", (), "?", "", "whether one of my aces counts 11"),
    ),
    actions=ActionSpec(kind="discrete", size=2, names=("stick", "hit")),
    encode=encode_cards,
    rules=(
        "Blackjack against a dealer with an endless deck: a card is 1 (ace) to 9 with probability 1/13 each, or 10 with 4/13. "
        "An ace counts 11 where that does not take the hand over 21, else 1. Player and dealer get two cards, one of the "
        "dealer's open. The player hits (takes a card; over 21 it is bust and loses) until it sticks. Then the dealer draws until "
        "its sum is 17 or more; over 21 it is bust. The higher sum wins; equal sums draw. An ace and a ten as the player's first "
        "two cards win unless the dealer has the same. The return is 1 for a win, -1 for a loss, 0 for a draw. Reference: Sutton "
        "and Barto (2018), example 5.1."
    ),
    worst_step=0.0,
    worst_once=-1.0,
    chance=True,
)


def frozen_lake(max_episode_steps: int = 200) -> ArenaSpec:
    """Return the spec of FrozenLake8x8-v1; raises BadArguments where the limit is no integer of 1 or more."""
    return spec(FROZEN_LAKE, max_episode_steps)


def taxi(max_episode_steps: int = 200) -> ArenaSpec:
    """Return the spec of Taxi-v4; raises BadArguments where the limit is no integer of 1 or more."""
    return spec(TAXI, max_episode_steps)


def cliff_walking(max_episode_steps: int = 200, starts: str = "corner") -> ArenaSpec:
    """Return the spec of CliffWalking-v1, whose original has no limit of steps.

    Args:
        max_episode_steps: a random walk may fall for thousands of steps; 200 is fifteen times the shortest way.
        starts: `corner` as published, or `anywhere`, drawn by the seed, so that seeds are distinct openings.

    Raises:
        BadArguments: the limit is no integer of 1 or more, or `starts` neither of the two.
    """
    if starts not in STARTS:
        raise BadArguments(f"CliffWalking-v1: starts must be one of {', '.join(STARTS)}, got {starts!r}")
    return spec(_cliff_task(starts), max_episode_steps, {"starts": starts})


def blackjack(max_episode_steps: int = MOST_HITS) -> ArenaSpec:
    """Return the spec of Blackjack-v1; raises BadArguments where the limit is no integer of 1 or more."""
    return spec(BLACKJACK, max_episode_steps)
