"""Every script that a run judged, page by page."""

from __future__ import annotations

import json
from dataclasses import dataclass

from mascript.journal import Journal, Workspace
from mascript.journal.browse import ScriptLine, script_lines
from mascript.web.asking import Ask, Paging, paging

SIZE = 50
STATUSES = ("champion", "judged")


@dataclass(frozen=True)
class ScriptsPage:
    """Scripts of a run, the latest generation first. Made by `scripts_page`; read by its template."""

    run: str
    scripts: tuple[ScriptLine, ...]
    paging: Paging
    agents: tuple[str, ...]
    agent: str
    status: str


def scripts_page(workspace: Workspace, ask: Ask) -> ScriptsPage:
    """Return scripts of a run, of one `agent` and `status` only, if given.

    Raises:
        NotFound: no such run.
        BadQuestion: an agent or a status that it does not have.
    """
    row = Journal(workspace).run(ask.parts["run"])
    agents = tuple(str(agent["name"]) for agent in json.loads(row.config_json)["agents"])
    agent, status = ask.choice("agent", agents), ask.choice("status", STATUSES)
    total = script_lines(workspace, row.run, agent=agent or None, status=status or None, limit=0).total
    part = paging(ask, total, SIZE)
    found = script_lines(workspace, row.run, agent=agent or None, status=status or None, limit=SIZE, offset=part.offset)
    return ScriptsPage(row.run, found.lines, part, agents, agent, status)
