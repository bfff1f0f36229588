"""Environment and metered scripts in one locked-down process: what the split into host and workers is compared with.

No way to score: here a script could reach the environment that pays it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Any

from arenas.bare import Loop, Played
from mascript.errors import SandboxError
from mascript.records import Program
from mascript.sandbox.compiling import Compiler
from mascript.sandbox.loading import Loader
from mascript.sandbox.lockdown import Cage, close_descriptors, lock_down, prepare
from mascript.sandbox.records import MEBIBYTE, Limits

_ADDRESS_SPACE = 1 << 44
"""No limit worth the name: the benchmark's own process holds more than a zygote."""


class WholeMatch:
    """One policy in every seat of the bare loop. Made and driven by the benchmark."""

    def __init__(self, loop: Loop, program: Program, parameters: Sequence[str], seats: int, seeds: Sequence[int]) -> None:
        self._loop = loop
        self._program = program
        self._parameters = parameters
        self._seats = seats
        self._seeds = seeds
        prepare()

    def play(self) -> Played:
        """Fork, lock down, play, and end the process.

        Raises:
            SandboxError: it did not come to an end.
        """
        requests, ours = os.pipe()
        reading, replies = os.pipe()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = self._play_locked(requests, replies)
            finally:
                os._exit(code)
        for descriptor in (requests, ours, replies):
            os.close(descriptor)
        with os.fdopen(reading, "rb") as pipe:
            text = pipe.read(MEBIBYTE)
        _, status = os.waitpid(child, 0)
        if status or not text:
            raise SandboxError(f"the whole match ended with wait status {status} before it was over")
        steps, returns = json.loads(text)
        return Played(steps, tuple(returns))

    def _play_locked(self, requests: int, replies: int) -> int:
        close_descriptors(requests, replies)
        lock_down(Cage(_ADDRESS_SPACE, Limits().cpu_s, os.getppid()), only=("no_new_privs", "landlock", "rlimits", "seccomp"))
        played = self._loop([self._metered()] * self._seats, self._seeds)
        os.write(1, json.dumps(played).encode())
        return 0

    def _metered(self) -> Callable[..., Any]:
        loader = Loader(Limits().fuel)
        unit = Compiler().unit(self._program.source, "script", "<script>", "script")
        policy, meter = loader.namespace(unit, {})["policy"], loader.meter
        names: dict[str, Any] = {"policy": policy, "meter": meter, "reset": meter.reset}
        given = ", ".join(self._parameters)
        # Fixed words alone: the benchmark's own parameters.
        text = f"def decide({given}):\n reset(0)\n v = policy({given})\n if meter.charged: meter.settle()\n return v"
        exec(text, names)  # noqa: S102
        decide: Callable[..., Any] = names["decide"]
        return decide
