"""What a verdict leaves in the tables; inside a unit of work."""

from __future__ import annotations

import re

from library.admission import Decision, Refusal
from library.records import Contributor, Verdict
from library.rows import NewRelease
from library.store import Store


def record(store: Store, decision: Decision, by: NewRelease) -> Verdict:
    """Write an accepted contribution and its release."""
    function = decision.function
    if decision.kind != "alias":
        if store.linked(function.fid) is None:  # another run, which this one does not see, may have found it too
            store.write_function(function, decision.probes, by)
        store.write_derivations(function.fid, decision.parents)
    release = store.write_release(by, function.signature, function.doc)
    equals = [store.of_fid(fid)[0].pin for kind, fid in decision.parents if kind == "equivalent"]
    return Verdict(True, decision.kind, release, reason=decision.reason, equivalent=tuple(equals))


def reject(store: Store, refusal: Refusal, source: str, derives_from: str, by: Contributor) -> Verdict:
    """Write a refused contribution, so that its contributor can be told."""
    row = {
        "name": name_in(source),
        "source": source,
        "derives_from": derives_from,
        "author": by.author,
        "run": by.run,
        "generation": by.generation,
        "gate": refusal.gate,
        "reason": refusal.reason,
    }
    store.write_rejection(row)
    return Verdict(False, "rejected", None, refusal.gate, refusal.reason)


def name_in(source: str) -> str:
    """The name that a refused text tried to define, for those who look through refusals; empty where none can be seen."""
    found = re.search(r"^def\s+(\w+)", source, re.MULTILINE)
    return found[1] if found else ""
