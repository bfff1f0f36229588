"""The rules of FrozenLake, Taxi, CliffWalking and Blackjack as tables and cards.

They draw what gymnasium 1.4 (gymnasium/envs/toy_text) draws, number by number, so that an episode of a seed is the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any

from arenas.single.twin import Step

Table = list[list[tuple[int, Step]]]
"""By state and action: the next state and what it gives."""
Advice = list[tuple[int, ...]]
"""By state: indices of the actions that change something."""
_DECK = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10)


def _generator(seed: int) -> Any:
    from numpy.random import default_rng

    return default_rng(seed)


class Lake:
    """FrozenLake: a third of all steps goes where it should, a third to each side.

    Args:
        tiles: the map, rows of S, F, H and G.
        steps: (rows, columns) of each action; the actions before and after one in this order are its sides.
        packed: what is observed on each tile.
    """

    def __init__(self, tiles: Sequence[str], steps: Sequence[tuple[int, int]], packed: Sequence[bytes]) -> None:
        rows, columns = len(tiles), len(tiles[0])
        bounds = [(row, column) for row in range(rows) for column in range(columns)]

        def reached(row: int, column: int, step: tuple[int, int]) -> tuple[int, Step]:
            row, column = min(max(row + step[0], 0), rows - 1), min(max(column + step[1], 0), columns - 1)
            tile, place = tiles[row][column], row * columns + column
            return place, (packed[place], float(tile == "G"), tile in "GH")

        around = [[reached(row, column, step) for step in steps] for row, column in bounds]
        count = len(steps)
        self._table = [
            [(ways[action - 1], ways[action], ways[(action + 1) % count], ways[action - 1]) for action in range(count)]
            for ways in around
        ]
        """By tile, action and outcome. The fourth is for a number beyond what the rounded thirds add up to: the first, too."""
        self._shares = list(accumulate(((1.0 - 1.0 / 3.0) / 2.0, 1.0 / 3.0, (1.0 - 1.0 / 3.0) / 2.0)))
        self._start = "".join(tiles).index("S")
        self._seen = packed[self._start]
        self._place = self._start
        self._random: Callable[[], float] = float

    def begin(self, seed: int) -> bytes:
        self._random = _generator(seed).random
        self._random()  # spent on the start, of which there is one
        self._place = self._start
        return self._seen

    def step(self, action: int) -> Step:
        """Play a step in a direction."""
        self._place, step = self._table[self._place][action][bisect_right(self._shares, self._random())]
        return step


class Cliff:
    """CliffWalking: a step off the edge leads back to the corner.

    Args:
        start: from a seed to the number of the first cell.
        packed: what is observed on each of 4 rows of 12 cells.
    """

    def __init__(self, start: Callable[[int], int], packed: Sequence[bytes]) -> None:
        self._start = start
        self._packed = packed
        self._place = 0
        self._table = [
            [self._reached(*divmod(place, 12), *step) for step in ((-1, 0), (0, 1), (1, 0), (0, -1))] for place in range(48)
        ]
        """By cell and action: up, right, down, left."""

    def _reached(self, row: int, column: int, down: int, right: int) -> tuple[int, Step]:
        row, column = min(max(row + down, 0), 3), min(max(column + right, 0), 11)
        if row == 3 and 0 < column < 11:
            return 36, (self._packed[36], -100.0, False)
        place = row * 12 + column
        return place, (self._packed[place], -1.0, place == 47)

    def begin(self, seed: int) -> bytes:
        self._place = self._start(seed)
        return self._packed[self._place]

    def step(self, action: int) -> Step:
        """Play a step in a direction."""
        self._place, step = self._table[self._place][action]
        return step


class Taxi:
    """A state is ((row * 5 + column) * 5 + passenger) * 4 + destination; passenger 4 is aboard.

    Args:
        town: the map, rows of cells with a bar or a colon between two.
        pads: cells where passengers wait.
        packed: what is observed in each state.
    """

    def __init__(self, town: tuple[str, ...], pads: tuple[tuple[int, int], ...], packed: tuple[bytes, ...]) -> None:
        self._table, self._advice = _taxi(town, pads, packed)
        self._packed = packed
        starts = [state for state in range(500) if state // 4 % 5 not in (4, state % 4)]
        # A number beyond what the rounded shares add up to is state 0.
        self._starts = (*starts, 0)
        self._shares = list(accumulate([1.0 / len(starts)] * len(starts)))
        self._state = 0

    def begin(self, seed: int) -> bytes:
        self._state = self._starts[bisect_right(self._shares, _generator(seed).random())]
        return self._packed[self._state]

    def step(self, action: int) -> Step:
        """Drive south, north, east or west, pick up or drop off."""
        self._state, step = self._table[self._state][action]
        return step

    def advice(self) -> tuple[int, ...]:
        return self._advice[self._state]


@lru_cache(maxsize=1)
def _taxi(town: tuple[str, ...], pads: tuple[tuple[int, int], ...], packed: tuple[bytes, ...]) -> tuple[Table, Advice]:
    """What each action does in each state, and which of them change something."""
    table: Table = []
    advice: Advice = []
    for state in range(500):
        rest, destination = divmod(state, 4)
        cell, passenger = divmod(rest, 5)
        row, column = divmod(cell, 5)
        here = (row, column)
        open_ = (row < 4, row > 0, town[row][2 * column + 1 :][:1] == ":", column > 0 and town[row][2 * column - 1] == ":")
        fetched = passenger < 4 and here == pads[passenger]
        dropped = passenger == 4 and here in pads
        home = dropped and here == pads[destination]
        cells = [
            (row + down, column + right) if free else here
            for free, (down, right) in zip(open_, ((1, 0), (-1, 0), (0, 1), (0, -1)), strict=True)
        ]
        ends = [
            *((cell, passenger, -1.0) for cell in cells),
            (here, 4 if fetched else passenger, -1.0 if fetched else -10.0),
            (here, pads.index(here) if dropped else passenger, 20.0 if home else -1.0 if dropped else -10.0),
        ]
        after = [((((y * 5 + x) * 5 + rider) * 4 + destination), reward) for (y, x), rider, reward in ends]
        table.append([(end, (packed[end], reward, home and action == 5)) for action, (end, reward) in enumerate(after)])
        advice.append(tuple(action for action, free in enumerate((*open_, fetched, dropped)) if free) or tuple(range(6)))
    return table, advice


class Cards:
    """Blackjack with an endless deck; `pack` makes the observation of (total, dealer's card, usable ace)."""

    def __init__(self, pack: Callable[[int, int, bool], bytes]) -> None:
        self._pack = pack
        self._draw: Callable[[int], Any] = int
        self._dealer: list[int] = []
        self._player: list[int] = []

    def begin(self, seed: int) -> bytes:
        generator = _generator(seed)
        self._draw = generator.integers
        first, second, third, fourth = generator.integers(len(_DECK), size=4).tolist()
        self._dealer, self._player = [_DECK[first], _DECK[second]], [_DECK[third], _DECK[fourth]]
        generator.integers(4)  # spent on the suit of the open card
        if self._dealer[0] == 10:
            generator.integers(3)  # and on its picture
        return self._seen()

    def step(self, action: int) -> Step:
        """Stick (0) or hit (1)."""
        if action:
            self._player.append(self._card())
            bust = sum(self._player) > 21
            return self._seen(), -1.0 if bust else 0.0, bust
        while (held := _total(self._dealer)) < 17:
            self._dealer.append(self._card())
        mine, theirs = _total(self._player), held if held <= 21 else 0
        return self._seen(), float(mine > theirs) - float(mine < theirs), True

    def _card(self) -> int:
        return _DECK[self._draw(len(_DECK))]

    def _seen(self) -> bytes:
        total = _total(self._player)
        return self._pack(total, self._dealer[0], total != sum(self._player))


def _total(hand: list[int]) -> int:
    total = sum(hand)
    return total + 10 if 1 in hand and total + 10 <= 21 else total
