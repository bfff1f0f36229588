"""How a run was isolated and what its strict re-scoring found, read back from the journal for whoever reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mascript.journal import Journal

UNRECORDED = "unrecorded"


@dataclass(frozen=True)
class Mismatched:
    """One cause for which strict mode played a run's episodes otherwise. Made by `strictness`; read by status and reports."""

    generation: int
    agent: str
    """In whose turn it was found."""
    verdict: str
    """cheating, leakage, nondeterminism, arena or machine."""
    reason: str
    blamed: tuple[str, ...]
    """Scripts that were not kept for it."""
    episodes: int
    """So many differ for this cause; what follows is the first of them."""
    seed: int
    differs: tuple[str, ...]
    default: Mapping[str, Any]
    """{returns, steps, trajectory, forfeits, unscored, trace: [[step, seat, digest of what was shown, action]]} in the search."""
    strict: Mapping[str, Any]
    """The same in strict mode."""


@dataclass(frozen=True)
class Strictness:
    """Made by `strictness`; read by the run's summary, status and reports."""

    isolation: str
    """full, partial or unrecorded: of the machines that the run was on."""
    missing: tuple[str, ...]
    """Mechanisms of the sandbox that one of them lacked."""
    elites: int
    """Episodes of challengers that had beaten the champion and were played again."""
    sampled: int
    """Episodes of drawn candidates that were played again."""
    rescored: int
    """Strict episodes in all; no part of the search's episodes."""
    seconds: float
    mismatches: tuple[Mismatched, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    def sentences(self) -> list[str]:
        """What a reader must be told, in plain words: how much was played again, what differed, and what isolation lacked."""
        if not self.rescored:
            said = ["no episode was played again in strict mode"]
        else:
            how = "strict mode" if self.isolation == "full" else "processes of their own (isolation is not full)"
            came = "every one came out the same" if not self.mismatches else f"{sum(m.episodes for m in self.mismatches)} differ"
            which = f"{self.elites} of challengers and {self.sampled} of drawn candidates"
            said = [f"{self.rescored} episodes were played again in {how}, {which}: {came}"]
        for one in self.mismatches:
            blamed = f"script {', '.join(pid[:23] for pid in one.blamed)} is not kept" if one.blamed else "no script is to blame"
            said.append(f"generation {one.generation}, {one.agent}: {one.reason}; {blamed}")
        if self.missing:
            said.append(f"isolation is partial: this machine lacks {', '.join(self.missing)}")
        return said


def strictness(journal: Journal, run: str) -> Strictness:
    """Return what a run's journal and telemetry say.

    Raises:
        NotFound: there is no such run.
    """
    noted = [one.body for one in journal.measurements(run, "sandbox")]
    missing = tuple(sorted({str(name) for body in noted for name in body["missing"]}))
    counts = [entry.body for entry in journal.entries(run, kind="rescore")]
    return Strictness(
        isolation=UNRECORDED if not noted else "partial" if missing else "full",
        missing=missing,
        elites=sum(body["elites"] for body in counts),
        sampled=sum(body["sampled"] for body in counts),
        rescored=sum(body["episodes"] for body in counts),
        seconds=sum(float(one.body["seconds"]) for one in journal.measurements(run, "rescore")),
        mismatches=tuple(_mismatched(entry.body) for entry in journal.entries(run, kind="mismatch")),
    )


def _mismatched(body: Mapping[str, Any]) -> Mismatched:
    first = body["first"]
    return Mismatched(
        generation=body["generation"],
        agent=body["agent"],
        verdict=first["verdict"],
        reason=body["reason"],
        blamed=tuple(body["blamed"]),
        episodes=body["episodes"],
        seed=first["seed"],
        differs=tuple(first["differs"]),
        default=first["default"],
        strict=first["strict"],
    )
