"""A result is looked up only where everything that it depends on is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, fields, replace
from pathlib import Path
from typing import Any

import pytest

import arenas
from arenas.spec import ArenaSpec
from mascript.journal import ResultFile
from mascript.match.cache import Build, Conditions, ResultCache, this_build
from mascript.match.play import Player
from mascript.records import (
    ArenaRef,
    EpisodeResult,
    Forfeit,
    LinkedFunction,
    MatchJob,
    MatchResult,
    Move,
    Probe,
    ProbeJob,
    Program,
    Replacement,
)
from mascript.sandbox import Limits

DILEMMA = ArenaRef("iterated_dilemma_v0", (("horizon", 6),))
LIMITS = Limits()
SEEDS = (3, 4, 5)
HELPER = LinkedFunction("sha256:" + "1" * 64, "one", "def one() -> int:\n    return 1\n")
BORROWER = Program(
    "policy:borrower", "from shared import one\n\ndef policy(observation):\n    return one()\n", (("one", HELPER.fid),), (HELPER,)
)
COOPERATE = Program("policy:c", 'def policy(observation):\n    return "cooperate"\n')
DEFECT = Program("policy:d", 'def policy(observation):\n    return "defect"\n')
JOB = MatchJob(DILEMMA, (BORROWER, COOPERATE), SEEDS)


class Counting:
    """Plays with a real player and says how many episodes it was asked for."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self.seeds: list[int] = []

    def __call__(self, jobs: Sequence[MatchJob]) -> list[MatchResult]:
        self.seeds += [seed for job in jobs for seed in job.seeds]
        return self._player.play(jobs)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultFile]:
    with ResultFile(tmp_path / "results") as file:
        yield file


def _spec(change: Callable[[ArenaSpec], ArenaSpec]) -> Callable[..., ArenaSpec]:
    return lambda id, **arguments: change(arenas.get(id, **arguments))


def _missed(store: ResultFile, player: Player, job: MatchJob = JOB, **settings: Any) -> int:
    """Play the job once as it is and once changed; return how many episodes were played the second time."""
    first, second = Counting(player), Counting(player)
    ResultCache(store, LIMITS).play([JOB], first)
    assert first.seeds == list(SEEDS)
    limits = settings.pop("limits", LIMITS)
    ResultCache(store, limits, **settings).play([job], second)
    return len(second.seeds)


def test_what_was_played_is_not_played_again(store: ResultFile, player: Player) -> None:
    assert _missed(store, player) == 0


OTHER_TEXT = replace(BORROWER, source=BORROWER.source.replace("one()", "int(one())"))
OTHER_FID = replace(HELPER, fid="sha256:" + "2" * 64)
OTHER_PIN = replace(BORROWER, imports=(("one", OTHER_FID.fid),), functions=(OTHER_FID,))
OTHER_HELPER = replace(BORROWER, functions=(replace(HELPER, source=HELPER.source.replace("return 1", "return 0")),))
STUBBED = replace(BORROWER, replacements=(Replacement(HELPER.fid, "constant", (0,)),))
OTHER_STUB = replace(BORROWER, replacements=(Replacement(HELPER.fid, "constant", (1,)),))


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(replace(JOB, lineup=(OTHER_TEXT, COOPERATE)), id="script"),
        pytest.param(replace(JOB, lineup=(OTHER_PIN, COOPERATE)), id="pinned fid"),
        pytest.param(replace(JOB, lineup=(OTHER_HELPER, COOPERATE)), id="text of a function"),
        pytest.param(replace(JOB, lineup=(STUBBED, COOPERATE)), id="replacement"),
        pytest.param(replace(JOB, lineup=(BORROWER, DEFECT)), id="another seat's script"),
        pytest.param(replace(JOB, lineup=(COOPERATE, BORROWER)), id="order of seats"),
        pytest.param(replace(JOB, arena=replace(DILEMMA, arguments=(("horizon", 7),))), id="arguments"),
        pytest.param(replace(JOB, arena=replace(DILEMMA, arguments=(("horizon", 6), ("noise", 0.5)))), id="one more argument"),
        pytest.param(replace(JOB, arena=replace(DILEMMA, original=True)), id="twin or original"),
        pytest.param(replace(JOB, seeds=(13, 14, 15)), id="seed"),
        pytest.param(replace(JOB, count_calls=True), id="calls counted"),
        pytest.param(replace(JOB, watched=SEEDS), id="decisions kept"),
        pytest.param(replace(JOB, trace=0), id="observations kept"),
        pytest.param(replace(JOB, apart=True), id="isolation of the job"),
    ],
)
def test_a_changed_job_misses(store: ResultFile, player: Player, job: MatchJob) -> None:
    assert _missed(store, player, job) == len(SEEDS)


