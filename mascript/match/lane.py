"""The quick way of playing: episodes of one seat whose worker is asked for all of them at once, step after step.

What an episode gives is the same as by the general way (`play`), which takes over where a lane ends: at a violation, at a list of
legal actions, at the end of an episode.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import GEN_CLOSED, getgeneratorstate

from arenas.spec import Moves
from mascript.match.table import Table
from mascript.sandbox import PolicyWorker, Reply


@dataclass(eq=False)
class _Runner:
    """One episode in a lane."""

    table: Table
    slot: int
    moves: Moves
    seed: int | None
    """Of the script's episode, as long as it has not begun."""


class Lane:
    """The episodes of one worker that move in step. Made by `play`; driven by it in rounds of `ask` and `take`."""

    def __init__(self) -> None:
        self._runners: list[_Runner] = []
        self._sends: list[Callable[[int], bytes]] = []
        self._shown: list[bytes] = []
        self._slots: list[int] = []
        self._changed = True

    def __bool__(self) -> bool:
        return bool(self._runners)

    def join(self, table: Table, slot: int, seed: int) -> bool:
        """Take an episode that has not begun, if its game can be played so."""
        moves = table.set_out()
        if moves is None:
            return False
        try:
            shown = next(moves)
        except Exception as error:  # an environment is foreign code: what it raises is the evaluator's fault, never a score
            raise table.fault(error) from error
        if not shown:
            table.arrive()
            return False
        table.begins(0, shown)
        self._runners.append(_Runner(table, slot, moves, seed))
        self._shown.append(shown)
        self._changed = True
        return True

    def ask(self, worker: PolicyWorker) -> None:
        """Ask the worker, always the same one, for a decision of every episode.

        Raises:
            WorkerDied: it is gone.
        """
        if not self._changed and worker.asked_last(self._slots):
            worker.onward(self._shown)
            return
        runners = self._runners
        seeds = [(place, 0, runner.seed) for place, runner in enumerate(runners) if runner.seed is not None]
        steps = [runner.table.taken() for runner in runners]
        self._slots = [runner.slot for runner in runners]
        worker.ask(self._slots, steps, seeds, None, self._shown)
        self._sends = [runner.moves.send for runner in runners]
        self._changed = False
        for runner in runners:
            runner.seed = None

    def take(self, answers: Sequence[int] | list[Reply]) -> bool:
        """Play what the worker answered; return whether an episode left the lane, which it does where it cannot go on so.

        Raises:
            MatchError: an environment raised.
        """
        if isinstance(answers, list):
            self._take_one_by_one(answers)
            return True
        try:
            self._shown = [send(action) for send, action in zip(self._sends, answers, strict=True)]
        except Exception as error:  # as above
            stopped = next(runner for runner in self._runners if getgeneratorstate(runner.moves) == GEN_CLOSED)
            raise stopped.table.fault(error) from error
        if all(self._shown):
            return False
        self._part()
        return True

    def _take_one_by_one(self, answers: Sequence[Reply]) -> None:
        for place, (runner, reply) in enumerate(zip(self._runners, answers, strict=True)):
            if isinstance(reply.action, int):
                try:
                    self._shown[place] = runner.moves.send(reply.action)
                except Exception as error:  # as above
                    raise runner.table.fault(error) from error
            else:
                runner.table.arrive()
                runner.table.forfeit(0, reply.violation, reply.detail)
                runner.table.advance()
                self._shown[place] = b""
        self._part()

    def _part(self) -> None:
        """Let those go that show nothing more."""
        for runner, shown in zip(self._runners, self._shown, strict=True):
            if not shown:
                runner.table.arrive()
        self._runners = [runner for runner, shown in zip(self._runners, self._shown, strict=True) if shown]
        self._shown = [shown for shown in self._shown if shown]
        self._changed = True
