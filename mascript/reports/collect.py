"""From a workspace's tables to the rows that the lineage graph is built from, and to who borrowed what from whom."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from library import Library
from library.records import Release
from mascript.journal import Journal, PolicyRow, Rows, UsageRow, Workspace
from mascript.lineage.dissected import DISSECTION, Dissected, dissected_from_json
from mascript.lineage.rows import LineageRows, uncollected
from mascript.records import Fid, Pid

STARTER = "starter"
REPORTED = "audit"
"""Pool of the effects that may be reported; those on search-credit seeds steer the search and stay inside."""


@dataclass(frozen=True)
class Borrowing:
    """One helper in the champions of one agent. Made by `borrowings`; read by `lineage show`."""

    borrower: str
    helper: str
    """Pin."""
    fid: Fid
    contributor: str
    """Agent, or `starter`."""
    contributor_run: str
    foreign: bool
    """Somebody else's: another agent's, or one of another run; the starter set is nobody's."""
    generation: int
    """First champion that imports it."""
    champions: int
    """How many champions import it."""
    calls_executed: int
    """Calls counted in their usage episodes."""
    held: bool
    """The agent's last champion imports it."""


@uncollected()
def collect(workspace: Workspace, run: str, *, exposures: bool = True) -> LineageRows:
    """Return the rows of one run and of the functions that it can reach.

    Args:
        workspace: open.
        run: which run.
        exposures: also what writers were shown; among thousands of functions, which nobody took up, that is most of the work.

    Raises:
        NotFound: there is no such run.
        WorkspaceError, LibraryError: the file cannot be read.
    """
    journal, rows, library = Journal(workspace), Rows(workspace), Library(workspace.db, migrate=False)
    config = json.loads(journal.run(run).config_json)
    policies, usage = rows.policies(run, texts=False), rows.usage(run)
    shown = rows.exposures(run) if exposures else []
    releases = list(_releases(library, run, {row.fid for row in usage} | {row.fid for row in shown}))
    experiment = config["experiment"]
    asking = any(agent["writer"] != "grammar" for agent in config["agents"])
    intents = rows.intents(run) if asking else {}
    return LineageRows(
        runs=[{"id": run, "name": experiment["name"], "arena": experiment["arena"], "seed": experiment["seed"]}],
        agents=[
            {"run": run, "name": agent["name"], "writer": agent["writer"], "seat": agent["seat"]} for agent in config["agents"]
        ],
        generations=_generations(rows, run, policies),
        policies=[_policy(row, intents) for row in policies],
        functions=[
            {"fid": one.fid, "name": one.name, "author": one.author, "run": one.run or None, "generation": one.generation}
            for one in {one.fid: one for one in reversed(releases)}.values()
        ],
        releases=[
            {"name": one.name, "version": one.version, "fid": one.fid, "yanked": one.yanked, "run": one.run or None}
            for one in releases
        ],
        dependencies=_dependencies(library, releases),
        derivations=[*_derivations(library, releases), *_extracted(journal, run, policies, usage)],
        usage=[vars(row) for row in usage],
        exposures=[vars(row) for row in shown],
        effects=[_effect(body) for body in reported_effects(rows, run).values()],
    )


def reported_effects(rows: Rows, run: str) -> dict[str, Mapping[str, Any]]:
    """Return the effects of a run that were measured on audit seeds by their ids, as `effect_to_json` wrote them."""
    return {row.id: row.body["effect"] for row in rows.effects(run) if row.body.get("pool") == REPORTED}


def dissected_of(rows: Rows, run: str) -> Dissected | None:
    """Return what `credit --dissect` found of a run last; None where nobody asked, or there was nothing to take apart."""
    found = [dissected_from_json(row.body) for row in rows.kept(DISSECTION, run)]
    return found[-1] if found and found[-1] else None


def borrowings(workspace: Workspace, run: str) -> list[Borrowing]:
    """Return every helper that a champion of the run imports, by borrower, then by first use."""
    rows, library = Rows(workspace), Library(workspace.db, migrate=False)
    used: dict[Pid, list[UsageRow]] = {}
    for row in rows.usage(run):
        used.setdefault(row.pid, []).append(row)
    found: dict[tuple[str, Fid], list[tuple[PolicyRow, UsageRow]]] = {}
    last: dict[str, Pid] = {}
    for champion in rows.policies(run, status="champion"):
        last[champion.agent] = champion.pid
        for row in used.get(champion.pid, ()):
            if row.imported:
                found.setdefault((champion.agent, row.fid), []).append((champion, row))
    listed = [_borrowing(library, run, agent, uses, last[agent]) for (agent, _), uses in found.items()]
    return sorted(listed, key=lambda one: (one.borrower, one.generation, one.helper))


