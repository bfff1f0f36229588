"""What a strategy does, in numbers: named rates where an arena defines them, and action by coarse state for any arena. Pure.

Dilemmas (every arena with a cooperative action, named in `COOPERATES`), from a seat's own decisions and its co-players' of the step
before; the others cooperated if at least half of them did:

- cooperation: share of cooperative decisions
- retaliation: share of defections right after it cooperated and the others did not
- forgiveness: share of cooperation right after it defected and the others did not
- exploitation: share of defections right after everybody cooperated

Roles: 0 where all seats choose actions alike, 1 where no two ever choose the same (mean pairwise total variation distance). Ground
covered: distinct cells that a seat visits, per decision. Signalling: mutual information of a private field and the message sent, in
bits, and its share of what the field holds.
"""

from __future__ import annotations

import math
import struct
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arenas.decode import decode, packed_size
from arenas.schema import ActionSpec, Schema
from arenas.spec import ArenaSpec
from mascript.emergence.watch import Episode
from mascript.seeds import digest

Floats = NDArray[np.float64]
PLANES = 3
"""Observations fall into 2**PLANES coarse states: on which side of so many planes they lie."""

COOPERATES: Mapping[str, Callable[[str], bool]] = {
    "iterated_dilemma_v0": lambda name: name == "cooperate",
    "stag_hunt_v0": lambda name: name == "stag",
    "public_goods_v0": lambda name: int(name.removeprefix("give_")) >= 5,
}
"""Arena to which of its actions cooperate."""
SIGNALS: Mapping[str, tuple[str, str]] = {"simple_speaker_listener_v4": ("goal", "say_")}
"""Arena to (private field, what the names of messages begin with)."""


def behaviour(spec: ArenaSpec, episodes: Sequence[Episode]) -> dict[str, float]:
    """Return the rates that the arena defines, by name; what never came up is left out."""
    found: dict[str, float] = {}
    if spec.id in COOPERATES:
        found |= dilemma_rates(spec, episodes)
    if len(spec.seats) > 1 and all(spec.actions_of(seat) == spec.actions_of(0) for seat in range(len(spec.seats))):
        found["role split"] = role_split(episodes)
    if spec.id in SIGNALS:
        found |= signalling(spec, episodes)
    territory = own_ground(spec, episodes)
    if territory is not None:
        found["ground covered"] = territory
    return found


def dilemma_rates(spec: ArenaSpec, episodes: Sequence[Episode]) -> dict[str, float]:
    """Rates of cooperation; see the module."""
    cooperates = [COOPERATES[spec.id](name) for name in spec.actions.names]
    seen: dict[str, list[bool]] = {"cooperation": [], "retaliation": [], "forgiveness": [], "exploitation": []}
    for episode in episodes:
        steps: dict[int, dict[int, bool]] = {}
        for step, seat, action in episode.actions:
            if action is not None:
                steps.setdefault(step, {})[seat] = cooperates[action]
        for step, choices in sorted(steps.items()):
            if episode.seat not in choices:
                continue
            mine = choices[episode.seat]
            seen["cooperation"].append(mine)
            before = steps.get(step - 1, {})
            if episode.seat not in before or len(before) < 2:
                continue
            others = 2 * sum(kind for seat, kind in before.items() if seat != episode.seat) >= len(before) - 1
            match before[episode.seat], others:
                case True, False:
                    seen["retaliation"].append(not mine)
                case False, True:
                    seen["forgiveness"].append(mine)
                case True, True:
                    seen["exploitation"].append(not mine)
    return {name: fmean(values) for name, values in seen.items() if values}


def role_split(episodes: Sequence[Episode]) -> float:
    """How differently the seats of an episode choose actions, averaged over episodes: see the module."""
    values = []
    for episode in episodes:
        counts: dict[int, Counter[Hashable]] = {}
        for _, seat, action in episode.actions:
            counts.setdefault(seat, Counter())[_hashable(action)] += 1
        values += [variation(counts[a], counts[b]) for a, b in combinations(sorted(counts), 2)]
    return fmean(values) if values else 0.0


def own_ground(spec: ArenaSpec, episodes: Sequence[Episode]) -> float | None:
    """Territory: how many cells the seat visits, as a share of its decisions; None where the arena shows no `position` in cells."""
    kinds = {field.name: field.type for field in spec.schema_of(episodes[0].seat).fields} if episodes else {}
    if kinds.get("position") != "Cell":
        return None
    shares = []
    for episode in episodes:
        schema = spec.schema_of(episode.seat)
        visited = {decode(schema, turn.observation).position for turn in episode.turns}
        shares.append(len(visited) / max(len(episode.turns), 1))
    return fmean(shares)


def signalling(spec: ArenaSpec, episodes: Sequence[Episode]) -> dict[str, float]:
    """Mutual information of what a speaker knows and what it says (plug-in estimate, biased up for few episodes)."""
    name, begins = SIGNALS[spec.id]
    pairs: Counter[tuple[Any, Any]] = Counter()
    for episode in episodes:
        schema, actions = spec.schema_of(episode.seat), spec.actions_of(episode.seat)
        if not actions.names or not actions.names[0].startswith(begins):
            continue
        for turn in episode.turns:
            if turn.action is not None:
                pairs[getattr(decode(schema, turn.observation), name), turn.action] += 1
    if not pairs:
        return {}
    bits = mutual_information(pairs)
    held = _entropy(Counter({key: count for key, count in _marginal(pairs, 0).items()}))
    return {"signalling bits": bits, "signalling share": bits / held if held else 0.0}


