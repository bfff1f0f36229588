"""What a generation leaves behind: chained decisions in the journal, rows for the graph and the curves."""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from library.records import Verdict
from mascript.evolve.compete import Turn
from mascript.evolve.contribute import Offer
from mascript.evolve.mismatch import Mismatch
from mascript.evolve.rescore import Rescored
from mascript.evolve.run import Run
from mascript.evolve.state import AgentState, RunState
from mascript.journal import CurveRow, EffectRow, ExposureRow, PolicyRow, Reply, UsageRow
from mascript.records import Fid, Pid, Program
from mascript.sandbox import safe_parse
from mascript.scripts import with_header
from mascript.writers.base import Brief, Parent, Proposal

Verdicts = Sequence[tuple[Offer, Verdict | None]]


def record_generation(
    run: Run,
    state: RunState,
    generation: int,
    briefs: Mapping[str, Brief],
    turns: Sequence[Turn],
    verdicts: Verdicts,
    requested: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Write one generation; inside a unit of work."""
    for reply in run.desk.in_order():
        run.journal.append(run.id, "reply", _reply_body(reply))
    for remark in run.desk.remarked():
        run.journal.append(run.id, "remark", remark)
    for body in requested:
        run.journal.append(run.id, "requested", body)
    for turn in turns:
        run.journal.append(run.id, "turn", _turn_body(run, generation, turn))
        _record_rescored(run, generation, turn.agent, turn.rescored)
        _record_turn(run, state, generation, briefs[turn.agent], turn)
    for offer, verdict in verdicts:
        run.journal.append(run.id, "offer", _offer_body(generation, offer, verdict))
        _record_rescored(run, generation, offer.agent, offer.rescored)
        if verdict is not None and verdict.accepted:
            _record_shared(run, state, generation, offer)
    body = {"generation": generation, "episodes": state.episodes, "scripts_written": state.scripts_written}
    run.journal.append(run.id, "generation", body)


def pinned(run: Run, proposal: Proposal) -> str:
    """Return a script's source under its header of pins."""
    pins = {}
    for name, fid in proposal.pins:
        release = run.library.by_fid(fid)
        pins[name] = f"{release.version}#{fid}" if release is not None else f"#{fid}"
    return with_header(proposal.source, run.spec.id, pins)


def finite(value: float) -> float | None:
    """Return a score as the journal stores it: None where there is none."""
    return value if math.isfinite(value) else None


def _reply_body(reply: Reply) -> dict[str, Any]:
    """A recorded input: what was asked stands as its hash, since the prompt follows from the rest of the journal."""
    body = asdict(reply)
    place = body.pop("place")
    return {name: value for name, value in (place | body).items() if name not in ("run", "key")}


def _turn_body(run: Run, generation: int, turn: Turn) -> dict[str, Any]:
    standings = {standing.candidate: standing for standing in turn.standings}
    return {
        "generation": generation,
        "agent": turn.agent,
        "candidates": [
            {
                "pid": candidate.program.pid,
                "operator": candidate.proposal.operator,
                "parents": list(candidate.proposal.parents),
                "borrowed": list(candidate.proposal.borrowed),
                "doubted": candidate.doubted,
                "score": finite(standings[index].mean) if index in standings else None,
                "n": standings[index].n if index in standings else 0,
                **_faults(turn, candidate.program.pid),
            }
            for index, candidate in enumerate(turn.candidates)
        ],
        "refused": [
            {"operator": refusal.proposal.operator, "gate": refusal.gate, "reason": refusal.reason, "pid": refusal.pid}
            for refusal in turn.refusals
        ],
        "promoted": None if turn.promoted is None else turn.promoted.pid,
        "gain": finite(turn.gain),
        "gain_error": finite(turn.gain_error),
        "n": turn.n,
        "executed": [list(pair) for pair in turn.executed],
        "episodes": turn.episodes,
        "checks": [asdict(check) | {"gain": finite(check.gain), "error": finite(check.error)} for check in turn.checks],
        "check_episodes": turn.check_episodes,
        **_weighed(turn),
    }


def _weighed(turn: Turn) -> dict[str, Any]:
    """The best candidate's score taken apart; nothing where it is its return."""
    if turn.gauged is None:
        return {}
    metrics = {name: value for name, _, value in turn.gauged.metrics}
    return {"weighed": {"return": turn.gauged.earned, "metrics": metrics, "n": turn.gauged.n}}


def _record_rescored(run: Run, generation: int, agent: str, rescored: Rescored) -> None:
    """Write how much was played again in strict mode, and what came out otherwise, each cause with its first episode."""
    if not rescored.episodes:
        return
    counts = {"elites": rescored.elites, "sampled": rescored.sampled, "episodes": rescored.episodes}
    where = {"generation": generation, "agent": agent}
    run.journal.append(run.id, "rescore", where | counts | {"mismatches": len(rescored.mismatches)})
    by_cause: dict[tuple[str, tuple[Pid, ...]], list[Mismatch]] = {}
    for mismatch in rescored.mismatches:
        by_cause.setdefault((mismatch.verdict, mismatch.blamed), []).append(mismatch)
    for (_, blamed), found in by_cause.items():
        body = {"blamed": list(blamed), "episodes": len(found), "reason": found[0].reason, "first": found[0].to_json()}
        run.journal.append(run.id, "mismatch", where | body)
    spent = {"episodes": rescored.episodes, "seconds": rescored.seconds, "isolation": run.isolation}
    run.journal.telemetry(run.id, "rescore", where | spent)


def _faults(turn: Turn, pid: Pid) -> dict[str, Any]:
    """Why a candidate lost episodes; nothing for one that lost none."""
    faults = turn.faults.get(pid)
    return {} if faults is None else {"forfeits": dict(sorted(faults.reasons.items())), "why": faults.first}


def _record_turn(run: Run, state: RunState, generation: int, brief: Brief, turn: Turn) -> None:
    standings = {standing.candidate: standing for standing in turn.standings}
    promoted = None if turn.promoted is None else turn.promoted.pid
    adopted: set[Fid] = set()
    for index, candidate in enumerate(turn.candidates):
        standing = standings.get(index)
        adopted.update(fid for _, fid in candidate.proposal.pins)
        run.rows.record_policy(
            _policy_row(
                run,
                turn.agent,
                generation,
                candidate.program.pid,
                candidate.proposal,
                standing.mean if standing else None,
                standing.n if standing else 0,
                "champion" if candidate.program.pid == promoted else "judged",
            )
        )
        if candidate.program.pid == promoted:
            run.rows.record_usage(_usage_rows(run, candidate.program, dict(turn.executed)))
    run.rows.record_exposures(
        ExposureRow(run.id, turn.agent, generation, entry.fid, rank, True, entry.fid in adopted)
        for rank, entry in enumerate(brief.library)
        if entry.author != "starter"
    )
    champion = state.agent(turn.agent).champion
    run.rows.record_curve(
        CurveRow(
            run.id, turn.agent, generation, turn.best, turn.median, None if champion is None else champion.score, state.episodes
        )
    )


def _policy_row(
    run: Run, agent: str, generation: int, pid: str, proposal: Proposal, score: float | None, n: int, status: str
) -> PolicyRow:
    return PolicyRow(
        run=run.id,
        agent=agent,
        generation=generation,
        pid=pid,
        source=pinned(run, proposal),
        operator=proposal.operator,
        status=status,
        genome=proposal.genome,
        parents=proposal.parents,
        score=None if score is None else finite(score),
        n=n,
    )


def _usage_rows(run: Run, program: Program, executed: Mapping[str, int]) -> list[UsageRow]:
    imported = {fid: name for name, fid in program.imports}
    calls = called_names(program.source)
    return [
        UsageRow(
            run=run.id,
            pid=program.pid,
            fid=function.fid,
            name=imported.get(function.fid, function.name),
            imported=function.fid in imported,
            calls_static=calls[imported[function.fid]] if function.fid in imported else 0,
            calls_executed=executed.get(function.fid, 0),
        )
        for function in program.functions
    ]


def called_names(source: str) -> Counter[str]:
    """Count the calls that a script's text makes, by the name that is called."""
    calls = (node.func for node in ast.walk(safe_parse(source)) if isinstance(node, ast.Call))
    return Counter(called.id for called in calls if isinstance(called, ast.Name))


def _offer_body(generation: int, offer: Offer, verdict: Verdict | None) -> dict[str, Any]:
    release = None if verdict is None else verdict.release
    return {
        "generation": generation,
        "agent": offer.agent,
        "name": offer.contribution.name,
        "fid": offer.fid,
        "gain": finite(offer.gain),
        "error": finite(offer.error),
        "n": offer.n,
        "withheld": offer.withheld,
        "verdict": None if verdict is None else verdict.kind,
        "gate": "" if verdict is None else verdict.gate,
        "reason": "" if verdict is None else verdict.reason,
        "pin": None if release is None else release.pin,
    }


def _record_shared(run: Run, state: RunState, generation: int, offer: Offer) -> None:
    agent: AgentState = state.agent(offer.agent)
    champion: Parent | None = agent.champion
    if champion is None:
        return
    run.rows.record_policy(
        _policy_row(run, agent.name, generation, champion.pid, champion.proposal, champion.score, champion.n, "champion")
    )
    run.rows.record_usage(_usage_rows(run, offer.program, dict(offer.executed)))
    random_score = run.spec.references[0].score if run.spec.references else None
    scale = abs(champion.score - random_score) if random_score is not None else abs(champion.score)
    body = {
        "pool": "credit",
        "gain": offer.gain,
        "error": offer.error,
        "n": offer.n,
        "share": offer.gain / scale if scale > 0 else 0.0,
    }
    run.rows.record_effect(EffectRow(run.id, f"search-{offer.fid[7:23]}", agent.name, champion.pid, offer.fid, body))
