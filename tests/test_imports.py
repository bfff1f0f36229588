"""What may load when: `import mascript` and `--help` answer at once, because heavy packages wait until they are needed."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "aiohttp",
    "gymnasium",
    "jinja2",
    "litellm",
    "mcp",
    "mpe2",
    "networkx",
    "numpy",
    "pettingzoo",
    "pygame",
    "rich",
    "scipy",
    "sqlite_utils",
)
SECONDS = 0.3


@pytest.mark.parametrize("arguments", [["-c", "import mascript"], ["-m", "mascript", "--help"]])
def test_answers_at_once(arguments: list[str]) -> None:
    """Best of five, in processor time: on an idle machine that is the time a person waits, and a busy one does not stretch it."""
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    assert min(times) < SECONDS


@pytest.mark.parametrize("package", ["arenas", "library", "mascript", "mascript.config", "mascript.cli"])
def test_no_heavy_package_loads_with(package: str) -> None:
    code = f"import {package}, json, sys; print(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)
    assert not set(HEAVY) & set(loaded)


@pytest.mark.parametrize(
    "package", ["mascript.evolve.engine", "mascript.match.pool", "mascript.sandbox.zygote", "mascript.cli.run"]
)
def test_litellm_waits_until_a_model_is_asked(package: str) -> None:
    """It takes seconds: neither a run of the built-in writer nor a process that plays or holds scripts ever loads it."""
    code = f"import {package}, sys; assert 'litellm' not in sys.modules and 'openai' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_run_without_models_never_loads_litellm(tmp_path: Path) -> None:
    """Nor do the processes that it starts: a module of that name in the way says so."""
    (tmp_path / "litellm.py").write_text("raise SystemExit('litellm was imported')")
    experiment = tmp_path / "tiny.toml"
    experiment.write_text(
        '[experiment]\narena = "iterated_dilemma_v0"\ngenerations = 1\ncandidates = 4\nfirst_candidates = 4\nfounding = 1\n'
        "[evaluation]\nepisodes = 2\naccept_episodes = 2\naudit_episodes = 2\n[credit]\nenabled = false\n"
    )
    run = [sys.executable, "-m", "mascript", "run", str(experiment), "--workspace", str(tmp_path / "work.db")]
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[1])])
    subprocess.run(run, check=True, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.DEVNULL)
    guarded = [sys.executable, "-c", "import litellm"]
    assert subprocess.run(guarded, env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=False).returncode == 1
