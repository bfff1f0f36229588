"""A helper put back to what stood in its place before it was borrowed, and given to those who do not have it: of a frozen run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from library.errors import LibraryError
from mascript.errors import GateError
from mascript.evolve.credit import audit_seeds, design_of, original, placements_of, teams_of
from mascript.evolve.run import Run
from mascript.evolve.state import RunState
from mascript.journal import PolicyRow
from mascript.lineage.credit import measure_swaps
from mascript.lineage.effect_records import Effect, Placement, Subject
from mascript.lineage.sites import Site, borrow_site, rewritten
from mascript.linking import link
from mascript.records import Fid, Program
from mascript.scripts import read_header, split_header

Kind = Literal["before the borrow", "knock-in to the parent", "knock-in to another"]


@dataclass(frozen=True)
class Swap:
    """One comparison of a program with a helper and one without. Made by `measure_all`; read by the CLI."""

    helper: str
    into: str
    """Agent whose champion it is, or whose champion's ancestor."""
    kind: Kind
    reason: str = ""
    """Why nothing was compared."""
    effect: Effect | None = None


@dataclass(frozen=True)
class _Borrow:
    """How a helper came into a line of scripts. Made by `_borrow`; read by `_planned`."""

    site: Site
    parent: PolicyRow | None = None
    child: PolicyRow | None = None


@dataclass(frozen=True)
class _Planned:
    """A comparison that can be made. Made by `_planned`; read by `measure_all`."""

    into: str
    kind: Kind
    with_helper: Program
    without: Program
    placements: tuple[Placement, ...]
    """Of the champion whose chair it is."""

    def subject(self, helper: Subject) -> Subject:
        """The comparison as a subject: the program with the helper in every placement."""
        seated = tuple(Placement(one.with_program(self.with_helper), one.seat) for one in self.placements)
        return replace(helper, borrower=self.into, placements=seated)


def measure_all(run: Run, state: RunState, subjects: Sequence[Subject], pairs: int) -> list[Swap]:
    """Compare, for each borrowed helper: its borrower's champion with the champion as it would be had the borrow's one expression
    stayed as it was; the script that was the first to borrow with its parent; and every other champion that holds that expression,
    with the helper in its place. Where the borrow is no such expression, the reason is said.
    """
    swaps: list[Swap] = []
    made: list[tuple[Subject, _Planned]] = []
    for subject in subjects:
        borrow = _borrow(run, subject)
        if borrow.site.reason:
            swaps.append(Swap(subject.helper, subject.borrower, "before the borrow", borrow.site.reason))
            continue
        planned = _planned(run, state, subject, borrow)
        made += [(one.subject(subject), one) for one in planned]
        if not any(one.kind == "before the borrow" for one in planned):
            swaps.append(
                Swap(subject.helper, subject.borrower, "before the borrow", "the champion does not hold that call any more")
            )
    effects = measure_swaps(
        run.evaluators.play,
        [(subject, one.without) for subject, one in made],
        original(run),
        audit_seeds(run, pairs, "swaps"),
        design_of(run, (pairs,)),
        teams_of(run),
    )
    found = [Swap(subject.helper, one.into, one.kind, effect=effect) for (subject, one), effect in zip(made, effects, strict=True)]
    return [*swaps, *found]


def _borrow(run: Run, subject: Subject) -> _Borrow:
    """The step by which the helper came into the champion's line."""
    rows = {row.pid: row for row in run.rows.policies(run.id, subject.borrower)}
    row = rows.pop(subject.policy.pid, None)
    while row is not None:  # each script once: one that was proposed twice may be its own ancestor
        parent = rows.pop(row.parents[0], None) if row.parents else None
        if parent is None:
            return _Borrow(Site(reason="a founder, or an ancestor that was not kept, has no before"))
        name = _name_of(row, subject.fid)
        if name and not _name_of(parent, subject.fid):
            return _Borrow(borrow_site(_body(parent), _body(row), name), parent, row)
        row = parent
    return _Borrow(Site(reason="the champion is not among the scripts that were kept"))


def _planned(run: Run, state: RunState, subject: Subject, borrow: _Borrow) -> list[_Planned]:
    site, planned = borrow.site, []
    for agent in state.agents:
        if agent.champion is None:
            continue
        champion = run.champion(agent)
        placements = placements_of(run, state, agent)
        if agent.name == subject.borrower:
            without = _linked(run, rewritten(champion.source, site.after, site.before), champion, subject)
            if without is not None:
                planned.append(_Planned(agent.name, "before the borrow", champion, without, placements))
            if borrow.parent is not None and borrow.child is not None:
                child, parent = (link(_body(row), _pins(row), run.library) for row in (borrow.child, borrow.parent))
                planned.append(_Planned(agent.name, "knock-in to the parent", child, parent, placements))
        elif all(function.fid != subject.fid for function in champion.functions):
            given = _linked(run, rewritten(champion.source, site.before, site.after), champion, subject)
            if given is not None:
                planned.append(_Planned(agent.name, "knock-in to another", given, champion, placements))
    return planned


def _linked(run: Run, source: str, champion: Program, subject: Subject) -> Program | None:
    """The changed script with the pins that it has and the helper's; None where there is none or it needs what is not at hand."""
    if not source:
        return None
    pins = dict(subject.policy.imports) | dict(champion.imports)
    try:
        return link(source, pins, run.library)
    except (GateError, LibraryError):  # it calls something that its own script defines and this one does not
        return None


def _name_of(row: PolicyRow, fid: Fid) -> str:
    """The name under which a script pins a function; empty where it does not."""
    return next((name for name, pinned in _pins(row).items() if pinned == fid), "")


def _pins(row: PolicyRow) -> dict[str, Fid]:
    return {name: pin.partition("#")[2] for name, pin in read_header(row.source).pins}


def _body(row: PolicyRow) -> str:
    return split_header(row.source)[1]
