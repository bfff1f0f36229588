"""Functions that scripts had written for them: judged by the library before their scripts play, released with their generation.

A kill must leave the generation before, so the library is asked twice: before the race for verdicts, in a unit of work that is
undone, and in the generation's own, in the same order, where only what a candidate calls is released. In between the run links from
its shelf (`mascript.linking.Shelf`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from library.records import Terms, Verdict
from mascript.evolve.compete import Turn
from mascript.evolve.run import Run
from mascript.evolve.state import RunState
from mascript.records import Fid, LinkedFunction
from mascript.writers.base import Helper, Proposal


@dataclass(frozen=True)
class Requested:
    """A function that was written for a script, and what the library says to it. Made by `judged`; read by `release`."""

    agent: str
    """Whose script asked for it first."""
    helper: Helper
    verdict: Verdict


class _Undo(Exception):
    """Ends a unit of work that is to leave nothing."""


def judged(run: Run, state: RunState, proposals: Mapping[str, Sequence[Proposal]]) -> list[Requested]:
    """Have the library judge what scripts had written for them, put on the run's shelf what it takes; writes nothing."""
    wanted: dict[Fid, tuple[str, Helper]] = {}
    for agent in state.agents:
        for proposal in proposals.get(agent.name, ()):
            for helper in proposal.helpers:
                wanted.setdefault(helper.fid, (agent.name, helper))
    found: list[Requested] = []
    if wanted:
        try:
            with run.workspace.transaction():
                found += [Requested(agent, helper, _add(run, state, agent, helper)) for agent, helper in wanted.values()]
                raise _Undo
        except _Undo:
            pass
    taken = [one.helper for one in found if _taken(one)]
    run.shelf.lend(LinkedFunction(one.fid, one.name, one.source, one.pins) for one in taken)
    return found


def without_refused(proposals: Sequence[Proposal], found: Sequence[Requested]) -> list[Proposal]:
    """Return the proposals, those that call a function which the library refused with the reason."""
    refused = {one.helper.fid: one for one in found if not _taken(one)}

    def told(proposal: Proposal) -> Proposal:
        one = next((refused[helper.fid] for helper in proposal.helpers if helper.fid in refused), None)
        return proposal if one is None else replace(proposal, problem=f"shared function {one.helper.name}: {_why(one.verdict)}")

    return [told(proposal) for proposal in proposals]


def release(run: Run, state: RunState, found: Sequence[Requested], turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Release what candidates call and record what was refused; inside a unit of work. Return what the journal is to say."""
    called = {function.fid for turn in turns for one in turn.candidates for function in one.program.functions}
    told = []
    for one in found:
        if _taken(one) and one.helper.fid not in called:
            continue
        verdict = _add(run, state, one.agent, one.helper)
        body = {"generation": state.generation, "agent": one.agent, "name": one.helper.name, "fid": one.helper.fid}
        pin = None if verdict.release is None else verdict.release.pin
        told.append(body | {"verdict": verdict.kind, "gate": verdict.gate, "reason": verdict.reason, "pin": pin})
    return told


def _taken(one: Requested) -> bool:
    release = one.verdict.release
    return one.verdict.accepted and release is not None and release.fid == one.helper.fid


def _why(verdict: Verdict) -> str:
    return f"{verdict.gate}: {verdict.reason}" if verdict.gate else verdict.reason or "another function stands for it"


def _add(run: Run, state: RunState, agent: str, helper: Helper) -> Verdict:
    return run.library.add(
        helper.source,
        author=agent,
        runner=run.runner,
        battery=run.battery,
        run=run.id,
        generation=state.generation,
        imports=dict(helper.pins),
        terms=Terms(run.config.library.quota, run.config.library.complexity),
    )
