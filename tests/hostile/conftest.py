"""What the hostile scripts did, as this user and, where root runs the tests, as an ordinary one too."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NOBODY = 65534
PACKAGES = ("arenas", "library", "mascript")
_HEAVY = (
    "site-packages",
    "dist-packages",
    "test",
    "tests",
    "idlelib",
    "ensurepip",
    "tkinter",
    "turtledemo",
    "lib2to3",
    "pydoc_data",
)
_TIMEOUT_S = 290


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A function from "root" or "ordinary" to the report of `contain.py` under that user; made once, for all test processes."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "hostile"
    folder.mkdir(exist_ok=True)

    def report(user: str) -> dict[str, Any]:
        file = folder / f"{user}.json"
        with (folder / f"{user}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the first to come makes it, the others wait
            if not file.exists():
                file.write_bytes(_as_root() if user == "root" else _as_an_ordinary_user())
        read: dict[str, Any] = json.loads(file.read_bytes())
        return read

    return report


def _as_root() -> bytes:
    if os.getuid() != 0:
        pytest.skip(f"these tests run as uid {os.getuid()}: what root's scripts can do is tried only when root runs them")
    return _contain(sys.executable, [ROOT, _numpy().parent], {})


def _as_an_ordinary_user() -> bytes:
    if os.getuid() != 0:
        return _contain(sys.executable, [ROOT, _numpy().parent], {})
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        copy.chmod(0o755)
        interpreter, packages = copy_interpreter(copy)
        return _contain(str(interpreter), [packages], {"user": NOBODY, "group": NOBODY, "extra_groups": []})


def _contain(interpreter: str, roots: list[Path], options: dict[str, Any]) -> bytes:
    script = (roots[0] if options else ROOT) / "tests/hostile/contain.py"
    command = [interpreter, "-s", "-S", "-P", "-B", str(script), *map(str, roots)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=_TIMEOUT_S, cwd="/", env={}, **options)
    if done.returncode != 0:
        raise RuntimeError(f"contain.py failed with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def _numpy() -> Path:
    import numpy

    return Path(str(numpy.__file__)).parent


def copy_interpreter(folder: Path) -> tuple[Path, Path]:
    """Copy this Python, its standard library, numpy and our packages to where any user may read them.

    An interpreter below a home folder cannot be executed by others, nor its library read, whatever the modes of the files
    are. Returns the copied interpreter and the folder of packages; about 100 MB.
    """
    base = Path(os.path.realpath(sys.executable))
    library = Path(sysconfig.get_path("stdlib"))
    interpreter = folder / "bin" / base.name
    interpreter.parent.mkdir()
    shutil.copy(base, interpreter)
    _copy(library, folder / library.relative_to(sys.base_prefix))
    packages = folder / "packages"
    numpy = _numpy()
    _copy(numpy, packages / "numpy")
    if (numpy.parent / "numpy.libs").exists():
        _copy(numpy.parent / "numpy.libs", packages / "numpy.libs")
    for name in PACKAGES:
        _copy(ROOT / name, packages / name)
    (packages / "tests").mkdir()
    shutil.copytree(HERE, packages / "tests" / "hostile")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    return _with_libraries(interpreter, folder), packages


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*_HEAVY, "__pycache__", "config-*", "*.pyi", "*.a"))


def _with_libraries(interpreter: Path, folder: Path) -> Path:
    """The interpreter, or a launcher that names the folder of its copied library, where Python itself is a shared one."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    shared = {line.split()[-1] for line in lines if "/libpython" in line}
    if not shared:
        return interpreter
    for path in shared:
        shutil.copy(path, folder / "bin")
    launcher = folder / "bin" / "launcher"
    launcher.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH={folder}/bin exec {interpreter} "$@"\n')
    launcher.chmod(0o755)
    return launcher
