"""What a writer that reads is told of its champion's episodes: who else played, what came of it for all, and where it lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from arenas.iterated_dilemma.spec import build
from mascript.config import loads
from mascript.evolve.episodes import CHANGES, ENDS, LOSSES, shown, telling
from mascript.evolve.feedback import informed
from mascript.evolve.opening import Means, evaluators_for, open_run
from mascript.evolve.retrieve import brief_for
from mascript.evolve.run import Run
from mascript.evolve.state import RunState
from mascript.journal import PolicyRow
from mascript.writers.base import CUT, Feedback, Moment, Parent, Proposal, Tried

EXPERIMENT = """
[experiment]
arena = "iterated_dilemma_v0"
seed = 3
generations = 4
founding = 1
arguments = {{ horizon = 10 }}
[evaluation]
opponents = ["reference:all_d", "co-players"]
[writing]
{writing}
[[agents]]
name = "ada"
goal = "be kind"
[agents.metrics]
cooperate = 2.0
equality = 1.0
[[agents]]
name = "bo"
[[agents]]
name = "cy"
"""
"""Three agents for two seats take them in turn."""
SOURCES = {reference.name: reference.source for reference in build().references}


def champion(run: Run, name: str) -> Parent:
    proposal = Proposal(SOURCES[name], "test")
    return Parent(run.link(proposal).pid, proposal, 0.0, 1)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, seeded: Path) -> dict[str, Feedback]:
    """What ada, who always cooperates, is told under several conditions; bo plays tit for tat."""
    found: dict[str, Feedback] = {}
    folder = tmp_path_factory.mktemp("feedback")
    with evaluators_for(loads(EXPERIMENT.format(writing="")), 1) as players:
        for name, writing in {
            "default": "episodes = 4\nshown = 4",
            "open": 'episodes = 4\nco_players = "source"\nsocial = "sparse"',
            "closed": 'co_players = "unseen"\nepisodes = 0',
        }.items():
            path = Path(shutil.copy(seeded, folder / f"{name}.db"))
            with open_run(loads(EXPERIMENT.format(writing=writing)), path, Means(evaluators=players)) as (run, state):
                found[name] = feedback(run, state)
    return found


def feedback(run: Run, state: RunState) -> Feedback:
    state.generation = 1
    state.agent("ada").champion, state.agent("bo").champion = champion(run, "all_c"), champion(run, "tit_for_tat")
    with run.workspace.transaction():
        for agent, gain, promoted in (("ada", -0.5, None), ("bo", 2.0, "policy:b")):
            run.rows.record_policy(PolicyRow(run.id, agent, 0, f"policy:{agent}", "", "write", "rejected", {"note": f"by {agent}"}))
            candidates = [{"pid": "policy:a", "n": 4, "score": 9.0}, {"pid": f"policy:{agent}", "n": 8, "score": 1.0}]
            body = {"generation": 0, "agent": agent, "candidates": candidates, "refused": [], "promoted": promoted}
            run.journal.append(run.id, "turn", body | {"gain": gain, "gain_error": 0.25, "n": 12})
    given = informed(run, state, state.agent("ada"), brief_for(run, state, state.agent("ada"))).feedback
    assert given is not None
    return given


def test_co_players_are_named_with_what_they_did(told: dict[str, Feedback]) -> None:
    company = {one.who: one for one in told["default"].company}
    assert [one.who for one in told["default"].company] == ["the reference all_d", "bo"]  # worst first
    defector, bo = company["the reference all_d"], company["bo"]
    # All cooperate with a defector: 0 a round; with tit for tat: 3. Two more for cooperating, and equality is 0 or 1.
    assert (defector.side, defector.score, defector.n, defector.actions) == ("beside", 2.5, 2, (("defect", 1.0),))
    assert (bo.score, bo.n, bo.actions) == (6.0, 2, (("cooperate", 1.0),))
    assert told["default"].roams and not defector.source and not bo.source


def test_the_best_script_is_scored_beside_what_the_others_play_now(told: dict[str, Feedback]) -> None:
    """Twice with the defector, twice with tit for tat; the score of when it was kept is another."""
    assert (told["default"].latest, told["default"].latest_n) == ((2.5 + 6.0) / 2, 4)
    assert (told["closed"].latest, told["closed"].latest_n) == (None, 0)


def test_what_was_tried_is_told_with_what_it_brought(told: dict[str, Feedback]) -> None:
    """One's own alone, and of a race the one that played longest, which went to the trial."""
    assert told["default"].tried == (Tried(0, "by ada", -0.5, 0.25, 12, kept=False),)


def test_open_source_play_shows_scripts_and_closed_play_nobody(told: dict[str, Feedback]) -> None:
    assert {one.who: one.source for one in told["open"].company} == {
        "the reference all_d": SOURCES["all_d"],
        "bo": SOURCES["tit_for_tat"],
    }
    assert told["closed"].company == () and told["closed"].worst == ()


def test_social_metrics_are_told_or_not(told: dict[str, Feedback]) -> None:
    social = {one.name: one.value for one in told["default"].social}
    assert social["efficiency"] == pytest.approx((5 + 6) / 2)
    assert social["equality"] == pytest.approx((0.5 + 1) / 2)
    assert "peace" not in social  # nobody can be put out of play here
    assert told["open"].social == () and told["closed"].social == ()


def test_a_goal_is_told_with_its_parts(told: dict[str, Feedback]) -> None:
    given = told["default"]
    assert given.goal == "be kind"
    assert given.earned == pytest.approx(1.5)
    assert [(one.name, one.weight, one.value) for one in given.declared] == [
        ("cooperate", 2.0, 1.0),
        ("equality", 1.0, pytest.approx(0.75)),
    ]
    assert told["closed"].earned is None and [one.value for one in told["closed"].declared] == [None, None]


def test_the_worst_episode_comes_first_with_the_others_moves_and_rewards(told: dict[str, Feedback]) -> None:
    first = told["default"].worst[0]
    assert first.score == 2.5 and sorted(first.returns) == [0.0, 5.0]
    assert all(moment.action == "cooperate" and dict(moment.others).popitem()[1] == "defect" for moment in first.moments)
    assert all(moment.reward == 0 for moment in first.moments)
    better = told["default"].worst[-1]
    assert all(moment.reward == 3 for moment in better.moments)


def test_a_long_episode_is_told_by_its_ends_its_losses_and_its_turns() -> None:
    moments = [Moment(step, (), "b" if 40 <= step < 60 else "a", reward=-5.0 if step == 77 else 1.0) for step in range(100)]
    steps = [moment.step for moment in telling(moments)]
    assert steps == [0, 1, 2, 40, 60, 77, 97, 98, 99]
    wild = [Moment(step, (), str(step), reward=float(-step)) for step in range(300)]
    assert len(telling(wild)) <= 2 * ENDS + LOSSES + CHANGES


def test_a_board_is_told_whole_and_longer_values_are_cut() -> None:
    board = (*((0,) * 7 for _ in range(5)), (0, 1, -1, 1, 0, 0, 0))
    assert shown(board) == "/".join(["_______"] * 5 + ["_1-1___"])
    assert shown(((0, 1), (-1, 0))) == "((0, 1), (-1, 0))"
    for other in (board * 3, tuple(range(40)), tuple((0.5, float(i)) for i in range(20)), (((0, 12) * 8), (0,) * 16) * 2):
        assert shown(other).endswith(CUT) and len(shown(other)) == 72
