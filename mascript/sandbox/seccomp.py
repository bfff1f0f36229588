"""The system calls that a worker may make, as a filter program for the kernel (seccomp BPF, built without libseccomp).

The filter checks the architecture first, then the number; everything that is not listed kills the process. Reading is allowed
from descriptor 0 and writing to descriptor 1 alone: the worker's pipe pair. New memory can never be executable. Opening a file
is answered by EACCES, since Python itself tries to when it words a SyntaxError or looks for a module.
"""

from __future__ import annotations

import platform
import struct
from collections.abc import Sequence
from dataclasses import dataclass

REQUESTS_FD, REPLIES_FD = 0, 1

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_REFUSE = 0x00050000 | 13
"""Fail with EACCES."""
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
"""Offsets in `struct seccomp_data`; each argument has 8 bytes, its low half first on these little-endian machines."""
_PROT_EXEC = 4
_X32 = 0x40000000
"""Numbers from here on are the x32 calls of an x86-64 kernel: the same architecture word, another table."""


@dataclass(frozen=True)
class Table:
    """One machine's numbers. Read by `program`."""

    audit: int
    """AUDIT_ARCH word that the kernel reports."""
    read: int
    write: int
    protections: tuple[int, ...]
    """mmap, mprotect: allowed without PROT_EXEC (their third argument)."""
    refused: tuple[int, ...]
    """Opening and looking at files: fail, do not kill."""
    plain: tuple[int, ...]
    """Allowed with any arguments."""


TABLES = {
    "x86_64": Table(
        audit=0xC000003E,
        read=0,
        write=1,
        protections=(9, 10),
        refused=(2, 257, 437, 4, 6, 262, 89),  # open, openat, openat2, stat, lstat, newfstatat, readlink
        plain=(
            11,  # munmap
            12,  # brk
            25,  # mremap
            28,  # madvise
            13,  # rt_sigaction
            14,  # rt_sigprocmask
            15,  # rt_sigreturn
            131,  # sigaltstack
            24,  # sched_yield
            39,  # getpid
            186,  # gettid
            202,  # futex
            219,  # restart_syscall
            228,  # clock_gettime
            229,  # clock_getres
            96,  # gettimeofday
            35,  # nanosleep
            230,  # clock_nanosleep
            318,  # getrandom
            60,  # exit
            231,  # exit_group
        ),
    ),
    "aarch64": Table(
        audit=0xC00000B7,
        read=63,
        write=64,
        protections=(222, 226),
        refused=(56, 437, 79, 78),  # openat, openat2, newfstatat, readlinkat
        plain=(
            215,  # munmap
            214,  # brk
            216,  # mremap
            233,  # madvise
            134,  # rt_sigaction
            135,  # rt_sigprocmask
            139,  # rt_sigreturn
            132,  # sigaltstack
            124,  # sched_yield
            172,  # getpid
            178,  # gettid
            98,  # futex
            128,  # restart_syscall
            113,  # clock_gettime
            114,  # clock_getres
            169,  # gettimeofday
            101,  # nanosleep
            115,  # clock_nanosleep
            278,  # getrandom
            93,  # exit
            94,  # exit_group
        ),
    ),
}


def program(machine: str = "") -> bytes | None:
    """Return the filter as an array of `struct sock_filter`; None for a machine without a table."""
    table = TABLES.get(machine or platform.machine())
    if table is None:
        return None
    steps: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, table.audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _KILL),
    ]
    for number, descriptor in ((table.read, REQUESTS_FD), (table.write, REPLIES_FD)):  # first: every decision waits for them
        steps += _guarded(number, 0, [(_EQUAL, 0, 1, descriptor), (_RETURN, 0, 0, _ALLOW)])
    for number in table.plain:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    for number in table.refused:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    for number in table.protections:
        steps += _guarded(number, 2, [(_ANY_BIT, 1, 0, _PROT_EXEC), (_RETURN, 0, 0, _ALLOW)])
    steps.append((_RETURN, 0, 0, _KILL))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _guarded(number: int, argument: int, test: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """If the call is `number`, load an argument's low half, run the test, and kill where it falls through."""
    inner = [(_LOAD, 0, 0, _ARGUMENTS + 8 * argument), *test, (_RETURN, 0, 0, _KILL)]
    return [(_EQUAL, 0, len(inner), number), *inner]
