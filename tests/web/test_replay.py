"""Pages that play: an episode moment by moment and the lines of a script, from the real sandbox; and what they may cost."""

from __future__ import annotations

import re
import shutil
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from mascript.emergence.watch import cast_of, lineups
from mascript.errors import MascriptError, NotFound
from mascript.explain.explaining import champion_of
from mascript.explain.replay import Replay, replay
from mascript.journal import Journal, Workspace
from mascript.match.play import Player
from mascript.records import ArenaRef, MatchJob
from mascript.sandbox import Sandbox
from mascript.web.asking import Ask
from mascript.web.render import Shell, render
from mascript.web.theatre import Busy, Question, Theatre, TooLong
from mascript.web.views.episode import episode_page

RUN = "tiny-10-1"


@pytest.fixture(scope="module")
def champion(served) -> str:
    """A champion that has a helper of somebody else's."""
    effects = served.get(f"/runs/{RUN}.json").json()["helpers"]
    scripts = served.get(f"/runs/{RUN}/scripts.json?status=champion&agent={effects[0]['borrower']}").json()["scripts"]
    return str(scripts[0]["pid"])


def test_an_episode_is_the_one_that_is_played(served, workspace: Path, champion: str) -> None:
    """Returns, trajectory and decisions are those of the match, in the original environment, with the script itself."""
    shown = served.get(f"/scripts/{champion}/episode.json?run={RUN}&seed=3").json()["replay"]
    with Workspace.open(workspace, read_only=True) as opened:
        cast = cast_of(opened, RUN)
        seat, lineup = lineups(cast, shown["agent"], champion_of(cast, shown["agent"]))[0]
    assert [one["pid"] for one in shown["seated"]] == [one.pid for one in lineup] and shown["seat"] == seat
    job = MatchJob(ArenaRef(cast.arena.id, cast.arena.arguments, original=True), lineup, (3,), watched=(3,))
    with Sandbox() as sandbox, closing(Player(sandbox)) as player:
        (result,) = player.play([job])
    (episode,), (moves,) = result.episodes, result.moves
    assert shown["trajectory"] == episode.trajectory and shown["returns"] == list(episode.returns) and shown["faithful"]
    names = cast.spec.actions.names
    done = [(one["step"], one["seat"], one["action"]) for moment in shown["moments"] for one in moment["decisions"]]
    assert done == [(move.step, move.seat, names[move.action]) for move in moves]
    assert [moment["step"] for moment in shown["moments"]] == list(range(episode.steps + 1))
    assert shown["moments"][-1]["returns"] == shown["returns"] and not shown["moments"][-1]["decisions"]


def test_the_line_and_the_helper_behind_a_decision_stand_on_the_page(served, champion: str) -> None:
    page = served.get(f"/scripts/{champion}/episode.json?run={RUN}&seed=3&step=2").json()
    own = page["replay"]["seat"]
    made = next(one for one in page["replay"]["moments"][2]["decisions"] if one["seat"] == own)
    line = page["replay"]["seated"][own]["source"].split("\n")[made["line"] - 1]
    assert line.strip().startswith("return") and made["line"] in made["lines"] and page["at"] == 2
    pins = [page["replay"]["pins"][fid] for fid, calls, _ in made["helpers"] if calls]
    assert len(pins) >= 1 and all("@" in pin for pin in pins)
    text = served.get(f"/scripts/{champion}/episode?run={RUN}&seed=3&step=2").text
    assert re.search(rf'<tr id="L{made["line"]}" class="decided">', text) and '<svg class="scene"' in text
    for pin in pins:
        assert f">{pin.partition('#')[0]}</a>" in text
    shown = served.get(f"/scripts/{champion}/episode.json?run={RUN}&seed=3&step=999999").json()
    assert shown["at"] == len(shown["replay"]["moments"]) - 1


