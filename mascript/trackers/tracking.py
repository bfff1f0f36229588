"""Tells trackers what a run has committed, each generation once, whatever becomes of the run or of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

from mascript.config import TrackersConfig
from mascript.errors import ConfigError, MascriptError
from mascript.evolve.run import Progress
from mascript.journal import Journal, Rows, Workspace
from mascript.trackers.base import Told, Tracker

TRACKERS = {
    "tensorboard": "mascript.trackers.tensorboard:TensorBoard",
    "wandb": "mascript.trackers.wandb:WeightsAndBiases",
    "mlflow": "mascript.trackers.mlflow:MLflow",
}
"""Name, which is that of the extra, too, and class of ours. Another is named `module:function`."""
Make = Callable[[Told], Tracker]


def find_tracker(name: str) -> Make:
    """Return what makes a tracker.

    Raises:
        ConfigError: no such tracker, or its package is not installed.
    """
    module, colon, attribute = TRACKERS.get(name, name).partition(":")
    if not colon:
        near = get_close_matches(name, TRACKERS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ConfigError(f"trackers.use: expected {', '.join(TRACKERS)} or module:function, got {name!r}{hint}")
    try:
        found: Make = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        extra = f"; it needs an extra: pip install 'mascript[{name}]'" if name in TRACKERS else ""
        raise ConfigError(f"trackers.use: {name!r} cannot be loaded: {error}{extra}") from error
    return found


@contextmanager
def tracked(config: TrackersConfig, workspace: str | Path, warn: Callable[[str], None]) -> Iterator[Tracking]:
    """Open whatever an experiment names; closed at the end, where the last generation is told.

    Args:
        config: which trackers.
        workspace: of the run.
        warn: told in one sentence where a tracker fails.

    Raises:
        ConfigError: see `find_tracker`; said before the run begins.
    """
    tracking = Tracking({name: find_tracker(name) for name in config.use}, config, Path(workspace), warn)
    try:
        yield tracking
    finally:
        tracking.close()


class Tracking:
    """Reads what is committed and passes it on. Made by `tracked`; its `tell` is a run's."""

    def __init__(self, makes: Mapping[str, Make], config: TrackersConfig, workspace: Path, warn: Callable[[str], None]) -> None:
        self._makes = dict(makes)
        self._config = config
        self._workspace = workspace
        self._warn = warn
        self._open: dict[str, Tracker] = {}
        self._next: dict[str, int] = {}
        """Generation that a tracker is to be told of next."""
        self._run = ""
        self._seen = -1
        """Generation that was under way when the workspace was looked at last."""

    def tell(self, progress: Progress) -> None:
        """Pass on what was committed before this generation, the first time that it is heard of."""
        if self._makes and (progress.run, progress.generation) != (self._run, self._seen):
            self._run, self._seen = progress.run, progress.generation
            self._look()

    def close(self) -> None:
        """Pass on the rest, and end the trackers."""
        if self._run:
            self._look()
        for name, tracker in list(self._open.items()):
            self._guarded(name, tracker.close)
        self._open.clear()

    def _look(self) -> None:
        """Pass on what is new; a workspace that cannot be read now is looked at again after the next generation."""
        try:
            self._pass_on()
        except MascriptError as error:
            self._warn(f"trackers are told later: {error}")

    def _pass_on(self) -> None:
        with Workspace.open(self._workspace, read_only=True) as opened:
            row = Journal(opened).run(self._run)
            curve = Rows(opened).curve(self._run)
        points: dict[int, dict[str, float]] = {}
        for one in curve:
            point = points.setdefault(one.generation, {})
            figures = {"best": one.best, "median": one.median, "champion": one.champion, "episodes": float(one.episodes)}
            point |= {f"{one.agent}/{name}": value for name, value in figures.items() if value is not None}
        for name, make in list(self._makes.items()):
            if name not in self._open:
                self._begin(name, make, json.loads(row.config_json))
            for generation in range(self._next.get(name, 0), max(points, default=-1) + 1):
                if name in self._open and self._guarded(name, self._open[name].write, generation, points.get(generation, {})):
                    self._next[name] = generation + 1
                    self._note(name)

    def _begin(self, name: str, make: Make, experiment: Any) -> None:
        folder = Path(self._config.folder)
        with suppress(OSError, ValueError):  # a note that is not there, or torn, is none
            self._next[name] = int(json.loads(self._notes().read_text(encoding="utf-8"))[name])
        told = Told(self._run, self._config.project, folder / name.replace(":", "-"), _dotted(experiment), self._next.get(name, 0))

        def begin() -> None:
            self._open[name] = make(told)

        self._guarded(name, begin)

    def _guarded(self, name: str, call: Callable[..., None], *arguments: Any) -> bool:
        """Call foreign code; where it raises, that is said, and the tracker is told no more."""
        try:
            call(*arguments)
        except Exception as error:  # noqa: BLE001  foreign code: a tracker's fault is no fault of the run
            self._makes.pop(name, None)
            self._open.pop(name, None)
            self._warn(f"tracker {name} failed and is told no more of {self._run}: {type(error).__name__}: {error}")
            return False
        return True

    def _notes(self) -> Path:
        """Where it stands what each tracker was told of this run."""
        return Path(self._config.folder) / f"{self._run}.json"

    def _note(self, name: str) -> None:
        def note() -> None:
            path = self._notes()
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".part")
            draft.write_text(json.dumps(self._next), encoding="utf-8")
            os.replace(draft, path)

        self._guarded(name, note)


def _dotted(tables: Any, before: str = "") -> dict[str, Any]:
    """Nested tables as keys with dots."""
    found: dict[str, Any] = {}
    for key, value in tables.items() if isinstance(tables, Mapping) else enumerate(tables):
        if isinstance(value, Mapping) or (isinstance(value, list) and value and isinstance(value[0], Mapping)):
            found |= _dotted(value, f"{before}{key}.")
        else:
            found[f"{before}{key}"] = value
    return found
