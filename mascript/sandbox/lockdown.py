"""What the kernel takes away from a worker before foreign code is parsed. Everything works unprivileged, through ctypes.

Landlock alone lets UDP through and rlimits alone nearly everything; seccomp stops both, and each of them stands behind the
others.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from mascript.sandbox import seccomp

MECHANISMS = ("no_new_privs", "parent_death_signal", "landlock", "rlimits", "seccomp")
"""In the order in which they are applied: Landlock needs a descriptor, which the limits then forbid."""

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _PR_GET_NO_NEW_PRIVS = 1, 22, 38, 39
_SECCOMP_MODE_FILTER = 2
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446
"""The same numbers on every architecture."""
_FS_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""File-system access rights that each Landlock ABI knows; the bits are given from 0 up."""
_STACK_BYTES = 8 << 20


@dataclass(frozen=True)
class Cage:
    """The numbers of a lock-down. Made by the zygote; read by its workers."""

    address_space: int
    """RLIMIT_AS, bytes."""
    cpu_s: int
    parent: int
    """Process id that must still be the parent once the death signal is armed."""
    known_missing: tuple[str, ...] = ()
    """Mechanisms that this machine was found not to have; any other that fails ends the worker."""


class Failed(Exception):
    """A mechanism did not take."""


def close_descriptors(requests: int, replies: int) -> None:
    """Make the pipe pair descriptors 0 and 1 and close every other."""
    requests, replies = os.dup(requests), os.dup(replies)
    os.dup2(requests, seccomp.REQUESTS_FD)
    os.dup2(replies, seccomp.REPLIES_FD)
    os.closerange(2, 1 << 20)


def lock_down(cage: Cage, only: Collection[str] = MECHANISMS) -> dict[str, str]:
    """Apply the mechanisms in order; return the reason of each that did not take."""
    steps: dict[str, Callable[[Cage], None]] = {
        "no_new_privs": _no_new_privileges,
        "parent_death_signal": _die_with_parent,
        "landlock": _landlock,
        "rlimits": _limit_resources,
        "seccomp": _seccomp,
    }
    failed = {}
    for name in MECHANISMS:
        if name not in only:
            continue
        try:
            steps[name](cage)
        except (Failed, OSError, ValueError, AttributeError, ImportError) as error:
            failed[name] = str(error) or type(error).__name__
    return failed


def landlock_abi() -> int:
    """Return the kernel's Landlock version, 0 for none."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, int(_libc().syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))))


def prepare() -> None:
    """Make what every lock-down of this process' children needs, once: they find it in the memory that they inherit."""
    for made in (_libc, _filter, _handled_rights):
        with suppress(Failed, OSError, AttributeError):  # what is missing here is found missing by the lock-down
            made()
    if sys.platform.startswith("linux"):
        _libc().prctl(_PR_GET_NO_NEW_PRIVS, ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, first: int, second: object = 0) -> None:
    if not sys.platform.startswith("linux"):
        raise Failed("not Linux")
    third = second if isinstance(second, ctypes.c_void_p) else ctypes.c_ulong(0)
    if _libc().prctl(option, ctypes.c_ulong(first), third, ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        raise Failed(f"prctl({option}): {os.strerror(ctypes.get_errno())}")


def _no_new_privileges(_: Cage) -> None:
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _die_with_parent(cage: Cage) -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != cage.parent:  # it died before the signal was armed
        os._exit(0)


def _limit_resources(cage: Cage) -> None:
    soft, hard = cage.cpu_s, cage.cpu_s + 2
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))  # apart, so that the first signal says which limit it was
    for limit, value in (
        (resource.RLIMIT_AS, cage.address_space),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_STACK, _STACK_BYTES),
    ):
        hard = resource.getrlimit(limit)[1]
        wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (wanted, wanted))


@cache
def _handled_rights() -> ctypes.Array[ctypes.c_char]:
    """`struct landlock_ruleset_attr` of all that this kernel can take away.

    Raises:
        Failed: it has no Landlock.
    """
    abi = landlock_abi()
    if abi < 1:
        raise Failed("the kernel has no Landlock, or it is switched off")
    rights = [(1 << _FS_RIGHTS[min(abi, 5)]) - 1]
    if abi >= 4:
        rights.append(0b11)  # bind and connect of TCP
    if abi >= 6:
        rights.append(0b11)  # abstract unix sockets and signals, out of this domain
    return ctypes.create_string_buffer(struct.pack(f"={len(rights)}Q", *rights), 8 * len(rights))


def _landlock(_: Cage) -> None:
    attributes = _handled_rights()
    libc = _libc()
    ruleset = libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    if ruleset < 0:
        raise Failed(f"landlock_create_ruleset: {os.strerror(ctypes.get_errno())}")
    try:
        if libc.syscall(_LANDLOCK_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0)) != 0:
            raise Failed(f"landlock_restrict_self: {os.strerror(ctypes.get_errno())}")
    finally:
        os.close(ruleset)


class _FilterProgram(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


@cache
def _filter() -> tuple[_FilterProgram, ctypes.Array[ctypes.c_char]]:
    """The filter program, and the memory that it points to.

    Raises:
        Failed: there is none for this machine.
    """
    code = seccomp.program()
    if code is None:
        raise Failed("no table of system calls for this machine")
    text = ctypes.create_string_buffer(code, len(code))
    return _FilterProgram(len(code) // 8, ctypes.cast(text, ctypes.c_void_p)), text


def _seccomp(_: Cage) -> None:
    filter_program, _text = _filter()
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.cast(ctypes.pointer(filter_program), ctypes.c_void_p))
