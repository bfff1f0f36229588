"""How far a policy is from a Nash equilibrium: best responses by a walk of the whole tree."""

from __future__ import annotations

from dataclasses import dataclass

from arenas.extensive.tree import Draw, End, Form, Policy, Turn, Walked


@dataclass(frozen=True)
class Conv:
    """Values of a policy and of the best answers to it. Made by `nash_conv`; read by tables and tests."""

    values: tuple[float, ...]
    """Expected return of each seat where all follow the policy."""
    best: tuple[float, ...]
    """Expected return of each seat's best response to the others' policy."""

    @property
    def total(self) -> float:
        """NashConv: the seats' gains from a best response, summed; 0 in an equilibrium.

        (Lanctot et al. 2017, "A Unified Game-Theoretic Approach to Multiagent Reinforcement Learning".) In a two-seat zero-sum game
        exploitability is half of it.
        """
        return sum(best - value for best, value in zip(self.best, self.values, strict=True))


def nash_conv(form: Form, policy: Policy) -> Conv:
    """Return the values of a policy that every seat follows, and of the best response of each seat to it."""
    return Conv(values(form, policy), tuple(_Response(form, policy, seat).value(form.root) for seat in range(form.seats)))


def values(form: Form, policy: Policy) -> tuple[float, ...]:
    """Return each seat's expected return where all follow the policy."""

    def walk(node: Walked) -> tuple[float, ...]:
        if isinstance(node, End):
            return node.returns
        weighed = node.outcomes if isinstance(node, Draw) else zip(policy[node.state], node.children, strict=True)
        parts = [tuple(share * value for value in walk(child)) for share, child in weighed if share > 0.0]
        return tuple(sum(column) for column in zip(*parts, strict=True))

    return walk(form.root)


class _Response:
    """The best response of one seat: in each information state one action for all the nodes in it, deepest first."""

    def __init__(self, form: Form, policy: Policy, seat: int) -> None:
        self._policy = policy
        self._seat = seat
        self._members: dict[int, list[tuple[float, Turn]]] = {}
        """State -> (probability that nature and the others lead there, node)."""
        self._chosen: dict[int, int] = {}
        self._gather(form.root, 1.0)

    def _gather(self, node: Walked, reach: float) -> None:
        if isinstance(node, Draw):
            for share, child in node.outcomes:
                self._gather(child, reach * share)
        elif isinstance(node, Turn):
            own = node.seat == self._seat
            if own:
                self._members.setdefault(node.state, []).append((reach, node))
            for share, child in zip(self._policy[node.state], node.children, strict=True):
                self._gather(child, reach if own else reach * share)

    def value(self, node: Walked) -> float:
        """Expected return of the seat from here on."""
        if isinstance(node, End):
            return node.returns[self._seat]
        if isinstance(node, Turn) and node.seat == self._seat:
            return self.value(node.children[self._choose(node.state)])
        weighed = node.outcomes if isinstance(node, Draw) else zip(self._policy[node.state], node.children, strict=True)
        return sum(share * self.value(child) for share, child in weighed if share > 0.0)

    def _choose(self, state: int) -> int:
        if state not in self._chosen:
            members = self._members[state]
            gains = [
                sum(reach * self.value(node.children[action]) for reach, node in members if reach > 0.0)
                for action in range(len(members[0][1].children))
            ]
            self._chosen[state] = max(range(len(gains)), key=gains.__getitem__)
        return self._chosen[state]
