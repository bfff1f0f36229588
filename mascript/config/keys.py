"""What an experiment file may say: a record for each table, with every key's type, range, default and meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from mascript.tables import Table, at_least, matching, new, within


@dataclass(frozen=True)
class ExperimentConfig:
    """What is run. Made by `loads`; read by the loop."""

    arena: str
    """Id of an arena: one of ours, or any PettingZoo or Gymnasium id."""
    name: str = ""
    """First part of the run's id; the arena's name where none is given."""
    seed: int = at_least(0, 0)
    """Every random stream of the run derives from it."""
    generations: int = at_least(1, 12)
    """Rounds of writing and competing; in each, every agent may change its champion once."""
    candidates: int = at_least(1, 24)
    """Scripts per agent and generation."""
    first_candidates: int = at_least(1, 96)
    """Scripts of an agent in a founding generation."""
    founding: int = at_least(1, 2)
    """First generations in which scripts are written from nothing; from the second on, beside co-players worth adapting to."""
    search: Literal["evolution", "rewriting", "sampling"] = new(field(default="evolution"))
    """What writers build on: the champion and other good scripts, the champion alone, or nothing, so that the best of independent
    scripts is kept."""
    arguments: Table = ()
    """Arguments of the arena, such as `N = 4`."""


@dataclass(frozen=True)
class EvaluationConfig:
    """How scripts are scored: all on a few episodes, ever fewer on more, then the best against the champion on fresh ones.

    Made by `loads`; read by evaluation.
    """

    episodes: int = at_least(1, 16)
    """Episodes of a full evaluation, which the best candidates of a race reach."""
    race: Literal["halving", "screen"] = "halving"
    """How candidates come to be evaluated in full: by halving their number again and again within half of the episodes that all of
    them would need, or by one screen, which loses more (docs/results/racing.md) and alone reads `screen` and `keep`."""
    screen: int = at_least(1, 4)
    """Race "screen": episodes that every candidate plays first."""
    keep: int = at_least(1, 4)
    """Race "screen": candidates that pass it."""
    accept_episodes: int = at_least(1, 24)
    """Fresh paired episodes on which the best candidate must beat the champion."""
    accept_errors: float = at_least(0, 0.0)
    """Standard errors of the paired difference by which it must be better."""
    fingerprint: bool = True
    """Whether a candidate that decides as an earlier one does on recorded observations is left out."""
    smoke: bool = False
    """Whether a candidate that forfeits in its first episode is left out of the race."""
    objective: Literal["auto", "own", "team"] = "auto"
    """Whose return selects: the script's own seats, or the mean over their team; auto: team in cooperative arenas, else own."""
    strict_sample: float = within(0, 1, 0.02)
    """Share of the candidates, drawn at random, that is played again in strict mode, to find scripts that carry state along."""
    strict_elites: bool = True
    """Whether a challenger that has beaten the champion is played again in strict mode before it is kept."""
    strict_episodes: int = at_least(1, 2)
    """Episodes of each of them that are played again, on the same seeds and lineups."""
    past_champions: int = at_least(0, 4)
    """How many former champions sit in a league that names "champions"."""
    audit_episodes: int = at_least(1, 100)
    """Episodes of the final scores, played after the run is frozen."""
    opponents: tuple[str, ...] = matching(
        r"co-players|champions|reference:[A-Za-z0-9_]+",
        '"co-players", "champions" or "reference:NAME"',
        ("co-players", "champions"),
    )
    """Who else sits in a lineup: the present co-players, past champions, a named reference of the arena."""


@dataclass(frozen=True)
class LibraryConfig:
    """Who may read which helpers. Made by `loads`; read by the loop."""

    access: Literal["none", "private", "team", "shared"] = "shared"
    """Whose contributions an agent sees: nobody's, its own, its team's, everybody's. `none` hides the starter set too."""
    contribute: bool = True
    """Whether helpers are taken out of champions."""
    contribute_every: int = at_least(1, 4)
    """Generations between two offers of an agent; the last generation always offers."""
    inherit: str = ""
    """Id of a run of the same workspace whose helpers the run starts with; empty: the starter set alone."""
    delay: int = new(at_least(0, 0))
    """Generations for which a helper stays with its author before others see it."""
    read_only: bool = new(field(default=False))
    """Whether nothing is admitted. Helpers are still taken out and measured, so that episodes can be compared."""
    contribution: Literal["automatic", "voluntary"] = new(field(default="automatic"))
    """Whether every helper with a measurable effect is offered, or only those that the writer does not want to keep to itself."""
    authors: bool = new(field(default=True))
    """Whether a writer sees who contributed a helper."""
    effects: bool = new(field(default=True))
    """Whether measured effects weigh in what is borrowed; if not, all contributed helpers are offered alike."""
    explore: Literal["none", "thompson"] = new(field(default="none"))
    """Whether helpers are offered in proportion to their measured effects alone, or to draws from what is believed of them, so that
    what was measured badly or not at all is tried too (Thompson sampling)."""
    active: int | None = new(at_least(0, None))
    """Contributed helpers that an agent is shown at most, the best ones by effect; None: all."""
    quota: int | None = new(at_least(0, None))
    """Releases that an agent may have in the run; None: no limit."""
    complexity: int = new(at_least(1, 600))
    """Nodes of syntax that a helper's body may have."""


