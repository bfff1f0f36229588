"""From a workspace to everything that is to be said of one agent's champion: the front of this package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arenas.spec import ArenaSpec
from mascript.emergence.watch import Cast, cast_of, lineups
from mascript.errors import NotFound
from mascript.explain.counterexamples import Failures, counterexamples
from mascript.explain.coverage import Coverage, coverage
from mascript.explain.edits import Edit, edited_play
from mascript.explain.episode import Play, explain_episode
from mascript.explain.stage import Company, staged
from mascript.journal import Workspace
from mascript.records import Program
from mascript.sandbox import Limits

SEEDS = tuple(range(32))


@dataclass(frozen=True)
class Explanation:
    """Made by `explain_champion`; read by `mascript explain`."""

    spec: ArenaSpec
    program: Program
    """Lines are counted from the beginning of its source, which has no header."""
    company: Company
    """Of the episode: the seat, and the lineup."""
    seed: int
    play: Play
    coverage: Coverage
    edit: Edit | None
    failures: Failures | None


def champion_of(cast: Cast, agent: str) -> Program:
    """Return the last champion of an agent.

    Raises:
        NotFound: it has none.
    """
    known = [name for name, champions in cast.champions.items() if champions]
    if agent not in known:
        raise NotFound(f"run {cast.run} has no champion of {agent!r}; it has those of {', '.join(known)}")
    return cast.champions[agent][-1][1]


def explain_champion(
    workspace: Workspace,
    run: str,
    agent: str,
    *,
    seed: int = 0,
    seeds: Sequence[int] = SEEDS,
    edited: Program | None = None,
    searched: int = 0,
) -> Explanation:
    """Play an agent's last champion and say what made each decision.

    It plays among the run's final champions, or against references where agents take every seat.

    Args:
        workspace: open; may be read-only.
        run: which run.
        agent: whose champion.
        seed: of the episode whose decisions are explained.
        seeds: episodes of coverage, and of the edit.
        edited: another script to hold against it on the same seeds.
        searched: episodes in which to look for the kind of state in which it fails; 0 for none.

    Raises:
        NotFound: no such run or agent.
        GateError, ScriptError: the script cannot be marked.
        MatchError: the environment raised.
    """
    cast = cast_of(workspace, run)
    program = champion_of(cast, agent)
    companies = lineups(cast, agent, program)
    company = companies[0]
    with staged(Limits(fuel=cast.config.sandbox.fuel, deadline_s=cast.config.sandbox.deadline)) as stage:
        return Explanation(
            spec=cast.spec,
            program=program,
            company=company,
            seed=seed,
            play=explain_episode(cast.spec, company, seed, stage),
            coverage=coverage(cast.arena, program, companies, seeds, stage),
            edit=edited_play(cast.arena, program, edited, companies, seeds, stage) if edited is not None else None,
            failures=counterexamples(cast.spec, cast.arena, company, range(searched), stage) if searched else None,
        )