def test_lines_count_what_every_decision_reached(served, champion: str) -> None:
    page = served.get(f"/scripts/{champion}/lines.json?run={RUN}").json()
    found = page["found"]
    assert found["faithful"] == found["episodes"] == 8 and page["decisions"] == 8 * 10
    counted = {one["line"]: one for one in found["lines"]}
    returns = [n for n, line in enumerate(found["source"].split("\n"), 1) if line.strip().startswith("return")]
    assert sum(counted[n]["decisions"] for n in returns) == page["decisions"]
    assert page["never"] == [n for n, one in counted.items() if one["times"] == 0]
    text = served.get(f"/scripts/{champion}/lines?run={RUN}").text
    assert text.count('class="never"') == len(page["never"])
    assert f'href="/scripts/{champion.replace(":", ":")}/lines?run={RUN}"' in served.get(f"/scripts/{champion}?run={RUN}").text


def test_a_long_episode_is_shown_as_far_as_it_fits(workspace: Path, champion: str) -> None:
    with Workspace.open(workspace, read_only=True) as opened:

        def playing(asked: Question) -> Replay:
            return replay(opened, asked.run, asked.pid, asked.company, asked.seed, most=4)

        page = episode_page(opened, Ask({"pid": champion}, {"run": RUN, "step": "9"}, playing))
    assert page.last == page.at == 3 and not page.ended and page.replay.steps == 10 and page.replay.faithful
    assert len(page.replay.returns) == 2 and page.replay.returns != page.now.returns
    text = render("episode.html.j2", page, Shell("w.db", f"/scripts/{champion}/episode?run={RUN}&step=9"))
    assert "The first 4 of 10 steps can be watched" in text and "Step 3 of 10" in text and "The end" not in text


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("company=1", 404, "1 companies, numbered from 0"),
        ("seed=10000", 400, "from 0 to 9999"),
        ("seed=-1", 400, "whole number"),
        ("step=x", 400, "whole number"),
        ("of=2", 400, "from 0 to 1"),
    ],
)
def test_what_cannot_be_played_is_said(served, champion: str, query: str, status: int, words: str) -> None:
    answer = served.get(f"/scripts/{champion}/episode?run={RUN}&{query}")
    assert answer.status == status and words in answer.text


def test_an_arena_that_is_only_named_is_not_played(served) -> None:
    answer = served.get(f"/scripts/policy:{'e' * 64}/episode")
    assert answer.status == 404 and "expected an arena with a spec of its own" in answer.text


def test_a_page_of_another_site_cannot_make_this_machine_play(served, champion: str) -> None:
    """What a stranger's page embeds is refused; a person who follows its link, and programs, are answered."""
    for kind in ("episode", "lines"):
        address = f"/scripts/{champion}/{kind}?run={RUN}&seed=3"
        for site in ("cross-site", "same-site"):
            for part in ("image", "iframe", "script", "empty"):
                assert served.get(address, Sec_Fetch_Site=site, Sec_Fetch_Dest=part).status == 403
        assert served.get(address, Sec_Fetch_Site="cross-site", Sec_Fetch_Dest="document").status == 200
        assert served.get(address, Sec_Fetch_Site="same-origin", Sec_Fetch_Dest="empty").status == 200
    assert served.get("/runs", Sec_Fetch_Site="cross-site", Sec_Fetch_Dest="image").status == 200


def question(workspace: Path, pid: str, seed: int = 0) -> Question:
    with Workspace.open(workspace, read_only=True) as opened:
        return Question("replay", RUN, Journal(opened).run(RUN).length, pid, 0, seed)


def test_what_a_question_may_cost(workspace: Path, champion: str, tmp_path: Path) -> None:
    """What takes too long is ended and the next is played; others come again meanwhile; answers outlive their file."""
    path = Path(shutil.copy(workspace, tmp_path / "w.db"))
    with closing(Theatre(path, seconds=0.05, waiting=1)) as theatre:
        with pytest.raises(TooLong, match="took longer than"):
            theatre.ask(question(path, champion))
        theatre.seconds = 60.0
        first = threading.Thread(target=theatre.ask, args=(question(path, champion, 1),))
        first.start()
        time.sleep(0.2)
        with pytest.raises(Busy, match="ask again"):
            theatre.ask(question(path, champion, 2))
        first.join(60)
        with pytest.raises(NotFound, match="policy:none"):
            theatre.ask(Question("replay", RUN, 0, "policy:none"))
        path.unlink()
        assert theatre.ask(question(workspace, champion, 1)).seed == 1
        with pytest.raises(MascriptError, match="no workspace"):
            theatre.ask(question(workspace, champion, 2))
