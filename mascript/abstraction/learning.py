"""Learn functions from the champions of ended runs: find, write, prove, test, contribute, again until nothing pays.

Each round takes the pattern that saves most nodes. Scripts that would not play alike are left as they are. A helper that too few
scripts would call, that a gate of the library refuses, or whose knock-out costs nobody return, is named with the reason, and the
next best is tried.
"""

from __future__ import annotations

import ast
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from library import DefaultBattery, Library
from library.records import Fid, Verdict
from mascript.abstraction.corpus import Read, Text, champions, known_of, read, size_of
from mascript.abstraction.helper import WIDTH, Draft, draft, examples
from mascript.abstraction.patterns import Avoid, Found, Match, best, body_text
from mascript.abstraction.proof import (
    SAME_EPISODES,
    Played,
    helper_function,
    plays_alike,
    seen_calls,
    shown_calls,
    with_helper,
    worth,
)
from mascript.abstraction.rewrite import rewritten
from mascript.abstraction.types_of import Known
from mascript.errors import ConfigError
from mascript.evolve.contribute import NEVER_EXECUTED, KnockOut
from mascript.evolve.opening import ended_run
from mascript.evolve.run import Run
from mascript.evolve.state import RunState
from mascript.journal import EffectRow
from mascript.match.play import thin
from mascript.records import LinkedFunction
from mascript.sandbox import safe_parse

AUTHOR = "learned"
"""Author of what library learning contributes."""
RECORDED = 64
"""Seen values of a type that the probe battery draws from."""
REFUSALS = 12
"""Helpers that may be refused before learning gives up."""


@dataclass(frozen=True)
class Learned:
    """One helper and what became of it. Made by `learn`; read by the CLI and the benchmark."""

    name: str
    source: str
    scripts: int
    """Scripts that call it now."""
    agents: int
    places: int
    saves: int
    """Nodes of syntax, its own taken off."""
    pin: str = ""
    """Empty where it was not contributed."""
    why: str = ""
    """Why it was not; empty where it was."""
    gain: float = 0.0
    """Largest loss of return over the scripts when its outputs are resampled, on search-credit seeds."""
    error: float = 0.0
    n: int = 0


TOO_WIDE = Learned("(no name)", "", 0, 0, 0, 0, why=f"its line would be longer than {WIDTH} characters")


@dataclass(frozen=True)
class Rewritten:
    """A script and what it reads like now. Made by `learn`; read by the CLI, which writes it."""

    run: str
    agent: str
    pid: str
    arena: str
    source: str
    pins: tuple[tuple[str, Fid], ...]
    calls: tuple[str, ...]
    """Names of learned helpers that it calls."""


@dataclass(frozen=True)
class Report:
    """What library learning did. Made by `learn`; read by the CLI and the benchmark."""

    scripts: int
    agents: int
    nodes: tuple[int, int]
    """Nodes of syntax of all scripts: before; after, with the learned functions, each once. Documentation is not counted."""
    packed: tuple[int, int]
    """The same texts compressed (zlib), in bytes."""
    helpers: tuple[Learned, ...]
    refused: tuple[Learned, ...]
    rewritten: tuple[Rewritten, ...]
    episodes: int
    """Episodes that each rewritten script played beside its original, action for action alike."""


@dataclass
class _Work:
    """Scripts as they read by now. Owned by `learn`."""

    stages: dict[str, tuple[Run, RunState]]
    texts: list[Text]
    least: int
    avoid: Avoid = field(default_factory=Avoid)
    helpers: list[Learned] = field(default_factory=list)
    refused: list[Learned] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    """Of the contributed helpers."""

    @property
    def first(self) -> Run:
        """The run whose workspace is written through."""
        return next(iter(self.stages.values()))[0]

    def played(self, index: int) -> Played:
        text = self.texts[index]
        return Played(*self.stages[text.run], text.agent, text.source, dict(text.pins))

    def read(self) -> Read:
        known = []
        for text in self.texts:
            run, state = self.stages[text.run]
            seats = state.agent(text.agent).seats
            seat = seats[0] if seats else 0
            base = Known(run.spec.schema_of(seat), run.spec.actions_of(seat))
            known.append(known_of(dict(text.pins), Library(run.workspace.db, migrate=False), base))
        whose = list(dict.fromkeys(map(_who, self.texts)))
        return read([(text.source, dict(text.pins)) for text in self.texts], known, [whose.index(_who(one)) for one in self.texts])


