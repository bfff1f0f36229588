"""An episode compressed to what matters to whoever mends the script that played it: how it began and ended, where it lost most, and
where it changed its mind, with what the others did meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from arenas.decode import decode
from arenas.schema import ActionSpec
from arenas.spec import ArenaSpec
from mascript.match.onlooker import Reenacted
from mascript.records import EpisodeResult, MatchResult, Move
from mascript.writers.base import CUT, EpisodeNote, Moment

ENDS = 3
"""Moments that are told from either end of an episode."""
LOSSES = 5
"""Those with the least reward."""
CHANGES = 5
"""Those in which another action is taken than before, evenly over the episode."""
OTHERS = 4
"""Decisions of others that are told between two of the seat's own, the last ones."""
_WIDTH = 72
"""Characters of a value at most."""
_SIGNS = {-1: "-", 0: "_"} | {digit: str(digit) for digit in range(1, 10)}
"""How a prompt shows the cells of a grid; none is a dot, since dots end what was cut."""


def note(spec: ArenaSpec, seat: int, result: MatchResult, seen: Reenacted | None, score: float | None) -> EpisodeNote:
    """Return what is told of an episode.

    Args:
        spec: the arena.
        seat: whose it is.
        result: one episode, traced and watched.
        seen: the same seen from outside; None where it was cut short.
        score: what the search counts it.
    """
    (episode,) = result.episodes
    told = telling(_moments(spec, seat, result, seen))
    return EpisodeNote(spec.seats[seat], score, episode.returns, _lost(episode, seat), tuple(told))


def telling(moments: Sequence[Moment]) -> list[Moment]:
    """Return the moments that tell an episode, in order."""
    if len(moments) <= 2 * ENDS + LOSSES + CHANGES:
        return list(moments)
    middle = range(ENDS, len(moments) - ENDS)
    usual = sorted(moment.reward for moment in moments)[len(moments) // 2]
    losses = sorted((moments[index].reward, index) for index in middle if moments[index].reward < usual)[:LOSSES]
    changes = [index for index in middle if moments[index].action != moments[index - 1].action]
    changes = changes[:: max(1, -(-len(changes) // CHANGES))]
    kept = {*range(ENDS), *(index for _, index in losses), *changes, *range(len(moments) - ENDS, len(moments))}
    return [moments[index] for index in sorted(kept)]


def _lost(episode: EpisodeResult, seat: int) -> str:
    lost = (f"forfeited at step {one.step}: {one.reason}: {one.detail}"[:200] for one in episode.forfeits if one.seat == seat)
    return next(lost, episode.unscored)


def _moments(spec: ArenaSpec, seat: int, result: MatchResult, seen: Reenacted | None) -> list[Moment]:
    schema, actions, moves = spec.schema_of(seat), spec.actions_of(seat), result.moves[0]
    taken = {move.step: move.action for move in moves if move.seat == seat}
    others: dict[int, list[Move]] = {}
    for move in moves:
        if move.seat != seat and move.action is not None:
            others.setdefault(move.step, []).append(move)
    rewards = {} if seen is None else dict(seen.rewards)
    probes = result.traces[0]
    ends = [probe.step for probe in probes[1:]] + [result.episodes[0].steps]
    return [
        Moment(
            probe.step,
            _seen(decode(schema, probe.observation)),
            spoken(actions, taken.get(probe.step)),
            _others(spec, [move for step in range(probe.step, end) for move in others.get(step, ())]),
            sum(rewards[step][seat] for step in range(probe.step, end) if step in rewards),
        )
        for probe, end in zip(probes, ends, strict=True)
    ]


def _others(spec: ArenaSpec, moves: Sequence[Move]) -> tuple[tuple[str, str], ...]:
    return tuple((spec.seats[move.seat], spoken(spec.actions_of(move.seat), move.action)) for move in moves[-OTHERS:])


def spoken(actions: ActionSpec, action: Any) -> str:
    """An action as scripts write it."""
    if action is None:
        return ""
    if actions.kind != "discrete":
        return short(action)
    index = action[0] if isinstance(action, list | tuple) else action
    return actions.names[int(index)] if actions.names else str(int(index) + actions.start)


def _seen(observation: Any) -> tuple[tuple[str, str], ...]:
    values = vars(observation) if isinstance(observation, SimpleNamespace) else {"observation": observation}
    return tuple((name, shown(value)) for name, value in values.items())


def shown(value: Any) -> str:
    """Return a value as text that is cut where it would take too much room; a grid then takes one sign a cell first."""
    text = short(value)
    if len(text) > _WIDTH:
        text = _rows(value) or text
    return text if len(text) <= _WIDTH else text[: _WIDTH - len(CUT)] + CUT


def _rows(value: Any) -> str:
    """A grid of whole numbers from -1 to 9, row by row; empty for anything else."""
    if not isinstance(value, tuple) or not all(isinstance(row, tuple) for row in value):
        return ""
    if not all(type(cell) is int and cell in _SIGNS for row in value for cell in row):
        return ""
    return "/".join("".join(_SIGNS[cell] for cell in row) for row in value)


def short(value: Any) -> str:
    """A value on one line, numbers to three digits."""
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list | tuple):
        return f"({', '.join(short(item) for item in value[:24])}{', ...' if len(value) > 24 else ''})"
    if hasattr(value, "tolist"):
        return short(value.tolist())
    return str(value)