@dataclass(frozen=True)
class BudgetConfig:
    """Where a run stops early. None: no limit. Made by `loads`; read by the loop."""

    minutes: float | None = at_least(0, None)
    """Of the wall clock; such a stop is recorded in the journal, since another machine would stop elsewhere."""
    episodes: int | None = at_least(1, None)
    """Over all agents, screening included."""
    usd: float | None = new(at_least(0, None))
    """Dollars for models, over all agents; never exceeded, calls under way included."""
    tokens: int | None = new(at_least(1, None))
    """Tokens of prompts and replies, over all agents."""
    calls: int | None = new(at_least(1, None))
    """Calls of models, failed ones included."""


@dataclass(frozen=True)
class CreditConfig:
    """How helpers' effects are measured after the run. Made by `loads`; read by credit."""

    enabled: bool = True
    """Whether the run ends with it; `mascript credit RUN` does it later, too."""
    looks: tuple[int, ...] = at_least(1, (16, 64, 256))
    """Replicates at which the test may stop, rising."""
    helpers: int = at_least(1, 8)
    """At most so many borrowed helpers are measured, agent by agent, those that a champion imports itself first."""
    margin: float = at_least(0, 0.02)
    """An effect is called 0 if its interval lies within this share of the way from random play to the arena's best reference."""


@dataclass(frozen=True)
class SandboxConfig:
    """What a script may use up. Made by `loads`; read by match and the sandbox."""

    fuel: int = at_least(1_000, 200_000)
    """Units per decision; the same on every machine."""
    deadline: float = at_least(0.1, 10.0)
    """Seconds after which a batch of decisions is killed; stands behind the fuel, for time spent in C."""


@dataclass(frozen=True)
class ExecutionConfig:
    """Where scripts are evaluated, which decides nothing: it is no part of the experiment's text, of a run or of its journal.

    Made by `loads`; read by the engine.
    """

    executor: str = "processes"
    """`processes`, `ray`, `slurm`, or `module:function` (see `mascript.match.executors`)."""
    deadline: float | None = at_least(0.1, None)
    """Seconds after which a share of work without an answer counts as lost and is submitted again. None: no limit."""
    options: Table = ()
    """The executor's own."""


@dataclass(frozen=True)
class TrackersConfig:
    """Who else is told a run's scores, generation by generation. It decides nothing and is no part of the run, as [execution].

    Made by `loads`; read by `mascript.trackers`.
    """

    use: tuple[str, ...] = ()
    """`tensorboard`, `wandb`, `mlflow` (each an extra of its name), or `module:function` of your own."""
    folder: str = "tracking"
    """Where files of trackers lie, and notes of what each was told, so that a resumed run tells nothing twice."""
    project: str = "mascript"
    """What several runs are shown under."""


@dataclass(frozen=True)
class WritingConfig:
    """How models and people are asked for scripts. Made by `loads`; read by the writers that ask."""

    prompt_tokens: int = at_least(1_000, 6_000)
    """Of a prompt at most, counted cautiously; rules, arena and the best script are always in it."""
    max_tokens: int = at_least(16, 2_000)
    """Of a reply."""
    repairs: int = at_least(0, 1)
    """How often a script that cannot be used is sent back with the reason."""
    diff: bool = False
    """Whether a reply may change the best script by search/replace blocks."""
    requests: int = at_least(0, 0)
    """How deep a script may call shared functions that nobody has written: each is asked for in turn, from its name and calls, and
    goes through the library's gates. 0: not at all."""
    episodes: int = at_least(0, 6)
    """Episodes of the best script that are played for a prompt; 0: prompts tell of none."""
    shown: int = at_least(0, 2)
    """Of those, the worst that a prompt tells of."""
    co_players: Literal["unseen", "actions", "source"] = "actions"
    """What a prompt tells of the others in the lineup or league: nothing, how often each took which action, or also their scripts
    (open-source play, where programs read programs)."""
    social: Literal["sparse", "dense"] = "dense"
    """Whether prompts tell of score and return alone, or also of efficiency, equality, sustainability and peace; which of the two
    serves better is an open question of the field (arXiv 2603.19453)."""
    concurrency: int = at_least(1, 8)
    """Calls under way at once."""
    timeout: float = at_least(0.1, 120.0)
    """Seconds for one call of a model."""
    retries: int = at_least(0, 5)
    """Further tries after a failure that may pass: 429, 5xx, timeouts, cut connections, replies that are none."""
    backoff: float = at_least(0, 1.0)
    """Seconds before the first further try, doubled each time, with jitter."""
    stream: bool = False
    """Whether replies are streamed; for endpoints that cut long silences."""
    patience: float = at_least(1, 86_400.0)
    """Seconds that a mailbox waits for one answer."""


