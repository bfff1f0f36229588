"""Hostile scripts that make one forbidden system call each, by its number, through a C library that is at hand."""

from __future__ import annotations

import platform
import runpy
from pathlib import Path

_common = runpy.run_path(str(Path(__file__).with_name("attacks.py")))
Attack, body, KILLED = _common["Attack"], _common["body"], _common["KILLED"]

NUMBERS = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "kcmp": (312, 272),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "io_uring_setup": (425, 425),
    "io_setup": (206, 0),
    "unshare": (272, 97),
    "setns": (308, 268),
    "clone": (56, 220),
    "clone3": (435, 435),
    "execveat": (322, 281),
    "mount": (165, 40),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "init_module": (175, 105),
    "kexec_load": (246, 104),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "settimeofday": (164, 170),
    "swapoff": (168, 225),
    "open_by_handle_at": (304, 265),
    "shmget": (29, 194),
    "mq_open": (240, 180),
    "fanotify_init": (300, 262),
    "inotify_init1": (294, 26),
    "prlimit64": (302, 261),
    "setpriority": (141, 140),
    "personality": (135, 92),
    "capset": (126, 91),
    "setgid": (106, 144),
    "socket": (41, 198),
    "ioctl": (16, 29),
    "fcntl": (72, 25),
    "sendfile": (40, 71),
    "splice": (275, 76),
    "seccomp": (317, 277),
    "shmat": (30, 196),
    "remap_file_pages": (216, 234),
}
"""Call: its numbers on x86-64 and on aarch64."""
_ARGUMENTS = {
    "ptrace": "16, @HOST, 0, 0",
    "process_vm_readv": "@HOST, 0, 0, 0, 0, 0",
    "process_vm_writev": "@NEIGHBOUR, 0, 0, 0, 0, 0",
    "pidfd_open": "@HOST, 0",
    "tgkill": "@ZYGOTE, @ZYGOTE, 9",
    "prlimit64": "@HOST, 7, 0, 0",
    "unshare": "0x10000000",
}

ATTACKS = tuple(
    Attack(
        f"call {name}",
        "import ctypes\n"
        + body(
            f"ctypes.CDLL(None).syscall({numbers[platform.machine() == 'aarch64']}, {_ARGUMENTS.get(name, '0, 0, 0, 0, 0, 0')})"
        ),
        raw=KILLED,
    )
    for name, numbers in NUMBERS.items()
)
