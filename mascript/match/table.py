"""One running episode: the game, who forfeited, and the digest that tells distinct trajectories apart."""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Callable
from typing import Any, TypeVar

from arenas.errors import IllegalAction
from arenas.schema import ActionSpec
from arenas.spec import ArenaSpec, Game
from mascript.errors import MatchError
from mascript.records import EpisodeResult, Forfeit, Probe

_T = TypeVar("_T")


class Table:
    """An episode in play. Made and driven by `play`; turns into an `EpisodeResult`."""

    def __init__(self, spec: ArenaSpec, game: Game, seed: int) -> None:
        self.spec = spec
        self.game = game
        self.seed = seed
        self.steps = 0
        self.forfeits: dict[int, Forfeit] = {}
        self.trace: list[Probe] = []
        self._actions: dict[int, Any] = {}
        self._digest = hashlib.blake2b(digest_size=8)
        self._began = [False] * len(spec.seats)
        self._run(lambda: game.reset(seed))

    def waiting(self) -> tuple[int, ...]:
        """Return the seats whose decision is still missing; seats that forfeited are answered at once."""
        while self.steps < self.spec.horizon:
            seats = [seat for seat in self._run(self.game.waiting) if seat not in self._actions]
            if not seats and not self._actions:
                return ()
            asked = tuple(seat for seat in seats if seat not in self.forfeits)
            if asked:
                return asked
            for seat in seats:
                self._actions[seat] = self._forfeit_action(seat)
            self.advance()
        return ()

    def shown(self, seat: int) -> tuple[bytes, tuple[int, ...] | None]:
        """Return what a seat that is asked to decide observes, and its legal actions."""
        observation = self._run(lambda: self.game.observe(seat))
        legal = self._run(lambda: self.game.legal(seat))
        return observation, None if legal is None else tuple(legal)

    def began(self, seat: int) -> bool:
        """Return whether the seat was ever asked to decide."""
        return self._began[seat]

    def begins(self, seat: int, observation: bytes) -> bool:
        """Return True at a seat's first decision; what it sees then tells openings apart in the digest."""
        if self._began[seat]:
            return False
        self._began[seat] = True
        self._digest.update(observation)
        return True

    def decide(self, seat: int, action: Any) -> None:
        """Take a seat's action; one outside a bounded space costs the seat its right to act."""
        outside = self._outside(seat, action)
        if outside:
            self.forfeit(seat, "action", outside)
        else:
            self._actions[seat] = action

    def forfeit(self, seat: int, reason: str, detail: str) -> None:
        """Record a violation; the seat plays the forfeit action from here to the end."""
        self.forfeits[seat] = Forfeit(seat, self.steps, reason, detail[:200])
        self._actions[seat] = self._forfeit_action(seat)

    def advance(self) -> None:
        """Apply the joint action once every awaited seat has decided."""
        awaited = self._run(self.game.waiting)
        if any(seat not in self._actions for seat in awaited):
            return
        actions = {seat: self._actions[seat] for seat in awaited}
        self._actions.clear()
        for seat, action in self._run(lambda: self._act(actions)).items():
            self._digest.update(struct.pack("<i", seat))
            self._digest.update(repr(action).encode())
        self.steps += 1

    def result(self) -> EpisodeResult:
        """Return the finished episode."""
        returns = tuple(float(value) for value in self._run(self.game.returns))
        if not all(math.isfinite(value) for value in returns):
            raise MatchError(f"arena {self.spec.id}, seed {self.seed}: expected finite returns, got {returns}")
        self._digest.update(repr(returns).encode())
        scores = tuple(self.spec.floor if seat in self.forfeits else value for seat, value in enumerate(returns))
        return EpisodeResult(
            seed=self.seed,
            returns=returns,
            scores=scores,
            steps=self.steps,
            trajectory=self._digest.hexdigest(),
            forfeits=tuple(self.forfeits[seat] for seat in sorted(self.forfeits)),
        )

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
        legal = self._run(lambda: self.game.legal(seat))
        return action if not legal or action in legal else legal[0]

    def _outside(self, seat: int, action: Any) -> str:
        actions = self.spec.actions_of(seat)
        if actions.kind != "box":
            return ""
        for index, value in enumerate(action):
            if not actions.low[index] <= value <= actions.high[index]:
                return f"component {index} is {value!r}, expected {actions.low[index]} to {actions.high[index]}"
        return ""

    def _run(self, call: Callable[[], _T]) -> _T:
        try:
            return call()
        except Exception as error:  # an environment is foreign code: what it raises is the evaluator's fault, never a score
            raise MatchError(
                f"arena {self.spec.id}, seed {self.seed}, step {self.steps}: {type(error).__name__}: {error}"
            ) from error


def _fitting(actions: ActionSpec, wished: Any) -> Any:
    """Return the arena's forfeit action where this seat can play it, else the seat's own nearest to zero: seats may be unlike."""
    if actions.kind == "discrete":
        return wished if isinstance(wished, int) and 0 <= wished < actions.size else 0
    bounds = list(zip(actions.low, actions.high, strict=True)) or [(-math.inf, math.inf)] * actions.size
    fits = isinstance(wished, tuple) and len(wished) == actions.size
    if fits and all(low <= value <= high for value, (low, high) in zip(wished, bounds, strict=True)):
        return wished
    return tuple(min(max(0.0, low), high) for low, high in bounds)
