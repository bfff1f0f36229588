"""Whether the gates refuse what would have been kept: a random share of the refused is evaluated beside the search.

A refused proposal plays the very episodes on which its turn's best candidate met the champion. It is a false rejection if it would
have been accepted there by the run's own rule, and no program of that turn that stands for it plays all these episodes as it does.
The rule is generous to the error: the proposal is spared the race before it. Nothing of it reaches the search: which proposals are
checked comes from a random stream of its own, and their episodes are counted apart and never kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mascript.evolve.gates import Candidate, Refusal
from mascript.evolve.race import accepts, paired
from mascript.evolve.run import Run
from mascript.evolve.settings import Setting
from mascript.records import EpisodeResult, Pid, Program
from mascript.seeds import Pool

CHECKED_GATES = ("duplicate", "fingerprint")
"""Gates that refuse a program which may be good; the others refuse what cannot play."""
CHECKED_SHARE = 0.05


@dataclass(frozen=True)
class Check:
    """One refused proposal, evaluated all the same. Made by `check_refusals`; read by the journal and the gates' report."""

    pid: Pid
    gate: str
    operator: str
    verdict: Literal["right", "false", "unscored"]
    """Whether it was right to refuse it; unscored where a limit of this machine ended an episode."""
    gain: float
    """Mean paired difference to the champion of that turn."""
    error: float
    n: int
    """Pairs with a score."""


def check_refusals(
    run: Run,
    turn: tuple[str, int],
    refusals: Sequence[Refusal],
    candidates: Sequence[Candidate],
    champion: Program | None,
    settings: Sequence[Setting],
    share: float = CHECKED_SHARE,
) -> tuple[tuple[Check, ...], int]:
    """Evaluate a random share of an agent's refused proposals.

    Args:
        run: the run.
        turn: (agent, generation).
        refusals: what the gates refused in this turn.
        candidates: what they let through.
        champion: of the agent, before this turn; without one there is nothing to be accepted against, and nothing is checked.
        settings: on which this turn's best candidate met the champion.
        share: how many of the refused are checked.

    Returns:
        The checks and how many episodes they took.
    """
    if champion is None:
        return (), 0
    rng = run.rng("gate-check", *turn)
    chosen = [one for one in refusals if one.gate in CHECKED_GATES and rng.random() < share]
    before = run.evaluation.beside
    standing_for = {champion.pid: champion, **{candidate.program.pid: candidate.program for candidate in candidates}}
    checks = [
        _check(run, turn[0], refusal, refusal.program, champion, standing_for.get(refusal.twin), settings)
        for refusal in chosen
        if refusal.program is not None
    ]
    return tuple(checks), run.evaluation.beside - before


def _check(
    run: Run, agent: str, refusal: Refusal, program: Program, champion: Program, twin: Program | None, settings: Sequence[Setting]
) -> Check:
    evaluation, aim = run.evaluation, run.aim(agent)
    played = evaluation.aside(Pool.VALIDATION, program, settings, anew=True)
    against = evaluation.aside(Pool.VALIDATION, champion, settings)
    gain, error, n = paired(evaluation.focal_scores(played, settings, aim), evaluation.focal_scores(against, settings, aim))
    verdict: Literal["right", "false", "unscored"] = "right"
    if n < len(settings):
        verdict = "unscored"
    elif accepts(gain, error, run.config.evaluation.accept_errors):
        alike = twin is not None and _trajectories(evaluation.aside(Pool.VALIDATION, twin, settings)) == _trajectories(played)
        verdict = "right" if alike else "false"
    return Check(program.pid, refusal.gate, refusal.proposal.operator, verdict, gain, error, n)


def _trajectories(episodes: Sequence[EpisodeResult]) -> list[str]:
    return [episode.trajectory for episode in episodes]
