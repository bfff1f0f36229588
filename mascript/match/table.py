"""One running episode: the game, who forfeited, and the digest that tells distinct trajectories apart."""

from __future__ import annotations

import hashlib
import math
import struct
from functools import lru_cache
from typing import Any

from arenas.errors import IllegalAction
from arenas.schema import ActionSpec
from arenas.spec import ArenaSpec, Game, Moves, OneSeatGame
from mascript.errors import MatchError
from mascript.records import EpisodeResult, Forfeit, Move, Probe, Trace

_MANY = 64
"""Indices from here on are not remembered as text."""


class Table:
    """An episode in play. Made and driven by `play`; turns into an `EpisodeResult`."""

    def __init__(self, spec: ArenaSpec, game: Game, seed: int, watched: bool = False) -> None:
        self.spec = spec
        self.game = game
        self.seed = seed
        self.steps = 0
        self.forfeits: dict[int, Forfeit] = {}
        self.trace: list[Probe] = []
        self._noted: list[Move] = []
        self._seen: dict[int, str] | None = {} if watched else None
        self._actions: dict[int, Any] = {}
        self._log: list[bytes | tuple[int, Any]] = [str(seed).encode()] if spec.chance else []
        """What the digest is over, in order: the seed where chance decides, a seat's first observation, or (seat, action)."""
        self._began = [False] * len(spec.seats)
        actions = [spec.actions_of(seat) for seat in range(len(spec.seats))]
        self._boxed = any(one.kind == "box" for one in actions)
        self.sizes = [one.size for one in actions]
        """Per seat the actions, or the numbers of one."""
        self._moves: Moves | None = None
        self._played: list[int] = []
        """Actions taken since `set_out`."""
        try:
            game.reset(seed)
        except Exception as error:  # an environment is foreign code: what it raises is the evaluator's fault, never a score
            raise self.fault(error) from error

    def waiting(self) -> tuple[int, ...]:
        """Return the seats whose decision is still missing; seats that forfeited are answered at once."""
        while self.steps < self.spec.horizon:
            awaited = self._awaited()
            if not self._actions and not self.forfeits:
                return awaited
            seats = [seat for seat in awaited if seat not in self._actions]
            if not seats and not self._actions:
                return ()
            asked = tuple(seat for seat in seats if seat not in self.forfeits)
            if asked:
                return asked
            for seat in seats:
                self._actions[seat] = self._forfeit_action(seat)
            self.advance()
        return ()

    def set_out(self) -> Moves | None:
        """Start the quick way of playing, where the game has one; `arrive` ends it."""
        if isinstance(self.game, OneSeatGame) and self._seen is None and self.steps < self.spec.horizon:
            self._moves = self.game.moves(self.spec.horizon - self.steps, self._played)
        return self._moves

    @property
    def quick(self) -> bool:
        """Whether it is being played the quick way."""
        return self._moves is not None

    def taken(self) -> int:
        """Return the steps so far, those of the quick way included."""
        return self.steps + len(self._played)

    def arrive(self) -> None:
        """End the quick way of playing: what was played so counts as if it had been decided seat by seat."""
        if self._moves is not None:
            self._moves.close()
            self._moves = None
            self.steps += len(self._played)
            self._log += [(0, action) for action in self._played]
            self._played.clear()

    def shown(self, seat: int) -> tuple[bytes, tuple[int, ...] | None]:
        """Return what a seat that is asked to decide observes, and its legal actions."""
        try:
            observation, legal = self.game.observe(seat), self.game.legal(seat)
        except Exception as error:  # as in __init__
            raise self.fault(error) from error
        if self._seen is not None:
            shown = repr(None if legal is None else tuple(legal)).encode() + observation
            self._seen[seat] = hashlib.blake2b(shown, digest_size=4).hexdigest()
        return observation, None if legal is None else tuple(legal)

    def began(self, seat: int) -> bool:
        """Return whether the seat was ever asked to decide."""
        return self._began[seat]

    def begins(self, seat: int, observation: bytes) -> bool:
        """Return True at a seat's first decision; what it sees then tells openings apart in the digest."""
        if self._began[seat]:
            return False
        self._began[seat] = True
        self._log.append(observation)
        return True

    def decide(self, seat: int, action: Any) -> None:
        """Take a seat's action; one outside a bounded space costs the seat its right to act."""
        outside = self._outside(seat, action) if self._boxed else ""
        if outside:
            self.forfeit(seat, "action", outside)
        else:
            self._actions[seat] = action
            self._note(seat, action)

    def forfeit(self, seat: int, reason: str, detail: str) -> None:
        """Record a violation; the seat plays the forfeit action from here to the end."""
        self.forfeits[seat] = Forfeit(seat, self.steps, reason, detail[:200])
        self._note(seat, None)
        self._actions[seat] = self._forfeit_action(seat)

    def advance(self) -> None:
        """Apply the joint action once every awaited seat has decided."""
        actions = {}
        for seat in self._awaited():
            if seat not in self._actions:
                return
            actions[seat] = self._actions[seat]
        self._actions.clear()
        try:
            self._log += self._act(actions).items()
        except Exception as error:  # as in __init__
            raise self.fault(error) from error
        self.steps += 1

    def decisions(self) -> Trace:
        """Return the decisions so far, by step and seat; empty unless the table is watched."""
        return tuple(sorted(self._noted, key=lambda move: (move.step, move.seat)))

    def result(self) -> EpisodeResult:
        """Return the finished episode."""
        try:
            returns = tuple(float(value) for value in self.game.returns())
        except Exception as error:  # as in __init__
            raise self.fault(error) from error
        if not all(math.isfinite(value) for value in returns):
            raise MatchError(f"arena {self.spec.id}, seed {self.seed}: expected finite returns, got {returns}")
        scores = tuple(self.spec.floor if seat in self.forfeits else value for seat, value in enumerate(returns))
        return EpisodeResult(
            seed=self.seed,
            returns=returns,
            scores=scores,
            steps=self.steps,
            trajectory=self._trajectory(returns),
            forfeits=tuple(self.forfeits[seat] for seat in sorted(self.forfeits)),
        )

    def fault(self, error: Exception) -> MatchError:
        """Return what an error of the environment means to the run."""
        return MatchError(f"arena {self.spec.id}, seed {self.seed}, step {self.taken()}: {type(error).__name__}: {error}")

    def _awaited(self) -> tuple[int, ...]:
        try:
            return tuple(self.game.waiting())
        except Exception as error:  # as in __init__
            raise self.fault(error) from error

    def _trajectory(self, returns: tuple[float, ...]) -> str:
        parts = [entry if isinstance(entry, bytes) else _text(*entry) for entry in self._log]
        parts.append(repr(returns).encode())
        return hashlib.blake2b(b"".join(parts), digest_size=8).hexdigest()

    def _note(self, seat: int, action: Any) -> None:
        if self._seen is not None:
            self._noted.append(Move(self.steps, seat, self._seen.get(seat, ""), action))

    def _act(self, actions: dict[int, Any]) -> dict[int, Any]:
        """Apply a joint action and return it; a seat whose action the space refuses forfeits, and another stands in for it.

        Games refuse before anything has changed, so the same step is tried again.
        """
        while True:
            try:
                self.game.act(actions)
                return actions
            except IllegalAction as illegal:
                if illegal.seat not in actions or illegal.seat in self.forfeits:
                    raise
                self.forfeit(illegal.seat, "action", str(illegal))
                actions = {**actions, illegal.seat: self._actions.pop(illegal.seat)}

    def _forfeit_action(self, seat: int) -> Any:
        action = _fitting(self.spec.actions_of(seat), self.spec.forfeit_action)
        try:
            legal = self.game.legal(seat)
        except Exception as error:  # as in __init__
            raise self.fault(error) from error
        return action if not legal or action in legal else legal[0]

    def _outside(self, seat: int, action: Any) -> str:
        actions = self.spec.actions_of(seat)
        if actions.kind != "box":
            return ""
        for index, value in enumerate(action):
            if not actions.low[index] <= value <= actions.high[index]:
                return f"component {index} is {value!r}, expected {actions.low[index]} to {actions.high[index]}"
        return ""


def _text(seat: int, action: Any) -> bytes:
    """What an action adds to the digest."""
    if action.__class__ is not int or not 0 <= action < _MANY:
        return struct.pack("<i", seat) + repr(action).encode()
    return _index_text(seat, action)


@lru_cache(8 * _MANY)
def _index_text(seat: int, index: int) -> bytes:
    return struct.pack("<i", seat) + repr(index).encode()


def _fitting(actions: ActionSpec, wished: Any) -> Any:
    """Return the arena's forfeit action where this seat can play it, else the seat's own nearest to zero: seats may be unlike."""
    if actions.kind == "discrete":
        return wished if isinstance(wished, int) and 0 <= wished < actions.size else 0
    bounds = list(zip(actions.low, actions.high, strict=True)) or [(-math.inf, math.inf)] * actions.size
    fits = isinstance(wished, tuple) and len(wished) == actions.size
    if fits and all(low <= value <= high for value, (low, high) in zip(wished, bounds, strict=True)):
        return wished
    return tuple(min(max(0.0, low), high) for low, high in bounds)
