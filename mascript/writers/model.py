"""The one module that imports litellm: a request goes out here, and every way in which it can fail comes back as one error.

litellm is imported by `prepare`, in the process that runs the experiment and nowhere else: it takes seconds. Its own retries, cache
and budget stay off; `mascript.writers.desk` has them.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from types import ModuleType
from typing import Any, Literal

from mascript.errors import ConfigError
from mascript.writers.money import Price

Kind = Literal["unreachable", "busy", "slow", "broken", "denied", "refused"]
"""`unreachable`: no connection came about. `busy`: the endpoint said 429 or 5xx. `slow`: no reply in time. `broken`: a reply that
is none, or a connection cut. `denied`: key, right or model is missing. `refused`: this request cannot be served (400, too long)."""
RETRIED: frozenset[Kind] = frozenset({"unreachable", "busy", "slow", "broken"})
UNCERTAIN: frozenset[Kind] = frozenset({"slow", "broken"})
"""Failures after which nobody here knows whether the reply was written, and charged."""

_STATUS: Mapping[int, Kind] = {
    400: "refused",
    413: "refused",
    422: "refused",
    401: "denied",
    403: "denied",
    404: "denied",
    429: "busy",
}
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)
_SECRET_TEXT = re.compile(r"\b(?:sk|pk|key|Bearer)[-_ ][A-Za-z0-9_\-.]{8,}")
_LONGEST_ERROR = 300


@dataclass(frozen=True)
class Endpoint:
    """Where a model is reached. Made from the configuration; read by `ask`. The key itself is read from the environment, late."""

    model: str
    """As litellm calls it, such as `anthropic/NAME`, or `openai/NAME` for every endpoint that speaks OpenAI's protocol."""
    api_base: str = ""
    api_key_env: str = ""
    """Name of the environment variable that holds the key; empty: the provider's usual one."""


@dataclass(frozen=True)
class Request:
    """One request. Made by the desk; read by `ask`."""

    endpoint: Endpoint
    messages: tuple[Mapping[str, str], ...]
    temperature: float
    max_tokens: int
    timeout: float
    """Seconds of silence; a reply that trickles is given a fifth more and two."""
    stream: bool = False


@dataclass(frozen=True)
class Answer:
    """One reply. Made by `ask`; read by the desk."""

    text: str
    tokens_in: int | None
    """None where the endpoint does not say."""
    tokens_out: int | None
    complete: bool
    """False: it ended at `max_tokens`."""
    seconds: float


class CallFailed(Exception):
    """A request without a usable reply. Raised by `ask`; handled by the desk, never seen by a user.

    Attributes:
        kind: what kind of failure.
        wait: seconds that the endpoint asked to wait; 0 where it did not.
    """

    def __init__(self, kind: Kind, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.kind = kind
        self.wait = wait


def prepare() -> None:
    """Import litellm now, before the first call is under way, whose time it would take."""
    _litellm()


def check(endpoint: Endpoint) -> None:
    """Refuse a model that cannot be asked as the environment stands.

    Raises:
        ConfigError: the key is missing, or no provider of this name is known.
    """
    litellm = _litellm()
    if endpoint.api_key_env:
        if not os.environ.get(endpoint.api_key_env):
            raise ConfigError(
                f"{endpoint.model}: expected its key in the environment variable {endpoint.api_key_env}, which is not set"
            )
        return
    if endpoint.api_base:
        return  # many local endpoints want no key; one that does will say so
    try:
        missing = litellm.validate_environment(endpoint.model)["missing_keys"]
        litellm.get_llm_provider(endpoint.model)
    except litellm.exceptions.BadRequestError:
        raise ConfigError(
            f"{endpoint.model}: no provider of this name is known; write PROVIDER/MODEL, such as anthropic/NAME, or openai/NAME "
            "with an api_base under [[models]]"
        ) from None
    if missing:
        raise ConfigError(
            f"{endpoint.model}: expected {' and '.join(missing)} in the environment; export it, or name another variable "
            "with api_key_env under [[models]]"
        )


def price_of(model: str) -> Price | None:
    """The price that litellm knows; None for a model that it does not know, and never a price of nothing."""
    litellm = _litellm()
    try:
        known = litellm.get_model_info(model)
    except Exception:  # noqa: BLE001 - it raises a bare Exception's many children for a model that it does not know
        return None
    into, out = known.get("input_cost_per_token"), known.get("output_cost_per_token")
    return Price.per_million(into * 1e6, out * 1e6) if into or out else None


async def ask(request: Request) -> Answer:
    """Send one request and return its reply.

    Raises:
        CallFailed: there is none; the message holds no secret of the environment.
    """
    began = monotonic()
    try:
        # The transport's own limit, on silence, strikes first; this one ends a reply that trickles.
        async with asyncio.timeout(request.timeout * 1.2 + 2.0):
            text, usage, finish = await _send(request)
    except CallFailed:
        raise
    except TimeoutError:
        raise CallFailed("slow", f"no reply within {request.timeout:g} s") from None
    except Exception as error:  # noqa: BLE001 - litellm raises errors of every provider's own making
        raise _failed(error) from None
    if not text.strip():
        raise CallFailed("broken", "the reply is empty")
    return Answer(
        text,
        getattr(usage, "prompt_tokens", None),
        getattr(usage, "completion_tokens", None),
        finish != "length",
        monotonic() - began,
    )


async def close() -> None:
    """Close litellm's connections, if it was ever loaded; inside the event loop that used them."""
    if "litellm" not in sys.modules:
        return
    from litellm.llms.custom_httpx import async_client_cleanup

    await async_client_cleanup.close_litellm_async_clients()  # type: ignore[no-untyped-call]


async def _send(request: Request) -> tuple[str, Any, str]:
    endpoint = request.endpoint
    where = {"api_base": endpoint.api_base} if endpoint.api_base else {}
    key = os.environ.get(endpoint.api_key_env) if endpoint.api_key_env else None
    if endpoint.api_base and not key:
        key = os.environ.get("OPENAI_API_KEY", "none") if _name(endpoint).startswith("openai/") else None
    options: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}} if request.stream else {}
    reply = await _litellm().acompletion(
        model=_name(endpoint),
        messages=[dict(message) for message in request.messages],
        temperature=request.temperature,
        max_tokens=request.max_tokens,
        timeout=request.timeout,
        num_retries=0,
        max_retries=0,
        drop_params=True,  # models that take no temperature are asked without
        api_key=key,
        **where,
        **options,
    )
    if request.stream:
        return await _gathered(reply)
    if not reply.choices:
        raise CallFailed("broken", "the reply has no choices")
    return reply.choices[0].message.content or "", getattr(reply, "usage", None), str(reply.choices[0].finish_reason)


