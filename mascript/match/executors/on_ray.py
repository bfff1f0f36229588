"""A Ray cluster: each call is a Ray task, so it runs wherever a core is free, and the nodes may come and go.

Needs the extra `ray`. Every node must be able to import mascript, from the same version of Python.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any

import ray

from mascript.errors import ConfigError
from mascript.match.executors import Options, taken

OPTIONS: dict[str, Any] = {"address": "", "num_cpus": 1.0}
"""address: of the cluster; empty: RAY_ADDRESS, else a cluster that runs on this machine, else a new one of this machine alone.
num_cpus: cores that Ray reserves for a call."""

RETRIES = 2
"""How often Ray itself starts a call anew whose worker or node died, before the caller is told."""


def make(workers: int, options: Options) -> OnRay:
    """See `executors.Factory`. How many calls run at once is the cluster's to say; `workers` only cuts the work into shares."""
    chosen = taken(options, OPTIONS, "ray")
    return OnRay(chosen["address"], float(chosen["num_cpus"]))


class OnRay(Executor):
    """Calls as tasks of a cluster. Connects, unless this process is connected already; then it leaves the connection alone.

    A process of the cluster serves many calls, one after the other, and so keeps its sandbox.

    Raises:
        ConfigError: there is no cluster at the address.
    """

    def __init__(self, address: str = "", num_cpus: float = 1.0) -> None:
        self._owned = not ray.is_initialized()
        if self._owned:
            _connect(address)
        task = ray.remote(_call)
        self._task = task.options(num_cpus=num_cpus, max_retries=RETRIES, scheduling_strategy="SPREAD")
        self._open = True
        self._running: dict[Future[Any], Any] = {}

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """See `concurrent.futures.Executor.submit`."""
        if not self._open:
            raise RuntimeError("this executor was shut down; make a new one")
        reference = self._task.remote(partial(fn, *args, **kwargs))
        future: Future[Any] = reference.future()
        self._running[future] = reference
        future.add_done_callback(lambda done: self._running.pop(done, None))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End what runs if it is not waited for, and disconnect if the connection is this executor's."""
        self._open = False
        for future, reference in list(self._running.items()):
            if wait and not cancel_futures:
                future.exception()
            elif not future.done():
                ray.cancel(reference, force=not wait)
        if self._owned and ray.is_initialized():
            ray.shutdown()


def _connect(address: str) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # a cluster that is started here tells nobody about it
    try:
        ray.init(address=address or None, include_dashboard=False, log_to_driver=False, logging_level="error")
    except (ConnectionError, ValueError) as error:
        raise ConfigError(f"execution.options.address: no Ray cluster answers at {address or 'RAY_ADDRESS'}: {error}") from error


def _call(call: Callable[[], Any]) -> Any:
    return call()
