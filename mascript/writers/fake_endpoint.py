"""A model's endpoint without a model: an OpenAI-compatible HTTP server on loopback, with faults on demand.

It ships with the project as httpx ships its MockTransport, so that whoever builds on mascript can test a run from the experiment
file to the socket, and see what is paid when an endpoint misbehaves, without a key and without a network:

    with FakeEndpoint(lambda asked: "def policy(): ...", faulty(0.3, seed=1)) as endpoint:
        ...  # api_base = endpoint.url

It charges as providers do: for every reply that it began to write, whether or not the reply arrives.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from types import TracebackType
from typing import Any, Literal, get_args

Fault = Literal[
    "429", "500", "503", "reset", "stall", "empty", "truncated", "cut", "wrong_json", "html", "no_choices", "empty_chunks"
]
"""What becomes of a request:

- `429`, `500`, `503`: an answer of that status.
- `reset`: the connection is torn down before an answer.
- `stall`: silence for `FakeEndpoint.stall` seconds, then the end of the connection.
- `empty`, `truncated`, `wrong_json`, `html`: status 200 with a body of no bytes, of half a JSON object, of JSON that is no
  completion, of a web page.
- `cut`: the connection ends within the body.
- `no_choices`: a completion without a choice.
- `empty_chunks`: a good reply, with chunks that carry nothing in between where it is streamed.
"""
FAULTS: tuple[Fault, ...] = get_args(Fault)
_UNPAID = frozenset({"429", "500", "503", "reset", "empty", "wrong_json", "html"})
"""Faults before a token was written."""


@dataclass(frozen=True)
class Asked:
    """One request as it arrived. Made by the endpoint; read by the function that answers and by the fault plan."""

    index: int
    """0, 1, 2, ... in the order of arrival."""
    model: str
    messages: tuple[Mapping[str, Any], ...]
    body: Mapping[str, Any]
    authorization: str
    """Value of that header; a test looks here for a key that must not turn up anywhere else."""


@dataclass(frozen=True)
class Served:
    """What became of one request. Made by the endpoint; read by tests as the provider's own bill."""

    asked: Asked
    fault: Fault | None
    tokens_in: int
    tokens_out: int
    """Both 0 where nothing is charged."""


Plan = Callable[[Asked], Fault | None]


def faulty(share: float, seed: int = 0, kinds: Sequence[Fault] = FAULTS) -> Plan:
    """A plan that spoils each request with this probability, the same for the same seed and order of arrival."""
    return lambda asked: _drawn(random.Random(f"{seed} {asked.index}"), share, kinds)


def _drawn(rng: random.Random, share: float, kinds: Sequence[Fault]) -> Fault | None:
    return rng.choice(list(kinds)) if rng.random() < share else None


def tokens_of(text: str) -> int:
    """Tokens as this endpoint counts them: one for every four bytes begun."""
    return ceil(len(text.encode()) / 4)


