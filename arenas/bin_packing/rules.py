"""The rules: items come one by one, and each is put at once into an open bin that has room for it, or into a new one.

Sources: Romera-Paredes et al., "Mathematical discoveries from program search with large language models" (FunSearch), Nature 625
(2024), section on bin packing, for the task, both kinds of streams and the excess over a lower bound as score; the uniform stream
is that of the classes u120 to u1000 of Beasley's OR-Library (Falkenauer, Journal of Heuristics 2, 1996). Ours differs: a bin is
named by the room that it has left, because bins with equally much left are alike; among them the one opened first is taken, so that
first fit can be played too; the excess is over L2, which is seldom above their L1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import log
from random import Random

from arenas.bin_packing.bounds import martello_toth_bound
from arenas.errors import BadArguments
from arenas.joint.design import check_whole
from arenas.social import Ledger

ID = "bin_packing_v0"
MOST_ITEMS = 100_000
NONE = -1
"""In place of a bin's number where there is no bin."""


@dataclass(frozen=True)
class Stream:
    """Where items come from. Listed in `STREAMS`; read by `Packing`, views and specs."""

    capacity: int
    """Of every bin, in the units of the items."""
    draw: Callable[[float], int]
    """A uniform number in [0, 1) -> the size of an item."""
    doc: str


def _uniform(random: float) -> int:
    return 20 + int(81 * random)


def _weibull(random: float) -> int:
    # Cut, not rounded: the mean of the five instances that FunSearch's authors published is 39.8 (1987.8 bins by L1); rounding
    # to the nearest gives 40.2, cutting 39.7.
    return min(max(int(45.0 * (-log(1.0 - random)) ** (1 / 3)), 1), 100)


STREAMS = {
    "uniform": Stream(150, _uniform, "whole numbers from 20 to 100, each equally likely"),
    "weibull": Stream(
        100, _weibull, "whole parts, 1 to 100, of numbers drawn from the Weibull distribution of scale 45 and shape 3"
    ),
}


class Packing:
    """One episode. The sizes of its items are drawn from the source that it is given, all at the start.

    Args:
        stream: where items come from.
        items: how many.
        random: source of the sizes.
    """

    def __init__(self, stream: Stream, items: int, random: Random) -> None:
        self.capacity = stream.capacity
        self.items = [stream.draw(random.random()) for _ in range(items)]
        self.bound = martello_toth_bound(self.items, self.capacity)
        """Bins that any packing of these items takes at least."""
        self.ended = False
        self.exhausted = False
        self.ledger = Ledger(1)
        self.bins = 0
        """Opened so far; a bin's number is how many were opened before it."""
        self.open = [0] * (self.capacity + 1)
        """How many open bins have each room left."""
        self.oldest = [NONE] * (self.capacity + 1)
        """Lowest number of the bins with each room left."""
        self._by_room: list[list[int]] = [[] for _ in self.open]
        """Numbers of the bins with each room left, as heaps."""
        self.item = self.items[0]
        """Size of the item to be packed now; 0 once all are."""
        self.legal: tuple[int, ...] = (self.capacity,)
        """Rooms of which one may be chosen now, rising; the last, a whole bin, is a new one."""

    @property
    def left(self) -> int:
        """Items still to be packed, the one to be packed now included."""
        return len(self.items) - self.ledger.steps

    def play(self, actions: Sequence[int]) -> list[float]:
        """Put the item into the oldest bin with this room left and return what that costs."""
        (room,) = actions
        paid = 0.0
        if room == self.capacity:
            number = self.bins
            self.bins += 1
            if self.bins > self.bound:
                paid = -100.0 / self.bound
        else:
            heap = self._by_room[room]
            number = heappop(heap)
            self._count(room, heap)
        rest = room - self.item
        heap = self._by_room[rest]
        heappush(heap, number)
        self._count(rest, heap)
        self.ledger.pay((paid,))
        self._next()
        return [paid]

    def _count(self, room: int, heap: list[int]) -> None:
        self.open[room] = len(heap)
        self.oldest[room] = heap[0] if heap else NONE

    def _next(self) -> None:
        steps = self.ledger.steps
        if steps == len(self.items):
            self.ended, self.item, self.legal = True, 0, ()
            return
        item = self.item = self.items[steps]
        fitting = [room for room, bins in enumerate(self.open[item:], item) if bins]
        self.legal = (*fitting, self.capacity)


def check(stream: object, items: object) -> Stream:
    """Return the stream of this name.

    Raises:
        BadArguments: no such stream, or a number of items out of range.
    """
    if stream not in STREAMS:
        raise BadArguments(f"{ID}: stream must be one of {', '.join(STREAMS)}, got {stream!r}")
    check_whole(ID, "items", items, 1, MOST_ITEMS)
    return STREAMS[stream]
