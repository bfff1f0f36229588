"""What an agent is judged by beside its return: metrics of its episodes, each from 0 to 1, with weights in units of return.

score = return + sum of weight * metric

A metric is measured in the host on the recorded decisions of an episode, so it is as deterministic as the episode, and no script
can touch it. Every arena has the shares of its named actions and, with several seats, three social metrics as shares; a spec may
declare more. One that is undefined in an episode counts as the worst that it could be there, and so does every metric of a script
that forfeits: neither is a way to a better score. Effects of helpers stay effects on returns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from statistics import fmean

from arenas.decode import decode
from arenas.social import equality
from arenas.spec import ArenaSpec
from mascript.config import AgentConfig, Config
from mascript.errors import ConfigError
from mascript.match.onlooker import Reenacted, reenact
from mascript.records import EpisodeResult, Trace


class Witness:
    """One recorded episode and the seat that is judged. Made by `Gauge`; read by metrics."""

    def __init__(self, spec: ArenaSpec, seat: int, seed: int, moves: Trace) -> None:
        self.spec, self.seat, self.seed, self.moves = spec, seat, seed, moves

    @cached_property
    def seen(self) -> Reenacted:
        """The episode played again; only metrics that need more than decisions ask for it."""
        return reenact(self.spec, self.seed, self.moves, (self.seat,))


@dataclass(frozen=True)
class Metric:
    """A number from 0 to 1 of an episode and a seat. Made by `metrics_of`; read by aims, prompts and reports."""

    name: str
    doc: str
    of: Callable[[Witness], float | None]
    """None where it is undefined."""


@dataclass(frozen=True)
class Aim:
    """What one agent is judged by beside its return. Made by `aims_of`; read by evaluation."""

    weights: tuple[tuple[Metric, float], ...]

    @property
    def worst(self) -> float:
        """The least that the metrics can add."""
        return sum(min(0.0, weight) for _, weight in self.weights)


@dataclass(frozen=True)
class Gauged:
    """A score taken apart, means over scored episodes. Made by `Gauge.parts`; read by prompts, the journal and reports."""

    earned: float
    """Return, or the arena's floor where the script forfeited."""
    metrics: tuple[tuple[str, float, float | None], ...]
    """(name, weight, mean where it is defined; None where it never was)."""
    n: int


class Gauge:
    """Measures the episodes of a run. Owned by its evaluation, which hands it every episode that it plays.

    Episodes of one seed and trajectory are the same decisions, so their measures are kept under these two.

    Args:
        spec: the arena.
        aims: of the agents that have any.
        judged: seats that one of these may hold; nothing is measured for the others.
    """

    def __init__(self, spec: ArenaSpec, aims: Mapping[str, Aim], judged: Collection[int]) -> None:
        self.spec, self.aims, self._judged = spec, aims, frozenset(judged)
        self._metrics = {metric.name: metric for aim in aims.values() for metric, _ in aim.weights}
        self._known: dict[tuple[int, str], dict[tuple[int, str], float | None]] = {}

    def wants(self, seats: Sequence[int]) -> bool:
        """Whether an episode in which these seats are judged is to be watched."""
        return not self._judged.isdisjoint(seats)

    def note(self, episode: EpisodeResult, moves: Trace, seats: Sequence[int]) -> None:
        """Measure an episode that was played with every decision kept, for the seats that are judged in it."""
        if episode.unscored or not self.wants(seats):
            return
        known = self._known.setdefault((episode.seed, episode.trajectory), {})
        for seat in self._judged.intersection(seats):
            witness = Witness(self.spec, seat, episode.seed, moves)
            known.update({(seat, name): metric.of(witness) for name, metric in self._metrics.items() if (seat, name) not in known})

    def added(self, aim: Aim, episode: EpisodeResult, seats: Sequence[int]) -> float:
        """Return what the metrics add to the return of an honest episode."""
        total = 0.0
        for metric, weight in aim.weights:
            value = self._value(metric, episode, seats)
            total += min(0.0, weight) if value is None else weight * value
        return total

    def parts(
        self, aim: Aim, episodes: Sequence[EpisodeResult], seats: Sequence[Sequence[int]], earned: Sequence[float | None]
    ) -> Gauged:
        """Return the means of return and metrics apart.

        Args:
            aim: whose.
            episodes: as they were noted.
            seats: that are judged, for each episode.
            earned: return of each; None for one without a score.
        """
        scored = [
            (episode, chairs, value) for episode, chairs, value in zip(episodes, seats, earned, strict=True) if value is not None
        ]
        told = []
        for metric, weight in aim.weights:
            values = [self._value(metric, episode, chairs) for episode, chairs, _ in scored]
            defined = [value for value in values if value is not None]
            told.append((metric.name, weight, fmean(defined) if defined else None))
        return Gauged(fmean(value for _, _, value in scored) if scored else 0.0, tuple(told), len(scored))

    def forget(self) -> None:
        """Drop what was measured."""
        self._known.clear()

    def _value(self, metric: Metric, episode: EpisodeResult, seats: Sequence[int]) -> float | None:
        known = self._known[episode.seed, episode.trajectory]
        values = [known[seat, metric.name] for seat in seats]
        return None if any(value is None for value in values) else fmean(value for value in values if value is not None)


