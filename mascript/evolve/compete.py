"""An agent's turn: gates, race, trial against the champion, strict re-scoring, promotion.

Everything here is a pure function of the run's seed, its state and the proposals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from mascript.evolve.evaluation import Faults
from mascript.evolve.gate_check import Check, check_refusals
from mascript.evolve.gates import Admitted, Candidate, Probes, Refusal, admit, novel, smoke
from mascript.evolve.goals import Gauged
from mascript.evolve.race import Scores, Stage, Standing, accepts, halved, paired, race, screened, standing
from mascript.evolve.rescore import Chosen, Rescored, draw, elite, rescore
from mascript.evolve.run import Run
from mascript.evolve.settings import Setting
from mascript.evolve.state import AgentState, RunState
from mascript.evolve.stopwatch import Stopwatch
from mascript.records import Fid, MatchJob, Pid, Program
from mascript.seeds import Pool
from mascript.writers.base import Parent, Proposal

ARCHIVE = 6
"""Good scripts kept beside the champion, for crossover."""
HALL_OF_FAME = 12
"""Former champions kept per agent."""
PROBE_EPISODES = 2
PROBE_STEPS = 24


@dataclass
class Turn:
    """What came of one agent's proposals. Made by `compete`; read by the journal, contribution and progress."""

    agent: str
    generation: int
    candidates: list[Candidate]
    refusals: list[Refusal]
    standings: list[Standing]
    promoted: Parent | None = None
    gain: float = 0.0
    """Mean paired difference to the former champion on fresh validation seeds."""
    gain_error: float = 0.0
    n: int = 0
    executed: tuple[tuple[Fid, int], ...] = ()
    """Shared functions that the new champion executed in its usage episodes, with calls."""
    episodes: int = 0
    best: float | None = None
    median: float | None = None
    borrowed: tuple[str, ...] = field(default=())
    rescored: Rescored = field(default_factory=Rescored)
    faults: Mapping[Pid, Faults] = field(default_factory=dict)
    """Why candidates lost episodes."""
    checks: tuple[Check, ...] = ()
    """Refused proposals that were evaluated all the same, beside the search."""
    check_episodes: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall time of each part of the turn: telemetry, no decision reads it."""
    race_episodes: int = 0
    gauged: Gauged | None = None
    """The score of the best candidate on the seeds of its trial taken apart, where more than its return is weighed."""


@dataclass(frozen=True)
class Trial:
    """The best candidate beside the champion on fresh seeds. Made by `_try`; read by `_settle`."""

    best: Candidate
    won: Standing
    former: Standing | None
    """The champion's on the same seeds; None where there is none."""
    better: bool
    first: Setting
    """The first of its settings."""
    chosen: list[Chosen]
    """Episodes of it to be played again in strict mode, if it is to be champion."""