_WRITING = WritingConfig()


@dataclass(frozen=True)
class ModelConfig:
    """What there is to know of a model beside its name. Made by `loads`; read by the writers that ask."""

    model: str
    """As an agent's `writer` names it."""
    api_base: str = matching(
        r"https?://[^@?#\s]+", "an address without user, password or key, such as http://127.0.0.1:8000/v1", ""
    )
    """Address of an endpoint that speaks OpenAI's protocol."""
    api_key_env: str = matching(r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable", "")
    """Environment variable with the key; never the key itself, since this text is stored with the run."""
    usd_in: float | None = at_least(0, None)
    """Dollars for a million tokens of prompts; without it litellm's table, and where that knows nothing the model is unpriced."""
    usd_out: float | None = at_least(0, None)
    """Dollars for a million tokens of replies."""


@dataclass(frozen=True)
class AgentConfig:
    """One learner. Made by `loads` or the engine, which names agents where a file names none; read by the loop and its writer."""

    name: str = matching(r"[a-z][a-z0-9_-]{0,31}", "a short name of lower-case letters, digits, - and _", "")
    """As everything calls it; `ada`, `bo`, `cy`, ... where none is given."""
    writer: str = "grammar"
    """`grammar` or `synthesis`, the built-in ones; a model as litellm names it, such as `openai/NAME`; `mailbox`; `replay`."""
    seat: int | None = at_least(0, None)
    """Seat it learns for; None: seats are given out in order."""
    team: str = ""
    """Whose library it shares where access is `team`; empty: its team in the arena, or itself where it takes every seat."""
    models: tuple[str, ...] = new(field(default=()))
    """Further models beside `writer`; which is asked is learnt from what their scripts were worth and cost."""
    fallback: tuple[str, ...] = new(field(default=()))
    """Models to ask, in this order, where the chosen one does not answer."""
    temperature: tuple[float, ...] = new(within(0, 2, (1.0, 0.2)))
    """From the first generation to the last: exploration to exploitation."""
    folder: str = new(field(default=""))
    """Of a mailbox: where questions are left and answers are looked for."""
    transcript: str = new(field(default=""))
    """Of a replay: the recorded file."""
    differing: Literal["stop", "report"] = new(field(default="stop"))
    """Of a replay: whether a question whose text is not the recorded one ends the run, or is answered all the same, by its place
    (agent, generation, slot, attempt), and reported."""
    read_only: bool = new(field(default=False))
    """Whether it borrows and gives nothing."""
    goal: str = new(field(default=""))
    """What it is to strive for, in words, which its writer is told. It is judged by its return and `metrics`."""
    metrics: Table = field(default=(), metadata={"new": True})
    """Metrics that are weighed beside its return: name to weight, in units of return (see `mascript.evolve.goals`)."""


@dataclass(frozen=True)
class Config:
    """A whole experiment. Made by `load`, `loads` or `from_json`; read by the loop, stored with the run."""

    experiment: ExperimentConfig
    evaluation: EvaluationConfig = EvaluationConfig()
    library: LibraryConfig = LibraryConfig()
    budget: BudgetConfig = BudgetConfig()
    credit: CreditConfig = CreditConfig()
    sandbox: SandboxConfig = SandboxConfig()
    execution: ExecutionConfig = ExecutionConfig()
    trackers: TrackersConfig = TrackersConfig()
    writing: WritingConfig = field(default=_WRITING, metadata={"new": True})
    models: tuple[ModelConfig, ...] = new(field(default=()))
    agents: tuple[AgentConfig, ...] = ()
    """Empty: named and seated by the engine, once the arena's seats are known."""
