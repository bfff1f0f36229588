"""Hostile policy scripts: what each tries, and the verdict that it must get, behind the gate and without it.

Without the gate a script gets Python's real builtins, `import` included, and the process boundary alone must hold. Words that
begin with @ are replaced: see `contain.WORDS`. More scripts are in `attacks_calls` and `attacks_language`.
"""

from __future__ import annotations

from dataclasses import dataclass

KILLED = "died:signal:SIGSYS"
"""The kernel ended the worker at a system call that is not on its list."""
LATE = "died:deadline"
MEMORY = "died:memory"


@dataclass(frozen=True)
class Attack:
    """Made by the lists of attacks; read by `contain`, which plays it, and by the tests, which compare verdicts.

    A verdict is a violation's reason, `died:` and why, or `plays`: the script could do what it wanted, to itself alone.
    """

    name: str
    source: str
    gated: str = "gate"
    raw: str = "error"
    """Without the gate; `a|b` where the verdict is the machine's or the Python version's."""
    steps: int = 1
    """Decisions that are asked for, unless it ends before."""


def body(*lines: str, then: str = 'return "left"') -> str:
    """A script whose policy does this."""
    head = "def policy(observation, memory, legal, rng, seat, step):\n"
    return head + "".join(f"    {line}\n" for line in lines) + f"    {then}\n"


def _os(line: str) -> str:
    return "import os\n" + body(line)


def _ctypes(call: str) -> str:
    return "import ctypes\n" + body(f"ctypes.CDLL(None).{call}")


FILES = (
    Attack("read a file", body("open('@CANARY').read()")),
    Attack("write a file", body("open('@CANARY', 'w').write('taken')")),
    Attack("append to a file", body("open('@CANARY', 'a').write('taken')")),
    Attack("make a file", body("open('@CANARY.new', 'x')")),
    Attack("delete a file", _os("os.unlink('@CANARY')"), raw=KILLED),
    Attack("rename a file", _os("os.rename('@CANARY', '@CANARY.new')"), raw=KILLED),
    Attack("truncate a file", _os("os.truncate('@CANARY', 0)"), raw=KILLED),
    Attack("a file's mode", _os("os.chmod('@CANARY', 0o777)"), raw=KILLED),
    Attack("a file's times", _os("os.utime('@CANARY', (1, 1))"), raw=KILLED),
    Attack("a link", _os("os.symlink('@CANARY', '@CANARY.new')"), raw=KILLED),
    Attack("a folder", _os("os.mkdir('@CANARY.new')"), raw=KILLED),
    Attack("list a folder", _os("os.listdir('/')")),
    Attack("look at a file", _os("os.stat('@CANARY')")),
    Attack("a temporary file", "import tempfile\n" + body("tempfile.TemporaryFile()"), raw=f"error|{KILLED}"),
    Attack("change folder", _os("os.chdir('/')"), raw=KILLED),
    Attack("a device", body("open('/dev/mem', 'rb')")),
    Attack("the environment", _os("raise ValueError(sorted(os.environ))")),
    Attack("a database", "import sqlite3\n" + body("sqlite3.connect('@CANARY.db').execute('create table t(x)')"), raw="load|error"),
    Attack("a module of the host", "import pettingzoo\n" + body(), raw="load"),
)

NETWORK = (
    Attack("tcp", "import socket\n" + body("socket.create_connection(('127.0.0.1', @TCP), 1).send(b'x')"), raw=f"error|{KILLED}"),
    Attack("a tcp socket", "import socket\n" + body("socket.socket().connect(('127.0.0.1', @TCP))"), raw=KILLED),
    Attack(
        "udp",
        "import socket\n" + body("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', @UDP))"),
        raw=KILLED,
    ),
    Attack(
        "a unix socket",
        "import socket\n" + body("socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', '@UNIX')"),
        raw=KILLED,
    ),
    Attack(
        "an abstract socket",
        "import socket\n" + body("socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', '\\\\0@ABSTRACT')"),
        raw=KILLED,
    ),
    Attack("a listening socket", "import socket\n" + body("socket.create_server(('127.0.0.1', 0))"), raw=KILLED),
    Attack("a raw socket", "import socket\n" + body("socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)"), raw=KILLED),
    Attack("netlink", "import socket\n" + body("socket.socket(16, socket.SOCK_RAW)"), raw=KILLED),
    Attack("a pair of sockets", "import socket\n" + body("socket.socketpair()"), raw=KILLED),
)

