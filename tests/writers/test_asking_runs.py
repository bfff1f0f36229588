"""Whole runs whose scripts are asked for: over HTTP with faults, killed and taken up, replayed from a transcript, by mail."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mascript.cli import main
from mascript.config import from_json, loads, to_json
from mascript.errors import ConfigError, WriterError
from mascript.evolve.engine import Summary, run_experiment
from mascript.journal import Calls, Entry, Journal, Workspace
from mascript.writers.fake_endpoint import Asked, FakeEndpoint, faulty
from mascript.writers.transcript import export

EXPERIMENT = """
[experiment]
name = "asked"
arena = "iterated_dilemma_v0"
seed = 3
generations = 2
candidates = 3
first_candidates = 4
founding = 1
arguments = {{ horizon = 5 }}
[evaluation]
episodes = 4
accept_episodes = 4
audit_episodes = 4
opponents = ["reference:tit_for_tat"]
strict_elites = false
strict_sample = 0.0
[credit]
enabled = false
[writing]
timeout = {timeout}
backoff = 0.02
retries = 12
{budget}
[[models]]
model = "openai/fake"
api_base = "{url}"
usd_in = 0.5
usd_out = 2.0
[[agents]]
name = "ada"
{writer}
[[agents]]
name = "bo"
{writer}
"""
MODEL = 'writer = "openai/fake"'


def experiment(url: str, writer: str = MODEL, budget: str = "", timeout: float = 20.0) -> str:
    return EXPERIMENT.format(url=url, writer=writer, budget=budget, timeout=timeout)


def script(asked: Asked) -> str:
    """A script of its own for every request; every fourth reply is talk, to be sent back."""
    number = asked.index
    if number % 4 == 3 and len(asked.messages) == 2:
        return "Intent: none. I would rather talk about it."
    return (
        f"Intent: defect from round {number} on.\n```python\ndef late(step: int, first: int) -> bool:\n"
        f'    """Whether it is late.\n\n    >>> late(3, 2)\n    True\n    """\n    return step >= first\n\n\n'
        f'def policy(step):\n    return "defect" if late(step, {number}) else "cooperate"\n```\n'
    )


def entries(path: Path) -> list[Entry]:
    """The journal of a workspace's only run, every hash checked."""
    with Workspace.open(path) as workspace:
        journal = Journal(workspace)
        (row,) = journal.runs()
        assert journal.verify(row.run) == []
        return list(journal.entries(row.run))


def decisions(path: Path) -> list[tuple[str, Any]]:
    """Everything but the start, which holds the experiment's text."""
    return [(entry.kind, entry.body) for entry in entries(path) if entry.kind != "start"]


def copied(seeded: Path, folder: Path) -> Path:
    """A workspace of a test's own."""
    return Path(shutil.copy(seeded, folder / "work.db"))


def run(text: str, path: Path) -> Summary:
    return run_experiment(loads(text), path, workers=1)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, seeded: Path, litellm: None) -> tuple[Path, str]:
    """A run over an endpoint of which a third of the calls are bad, and its transcript."""
    path = copied(seeded, tmp_path_factory.mktemp("recorded"))
    with FakeEndpoint(script, faulty(0.35, seed=2), stall=30.0) as endpoint:
        text = experiment(endpoint.url, budget="[budget]\nusd = 1.0", timeout=8.0)
        summary = run(text, path)
        bill, bad = round(endpoint.charged(0.5, 2.0) * 1e9), sum(one.fault is not None for one in endpoint.served)
        assert bad >= 0.2 * len(endpoint.served)
    with Workspace.open(path) as workspace:
        calls = Calls(workspace)
        spent = sum(row.cost for row in calls.spend(summary.run))
        assert bill <= spent <= 1e9
        replies = calls.replies(summary.run)
        assert [reply.outcome for reply in replies] == ["answered"] * len(replies)
        answered = [call.place for call in calls.calls(summary.run) if call.state == "answered"]
        assert len(answered) == len(set(answered)) == len(replies)
        transcript = path.with_name("run.jsonl")
        transcript.write_text(export(calls, summary.run))
    return path, str(transcript)


