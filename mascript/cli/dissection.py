"""`mascript credit RUN --dissect`: what helpers are worth together, through whom, and against what was there before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from mascript.cli.effects import effect_row
from mascript.cli.output import NONE, ascii_text, print_json, print_table

if TYPE_CHECKING:
    from mascript.evolve.dissect import Dissection
    from mascript.evolve.swaps import Swap
    from mascript.lineage.effect_records import Effect, Estimate
    from mascript.lineage.joint import JointEffect

_SHOWN = ("own", "others")


def show(workspace: str, run: str, workers: int, as_json: bool) -> None:
    """Measure and print."""
    from mascript.evolve.dissect import PAIRS, dissect_run

    click.echo(f"measuring: coalitions of helpers, and others held to what they did, on {PAIRS} episodes ...", err=True)
    found = dissect_run(workspace, run, workers)
    if as_json:
        print_json(_plain(found))
        return
    if not found.joint and not found.paths:
        click.echo("no champion of this run imports helpers that somebody else contributed: there is nothing to take apart")
    for joint in found.joint:
        _print_joint(joint)
    if found.paths:
        rows = [
            (
                _name(one.subject.helper),
                one.subject.borrower,
                *(_words(part, "own") for part in (one.total, one.direct, one.through)),
            )
            for one in found.paths
        ]
        print_table(("helper", "in", "own, total", "direct", "through the others"), rows)
        for one in found.paths:
            if one.reason:
                click.echo(f"{_name(one.subject.helper)} in {one.subject.borrower}: no direct effect; {one.reason}")

    _print_swaps(found.swaps)


def _print_swaps(swaps: Sequence[Swap]) -> None:
    measured = [one for one in swaps if one.effect is not None]
    rows = [(_name(one.helper), one.kind, one.into, one.effect.label, _own(one.effect)) for one in measured if one.effect]
    if rows:
        click.echo()
        print_table(("helper", "against", "of", "label", "own, with it less without"), rows)
    for one in swaps:
        if one.reason:
            click.echo(f"{_name(one.helper)} in {one.into}: no code before the borrow to go back to; {one.reason}")


def _own(effect: Effect) -> str:
    return _words({} if effect.own is None else {"own": effect.own}, "own")


def _print_joint(joint: JointEffect) -> None:
    how = "all coalitions" if joint.exact else "sampled orders"
    click.echo(f"{joint.borrower}: {len(joint.shares)} helpers, {how} ({joint.coalitions}), {joint.n} distinct episodes")
    if joint.reason:
        click.echo(f"no values: {joint.reason}\n")
        return
    rows = [(_name(one.helper), one.label, *(_words(one.estimates, name) for name in _SHOWN)) for one in joint.shares]
    print_table(("helper", "label", "Shapley value, own", "others"), rows)
    pairs = [
        (" + ".join(_name(helper) for helper in one.helpers), *(_words(one.estimates, name) for name in _SHOWN))
        for one in joint.interactions
    ]
    if pairs:
        click.echo()
        print_table(("pair", "interaction, own", "others"), pairs)
    click.echo()


def _plain(found: Dissection) -> dict[str, Any]:
    joint = [
        {name: getattr(one, name) for name in ("borrower", "exact", "coalitions", "n", "flags", "reason")}
        | {"shares": [asdict(part) for part in one.shares], "interactions": [asdict(part) for part in one.interactions]}
        for one in found.joint
    ]
    paths = [
        {"helper": one.subject.helper, "borrower": one.subject.borrower}
        | {name: getattr(one, name) for name in ("n", "reason", "total", "direct", "through")}
        for one in found.paths
    ]
    swaps = [
        {name: getattr(one, name) for name in ("helper", "into", "kind", "reason")}
        | {"effect": None if one.effect is None else effect_row(one.effect)}
        for one in found.swaps
    ]
    return {"joint": joint, "paths": paths, "swaps": swaps}


def _name(helper: str) -> str:
    return helper.partition("#")[0]


def _words(estimates: Mapping[str, Estimate], name: str) -> str:
    from mascript.lineage.findings import interval_words

    return ascii_text(interval_words(estimates[name])) if name in estimates else NONE
