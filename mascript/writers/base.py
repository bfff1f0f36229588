"""The one protocol of everything that writes scripts: the built-in grammar writer, language models, transcripts, people."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from arenas.schema import ActionSpec, Schema
from mascript.records import Fid, Pid


@dataclass(frozen=True)
class LibraryEntry:
    """A shared function as a writer sees it. Made by the engine from the library's snapshot; read by writers."""

    name: str
    version: str
    fid: Fid
    parameters: tuple[tuple[str, str], ...]
    """(name, type) of each parameter."""
    returns: str
    doc: str
    author: str
    weight: float = 1.0
    """How readily to borrow it: 1 for untested, more for a measured gain, near 0 for a measured loss or none."""
    share: float | None = None
    """Share of its author's gain over random play that was lost without it, on search-credit seeds; None where not measured."""
    lost: float | None = None
    """Where agents compete, the mean return that was lost, which is told instead: what a script scores against the others of the
    moment is no measure of how far it is above random play."""

    @property
    def pin(self) -> str:
        return f"{self.name}@{self.version}#{self.fid}"


@dataclass(frozen=True)
class Helper:
    """A shared function that a script calls and that was written for it. Made by writers; read by the engine, which admits it."""

    name: str
    source: str
    fid: Fid
    pins: tuple[tuple[str, Fid], ...] = ()
    """(name, fid) for each shared function that it imports."""


@dataclass(frozen=True)
class Proposal:
    """A script as a writer hands it over. Made by writers; read by gates, evaluation and the journal."""

    source: str
    """The policy script, with `from shared import ...` lines but no header: the engine resolves and pins."""
    operator: str
    """What made it, e.g. `random`, `insert`, `swap`, `crossover`, `borrow`, `constants`. Structural and scalar told apart."""
    parents: tuple[Pid, ...] = ()
    genome: Any = None
    """The writer's own form of the program (plain JSON), handed back in `Parent`; None for writers that work on text."""
    borrowed: tuple[str, ...] = ()
    """Names newly imported relative to the first parent."""
    pins: tuple[tuple[str, Fid], ...] = ()
    """(name, fid) for each imported name."""
    helpers: tuple[Helper, ...] = ()
    """Functions among these that the library does not hold yet, dependencies first; once they are released, nobody reads this."""
    problem: str = ""
    """Why it cannot be evaluated, where its writer or the library knows already; empty: the gates say."""


@dataclass(frozen=True)
class Parent:
    """An accepted script of this agent. Made by the loop; read by writers."""

    pid: Pid
    proposal: Proposal
    score: float
    n: int


CUT = "..."
"""End of a value that is too long to be told whole."""


@dataclass(frozen=True)
class Moment:
    """One decision as a reader sees it. Made by `mascript.evolve.feedback`; read by prompts."""

    step: int
    seen: tuple[tuple[str, str], ...]
    """(field, value) of all that the seat saw."""
    action: str
    """Empty where the seat gave none and forfeited."""
    others: tuple[tuple[str, str], ...] = ()
    """(seat, action) of the other seats from here to this seat's next decision."""
    reward: float = 0.0
    """Of the seat, from here to its next decision."""


@dataclass(frozen=True)
class EpisodeNote:
    """One episode of the champion. Made by `mascript.evolve.feedback`; read by prompts."""

    seat: str
    score: float | None
    returns: tuple[float, ...]
    """Raw return per seat."""
    lost: str
    """Why it forfeited or has no verdict; empty otherwise."""
    moments: tuple[Moment, ...]


@dataclass(frozen=True)
class CoPlayer:
    """Somebody else's script in the lineup or the league. Made by `mascript.evolve.feedback`; read by prompts."""

    who: str
    """Such as `bo`, `a former champion of bo`, `the reference grim`."""
    side: Literal["with", "against", "beside"]
    """In the team, against it, or neither: each plays for itself."""
    seat: str = ""
    """The seat that it keeps; empty where seats are taken in turn."""
    score: float | None = None
    """Of the agent's best script in its company; None where they did not meet or nobody else was ever met."""
    n: int = 0
    """Episodes in which they met."""
    actions: tuple[tuple[str, float], ...] = ()
    """(named action, share of its decisions) in those, commonest first."""
    source: str = ""
    """Its script where the experiment is of open source; empty otherwise."""


@dataclass(frozen=True)
class Measured:
    """One number about episodes beside the score. Made by `mascript.evolve.feedback`; read by prompts."""

    name: str
    doc: str
    """What it measures, in words."""
    value: float | None
    """Of the agent's best script; None where undefined or not played."""
    weight: float | None = None
    """By which it is added to the return to judge a script; None for one that only informs."""


@dataclass(frozen=True)
class Tried:
    """A script that was put to the test beside the best one of its time. Made by `mascript.evolve.feedback`; read by prompts."""

    generation: int
    intent: str
    """What its writer said of it; empty: nothing."""
    gain: float
    """Mean paired difference of the scores."""
    error: float
    """Its standard error."""
    n: int
    kept: bool


