"""A worker's end of its pipe pair."""

from __future__ import annotations

import os

from mascript.sandbox import wire
from mascript.sandbox.seccomp import REPLIES_FD, REQUESTS_FD

_CHUNK = 1 << 16


class Pipe:
    """The worker's end of the pipe pair, in frames."""

    def __init__(self) -> None:
        self._buffer = b""

    def read(self) -> tuple[int, bytes]:
        """Return (kind, body) of the next frame; ends the process when the host has closed the pipe."""
        self._fill(wire.HEADER.size)
        size, kind = wire.HEADER.unpack_from(self._buffer)
        self._fill(wire.HEADER.size + size)
        end = wire.HEADER.size + size
        body, self._buffer = self._buffer[wire.HEADER.size : end], self._buffer[end:]
        return kind, body

    def write(self, kind: int, body: bytes) -> None:
        data = memoryview(wire.frame(kind, body))
        while data:
            data = data[os.write(REPLIES_FD, data) :]

    def _fill(self, size: int) -> None:
        while len(self._buffer) < size:
            chunk = os.read(REQUESTS_FD, max(_CHUNK, size - len(self._buffer)))
            if not chunk:
                os._exit(0)
            self._buffer = self._buffer + chunk if self._buffer else chunk