def gauge_of(config: Config, spec: ArenaSpec) -> Gauge | None:
    """Return what measures a run's episodes; None where every agent is judged by its return alone.

    Args:
        config: the experiment, its agents seated.
        spec: its arena.

    Raises:
        ConfigError: see `aims_of`.
    """
    aims = aims_of(config, spec)
    seats = {agent.seat for agent in config.agents if agent.name in aims}
    judged = [seat for seat in range(len(spec.seats)) if seat in seats or None in seats]
    return Gauge(spec, aims, judged) if aims else None


def aims_of(config: Config, spec: ArenaSpec) -> dict[str, Aim]:
    """Return what each agent is judged by beside its return; agents that have nothing are left out.

    Raises:
        ConfigError: an agent names a metric that its seat has not, or a weight is no number other than 0.
    """
    return {agent.name: _aim(agent, spec) for agent in config.agents if agent.metrics}


def metrics_of(spec: ArenaSpec, seat: int) -> dict[str, Metric]:
    """Return the metrics that a seat of an arena can be judged by: the spec's own, the social ones, and its named actions."""
    found = {one.name: Metric(one.name, one.doc, _declared(one.of)) for one in spec.measures}
    if len(spec.seats) > 1:
        found = {one.name: one for one in _SOCIAL} | found
    names = spec.actions_of(seat).names
    actions = {name: Metric(name, f"share of its decisions in which it takes {name}", _taken(name)) for name in names}
    return actions | found


def _aim(agent: AgentConfig, spec: ArenaSpec) -> Aim:
    known = metrics_of(spec, agent.seat or 0)
    weights = []
    for name, weight in agent.metrics:
        where = f"agents.{agent.name}.metrics.{name}"
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"{spec.id} has {', '.join(sorted(known)) or 'none'}"
            raise ConfigError(f"{where}: no such metric; {hint}")
        if isinstance(weight, bool) or not isinstance(weight, int | float) or weight == 0:
            raise ConfigError(f"{where}: expected a weight in units of return, not 0, got {weight!r}")
        weights.append((known[name], float(weight)))
    return Aim(tuple(weights))


def _taken(name: str) -> Callable[[Witness], float | None]:
    def share(witness: Witness) -> float | None:
        names = witness.spec.actions_of(witness.seat).names  # seats with roles may number the same action otherwise
        own = [move.action for move in witness.moves if move.seat == witness.seat]
        return sum(type(action) is int and names[action] == name for action in own) / len(own) if own else None

    return share


def _declared(of: Callable[..., float]) -> Callable[[Witness], float | None]:
    def mean(witness: Witness) -> float | None:
        schema = witness.spec.schema_of(witness.seat)
        values = [of(decode(schema, look.observation)) for look in witness.seen.looks]
        return fmean(values) if values else None

    return mean


def _sustained(witness: Witness) -> float | None:
    ledger = witness.seen.ledger
    times = [total / count for total, count in zip(ledger.gain_times, ledger.gains, strict=True) if count]
    return fmean(times) / ledger.steps if times else None


def _peaceful(witness: Witness) -> float | None:
    ledger = witness.seen.ledger
    return 1 - sum(ledger.absences) / (ledger.steps * len(ledger.returns)) if ledger.tagging and ledger.steps else None


_SOCIAL = (
    Metric("equality", "1 where all returns are alike, 0 where one seat has it all", lambda one: equality(one.seen.ledger.returns)),
    Metric("sustainability", "how late in the episode rewards come in, on average, as a share of its length", _sustained),
    Metric("peace", "share of seats in play, on average", _peaceful),
)
"""Those of `arenas.social`, as shares."""
