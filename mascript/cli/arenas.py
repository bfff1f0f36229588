"""`mascript arenas list|show`: the worlds that scripts play in."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from mascript.cli.options import arguments_option, json_option
from mascript.cli.output import NONE, cell, indented, print_json, print_table, with_error

if TYPE_CHECKING:
    from arenas.schema import ActionSpec, Schema
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
    from arenas.extras import NOT_OFFERED

    specs = [house.get(name) for name in house.names()]
    if as_json:
        print_json([_row(spec) for spec in specs])
        return
    print_table(("id", "kind", "seats", "steps", "random", "best script", "", "optimum", "steps/s"), list(map(_cells, specs)))
    click.echo("\nSteps are joint steps, scores mean returns per seat, <= bounds. `arenas show ID` has n and intervals.")
    for extra in sorted({spec.requires for spec in specs if _missing(spec)}):
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

    spec = house.get(arena, **arguments)
    if as_json:
        print_json(_details(spec))
        return
    click.echo(f"{spec.id}: {spec.kind}, {len(spec.seats)} seats ({', '.join(spec.seats)}), at most {spec.horizon} joint steps")
    if spec.arguments:
        click.echo("arguments: " + ", ".join(f"{name}={value}" for name, value in spec.arguments))
    if spec.requires:
        click.echo(f"needs the extra {spec.requires}{': not installed' if _missing(spec) else ''}")
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


def _row(spec: ArenaSpec) -> dict[str, Any]:
    return {
        "id": spec.id,
        "kind": spec.kind,
        "seats": len(spec.seats),
        "horizon": spec.horizon,
        "requires": spec.requires,
        "missing": _missing(spec),
        "references": [
            {
                "name": one.name,
                "score": one.score,
                "half_width": one.half_width,
                "n": one.n,
                "against": one.against,
                "self_play": [{"mean": mean, "half_width": half_width} for mean, half_width in one.self_play],
            }
            for one in spec.references
        ],
        **_yardsticks(spec),
    }


def _yardsticks(spec: ArenaSpec) -> dict[str, Any]:
    """The scores that a new one is held against, and the speed."""
    from arenas.yardsticks import speeds

    optimum, speed = spec.optimum, speeds().get(spec.id)
    return {
        "random": _score(_random(spec)),
        "scripted": _score(_best(spec)),
        "optimum": None if optimum is None else {"name": "optimum", **asdict(optimum)},
        "steps_per_second": None if speed is None else speed.steps_per_second,
        "speed": speed,
    }


def _score(one: Reference | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {"name": one.name, "score": one.score, "n": one.n, "half_width": one.half_width, "against": one.against}


def _random(spec: ArenaSpec) -> Reference | None:
    return next((one for one in spec.references if one.name == "random" and one.score is not None), None)


def _best(spec: ArenaSpec) -> Reference | None:
    """The measured script with the highest score, random play apart."""
    scored = [(one.score, one) for one in spec.references if one.name != "random" and one.score is not None]
    return max(scored, key=lambda pair: pair[0])[1] if scored else None


def _cells(spec: ArenaSpec) -> tuple[Any, ...]:
    row = _yardsticks(spec)
    best, optimum, speed = row["scripted"], spec.optimum, row["steps_per_second"]
    bound = "" if optimum is None else "<=" * optimum.bound + cell(optimum.score)
    return (
        f"{spec.id}{'*' if _missing(spec) else ''}",
        spec.kind,
        len(spec.seats),
        spec.horizon,
        cell(row["random"]["score"]) if row["random"] else NONE,
        cell(best["score"]) if best else NONE,
        best["name"] if best else "",
        bound or NONE,
        NONE if speed is None else f"{speed:,.0f}",
    )


def _missing(spec: ArenaSpec) -> bool:
    from arenas.extras import installed

    return not installed(spec.requires)


def _details(spec: ArenaSpec) -> dict[str, Any]:
    everyone = range(len(spec.seats))
    return {
        **_row(spec),
        "seat_names": spec.seats,
        "rules": spec.rules,
        "version": spec.version,
        "openings": spec.openings,
        "floor": spec.floor,
        "forfeit_action": spec.forfeit_action,
        "arguments": dict(spec.arguments),
        "teams": spec.teams,
        "observations": [{"seat": seat, "layout": spec.schema_of(seat).layout, "fields": _fields(spec, seat)} for seat in everyone],
        "actions": [{"seat": seat, **_action_row(spec.actions_of(seat))} for seat in everyone],
        "populations": [
            {"name": one.name, "doc": one.doc, "arguments": dict(one.arguments), "members": [part.name for part in one.members]}
            for one in spec.populations
        ],
    }


def _fields(spec: ArenaSpec, seat: int) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "type": one.type, "shape": one.shape, "unit": one.unit, "doc": one.doc}
        for one in spec.schema_of(seat).fields
    ]


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
    match actions.kind:
        case "discrete" if actions.names:
            return "one of " + ", ".join(f'"{name}"' for name in actions.names)
        case "discrete":
            return f"a whole number {actions.start} to {actions.start + actions.size - 1}"
        case "box":
            low, high = min(actions.low, default=float("-inf")), max(actions.high, default=float("inf"))
            return f"{actions.size} numbers within {low:g} to {high:g}"
        case "multi_discrete":
            return f"{actions.size} whole numbers"
        case _:
            return f"a nested value of {actions.size} numbers: {actions.layout}"


def _reference_cells(one: Reference) -> tuple[str, str, int, str]:
    against = one.against or "itself in every seat"
    if one.self_play:
        against += "; by seat when all play it: " + ", ".join(with_error(*each) for each in one.self_play)
    return (f"  {one.name}", with_error(one.score, one.half_width), one.n, against)


def _wrapped(text: str) -> str:
    from textwrap import fill

    return "\n".join(indented(fill(line, 108)) for line in text.splitlines())