def compete(run: Run, state: RunState, agent: AgentState, proposals: Sequence[Proposal]) -> Turn:
    """Judge an agent's proposals and promote the best if it beats the champion; changes `state`."""
    before, clock = run.evaluation.played, Stopwatch()
    champion = run.link(agent.champion.proposal) if agent.champion else None
    admitted = admit(proposals, state.seen, run.shelf)
    clock.lap("read")
    admitted = _novel(run, state, agent, champion, admitted)
    clock.lap("fingerprint")
    state.scripts_written += len(admitted.candidates)
    state.seen.update((candidate.program.pid, None) for candidate in admitted.candidates)
    stages = _stages(run, len(admitted.candidates))
    settings = run.settings(Pool.TRAIN, state, agent, run.config.evaluation.episodes, "race", state.generation)
    # Of the episodes that every candidate plays, the smoke episode included.
    drawn = draw(run, agent.name, state.generation, [one.program for one in admitted.candidates], settings[: stages[0].episodes])
    begun = run.evaluation.played
    tried = _smoke(run, admitted.candidates, settings[0])
    clock.lap("smoke")
    standings = _race(run, agent.name, tried.candidates, stages, settings)
    clock.lap("race")
    turn = Turn(agent.name, state.generation, tried.candidates, [*admitted.refusals, *tried.refusals], standings)
    turn.race_episodes = run.evaluation.played - begun
    # Before a promotion changes who the league's former champions are: the refused would have met these.
    fresh = run.settings(Pool.VALIDATION, state, agent, run.config.evaluation.accept_episodes, "promote", state.generation)
    trial = _try(run, state, agent, champion, turn, fresh)
    clock.lap("trial")
    turn.rescored = rescore(run, drawn + (trial.chosen if trial is not None and trial.better else []))
    clock.lap("strict")
    if trial is not None:
        _settle(run, state, agent, turn, trial)
    _strike(run, state, turn)
    clock.lap("promotion")
    turn.checks, turn.check_episodes = check_refusals(
        run, (agent.name, state.generation), turn.refusals, turn.candidates, champion, fresh
    )
    clock.lap("check")
    _summarise(turn)
    turn.faults = {one.program.pid: fault for one in turn.candidates if (fault := run.evaluation.faults.get(one.program.pid))}
    turn.episodes = run.evaluation.played - before
    turn.seconds = clock.laps
    return turn


def _novel(run: Run, state: RunState, agent: AgentState, champion: Program | None, admitted: Admitted) -> Admitted:
    if champion is None or not run.config.evaluation.fingerprint:
        return admitted
    probes = _probes(run, state, agent, champion)
    rng = run.rng("fingerprint", agent.name, state.generation)
    return novel(admitted, champion, probes, run.arena, run.evaluators, rng)


def _probes(run: Run, state: RunState, agent: AgentState, champion: Program) -> Probes:
    """Play the champion for what it meets."""
    settings = run.settings(Pool.TRAIN, state, agent, PROBE_EPISODES, "probes", state.generation)
    seat = settings[0].focal[0]
    same_seat = [setting for setting in settings if setting.focal[0] == seat]
    jobs = [MatchJob(run.arena, setting.lineup(champion), (setting.seed,), trace=seat) for setting in same_seat]
    run.evaluation.played += len(jobs)
    results = run.evaluators.play(jobs)
    return Probes(seat, tuple(trace[:PROBE_STEPS] for result in results for trace in result.traces))


def _smoke(run: Run, candidates: Sequence[Candidate], setting: Setting) -> Admitted:
    """Play the race's first episode; the race does not play it again."""
    if not run.config.evaluation.smoke or not candidates:
        return Admitted(list(candidates), [])
    rows = run.evaluation.episodes(Pool.TRAIN, [candidate.program for candidate in candidates], [setting])
    return smoke(candidates, [row[0] for row in rows], setting.focal)


def _race(
    run: Run, agent: str, candidates: Sequence[Candidate], stages: Sequence[Stage], settings: Sequence[Setting]
) -> list[Standing]:
    def play(chosen: Sequence[int], start: int, end: int) -> list[Scores]:
        programs = [candidates[index].program for index in chosen]
        return run.evaluation.scores(Pool.TRAIN, programs, settings[start:end], run.aim(agent))

    return race(len(candidates), stages, play)


def _stages(run: Run, count: int) -> list[Stage]:
    evaluation = run.config.evaluation
    if evaluation.race == "halving":
        return halved(count, evaluation.episodes)
    return screened(count, evaluation.screen, evaluation.keep, evaluation.episodes)


