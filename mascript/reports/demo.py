"""The demo as one page: what was found first, then inheritance, then the runs behind it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from mascript.demo import Demo, team_score
from mascript.evolve.engine import Summary
from mascript.intervals import reach
from mascript.journal import Journal, Workspace
from mascript.lineage.findings import effect_sentences, findings, inheritance_findings
from mascript.lineage.report import Command, Inheritance, Page, Pair, RunLine, RunReport, Score
from mascript.reports.run import run_report

COOPERATION = "Cooperation: simple_spread_v3, three agents, one per seat"
COMPETITION = "Competition: connect_four_v3, three agents play each other"
INHERITANCE = "Inheritance: newcomers with and without an earlier team\u2019s library"


def write_demo_report(demo: Demo, workspace_path: str | Path, path: str | Path) -> Page:
    """Write one HTML file about a whole demo and return what it says.

    Raises:
        WorkspaceError, NotFound: the workspace is not the demo's.
        OSError: the file cannot be written.
    """
    from mascript.lineage.html import render_page

    page = demo_page(demo, workspace_path, Path(path))
    Path(path).write_text(render_page(page), encoding="utf-8")
    return page


def demo_page(demo: Demo, workspace_path: str | Path, path: Path | None = None) -> Page:
    """Return the page of a demo, built from the rows of its runs.

    Args:
        demo: as `run_demo` returned it.
        workspace_path: the workspace it ran in.
        path: where the page will be written, for the command that opens it.

    Raises:
        WorkspaceError, NotFound: the workspace is not the demo's.
    """
    first = demo.heirs[0]
    with Workspace.open(workspace_path, read_only=True) as opened:
        later = [summary.run for summary in demo.heirs]
        cooperative = run_report(opened, demo.cooperative.run, COOPERATION, later)
        competitive = run_report(opened, demo.competitive.run, COMPETITION)
        heir = run_report(opened, first.run, f"Heirs: the first of {len(demo.heirs)} teams, {first.run}")
        worth = _inheritance(demo, Journal(opened))
    return Page(
        title=f"mascript demo, seed {demo.seed}",
        lead=(
            "Three small experiments with the built-in grammar writer: agents write Python scripts, keep the better ones, and "
            "share helper functions through one versioned library. What a helper was worth is measured by playing the same "
            "episodes with the helper and with its outputs resampled."
        ),
        findings=(
            (COOPERATION, tuple(findings(cooperative))),
            (COMPETITION, tuple(findings(competitive))),
            (INHERITANCE, (*inheritance_findings(worth), *_heirs_findings(demo, heir))),
        ),
        inheritance=worth,
        runs=(cooperative, competitive, heir),
        others=tuple(_line(summary, what) for summary, what in _newcomers(demo)),
        commands=_commands(demo, Path(workspace_path)),
    )


def _inheritance(demo: Demo, journal: Journal) -> Inheritance:
    found = demo.inheritance
    pairs = tuple(
        Pair(journal.run(heir.run).seed, team_score(heir), team_score(control), heir.run, control.run)
        for heir, control in zip(demo.heirs, demo.controls, strict=True)
    )
    half = None if found.error is None else reach(len(pairs)) * found.error
    return Inheritance(
        treated=fmean(found.heirs),
        control=fmean(found.others),
        standard_error=found.error or 0.0,
        n=len(pairs),
        donor_episodes=found.donors_episodes,
        newcomer_episodes=found.newcomers_episodes,
        what=(
            f"Four newcomers in an arena for four, with the library that the first team ({demo.cooperative.run}) left, against the "
            "same four with the starter set alone: equal seeds, equal budget. Team scores on audit seeds."
        ),
        pairs=pairs,
        interval=None if half is None else (found.gain - half, found.gain + half),
    )


def _heirs_findings(demo: Demo, first: RunReport) -> list[str]:
    """What the inherited helpers were worth to the heirs: all teams in one sentence, the first in full."""
    effects = [effect for summary in demo.heirs for effect in summary.effects]
    if not effects:
        return ["No heir\u2019s final script executes an inherited helper, so there is no effect to report."]
    resolved = [effect for effect in effects if effect.resolved]
    teams = sum(any(effect.resolved for effect in summary.effects) for summary in demo.heirs)
    helpers = len({effect.fid for effect in effects})
    said = (
        f"Over all {len(demo.heirs)} teams of heirs, {helpers} inherited helper{'s were' if helpers != 1 else ' was'} measured in "
        f"{len(effects)} final scripts: "
    )
    if not resolved:
        return [said + "none has a resolved effect."]
    said += f"{len(resolved)} effects are resolved, at least one in {teams} of the {len(demo.heirs)} teams."
    return [said, *effect_sentences(first.helpers)]


def _newcomers(demo: Demo) -> list[tuple[Summary, str]]:
    pairs = zip(demo.heirs, demo.controls, strict=True)
    return [one for heir, control in pairs for one in ((heir, "with the library"), (control, "starter set alone"))]


def _line(summary: Summary, what: str) -> RunLine:
    row = next((row for row in summary.audit if row.who == "team"), None)
    return RunLine(
        run=summary.run,
        what=what,
        score=None if row is None or row.mean is None else Score(row.who, row.mean, row.half_width, row.n),
        episodes=summary.episodes,
        scripts=summary.scripts_written,
        measured=len(summary.effects),
        resolved=sum(effect.resolved for effect in summary.effects),
        head=summary.head,
    )


def _commands(demo: Demo, workspace: Path) -> tuple[Command, ...]:
    where = f"--workspace {shlex.quote(str(workspace))}"
    helper = _notable(demo.heirs)
    listed = [
        Command("who wrote what, and who borrowed it", f"mascript lineage show {demo.heirs[0].run} {where}"),
        Command("what inherited helpers were worth", f"mascript credit {demo.heirs[0].run} {where}"),
        Command(
            "a final script against a scripted player",
            f"mascript play connect_four_v3 {demo.competitive.run}:{demo.competitive.leader} reference:one_ply {where}",
        ),
        Command("every run, and how it stands", f"mascript status {where}"),
    ]
    if helper:
        listed.insert(2, Command("a helper that was inherited", f"mascript library show {helper} {where}"))
    return tuple(listed)


def _notable(summaries: Sequence[Summary]) -> str:
    """The name of the helper whose effect is largest among the resolved."""
    effects = [effect for summary in summaries for effect in summary.effects if effect.resolved and effect.own is not None]
    best = max(effects, key=lambda effect: effect.own.mean if effect.own else 0.0, default=None)
    return "" if best is None else best.helper.partition("@")[0]
