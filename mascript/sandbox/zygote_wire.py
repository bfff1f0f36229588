"""What host and zygote say to each other: one datagram per command, a worker's descriptors beside it."""

from __future__ import annotations

import struct

SPAWN, END, STATUS, PREPARE = b"S", b"E", b"W", b"P"
"""Fork a worker; kill and reap it; the same, and say how it ended; make the space that workers will need."""
COMMAND = struct.Struct("<cI")
ENDED = struct.Struct("<Ii")
"""Reply to STATUS: worker number, wait status (-1: it was never born)."""
MOST_SPACES, MOST_TOLD = 64, 1 << 16
"""Spaces that are prepared, and bytes of a datagram; workers make the others themselves."""
EXIT_MEMORY, EXIT_FAULT = 77, 78
"""Exit codes of a worker: out of memory; not locked down, or a fault of its own code."""