def mutual_information(pairs: Mapping[tuple[Any, Any], int]) -> float:
    """In bits, from counts of pairs."""
    return _entropy(_marginal(pairs, 0)) + _entropy(_marginal(pairs, 1)) - _entropy(pairs)


def variation(one: Mapping[Hashable, int], other: Mapping[Hashable, int]) -> float:
    """Total variation distance of two distributions given as counts: 0 for equal ones, 1 for disjoint ones."""
    n, m = sum(one.values()) or 1, sum(other.values()) or 1
    return sum(abs(one.get(key, 0) / n - other.get(key, 0) / m) for key in {*one, *other}) / 2


def _marginal(pairs: Mapping[tuple[Any, Any], int], side: int) -> Counter[Any]:
    counts: Counter[Any] = Counter()
    for pair, count in pairs.items():
        counts[pair[side]] += count
    return counts


def _entropy(counts: Mapping[Any, int]) -> float:
    total = sum(counts.values())
    return -sum(count / total * math.log2(count / total) for count in counts.values() if count)


@dataclass(frozen=True)
class Coarse:
    """Which coarse state an observation is in. Made by `coarse_of` from all that was seen; read by `profile`."""

    centre: Floats
    scale: Floats
    planes: Floats
    """Shape (PLANES, numbers of an observation)."""

    def state(self, schema: Schema, observation: bytes) -> int:
        """0 to 2**PLANES - 1."""
        sides = self.planes @ ((numbers(schema, observation) - self.centre) / self.scale) > 0
        return int(sum(1 << place for place, side in enumerate(sides.tolist()) if side))


def coarse_of(schema: Schema, episodes: Iterable[Episode]) -> Coarse:
    """Make coarse states from what all strategies saw: planes through the mean, of directions that only the schema decides."""
    seen = np.array([numbers(schema, turn.observation) for episode in episodes for turn in episode.turns])
    width = seen.shape[1]
    stream = np.random.default_rng(digest("coarse states", repr(schema)) & ((1 << 63) - 1))
    spread = seen.std(axis=0)
    return Coarse(seen.mean(axis=0), np.where(spread > 0, spread, 1.0), stream.normal(size=(PLANES, width)))


def profile(spec: ArenaSpec, coarse: Mapping[int, Coarse], episodes: Sequence[Episode]) -> dict[tuple[int, int], Counter[Hashable]]:
    """How often each action was taken, by (seat's kind, coarse state): the generic descriptor.

    Args:
        coarse: by the first seat that sees alike.
    """
    found: dict[tuple[int, int], Counter[Hashable]] = {}
    for episode in episodes:
        kind = like(spec, episode.seat)
        schema, actions = spec.schema_of(episode.seat), spec.actions_of(episode.seat)
        for turn in episode.turns:
            state = coarse[kind].state(schema, turn.observation)
            found.setdefault((kind, state), Counter())[action_class(actions, turn.action)] += 1
    return found


def distance(one: Mapping[tuple[int, int], Counter[Hashable]], other: Mapping[tuple[int, int], Counter[Hashable]]) -> float:
    """How differently two strategies act: total variation in each coarse state that both met, weighted by how often; 1 if none."""
    weights, values = [], []
    for key in one.keys() & other.keys():
        weights.append(min(sum(one[key].values()), sum(other[key].values())))
        values.append(variation(one[key], other[key]))
    return sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights) if weights else 1.0


def like(spec: ArenaSpec, seat: int) -> int:
    """The first seat that sees and acts as this one does."""
    same = (spec.schema_of(seat), spec.actions_of(seat))
    return next(one for one in range(seat + 1) if (spec.schema_of(one), spec.actions_of(one)) == same)


def action_class(actions: ActionSpec, action: Any) -> Hashable:
    """An action as counted: its index, or for numbers whether each of the first three is low, middling or high in its range."""
    if actions.kind != "box" or action is None:
        return _hashable(action)
    low, high = (np.asarray(bound or [default] * len(action)) for bound, default in ((actions.low, -1.0), (actions.high, 1.0)))
    place = (np.asarray(action[:3], dtype=float) - low[:3]) / np.maximum(high[:3] - low[:3], 1e-12)
    return tuple(np.clip((3 * place).astype(int), 0, 2).tolist())


def numbers(schema: Schema, observation: bytes) -> Floats:
    """Every number of a packed observation, in order; what is not finite is 0."""
    form = "<" + "".join(f"{math.prod(field.shape)}{field.dtype}" for field in schema.fields)
    if len(observation) != packed_size(schema):
        raise ValueError(f"expected {packed_size(schema)} bytes, got {len(observation)}")
    return np.nan_to_num(np.array(struct.unpack(form, observation), dtype=np.float64), posinf=0.0, neginf=0.0)


def _hashable(action: Any) -> Hashable:
    return tuple(action) if isinstance(action, list | tuple) else action
