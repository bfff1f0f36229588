"""The rules: one seat, the leader, acts on signals; what it earns for everybody has a mean that its channels declare.

Each round the leader sees one signal z per channel and names one number x per channel. The channel's hidden rate is
`slope * z + hidden * h + bend * (z**3 - 3 z)`, h another draw like z, and x pays `own * x * rate` to the leader and
`others * x * rate` to each other seat. Each other seat hears the leader's last numbers and may answer with numbers y; their mean
over these seats pays `answer * y * rate` to the leader and `answer_others * y * rate` to each of them, at the rate of the round
before. So x = z earns `slope` per round in the mean; any x that does not depend on z earns 0; and with `slope` 0 so does x = z,
since `z**3 - 3 z` is uncorrelated with z (Hermite's third polynomial), although its actions matter and, with a `bend`, are skewed.

z and h take the four points of the Gauss-Hermite rule of the standard normal distribution
(`numpy.polynomial.hermite_e.hermegauss`), by which every moment to the seventh is exactly the normal one; no point is 0. A channel
is awake in a share `awake` of the episodes and pays nothing in the others.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from random import Random
from struct import pack
from typing import Literal, NamedTuple, get_args

from numpy.polynomial.hermite_e import hermegauss

from arenas.errors import BadArguments
from arenas.joint.design import check_number, check_table, check_whole
from arenas.social import Ledger

ID = "planted_v0"
REACH = 4.0
"""The largest number that an action may name; the largest signal is 2.34."""
POINTS = 4
Luck = Literal["zero-sum", "common", "apart"]
"""How the seats' luck hangs together: what everybody gets whatever anybody does."""


class Channel(NamedTuple):
    """What one number of the leader's action is worth. Made by whoever plants an effect; travels in an arena's arguments."""

    own: float = 1.0
    others: float = 0.0
    answer: float = 0.0
    answer_others: float = 0.0
    slope: float = 1.0
    hidden: float = 0.0
    bend: float = 0.0
    awake: float = 1.0


class Planted:
    """One episode. Everything it draws is drawn whatever the actions are, so that paired episodes differ by their actions alone.

    Args:
        channels: what each number of an action is worth.
        players: how many seats.
        leader: the seat that sees the signals.
        luck: how the seats' luck hangs together.
        spread: standard deviation of a seat's luck.
        horizon: rounds.
        random: source of every draw.
    """

    def __init__(
        self, channels: Sequence[Channel], players: int, leader: int, luck: Luck, spread: float, horizon: int, random: Random
    ) -> None:
        self.channels = channels
        self.players = players
        self.leader = leader
        self.horizon = horizon
        self.ended = False
        self.exhausted = False
        self.ledger = Ledger(players)
        self.heard = [0.0] * len(channels)
        """The leader's last numbers."""
        self._random = random
        self._awake = [random.random() < channel.awake for channel in channels]
        self._fortune = _fortune(players, luck, spread, random)
        self.rates = [0.0] * len(channels)
        self._draw()

    def play(self, actions: Sequence[Sequence[float]]) -> list[float]:
        """Play a round of these numbers, one per channel and seat, and return what each seat gets."""
        leading, following = 0.0, 0.0
        replies = [numbers for seat, numbers in enumerate(actions) if seat != self.leader]
        for index, channel in enumerate(self.channels):
            earned = actions[self.leader][index] * self.rates[index]
            answered = self._rates[index] * sum(numbers[index] for numbers in replies) / (len(replies) or 1)
            leading += channel.own * earned + channel.answer * answered
            following += channel.others * earned + channel.answer_others * answered
        paid = [leading if seat == self.leader else following for seat in range(self.players)]
        if not self.ledger.steps:
            paid = [payment + fortune for payment, fortune in zip(paid, self._fortune, strict=True)]
        self.heard = list(actions[self.leader])
        self.ledger.pay(paid)
        self.exhausted = self.ledger.steps >= self.horizon
        self._draw()
        return paid

    def observe(self) -> list[bytes]:
        """What each seat sees: the leader its signals, the others what they heard."""
        nothing = [0.0] * len(self.channels)
        rows = [(self.signals, nothing) if seat == self.leader else (nothing, self.heard) for seat in range(self.players)]
        return [pack(f"<{2 * len(nothing)}d", *signals, *heard) for signals, heard in rows]

    def _draw(self) -> None:
        """The next round's signals and rates; the present rates become the last ones."""
        self._rates = self.rates
        self.signals = [draw(self._random) for _ in self.channels]
        blind = [draw(self._random) for _ in self.channels]
        self.rates = [
            (channel.slope * z + channel.hidden * h + channel.bend * (z**3 - 3 * z)) if awake else 0.0
            for channel, awake, z, h in zip(self.channels, self._awake, self.signals, blind, strict=True)
        ]


@cache
def points() -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the values of a signal and their probabilities."""
    nodes, weights = hermegauss(POINTS)
    total = float(weights.sum())
    return tuple(float(node) for node in nodes), tuple(float(weight) / total for weight in weights)


@cache
def _steps() -> tuple[float, ...]:
    return tuple(accumulate(points()[1]))[:-1]


def draw(random: Random) -> float:
    """Draw a signal."""
    return points()[0][bisect(_steps(), random.random())]


def _fortune(players: int, luck: Luck, spread: float, random: Random) -> list[float]:
    drawn = [random.gauss(0.0, spread) for _ in range(players)]
    if luck == "common":
        return [drawn[0]] * players
    if luck == "apart":
        return drawn
    mean = sum(drawn) / players
    return [one - mean for one in drawn]


def check(channels: object, players: object, leader: object, luck: object, spread: object, horizon: object) -> tuple[Channel, ...]:
    """Return the channels.

    Raises:
        BadArguments: a value out of range.
    """
    check_table(ID, players, horizon)
    check_whole(ID, "leader", leader, 0, int(str(players)) - 1)
    check_number(ID, "spread", spread, 0.0, 1e9)
    if luck not in get_args(Luck):
        raise BadArguments(f"{ID}: luck must be one of {', '.join(get_args(Luck))}, got {luck!r}")
    if not isinstance(channels, (tuple, list)) or not channels:
        raise BadArguments(
            f"{ID}: channels must be tuples of {len(Channel._fields)} numbers (see Channel), one or more, got {channels!r}"
        )
    made = []
    for one in channels:
        if not isinstance(one, (tuple, list)) or len(one) > len(Channel._fields):
            raise BadArguments(
                f"{ID}: a channel is up to {len(Channel._fields)} numbers ({', '.join(Channel._fields)}), got {one!r}"
            )
        for name, value in zip(Channel._fields, one, strict=False):
            check_number(ID, name, value, 0.0 if name == "awake" else -1e9, 1.0 if name == "awake" else 1e9)
        made.append(Channel(*(float(value) for value in one)))
    return tuple(made)
