"""Every arena of ours is drawn: as text, and as a GIF with a frame for each step, by the real command."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from PIL import Image

import arenas
from arenas.drawing.board import Cell, tiles
from arenas.drawing.paint import Caption, frame, paint
from arenas.drawing.scene import Box, Disc, Label, Line, Scene, seat_colour
from arenas.drawing.svg import scene_svg
from arenas.extras import installed
from arenas.lane_keeping.drawing import HEIGHT, WIDTH, clipped
from arenas.schema import ActionSpec
from arenas.spec import Action
from mascript.cli import main

SHORT = {"horizon": 8, "max_cycles": 8, "max_episode_steps": 8, "balls": 1, "periods": 2, "rounds": 4}
SHORTER = {"bin_packing_v0": {"items": 8}}
"""Arguments that mean the length of an episode in one arena and something else in another."""
DRAWN = tuple(id for id in arenas.names() if arenas.get(id).renderer is not None and installed(arenas.get(id).requires))
ALWAYS = {
    *("cleanup_v0", "commons_harvest_v0", "connect_four_v3", "foraging_v0", "hanabi_v0", "iterated_dilemma_v0", "leduc_v0"),
    *("rps_v2", "simple_adversary_v3", "simple_push_v3", "simple_reference_v3", "simple_speaker_listener_v4", "simple_spread_v3"),
    *("public_goods_v0", "simple_tag_v3", "stag_hunt_v0", "tictactoe_v3"),
    *("bin_packing_v0", "catch_pixels_v0", "double_auction_v0", "lane_keeping_v0"),
    *("Blackjack-v1", "CliffWalking-v1", "FrozenLake8x8-v1", "Taxi-v4"),
}


def _play(id: str, gif: Path, *options: str) -> dict[str, Any]:
    found = CliRunner().invoke(main, ["play", id, "reference:random", "--gif", str(gif), "--json", *options])
    assert found.exit_code == 0, found.output
    shown: dict[str, Any] = json.loads(found.stdout)
    return shown


def _frames(gif: Path) -> list[bytes]:
    with Image.open(gif) as image:
        frames = []
        for number in range(image.n_frames):  # type: ignore[attr-defined]
            image.seek(number)
            frames.append(image.convert("RGB").tobytes())
        return frames


def test_no_arena_lost_its_renderer() -> None:
    assert set(DRAWN) >= ALWAYS
    assert arenas.get("Foraging-8x8-2p-2f-coop-v3").renderer is not None


@pytest.mark.parametrize("id", DRAWN)
def test_a_gif_has_a_frame_for_the_start_and_for_each_step(id: str, tmp_path: Path) -> None:
    known = dict(arenas.get(id).arguments)
    short = [f"{name}={value}" for name, value in {**SHORT, **SHORTER.get(id, {})}.items() if name in known]
    shown = _play(id, tmp_path / "x.gif", *(part for text in short for part in ("--arg", text)))
    frames = _frames(tmp_path / "x.gif")
    assert len(frames) == shown["frames"] == shown["steps"] + 1 > 2
    assert len(set(frames)) == len(frames)


def _any(actions: ActionSpec, legal: Sequence[int] | None, rng: random.Random) -> Action:
    if actions.kind == "box":
        return tuple(rng.uniform(low, high) for low, high in zip(actions.low, actions.high, strict=True))
    return rng.choice(legal or range(actions.size))


@pytest.mark.parametrize("id", DRAWN)
def test_scenes_and_texts_change_with_the_game(id: str) -> None:
    """Apart from the caption, which counts the steps anyway."""
    spec = arenas.get(id)
    assert spec.renderer is not None
    game = spec.make()
    game.reset(3)
    rng, texts, scenes = random.Random(3), [], []
    while (waiting := game.waiting()) and len(texts) < 8:
        texts.append(spec.renderer.text(game))
        scenes.append(spec.renderer.scene(game))
        game.act({seat: _any(spec.actions_of(seat), game.legal(seat), rng) for seat in waiting})
    texts.append(spec.renderer.text(game))
    scenes.append(spec.renderer.scene(game))
    assert len(set(texts)) > len(texts) // 4 and len(set(scenes)) > 1  # a walker may bump into the same edge again
    assert all(len(line) <= 100 for text in texts for line in text.splitlines())
    assert len({paint(scene).size for scene in scenes}) == 1
    for shape in (shape for scene in scenes for shape in scene.shapes):
        assert -0.2 <= shape.x <= scenes[0].width + 0.2 or id.startswith("simple_")


@pytest.mark.parametrize("id", ["CartPole-v1", "classic/rps-v2", "generic:tictactoe_v3"])
def test_other_environments_draw_themselves(id: str, tmp_path: Path) -> None:
    shown = _play(id, tmp_path / "x.gif")
    frames = _frames(tmp_path / "x.gif")
    assert len(frames) == shown["steps"] + 1
    assert len(set(frames)) == len(frames)


def test_what_nobody_draws_says_so(tmp_path: Path) -> None:
    found = CliRunner().invoke(main, ["play", "generic:leduc_v0", "reference:random", "--gif", str(tmp_path / "x.gif")])
    assert found.exit_code == 1
    assert "its environment renders ansi, human, and no spec of ours draws it" in found.stderr
    assert not (tmp_path / "x.gif").exists()
    found = CliRunner().invoke(main, ["play", "CartPole-v1", "reference:random", "--text"])
    assert found.exit_code == 2
    assert "leave out --text" in found.stderr


def test_text_shows_the_scene_after_each_step() -> None:
    found = CliRunner().invoke(main, ["play", "tictactoe_v3", "reference:one_ply", "--text", "--seed", "3"])
    assert found.exit_code == 0, found.output
    scenes = [part for part in found.stdout.split("\n\n") if "x player_1, o player_2" in part]
    marks = [scene.replace("player", "").count("x") + scene.count("  o") for scene in scenes]
    assert len(scenes) > 2 and len(set(scenes)) == len(scenes) and marks == sorted(marks)


def test_a_road_is_drawn_as_far_as_it_is_in_view() -> None:
    assert clipped((-10.0, 20.0, 10.0, 20.0)) == (0.0, 20.0, 10.0, 20.0)
    assert clipped((10.0, -5.0, 10.0, 100.0)) == (10.0, 0.0, 10.0, HEIGHT)
    assert clipped((-5.0, 3.0, -1.0, 9.0)) is None and clipped((-1.0, 3.0, -1.0, 9.0)) is None
    assert clipped((1.0, 2.0, WIDTH - 1, 3.0)) == (1.0, 2.0, WIDTH - 1, 3.0)


def test_the_onlooker_sees_what_the_seat_does_not() -> None:
    """Of Blackjack the dealer's whole hand once the game is over, and no sooner; of the market everybody's limits."""
    spec = arenas.get("Blackjack-v1")
    game = spec.make()
    assert spec.renderer is not None
    game.reset(2)
    assert "?" in spec.renderer.text(game)
    game.act({0: 0})
    dealer, player = spec.renderer.text(game).splitlines()
    assert "?" not in dealer and int(dealer.split()[-1]) >= 17 and int(player.split()[-1]) <= 21
    market = arenas.get("double_auction_v0")
    assert market.renderer is not None
    auction = market.make()
    auction.reset(2)
    steps = [shape for shape in market.renderer.scene(auction).shapes if isinstance(shape, Line) and shape.thickness == 0.13]
    assert len(steps) == 8 * 3


def test_shapes_are_painted_where_they_lie() -> None:
    red, blue, green = (200, 0, 0), (0, 0, 200), (0, 150, 0)
    scene = Scene(
        4, 2, (Box(0, 0, 1, 1, red), Disc(2.5, 0.5, 0.4, blue), Line(0, 1.5, 4, 1.5, green, 0.2), Label(3.5, 0.5, "8", 0.8))
    )
    image = paint(scene)
    assert image.size == (480, 240)
    assert image.getpixel((60, 60)) == red and image.getpixel((300, 60)) == blue and image.getpixel((240, 180)) == green
    assert image.getpixel((180, 60)) == scene.background
    assert min(image.crop((380, 0, 470, 120)).convert("L").tobytes()) < 80  # ink


def test_a_caption_names_every_seat_and_frames_are_alike() -> None:
    seats = [f"player_{seat}" for seat in range(10)]
    few, many = (frame(tiles([[Cell((9, 9, 9))] * 3]), Caption("x", seats, [value] * 10)) for value in (0.0, -1234.5678))
    assert few.size == many.size and few.tobytes() != many.tobytes()
    colours = {colour for _, colour in many.getcolors(1 << 20) or []}
    assert {seat_colour(seat) for seat in range(10)} <= colours


def test_a_scene_as_svg_has_every_shape_and_only_texts() -> None:
    """Places, sizes and colours are the scene's; what a label says never becomes a part of the page."""
    evil = "<script>&'\""
    shapes = (
        Box(1, 2, 3, 4, None, (1, 2, 3), 0.5, 0.25),
        Disc(5, 5, 2, (255, 0, 16)),
        Line(0, 0, 9, 9, (0, 0, 0)),
        Label(4, 4, evil, 1),
    )
    root = ElementTree.fromstring(scene_svg(Scene(10, 20, shapes), evil))
    assert root.get("viewBox") == "0 0 10 20" and root.get("aria-label") == evil
    ground, box, disc, line, label = root
    assert [one.tag for one in root] == ["rect", "rect", "circle", "line", "text"] and ground.get("height") == "20"
    assert (box.get("fill"), box.get("stroke"), box.get("stroke-width"), box.get("rx")) == ("none", "#010203", "0.5", "0.25")
    assert (disc.get("r"), disc.get("fill"), line.get("x2"), label.text) == ("2", "#ff0010", "9", evil)
