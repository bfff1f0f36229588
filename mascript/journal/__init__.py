"""The record of what happened: one workspace file, hash-chained journals, checkpoints, and the rows that graphs are built from."""

from mascript.journal.calls import Call, Calls, Place, Reply, Spend
from mascript.journal.chain import Checkpoint, Entry, Journal, Problem, RunRow, Status, Telemetry
from mascript.journal.outside import Outside, Submission
from mascript.journal.results import CacheWarning, ResultFile, results_path
from mascript.journal.rows import CurveRow, EffectRow, ExposureRow, KeptRow, PolicyRow, Rows, UsageRow
from mascript.journal.standing import Standing, audit_rows, standing, state_of
from mascript.journal.trail import Flaw, Trail, verify_kept, verify_run
from mascript.journal.workspace import Workspace

__all__ = [
    "CacheWarning",
    "Call",
    "Calls",
    "Checkpoint",
    "CurveRow",
    "EffectRow",
    "Entry",
    "ExposureRow",
    "Flaw",
    "Journal",
    "KeptRow",
    "Outside",
    "Place",
    "PolicyRow",
    "Problem",
    "Reply",
    "ResultFile",
    "Rows",
    "RunRow",
    "Spend",
    "Standing",
    "Status",
    "Submission",
    "Telemetry",
    "Trail",
    "UsageRow",
    "Workspace",
    "audit_rows",
    "results_path",
    "standing",
    "state_of",
    "verify_kept",
    "verify_run",
]