def test_a_run_over_a_bad_endpoint_loses_nothing(recorded: tuple[Path, str]) -> None:
    kinds = [kind for kind, _ in decisions(recorded[0])]
    bodies = [body for kind, body in decisions(recorded[0]) if kind == "reply"]
    firsts = [body for body in bodies if body["attempt"] == 0]
    assert len(firsts) == 2 * (4 + 3) and len(bodies) > len(firsts)  # some were sent back
    assert kinds.count("generation") == 2 and kinds[-1] == "audit"
    order = [(body["generation"], body["agent"], body["slot"], body["attempt"]) for body in bodies]
    assert order == sorted(order)


def test_a_transcript_replays_the_run(recorded: tuple[Path, str], tmp_path: Path, seeded: Path) -> None:
    path, transcript = recorded
    text = experiment("http://127.0.0.1:9/v1", f'writer = "replay"\ntranscript = "{transcript}"')
    run(text, copied(seeded, tmp_path))
    assert decisions(tmp_path / "work.db") == decisions(path)


def test_the_command_line_shows_what_was_asked_and_spent(recorded: tuple[Path, str], tmp_path: Path) -> None:
    path, _ = recorded
    where = ["--workspace", str(path)]
    (spend, _) = call("status", "asked-3-1", *where, "--json")["spend"]
    assert (spend["agent"], spend["model"], spend["unpriced"]) == ("ada", "openai/fake", 0)
    assert spend["calls"] > spend["answered"] > 0 and spend["usd"] >= spend["uncertain_usd"] >= 0
    rows = call("transcript", "asked-3-1", *where, "--json")
    assert rows[0] | {"usd": 0, "tokens_in": 0, "tokens_out": 0} == {
        **{
            "agent": "ada",
            "generation": 0,
            "slot": 0,
            "attempt": 0,
            "outcome": "answered",
            "model": "openai/fake",
            "complete": True,
        },
        **{"usd": 0, "tokens_in": 0, "tokens_out": 0},
    }
    one = call("transcript", "asked-3-1", "--show", "bo:1:2", *where, "--json")
    assert one["prompt"][0]["role"] == "system" and one["text"].startswith("Intent: ")
    file = tmp_path / "asked.toml"
    file.write_text(experiment("http://127.0.0.1:9/v1"))
    for estimate in call("run", str(file), "--dry-run", "--json")["estimate"]:
        assert (estimate["questions"], estimate["calls"]) == (4 + 3, 2 * (4 + 3))
        # 7 first prompts of 6,000 tokens, 7 repairs of 8,100, 14 replies of 2,000
        assert estimate["tokens"] == 7 * 6_000 + 7 * 8_100 + 14 * 2_000
        assert estimate["usd"] == pytest.approx((7 * 14_100 * 0.5 + 28_000 * 2.0) / 1e6)


def call(*arguments: str) -> Any:
    """What a command prints with `--json`."""
    result = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_replay_says_where_it_parts(recorded: tuple[Path, str], tmp_path: Path, seeded: Path) -> None:
    text = experiment("http://127.0.0.1:9/v1", f'writer = "replay"\ntranscript = "{recorded[1]}"').replace(
        "horizon = 5", "horizon = 6"
    )
    with pytest.raises(
        WriterError, match=r"parts from this run at agent ada, generation 0, slot 0, attempt 0: line \d+ of the prompt was"
    ):
        run(text, copied(seeded, tmp_path))


