"""`make test-extras`: for each extra, or each that is named, an environment of its own, and its tests in it.

An extra is there for everybody who has its packages; a machine that cannot download them is told so, and nothing fails for that. An
environment is kept until a lock, pyproject.toml or Python changes, and tests that passed are not repeated until a source does.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ROOT / ".venv-extras"
SOURCES = ("arenas", "library", "mascript", "tests/arenas", "tests/evolve", "tests/extras", "tests/match", "tests/web")
MINUTES = 28
"""For all extras together, so that the target stays below 30."""
ENOUGH = 300
"""Seconds that an extra may need; with fewer left it is not begun, and that is said."""
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet", "install")


@dataclass(frozen=True)
class Outcome:
    """What became of an extra. Made by `test_extra`; read by `main`."""

    extra: str
    word: str
    """passed, failed or unavailable."""
    why: str


class Unavailable(Exception):
    """Packages that cannot be downloaded here."""


class Broken(Exception):
    """An environment that cannot be made for a reason of our own."""


def main() -> int:
    end = time.monotonic() + MINUTES * 60
    known = sorted(path.name.removeprefix("requirements-").removesuffix(".lock") for path in ROOT.glob("requirements-*.lock"))
    if unknown := set(sys.argv[1:]) - set(known):
        print(f"expected extras among {', '.join(known)}; got {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    outcomes = [test_extra(extra, end) for extra in sys.argv[1:] or known]
    print()
    for outcome in outcomes:
        print(f"extra {outcome.extra}: {outcome.word}, {outcome.why}")
    return any(outcome.word == "failed" for outcome in outcomes)


def test_extra(extra: str, end: float) -> Outcome:
    """Make the extra's environment if need be and run its tests, until `end` of the monotonic clock at most."""
    began = time.monotonic()
    tests = ROOT / "tests" / "extras" / f"test_{extra}.py"
    if not tests.exists():
        return Outcome(extra, "failed", f"it has a lock but no {tests.relative_to(ROOT)}")
    locks = [ROOT / "pyproject.toml", ROOT / "requirements.lock", ROOT / f"requirements-{extra}.lock"]
    made = digest(locks, sys.version)
    home = ENVIRONMENTS / extra
    passed = home / f"passed-{digest(sources(), made)}"
    if passed.exists():
        return Outcome(extra, "passed", "earlier, and nothing has changed since")
    if end - time.monotonic() < ENOUGH:
        return Outcome(
            extra, "unavailable", f"not tested: the time of all extras is used up; `python tests/extras/run.py {extra}` does it"
        )
    try:
        if not (home / f"ready-{made}").exists():
            make_environment(home, locks[1:], end)
            (home / f"ready-{made}").touch()
    except Unavailable as error:
        return Outcome(extra, "unavailable", f"not tested: its packages cannot be had here: {error}")
    except Broken as error:
        return Outcome(extra, "failed", str(error))
    print(f"\nextra {extra}: {tests.relative_to(ROOT)}", flush=True)
    code = run([home / "bin" / "python", "-m", "pytest", "-p", "no:cacheprovider", tests], end, show=True).returncode
    if code:
        return Outcome(extra, "failed", f"pytest ended with code {code}")
    for old in home.glob("passed-*"):
        old.unlink()
    passed.touch()
    return Outcome(extra, "passed", f"in {time.monotonic() - began:.0f} s, environment of {megabytes(home)} MB")


def make_environment(home: Path, locks: Sequence[Path], end: float) -> None:
    """Install what the locks say, and this checkout.

    Raises:
        Unavailable: a download failed.
        Broken: anything else did.
    """
    print(f"extra {home.name}: setting up {home.relative_to(ROOT)}; this takes a minute or a few, once", flush=True)
    python = home / "bin" / "python"
    if error := said(run([sys.executable, "-m", "venv", "--clear", home], end)):
        raise Broken(f"no environment can be made: {error}")
    wanted = [argument for lock in locks for argument in ("-r", lock)]
    if error := said(run([python, *PIP, "--require-hashes", *wanted], end)):
        raise (Broken if "DO NOT MATCH THE HASHES" in error else Unavailable)(error)
    if error := said(run([python, *PIP, "--no-deps", "--no-build-isolation", "-e", ROOT], end)):
        raise Broken(f"mascript cannot be installed: {error}")


def run(command: Sequence[str | Path], end: float, *, show: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a command until `end` at most; code 124 where the time was not enough."""
    try:
        left = max(1.0, end - time.monotonic())
        return subprocess.run(command, check=False, cwd=ROOT, text=True, capture_output=not show, timeout=left)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", f"no end within the {MINUTES} minutes of all extras")


def said(done: subprocess.CompletedProcess[str]) -> str:
    """Return the errors that a command ended with, in one line; empty where it succeeded."""
    if done.returncode == 0:
        return ""
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:] or [f"code {done.returncode}"]
    return " ".join(errors)[:500]


def sources() -> list[Path]:
    """Return every file that the tests of an extra can depend on."""
    below = [path for top in SOURCES for path in (ROOT / top).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return sorted([ROOT / "tests" / "conftest.py", *below])


def digest(paths: Iterable[Path], *more: str) -> str:
    """Return 16 hex digits over names, contents and some texts."""
    hashed = hashlib.sha256("\0".join(more).encode())
    for path in paths:
        hashed.update(f"{path.relative_to(ROOT)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return hashed.hexdigest()[:16]


def megabytes(home: Path) -> int:
    """Return the size of a folder."""
    return sum(path.lstat().st_size for path in home.rglob("*")) // 1_000_000


if __name__ == "__main__":
    sys.exit(main())
