"""Tournaments that a workspace keeps: they come back equal, number themselves, and their rows are held against a ledger."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import arenas
from mascript.journal import Workspace, verify_kept
from mascript.linking import link
from mascript.match.play import Player
from mascript.records import ArenaRef
from mascript.sandbox import Sandbox
from mascript.tournament import Entrant, Summary, play_tournament, summarise
from mascript.tournament.kept import keep, kept


def played() -> tuple[Summary, list[Entrant]]:
    spec = arenas.get("tictactoe_v3")
    entrants = [Entrant(f"reference:{one.name}", link(one.source, {}, None)) for one in spec.references[:2]]
    with Sandbox() as sandbox, closing(Player(sandbox)) as player:
        games = play_tournament(spec, ArenaRef(spec.id), entrants, range(4), player.play)
    return summarise(spec, games, [one.label for one in entrants]), entrants


def test_what_is_kept_comes_back_equal_and_a_changed_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "w.db"
    summary, entrants = played()
    with Workspace.open(path, create=True) as workspace:
        first = keep(workspace, summary, (("moves", 3),), entrants, range(4), original=False)
        second = keep(workspace, summary, (), entrants, range(4), original=True)
        assert [first.id, second.id] == ["tictactoe_v3-1", "tictactoe_v3-2"]
        assert kept(workspace, "tictactoe_v3") == [first, second] and kept(workspace, "rps_v2") == []
        assert first.summary == summary and summary.standings[0].rating is not None
        assert verify_kept(workspace) == ()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE run_kept SET body = replace(body, 'moves', 'muves') WHERE id LIKE '%-1'")
        connection.execute("INSERT INTO run_kept SELECT run, 'forged', kind, subject, body FROM run_kept LIMIT 1")
    with Workspace.open(path, read_only=True) as workspace:
        assert sorted((one.kind, one.table) for one in verify_kept(workspace)) == [("added", "run_kept"), ("changed", "run_kept")]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM run_kept WHERE id LIKE '%-2'")
    with Workspace.open(path, read_only=True) as workspace:
        assert "missing" in {one.kind for one in verify_kept(workspace)}
