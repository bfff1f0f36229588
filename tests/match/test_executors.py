"""One contract for every executor: the same results, errors that arrive, and deaths that cost nothing. Clusters: tests/extras."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

import pytest

from mascript.errors import ConfigError, MatchError
from mascript.linking import link
from mascript.match.executors.pilots import Launched, Pilots, Ticket
from mascript.match.play import Player
from mascript.match.pool import ATTEMPTS, Evaluators
from mascript.records import ArenaRef, MatchJob, MatchResult, Program
from mascript.sandbox import Limits, Sandbox

ROOT = Path(__file__).parents[2]
DILEMMA = ArenaRef("iterated_dilemma_v0", (("horizon", 12), ("noise", 0.1)))
LONG = ArenaRef("iterated_dilemma_v0", (("horizon", 60),))
PILOT = "import pickle, sys; from mascript.match.executors.pilots import fly; fly(pickle.load(sys.stdin.buffer))"
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


class Process:
    """A pilot that is a child process. Implements `pilots.Launched`."""

    def __init__(self, code: str, ticket: Ticket) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        self._said: str | None = None
        assert self.process.stdin is not None
        with self.process.stdin as stdin:
            stdin.write(pickle.dumps(ticket))

    def ended(self) -> str | None:
        if self._said is None and self.process.poll() is not None:
            assert self.process.stderr is not None
            with self.process.stderr as stream:
                self._said = stream.read().decode()
        return self._said

    def cancel(self) -> None:
        self.process.kill()
        self.process.wait()
        self.ended()


def pilots(workers: int = 2, code: str = PILOT, **settings: Any) -> Pilots:
    def launch(ticket: Ticket) -> Launched:
        return Process(code, ticket)

    return Pilots(workers, launch, **settings)


EXECUTORS: dict[str, Callable[[], str | Executor]] = {
    "processes": lambda: "processes",
    "lent processes": lambda: ProcessPoolExecutor(2, multiprocessing.get_context("spawn")),
    "lent threads": lambda: ThreadPoolExecutor(2),
    "pilots": pilots,
}


@pytest.fixture(scope="module", params=EXECUTORS)
def evaluators(request: pytest.FixtureRequest) -> Iterator[Evaluators]:
    executor = EXECUTORS[request.param]()
    with Evaluators(2, executor=executor) as evaluators:
        yield evaluators
    if isinstance(executor, Executor):
        executor.shutdown()


@pytest.fixture(scope="module")
def expected(script: Any) -> list[MatchResult]:
    with Sandbox(Limits()) as sandbox, closing(Player(sandbox)) as player:
        return player.play(_jobs(script))


def _jobs(script: Callable[[str], Program]) -> list[MatchJob]:
    dice = script('return "cooperate" if rng.random() < 0.5 else "defect"')
    return [
        MatchJob(DILEMMA, (dice, script(f'return "defect" if step == {step} else "cooperate"')), tuple(range(24)))
        for step in range(4)
    ]


def _zygotes() -> dict[int, int]:
    """Zygotes under this process, by pid, with the process that owns each; their workers are copies of them and not counted."""
    children: dict[int, list[int]] = {}
    commands = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                owner = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                commands[int(entry.name)] = (entry / "cmdline").read_text()
            except OSError:
                continue
            children.setdefault(owner, []).append(int(entry.name))
    found, look = {}, [os.getpid()]
    while look:
        owner = look.pop()
        for child in children.get(owner, []):
            look.append(child)
            if "sandbox.zygote" in commands[child] and "sandbox.zygote" not in commands.get(owner, ""):
                found[child] = owner
    return found


def test_same_results_and_one_sandbox_for_each_evaluator(evaluators: Evaluators, script: Any, expected: Any) -> None:
    before = set(_zygotes())
    assert evaluators.play(_jobs(script)) == expected
    zygotes = set(_zygotes()) - before
    assert 1 <= len(zygotes) <= 2
    for _ in range(3):
        assert evaluators.play(_jobs(script)) == expected
    assert zygotes <= set(_zygotes()) and len(set(_zygotes()) - before) <= 2
    assert evaluators.lost == 0


def test_an_error_of_the_work_is_no_loss(evaluators: Evaluators, script: Any) -> None:
    """It is raised at once, as it was, and the evaluator goes on."""
    jobs = [MatchJob(ArenaRef("iterated_dilemma_v0", (("horizon", -1),)), (script("return 0"),) * 2, (1,))]
    with pytest.raises(Exception, match="horizon") as caught:
        evaluators.play(jobs)
    assert "Traceback" in caught.value.__notes__[0]
    assert evaluators.lost == 0
    assert len(evaluators.play(_jobs(script))) == 4


@linux
@pytest.mark.parametrize("name", ["processes", "pilots"])
def test_a_killed_evaluator_changes_nothing(name: str, script: Any) -> None:
    executor, before = EXECUTORS[name](), _zygotes()
    slow = script('for _ in range(10_000):\n    pass\nreturn "defect"')
    jobs = [MatchJob(LONG, (slow, slow), tuple(range(48)))]
    with Evaluators(2, executor=executor) as evaluators:
        undisturbed = evaluators.play(jobs)
        mine = [owner for zygote, owner in _zygotes().items() if zygote not in before]
        killer = threading.Timer(0.2, lambda: os.kill(mine[0], signal.SIGKILL))
        killer.start()
        assert evaluators.play(jobs) == undisturbed
        killer.join()
        assert evaluators.lost
        assert evaluators.play(jobs) == undisturbed
    if isinstance(executor, Executor):
        executor.shutdown()
    assert set(_zygotes()) <= set(before)


class Mute(Executor):
    """Takes calls and never answers, as a scheduler does whose nodes are gone."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        return Future()


