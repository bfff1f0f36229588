"""What the driver sees, and the road around the car as text and picture."""

from __future__ import annotations

from functools import partial
from math import hypot
from random import Random
from typing import Any

from arenas.drawing.scene import Colour
from arenas.grid.drawing import paint
from arenas.joint.design import Design, Span, View
from arenas.lane_keeping.roads import NO_TRAFFIC, SIGHT, Wall
from arenas.lane_keeping.rules import CROSSED, END, ID, TOP_SPEED, WHEEL, WHEELBASE, Drive, check
from arenas.lane_keeping.scenarios import COUNT
from arenas.lane_keeping.sensing import ANGLES
from arenas.schema import ActionSpec, Field

ACTIONS = ActionSpec(kind="box", size=2, low=(-1.0, -1.0), high=(1.0, 1.0), shape=(2,))
ROWS, COLUMNS = 25, 61
"""Metres around the car that are drawn."""
_PALETTE: dict[str, Colour] = {
    ".": (245, 245, 240),
    "#": (60, 60, 60),
    "o": (200, 60, 50),
    "c": (31, 119, 180),
    "^": (23, 190, 207),
}


def design(scenario: int | None = None, horizon: int = 400) -> Design:
    """Return the game with these arguments (see `arenas.lane_keeping.spec.build`).

    Raises:
        BadArguments: a value out of range.
    """
    check(scenario, horizon)
    seen = view(horizon)
    bound = 1.5 * horizon + 1000.0
    return Design(
        id=ID,
        players=1,
        horizon=horizon,
        actions=ACTIONS,
        view=seen,
        begin=partial(_begin, scenario, horizon),
        observe=partial(_observe, seen),
        state=_state,
        state_low=-bound,
        state_high=bound,
        text=text,
        picture=picture,
        told=_told,
    )


def view(horizon: int) -> View:
    """The fields and their bounds."""
    rays = len(ANGLES)
    ways = ", ".join(map(str, ANGLES))
    return View(
        Span(
            Field(
                "sensors",
                "list[float]",
                (rays,),
                "d",
                "m",
                f"to the first edge, obstacle or vehicle along rays at {ways} degrees to the left of ahead; {SIGHT:g} if none",
            ),
            0,
            SIGHT,
        ),
        Span(Field("speed", "float", (), "d", "m/s", "how fast I go"), 0, TOP_SPEED),
        Span(Field("wheel", "float", (), "d", "rad", "angle of the front wheels, to the left"), -WHEEL, WHEEL),
        Span(
            Field(
                "junction", "float", (), "d", "m", f"to the line before a junction, negative within it; {SIGHT:g} if none is near"
            ),
            -CROSSED,
            SIGHT,
        ),
        Span(Field("turn", "int", (), "b", "", "what to do at the junction: 1 turn left, -1 turn right, 0 straight on"), -1, 1),
        Span(
            Field(
                "gap",
                "float",
                (),
                "d",
                "s",
                f"until a vehicle with right of way is in the junction, 0 while one is; {NO_TRAFFIC:g} where none comes",
            ),
            0,
            NO_TRAFFIC,
        ),
        Span(Field("progress", "float", (), "d", "share", "share of the road driven so far"), 0, 1),
        Span(Field("steps_left", "int", (), "i", "steps", "steps until time is up, the one decided now included"), 0, horizon),
    )


def _begin(scenario: int | None, horizon: int, random: Random) -> Drive:
    return Drive(int(random.random() * COUNT) if scenario is None else scenario, horizon, random)


def _observe(seen: View, drive: Drive, seat: int) -> bytes:
    return seen.pack(
        *drive.sensors(),
        drive.speed,
        drive.wheel,
        drive.junction(),
        drive.road.turn,
        drive.gap(),
        drive.progress,
        drive.horizon - drive.ledger.steps,
    )


def _state(drive: Drive) -> list[float]:
    """Scenario, place, heading, speed, wheels, metres passed, seconds on the traffic's clock, steps played."""
    here = (drive.x, drive.y, drive.heading, drive.speed, drive.wheel)
    return [drive.number, *here, drive.along, drive.time, drive.ledger.steps]


def _told(drive: Drive) -> dict[str, Any]:
    return {"scenario": drive.number, "kind": drive.kind, "outcome": drive.outcome, "success": drive.outcome == END}


def text(drive: Drive) -> str:
    """Return the map around the car, a metre to a letter (# edges, o what to avoid, c the car, ^ its front), and how it goes."""
    said = [f"scenario {drive.number} ({drive.kind}), step {drive.ledger.steps}: {drive.outcome}"]
    said += ["".join(line) for line in _lines(drive)]
    return "\n".join([*said, f"player_0  {100 * drive.progress:.1f} % of the road, {drive.speed:.1f} m/s"])


def picture(drive: Drive) -> list[list[Colour]]:
    """Return the same map in colours."""
    return paint(_lines(drive), _PALETTE)


def _lines(drive: Drive) -> list[list[str]]:
    lines = [["."] * COLUMNS for _ in range(ROWS)]

    def put(x: float, y: float, letter: str) -> None:
        column, row = round(x - drive.x) + COLUMNS // 2, ROWS // 2 - round(y - drive.y)
        if 0 <= column < COLUMNS and 0 <= row < ROWS:
            lines[row][column] = letter

    for wall in drive.walls():
        for place in _places(wall):
            put(*place, "#")
    for x, y, _ in drive.discs():
        put(x, y, "o")
    front = drive.front()
    put(drive.x, drive.y, "c")
    put((drive.x + front[0]) / 2, (drive.y + front[1]) / 2, "c")
    put(drive.x + (front[0] - drive.x) * 3 / WHEELBASE, drive.y + (front[1] - drive.y) * 3 / WHEELBASE, "^")
    return lines


def _places(wall: Wall) -> list[tuple[float, float]]:
    """Places half a metre apart along a wall."""
    ax, ay, bx, by = wall
    count = max(int(2 * hypot(bx - ax, by - ay)), 1)
    return [(ax + (bx - ax) * part / count, ay + (by - ay) * part / count) for part in range(count + 1)]
