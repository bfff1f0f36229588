"""python without.py MECHANISM COMMAND...: run a command in a process tree in which the kernel really lacks a mechanism.

A seccomp filter, inherited by every child and never to be taken off, answers the mechanism's system call by ENOSYS: what a kernel
says that was built without it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_PRCTL = {"x86_64": 157, "aarch64": 167}
_LANDLOCK_CREATE = 444
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_ALLOW, _ENOSYS = 0x7FFF0000, 0x00050000 | 38
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16


def program(mechanism: str) -> list[tuple[int, int, int, int]]:
    """Return the filter's steps: (code, jump if true, jump if false, operand)."""
    machine = platform.machine()
    start = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, _AUDIT[machine]), (_RETURN, 0, 0, _ALLOW), (_LOAD, 0, 0, _NUMBER)]
    if mechanism == "landlock":
        refuse = [(_EQUAL, 0, 1, _LANDLOCK_CREATE)]
    else:  # seccomp: of prctl, the option that sets a filter
        refuse = [(_EQUAL, 0, 3, _PRCTL[machine]), (_LOAD, 0, 0, _FIRST_ARGUMENT), (_EQUAL, 0, 1, _PR_SET_SECCOMP)]
    return [*start, *refuse, (_RETURN, 0, 0, _ENOSYS), (_RETURN, 0, 0, _ALLOW)]


def take_away(mechanism: str) -> None:
    """Install the filter in this process."""
    code = b"".join(struct.pack("=HBBI", *step) for step in program(mechanism))
    text = ctypes.create_string_buffer(code, len(code))

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))

    wanted = Filter(len(code) // 8, ctypes.cast(text, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    nothing = ctypes.c_ulong(0)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), nothing, nothing, nothing) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(2), ctypes.byref(wanted), nothing, nothing) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


if __name__ == "__main__":
    take_away(sys.argv[1])
    os.execvp(sys.argv[2], sys.argv[2:])
