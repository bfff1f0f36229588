"""Particles as text and as a picture, from the world of mpe2's environment."""

from __future__ import annotations

from math import ceil
from typing import Any

from arenas.drawing.scene import INK, PALE, PAPER, Colour, Disc, Label, Line, Renderer, Scene, Shape, seat_colour

_NEAR = 1.3
"""Half of the side of what is shown at least, in world units."""
_STEP = 0.5
"""The view widens by so much at a time, so that it does not tremble with whoever is farthest out."""
_ROOMY = 0.08
"""From this radius on an agent has room for its number."""
_GREY: Colour = (170, 172, 178)
_FIELD: Colour = (222, 222, 218)


def _world(game: Any) -> Any:
    return game.env.unwrapped.world


def _place(entity: Any) -> tuple[float, float]:
    x, y = entity.state.p_pos
    return float(x), float(y)


def _text(game: Any) -> str:
    world = _world(game)
    lines = []
    for agent in world.agents:
        x, y = _place(agent)
        vx, vy = agent.state.p_vel
        word = f"  says {_word(agent)}" if _word(agent) else ""
        lines.append(f"{agent.name:<12} at ({x:+.2f}, {y:+.2f})  velocity ({vx:+.2f}, {vy:+.2f}){word}")
    goals = _goals(world)
    for number, landmark in enumerate(world.landmarks):
        x, y = _place(landmark)
        wanted = f"  goal of {', '.join(goals[number])}" if number in goals else ""
        lines.append(f"landmark_{number}   at ({x:+.2f}, {y:+.2f}){wanted}")
    return "\n".join(lines)


def _scene(game: Any) -> Scene:
    world = _world(game)
    reach = max(abs(value) for entity in world.entities for value in _place(entity)) + 0.1
    half = _NEAR + _STEP * max(0, ceil((reach - _NEAR) / _STEP))

    def shown(entity: Any) -> tuple[float, float]:
        x, y = _place(entity)
        return half + x, half - y

    side = 2 * half
    low, high = half - 1, half + 1
    edges = ((low, low, high, low), (high, low, high, high), (high, high, low, high), (low, high, low, low))
    shapes: list[Shape] = [Line(*edge, _FIELD, 0.012) for edge in edges]
    goals = _goals(world)
    shapes += [Disc(*shown(landmark), landmark.size, _colour(landmark)) for landmark in world.landmarks]
    for seat, agent in enumerate(world.agents):
        x, y = shown(agent)
        shapes.append(Disc(x, y, agent.size, seat_colour(seat), INK if getattr(agent, "adversary", False) else PAPER, 0.02))
        if agent.size < _ROOMY:
            shapes.append(Label(x + agent.size + 0.05, y - agent.size, str(seat), 0.07, seat_colour(seat)))
        else:
            shapes.append(Label(x, y, str(seat), 0.1, (255, 255, 255)))
        if _word(agent):
            shapes.append(Label(x, y - agent.size - 0.08, f"says {_word(agent)}", 0.07, INK))
    for number, landmark in enumerate(world.landmarks):  # over the agents, which may cover it
        if number in goals or not landmark.collide:
            shapes.append(Disc(*shown(landmark), landmark.size + 0.05 * (number in goals), None, INK, 0.015))
    shapes.append(Label(0.05, side - 0.07, f"the square is [-1, 1]; {side:.3g} units across", 0.05, PALE, "left"))
    return Scene(side, side, tuple(shapes))


def _goals(world: Any) -> dict[int, list[str]]:
    """Which landmarks somebody is to reach, and who."""
    found: dict[int, list[str]] = {}
    for agent in world.agents:
        goals = (_goal(agent, "goal_a"), _goal(agent, "goal_b"))
        for number, landmark in enumerate(world.landmarks):
            if any(goal is landmark for goal in goals):
                found.setdefault(number, []).append(agent.name)
    return found


def _goal(agent: Any, name: str) -> Any:
    try:
        return getattr(agent, name, None)
    except AssertionError:  # mpe2's way to say that this agent has none
        return None


def _word(agent: Any) -> str:
    """The number of what a speaker said last; empty where it said nothing or cannot speak."""
    spoken = agent.state.c
    if agent.silent or spoken is None or not len(spoken) or not spoken.any():
        return ""
    return str(int(spoken.argmax()))


def _colour(landmark: Any) -> Colour:
    if landmark.color is None:
        return _GREY
    red, green, blue = (int(255 * min(1.0, max(0.0, float(part)))) for part in landmark.color)
    return red, green, blue


RENDERER = Renderer(_text, _scene)
