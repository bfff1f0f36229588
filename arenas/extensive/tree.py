"""A game in extensive form, and its information states.

An arena builds a tree of `End`, `Chance` and `Choice` nodes; `form` gathers the choices that a seat cannot tell apart. Seats recall
all that they saw and did, so an information state is the sequence of a seat's observations and actions (perfect recall).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Distribution: TypeAlias = tuple[float, ...]
"""Probabilities of the legal actions, in their order."""
Policy: TypeAlias = tuple[Distribution, ...]
"""One distribution per information state of a `Form`."""


@dataclass(frozen=True, eq=False)
class End:
    """The game is over. Made by arenas."""

    returns: tuple[float, ...]
    """One per seat."""


@dataclass(frozen=True, eq=False)
class Chance:
    """Nature moves. Made by arenas."""

    outcomes: tuple[tuple[float, Node], ...]
    """(probability, what follows); the probabilities sum to 1."""


@dataclass(frozen=True, eq=False)
class Choice:
    """A seat moves. Made by arenas; `form` turns it into a `Turn`."""

    seat: int
    observation: bytes
    """What the seat sees, packed as the arena's schema says."""
    legal: tuple[int, ...]
    """Indices of the legal actions, in rising order."""
    children: tuple[Node, ...]
    """What follows each legal action."""


Node: TypeAlias = End | Chance | Choice


@dataclass(frozen=True)
class Decision:
    """What a seat was shown at one of its decisions. Made by `form`; read by whoever asks a policy."""

    observation: bytes
    legal: tuple[int, ...]
    step: int
    """Actions of all seats before this one."""


@dataclass(frozen=True)
class InformationState:
    """All that a seat knows when it moves. Made by `form`; read by whoever fills a `Policy`."""

    seat: int
    past: tuple[tuple[Decision, int], ...]
    """The seat's own earlier decisions, each with the action that it chose."""
    now: Decision


@dataclass(frozen=True, eq=False)
class Turn:
    """A choice whose information state is known by number. Made by `form`; read by the walks."""

    seat: int
    state: int
    children: tuple[Walked, ...]


@dataclass(frozen=True, eq=False)
class Draw:
    """Nature's move in a `Form`."""

    outcomes: tuple[tuple[float, Walked], ...]


Walked: TypeAlias = End | Draw | Turn


@dataclass(frozen=True, eq=False)
class Form:
    """A tree whose information states are numbered. Made by `form`; read by `nash_conv`, `cfr` and whoever fills a policy."""

    root: Walked
    seats: int
    states: tuple[InformationState, ...]
    """In the order in which a walk of the tree meets them."""

    def uniform(self) -> Policy:
        """Return the policy that plays every legal action as often."""
        return tuple((1 / len(state.now.legal),) * len(state.now.legal) for state in self.states)


def form(root: Node, seats: int) -> Form:
    """Number the information states of a tree."""
    numbers: dict[InformationState, int] = {}
    nothing: tuple[tuple[Decision, int], ...] = ()

    def walk(node: Node, pasts: tuple[tuple[tuple[Decision, int], ...], ...], step: int) -> Walked:
        if isinstance(node, End):
            return node
        if isinstance(node, Chance):
            return Draw(tuple((share, walk(child, pasts, step)) for share, child in node.outcomes))
        now = Decision(node.observation, node.legal, step)
        past = pasts[node.seat]
        number = numbers.setdefault(InformationState(node.seat, past, now), len(numbers))
        children = []
        for action, child in zip(node.legal, node.children, strict=True):
            longer = (*pasts[: node.seat], (*past, (now, action)), *pasts[node.seat + 1 :])
            children.append(walk(child, longer, step + 1))
        return Turn(node.seat, number, tuple(children))

    walked = walk(root, (nothing,) * seats, 0)
    return Form(walked, seats, tuple(numbers))