class FakeEndpoint:
    """Serves `POST /v1/chat/completions` from a thread of its own while its `with` block lasts.

    Args:
        answer: the text of the reply to a request.
        plan: which fault, if any, a request meets.
        delay: seconds from a request to its answer.
        stall: seconds of silence of the fault `stall`, before the connection is closed.
    """

    def __init__(
        self, answer: Callable[[Asked], str], plan: Plan = lambda _: None, *, delay: float = 0.0, stall: float = 30.0
    ) -> None:
        self.answer, self.plan, self.delay, self.stall = answer, plan, delay, stall
        self.served: list[Served] = []
        self._arrived = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake endpoint", daemon=True)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """What to set `api_base` to."""
        if self._server is None:
            raise RuntimeError("expected an endpoint that serves; open it with `with FakeEndpoint(...) as endpoint:`")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    @property
    def asked(self) -> int:
        """How many requests have arrived."""
        return self._arrived

    def charged(self, usd_in: float, usd_out: float) -> float:
        """Dollars it charges for all it served, at prices per million tokens."""
        return sum(one.tokens_in * usd_in + one.tokens_out * usd_out for one in self.served) / 1e6

    def __enter__(self) -> FakeEndpoint:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=512)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._exchange(reader, writer):
                    pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = json.loads(await reader.readexactly(int(headers.get("content-length", 0))) or "{}")
        if not head[0].startswith("POST /v1/chat/completions"):
            return await _send(writer, 404, _error("no such path"))
        asked = Asked(self._arrived, body.get("model", ""), tuple(body.get("messages", ())), body, headers.get("authorization", ""))
        self._arrived += 1
        fault = self.plan(asked)
        text = self.answer(asked)
        paid = fault not in _UNPAID
        tokens_in = sum(tokens_of(str(message.get("content", ""))) for message in asked.messages)
        usage = (tokens_in, tokens_of(text)) if paid else (0, 0)
        self.served.append(Served(asked, fault, *usage))
        await asyncio.sleep(self.stall if fault == "stall" else self.delay)
        return await _answer(writer, asked, fault, text, usage)


async def _answer(writer: asyncio.StreamWriter, asked: Asked, fault: Fault | None, text: str, usage: tuple[int, int]) -> bool:
    """Send the reply, or what the fault makes of it."""
    match fault:
        case "429" | "500" | "503":
            return await _send(writer, int(fault), _error(f"fault {fault}"), {"retry-after": "0"})
        case "reset":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        case "stall":
            return False
        case "empty" | "html" | "wrong_json":
            return await _send(writer, 200, {"empty": b"", "html": b"<html>bad gateway</html>", "wrong_json": b'{"ok": 1}'}[fault])
    if asked.body.get("stream"):
        return await _stream(writer, asked, fault, text, usage)
    choices = [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]
    reply = _completion(asked, "chat.completion", [] if fault == "no_choices" else choices, usage)
    if fault == "truncated":
        return await _send(writer, 200, reply[: len(reply) // 2])
    if fault == "cut":
        await _send(writer, 200, reply[: len(reply) // 2], {"content-length": str(len(reply))})
        return False
    return await _send(writer, 200, reply)


async def _stream(writer: asyncio.StreamWriter, asked: Asked, fault: Fault | None, text: str, usage: tuple[int, int]) -> bool:
    """Send the reply as server-sent events, in pieces of forty characters, and close the connection."""
    pieces = [] if fault == "no_choices" else [text[start : start + 40] for start in range(0, len(text), 40)]
    chunks = [[{"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}] for piece in pieces]
    if fault == "empty_chunks":
        nothing: list[list[dict[str, Any]]] = [[], [{"index": 0, "delta": {}, "finish_reason": None}]]
        chunks = [chunk for piece in chunks for chunk in (*nothing, piece)]
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
    if fault in ("truncated", "cut"):
        chunks = chunks[: max(1, len(chunks) // 2)]
    for chunk in chunks:
        writer.write(b"data: " + _completion(asked, "chat.completion.chunk", chunk, None) + b"\n\n")
    if fault not in ("truncated", "cut"):
        end = [{"index": 0, "delta": {}, "finish_reason": "stop"}]
        writer.write(b"data: " + _completion(asked, "chat.completion.chunk", end, None) + b"\n\n")
        writer.write(b"data: " + _completion(asked, "chat.completion.chunk", [], usage) + b"\n\n")
        writer.write(b"data: [DONE]\n\n")
    await writer.drain()
    return False


def _completion(asked: Asked, kind: str, choices: list[dict[str, Any]], usage: tuple[int, int] | None) -> bytes:
    body: dict[str, Any] = {"id": f"fake-{asked.index}", "object": kind, "created": 0, "model": asked.model, "choices": choices}
    if usage is not None:
        body["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    return json.dumps(body).encode()


def _error(message: str) -> bytes:
    return json.dumps({"error": {"message": message, "type": "fake_endpoint"}}).encode()


async def _send(writer: asyncio.StreamWriter, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bool:
    sent = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    writer.write(f"HTTP/1.1 {status} Fake\r\n{lines}\r\n".encode("latin-1") + body)
    await writer.drain()
    return True
