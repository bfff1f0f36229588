"""How people are shown a game of ours in which all seats act at once."""

from __future__ import annotations

from arenas.drawing.board import Cell, tiles
from arenas.drawing.scene import Renderer, Scene
from arenas.joint.games import JointOriginal


def _text(game: JointOriginal) -> str:
    said: str = game.env.design.text(game.env.world)
    return said


def _scene(game: JointOriginal) -> Scene:
    design, world = game.env.design, game.env.world
    if design.scene is not None:
        drawn: Scene = design.scene(world)
        return drawn
    return tiles([[Cell(colour) for colour in row] for row in design.picture(world)])


RENDERER = Renderer(_text, _scene)
"""Of every spec whose original is a `JointOriginal`: the environment's design says how it is drawn."""
