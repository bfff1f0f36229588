"""What stands before the race, in order: parse, rules of scripts, pins, duplicate, behavioural fingerprint, one episode of smoke.

A gate says why. The fingerprint compares a candidate's decisions on observations that the current champion met: one that decides as
the champion or as an earlier candidate did is not evaluated again. The scalar operator is exempt, since a small step of a constant
shows only in long play. A random share of its rejects races all the same; another share of what stays refused is evaluated beside
the search (`gate_check`), so that false rejections can be counted.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mascript.errors import GateError
from mascript.linking import Links, link
from mascript.match.cache import CachedEvaluators
from mascript.records import ArenaRef, EpisodeResult, Pid, Probe, ProbeJob, Program
from mascript.sandbox import check_source
from mascript.writers.base import Proposal

SCALAR_OPERATORS = frozenset({"constants", "cma"})
CHECKED_SHARE = 0.05
"""Share of fingerprint rejects that is evaluated all the same."""


@dataclass(frozen=True)
class Candidate:
    """A proposal that may be evaluated. Made by the gates; read by race, promotion and the journal."""

    proposal: Proposal
    program: Program
    doubted: bool = False
    """True: the fingerprint gate would have refused it, and it is evaluated to check the gate."""


@dataclass(frozen=True)
class Refusal:
    """A proposal that is not evaluated. Made by the gates; read by the journal."""

    proposal: Proposal
    gate: str
    """`duplicate`, `fingerprint`, `smoke`, `requests` (a function that it calls was not written or not admitted), or the gate of
    scripts that refused its text."""
    reason: str
    pid: Pid = ""
    program: Program | None = None
    """None where its text never became a program."""
    twin: Pid = ""
    """The champion or candidate of this turn that stands for it; empty where none of this turn does."""


@dataclass(frozen=True)
class Admitted:
    """Made by `admit`; read by the loop."""

    candidates: list[Candidate]
    refusals: list[Refusal]


def admit(proposals: Sequence[Proposal], seen: Mapping[Pid, None], library: Links) -> Admitted:
    """Return the proposals that parse, keep the rules of scripts, have pins that resolve and were not judged before."""
    admitted = Admitted([], [])
    now: set[Pid] = set()
    for proposal in proposals:
        if proposal.problem:
            admitted.refusals.append(Refusal(proposal, "requests", proposal.problem))
            continue
        try:
            tree = check_source(proposal.source, "script")
            program = link(proposal.source, dict(proposal.pins), library, tree)
        except GateError as error:
            admitted.refusals.append(Refusal(proposal, error.gate, str(error)))
            continue
        if program.pid in seen or program.pid in now:
            twin = program.pid if program.pid in now else ""
            reason = "the same program was judged before"
            admitted.refusals.append(Refusal(proposal, "duplicate", reason, program.pid, program, twin))
            continue
        now.add(program.pid)
        admitted.candidates.append(Candidate(proposal, program))
    return admitted


@dataclass(frozen=True)
class Probes:
    """What a champion met, to compare decisions on. Made after a promotion; read by `novel`."""

    seat: int
    sequences: tuple[tuple[Probe, ...], ...]


def novel(
    admitted: Admitted,
    champion: Program | None,
    probes: Probes | None,
    arena: ArenaRef,
    evaluators: CachedEvaluators,
    rng: random.Random,
) -> Admitted:
    """Return what decides differently from the champion and from every earlier candidate of this generation."""
    if champion is None or probes is None or not admitted.candidates:
        return admitted
    programs = [champion, *(candidate.program for candidate in admitted.candidates)]
    prints = evaluators.fingerprints([ProbeJob(arena, program, probes.seat, probes.sequences) for program in programs])
    known = {prints[0]: champion.pid}
    result = Admitted([], list(admitted.refusals))
    for candidate, fingerprint in zip(admitted.candidates, prints[1:], strict=True):
        twin = known.get(fingerprint) if fingerprint else None
        if twin is None or candidate.proposal.operator in SCALAR_OPERATORS:
            known.setdefault(fingerprint, candidate.program.pid)
            result.candidates.append(candidate)
        elif rng.random() < CHECKED_SHARE:
            result.candidates.append(Candidate(candidate.proposal, candidate.program, doubted=True))
        else:
            who = "the champion" if twin == champion.pid else twin
            reason = f"decides as {who} does on {sum(len(s) for s in probes.sequences)} recorded observations"
            refusal = Refusal(candidate.proposal, "fingerprint", reason, candidate.program.pid, candidate.program, twin)
            result.refusals.append(refusal)
    return result


def smoke(candidates: Sequence[Candidate], episodes: Sequence[EpisodeResult], focal: Sequence[int]) -> Admitted:
    """Return the candidates that got through one episode without a forfeit of their own.

    Args:
        candidates: what passed every gate before.
        episodes: one episode of each, the first of the race.
        focal: seats of the candidate in it.
    """
    result = Admitted([], [])
    for candidate, episode in zip(candidates, episodes, strict=True):
        forfeit = next((one for one in episode.forfeits if one.seat in focal), None)
        if forfeit is None:
            result.candidates.append(candidate)
            continue
        reason = f"forfeits in its first episode, step {forfeit.step}: {forfeit.reason} {forfeit.detail}".rstrip()
        refusal = Refusal(candidate.proposal, "smoke", reason, candidate.program.pid, candidate.program)
        result.refusals.append(refusal)
    return result
