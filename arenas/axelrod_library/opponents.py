"""The Axelrod library's strategies, by name. The one module that imports the library, which takes seconds; loaded late."""

from __future__ import annotations

import difflib
from functools import cache
from typing import Any

import axelrod

from arenas.axelrod_library.names import LISTS
from arenas.errors import BadArguments
from arenas.iterated_dilemma.rules import COOPERATE, DEFECT, Payoffs

_MOVES = {COOPERATE: axelrod.Action.C, DEFECT: axelrod.Action.D}
_SEEDS = 1 << 32
"""The library seeds numpy's RandomState, which takes 32 bits."""


@cache
def named(opponent: str) -> tuple[str, ...]:
    """Return the strategies that a name stands for: those of a list of the library, or the one class itself.

    Raises:
        BadArguments: the library has no such strategy, or it breaks Axelrod's rules by reading or changing its opponent.
    """
    if opponent in LISTS:
        return tuple(strategy.__name__ for strategy in getattr(axelrod, f"{opponent}_strategies"))
    known = {strategy.__name__: strategy for strategy in axelrod.all_strategies}
    if opponent not in known:
        near = difflib.get_close_matches(opponent, [*LISTS, *known], n=3, cutoff=0.6)
        hint = f"did you mean {' or '.join(near)}?" if near else f"a list is one of {', '.join(LISTS)}"
        raise BadArguments(f"the Axelrod library has no strategy and no list {opponent!r}; {hint}")
    if not axelrod.Classifiers.obey_axelrod(known[opponent]()):
        raise BadArguments(f"{opponent} reads or changes the program that it plays against, and a sandboxed script cannot be read")
    return (opponent,)


class LibraryPlayer:
    """One strategy of the library in one match, told nothing but the moves made and what the library tells its players.

    Args:
        name: class of the strategy.
        seed: all that it draws follows from it.
        payoffs: of the dilemma.
        length: rounds of the match, infinite where players cannot know.
        noise: probability that a choice is flipped.
    """

    def __init__(self, name: str, seed: int, payoffs: Payoffs, length: float, noise: float) -> None:
        game = axelrod.Game(r=payoffs.reward, s=payoffs.sucker, t=payoffs.temptation, p=payoffs.punishment)
        self._player: Any = getattr(axelrod, name)()
        self._player.set_match_attributes(length=length, game=game, noise=noise)
        self._player.set_seed(seed % _SEEDS)
        # Has a history and no strategy, so that nobody can ask what the script would do.
        self._other = axelrod.Player()

    def choose(self) -> int:
        """Return its next choice, COOPERATE or DEFECT."""
        return DEFECT if self._player.strategy(self._other) == axelrod.Action.D else COOPERATE

    def learn(self, own: int, theirs: int) -> None:
        """Tell it both moves of the round as they were played."""
        self._player.update_history(_MOVES[own], _MOVES[theirs])
        self._other.update_history(_MOVES[theirs], _MOVES[own])
