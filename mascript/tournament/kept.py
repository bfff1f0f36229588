"""Tournaments that are kept in a workspace, so that their payoffs and ratings can be looked at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mascript.journal import KeptRow, Rows, Workspace
from mascript.records import Pid
from mascript.tournament.records import Cell, Entrant, NashConv, Rating, Response, Social, Standing, Summary

TOURNAMENT = "tournament"
"""Kind of the kept result."""


@dataclass(frozen=True)
class Kept:
    """A tournament as a workspace keeps it. Made by `mascript tournament`; read by the web."""

    id: str
    summary: Summary
    arguments: tuple[tuple[str, Any], ...]
    """Of the arena."""
    pids: Mapping[str, Pid]
    """Of every script that played, by its label."""
    seeds: tuple[int, ...]
    original: bool
    """Played in the original environment; else in its fast twin."""


def keep(
    workspace: Workspace,
    summary: Summary,
    arguments: Sequence[tuple[str, Any]],
    players: Sequence[Entrant],
    seeds: Sequence[int],
    original: bool,
) -> Kept:
    """Write a tournament into a workspace under a name of its own.

    Raises:
        WorkspaceError: the file cannot be written.
    """
    rows = Rows(workspace)
    with workspace.transaction():
        number = len(rows.kept(TOURNAMENT, summary.arena)) + 1
        pids = {one.label: one.program.pid for one in players}
        found = Kept(f"{summary.arena}-{number}", summary, tuple(arguments), pids, tuple(seeds), original)
        rows.keep(KeptRow(f"{TOURNAMENT}-{found.id}", TOURNAMENT, summary.arena, asdict(found)))
    return found


def kept(workspace: Workspace, arena: str) -> list[Kept]:
    """Return the tournaments of an arena, the first one first."""
    return [_kept(row.body) for row in Rows(workspace).kept(TOURNAMENT, arena)]


def _kept(body: Mapping[str, Any]) -> Kept:
    summary = dict(body["summary"])
    value = summary["game_value"]
    read = {
        "rows": tuple(summary["rows"]),
        "columns": tuple(summary["columns"]),
        "cells": tuple(tuple(Cell(**cell) for cell in row) for row in summary["cells"]),
        "standings": tuple(map(_standing, summary["standings"])),
        "game_value": None if value is None else tuple(value),
    }
    arguments = tuple((name, given) for name, given in body["arguments"])
    return Kept(body["id"], Summary(**summary | read), arguments, body["pids"], tuple(body["seeds"]), body["original"])


def _standing(row: Mapping[str, Any]) -> Standing:
    parts: dict[str, Any] = {"rating": Rating, "response": Response}
    read = {name: None if row[name] is None else kind(**row[name]) for name, kind in parts.items()}
    distance = row["nash_conv"]
    if distance is not None:
        distance = NashConv(**{**distance, "values": tuple(distance["values"])})
    return Standing(**{**row, **read, "social": Social(**row["social"]), "nash_conv": distance})