async def _gathered(reply: Any) -> tuple[str, Any, str]:
    """Return the text of a streamed reply; chunks may be empty, and one that never says that it ends was cut."""
    pieces: list[str] = []
    usage, finish = None, ""
    async for chunk in reply:
        usage = getattr(chunk, "usage", None) or usage
        for choice in chunk.choices[:1]:
            pieces.append(choice.delta.content or "")
            finish = choice.finish_reason or finish
    # litellm ends a stream that was cut with a "stop" of its own making; what the endpoint said stands beside it.
    if not finish or not getattr(reply, "received_finish_reason", finish):
        raise CallFailed("broken", "the stream ended before its last chunk")
    return "".join(pieces), usage, finish


def _name(endpoint: Endpoint) -> str:
    """Return the model as litellm routes it: by OpenAI's protocol where only an address says who serves it."""
    provider, slash, _ = endpoint.model.partition("/")
    known = slash and provider in _litellm().provider_list
    return endpoint.model if known or not endpoint.api_base else f"openai/{endpoint.model}"


def _failed(error: Exception) -> CallFailed:
    """Sort an error of litellm: by the status that a server sent, where one did, else by how far the request came.

    litellm gives whatever it cannot place status 500, so a 500 counts as the server's word only where the chain of causes holds an
    HTTP status error.
    """
    chain = list(_causes(error))
    names = {type(link).__name__ for link in chain}
    message = redacted(" ".join(str(error).split()))[:_LONGEST_ERROR]
    status = getattr(error, "status_code", 0)
    if names & {"ConnectError", "ConnectTimeout", "ClientConnectorError", "ClientConnectorDNSError"}:
        return CallFailed("unreachable", message)
    if names & {"Timeout", "ReadTimeout", "APITimeoutError", "TimeoutError"}:
        return CallFailed("slow", message)
    if status in _STATUS:
        return CallFailed(_STATUS[status], message, _wait(chain))
    if "HTTPStatusError" in names:
        return CallFailed("busy", message, _wait(chain))
    return CallFailed("broken", message)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _wait(chain: list[BaseException]) -> float:
    """Return the seconds of a `retry-after` header; other forms of it are not read."""
    for link in chain:
        headers = getattr(getattr(link, "response", None), "headers", None) or {}
        try:
            return max(0.0, float(headers["retry-after"]))
        except (KeyError, ValueError, TypeError):
            continue
    return 0.0


def redacted(text: str) -> str:
    """Return a text without anything that the environment holds as a secret, or that looks like a key."""
    for name, value in os.environ.items():
        if len(value) >= 8 and _SECRET_NAME.search(name):
            text = text.replace(value, "[secret]")
    return _SECRET_TEXT.sub("[secret]", text)


def _litellm() -> ModuleType:
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else it fetches prices, 45 s where there is no network
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")  # else it reads a .env file of the folder it is started in
    import litellm

    litellm.suppress_debug_info = True
    litellm.telemetry = False
    logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)  # it logs requests that fail, and whatever is in them
    return litellm
