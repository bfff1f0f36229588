"""Metadata for Datasette: what each table and column of a workspace file means, and questions that people ask of it."""

from __future__ import annotations

from typing import Any

from mascript.data.tables import columns_of
from mascript.evolve.audit import AuditRow
from mascript.journal import CurveRow, ExposureRow, PolicyRow, RunRow, UsageRow

_TABLES: dict[str, tuple[str, type | None]] = {
    "journal_run": ("Runs: one row each, with the head of its hash chain.", RunRow),
    "journal_entry": ("The journal: what was decided, in a hash chain per run. The bodies are JSON.", None),
    "journal_ledger": ("Digests of every row of a run, in a second hash chain.", None),
    "journal_telemetry": ("Measurements: times, workers, cache hits. Decides nothing, and is in no chain.", None),
    "run_curve": ("Scores of an agent at the end of a generation, on seeds that guided the search.", CurveRow),
    "run_policy_version": ("Scripts as they were judged. Their code is untrusted.", PolicyRow),
    "run_usage": ("Which script imports and calls which function.", UsageRow),
    "run_exposure": ("Functions that a writer was shown. Shown is not used.", ExposureRow),
    "run_effect": ("Measured effects of borrowed functions. The bodies are JSON; pool `audit` is what may be reported.", None),
    "run_call": ("Calls of models: state, tokens, cost in millionths of a dollar.", None),
    "run_reply": ("What models and people replied.", None),
    "lib_function": ("Functions by identity: a hash of their code and of what they call.", None),
    "lib_release": ("Releases: a name, a version decided by behaviour, and the function that it stands for.", None),
    "lib_derivation": ("What a function came from: revision, fork, extraction, the same behaviour.", None),
    "lib_dependency": ("Which function calls which.", None),
    "lib_rejection": ("Contributions that were refused, by which gate and why.", None),
}
_HIDDEN = ("journal_checkpoint", "journal_lease", "journal_migration", "lib_migration", "lib_shape", "lib_probe", "lib_origin")
_QUERIES = {
    "scores": (
        "Final scores",
        "SELECT run, json_extract(row.value, '$.who') AS who, json_extract(row.value, '$.against') AS against, "
        "json_extract(row.value, '$.mean') AS mean, json_extract(row.value, '$.half_width') AS half_width, "
        "json_extract(row.value, '$.n') AS n FROM journal_entry, json_each(body, '$.rows') AS row WHERE kind = 'audit' "
        "ORDER BY run, who",
    ),
    "effects": (
        "What borrowed functions were worth",
        "SELECT run, agent, json_extract(body, '$.helper') AS helper, json_extract(body, '$.label') AS label, "
        "json_extract(body, '$.own.mean') AS own, json_extract(body, '$.others.mean') AS others, json_extract(body, '$.n') AS n "
        "FROM run_effect WHERE json_extract(body, '$.pool') = 'audit' ORDER BY run, agent",
    ),
    "adopted": (
        "Functions by how many scripts import them",
        "SELECT name, fid, count(DISTINCT pid) AS scripts, sum(calls_executed) AS calls FROM run_usage WHERE imported "
        "GROUP BY name, fid ORDER BY scripts DESC",
    ),
    "refused": (
        "Why contributions were refused",
        "SELECT gate, reason, count(*) AS times FROM lib_rejection GROUP BY gate, reason ORDER BY times DESC",
    ),
}


def metadata(name: str) -> dict[str, Any]:
    """Return the metadata of a workspace as `datasette --metadata` takes it.

    Args:
        name: of the database in Datasette: the file's name without its suffix.
    """
    tables: dict[str, Any] = {table: {"hidden": True} for table in _HIDDEN}
    for table, (meaning, record) in _TABLES.items():
        tables[table] = {"description": meaning}
        if record is not None:
            tables[table]["columns"] = {one.name: one.meaning for one in columns_of(record) if one.meaning}
    tables["run_curve"]["sort"] = "generation"
    tables["run_policy_version"]["facets"] = ["status", "operator", "agent"]
    queries = {key: {"title": title, "sql": sql} for key, (title, sql) in _QUERIES.items()}
    queries["scores"]["description"] = "; ".join(f"{one.name}: {one.meaning}" for one in columns_of(AuditRow) if one.meaning)
    return {
        "title": "A workspace of mascript",
        "description": "Scripts that agents wrote, functions that they share, and what borrowed functions were worth.",
        "databases": {name: {"tables": tables, "queries": queries}},
    }
