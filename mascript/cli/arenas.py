"""`mascript arenas list|show`: the worlds that scripts play in."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from mascript.cli.options import arguments_option, json_option
from mascript.cli.output import NONE, cell, indented, print_json, print_table, with_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arenas.details import ArenaDetails
    from arenas.schema import ActionSpec, Field, Schema
    from arenas.spec import ArenaSpec, Reference


@click.group()
def arenas() -> None:
    """The worlds that scripts play in."""


@arenas.command("list")
@json_option(
    "an array of {id, kind, seats (number), horizon, requires (the extra that it needs, or empty), missing (whether that is not "
    "installed), random, scripted (the best reference script), optimum: each {name, score, n, half_width (of the 95 % interval), "
    "...} or null, references: [{name, score, half_width, n, against, self_play: [{mean, half_width}] by seat}], steps_per_second "
    "(joint steps by the rules alone, or null), speed: {steps_per_second, observed, ratio, command, machine} or null}"
)
def list_(as_json: bool) -> None:
    """Arenas with a spec of their own. Any PettingZoo or Gymnasium id works besides."""
    import arenas as house
    from arenas.details import details_of
    from arenas.extras import NOT_OFFERED

    specs = [house.get(name) for name in house.names()]
    listed = list(map(details_of, specs))
    if as_json:
        print_json([_row(found, spec.references) for found, spec in zip(listed, specs, strict=True)])
        return
    print_table(("id", "kind", "seats", "steps", "random", "best script", "", "optimum", "steps/s"), list(map(_cells, listed)))
    click.echo("\nSteps are joint steps, scores mean returns per seat, <= bounds. `arenas show ID` has n and intervals.")
    for extra in sorted({found.requires for found in listed if found.missing}):
        click.echo(f"* needs the extra {extra}, which is not installed: pip install 'mascript[{extra}]'")
    for name, why in NOT_OFFERED.items():
        click.echo(f"{name} {why}")
    click.echo("Any PettingZoo id (classic/tictactoe_v3, mpe2:simple_tag_v3) or Gymnasium id (CliffWalkingSlippery-v1) works too.")


@arenas.command()
@click.argument("arena")
@arguments_option()
@json_option(
    "an object: what `list` gives, and rules, version, openings, floor, forfeit_action, arguments, teams, "
    "observations: [{seat, fields: [{name, type, shape, unit, doc}]}], actions: [{seat, kind, size, names, low, high}], "
    "populations: [{name, doc, arguments, members: [name]}]"
)
def show(arena: str, arguments: dict[str, Any], as_json: bool) -> None:
    """Rules, observation fields, actions and reference scores of ARENA."""
    import arenas as house
    from arenas.details import details_of

    spec = house.get(arena, **arguments)
    found = details_of(spec)
    if as_json:
        print_json(_details(spec, found))
        return
    click.echo(f"{spec.id}: {spec.kind}, {len(spec.seats)} seats ({', '.join(spec.seats)}), at most {spec.horizon} joint steps")
    if spec.arguments:
        click.echo("arguments: " + ", ".join(f"{name}={value}" for name, value in spec.arguments))
    if spec.requires:
        click.echo(f"needs the extra {spec.requires}{': not installed' if found.missing else ''}")
    click.echo(f"version: {spec.version or 'unknown'}\n\nRules\n{_wrapped(spec.rules)}")
    if spec.openings:
        click.echo(f"\nOpenings\n{_wrapped(spec.openings)}")
    for title, schema in _by_seat(spec, "Observation", spec.schemas or (spec.schema,)):
        _print_schema(title, schema)
    for title, actions in _by_seat(spec, "Actions", spec.seat_actions or (spec.actions,)):
        click.echo(f"\n{title}\n  {_actions_text(actions)}")
    click.echo(f"\nReferences (play them as reference:NAME; a forfeit scores {spec.floor:g})")
    print_table(("  name", "mean return", "n", "against"), [_reference_cells(one) for one in spec.references], "  none")
    _print_limits(spec)
    for one in spec.populations:
        title = f"Population {one.name} (population:{one.name} in a tournament)"
        click.echo(f"\n{title}\n{_wrapped(one.doc)}\n{_wrapped(', '.join(member.name for member in one.members))}")


def _row(found: ArenaDetails, references: Sequence[Reference]) -> dict[str, Any]:
    return {
        "id": found.id,
        "kind": found.kind,
        "seats": len(found.seats),
        "horizon": found.horizon,
        "requires": found.requires,
        "missing": found.missing,
        "references": [
            {
                "name": one.name,
                "score": one.score,
                "half_width": one.half_width,
                "n": one.n,
                "against": one.against,
                "self_play": [{"mean": mean, "half_width": half_width} for mean, half_width in one.self_play],
            }
            for one in references
        ],
        **_yardsticks(found),
    }


def _yardsticks(found: ArenaDetails) -> dict[str, Any]:
    """The scores that a new one is held against, and the speed."""
    from arenas.yardsticks import speeds

    optimum, speed = found.optimum, speeds().get(found.id)
    return {
        "random": _score(found.random),
        "scripted": _score(found.scripted),
        "optimum": None if optimum is None else {"name": "optimum", **asdict(optimum)},
        "steps_per_second": None if speed is None else speed.steps_per_second,
        "speed": speed,
    }


def _score(one: Reference | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {"name": one.name, "score": one.score, "n": one.n, "half_width": one.half_width, "against": one.against}


def _cells(found: ArenaDetails) -> tuple[Any, ...]:
    row = _yardsticks(found)
    best, optimum, speed = row["scripted"], found.optimum, row["steps_per_second"]
    bound = "" if optimum is None else "<=" * optimum.bound + cell(optimum.score)
    return (
        f"{found.id}{'*' if found.missing else ''}",
        found.kind,
        len(found.seats),
        found.horizon,
        cell(row["random"]["score"]) if row["random"] else NONE,
        cell(best["score"]) if best else NONE,
        best["name"] if best else "",
        bound or NONE,
        NONE if speed is None else f"{speed:,.0f}",
    )


def _details(spec: ArenaSpec, found: ArenaDetails) -> dict[str, Any]:
    return {
        **_row(found, spec.references),
        "seat_names": found.seats,
        "rules": found.rules,
        "version": found.version,
        "openings": found.openings,
        "floor": found.floor,
        "forfeit_action": found.forfeit_action,
        "arguments": dict(found.arguments),
        "teams": found.teams,
        "observations": [
            {"seat": seat, "layout": view.layout, "fields": list(map(_field_row, view.fields))}
            for seat, view in enumerate(found.views)
        ],
        "actions": [{"seat": seat, **_action_row(view.actions)} for seat, view in enumerate(found.views)],
        "populations": [
            {"name": one.name, "doc": one.doc, "arguments": dict(one.arguments), "members": [part.name for part in one.members]}
            for one in spec.populations
        ],
    }


def _field_row(one: Field) -> dict[str, Any]:
    return {"name": one.name, "type": one.type, "shape": one.shape, "unit": one.unit, "doc": one.doc}


def _action_row(actions: ActionSpec) -> dict[str, Any]:
    return {"kind": actions.kind, "size": actions.size, "names": actions.names, "low": actions.low, "high": actions.high}


def _by_seat(spec: ArenaSpec, word: str, parts: tuple[Any, ...]) -> list[tuple[str, Any]]:
    """One part where all seats are alike, else one per seat with the seat in its title."""
    if len(parts) == 1:
        return [(word, parts[0])]
    return [(f"{word} of {name}", part) for name, part in zip(spec.seats, parts, strict=True)]


def _print_limits(spec: ArenaSpec) -> None:
    """What can be earned at best, and how fast the arena steps."""
    from arenas.yardsticks import speeds

    if spec.optimum is not None:
        score = with_error(spec.optimum.score, spec.optimum.half_width)
        click.echo(f"\n{'Bound' if spec.optimum.bound else 'Optimum'} {score}: {spec.optimum.meaning}")
    speed = speeds().get(spec.id)
    if speed is not None:
        ratio = "" if speed.ratio is None else f", {speed.ratio:.1f} times the original"
        click.echo(
            f"\n{speed.steps_per_second:,.0f} joint steps per second by the rules alone, {speed.observed:,.0f} with observations"
            f"{ratio} ({speed.command}; {speed.machine})"
        )


def _print_schema(title: str, schema: Schema) -> None:
    click.echo(f"\n{title}" + ("" if schema.layout == "record" else " (as the space gives it)"))
    rows = [(f"  {one.name}", one.type, "x".join(map(str, one.shape)) or "1", one.unit, one.doc) for one in schema.fields]
    print_table(("  field", "type", "shape", "unit", ""), rows)


def _actions_text(actions: ActionSpec) -> str:
    from arenas.details import numbers_text

    return "one of " + ", ".join(f'"{name}"' for name in actions.names) if actions.names else numbers_text(actions)


def _reference_cells(one: Reference) -> tuple[str, str, int, str]:
    against = one.against or "itself in every seat"
    if one.self_play:
        against += "; by seat when all play it: " + ", ".join(with_error(*each) for each in one.self_play)
    return (f"  {one.name}", with_error(one.score, one.half_width), one.n, against)


def _wrapped(text: str) -> str:
    from textwrap import fill

    return "\n".join(indented(fill(line, 108)) for line in text.splitlines())
