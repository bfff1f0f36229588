"""`mascript play`: one episode as text, every decision with what the seat saw or the whole scene, and as a moving picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mascript.cli.options import arguments_option, json_option, workspace_option
from mascript.cli.output import cell, indented, print_json

if TYPE_CHECKING:
    from arenas.spec import ArenaSpec
    from mascript.match.table import Table
    from mascript.records import Program
    from mascript.sandbox import PolicyWorker, Reply


_FILE = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True)
class Decision:
    """One seat's move. Made by `joint_steps`; printed by `play`."""

    step: int
    seat: int
    observation: Any
    legal: tuple[Any, ...] | None
    action: Any
    """As a script would write it; None for a forfeit."""
    forfeit: str = ""


class Onlooker:
    """Watches a table: its scene as text, and the frames of a GIF. Made and fed by `play`."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.frames: list[Any] = []

    def text(self) -> str:
        """Return the scene as it stands.

        Raises:
            click.UsageError: the arena has no rendering in text.
        """
        renderer = self._table.spec.renderer
        if renderer is None:
            id = self._table.spec.id
            raise click.UsageError(f"{id} has no rendering in text: leave out --text and see what each seat observes")
        return renderer.text(self._table.game)

    def keep(self) -> None:
        """Add a frame of the scene as it stands.

        Raises:
            NoPicture: neither a renderer of ours nor the environment draws it.
        """
        from arenas.drawing.foreign import image
        from arenas.drawing.paint import Caption, frame

        spec, game = self._table.spec, self._table.game
        picture = image(spec.id, game) if spec.renderer is None else spec.renderer.scene(game)
        caption = Caption(f"{spec.id}   step {self._table.steps} of at most {spec.horizon}", spec.seats, game.returns())
        self.frames.append(frame(picture, caption))


@click.command()
@click.argument("arena_id", metavar="ARENA")
@click.argument("scripts", metavar="SCRIPT...", nargs=-1, required=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the episode.")
@arguments_option()
@workspace_option()
@click.option("--text", "as_text", is_flag=True, help="Show the whole scene after each step, not what each seat observes.")
@click.option("--gif", type=_FILE, metavar="FILE", help="Draw the episode as a moving picture.")
@click.option("--fps", type=click.FloatRange(min=0.5, max=50), default=4, show_default=True, help="Frames per second of the GIF.")
@json_option(
    "an object {arena, seed, lineup: [text], decisions: [{step, seat, observation, legal, action, forfeit}], steps, returns, "
    "forfeits: [{seat, step, reason, detail}], gif (FILE or null), frames (number)}"
)
def play(
    arena_id: str,
    scripts: tuple[str, ...],
    seed: int,
    arguments: dict[str, Any],
    workspace: str,
    as_text: bool,
    gif: Path | None,
    fps: float,
    as_json: bool,
) -> None:
    """Play one episode of ARENA and print every step; with --gif also draw it.

    One SCRIPT for each seat, or one for all. A SCRIPT is a file, reference:NAME, RUN:AGENT or a policy id of the workspace.
    """
    from mascript.match.table import Table
    from mascript.shelf import arena, shelf

    spec = arena(arena_id, arguments)
    if len(scripts) not in (1, len(spec.seats)):
        raise click.UsageError(
            f"expected 1 or {len(spec.seats)} scripts for the {len(spec.seats)} seats of {spec.id}, got {len(scripts)}"
        )
    if gif is not None and spec.renderer is None:
        spec = _drawing_itself(spec, arena_id, arguments)
    with shelf(spec, workspace) as found:
        texts = [found.find(text) for text in (scripts if len(scripts) == len(spec.seats) else scripts * len(spec.seats))]
        lineup = [found.program(text) for text in texts]
    if not as_json:
        click.echo(f"{spec.id}, seed {seed}: " + ", ".join(f"{s} {t.label}" for s, t in zip(spec.seats, texts, strict=True)))
    table = Table(spec, spec.make(), seed)
    onlooker = Onlooker(table)
    if gif is not None:
        onlooker.keep()
    if as_text:
        start = onlooker.text()
        if not as_json:
            click.echo(f"\n{indented(start)}")
    decisions: list[Decision] = []
    for step in joint_steps(table, lineup):
        decisions += step
        if gif is not None:
            onlooker.keep()
        if as_json:
            continue
        if as_text:
            _print_scene(spec, step, onlooker.text())
            continue
        for decision in step:
            _print_decision(spec, decision)
    result = table.result()
    if gif is not None:
        from arenas.drawing.paint import write_gif

        write_gif(gif, onlooker.frames, fps)
    if as_json:
        forfeits = [{"seat": f.seat, "step": f.step, "reason": f.reason, "detail": f.detail} for f in result.forfeits]
        head = {"arena": spec.id, "seed": seed, "lineup": [text.label for text in texts], "decisions": decisions}
        end = {"steps": result.steps, "returns": result.returns, "forfeits": forfeits}
        print_json({**head, **end, "gif": gif, "frames": len(onlooker.frames)})
        return
    click.echo(
        f"\nafter {result.steps} steps, returns: "
        + ", ".join(f"{s} {cell(r)}" for s, r in zip(spec.seats, result.returns, strict=True))
    )
    if gif is not None:
        click.echo(f"{len(onlooker.frames)} frames in {gif}")
    for forfeit in result.forfeits:
        click.echo(f"{spec.seats[forfeit.seat]} forfeited at step {forfeit.step} ({forfeit.reason}): {forfeit.detail}")


def _drawing_itself(spec: ArenaSpec, arena_id: str, arguments: dict[str, Any]) -> ArenaSpec:
    """Return the arena with an environment that was told at its birth to draw, where it is one that takes any argument."""
    import arenas as house
    from arenas.drawing.foreign import MODE
    from arenas.errors import BadArguments

    try:
        return house.get(arena_id, **{**arguments, "render_mode": MODE})
    except BadArguments:  # a spec of its own takes its own arguments only; `foreign.image` asks its environment later
        return spec


def joint_steps(table: Table, lineup: list[Program]) -> Iterator[list[Decision]]:
    """Play the table to its end, one sandboxed worker per seat, and yield the decisions of each joint step once it is made."""
    from mascript.sandbox import Sandbox

    spec = table.spec
    with Sandbox() as sandbox, ExitStack() as stack:
        workers = [
            sandbox.policy(program, seat, spec.schema_of(seat), spec.actions_of(seat)) for seat, program in enumerate(lineup)
        ]
        for worker in workers:
            stack.callback(worker.close)
        while seats := table.waiting():
            decisions = [_decide(table, workers[seat], seat) for seat in seats]
            table.advance()
            yield decisions


def _decide(table: Table, worker: PolicyWorker, seat: int) -> Decision:
    """Ask one seat and tell the table what it answered."""
    from arenas.decode import decode
    from mascript.explain.words import seen, spoken
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
        observation=seen(decode(spec.schema_of(seat), packed)),
        legal=None if legal is None else tuple(spoken(actions, index) for index in legal),
        action=None if violation else spoken(actions, action),
        forfeit=f"{violation}: {detail}" if violation else "",
    )


def _read(reply: Reply) -> tuple[str, str, Any]:
    return reply.violation, reply.detail, reply.action


def _print_decision(spec: ArenaSpec, decision: Decision) -> None:
    from mascript.explain.words import short, summary

    click.echo(f"\nstep {decision.step}  {spec.seats[decision.seat]}")
    click.echo(indented(summary(decision.observation)))
    click.echo(f"  -> FORFEIT {decision.forfeit}" if decision.forfeit else f"  -> {short(decision.action)}")


def _print_scene(spec: ArenaSpec, step: list[Decision], scene: str) -> None:
    from mascript.explain.words import short

    said = ", ".join(f"{spec.seats[one.seat]} {f'FORFEIT {one.forfeit}' if one.forfeit else short(one.action)}" for one in step)
    click.echo(f"\nstep {step[0].step}  {said}\n{indented(scene)}")
