"""The bytes on the pipes between host and worker: length-prefixed frames, `struct` bodies where decisions travel.

    frame    u32 length of body | u8 kind | body
    DECIDE   u16 count | u8 flags | count x u16 slot | count x u32 step
             [| u16 begins, each u16 place, u16 seat, u64 seed] [| count x u16 legal count, then the legal actions] | observations
    ONWARD   the observations of the same slots as in the last message, each one step later
    CHOSEN   one index per request, in their order
    DECIDED  u16 count, then per reply:   u16 slot | u8 status | action numbers, or u16 length and text of the violation

An index is one byte up to 256 actions, two above. CHOSEN answers where every request got a legal discrete action, DECIDED in all
other cases. All other bodies are the JSON of `plain`, bounded like every frame.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from arenas.schema import ActionSpec
from mascript.errors import SandboxError
from mascript.sandbox.records import Legals, Reply

LOAD, DECIDE, COUNTS, RECORDED, CALL, EXAMPLE, ONWARD, COMPILE = range(1, 9)
LOADED, DECIDED, DATA, CHOSEN = range(11, 15)
COMPILED = 21
"""A program's code, opaque to the host: the compiling worker's answer to COMPILE, and what stands before a policy's LOAD."""

HEADER = struct.Struct("<IB")
DECIDE_HEAD = struct.Struct("<HB")
SEED = struct.Struct("<HHQ")
COUNT = struct.Struct("<H")
REPLY = struct.Struct("<HB")

BEGIN, LEGAL = 1, 2
"""Flags of a message: seeds follow; lists of legal actions follow."""
UNLISTED = 0xFFFF
"""Legal count of a request that may play every action."""

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


def pack_decide(
    slots: Sequence[int],
    steps: Sequence[int],
    seeds: Sequence[tuple[int, int, int]],
    legals: Legals,
    observations: bytes,
    character: str,
) -> bytes:
    """Return the DECIDE frame; `seeds` are (place in the message, seat, seed) of the episodes that begin.

    Raises:
        SandboxError: a number outside its range.
    """
    count = len(slots)
    try:
        parts = [struct.pack(f"<HB{count}H{count}I", count, (BEGIN if seeds else 0) | (LEGAL if legals else 0), *slots, *steps)]
        if seeds:
            parts += [COUNT.pack(len(seeds)), *(SEED.pack(*begin) for begin in seeds)]
        if legals:
            parts.append(struct.pack(f"<{count}H", *(UNLISTED if legal is None else len(legal) for legal in legals)))
            parts += [_indices(legal, character) for legal in legals if legal is not None]
    except (struct.error, ValueError, OverflowError) as error:
        raise SandboxError(f"a request does not fit the protocol: {error}") from error
    parts.append(observations)
    body = b"".join(parts)
    return HEADER.pack(len(body), DECIDE) + body


def _indices(indices: Sequence[int], character: str) -> bytes:
    return bytes(indices) if character == "B" else struct.pack(f"<{len(indices)}H", *indices)


def unpack_chosen(body: bytes, count: int, character: str) -> Sequence[int]:
    """Return one index per request; whether it is an action's, the caller checks.

    Raises:
        ProtocolFault: the worker answered something else than what it was asked.
    """
    if len(body) != (count if character == "B" else 2 * count):
        raise ProtocolFault(f"expected {count} indices, got {len(body)} bytes")
    return body if character == "B" else struct.unpack(f"<{count}H", body)


def unpack_replies(body: bytes, slots: Sequence[int], legals: Legals, actions: ActionSpec, form: struct.Struct) -> list[Reply]:
    """Return one reply per request, in their order, each checked against what was asked.

    Raises:
        ProtocolFault: the worker answered something else than what it was asked.
    """
    try:
        return _unpack_replies(body, slots, legals, actions, form)
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise ProtocolFault(f"a torn reply: {error}") from None


def _unpack_replies(body: bytes, slots: Sequence[int], legals: Legals, actions: ActionSpec, form: struct.Struct) -> list[Reply]:
    (count,) = COUNT.unpack_from(body)
    if count != len(slots):
        raise ProtocolFault(f"expected {len(slots)} replies, got {count}")
    offset, width, discrete = COUNT.size, form.size, actions.kind == "discrete"
    replies = []
    for place, asked in enumerate(slots):
        slot, status = REPLY.unpack_from(body, offset)
        offset += REPLY.size
        if slot != asked:
            raise ProtocolFault(f"expected a reply for slot {asked}, got slot {slot}")
        if status == 0:
            numbers = form.unpack_from(body, offset)
            offset += width
            legal = legals[place] if legals else None
            replies.append(checked(slot, numbers[0], legal, actions.size) if discrete else _finite(slot, numbers))
            continue
        (length,) = COUNT.unpack_from(body, offset)
        text = body[offset + COUNT.size : offset + COUNT.size + length]
        offset += COUNT.size + length
        replies.append(Reply(slot, None, VIOLATIONS[status], text.decode("utf-8", "replace")))
    if offset != len(body):
        raise ProtocolFault(f"{len(body) - offset} bytes after the last reply, or too few")
    return replies


def checked(slot: int, action: int, legal: Sequence[int] | None, size: int) -> Reply:
    """The worker checked already; a worker that was taken over is checked here."""
    if not 0 <= action < size or (legal is not None and action not in legal):
        return Reply(slot, None, "action", f"action {action} is not legal now")
    return Reply(slot, action)


def _finite(slot: int, numbers: tuple[float, ...]) -> Reply:
    for number in numbers:
        if number - number != 0.0:  # true for an infinity or NaN alone
            return Reply(slot, None, "action", f"expected finite numbers, got {number}")
    return Reply(slot, numbers)


def pack_violation(slot: int, reason: str, detail: str) -> bytes:
    text = detail.encode("utf-8", "replace")[:DETAIL_BYTES]
    return REPLY.pack(slot, STATUS[reason]) + COUNT.pack(len(text)) + text
