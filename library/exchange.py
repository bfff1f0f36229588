"""What goes from one library to another: gathered here, taken in there by identity and through the same gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from library.admission import Bench, Decision, Refusal, examples_gate, judge, link, linked, run_probes, static_gates
from library.bundle import Bundle, Entry, checked, module_name
from library.errors import BadSource, Clash
from library.recording import record
from library.records import Call, Fid, Linked, Release
from library.rows import NewFunction, NewRelease, ProbeRecord, ReleaseRow, View
from library.store import Store
from library.values import value_of


@dataclass(frozen=True)
class Taken:
    """What became of one release of a folder. Made by `Library.take`; read by the CLI."""

    label: str
    """`name@version` in the folder."""
    outcome: Literal["new", "known", "renumbered"]
    pin: str
    """What it is called here."""


@dataclass(frozen=True)
class Plan:
    """How a release of a folder would come in. Made by `plan`; written by `Library.take`."""

    entry: Entry
    outcome: Literal["new", "known", "renumbered"]
    decision: Decision | None = None
    known: Release | None = None


def take_in(store: Store, bundle: Bundle, bench: Bench, *, renumber: bool) -> list[Taken]:
    """Judge and write every release of a folder, what others call first; inside a unit of work, which a clash undoes.

    Raises:
        Clash: releases that contradict those here, or that a gate refuses, each named.
    """
    taken, against = list[Taken](), list[str]()
    modules = list(bundle.functions)
    for entry in sorted(bundle.entries, key=lambda one: modules.index(one.module)):
        try:
            taken.append(_take(store, plan(entry, bundle, bench, renumber=renumber)))
        except Refusal as refusal:
            against.append(refusal.reason if refusal.gate == "merge" else f"{entry.label}: gate {refusal}")
    if against:
        raise Clash(against, "Resolve these, or import with --renumber for versions by behaviour")
    return taken


def _take(store: Store, planned: Plan) -> Taken:
    entry, decision = planned.entry, planned.decision
    if planned.known is not None or decision is None or decision.existing is not None:
        known = planned.known or (decision.existing if decision else None)
        return Taken(entry.label, "known", known.pin if known else entry.label)
    battery = decision.probes[0].battery_id if decision.probes else ""
    by = NewRelease(entry.name, *decision.version, entry.fid, decision.kind, entry.author, "", entry.generation, battery)
    release = record(store, decision, by).release
    store.write_origin(store.head(), entry.run, entry.digest)
    if release is not None and entry.yanked:
        store.write_yank(release, entry.yanked)
    return Taken(entry.label, planned.outcome, release.pin if release else entry.label)


def gather(store: Store, view: View, wanted: Sequence[Release]) -> Bundle:
    """Return these releases and a release of everything that they call, the first released first."""
    chosen = {(release.name, release.version, release.fid): release for release in wanted}
    closure = link(store, [release.fid for release in wanted])
    named = {release.fid for release in wanted}
    for function in closure:
        if function.fid not in named:
            release = store.of_fid(function.fid, view)[0]
            chosen[release.name, release.version, release.fid] = release
    rows = sorted(((store.row_of(release), release) for release in chosen.values()), key=lambda pair: pair[0].sequence)
    modules: dict[Fid, str] = {}
    for row, release in rows:
        if release.fid not in modules:
            modules[release.fid] = module_name(release.name, row.version, release.fid, modules.values())
    entries = tuple(_departing(store, row, release, modules[release.fid]) for row, release in rows)
    probes = {modules[one.fid]: record for one in closure for record in store.probes(one.fid)[:1]}
    return Bundle(entries, {modules[one.fid]: one for one in closure}, probes)


def _departing(store: Store, row: ReleaseRow, release: Release, module: str) -> Entry:
    run, digest = store.origin(row.sequence)
    return Entry(
        name=release.name,
        version=row.version,
        kind=row.kind,
        fid=release.fid,
        module=module,
        author=release.author,
        run=run,
        generation=release.generation,
        digest=digest,
        yanked=row.yank_reason,
    )


def plan(entry: Entry, bundle: Bundle, bench: Bench, *, renumber: bool) -> Plan:
    """Judge one release; what it depends on is there already.

    Raises:
        Refusal: a gate refuses it, or (gate `merge`) it contradicts what is here.
    """
    function, here = bundle.functions[entry.module], bench.store.releases(bench.view, entry.name)
    for release in here:
        if release.fid == entry.fid:
            return Plan(entry, "known", known=release)
    against = _contradiction(entry, bundle.entries, here)
    imports: Mapping[str, Fid] = dict(function.imports)
    if against and not renumber:
        raise Refusal("merge", f"{entry.label} by {entry.author}: {against}")
    if against:
        decision = judge(function.source, f"{here[0].pin}", imports, bench)
        return Plan(entry, "renumbered", decision)
    if bench.store.linked(entry.fid) is None:
        new, record = _judged(function, bundle.probes[entry.module], imports, bench)
        same = bench.store.same_behaviour(record.behaviour_id, new.fid, bench.view)
        decision = Decision(new, _kind(entry), entry.version, "", (record,), tuple(("equivalent", fid) for fid in same))
    else:
        new = static_gates(function.source, imports, bench)
        decision = Decision(new, "alias", entry.version, "")
    return Plan(entry, "new", decision)


def _kind(entry: Entry) -> Literal["new", "patch", "minor", "major"]:
    kinds: dict[str, Literal["new", "patch", "minor", "major"]] = {"patch": "patch", "minor": "minor", "major": "major"}
    return kinds.get(entry.kind, "new")


def _contradiction(entry: Entry, entries: Sequence[Entry], here: Sequence[Release]) -> str:
    """Why a release cannot stand beside those of its name that are here; empty if it can."""
    for release in here:
        if (release.major, release.minor, release.patch) == entry.version:
            return f"that version is {release.pin} by {release.author} here"
    common = {release.fid for release in here} & {one.fid for one in entries if one.name == entry.name}
    if here and not common:
        return f"`{entry.name}` is another function here, {here[0].pin} by {here[0].author}"
    return ""


def _judged(function: Linked, probes: ProbeRecord, imports: Mapping[str, Fid], bench: Bench) -> tuple[NewFunction, ProbeRecord]:
    """Send a function that is new here through the gates, its recorded probes included."""
    new = static_gates(function.source, imports, bench)
    try:
        checked(function, new.fid)
        calls = [Call(value_of(text)) for text in probes.calls]
    except (BadSource, ValueError) as error:
        raise Refusal("identity", str(error)) from None
    closure = [*link(bench.store, [fid for _, fid in new.imports]), linked(new)]
    examples_gate(bench.runner.run_doctests(closure, new.fid))
    outcomes = run_probes(new, closure, calls, bench.runner)
    for text, told, found in zip(probes.calls, probes.outcomes, outcomes, strict=True):
        if told != found:
            raise Refusal("probes", f"`{new.name}` gave {found[:80]} on {text[:200]}, and {told[:80]} where it was released")
    return new, probes