@pytest.mark.parametrize(
    "settings",
    [
        *(
            pytest.param({"limits": replace(LIMITS, **{one.name: getattr(LIMITS, one.name) * 2})}, id=one.name)
            for one in fields(Limits)
        ),
        pytest.param({"strict": True}, id="isolation"),
        pytest.param({"build": replace(this_build(), play_version=-1)}, id="version of play"),
        pytest.param({"build": replace(this_build(), code="other")}, id="code that plays"),
        pytest.param({"build": replace(this_build(), machine="other")}, id="machine"),
        pytest.param({"spec_of": _spec(lambda spec: replace(spec, version="pettingzoo 0.0.1"))}, id="version of the package"),
        pytest.param({"spec_of": _spec(lambda spec: replace(spec, openings="spread otherwise"))}, id="opening"),
        pytest.param({"spec_of": _spec(lambda spec: replace(spec, make_twin=None))}, id="no twin any more"),
        pytest.param({"spec_of": _spec(lambda spec: replace(spec, arguments=(("horizon", 8),)))}, id="defaults of arguments"),
        pytest.param({"spec_of": _spec(lambda spec: replace(spec, horizon=5))}, id="horizon"),
        pytest.param({"spec_of": _spec(lambda spec: replace(spec, floor=-9.0))}, id="floor"),
        pytest.param({"spec_of": _spec(lambda spec: replace(spec, forfeit_action=1))}, id="forfeit action"),
    ],
)
def test_another_machine_engine_or_arena_misses(store: ResultFile, player: Player, settings: dict[str, Any]) -> None:
    assert _missed(store, player, **settings) == len(SEEDS)


def test_another_arena_with_the_same_spec_misses(store: ResultFile, player: Player) -> None:
    one, other = (replace(JOB, arena=ArenaRef(f"{prefix}iterated_dilemma_v0")) for prefix in ("", "generic:"))
    cache = ResultCache(store, LIMITS, spec_of=lambda id: arenas.get("iterated_dilemma_v0"))
    cache.play([one], player.play)
    cache.play([other], player.play)
    assert (cache.hits, cache.misses) == (0, 6)


def test_a_strict_play_beside_a_default_one_is_always_played(store: ResultFile, player: Player) -> None:
    """Asked for twice it tells whether a script decides by more than its seed: the second must not repeat the first."""
    counting = Counting(player)
    for _ in range(2):
        ResultCache(store, LIMITS).play([replace(JOB, apart=True)], counting)
    assert counting.seeds == [*SEEDS, *SEEDS]


def test_two_replacements_miss_each_other(store: ResultFile, player: Player) -> None:
    ResultCache(store, LIMITS).play([replace(JOB, lineup=(STUBBED, COOPERATE))], player.play)
    second = Counting(player)
    ResultCache(store, LIMITS).play([replace(JOB, lineup=(OTHER_STUB, COOPERATE))], second)
    assert second.seeds == list(SEEDS)


def test_a_field_that_no_key_covers_cannot_be_added_unseen() -> None:
    """Whoever adds one of these decides here what it means for a key, and adds a case above."""
    assert {one.name for one in fields(MatchJob)} == {
        "arena", "lineup", "seeds", "count_calls", "record", "trace", "watched", "apart",
    }  # fmt: skip
    assert {one.name for one in fields(Program)} == {"pid", "source", "imports", "functions", "replacements"}
    assert {one.name for one in fields(ArenaRef)} == {"id", "arguments", "original"}
    assert {one.name for one in fields(Conditions)} == {
        "build", "arena", "arguments", "version", "twin", "openings", "rules", "limits", "isolation",
        "counted", "watched", "traced",
    }  # fmt: skip
    assert len(astuple(Build(1, "", ""))) == 3


