"""An agent's turn: gates, race, promotion. Everything here is a pure function of the run's seed, its state and the proposals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from mascript.evolve.gates import Admitted, Candidate, Probes, Refusal, admit, novel
from mascript.evolve.race import Scores, Stage, Standing, paired, race, standing
from mascript.evolve.run import Run
from mascript.evolve.settings import Setting
from mascript.evolve.state import AgentState, RunState
from mascript.records import Fid, MatchJob, Program
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


def compete(run: Run, state: RunState, agent: AgentState, proposals: Sequence[Proposal]) -> Turn:
    """Judge an agent's proposals and promote the best if it beats the champion; changes `state`."""
    before = run.evaluation.played
    champion = run.link(agent.champion.proposal) if agent.champion else None
    admitted = _admit(run, state, agent, champion, proposals)
    state.scripts_written += len(admitted.candidates)
    state.seen.update((candidate.program.pid, None) for candidate in admitted.candidates)
    standings = _race(run, state, agent, admitted.candidates)
    turn = Turn(agent.name, state.generation, admitted.candidates, admitted.refusals, standings)
    _promote(run, state, agent, champion, turn)
    _summarise(turn)
    turn.episodes = run.evaluation.played - before
    return turn


def _admit(run: Run, state: RunState, agent: AgentState, champion: Program | None, proposals: Sequence[Proposal]) -> Admitted:
    admitted = admit(proposals, state.seen, run.library)
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


def _race(run: Run, state: RunState, agent: AgentState, candidates: Sequence[Candidate]) -> list[Standing]:
    stages = _stages(run, len(candidates))
    settings = run.settings(Pool.TRAIN, state, agent, stages[-1].episodes, "race", state.generation)

    def play(chosen: Sequence[int], start: int, end: int) -> list[Scores]:
        return run.evaluation.scores(Pool.TRAIN, [candidates[index].program for index in chosen], settings[start:end])

    return race(len(candidates), stages, play)


def _stages(run: Run, count: int) -> list[Stage]:
    """First everyone on few episodes, then the best few on more."""
    evaluation = run.config.evaluation
    return [Stage(count, evaluation.screen), Stage(evaluation.keep, evaluation.episodes)]


def _promote(run: Run, state: RunState, agent: AgentState, champion: Program | None, turn: Turn) -> None:
    """Try the best candidate against the champion on fresh paired seeds, and keep the better one."""
    if not turn.standings or turn.standings[0].mean == float("-inf"):
        return
    best = turn.candidates[turn.standings[0].candidate]
    settings = run.settings(Pool.VALIDATION, state, agent, run.config.evaluation.accept_episodes, "promote", state.generation)
    programs = [best.program] if champion is None else [best.program, champion]
    scores = run.evaluation.scores(Pool.VALIDATION, programs, settings)
    won = standing(0, scores[0])
    if won.mean == float("-inf"):
        return
    if champion is not None:
        turn.gain, turn.gain_error, turn.n = paired(scores[0], scores[1])
        if turn.gain <= run.config.evaluation.accept_errors * turn.gain_error or turn.gain <= 0:
            if agent.champion is not None:
                old = standing(0, scores[1])
                agent.champion = Parent(agent.champion.pid, agent.champion.proposal, old.mean, old.n)
            _archive(agent, turn)
            return
    turn.promoted = Parent(best.program.pid, best.proposal, won.mean, won.n)
    turn.borrowed = best.proposal.borrowed
    turn.executed = usage(run, best.program, settings[0])
    if agent.champion is not None:
        agent.past = [*agent.past, agent.champion.proposal][-HALL_OF_FAME:]
        agent.archive.insert(0, agent.champion)
    agent.champion = turn.promoted
    _archive(agent, turn)


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