def test_a_replay_may_answer_reworded_questions_and_says_so(recorded: tuple[Path, str], tmp_path: Path, seeded: Path) -> None:
    """The prompts are worded otherwise; the replies, and with them every decision, are the recorded ones."""
    path, transcript = recorded
    reworded = tmp_path / "reworded.jsonl"
    reworded.write_text(
        Path(transcript).read_text().replace("# Your task", "# The task").replace('"prompt": "sha256:', '"prompt": "was:')
    )
    writer = f'writer = "replay"\ntranscript = "{reworded}"\n'
    with pytest.raises(WriterError, match='differing = "report" takes the recorded replies all the same'):
        run(experiment("http://127.0.0.1:9/v1", writer), copied(seeded, tmp_path))
    summary = run(experiment("http://127.0.0.1:9/v1", writer + 'differing = "report"'), copied(seeded, tmp_path))
    told = decisions(tmp_path / "work.db")
    assert [one for one in told if one[0] != "remark"] == decisions(path)
    remarks = [body for kind, body in told if kind == "remark"]
    assert len(remarks) == sum(kind == "reply" for kind, _ in told)
    assert all("was '# The task' and is '# Your task'" in body["remark"] for body in remarks)
    assert [line.partition(" replies answer a prompt other than the recorded one")[0] for line in summary.remarks] == [
        f"{name}: {count} of {count}" for name, count in sorted(Counter(body["agent"] for body in remarks).items())
    ]


def test_a_run_that_is_repeated_here_asks_nothing(recorded: tuple[Path, str], tmp_path: Path, seeded: Path) -> None:
    copy = copied(recorded[0], tmp_path)
    with Workspace.open(copy) as workspace:
        stored = Journal(workspace).runs()[0].config_json
    summary = run_experiment(from_json(stored), copy, workers=1)  # its endpoint is gone
    with Workspace.open(copy) as workspace:
        journal = Journal(workspace)
        first, second = (journal.export(row.run) for row in journal.runs())
        assert first == second
        assert Calls(workspace).spend(summary.run) == []


def test_a_budget_ends_the_run_in_order(tmp_path: Path, seeded: Path) -> None:
    with FakeEndpoint(script) as endpoint:
        text = experiment(endpoint.url, budget="[budget]\ncalls = 11")
        summary = run(text, copied(seeded, tmp_path))
        assert len(endpoint.served) == 11
    assert (summary.status, summary.generations) == ("complete", 2 if summary.generations == 2 else 1)
    bodies = [body for kind, body in decisions(tmp_path / "work.db") if kind == "reply"]
    assert [body["outcome"] for body in bodies].count("answered") == 11
    assert any("budget.calls = 11 reached" in body["text"] for body in bodies if body["outcome"] == "unaffordable")


def test_killed_in_the_middle_it_pays_for_no_reply_twice(tmp_path: Path, seeded: Path) -> None:
    """Killed with -9 after so many requests, three times over: no question that was answered is asked again."""
    path, rng = copied(seeded, tmp_path), random.Random(4)
    with FakeEndpoint(script, delay=0.05) as endpoint:
        file = tmp_path / "asked.toml"
        file.write_text(experiment(endpoint.url, budget="[budget]\nusd = 1.0") + "")
        resume: list[str] = []
        for kill in range(3):
            process = _start(file, path, resume)
            _until(lambda: endpoint.asked >= 3 + 5 * kill + rng.randrange(2) or process.poll() is not None)  # noqa: B023
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            resume = ["--resume"]
        assert _start(file, path, resume).wait() == 0
        bill = round(endpoint.charged(0.5, 2.0) * 1e9)
        requests = len(endpoint.served)
    with Workspace.open(path) as workspace:
        (row,) = Journal(workspace).runs()
        assert (row.status, Journal(workspace).verify(row.run)) == ("complete", [])
        calls = Calls(workspace).calls(row.run)
        answered = [call.place for call in calls if call.state == "answered"]
        replies = Calls(workspace).replies(row.run)
        assert len(answered) == len(set(answered)) == len(replies)
        lost = [call for call in calls if call.state == "sent"]
        assert requests <= len(replies) + len(lost) and len(lost) <= 3 * 8  # at most those under way at a kill
        assert bill <= sum(one.cost for one in Calls(workspace).spend(row.run))
    told = [(body["agent"], body["generation"], body["slot"], body["attempt"]) for kind, body in decisions(path) if kind == "reply"]
    assert sorted(told) == [(r.place.agent, r.place.generation, r.place.slot, r.place.attempt) for r in sorted(replies, key=_place)]


