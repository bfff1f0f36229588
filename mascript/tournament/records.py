"""What a tournament is made of, and what is said of it. Frozen; each says who makes it and who reads it."""

from __future__ import annotations

from dataclasses import dataclass

from mascript.records import Program

Seats = tuple[int, ...]


@dataclass(frozen=True)
class Entrant:
    """A script that takes part. Made by the caller; read by the schedule and by tables."""

    label: str
    program: Program


@dataclass(frozen=True)
class Pairing:
    """One episode to be played: `focal` holds `side`, `background` every other seat.

    Made by `pairings`; read by `play_tournament` and kept with the game.
    """

    focal: int
    """Index of an entrant."""
    background: int
    """Index of an entrant, or of a background script where there are some."""
    side: Seats
    seed: int


@dataclass(frozen=True)
class Game:
    """A pairing that was played. Made by `play_tournament`; read by everything that sums up."""

    pairing: Pairing
    trajectory: str
    returns: tuple[float, ...]
    """Per seat; the arena's floor where a script forfeited. Empty where the episode has no verdict."""
    forfeits: int = 0
    """Seats of the focal script that forfeited."""
    clean: bool = True
    """Whether nobody forfeited."""

    @property
    def scored(self) -> bool:
        return bool(self.returns)

    @property
    def own(self) -> float:
        """Mean return of the focal script's seats."""
        return sum(self.returns[seat] for seat in self.pairing.side) / len(self.pairing.side)

    @property
    def others(self) -> float:
        """Mean return of the seats that the background holds; the own one where it holds none."""
        rest = [value for seat, value in enumerate(self.returns) if seat not in self.pairing.side]
        return sum(rest) / len(rest) if rest else self.own


@dataclass(frozen=True)
class Cell:
    """One entry of the payoff matrix. Made by `payoffs`; read by tables and plots."""

    mean: float | None
    """Mean return of the focal script's seats over distinct games; None where none has a verdict."""
    half_width: float | None
    """Half of the 95 % interval of the mean (Student's t); None below two distinct games."""
    n: int
    """Distinct games: another trajectory, or from other seats."""
    games: int
    wins: int
    """Distinct games in which the focal script's seats got more than the others."""
    losses: int
    unscored: int
    forfeits: int


@dataclass(frozen=True)
class Rating:
    """An openskill rating with a percentile interval over resampled seeds. Made by `ratings`; read by tables and plots."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class NashConv:
    """What best responses gain against a script in every seat, summed over seats. Made by `exploitability`; read by tables."""

    value: float
    draws: int
    """Draws per information state behind the action frequencies of a script that draws; 0: the value is exact."""
    values: tuple[float, ...] = ()
    """Expected return of each seat where the script holds every one."""


@dataclass(frozen=True)
class Response:
    """What the best answer that was found to a script earns. Made by `responses`; read by tables.

    No answer that was not tried can make it less: a lower bound of the script's exploitability in a zero-sum game, up to its
    interval. The answer was chosen on other seeds.
    """

    lower_bound: float
    """Mean return of the answer over its sides, from all sides alike."""
    half_width: float | None
    """Half of the 95 % interval over distinct repetitions."""
    n: int
    answer: str
    """Label of the entrant or reference, or the source of a script that was written for it."""
    tried: int
    """Scripts that were tried."""
    games: int
    """Episodes that the search took."""


@dataclass(frozen=True)
class Social:
    """Social outcomes of games (Perolat et al. 2017, "A multi-agent reinforcement learning model of common-pool resource
    appropriation", section 3). Made by `social`; read by tables.

    Means over distinct games; None where a game cannot define one.
    """

    efficiency: float | None
    """Mean return per seat (their utilitarian metric, per head)."""
    equality: float | None
    """1 - Gini coefficient of the seats' returns; undefined where a return is negative or their sum is not positive."""
    n: int


@dataclass(frozen=True)
class Standing:
    """An entrant over the whole tournament. Made by `summarise`; read by tables and plots, best first."""

    label: str
    mean: float | None
    """Mean over backgrounds (itself left out where there are others) of the payoff."""
    half_width: float | None
    """Half of the 95 % interval over distinct repetitions (a seed's games are one repetition)."""
    n: int
    median: float | None
    """Median over repetitions, by which Axelrod's tournaments rank."""
    win_share: float | None
    """Share of distinct games against others that it won; None in cooperative and single arenas."""
    forfeits: int
    social: Social
    """Outcome of the games in which it holds every seat."""
    rating: Rating | None = None
    alpha_rank: float | None = None
    """Its share of the stationary distribution of alpha-rank (Omidshafiei et al. 2019)."""
    nash_share: float | None = None
    """Its share of the maximum-entropy Nash equilibrium (Balduzzi et al. 2018); zero-sum arenas only."""
    nash_value: float | None = None
    """Its payoff against that equilibrium, at most 0: Nash averaging's score."""
    exploited: float | None = None
    """What the entrant that does best against it gains beyond the game's value: a lower bound of its exploitability."""
    exploiter: str = ""
    nash_conv: NashConv | None = None
    """Where the whole game can be walked."""
    response: Response | None = None
    """Where a best response was searched for."""


@dataclass(frozen=True)
class Summary:
    """A tournament summed up. Made by `summarise`; read by the command line and the page."""

    arena: str
    kind: str
    rows: tuple[str, ...]
    """Labels of the focal scripts."""
    columns: tuple[str, ...]
    """Labels of the backgrounds: the entrants themselves, or a held-out population."""
    cells: tuple[tuple[Cell, ...], ...]
    standings: tuple[Standing, ...]
    seeds: int
    ranked_by: str
    """`mean`, or `median` by Axelrod's convention."""
    zero_sum: bool
    """Whether the returns of every game sum to 0."""
    game_value: tuple[float, ...] | None = None
    """What each seat earns where all play perfectly, where the game was solved."""
