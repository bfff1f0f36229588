"""Every address: its pattern, the view that reads for it, the template that shows it. With `.json` it is the JSON twin's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mascript.journal import Workspace
from mascript.web.asking import Ask
from mascript.web.views.arena import arena_page
from mascript.web.views.arenas import arenas_page
from mascript.web.views.compare import compare_page
from mascript.web.views.episode import episode_page
from mascript.web.views.function import function_page
from mascript.web.views.library import library_page
from mascript.web.views.lineage import lineage_page
from mascript.web.views.lines import lines_page
from mascript.web.views.prompts import prompt_page, prompts_page
from mascript.web.views.run import run_page
from mascript.web.views.runs import runs_page
from mascript.web.views.script import script_page
from mascript.web.views.scripts import scripts_page

RUN = "/runs/{run:[^/.]+}"


@dataclass(frozen=True)
class Route:
    """One address. Made here; read by the server."""

    pattern: str
    """Parts in braces go to the view by name. None of them may hold a dot, which begins `.json`."""
    view: Callable[[Workspace, Ask], Any]
    template: str
    place: str
    """Part of the navigation."""
    plays: bool = False
    """Whether the view may ask for an episode to be played; such requests wait apart from those that read."""


ROUTES = (
    Route("/runs", runs_page, "runs.html.j2", "runs"),
    Route(RUN, run_page, "run.html.j2", "runs"),
    Route(f"{RUN}/scripts", scripts_page, "scripts.html.j2", "runs"),
    Route(f"{RUN}/lineage", lineage_page, "lineage.html.j2", "runs"),
    Route(f"{RUN}/prompts", prompts_page, "prompts.html.j2", "runs"),
    Route(f"{RUN}/prompts/{{place:[^/.]+}}", prompt_page, "prompt.html.j2", "runs"),
    Route("/scripts/{pid:[^/.]+}", script_page, "script.html.j2", "runs"),
    Route("/scripts/{pid:[^/.]+}/episode", episode_page, "episode.html.j2", "runs", plays=True),
    Route("/scripts/{pid:[^/.]+}/lines", lines_page, "lines.html.j2", "runs", plays=True),
    Route("/arenas", arenas_page, "arenas.html.j2", "arenas"),
    Route("/arenas/{arena:[^/.]+}", arena_page, "arena.html.j2", "arenas"),
    Route("/compare", compare_page, "compare.html.j2", "compare"),
    Route("/library", library_page, "library.html.j2", "library"),
    Route("/library/{name:[^/.]+}", function_page, "function.html.j2", "library"),
)