PROCESSES = (
    Attack("fork bomb", "import os\n" + body("while True:", "    os.fork()"), raw=KILLED),
    Attack("exec a shell", _os("os.execv('/bin/sh', ['sh', '-c', 'echo taken > @CANARY'])"), raw=KILLED),
    Attack("subprocess", "import subprocess\n" + body("subprocess.run(['touch', '@CANARY.new'])"), raw=f"error|{KILLED}"),
    Attack("system", _os("os.system('echo taken > @CANARY')"), raw=f"{KILLED}|plays"),
    Attack("posix_spawn", _os("os.posix_spawn('/bin/sh', ['sh'], {})"), raw=f"{KILLED}|error"),
    Attack("thread bomb", "import threading\n" + body("while True:", "    threading.Thread(target=int).start()"), raw=KILLED),
    Attack("kill the host", _os("os.kill(@HOST, 9)"), raw=KILLED),
    Attack("kill the zygote", _os("os.kill(@ZYGOTE, 9)"), raw=KILLED),
    Attack("kill a neighbour", _os("os.kill(@NEIGHBOUR, 9)"), raw=KILLED),
    Attack("kill everyone", _os("os.kill(-1, 9)"), raw=KILLED),
    Attack("kill its parent", _os("os.kill(os.getppid(), 9)"), raw=KILLED),
    Attack("stop itself", _os("os.kill(os.getpid(), 19)"), raw=KILLED),
    Attack("raise a signal", "import signal\n" + body("signal.raise_signal(9)"), raw=KILLED),
    Attack("an alarm", "import signal\n" + body("signal.alarm(1)"), raw=KILLED),
    Attack("handle the kernel's signal", "import os, signal\n" + body("signal.signal(31, print)", "os.getppid()"), raw=KILLED),
    Attack("abort", _os("os.abort()"), raw=KILLED),
    Attack("exit", _os("os._exit(0)"), raw="died:signal:exit"),
    Attack("raise SystemExit", body("raise SystemExit(0)")),
    Attack("sleep", "import time\n" + body("time.sleep(10 ** 6)"), raw=LATE),
    Attack("read from the host", _os("os.read(0, 1)"), raw=LATE),
    Attack("segfault", "import ctypes\n" + body("ctypes.string_at(0)"), raw="died:signal:SIGSEGV"),
    Attack("write over itself", "import ctypes\n" + body("ctypes.memset(id(legal), 0, 10 ** 9)"), raw="died:signal:SIGSEGV"),
    Attack("memory of the host", "import os\n" + body("open('/proc/@HOST/mem', 'r+b').seek(@ADDRESS)")),
    Attack("memory of a neighbour", body("open('/proc/@NEIGHBOUR/mem', 'r+b').read(1)")),
    Attack("environment of the host", body("open('/proc/@HOST/environ').read()")),
    Attack("own descriptors", _os("os.listdir('/proc/self/fd')")),
    Attack("descriptors of the host", _os("os.listdir('/proc/@HOST/fd')")),
    Attack("write to other descriptors", "import os\n" + body("for fd in range(2, 64):", "    os.write(fd, b'taken')"), raw=KILLED),
    Attack("read other descriptors", "import os\n" + body("for fd in range(2, 64):", "    os.read(fd, 1)"), raw=KILLED),
    Attack("copy a descriptor", _os("os.dup(1)"), raw=KILLED),
    Attack("raise limits", "import resource\n" + body("resource.setrlimit(resource.RLIMIT_AS, (-1, -1))"), raw=KILLED),
    Attack("raise priority", _os("os.nice(-10)"), raw=KILLED),
    Attack("become root", _os("os.setuid(0)"), raw=KILLED),
    Attack("executable memory", _ctypes("mmap(None, 4096, 7, 34, -1, 0)"), raw=KILLED),
    Attack(
        "make memory executable",
        "import ctypes\n" + body("ctypes.CDLL(None).mprotect(id(legal) // 4096 * 4096, 4096, 7)"),
        raw=KILLED,
    ),
    Attack("a library's system", _ctypes("system(b'echo taken > @CANARY')"), raw=f"{KILLED}|plays"),
    Attack("a library from a file", "import ctypes\n" + body("ctypes.CDLL('@CANARY')")),
    Attack("an x32 call", _ctypes("syscall(0x40000000 + 57)"), raw=KILLED),
    Attack("undo the filter", _ctypes("prctl(22, 0, 0, 0, 0)"), raw=KILLED),
)

