"""What became of each contributed function over all runs of a workspace, and how scores went with the size of the library."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from html import escape

from library import Library
from library.hygiene import Origin, Standing
from library.ranking import Evidence
from library.records import Fid, Release
from mascript.config import from_json
from mascript.evolve.retrieve import measured_share
from mascript.journal import Journal, Rows, Workspace
from mascript.journal.browse import Executed, Shelf, Shown, executions, exposures_by_function, shelves
from mascript.lineage.plots import axis, tick_text, ticks


def standings(workspace: Workspace) -> list[Standing]:
    """Return the newest release of every name with its use and its measured effects; the starter set apart, by name."""
    library, rows = Library(workspace.db, migrate=False), Rows(workspace)
    releases = [release for release in library.list() if release.author != "starter"]
    precedents = {release.pin: library.precedents(release) for release in releases}
    shown = exposures_by_function(workspace)
    executed: dict[Fid, list[Executed]] = defaultdict(list)
    for one in executions(workspace):
        executed[one.fid].append(one)
    found = []
    for release in releases:
        measured = [measured_share(effect) for effect in rows.effects(fid=release.fid)]
        evidence = Evidence(tuple(one for one in measured if one is not None))
        origin, like = _origin(release, precedents[release.pin], shown, library)
        found.append(_standing(release, origin, like, evidence, executed[release.fid], shown.get(release.fid, [])))
    return found


def _standing(
    release: Release,
    origin: Origin,
    like: str,
    evidence: Evidence,
    executed: Sequence[Executed],
    shown: Sequence[Shown],
) -> Standing:
    author = (release.run, release.author)
    users = {(one.run, one.agent) for one in executed}
    others = [one for one in shown if (one.run, one.agent) != author]
    return Standing(
        release=release,
        origin=origin,
        like=like,
        evidence=evidence,
        users=len(users - {author}),
        own=author in users,
        calls=sum(one.calls for one in executed),
        shown=sum(one.shown for one in others),
        tried=sum(one.adopted for one in others),
    )


def _origin(
    release: Release, earlier: Sequence[Release], shown: Mapping[Fid, Sequence[Shown]], library: Library
) -> tuple[Origin, str]:
    """Tell inheritance from reinvention: an author that had been shown a like function did not find it alone.

    People and library learning see all that there is, so what they repeat counts as seen.
    """
    steps = [step for step in library.history(release.name) if step.release.fid == release.fid and step.release.run == release.run]
    kinds = {kind for step in steps for kind, _ in step.parents}
    for kind in ("revision", "fork"):
        if kind in kinds:
            return ("revision", "") if kind == "revision" else ("fork", "")
    if not earlier:
        return "new", ""
    author, like = (release.run, release.author), earlier[0].pin
    own = any((one.run, one.author) == author for one in earlier)
    met = [one for before in earlier for one in shown.get(before.fid, ()) if (one.run, one.agent) == author]
    seen = any(one.first <= release.generation for one in met)
    if own or seen or not release.run:
        return ("alias" if own else "seen"), like
    return "reinvented", like


def sizes(workspace: Workspace, arena: str) -> list[Shelf]:
    """Return size and score, generation by generation, of the runs in one arena that have ended."""
    runs = [row for row in Journal(workspace).runs() if row.status == "complete"]
    return shelves(workspace, [row.run for row in runs if from_json(row.config_json).experiment.arena == arena])


def size_svg(points: Sequence[Shelf], arena: str) -> str:
    """Draw score against size: a line per run, its first and last generation told; a line that bends down is bloat."""
    left, top, right, bottom = 64.0, 30.0, 560.0, 300.0
    x = axis([0.0, *(one.functions for one in points)], left, right)
    y = axis([one.score for one in points], bottom, top)
    parts = [f'<text x="{left}" y="16" font-weight="bold">{escape(arena)}: score against the size of the library</text>']
    for value in ticks(x.low, x.high, 8):
        if value >= 0:
            parts.append(f'<text x="{x.at(value):.1f}" y="{bottom + 16}" text-anchor="middle">{tick_text(value)}</text>')
    for value in ticks(y.low, y.high, 5):
        at = f"{y.at(value):.1f}"
        parts.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{at}" y2="{at}"/>')
        parts.append(f'<text x="{left - 6}" y="{y.at(value) + 4:.1f}" text-anchor="end">{tick_text(value)}</text>')
    by_run: dict[str, list[Shelf]] = defaultdict(list)
    for one in points:
        by_run[one.run].append(one)
    for run, line in by_run.items():
        path = " ".join(f"{x.at(one.functions):.1f},{y.at(one.score):.1f}" for one in line)
        parts.append(f'<polyline class="line" points="{path}"><title>{escape(run)}</title></polyline>')
        last = line[-1]
        told = f"{run}, generation {last.generation}: {last.functions:.3g} functions, {last.score:.4g}"
        ends = f'cx="{x.at(last.functions):.1f}" cy="{y.at(last.score):.1f}" r="4"'
        parts.append(f"<circle {ends}><title>{escape(told)}</title></circle>")
    parts.append(f'<text x="{(left + right) / 2}" y="{bottom + 36}" text-anchor="middle">contributed functions shown</text>')
    parts.append(
        f'<text x="{left}" y="{bottom + 56}" class="note">Both grow with the generations: compare where lines cross.</text>'
    )
    style = (
        "text{font:12px sans-serif;fill:#333}.note{fill:#666}.grid{stroke:#e4e1d8}"
        ".line{fill:none;stroke:#2f6fb3;stroke-width:1.5;opacity:.7}circle{fill:#c8661b}"
    )
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 370" width="600" role="img">'
    ground = '<rect width="600" height="370" fill="#fff"/>'
    return f"{head}<title>{escape(arena)}</title><style>{style}</style>{ground}{''.join(parts)}</svg>\n"
