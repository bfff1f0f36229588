"""Tournaments: scripts play each other, and the payoffs say who is good against whom.

`play_tournament` plays; `summarise` turns games into a payoff matrix, ratings and game-theoretic summaries, a pure function, so
that stored games can be summed up again.
"""

from __future__ import annotations

from mascript.tournament.exploitability import with_nash_conv
from mascript.tournament.records import Cell, Entrant, Game, NashConv, Pairing, Response, Standing, Summary
from mascript.tournament.responses import Search, with_responses
from mascript.tournament.schedule import pairings, play_tournament, sides
from mascript.tournament.summary import summarise

__all__ = [
    "Cell",
    "Entrant",
    "Game",
    "NashConv",
    "Pairing",
    "Response",
    "Search",
    "Standing",
    "Summary",
    "pairings",
    "play_tournament",
    "sides",
    "summarise",
    "with_nash_conv",
    "with_responses",
]