REPLIES = (
    Attack("NaN", body(then="return float('nan')"), "reply", "reply"),
    Attack("infinity", body(then="return 1e400"), "reply", "reply"),
    Attack("an unknown action", body(then="return 'up'"), "action", "action"),
    Attack("a number out of range", body(then="return 2"), "action", "action"),
    Attack("a huge number", body(then="return 10 ** 200"), "action", "action"),
    Attack("a negative number", body(then="return -1"), "action", "action"),
    Attack("a bool", body(then="return True"), "reply", "reply"),
    Attack("nothing", body(then="pass"), "reply", "reply"),
    Attack("a list", body(then="return ['left']"), "reply", "reply"),
    Attack("a float", body(then="return 1.0"), "reply", "reply"),
    Attack("bytes", body(then="return b'left'"), "gate", "reply"),
    Attack("a function", body(then="return policy"), "reply", "reply"),
    Attack("a wrong dtype", "import numpy as np\n" + body(then="return np.array([0.5, 0.5])"), "reply", "reply"),
    Attack("an array of objects", "import numpy as np\n" + body(then="return np.array([None])"), "error", "reply|error"),
    Attack("an object", body(then="return object()"), "gate", "reply"),
    Attack(
        "the frame of an error", body(then="raise ValueError('\\x09\\0\\0\\0\\x0c\\x01\\0\\0\\0\\0\\1\\0\\0\\0')"), "error", "error"
    ),
    Attack("the bytes of a reply as text", body(then="return '\\x0c\\x01\\0\\0\\0\\0\\1\\0\\0\\0'"), "action", "action"),
    Attack("a long text", body("x = 'left' * 40000", then="return x"), "action", "action"),
    Attack("ten million characters", body(then="return 'x' * 10 ** 7"), "fuel", "fuel"),
    Attack("a long list as reply", body(then="return [0.0] * 100000"), "reply", "reply"),
    Attack("a knot of lists", body("x = [0]", "for _ in range(60):", "    x = [x, x]", then="return x"), "reply", "reply"),
    Attack("a list in itself", body("x = []", "x.append(x)", then="return x"), "reply", "reply"),
    Attack("a long error", body("raise ValueError('x' * 100000)"), "error", "error"),
    Attack(
        "an error that is a knot", body("x = [0]", "for _ in range(60):", "    x = [x, x]", then="raise ValueError(x)"), "error"
    ),
    Attack(
        "an index with a will",
        "class A:\n    n = 0\n    def __index__(self):\n        A.n += 1\n        return A.n * 7\n" + body(then="return A()"),
        raw="reply|action",
    ),
    Attack(
        "an index without end",
        "class A:\n    def __index__(self):\n        while True:\n            pass\n" + body(then="return A()"),
        raw="fuel",
    ),
    Attack(
        "a repr without end",
        "class A:\n    def __repr__(self):\n        while True:\n            pass\n" + body(then="return A()"),
        raw="fuel|reply",
    ),
    Attack(
        "a text of another class",
        "class A(str):\n    def __hash__(self):\n        return 1\n    __eq__ = lambda self, other: True\n"
        + body(then="return A('left')"),
        raw="reply",
    ),
    Attack("a forged frame", _os("os.write(1, b'\\xff' * 64)"), raw="died:protocol"),
    Attack("a forged length", _os("os.write(1, (2**32 - 1).to_bytes(4, 'little') + b'\\x0c')"), raw="died:protocol"),
    Attack("a forged action", _os("os.write(1, b'\\x09\\0\\0\\0\\x0c\\x01\\0\\0\\0\\0\\x63\\0\\0\\0')"), raw="died:protocol"),
    Attack("a forged count", _os("os.write(1, b'\\x02\\0\\0\\0\\x0c\\xff\\xff')"), raw="died:protocol"),
    Attack("a forged violation", _os("os.write(1, b'\\x08\\0\\0\\0\\x0c\\x01\\0\\0\\0\\x63\\0\\0\\0')"), raw="died:protocol"),
    Attack("a short reply", "import os, time\n" + body("os.write(1, b'\\x09\\0\\0\\0\\x0c\\x01')", "time.sleep(99)"), raw=LATE),
    Attack("ten million bytes", _os("os.write(1, (10**7).to_bytes(4, 'little') + b'\\x0c' + b'x' * 65000)"), raw="died:protocol"),
    Attack("a flood", "import os\n" + body("while True:", "    os.write(1, b'x' * 65536)"), raw="died:protocol"),
    Attack("a closed pipe", _os("os.close(1)"), raw=KILLED),
)

ATTACKS = (*FILES, *NETWORK, *PROCESSES, *REPLIES)
