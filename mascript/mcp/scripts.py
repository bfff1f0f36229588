"""A submitted script: the gates of every script, then episodes in the sandbox on seeds of the training pool.

The seeds follow from the arena and the program. So the same program has the same score whoever hands it in, and a changed one meets
seeds that it was not fitted to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Any

import arenas
from arenas.extras import demand
from arenas.spec import ArenaSpec
from mascript.errors import GateError, MatchError, NotFound, SandboxError, ScriptError
from mascript.evolve.settings import Setting
from mascript.journal import Journal, Outside, Workspace
from mascript.mcp.clients import Refused
from mascript.mcp.house import House
from mascript.mcp.judged import EpisodeView, ScriptVerdict
from mascript.mcp.referee import CutShort, Referee, TimeIsUp
from mascript.mcp.telling import known_arena
from mascript.mcp.traces import told
from mascript.records import ArenaRef, MatchJob, MatchResult, Program
from mascript.scoring import SELF, settings_for, summarise
from mascript.seeds import Pool, episode_seeds
from mascript.shelf import POPULATION, REFERENCE, Script, Shelf, champion_source, header_lines

POOL = Pool.TRAIN
SHOWN = 2
"""Episodes that are told, the worst first."""


@dataclass(frozen=True)
class Case:
    """A submission that is to be judged. Made by `submit_script`; read by the functions here."""

    spec: ArenaSpec
    source: str
    opponent: str
    episodes: int


@dataclass(frozen=True)
class Judgement:
    """What was found. Made by `judge`; written into the chain and told to the client."""

    outcome: str
    gate: str = ""
    reason: str = ""
    line: int = 0
    policy: str = ""
    mean: float | None = None
    half_width: float | None = None
    n: int = 0
    episodes: int = 0
    mean_return: float | None = None
    won: int | None = None
    lost: int | None = None
    forfeits: int = 0
    unscored: int = 0
    isolation: str = ""
    seeds: tuple[int, ...] = ()
    worst: tuple[EpisodeView, ...] = field(default=())


def submit_script(house: House, client: str, arena: str, source: str, opponent: str, episodes: int) -> ScriptVerdict:
    """Judge a script for an arena and record it.

    Raises:
        Refused: no such arena or opponent, too many episodes, or the client's allowance is used up.
        ArenaError: the arena's package is not installed.
    """
    spec = arenas.get(known_arena(arena))
    demand(spec.id, spec.requires)
    if episodes > house.allowance.episodes:
        raise Refused(f"expected at most {house.allowance.episodes} episodes, got {episodes}")
    against = opponent or (SELF if spec.kind in ("cooperative", "single") else f"{REFERENCE}random")
    case = Case(spec, source, against, episodes)
    with house.reading() as workspace:
        _opponent(workspace, house.path, case)  # one that is not there costs the client nothing
    with house.judging():
        details = {"arena": spec.id, "opponent": against, "episodes": episodes, "pool": POOL.name.lower()}
        number = house.take(client, "script", source, details)
        with house.reading() as workspace:
            found = judge(workspace, house.path, house.referee, case, house.allowance.seconds)
        with house.writing() as workspace, workspace.transaction():
            Outside(workspace).judge(number, _recorded(found))
    return verdict(house, client, number, details, _recorded(found), found.worst)


def judge(workspace: Workspace, path: Path, referee: Referee, case: Case, seconds: float) -> Judgement:
    """Send a script through the gates and let it play."""
    try:
        program = _program(workspace, path, case.spec, Script("submission", case.source))
    except ScriptError as error:
        cause = error.__cause__
        if not isinstance(cause, GateError):
            return Judgement("refused", "parse", str(error))
        line = cause.line + header_lines(case.source) if cause.line else 0
        return Judgement("refused", cause.gate, cause.reason, line)
    other = _opponent(workspace, path, case)
    try:
        referee.ready()
        found = _played(referee, case, program, other, monotonic() + seconds)
        return replace(found, isolation=referee.isolation)
    except TimeIsUp:
        reason = f"{case.episodes} episodes took longer than {seconds:g} s; ask for fewer, or decide faster"
        return Judgement("unscored", reason=reason, policy=program.pid)
    except (CutShort, MatchError, SandboxError) as error:
        return Judgement("failed", reason=str(error), policy=program.pid)


def verdict(
    house: House,
    client: str,
    number: int,
    details: Mapping[str, Any],
    recorded: Mapping[str, Any],
    worst: Sequence[EpisodeView] = (),
) -> ScriptVerdict:
    """Return what a client is told: what the chain holds, and the worst episodes while they are known."""
    told_too = {name: value for name, value in recorded.items() if name != "seeds"}
    return ScriptVerdict(
        submission=number,
        opponent=str(details["opponent"]),
        pool=str(details["pool"]),
        worst=tuple(worst),
        left=house.left(client),
        **told_too,
    )


def _recorded(found: Judgement) -> dict[str, Any]:
    return {name: value for name, value in asdict(found).items() if name != "worst"}


def _program(workspace: Workspace, path: Path, spec: ArenaSpec, script: Script) -> Program:
    with ExitStack() as closing:
        return Shelf(spec, workspace, path, closing).program(script)


def _opponent(workspace: Workspace, path: Path, case: Case) -> Program | None:
    """Return the program in the other seats; None where the script holds them all.

    Raises:
        Refused: nobody of this name plays here. A file is never looked for.
    """
    text, spec = case.opponent, case.spec
    if text == SELF:
        return None
    run, colon, agent = text.rpartition(":")
    try:
        if text.startswith((REFERENCE, POPULATION)):
            with ExitStack() as closing:
                script = Shelf(spec, workspace, path, closing).find(text)
        elif colon:
            script = Script(text, _champion(workspace, spec, run, agent))
        else:
            raise Refused(f"opponent: expected `{SELF}`, {REFERENCE}NAME, {POPULATION}NAME/SCRIPT or RUN:AGENT, got {text!r}")
        return _program(workspace, path, spec, script)
    except (NotFound, ScriptError) as error:
        raise Refused(f"opponent {text!r} cannot play: {error}") from error


def _champion(workspace: Workspace, spec: ArenaSpec, run: str, agent: str) -> str:
    arena = json.loads(Journal(workspace).run(run).config_json)["experiment"]["arena"]
    if arena != spec.id:
        raise NotFound(f"run {run} is of {arena}; expected one of {spec.id}")
    return champion_source(workspace, run, agent)


def _played(referee: Referee, case: Case, program: Program, other: Program | None, until: float) -> Judgement:
    """Play one episode first; a script that forfeits it plays no other."""
    settings = _settings(case, program, other)
    arena = ArenaRef(case.spec.id, case.spec.arguments)
    jobs = [MatchJob(arena, one.lineup(program), (one.seed,), trace=one.focal[0], watched=(one.seed,)) for one in settings]
    results = referee.play(jobs[:1], until)
    first = results[0].episodes[0]
    mine = [one for one in first.forfeits if one.seat in settings[0].focal]
    found = _scored(case, program, settings[:1], results)
    if mine:
        reason = f"forfeits in its first episode, step {mine[0].step}: {mine[0].reason} {mine[0].detail}".rstrip()
        return replace(found, outcome="refused", gate="smoke", reason=reason)
    results += referee.play(jobs[1:], until) if jobs[1:] else []
    return _scored(case, program, settings, results)


def _settings(case: Case, program: Program, other: Program | None) -> list[Setting]:
    """As many episodes as are asked for, rounded up so that every seat is held as often."""
    seats = len(case.spec.seats)
    count = case.episodes if other is None else -(-case.episodes // seats)
    return settings_for(seats, other, episode_seeds(POOL, 0, count, "outside", case.spec.id, program.pid))


def _scored(case: Case, program: Program, settings: Sequence[Setting], results: Sequence[MatchResult]) -> Judgement:
    contest = case.opponent != SELF
    row = summarise(case.spec, "submission", case.opponent, settings, [result.episodes[0] for result in results])
    return Judgement(
        outcome="unscored" if row.mean is None else "scored",
        reason="a limit of this machine (time or memory) ended every episode" if row.mean is None else "",
        policy=program.pid,
        mean=row.mean,
        half_width=row.half_width,
        n=row.n,
        episodes=row.episodes,
        mean_return=row.mean_return,
        won=row.won if contest else None,
        lost=row.lost if contest else None,
        forfeits=row.forfeits,
        unscored=row.unscored,
        seeds=tuple(one.seed for one in settings),
        worst=tuple(told(case.spec, settings, results)[:SHOWN]),
    )