def test_a_field_that_would_not_be_kept_cannot_be_added_unseen() -> None:
    """Whoever adds one of these keeps it in `mascript.match.cache`, too, or a looked-up result lacks it."""
    assert {one.name for one in fields(MatchResult)} == {"episodes", "traces", "recorded", "moves"}
    assert {one.name for one in fields(EpisodeResult)} == {
        "seed", "returns", "scores", "steps", "trajectory", "forfeits", "unscored", "calls",
    }  # fmt: skip
    assert {one.name for one in fields(Forfeit)} == {"seat", "step", "reason", "detail"}
    assert {one.name for one in fields(Probe)} == {"observation", "legal", "step"}
    assert Move._fields == ("step", "seat", "seen", "action")


def test_what_is_looked_up_equals_what_was_played(store: ResultFile, player: Player, script: Any) -> None:
    late = script('return "defect" if step > 2 else "cooperate"')
    wrong = script('return "defect" if step < 2 else "neither"')
    job = MatchJob(DILEMMA, (late, wrong), SEEDS)
    jobs = [
        job,
        replace(job, lineup=(BORROWER, late), count_calls=True),
        replace(job, watched=(4,)),
        replace(job, trace=1, seeds=(7,)),
        replace(job, lineup=(BORROWER, late), record=(HELPER.fid,)),
    ]
    played = player.play(jobs)
    assert played[0].episodes[0].forfeits and played[1].episodes[0].calls and played[2].moves[1] and played[3].traces[0]
    cache = ResultCache(store, LIMITS)
    assert cache.play(jobs, player.play) == played
    again = Counting(player)
    assert cache.play(jobs, again) == played
    assert again.seeds == list(SEEDS), "what functions gave is not kept, all else is"
    assert (cache.hits, cache.misses) == (10, 16)


def test_only_the_missing_episodes_are_played(store: ResultFile, player: Player) -> None:
    cache, counting = ResultCache(store, LIMITS), Counting(player)
    cache.play([JOB], player.play)
    longer = replace(JOB, seeds=(5, 9, 3, 8))
    assert cache.play([longer], counting) == player.play([longer])
    assert counting.seeds == [9, 8]


@pytest.mark.parametrize(
    ("body", "verdict"),
    [('__import__("time").sleep(9)', "deadline"), ('__import__("os").kill(1, 9)', "dead")],
)
def test_what_a_limit_or_a_death_ended_is_never_kept(
    store: ResultFile, ungated: Player, script: Any, body: str, verdict: str
) -> None:
    cache, job = ResultCache(store, LIMITS), replace(JOB, lineup=(script(body), COOPERATE), seeds=(1,))
    for _ in range(2):
        ((episode,),) = [result.episodes for result in cache.play([job], ungated.play)]
        assert episode.unscored.startswith("deadline") if verdict == "deadline" else episode.forfeits[0].reason == "dead"
    assert (cache.hits, cache.misses) == (0, 2)


@pytest.mark.parametrize("version", ["", "thing absent", "pettingzoo 1.27.0, thing 0.1 editable"])
def test_code_without_a_version_is_played_every_time(store: ResultFile, player: Player, version: str) -> None:
    counting = Counting(player)
    for _ in range(2):
        ResultCache(store, LIMITS, spec_of=_spec(lambda spec: replace(spec, version=version))).play([JOB], counting)
    assert counting.seeds == [*SEEDS, *SEEDS]


def test_fingerprints_are_looked_up_for_the_same_script_seat_and_observations(store: ResultFile, player: Player) -> None:
    (met,) = player.play([replace(JOB, trace=0)])
    asked: list[ProbeJob] = []

    def play(jobs: Sequence[ProbeJob]) -> list[str]:
        asked.extend(jobs)
        return player.fingerprints(jobs)

    cache = ResultCache(store, LIMITS)
    job = ProbeJob(DILEMMA, BORROWER, 0, met.traces)
    others = [replace(job, program=COOPERATE), replace(job, seat=1), replace(job, sequences=met.traces[:1])]
    prints = cache.fingerprints([job, *others], play)
    assert cache.fingerprints([job, *others], play) == prints == player.fingerprints([job, *others])
    assert len(asked) == 4
