"""The bytes on the pipes between host and worker: length-prefixed frames, `struct` bodies where decisions travel.

    frame    u32 length of body | u8 kind | body
    DECIDE   u16 count, then per request: u16 slot | u32 step | u8 flags | u16 legal count [| u64 seed] | legal | observation
    DECIDED  u16 count, then per reply:   u16 slot | u8 status | action numbers, or u16 length and text of the violation

A legal action is one byte up to 256 actions, two above. All other bodies are the JSON of `plain`, bounded like every frame.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from arenas.schema import ActionSpec
from mascript.errors import SandboxError
from mascript.sandbox.records import Reply, Request

LOAD, DECIDE, COUNTS, RECORDED, CALL, EXAMPLE = range(1, 7)
LOADED, DECIDED, DATA = range(11, 14)

HEADER = struct.Struct("<IB")
REQUEST = struct.Struct("<HIBH")
SEED = struct.Struct("<Q")
COUNT = struct.Struct("<H")
REPLY = struct.Struct("<HB")
DISCRETE_REPLY = struct.Struct("<HBi")
"""A reply with its index, in one."""

BEGIN, LEGAL = 1, 2
"""Flags of a request: a seed follows; a list of legal actions follows."""

VIOLATIONS = ("", "gate", "load", "error", "fuel", "recursion", "action", "reply")
"""By status; 0 is an action."""
STATUS = {name: status for status, name in enumerate(VIOLATIONS)}
DETAIL_BYTES = 400


class ProtocolFault(Exception):
    """Bytes that are no frame of this protocol. Raised on the host; becomes `WorkerDied("protocol")`."""


def frame(kind: int, body: bytes) -> bytes:
    return HEADER.pack(len(body), kind) + body


def legal_format(actions: ActionSpec) -> str:
    """`struct` character of one legal action."""
    return "B" if actions.size <= 256 else "H"


def action_struct(actions: ActionSpec) -> struct.Struct:
    """Layout of one reply's numbers: an index, integers, or float64 numbers."""
    if actions.kind == "discrete":
        return struct.Struct("<i")
    return struct.Struct(f"<{actions.size}{'q' if actions.kind == 'multi_discrete' else 'd'}")


def pack_requests(requests: Sequence[Request], legal_character: str, observation_size: int) -> bytes:
    """Return the DECIDE frame.

    Raises:
        SandboxError: an observation of another size than the schema's, or a number outside its range.
    """
    parts = [b"", COUNT.pack(len(requests))]
    try:
        for slot, observation, legal, step, seed in requests:
            if len(observation) != observation_size:
                raise SandboxError(f"expected observations of {observation_size} bytes, as the schema says, got {len(observation)}")
            flags = (0 if seed is None else BEGIN) | (0 if legal is None else LEGAL)
            parts.append(REQUEST.pack(slot, step, flags, 0 if legal is None else len(legal)))
            if seed is not None:
                parts.append(SEED.pack(seed))
            if legal is not None:
                parts.append(bytes(legal) if legal_character == "B" else struct.pack(f"<{len(legal)}H", *legal))
            parts.append(observation)
    except (struct.error, ValueError, OverflowError) as error:
        raise SandboxError(f"a request does not fit the protocol: {error}") from error
    parts[0] = HEADER.pack(sum(map(len, parts)), DECIDE)
    return b"".join(parts)


def unpack_replies(body: bytes, requests: Sequence[Request], actions: ActionSpec, form: struct.Struct) -> list[Reply]:
    """Return one reply per request, in their order, each checked against what was asked.

    Raises:
        ProtocolFault: the worker answered something else than what it was asked.
    """
    try:
        return _unpack_replies(body, requests, actions, form)
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise ProtocolFault(f"a torn reply: {error}") from None


def _unpack_replies(body: bytes, requests: Sequence[Request], actions: ActionSpec, form: struct.Struct) -> list[Reply]:
    (count,) = COUNT.unpack_from(body)
    if count != len(requests):
        raise ProtocolFault(f"expected {len(requests)} replies, got {count}")
    offset, width, discrete = COUNT.size, form.size, actions.kind == "discrete"
    replies = []
    for request in requests:
        slot, status = REPLY.unpack_from(body, offset)
        offset += REPLY.size
        if slot != request.slot:
            raise ProtocolFault(f"expected a reply for slot {request.slot}, got slot {slot}")
        if status == 0:
            numbers = form.unpack_from(body, offset)
            offset += width
            replies.append(_checked(request, numbers, actions) if discrete else _finite(slot, numbers))
            continue
        (length,) = COUNT.unpack_from(body, offset)
        text = body[offset + COUNT.size : offset + COUNT.size + length]
        offset += COUNT.size + length
        replies.append(Reply(slot, None, VIOLATIONS[status], text.decode("utf-8", "replace")))
    if offset != len(body):
        raise ProtocolFault(f"{len(body) - offset} bytes after the last reply, or too few")
    return replies


def _checked(request: Request, numbers: tuple[int, ...], actions: ActionSpec) -> Reply:
    """The worker checked already; a worker that was taken over is checked here."""
    action = numbers[0]
    if not 0 <= action < actions.size or (request.legal is not None and action not in request.legal):
        return Reply(request.slot, None, "action", f"action {action} is not legal now")
    return Reply(request.slot, action)


def _finite(slot: int, numbers: tuple[float, ...]) -> Reply:
    for number in numbers:
        if number - number != 0.0:  # true for an infinity or NaN alone
            return Reply(slot, None, "action", f"expected finite numbers, got {number}")
    return Reply(slot, numbers)


def pack_violation(slot: int, reason: str, detail: str) -> bytes:
    text = detail.encode("utf-8", "replace")[:DETAIL_BYTES]
    return REPLY.pack(slot, STATUS[reason]) + COUNT.pack(len(text)) + text