@dataclass(frozen=True)
class Feedback:
    """What a reader is told beside the rules. Made by `mascript.evolve.feedback`; read by prompts."""

    kind: str
    """cooperative, competitive, mixed or single."""
    mates: tuple[str, ...]
    """Seats of the same team."""
    horizon: int
    generations: int
    roams: bool = False
    """Whether its script plays every seat in turn, not one alone."""
    references: tuple[tuple[str, float], ...] = ()
    """Mean return of the arena's yardsticks, by name."""
    latest: float | None = None
    """Mean score of the best script in episodes of this generation, beside what the others play now; its own score is of its last
    trial."""
    latest_n: int = 0
    """Of how many episodes."""
    worst: tuple[EpisodeNote, ...] = ()
    """Episodes that went worst, worst first."""
    tried: tuple[Tried, ...] = ()
    """What the last scripts brought, the latest last."""
    refused: tuple[str, ...] = ()
    """Why scripts of the last generation were refused or lost episodes, commonest first."""
    company: tuple[CoPlayer, ...] = ()
    """Who else plays."""
    social: tuple[Measured, ...] = ()
    """Social metrics of the best script's episodes, where the experiment tells them."""
    goal: str = ""
    """What the agent is to strive for, in its experimenter's words."""
    declared: tuple[Measured, ...] = ()
    """Metrics that are weighed beside the return."""
    earned: float | None = None
    """Of the score of the best script in these episodes, the part that is return; None where nothing else is weighed."""


@dataclass(frozen=True)
class Transition:
    """One step of one seat, as often as it was seen. Made by `mascript.evolve.explore`; read by writers that learn from it."""

    seen: bytes
    """What was observed, packed as the schema says."""
    action: int | tuple[float, ...]
    """Index of a discrete action, or the numbers of a box."""
    after: bytes
    """What was observed then; empty where the rules, not the limit of steps, ended the episode."""
    reward: float
    times: int = 1


@dataclass(frozen=True)
class Experience:
    """What an explorer met that knew nothing of the arena. Made by `mascript.evolve.explore`; read by writers that learn."""

    transitions: tuple[Transition, ...]
    """In the order in which they were first met."""
    starts: tuple[tuple[bytes, int], ...]
    """What was observed first, and in how many episodes."""
    episodes: int
    steps: int
    horizon: int
    """Steps after which the arena cuts an episode off."""


@dataclass(frozen=True)
class Judged:
    """A script of this agent as an earlier generation left it. Made from the run's rows; read by writers that learn from it."""

    generation: int
    pid: Pid
    operator: str
    genome: Any
    score: float | None
    n: int
    """Episodes behind the score: a race gives the better ones more."""
    champion: bool


@dataclass(frozen=True)
class Brief:
    """Everything a writer may know when it writes. Made by the loop, a pure value; read by writers."""

    arena: str
    rules: str
    schema: Schema
    actions: ActionSpec
    seats: tuple[str, ...]
    seat: int
    agent: str
    generation: int
    count: int
    """How many proposals are asked for."""
    champion: Parent | None
    archive: tuple[Parent, ...] = ()
    """Other good scripts of this agent, best first."""
    library: tuple[LibraryEntry, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    """`taken_names`: of the library; `rejected`: (name, gate, reason) of what was refused of this agent's, the last one first;
    `rivals`: whether somebody who would read a helper of this agent plays against it."""
    feedback: Feedback | None = None
    """For writers that read: it costs episodes, so others do without."""
    experience: Experience | None = None
    """For writers that explore, where the arena has one seat; its episodes count among those of the first generation."""
    judged: tuple[Judged, ...] = ()
    """For writers that explore: all that became of their scripts, generation by generation, the best of each first."""


@dataclass(frozen=True)
class Contribution:
    """A helper taken out of an accepted script. Made by `Writer.extract`; read by admission."""

    name: str
    source: str
    """One typed, documented, pure function with an example."""
    rewritten: Proposal
    """The same script calling the helper instead, with identical behaviour."""
    derives_from: str = ""
    """Pin of the release it was revised from; empty for a new helper."""
    pins: tuple[tuple[str, Fid], ...] = ()
    """(name, fid) for each shared function that the helper itself imports."""
    kept: bool = False
    """Whether its author would rather keep it; heeded where contribution is voluntary."""


class Writer(Protocol):
    """Writes scripts, the same for the same brief and stream."""

    def propose(self, brief: Brief, rng: random.Random) -> Sequence[Proposal]:
        """Return up to `brief.count` proposals, best guesses first."""

    def extract(self, champion: Parent, brief: Brief, rng: random.Random) -> Sequence[Contribution]:
        """Return helpers worth sharing from a newly accepted script; empty for none."""

    def describe(self) -> str:
        """One line for reports: what wrote these scripts."""


@runtime_checkable
class Explorer(Writer, Protocol):
    """A writer that learns: it is given `Brief.experience` and `Brief.judged`."""

    def exploration(self, schema: Schema, actions: ActionSpec) -> int:
        """Return how many steps of the arena to see before the first script is written; 0 for none."""


@runtime_checkable
class Correspondence(Protocol):
    """A writer that asks somebody and waits: a model, a person, a transcript. What it is told is recorded in the journal.

    All of a run's wait together, in the event loop of its desk. Such a writer is given `Brief.feedback`.
    """

    async def compose(self, brief: Brief, rng: random.Random) -> Sequence[Proposal]:
        """Return up to `brief.count` proposals.

        Raises:
            WriterError: nobody answers.
        """

    def extract(self, champion: Parent, brief: Brief, rng: random.Random) -> Sequence[Contribution]:
        """As `Writer.extract`; asks nobody."""

    def describe(self) -> str:
        """As `Writer.describe`."""


AnyWriter = Writer | Correspondence
