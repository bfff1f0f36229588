"""What passes between the sandbox and its callers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from mascript.errors import SandboxError

Isolation = Literal["full", "partial"]
DeathReason = Literal["deadline", "memory", "cpu", "signal", "protocol"]

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one worker may use. Made by config; read by the sandbox."""

    fuel: int = 200_000
    """Units per decision (or per call of a shared function): deterministic, see `meter`."""
    deadline_s: float = 10.0
    """Wall seconds from a message to its answer; then SIGKILL. Generous: a verdict of it depends on the machine."""
    cpu_s: int = 300
    """CPU seconds in a worker's whole life (RLIMIT_CPU); it is replaced, between jobs, before an honest one gets there."""
    memory_bytes: int = 256 * MEBIBYTE
    """Address space over what the zygote itself has (RLIMIT_AS)."""
    reply_bytes: int = MEBIBYTE
    """Longest answer that the host reads."""


Legals = Sequence[Sequence[int] | None] | None
"""Per request of a message the indices of its legal actions, None for all; None where no request lists any."""


class Request(NamedTuple):
    """One decision that is asked for. Made by match; read by the worker."""

    slot: int
    """Which of the worker's parallel episodes, 0 to 65535."""
    observation: bytes
    legal: tuple[int, ...] | list[int] | None
    """Indices of the legal discrete actions; None where the action space has no finite list."""
    step: int
    begin_seed: int | None = None
    """Not None: a fresh episode in this slot, with this seed (0 to 2**64 - 1)."""
    seat: int | None = None
    """Of an episode that begins; None: the worker's own."""


class Reply(NamedTuple):
    """One decision, or why there is none. Made by the host side from the worker's answer; read by match."""

    slot: int
    action: int | tuple[float, ...] | tuple[int, ...] | None
    """Index of a discrete action, else the flat numbers of the reply; None after a violation."""
    violation: str = ""
    """A `Forfeit` reason: gate, load, error, fuel, recursion, action or reply."""
    detail: str = ""


@dataclass(frozen=True)
class Mechanism:
    """One kernel mechanism and whether it holds here. Made by `probe_mechanisms`; read by `mascript doctor`."""

    name: str
    holds: bool
    detail: str = ""


class WorkerDied(SandboxError):
    """A worker ended before it answered, or answered what is no answer.

    Attributes:
        reason: deadline, memory, cpu (these depend on the machine), signal (killed, or it ended itself) or protocol.
        detail: what was seen.
    """

    def __init__(self, reason: DeathReason, detail: str) -> None:
        super().__init__(f"the worker died ({reason}): {detail}")
        self.reason: DeathReason = reason
        self.detail = detail
