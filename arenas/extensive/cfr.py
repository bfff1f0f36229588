"""Counterfactual regret minimisation, which approaches an equilibrium of a two-seat zero-sum game.

CFR: Zinkevich et al. 2007, "Regret Minimization in Games with Incomplete Information". CFR+: Tammelin 2014, "Solving Large
Imperfect Information Games Using CFR+" (regrets never below 0, averages weighted by the iteration). Seats are updated in turn.
"""

from __future__ import annotations

from arenas.extensive.tree import Distribution, Draw, End, Form, Policy, Walked


def solve(form: Form, iterations: int, *, plus: bool = True) -> Policy:
    """Return the average policy after so many iterations; after the first it is the uniform one."""
    solver = _Solver(form, plus)
    for iteration in range(1, iterations + 1):
        for seat in range(form.seats):
            solver.update(seat, float(iteration) if plus else 1.0)
    return tuple(_share(row) for row in solver.sums)


class _Solver:
    def __init__(self, form: Form, plus: bool) -> None:
        self._form = form
        self._plus = plus
        self._policy: list[Distribution] = list(form.uniform())
        self._regrets = [[0.0] * len(row) for row in self._policy]
        self.sums = [[0.0] * len(row) for row in self._policy]
        """Weighted sums of the policies so far, by information state."""

    def update(self, seat: int, weight: float) -> None:
        """Walk the tree for one seat, then match its policy to its regrets."""
        self._walk(self._form.root, seat, weight, 1.0)
        for number, state in enumerate(self._form.states):
            if state.seat == seat:
                if self._plus:
                    self._regrets[number] = [max(regret, 0.0) for regret in self._regrets[number]]
                self._policy[number] = _share([max(regret, 0.0) for regret in self._regrets[number]])

    def _walk(self, node: Walked, seat: int, own: float, others: float) -> float:
        """Return the seat's expected return; `own` is its (weighted) probability to come here, `others` everybody else's."""
        if isinstance(node, End):
            return node.returns[seat]
        if isinstance(node, Draw):
            return sum(share * self._walk(child, seat, own, others * share) for share, child in node.outcomes)
        policy = self._policy[node.state]
        if node.seat != seat:
            return sum(
                share * self._walk(child, seat, own, others * share) for share, child in zip(policy, node.children, strict=True)
            )
        gains = [self._walk(child, seat, own * share, others) for share, child in zip(policy, node.children, strict=True)]
        value = sum(share * gain for share, gain in zip(policy, gains, strict=True))
        regrets, sums = self._regrets[node.state], self.sums[node.state]
        for action, share in enumerate(policy):
            regrets[action] += others * (gains[action] - value)
            sums[action] += own * share
        return value


def _share(weights: list[float]) -> Distribution:
    """Weights in proportion; all alike where all are 0."""
    total = sum(weights)
    return tuple(weight / total for weight in weights) if total > 0.0 else (1 / len(weights),) * len(weights)
