"""What is to be said of a run whose replay answered other questions than the recorded ones: in the journal question by question, in
reports one line an agent."""

from __future__ import annotations

from collections import Counter
from typing import Any

from mascript.journal import Journal


def remarks(journal: Journal, run: str) -> list[str]:
    """Return a line for each agent of which something was remarked; empty for a run that asked what its transcript was asked."""
    first: dict[str, dict[str, Any]] = {}
    counts: Counter[str] = Counter()
    for entry in journal.entries(run, kind="remark"):
        counts[entry.body["agent"]] += 1
        first.setdefault(entry.body["agent"], dict(entry.body))
    asked = Counter(entry.body["agent"] for entry in journal.entries(run, kind="reply")) if counts else Counter[str]()
    return [
        f"{agent}: {count} of {asked[agent]} replies answer a prompt other than the recorded one; first at generation "
        f"{first[agent]['generation']}, slot {first[agent]['slot']}, attempt {first[agent]['attempt']}: {first[agent]['remark']}"
        for agent, count in sorted(counts.items())
    ]
