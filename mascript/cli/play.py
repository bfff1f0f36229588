"""`mascript play`: one episode as text, every decision with what the seat saw."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import click

from mascript.cli.options import arguments_option, json_option, workspace_option
from mascript.cli.output import cell, indented, plain, print_json

if TYPE_CHECKING:
    from arenas.schema import ActionSpec
    from arenas.spec import ArenaSpec
    from mascript.match.table import Table
    from mascript.records import Program
    from mascript.sandbox import PolicyWorker, Reply


@dataclass(frozen=True)
class Decision:
    """One seat's move. Made by `moves`; printed by `play`."""

    step: int
    seat: int
    observation: Any
    legal: tuple[Any, ...] | None
    action: Any
    """As a script would write it; None for a forfeit."""
    forfeit: str = ""


@click.command()
@click.argument("arena_id", metavar="ARENA")
@click.argument("scripts", metavar="SCRIPT...", nargs=-1, required=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the episode.")
@arguments_option()
@workspace_option()
@json_option(
    "an object {arena, seed, lineup: [text], decisions: [{step, seat, observation, legal, action, forfeit}], steps, returns, "
    "forfeits: [{seat, step, reason, detail}]}"
)
def play(arena_id: str, scripts: tuple[str, ...], seed: int, arguments: dict[str, Any], workspace: str, as_json: bool) -> None:
    """Play one episode of ARENA and print every step.

    One SCRIPT for each seat, or one for all. A SCRIPT is a file, reference:NAME, RUN:AGENT or a policy id of the workspace.
    """
    from mascript.cli.scripts import arena, shelf
    from mascript.match.table import Table

    spec = arena(arena_id, arguments)
    if len(scripts) not in (1, len(spec.seats)):
        raise click.UsageError(
            f"expected 1 or {len(spec.seats)} scripts for the {len(spec.seats)} seats of {spec.id}, got {len(scripts)}"
        )
    with shelf(spec, workspace) as found:
        texts = [found.find(text) for text in (scripts if len(scripts) == len(spec.seats) else scripts * len(spec.seats))]
        lineup = [found.program(text) for text in texts]
    if not as_json:
        click.echo(f"{spec.id}, seed {seed}: " + ", ".join(f"{s} {t.label}" for s, t in zip(spec.seats, texts, strict=True)))
    table = Table(spec, spec.make(), seed)
    decisions = []
    for decision in moves(table, lineup):
        decisions.append(decision)
        if not as_json:
            _print_decision(spec, decision)
    result = table.result()
    if as_json:
        forfeits = [{"seat": f.seat, "step": f.step, "reason": f.reason, "detail": f.detail} for f in result.forfeits]
        head = {"arena": spec.id, "seed": seed, "lineup": [text.label for text in texts]}
        print_json({**head, "decisions": decisions, "steps": result.steps, "returns": result.returns, "forfeits": forfeits})
        return
    click.echo(
        f"\nafter {result.steps} steps, returns: "
        + ", ".join(f"{s} {cell(r)}" for s, r in zip(spec.seats, result.returns, strict=True))
    )
    for forfeit in result.forfeits:
        click.echo(f"{spec.seats[forfeit.seat]} forfeited at step {forfeit.step} ({forfeit.reason}): {forfeit.detail}")


def moves(table: Table, lineup: list[Program]) -> Iterator[Decision]:
    """Play the table to its end, one sandboxed worker per seat, and yield every decision as it falls."""
    from mascript.sandbox import Sandbox

    spec = table.spec
    with Sandbox() as sandbox, ExitStack() as stack:
        workers = [
            sandbox.policy(program, seat, spec.schema_of(seat), spec.actions_of(seat)) for seat, program in enumerate(lineup)
        ]
        for worker in workers:
            stack.callback(worker.close)
        while seats := table.waiting():
            for seat in seats:
                yield _decide(table, workers[seat], seat)
            table.advance()


def _decide(table: Table, worker: PolicyWorker, seat: int) -> Decision:
    """Ask one seat and tell the table what it answered."""
    from arenas.decode import decode
    from mascript.sandbox import Request, WorkerDied
    from mascript.seeds import digest

    spec, game, step = table.spec, table.game, table.steps
    packed, legal = game.observe(seat), game.legal(seat)
    begin = digest("seat", table.seed, seat) & ((1 << 62) - 1) if table.begins(seat, packed) else None
    try:
        worker.post([Request(0, packed, None if legal is None else tuple(legal), step, begin)])
        violation, detail, action = _read(worker.collect()[0])
    except WorkerDied as death:
        violation, detail, action = "dead", f"{death.reason}: {death.detail}", None
    if violation:
        table.forfeit(seat, violation, detail)
    else:
        table.decide(seat, action)
        lost = table.forfeits.get(seat)  # the table itself refuses a number outside a bounded space
        violation, detail = (lost.reason, lost.detail) if lost is not None else ("", "")
    actions = spec.actions_of(seat)
    return Decision(
        step=step,
        seat=seat,
        observation=_values(decode(spec.schema_of(seat), packed)),
        legal=None if legal is None else tuple(spoken(actions, index) for index in legal),
        action=None if violation else spoken(actions, action),
        forfeit=f"{violation}: {detail}" if violation else "",
    )


def _read(reply: Reply) -> tuple[str, str, Any]:
    return reply.violation, reply.detail, reply.action


def spoken(actions: ActionSpec, action: Any) -> Any:
    """Return an action as scripts write it: its name, its number, or a tuple of numbers."""
    if actions.kind != "discrete":
        return action
    return actions.names[action] if actions.names else action + actions.start


def _values(observation: Any) -> Any:
    return plain(vars(observation) if isinstance(observation, SimpleNamespace) else observation)


def _print_decision(spec: ArenaSpec, decision: Decision) -> None:
    click.echo(f"\nstep {decision.step}  {spec.seats[decision.seat]}")
    click.echo(indented(_summary(decision.observation)))
    click.echo(f"  -> FORFEIT {decision.forfeit}" if decision.forfeit else f"  -> {_short(decision.action)}")


def _summary(observation: Any) -> str:
    """Named fields a line each, a grid as rows."""
    if not isinstance(observation, dict):
        return _short(observation)
    lines = []
    for name, value in observation.items():
        grid = isinstance(value, list) and value and all(isinstance(row, list) and len(row) > 3 for row in value)
        if grid and all(isinstance(number, int) for row in value for number in row):
            lines += [f"{name}:", *("  " + " ".join(f"{number:>2}" for number in row) for row in value)]
        else:
            lines.append(f"{name}: {_short(value)}")
    return "\n".join(lines)


def _short(value: Any) -> str:
    """A value on one line, numbers to three digits, long lists cut."""
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list | tuple):
        parts = [_short(item) for item in value[:12]] + (["..."] if len(value) > 12 else [])
        return f"({', '.join(parts)})"
    if isinstance(value, dict):
        return ", ".join(f"{key}={_short(item)}" for key, item in value.items())
    return str(value)
