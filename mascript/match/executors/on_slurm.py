"""Slurm, through submitit: each evaluator is one job that stays and plays what it is given, so the queue is waited for once.

Needs the extra `slurm`. The folder of the jobs must be on a file system that the nodes share, the nodes must be able to import
mascript from the same version of Python, and to reach this machine by TCP. `cluster = "local"` runs the same jobs on this machine.
"""

from __future__ import annotations

import functools
import logging
import os
import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import submitit

from mascript.errors import ConfigError
from mascript.match.executors import Options, taken
from mascript.match.executors.pilots import Launched, Pilots, Ticket, fly

OPTIONS: dict[str, Any] = {"cluster": "slurm", "folder": "mascript-jobs", "host": "", "timeout_min": 240, "silence_s": 60.0}
"""cluster: slurm or local. folder: of the jobs' files and logs. host: name of this machine for the nodes; empty: its own.
timeout_min: of a job; one that ends is replaced. silence_s: after so many seconds without a sign of life a job is given up.
Further options that begin with `slurm_` go to submitit, such as slurm_partition."""


def make(workers: int, options: Options) -> Pilots:
    """See `executors.Factory`. Has `workers` jobs at once.

    Raises:
        ConfigError: there is no Slurm here, or an option that neither this module nor submitit knows.
    """
    own = {key: value for key, value in options.items() if not key.startswith("slurm_")}
    chosen = taken(own, OPTIONS, "slurm")
    local = chosen["cluster"] == "local"
    folder = Path(chosen["folder"]).resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # the tickets lie in it
    logging.getLogger("submitit").setLevel(logging.ERROR)
    try:
        executor = submitit.AutoExecutor(folder, cluster=chosen["cluster"])
        executor.update_parameters(
            name="mascript",
            timeout_min=chosen["timeout_min"],
            **{key: value for key, value in options.items() if key.startswith("slurm_")},
        )
    except (RuntimeError, ValueError, NameError, TypeError) as error:
        raise ConfigError(f"execution.options: submitit refuses them: {error}") from error
    host = chosen["host"] or ("127.0.0.1" if local else socket.gethostname())
    try:
        return Pilots(workers, functools.partial(_launch, executor), host, float(chosen["silence_s"]))
    except OSError as error:
        raise ConfigError(f"execution.options.host: cannot listen at {host}: {error}") from error


def _launch(executor: submitit.AutoExecutor, ticket: Ticket) -> Launched:
    return _Job(executor.submit(fly, ticket), local=executor.cluster == "local")


class _Job:
    """A pilot's job. Implements `pilots.Launched`."""

    def __init__(self, job: Any, *, local: bool) -> None:
        self._job = job
        self._local = local

    def ended(self) -> str | None:
        """Return None while the job waits or runs, else the end of its error stream."""
        if not self._job.done():
            return None
        for path in (self._job.paths.submitted_pickle, self._job.paths.result_pickle):
            path.unlink(missing_ok=True)
        log = self._job.paths.stderr
        return log.read_text(errors="replace")[-1000:] if log.exists() else f"{self._job.state}, without a word in {log}"

    def cancel(self) -> None:
        """End the job, or take it out of the queue."""
        if self._job.done():
            return
        with suppress(OSError):  # it may have ended in between
            if self._local:  # by number: submitit sends a local job the signal of Ctrl-C, which a pilot's job does not hear
                os.kill(int(self._job.job_id), signal.SIGKILL)
            else:
                self._job.cancel(check=False)