def test_a_deadline_ends_the_wait(script: Any) -> None:
    evaluators = Evaluators(2, executor=Mute(), deadline=0.1)
    with pytest.raises(MatchError, match=f"Mute lost an evaluator {ATTEMPTS} times.*TimeoutError"):
        evaluators.play(_jobs(script))
    assert evaluators.lost == 2 * ATTEMPTS


def test_an_executor_that_was_shut_down_is_said(script: Any) -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    with pytest.raises(MatchError, match=r"ThreadPoolExecutor lost.*after shutdown"):
        Evaluators(1, executor=executor).play(_jobs(script))


def test_a_name_is_found_or_explained(script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: Any) -> None:
    (tmp_path / "my_cluster.py").write_text(
        "from concurrent.futures import ThreadPoolExecutor\n\n\ndef make(workers, options):\n"
        "    return ThreadPoolExecutor(workers, options['prefix'])\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with Evaluators(2, executor="my_cluster:make", options={"prefix": "mine"}) as evaluators:
        assert evaluators.play(_jobs(script)) == expected
        assert any(thread.name.startswith("mine") for thread in threading.enumerate())
    with pytest.raises(ConfigError, match=r"expected processes, ray, slurm or module:function, got 'procesess'; did you mean proc"):
        Evaluators(executor="procesess")
    with pytest.raises(ConfigError, match="'my_cluster:mak' cannot be loaded"):
        Evaluators(executor="my_cluster:mak")
    with pytest.raises(ConfigError, match=r"execution\.options\.cores: unknown key; processes takes none"):
        Evaluators(options={"cores": 3}).play(_jobs(script))


def test_pilots_that_fail_are_not_launched_for_ever() -> None:
    executor = pilots(1, "raise SystemExit('no such module: mascript')")
    with pytest.raises(Exception, match=r"3 pilots in a row ended.*no such module: mascript"):
        executor.submit(os.getpid).result(20)
    with pytest.raises(Exception, match="no such module"):
        executor.submit(os.getpid)
    executor.shutdown()


@linux
def test_a_silent_pilot_is_given_up() -> None:
    executor = pilots(1, silence_s=3.0)
    first = executor.submit(os.getpid).result(20)
    lost = executor.submit(time.sleep, 3600)
    time.sleep(0.2)
    os.kill(first, signal.SIGSTOP)
    assert "silent for 3 s" in str(lost.exception(20))
    assert executor.submit(os.getpid).result(20) != first
    executor.shutdown()


@linux
def test_a_busy_pilot_outlives_nobody() -> None:
    """Not a shutdown that does not wait, nor a driver that was killed."""
    executor = pilots(1)
    pid = executor.submit(os.getpid).result(20)
    busy = executor.submit(time.sleep, 3600)
    executor.shutdown(wait=False)
    assert not Path(f"/proc/{pid}").exists()
    assert busy.exception(5) is not None
    code = "import pilot_driver, os, time; e = pilot_driver.pilots(1); print(e.submit(os.getpid).result(), flush=True); "
    code += "e.submit(time.sleep, 3600); time.sleep(3600)"
    names = f"import importlib.util as u, sys; s = u.spec_from_file_location('pilot_driver', {__file__!r}); "
    names += "m = u.module_from_spec(s); sys.modules['pilot_driver'] = m; s.loader.exec_module(m); "
    with subprocess.Popen([sys.executable, "-c", names + code], stdout=subprocess.PIPE, cwd=ROOT) as driver:
        assert driver.stdout is not None
        pid = int(driver.stdout.readline())
        time.sleep(0.3)
        driver.kill()
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            break
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_a_stranger_is_not_believed() -> None:
    executor = pilots(1)
    for key in (b"guess", b"x" * 32):
        with pytest.raises(Exception, match=r"digest|rejected|received"):
            Client(executor._address, authkey=key)
    assert executor.submit(abs, -3).result(20) == 3
    executor.shutdown()
    with pytest.raises(RuntimeError, match="shut down"):
        executor.submit(abs, -3)


def test_an_error_that_cannot_travel_is_still_told() -> None:
    executor = pilots(1)
    with pytest.raises(MatchError, match="GateError: parse: no"):
        executor.submit(link, "def policy(:", {}, None).result(20)
    with pytest.raises(Exception, match="pickle"):
        executor.submit(threading.Lock).result(20)
    assert executor.submit(abs, -3).result(20) == 3
    executor.shutdown()