def learn(
    workspace: str | Path,
    runs: Sequence[str],
    *,
    past: bool = False,
    least: int = 2,
    most: int = 8,
    workers: int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> Report:
    """Learn from the champions of ended runs and contribute to their library.

    Args:
        workspace: the file that holds the runs and the library.
        runs: ids of runs that have ended.
        past: read former champions too.
        least: agents whose scripts must call a helper.
        most: helpers at most.
        workers: evaluator processes of each run.
        say: told the progress.

    Raises:
        ConfigError: no run, one that has not ended, or none with a champion.
    """
    if not runs:
        raise ConfigError("expected the id of at least one run that has ended, got none; `mascript status` lists them")
    with _stages(workspace, runs, workers) as stages:
        texts = [text for run, _ in stages.values() for text in champions(run.rows, run.id, past=past)]
        if not texts:
            raise ConfigError(f"expected runs with champions, got none in {', '.join(stages)}")
        work = _Work(stages, list(texts), least)
        before = work.read()
        while len(work.helpers) < most and len(work.refused) < REFUSALS and _round(work, say):
            pass
        return _report(work, before, texts)


@contextmanager
def _stages(workspace: str | Path, runs: Sequence[str], workers: int) -> Iterator[dict[str, tuple[Run, RunState]]]:
    with ExitStack() as stack:
        yield {run: stack.enter_context(ended_run(workspace, run, workers)) for run in dict.fromkeys(runs)}


def _round(work: _Work, say: Callable[[str], None]) -> bool:
    """Try the pattern that pays most; return False where none pays."""
    now = work.read()
    found = best(now.corpus, now.sizes, work.least, work.avoid)
    if found is None:
        return False
    work.avoid.bodies.add(body_text(now.corpus, found.matches[0], found.filled))
    taken = {*work.first.library.names(), *Library(work.first.workspace.db, migrate=False).names()}
    taken |= {name for text in work.texts for name, _ in text.pins} | _defined(work.texts)
    shape = draft(now.corpus, found, taken)
    learned = TOO_WIDE if shape is None else _tried(work, now, found, _as_known(work, shape))
    if learned.pin:
        work.helpers.append(learned)
        say(f"{learned.pin.partition('#')[0]}: {learned.places} places in {learned.scripts} scripts, {learned.saves} nodes saved")
    elif shape is None:
        work.refused.append(learned)  # a smaller part of it may fit
    else:
        work.refused.append(learned)
        # What nobody would miss is no better a little smaller or larger.
        work.avoid.roots |= {now.corpus.texts[id(match.site.node)] for match in found.matches}
        say(f"{learned.name}: not contributed, {learned.why}")
    return True


def _as_known(work: _Work, shape: Draft) -> Draft:
    """The function under the name by which the library has it already; itself where it has not."""
    fid = helper_function(work.first, shape, shape.source("Looked up.", [])).fid
    known = Library(work.first.workspace.db, migrate=False).by_fid(fid)
    return shape if known is None or known.name in _defined(work.texts) else replace(shape, name=known.name)


def _tried(work: _Work, now: Read, found: Found, shape: Draft) -> Learned:
    """Prove, test and contribute one helper; the scripts of `work` call it afterwards, if it got in."""
    matches = _proved(work, now, shape, found.matches)
    scripts = sorted({match.site.script for match in matches})
    told = Learned(shape.name, "", len(scripts), len({_who(work.texts[one]) for one in scripts}), len(matches), 0)
    if told.agents < work.least:
        return replace(told, why=f"the rewritten scripts of only {told.agents} agents play as the originals do")
    source, recorded = _documented(work, now, shape, matches)
    if not source:
        return replace(told, why=NEVER_EXECUTED)
    helper = helper_function(work.first, shape, source)
    texts = rewritten(now, shape, helper.fid, matches)
    after = sum(size_of(safe_parse(texts[one][0])) for one in scripts) + size_of(_undocumented(source))
    told = replace(told, source=source, saves=sum(size_of(now.trees[one]) for one in scripts) - after)
    effects = {one: _worth(work, one, helper, *texts[one]) for one in scripts}
    measured = {one: effect for one, effect in effects.items() if effect is not None}
    if not measured:
        return replace(told, why=NEVER_EXECUTED)
    top = max(measured, key=lambda one: measured[one].gain / (measured[one].error or 1e-9))
    told = replace(told, gain=measured[top].gain, error=measured[top].error, n=measured[top].n)
    if measured[top].withheld:
        return replace(told, why=measured[top].withheld)
    verdict = _contribute(work, helper, measured[top], top, recorded)
    if verdict.release is None or verdict.release.fid != helper.fid:
        return replace(told, why=f"refused by the gate `{verdict.gate}`: {verdict.reason}")
    for one in scripts:
        text, pins = texts[one]
        work.texts[one] = replace(work.texts[one], source=text, pins=tuple(pins.items()))
    work.sources.append(source)
    return replace(told, pin=verdict.release.pin)


def _proved(work: _Work, now: Read, shape: Draft, matches: Sequence[Match]) -> list[Match]:
    """The matches of scripts that play as before when they call the helper."""
    source = shape.source("Being proved.", [])
    helper = helper_function(work.first, shape, source)
    texts = rewritten(now, shape, helper.fid, matches)
    alike = {
        one
        for one, (text, pins) in texts.items()
        if plays_alike(work.played(one), with_helper(work.played(one), text, pins, [helper]))
    }
    return [match for match in matches if match.site.script in alike]


def _documented(work: _Work, now: Read, shape: Draft, matches: Sequence[Match]) -> tuple[str, dict[str, list[Any]]]:
    """The helper's text with examples of calls seen in play, and the values seen by type; empty where it was never called."""
    fid = helper_function(work.first, shape, shape.source("Being seen.", [])).fid
    texts = rewritten(now, shape, fid, matches)
    seen: list[tuple[Any, ...]] = []
    for one, (text, pins) in texts.items():
        seen += seen_calls(work.played(one), shape, text, pins)
    agents = len({_who(work.texts[one]) for one in texts})
    runs = ", ".join(dict.fromkeys(work.texts[one].run for one in texts))
    told = (
        f"Learned from {len(matches)} places in {len(texts)} scripts of {agents} agents, run {runs}; the values were seen in play."
    )
    helper = helper_function(work.first, shape, shape.source(told, []))
    shown = shown_calls(work.first, helper, seen)
    if not shown:
        return "", {}
    recorded: dict[str, list[Any]] = {}
    for index, (_, type_) in enumerate(shape.parameters):
        values = {repr(arguments[index]): arguments[index] for arguments in seen}
        recorded.setdefault(type_, []).extend(thin([values[key] for key in sorted(values)], RECORDED))
    return shape.source(told, examples(shape.name, shape.returns, shown)), recorded


def _worth(work: _Work, index: int, helper: LinkedFunction, source: str, pins: dict[str, Fid]) -> KnockOut | None:
    one = work.played(index)
    return worth(one, with_helper(one, source, pins, [helper]), helper.fid)


def _contribute(work: _Work, helper: LinkedFunction, effect: KnockOut, index: int, recorded: dict[str, list[Any]]) -> Verdict:
    """Through the gates that everybody's contributions meet; with its effect in the same unit of work."""
    run, state = work.stages[work.texts[index].run]
    with work.first.workspace.transaction() as db:
        verdict = Library(db).add(
            helper.source,
            author=AUTHOR,
            runner=work.first.runner,
            battery=DefaultBattery(recorded=recorded),
            imports=dict(helper.imports),
        )
        # What somebody released before has its effect already, and runs that have begun were shown it with that.
        if verdict.release is not None and verdict.kind != "alias":
            champion, references = state.agent(work.texts[index].agent).champion, run.spec.references
            random_score = references[0].score if references else None
            score = champion.score if champion is not None else 0.0
            scale = abs(score - (random_score or 0.0))
            share = effect.gain / scale if scale > 0 else 0.0
            body = {"pool": "credit", "gain": effect.gain, "error": effect.error, "n": effect.n, "share": share}
            told = EffectRow("", f"learned-{helper.fid[7:23]}", AUTHOR, work.texts[index].pid, helper.fid, body)
            work.first.rows.record_effect(told)
    return verdict


def _report(work: _Work, before: Read, originals: Sequence[Text]) -> Report:
    after = work.read()
    helpers = [_undocumented(source) for source in work.sources]
    texts = ("\n".join(map(ast.unparse, before.trees)), "\n".join(map(ast.unparse, (*after.trees, *helpers))))
    learned = {one.name for one in work.helpers}
    changed = [
        Rewritten(
            text.run,
            text.agent,
            text.pid,
            work.stages[text.run][0].spec.id,
            text.source,
            text.pins,
            tuple(name for name, _ in text.pins if name in learned),
        )
        for text, original in zip(work.texts, originals, strict=True)
        if text.source != original.source
    ]
    return Report(
        scripts=len(originals),
        agents=len({_who(text) for text in originals}),
        nodes=(sum(map(size_of, before.trees)), sum(map(size_of, (*after.trees, *helpers)))),
        packed=(len(zlib.compress(texts[0].encode(), 9)), len(zlib.compress(texts[1].encode(), 9))),
        helpers=tuple(work.helpers),
        refused=tuple(work.refused),
        rewritten=tuple(changed),
        episodes=SAME_EPISODES,
    )


def _undocumented(source: str) -> ast.Module:
    """A helper without its documentation, which the scripts that it was taken out of did not have either."""
    tree = safe_parse(source)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return tree


def _who(text: Text) -> str:
    return f"{text.run}:{text.agent}"


def _defined(texts: Sequence[Text]) -> set[str]:
    """Names that some script uses for something else."""
    return {node.id for text in texts for node in ast.walk(safe_parse(text.source)) if isinstance(node, ast.Name)}