def _try(
    run: Run, state: RunState, agent: AgentState, champion: Program | None, turn: Turn, settings: Sequence[Setting]
) -> Trial | None:
    """Play the best candidate and the champion on fresh paired seeds; None where there is no candidate with a score."""
    if not turn.standings or turn.standings[0].mean == float("-inf"):
        return None
    best = turn.candidates[turn.standings[0].candidate]
    chosen = elite(run, agent.name, state.generation, best.program, settings)
    programs = [best.program] if champion is None else [best.program, champion]
    scores = run.evaluation.scores(Pool.VALIDATION, programs, settings, run.aim(agent.name))
    won = standing(0, scores[0])
    turn.gauged = run.evaluation.gauged(Pool.VALIDATION, best.program, settings, run.aim(agent.name))
    if won.mean == float("-inf"):
        return None
    if champion is None:
        return Trial(best, won, None, True, settings[0], chosen)
    turn.gain, turn.gain_error, turn.n = paired(scores[0], scores[1])
    better = accepts(turn.gain, turn.gain_error, run.config.evaluation.accept_errors)
    return Trial(best, won, standing(0, scores[1]), better, settings[0], chosen)


def _settle(run: Run, state: RunState, agent: AgentState, turn: Turn, trial: Trial) -> None:
    """Keep the better one of challenger and champion; a challenger that strict mode plays otherwise is not kept."""
    best = trial.best
    if not trial.better or best.program.pid in turn.rescored.blamed:
        if agent.champion is not None and trial.former is not None:
            agent.champion = Parent(agent.champion.pid, agent.champion.proposal, trial.former.mean, trial.former.n)
        _archive(agent, turn)
        return
    turn.promoted = Parent(best.program.pid, best.proposal, trial.won.mean, trial.won.n)
    turn.borrowed = best.proposal.borrowed
    turn.executed = usage(run, best.program, trial.first)
    if agent.champion is not None:
        agent.past = [*agent.past, agent.champion.proposal][-HALL_OF_FAME:]
        agent.archive.insert(0, agent.champion)
    agent.champion = turn.promoted
    _archive(agent, turn)


def _strike(run: Run, state: RunState, turn: Turn) -> None:
    """Take scripts that strict mode played otherwise from wherever they are kept, and say so among the refusals.

    A co-player's champion may be one of them: its agent goes on from the best of its archive, or from nothing.
    """
    blamed = turn.rescored.blamed
    if not blamed:
        return
    for candidate in turn.candidates:
        if candidate.program.pid in blamed:
            turn.refusals.append(Refusal(candidate.proposal, "strict", blamed[candidate.program.pid], candidate.program.pid))
    for agent in state.agents:
        agent.archive = [parent for parent in agent.archive if parent.pid not in blamed]
        agent.past = [proposal for proposal in agent.past if run.link(proposal).pid not in blamed]
        if agent.champion is not None and agent.champion.pid in blamed:
            agent.champion = agent.archive.pop(0) if agent.archive else None


def _archive(agent: AgentState, turn: Turn) -> None:
    """Keep this generation's finalists, then older good scripts, as partners for crossover."""
    last = turn.standings[0].stage
    finalists = [
        Parent(turn.candidates[s.candidate].program.pid, turn.candidates[s.candidate].proposal, s.mean, s.n)
        for s in turn.standings
        if s.stage == last and s.mean != float("-inf")
    ]
    kept = {parent.pid: parent for parent in [*finalists, *agent.archive]}
    if agent.champion is not None:
        kept.pop(agent.champion.pid, None)
    agent.archive = list(kept.values())[:ARCHIVE]


def usage(run: Run, program: Program, setting: Setting) -> tuple[tuple[Fid, int], ...]:
    """Count which shared functions a program executes in one episode."""
    if not program.functions:
        return ()
    (result,) = run.evaluators.play([MatchJob(run.arena, setting.lineup(program), (setting.seed,), count_calls=True)])
    run.evaluation.played += 1
    return tuple((fid, count) for seat, fid, count in result.episodes[0].calls if seat == setting.focal[0])


def _summarise(turn: Turn) -> None:
    """Best and median of the first stage's field, finalists by their later mean."""
    means = [s.mean for s in turn.standings if s.mean != float("-inf")]
    if means:
        turn.best, turn.median = turn.standings[0].mean, median(means)
