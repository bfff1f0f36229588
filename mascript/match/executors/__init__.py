"""Where evaluation runs: processes of this machine, a Ray cluster, Slurm jobs, or a `concurrent.futures.Executor` of the caller's.

Evaluation uses two methods of an executor. `submit` hands a call to a process that can import mascript; the call itself makes and
keeps that process's sandbox. `shutdown(wait=False)` ends what runs instead of waiting for it. A process or machine that dies shows
as an exception of the future; what it was doing is submitted again, so nothing that is decided depends on where it was computed,
nor on who died.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Any

from mascript.errors import ConfigError

Options = Mapping[str, Any]
Factory = Callable[[int, Options], Executor]
"""Makes an executor of so many evaluators; raises ConfigError for options that it does not know."""

EXECUTORS = {
    "processes": "mascript.match.executors.processes:make",
    "ray": "mascript.match.executors.on_ray:make",
    "slurm": "mascript.match.executors.on_slurm:make",
}
"""Name and factory of ours. Another is named by its factory, `module:function`."""


def find_executor(name: str) -> Factory:
    """Return what makes an executor.

    Args:
        name: one of EXECUTORS, or `module:function`.

    Raises:
        ConfigError: no such executor, or its package is not installed.
    """
    module, colon, function = EXECUTORS.get(name, name).partition(":")
    if not colon:
        near = difflib.get_close_matches(name, EXECUTORS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ConfigError(f"execution.executor: expected {', '.join(EXECUTORS)} or module:function, got {name!r}{hint}")
    try:
        found: Factory = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        extra = f"; it needs an extra: pip install 'mascript[{name}]'" if name in EXECUTORS else ""
        raise ConfigError(f"execution.executor: {name!r} cannot be loaded: {error}{extra}") from error
    return found


def taken(options: Options, known: Mapping[str, Any], executor: str) -> dict[str, Any]:
    """Return the options over their defaults.

    Raises:
        ConfigError: an option that is not known, or of another type than its default.
    """
    for key, value in options.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"{executor} takes {', '.join(known) or 'none'}"
            raise ConfigError(f"execution.options.{key}: unknown key; {hint}")
        kind = type(known[key])
        if not isinstance(value, kind if kind is not float else (int, float)) or (isinstance(value, bool) and kind is not bool):
            raise ConfigError(f"execution.options.{key}: expected a {kind.__name__}, got {value!r}")
    return {**known, **options}
