"""Episodes of a submitted script as its writer is told them: short, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from arenas.decode import decode
from arenas.spec import ArenaSpec
from mascript.evolve.episodes import short, spoken
from mascript.evolve.settings import Setting, focal_score
from mascript.mcp.judged import EpisodeView, MomentView
from mascript.records import MatchResult

ENDS = 4
"""Moments that are told from either end of an episode."""
CHANGES = 8
"""Between them, those in which the action changes."""
_WIDTH = 160


def told(spec: ArenaSpec, settings: Sequence[Setting], results: Sequence[MatchResult]) -> list[EpisodeView]:
    """Return the episodes, the worst first; each result is one episode, traced in the first seat of the script and watched."""
    found = [_episode(spec, setting, result) for setting, result in zip(settings, results, strict=True)]
    return sorted(found, key=lambda one: float("-inf") if one.score is None else one.score)


def _episode(spec: ArenaSpec, setting: Setting, result: MatchResult) -> EpisodeView:
    seat, (episode,) = setting.focal[0], result.episodes
    schema, actions = spec.schema_of(seat), spec.actions_of(seat)
    taken = {move.step: move.action for move in result.moves[0] if move.seat == seat}
    moments = [
        MomentView(probe.step, _seen(decode(schema, probe.observation)), spoken(actions, taken.get(probe.step)))
        for probe in result.traces[0]
    ]
    lost = next((f"step {one.step}: {one.reason}: {one.detail}" for one in episode.forfeits if one.seat in setting.focal), "")
    score = focal_score(episode, setting, setting.focal, spec.floor, "own")
    kept = tuple(_telling(moments))
    return EpisodeView(episode.seed, spec.seats[seat], score, episode.returns, episode.steps, lost or episode.unscored, kept)


def _telling(moments: Sequence[MomentView]) -> list[MomentView]:
    middle = range(ENDS, len(moments) - ENDS)
    changes = [index for index in middle if moments[index].action != moments[index - 1].action][:CHANGES]
    kept = {*range(min(ENDS, len(moments))), *changes, *range(max(0, len(moments) - ENDS), len(moments))}
    return [moments[index] for index in sorted(kept)]


def _seen(observation: Any) -> str:
    values = vars(observation) if isinstance(observation, SimpleNamespace) else {"observation": observation}
    return ", ".join(f"{name}={short(value)[:_WIDTH]}" for name, value in values.items())