def _place(reply: Any) -> tuple[Any, ...]:
    return reply.place.agent, reply.place.generation, reply.place.slot, reply.place.attempt


def test_a_mailbox_is_a_writer(tmp_path: Path, seeded: Path) -> None:
    """Somebody, here a thread, answers each question in its file."""
    box, done = tmp_path / "box", threading.Event()

    def answer() -> None:
        number = 0
        while not done.wait(0.02):
            for question in sorted(box.glob("*.ask.md")):
                name = re.search(r"in the file (\S+) beside", question.read_text())
                reply = box / (name.group(1) if name else "")
                if not reply.exists():
                    part = reply.with_suffix(".part")
                    part.write_text(script(Asked(4 * number, "", ({}, {}), {}, "")))
                    part.rename(reply)
                    number += 1

    person = threading.Thread(target=answer)
    person.start()
    try:
        text = experiment("http://127.0.0.1:9/v1", f'writer = "mailbox"\nfolder = "{box}"')
        summary = run(text, copied(seeded, tmp_path))
    finally:
        done.set()
        person.join()
    assert summary.status == "complete" and summary.scripts_written > 4
    assert not list(box.glob("*.ask.md")) and len(list(box.glob("*.reply.md"))) == 2 * (4 + 3)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"openai/fake": "nobody/model"}, "no provider of this name is known"),
        ({'"openai/fake"': '"anthropic/some-model"'}, "expected ANTHROPIC_API_KEY in the environment"),
        ({"usd_in = 0.5\nusd_out = 2.0": 'api_key_env = "NO_SUCH_KEY"'}, "environment variable NO_SUCH_KEY, which is not set"),
        ({"usd_in = 0.5\nusd_out = 2.0": ""}, "budget.usd cannot bound openai/fake, whose price is not known"),
        ({MODEL: 'writer = "mailbox"'}, "expected the folder of its mailbox"),
        ({MODEL: 'writer = "replay"'}, "expected a file that `mascript transcript` wrote"),
        ({MODEL: 'writer = "grammer"'}, "did you mean 'grammar'"),
    ],
)
def test_what_cannot_be_asked_is_said_before_the_run(
    change: dict[str, str], says: str, tmp_path: Path, seeded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    text = experiment("http://127.0.0.1:9/v1", budget="[budget]\nusd = 1.0")
    for old, new in change.items():
        text = text.replace(old, new)
    if "provider" in says or "ANTHROPIC" in says:
        text = text.replace('api_base = "http://127.0.0.1:9/v1"\n', "")
    with pytest.raises(ConfigError, match=re.escape(says)):
        run(text, copied(seeded, tmp_path))
    with Workspace.open(tmp_path / "work.db") as workspace:
        assert Journal(workspace).runs() == []


def test_an_experiment_without_models_keeps_its_text() -> None:
    """Its journal begins with this text: keys that came later must not change it."""
    text = json.loads(to_json(loads('[experiment]\narena = "x"\n[[agents]]\nname = "ada"\n')))
    assert sorted(text["agents"][0]) == ["name", "seat", "team", "writer"]
    assert sorted(text["budget"]) == ["episodes", "minutes"]
    assert not {"writing", "models"} & set(text)


def _start(file: Path, path: Path, resume: list[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mascript", "run", str(file), "--workspace", str(path), *resume]
    resumed = resume if path.exists() and _has_runs(path) else []
    return subprocess.Popen(
        command[: len(command) - len(resume)] + resumed, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[2]
    )


def _has_runs(path: Path) -> bool:
    with Workspace.open(path) as workspace:
        return bool(Journal(workspace).runs())


def _until(holds: Any, seconds: float = 240.0) -> None:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
