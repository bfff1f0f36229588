"""What stands before evaluation, in order: parse, rules of scripts, pins, duplicate, behavioural fingerprint.

A gate says why. The fingerprint compares a candidate's decisions on observations that the current champion met: one that decides as
the champion or as an earlier candidate did is not evaluated again. The scalar operator is exempt, since a small step of a constant
shows only in long play, and a random share of the rejected is evaluated all the same, so that false rejections can be counted.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from library import Library
from mascript.errors import GateError
from mascript.linking import link
from mascript.match.pool import Evaluators
from mascript.records import ArenaRef, Pid, Probe, ProbeJob, Program
from mascript.sandbox import check_source
from mascript.writers.base import Proposal

SCALAR_OPERATORS = frozenset({"constants"})
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
    reason: str
    pid: Pid = ""


@dataclass(frozen=True)
class Admitted:
    """Made by `admit`; read by the loop."""

    candidates: list[Candidate]
    refusals: list[Refusal]


def admit(proposals: Sequence[Proposal], seen: Mapping[Pid, None], library: Library) -> Admitted:
    """Return the proposals that parse, keep the rules of scripts, have pins that resolve and were not judged before."""
    admitted = Admitted([], [])
    now: set[Pid] = set()
    for proposal in proposals:
        try:
            check_source(proposal.source, "script")
            program = link(proposal.source, dict(proposal.pins), library)
        except GateError as error:
            admitted.refusals.append(Refusal(proposal, error.gate, str(error)))
            continue
        if program.pid in seen or program.pid in now:
            admitted.refusals.append(Refusal(proposal, "duplicate", "the same program was judged before", program.pid))
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
    evaluators: Evaluators,
    rng: random.Random,
) -> Admitted:
    """Return what decides differently from the champion and from every earlier candidate of this generation."""
    if champion is None or probes is None or not admitted.candidates:
        return admitted
    programs = [champion, *(candidate.program for candidate in admitted.candidates)]
    prints = evaluators.fingerprints([ProbeJob(arena, program, probes.seat, probes.sequences) for program in programs])
    known = {prints[0]: "the champion"}
    result = Admitted([], list(admitted.refusals))
    for candidate, fingerprint in zip(admitted.candidates, prints[1:], strict=True):
        twin = known.get(fingerprint) if fingerprint else None
        if twin is None or candidate.proposal.operator in SCALAR_OPERATORS:
            known.setdefault(fingerprint, candidate.program.pid)
            result.candidates.append(candidate)
        elif rng.random() < CHECKED_SHARE:
            result.candidates.append(Candidate(candidate.proposal, candidate.program, doubted=True))
        else:
            reason = f"decides as {twin} does on {sum(len(s) for s in probes.sequences)} recorded observations"
            result.refusals.append(Refusal(candidate.proposal, "fingerprint", reason, candidate.program.pid))
    return result
