"""What runs in an evaluator process, whoever started it: one player and its sandbox, made at the first call and kept.

An executor hands `play` and `fingerprints` to some process. What they return is an answer even where the work raised, so that an
exception out of an executor's future means one thing: the call was lost.
"""

from __future__ import annotations

import pickle
import threading
import traceback
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from mascript.errors import MatchError, SandboxError
from mascript.match.play import Player
from mascript.records import MatchJob, MatchResult, ProbeJob
from mascript.sandbox import Limits, Sandbox

_T = TypeVar("_T")


@dataclass(frozen=True)
class Terms:
    """On what terms scripts play. Made by `Evaluators`; read by an evaluator, whose player keeps to them."""

    limits: Limits
    strict: bool = False
    gate: bool = True
    """False only to test what stands behind the gate."""


@dataclass(frozen=True)
class Raised:
    """Work that raised. Made in an evaluator; raised again by `Evaluators`."""

    error: Exception


class _Own(threading.local):
    """A player is driven by one thread, so in an executor of threads each has its own."""

    player: Player | None = None
    close: Callable[[], Any] | None = None


_own = _Own()


def play(terms: Terms, jobs: Sequence[MatchJob]) -> list[MatchResult] | Raised:
    """Play jobs in this process; one result per job, in order."""
    return _answer(terms, lambda player: player.play(jobs))


def fingerprints(terms: Terms, jobs: Sequence[ProbeJob]) -> list[str] | Raised:
    """Return one fingerprint per job, in order; empty where the program's worker died."""
    return _answer(terms, lambda player: player.fingerprints(jobs))


def portable(error: Exception) -> Exception:
    """Return the error if it survives a pickle whole, else a MatchError that says what it said."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        copy = pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001  an exception's own pickling is foreign code
        copy = None
    whole = type(copy) is type(error) and str(copy) == str(error)
    return error if whole else MatchError(f"{type(error).__name__}: {error}")


def _answer(terms: Terms, work: Callable[[Player], _T]) -> _T | Raised:
    """Do the work, once more in a new sandbox if somebody killed the zygote: a result never depends on such an accident."""
    try:
        try:
            return work(_player(terms))
        except SandboxError:
            return work(_renew(terms))
    except Exception as error:  # noqa: BLE001  told to the caller, who raises it: see the module's docstring
        return Raised(portable(error))


def _player(terms: Terms) -> Player:
    if _own.player is None or _terms_of(_own.player) != terms:
        return _renew(terms)
    return _own.player


def _terms_of(player: Player) -> Terms:
    return Terms(player.sandbox.limits, player.strict, player.sandbox.gate)


def _renew(terms: Terms) -> Player:
    if _own.close is not None:
        _own.close()
    sandbox = Sandbox(terms.limits, gate=terms.gate, require_full=terms.strict)
    _own.player = Player(sandbox, strict=terms.strict)
    _own.close = weakref.finalize(threading.current_thread(), sandbox.close)  # with the thread, and at the process's exit
    return _own.player