def contributed(library: Library, run: str) -> list[Release]:
    """Return what the agents of a run released, oldest first."""
    return sorted(library.releases_by(run), key=lambda one: (one.generation, one.author, one.name, one.major, one.minor, one.patch))


def _borrowing(library: Library, run: str, agent: str, uses: list[tuple[PolicyRow, UsageRow]], last: Pid) -> Borrowing:
    first_champion, first = uses[0]
    release = library.by_fid(first.fid)
    author, home = (release.author, release.run) if release is not None else ("", "")
    return Borrowing(
        borrower=agent,
        helper=release.pin if release is not None else f"{first.name}#{first.fid}",
        fid=first.fid,
        contributor=author,
        contributor_run=home,
        foreign=author != STARTER and (author != agent or home != run),
        generation=first_champion.generation,
        champions=len(uses),
        calls_executed=sum(row.calls_executed for _, row in uses),
        held=any(champion.pid == last for champion, _ in uses),
    )


def _releases(library: Library, run: str, fids: set[Fid]) -> Iterator[Release]:
    """Releases of the run, of what it used or was shown, and of all those depend on, in order of names and versions."""
    own = {release.fid for release in contributed(library, run)}
    known = [fid for fid in sorted(fids | own) if library.by_fid(fid) is not None]
    reached = {linked.fid for linked in library.link(known)} if known else set()
    for name in sorted({release.name for fid in reached for release in library.releases_of(fid)}):
        yield from (release for release in reversed(library.releases(name)) if release.fid in reached)


def _generations(rows: Rows, run: str, policies: list[PolicyRow]) -> list[dict[str, Any]]:
    """Episodes of each generation, all agents together: the curve counts what the run had used when an agent's turn ended."""
    judged = Counter(row.generation for row in policies)
    used: dict[int, int] = {}
    for row in rows.curve(run):
        used[row.generation] = max(used.get(row.generation, 0), row.episodes)
    found, before = [], 0
    for generation, episodes in sorted(used.items()):
        found.append({"run": run, "generation": generation, "judged": judged[generation], "episodes": episodes - before})
        before = episodes
    return found


def _policy(row: PolicyRow, intents: Mapping[Pid, str]) -> dict[str, Any]:
    names = ("pid", "run", "agent", "generation", "operator", "score", "n")
    more = {"champion": row.status == "champion", "parents": list(row.parents), "intent": intents.get(row.pid)}
    return {name: getattr(row, name) for name in names} | more


def _dependencies(library: Library, releases: list[Release]) -> list[dict[str, str]]:
    linked = library.link([release.fid for release in releases]) if releases else []
    return [{"fid": one.fid, "needs": needed} for one in linked for _, needed in one.imports]


def _derivations(library: Library, releases: list[Release]) -> list[dict[str, str]]:
    kept = {release.fid for release in releases}
    rows = {
        (step.release.fid, pin.partition("#")[2], kind): None
        for name in sorted({release.name for release in releases})
        for step in library.history(name)
        for kind, pin in step.parents
        if step.release.fid in kept
    }
    return [{"child": child, "parent": parent, "kind": kind} for child, parent, kind in rows]


def _extracted(journal: Journal, run: str, policies: list[PolicyRow], usage: list[UsageRow]) -> list[dict[str, str]]:
    """The script that each accepted helper was taken from: the parent of its author's champion that calls it since."""
    callers = {(row.pid, row.fid) for row in usage if row.imported}
    champions: dict[tuple[str, int], list[PolicyRow]] = {}
    for row in policies:
        if row.status == "champion":
            champions.setdefault((row.agent, row.generation), []).append(row)
    found = []
    for entry in journal.entries(run, kind="offer"):
        offer = entry.body
        if offer["verdict"] in (None, "rejected"):
            continue
        for row in champions.get((offer["agent"], offer["generation"]), ()):
            if (row.pid, offer["fid"]) in callers and row.parents:
                found.append({"child": offer["fid"], "parent": row.parents[0], "kind": "extracted"})
                break
    return found


def _effect(effect: Mapping[str, Any]) -> dict[str, Any]:
    estimands = ("own", "others", "welfare", "cooperative", "competitive")
    means = {name: None if effect[name] is None else effect[name]["mean"] for name in estimands}
    kept = ("fid", "policy", "borrower", "contributor", "label", "helper", "n", "flags")
    return {**{name: effect[name] for name in kept}, **means}
