"""What playing says of a rewritten script: that it acts as the original did, what its helper was called with, what it is worth."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from library.identity import fid_of
from library.records import Call, Linked
from mascript.abstraction.helper import Draft
from mascript.evolve.contribute import EFFECT_EPISODES, RECORD_EPISODES, KnockOut, knock_out
from mascript.evolve.run import Run
from mascript.evolve.state import RunState
from mascript.linking import link, program_id
from mascript.records import Fid, LinkedFunction, MatchJob, Program
from mascript.sandbox import safe_parse
from mascript.scripts import shared_names
from mascript.seeds import Pool

SAME_EPISODES = 16
"""Episodes that original and rewritten script play side by side."""
SEEN_EPISODES = 4
SHOWN = 3
"""Examples in a helper's documentation."""
_SPY = "given_values"
"""Name of a function that returns what it is given, so that it is recorded."""


@dataclass(frozen=True)
class Played:
    """One script on its run's stage. Made by `learning`; read here."""

    run: Run
    state: RunState
    agent: str
    source: str
    pins: Mapping[str, Fid]


def helper_function(run: Run, draft: Draft, source: str) -> LinkedFunction:
    """The helper as a program links it; the library need not hold it yet."""
    return LinkedFunction(fid_of(source, dict(draft.imports)), draft.name, source, draft.imports)


def with_helper(one: Played, source: str, pins: Mapping[str, Fid], helpers: Sequence[LinkedFunction]) -> Program:
    """Return a script linked with helpers that the library does not hold yet."""
    tree, own = safe_parse(source), {helper.fid for helper in helpers}
    imports = tuple((name, pins[name]) for name in shared_names(tree))
    wanted = [fid for _, fid in imports if fid not in own] + [f for helper in helpers for _, f in helper.imports if f not in own]
    held = [LinkedFunction(f.fid, f.name, f.source, f.imports) for f in one.run.library.link(wanted)]
    there = {one.fid for one in held}
    return Program(program_id(tree, imports), source, imports, (*held, *(one for one in helpers if one.fid not in there)))


def plays_alike(one: Played, program: Program) -> bool:
    """Whether a rewritten script plays as the original does, action for action, on training seeds in its run's lineups."""
    agent = one.state.agent(one.agent)
    settings = one.run.settings(Pool.TRAIN, one.state, agent, SAME_EPISODES, "learned")
    original = link(one.source, one.pins, one.run.library)
    before, after = one.run.evaluation.episodes(Pool.TRAIN, [original, program], settings)
    scored = not any(episode.unscored for episode in (*before, *after))
    return scored and [episode.trajectory for episode in before] == [episode.trajectory for episode in after]


def seen_calls(one: Played, draft: Draft, source: str, pins: Mapping[str, Fid]) -> list[tuple[Any, ...]]:
    """What the helper is called with in play: the script plays once more with a helper that shows its arguments."""
    names = ", ".join(name for name, _ in draft.parameters)
    spy = f"def {_SPY}({names}):\n    return ({names},)\n"
    shown = f"from shared import {', '.join([*(name for name, _ in draft.imports), _SPY])}\n\n\n"
    heads = "".join(f"{head}\n" for head in draft.heads)
    told = f"{heads}{shown}def {draft.name}({names}):\n    {_SPY}({names})\n    return {draft.body}\n"
    watcher = LinkedFunction(_hash(spy), _SPY, spy)
    helper = LinkedFunction(_hash(told), draft.name, told, (*draft.imports, (_SPY, watcher.fid)))
    program = with_helper(one, source, {**pins, draft.name: helper.fid}, [watcher, helper])
    agent = one.state.agent(one.agent)
    settings = one.run.settings(Pool.TRAIN, one.state, agent, SEEN_EPISODES, "seen")
    jobs = [MatchJob(one.run.arena, setting.lineup(program), (setting.seed,), record=(watcher.fid,)) for setting in settings]
    return [tuple(value) for result in one.run.evaluators.play(jobs) for _, values in result.recorded for value in values]


def shown_calls(run: Run, helper: LinkedFunction, seen: Sequence[tuple[Any, ...]]) -> list[tuple[tuple[Any, ...], Any]]:
    """A few calls, rounded so that a person can read them, with what the helper returns for them in the sandbox."""
    calls = sorted({repr(rounded): rounded for rounded in map(_rounded, seen)}.items(), key=lambda pair: (len(pair[0]), pair[0]))
    chosen = [arguments for _, arguments in calls[:: max(1, len(calls) // (4 * SHOWN))]][: 4 * SHOWN]
    closure = [*run.library.link([fid for _, fid in helper.imports])]
    entry = Linked(helper.fid, helper.name, helper.source, helper.imports)
    outcomes = run.runner.run([*closure, entry], helper.fid, [Call(arguments) for arguments in chosen])
    results: dict[str, tuple[tuple[Any, ...], Any]] = {}
    for arguments, outcome in zip(chosen, outcomes, strict=True):
        if not outcome.error:
            results.setdefault(repr(outcome.value), (arguments, outcome.value))
    return list(results.values())[:SHOWN]


def worth(one: Played, program: Program, fid: Fid) -> KnockOut | None:
    """What the script loses on search-credit seeds without the helper; None if it is never executed."""
    agent = one.state.agent(one.agent)
    settings = one.run.settings(Pool.CREDIT, one.state, agent, RECORD_EPISODES + EFFECT_EPISODES, "learned", fid)
    return knock_out(one.run, program, fid, settings)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    return tuple(map(_rounded, value)) if isinstance(value, tuple | list) else value


def _hash(text: str) -> Fid:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
