"""Goals: metrics measured on recorded episodes, weighed beside the return, shown apart."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import arenas
from arenas.social import metrics
from mascript.config import loads
from mascript.errors import ConfigError
from mascript.evolve.engine import run_experiment
from mascript.evolve.evaluation import Evaluation
from mascript.evolve.goals import Aim, Gauge, aims_of, metrics_of
from mascript.evolve.settings import Setting
from mascript.journal import Journal, Workspace
from mascript.linking import link
from mascript.match.onlooker import reenact
from mascript.match.play import Player
from mascript.records import ArenaRef, MatchJob, MatchResult, Program
from mascript.sandbox import Sandbox

HARVEST = {"players": 2, "horizon": 30}
TAGGER = """
def policy(step, legal):
    return "tag" if step % 3 == 0 else "north"
"""
GATHERER = """
def policy(observation):
    across, down = observation.apple
    if abs(across) > abs(down):
        return "east" if across > 0 else "west"
    return "south" if down > 0 else "north"
"""
LOSER = """
def policy(step):
    return "tag" if step < 2 else "fly"
"""
WISHES = """
[experiment]
name = "wishes"
arena = "iterated_dilemma_v0"
seed = 2
generations = 2
candidates = 6
first_candidates = 16
founding = 1
arguments = {{ horizon = 6 }}
[evaluation]
episodes = 3
accept_episodes = 4
audit_episodes = 6
opponents = ["reference:all_d"]
strict_sample = 0.0
[credit]
enabled = false
[[agents]]
name = "ada"
goal = "cooperate whatever they do"
[agents.metrics]
cooperate = 8.0
{more}
"""
"""Against a defector each cooperation costs 1, and here earns 8."""


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    with Sandbox() as sandbox:
        player = Player(sandbox)
        yield player
        player.close()


def played(player: Player, arena: str, arguments: dict[str, int], sources: tuple[str, ...], seeds: tuple[int, ...]) -> MatchResult:
    lineup = tuple(link(source, {}, None) for source in sources)
    ref = ArenaRef(arena, tuple(sorted(arguments.items())))
    (result,) = player.play([MatchJob(ref, lineup, seeds, watched=seeds)])
    return result


@pytest.mark.parametrize(
    ("arena", "arguments", "sources"),
    [
        ("commons_harvest_v0", HARVEST, (TAGGER, GATHERER)),
        ("commons_harvest_v0", HARVEST, (LOSER, GATHERER)),
        (
            "iterated_dilemma_v0",
            {"horizon": 6},
            ("def policy():\n    return 'defect'\n", "def policy():\n    return 'cooperate'\n"),
        ),
        ("connect_four_v3", {}, ("def policy(legal):\n    return legal[0]\n", "def policy(legal):\n    return legal[-1]\n")),
        (
            "simple_spread_v3",
            {"N": 2},
            ("def policy(step):\n    return 'up'\n", "def policy(step):\n    return 'fly' if step else 'up'\n"),
        ),
    ],
)
def test_an_episode_is_seen_again_as_it_was(
    player: Player, arena: str, arguments: dict[str, int], sources: tuple[str, ...]
) -> None:
    spec = arenas.get(arena, **arguments)
    result = played(player, arena, arguments, sources, (3, 4))
    for episode, moves in zip(result.episodes, result.moves, strict=True):
        seen = reenact(spec, episode.seed, moves, (0,))
        rounds = episode.steps if arena == "iterated_dilemma_v0" else 1  # its returns are means per round
        assert seen.ledger.returns == pytest.approx([value * rounds for value in episode.returns], abs=1e-9)
        assert len(seen.rewards) == episode.steps
        assert {look.seat for look in seen.looks} == {0}
        assert metrics(seen.ledger).efficiency == pytest.approx(sum(episode.returns) * rounds / episode.steps)


def gauged(player: Player, source: str, weights: dict[str, float]) -> tuple[Evaluation, Aim, MatchResult, list[Setting]]:
    spec = arenas.get("commons_harvest_v0", **HARVEST)
    known = metrics_of(spec, 0)
    aim = Aim(tuple((known[name], weight) for name, weight in weights.items()))
    gauge = Gauge(spec, {"ada": aim}, (0,))
    evaluation = Evaluation(spec, ArenaRef(spec.id), None, "own", ((0,), (1,)), gauge=gauge)  # type: ignore[arg-type]
    result = played(player, spec.id, HARVEST, (source, GATHERER), (3, 4))
    settings = [Setting((None, Program("other", "")), seed) for seed in (3, 4)]
    for setting, episode, moves in zip(settings, result.episodes, result.moves, strict=True):
        gauge.note(episode, moves, setting.focal)
    return evaluation, aim, result, settings


def test_metrics_are_weighed_beside_the_return(player: Player) -> None:
    evaluation, aim, result, settings = gauged(player, TAGGER, {"tag": -3.0, "formation": 2.0})
    assert evaluation.gauge is not None
    earned = evaluation.focal_scores(result.episodes, settings)
    parts = evaluation.gauge.parts(aim, result.episodes, [one.focal for one in settings], earned)
    (_, _, tagged), (_, _, together) = parts.metrics
    assert tagged == pytest.approx(1 / 3) and together is not None and 0 <= together <= 1
    assert parts.earned == pytest.approx(sum(episode.returns[0] for episode in result.episodes) / 2)
    scores = evaluation.focal_scores(result.episodes, settings, aim)
    assert sum(score for score in scores if score is not None) / 2 == pytest.approx(parts.earned - 3 * tagged + 2 * together)


def test_to_forfeit_or_to_leave_a_metric_undefined_is_no_way_to_a_better_score(player: Player) -> None:
    evaluation, aim, result, settings = gauged(player, LOSER, {"tag": -3.0, "formation": 2.0})
    assert evaluation.focal_scores(result.episodes, settings, aim) == [evaluation.spec.floor - 3.0] * 2
    idle = "def policy():\n    return 'stay'\n"
    evaluation, aim, result, settings = gauged(player, idle, {"equality": -4.0})
    spec = evaluation.spec
    result = played(player, spec.id, HARVEST, (idle, idle), (3,))
    assert evaluation.gauge is not None
    evaluation.gauge.note(result.episodes[0], result.moves[0], (0,))
    assert result.episodes[0].returns == (0.0, 0.0)  # nobody has anything: equality is undefined
    assert evaluation.focal_scores(result.episodes, settings[:1], aim) == [-4.0]


@pytest.mark.parametrize(
    ("metrics", "says"),
    [
        ("cooperat = 1", r"agents.ada.metrics.cooperat: no such metric; did you mean cooperate\?"),
        ("xyz = 1", "iterated_dilemma_v0 has cooperate, defect, equality, peace, sustainability"),
        ("defect = 0", "expected a weight in units of return, not 0, got 0"),
        ('defect = "much"', "expected a weight in units of return, not 0, got 'much'"),
    ],
)
def test_what_cannot_be_weighed_is_said(metrics: str, says: str, tmp_path: Path) -> None:
    text = WISHES.format(more="").replace("cooperate = 8.0", metrics)
    with pytest.raises(ConfigError, match=says):
        run_experiment(loads(text), tmp_path / "work.db", workers=1)
    with Workspace.open(tmp_path / "work.db") as workspace:
        assert Journal(workspace).runs() == []


def test_aims_are_of_agents_with_metrics_alone() -> None:
    config = loads(WISHES.format(more='[[agents]]\nname = "bo"\ngoal = "be kind"'))
    assert list(aims_of(config, arenas.get("iterated_dilemma_v0", horizon=6))) == ["ada"]


def test_a_run_strives_for_its_goal_and_tells_the_parts(tmp_path: Path, seeded: Path) -> None:
    """Against defectors the return alone would have it defect: here cooperation is weighed more."""
    path = shutil.copy(seeded, tmp_path / "work.db")
    summary = run_experiment(loads(WISHES.format(more="")), path, workers=1)
    (row,) = summary.goals
    ((name, weight, share),) = row.metrics
    assert (row.agent, name, weight, row.n) == ("ada", "cooperate", 8.0, 6)
    assert share is not None and share > 0.9
    assert row.score == pytest.approx(row.earned + 8 * share)
    assert 'told to "cooperate whatever they do", was judged by return + 8 cooperate' in row.sentence()
    with Workspace.open(tmp_path / "work.db") as workspace:
        journal = Journal(workspace)
        assert journal.verify(summary.run) == []
        turns = [entry.body for entry in journal.entries(summary.run, kind="turn")]
    weighed = turns[0]["weighed"]
    assert set(weighed["metrics"]) == {"cooperate"} and 0 <= weighed["return"] <= 5
