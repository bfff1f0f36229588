"""Tells open pages that the workspace changed, so that they read themselves anew: server-sent events, without data.

Whether it changed is seen at the file and its log (size and time), which costs no query and takes no lock from a run.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from mascript.web.guard import HEADERS

LOOK_SECONDS = 0.5
BEAT_SECONDS = 15.0
"""A comment is sent after so long a silence, so that a connection that is gone is noticed."""
MOST_LISTENERS = 64

Stamp = tuple[tuple[int, int], ...]


class Watch:
    """One look-out for all open pages; it looks only while somebody listens. Made by the application; owned by its loop."""

    def __init__(self, path: Path) -> None:
        self._paths = (path, Path(f"{path}-wal"))
        self._listeners: set[asyncio.Event] = set()
        self._looking: asyncio.Task[None] | None = None
        self._closing = False

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Answer a request with `event: change` after every change, until either side goes."""
        if len(self._listeners) >= MOST_LISTENERS:
            raise web.HTTPServiceUnavailable(reason="too many pages are open")
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        changed = asyncio.Event()
        self._listeners.add(changed)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            await response.prepare(request)
            await response.write(b"retry: 2000\nevent: hello\ndata:\n\n")
            while not self._closing:
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), BEAT_SECONDS)
                if self._closing:
                    break
                await response.write(b"event: change\ndata:\n\n" if changed.is_set() else b": still here\n\n")
                changed.clear()
        except ConnectionError:
            pass  # the page was closed: nobody is left to tell
        finally:
            self._listeners.discard(changed)
        return response

    async def close(self, _: web.Application) -> None:
        """End every stream, so that the server can stop at once."""
        self._closing = True
        for changed in self._listeners:
            changed.set()
        if self._looking is not None:
            self._looking.cancel()

    async def _look(self) -> None:
        last = self._stamp()
        while self._listeners:
            await asyncio.sleep(LOOK_SECONDS)
            now = self._stamp()
            if now != last:
                last = now
                for changed in self._listeners:
                    changed.set()

    def _stamp(self) -> Stamp:
        found = []
        for path in self._paths:
            try:
                stat = path.stat()
            except FileNotFoundError:  # a log comes and goes with its writers
                continue
            if stat.st_size:
                found.append((stat.st_size, stat.st_mtime_ns))
        return tuple(found)
