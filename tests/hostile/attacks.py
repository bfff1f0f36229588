"""Hostile policy scripts: what each tries, and the verdict that it must get with the gate on.

With the gate off the same scripts get Python's real builtins, and the process boundary alone must hold. `@HOST`, `@CANARY`,
`@TCP`, `@UDP` and `@UNIX` are replaced by the host's process id, a file, two ports and a socket's path.
"""

from __future__ import annotations

from dataclasses import dataclass

ALWAYS = "def policy(observation, memory, legal):\n"


@dataclass(frozen=True)
class Attack:
    """Read by the hostile tests. `gated` is the violation that the gated worker must give, or `died:` and a reason."""

    name: str
    source: str
    gated: str = "gate"


def _body(*lines: str) -> str:
    return ALWAYS + "".join(f"    {line}\n" for line in lines) + '    return "left"\n'


def _loop(handler: str) -> str:
    return _body("while True:", "    try:", "        while True:", "            pass", f"    {handler}", "        pass")


ATTACKS = (
    Attack("read a file", _body("open('@CANARY').read()")),
    Attack("write a file", _body("open('@CANARY', 'w').write('taken')")),
    Attack("delete a file", "import os\n" + _body("os.unlink('@CANARY')")),
    Attack("list a folder", "import os\n" + _body("os.listdir('/')")),
    Attack("environment", "import os\n" + _body("raise ValueError(sorted(os.environ))")),
    Attack("tcp", "import socket\n" + _body("socket.create_connection(('127.0.0.1', @TCP), 1).send(b'x')")),
    Attack("udp", "import socket\n" + _body("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', @UDP))")),
    Attack("unix socket", "import socket\n" + _body("socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', '@UNIX')")),
    Attack("fork", "import os\n" + _body("while True:", "    os.fork()")),
    Attack("exec", "import os\n" + _body("os.execv('/bin/sh', ['sh', '-c', 'echo taken > @CANARY'])")),
    Attack("subprocess", "import subprocess\n" + _body("subprocess.run(['touch', '@CANARY.new'])")),
    Attack("thread", "import threading\n" + _body("threading.Thread(target=print).start()")),
    Attack("kill the host", "import os\n" + _body("os.kill(@HOST, 9)")),
    Attack("kill the zygote", "import os\n" + _body("os.kill(os.getppid(), 9)")),
    Attack("kill everyone", "import os\n" + _body("os.kill(-1, 9)")),
    Attack("own exit", "import os\n" + _body("os._exit(0)")),
    Attack("raise SystemExit", _body("raise SystemExit(0)")),
    Attack("ctypes", "import ctypes\n" + _body("ctypes.CDLL(None).system(b'echo taken > @CANARY')")),
    Attack("executable memory", "import ctypes\n" + _body("ctypes.CDLL(None).mmap(None, 4096, 5, 34, -1, 0)")),
    Attack("tcp socket", "import socket\n" + _body("socket.socket().connect(('127.0.0.1', @TCP))")),
    Attack("prctl", "import ctypes\n" + _body("ctypes.CDLL(None).prctl(1, 0)")),
    Attack("x32 call", "import ctypes\n" + _body("ctypes.CDLL(None).syscall(0x40000000 + 57)")),
    Attack("ptrace", "import ctypes\n" + _body("ctypes.CDLL(None).ptrace(16, @HOST, 0, 0)")),
    Attack("import a host package", "import sqlite3\n" + _body("sqlite3.connect('@CANARY.db').execute('create table t(x)')")),
    Attack("dynamic import", _body("__import__('os').unlink('@CANARY')")),
    Attack("subclasses walk", _body("[c for c in ().__class__.__base__.__subclasses__() if 'wrap' in c.__name__][0]")),
    Attack("frame walk", _body("(x for x in ()).gi_frame.f_back.f_globals['os'].unlink('@CANARY')")),
    Attack("str.format walk", _body("'{0.__class__}'.format(observation)")),
    Attack("getattr", _body("getattr(observation, '__class__')")),
    Attack("eval", _body("eval('1')")),
    Attack("numpy file", "import numpy as np\n" + _body("np.array([1.0]).tofile('@CANARY')")),
    Attack("numpy load", "import numpy as np\n" + _body("np.load('@CANARY')"), "error"),
    Attack("numpy ctypes", "import numpy as np\n" + _body("np.array([1.0]).ctypes.data")),
    Attack("bare except", _loop("except:"), "fuel"),
    Attack("except Exception", _loop("except Exception:"), "fuel"),
    Attack("except BaseException", _loop("except BaseException:")),
    Attack(
        "finally and return",
        _body("while True:", "    try:", "        while True:", "            pass", "    finally:", "        continue"),
    ),
    Attack("nested handlers", "def f():\n    try:\n        f()\n    except:\n        f()\n" + _body("f()"), "recursion"),
    Attack("sum of a range", _body("sum(range(10**10))"), "fuel"),
    Attack("huge power", _body("7 ** 10 ** 8"), "fuel"),
    Attack("huge shift", _body("1 << 10 ** 12"), "fuel"),
    Attack("repeated squaring", _body("x = 7", "while True:", "    x = x * x"), "fuel"),
    Attack("doubling text", _body("s = 'x'", "while True:", "    s = s + s"), "fuel"),
    Attack("repeated list", _body("x = [0] * 10 ** 12"), "fuel"),
    Attack("list of a range", _body("list(range(10**12))"), "fuel"),
    Attack("numpy memory", "import numpy as np\n" + _body("np.zeros((10**6, 10**6)).sum()"), "fuel"),
    Attack("wide f-string", _body("f'{1:1000000000}'")),
    Attack("recursion", "def f(n):\n    return f(n + 1) + 1\n" + _body("f(0)"), "recursion"),
    Attack("growing list", _body("x = [0]", "for y in x:", "    x.append(y)"), "fuel"),
    Attack("endless comprehension", _body("x = [0]", "[x.append(y) for y in x]"), "fuel"),
    Attack("set the observation", _body("observation.x = 1.0")),
    Attack("NaN action", ALWAYS + "    return float('nan')\n", "reply"),
    Attack("unknown action", ALWAYS + "    return 'up'\n", "action"),
    Attack("bool action", ALWAYS + "    return True\n", "reply"),
    Attack("no action", ALWAYS + "    pass\n", "reply"),
    Attack("list action", ALWAYS + "    return ['left']\n", "reply"),
    Attack("raise", _body("raise ValueError('x' * 100000)"), "error"),
    Attack("mutable default", "def f(x=[]):\n    x.append(1)\n    return x\n" + _body("f()")),
    Attack("function attribute", "def f():\n    return 1\n" + _body("f.state = 1")),
    Attack("global", "n = 0\n" + _body("global n", "n = 1")),
    Attack("nested brackets", _body("x = " + "(" * 5000 + ")" * 5000)),
    Attack("nested lambdas", _body("x = " + "lambda: " * 5000 + "1")),
    Attack("long chain", _body("x = 1" + "+1" * 20000)),
    Attack("long elif", _body("if legal == 0:", "    pass", *["elif legal == 1:", "    pass"] * 2500)),
    Attack("large source", _body("x = '" + "y" * 70000 + "'")),
    Attack("null character", _body("x = '\x00'")),
    Attack("forged frame", "import os\n" + _body("os.write(1, b'\\xff' * 64)")),
    Attack("forged length", "import os\n" + _body("os.write(1, (2**32 - 1).to_bytes(4, 'little') + b'\\x0c')")),
    Attack("forged action", "import os\n" + _body("os.write(1, b'\\x09\\0\\0\\0\\x0c\\x01\\0\\0\\0\\0\\x63\\0\\0\\0')")),
    Attack("flood", "import os\n" + _body("while True:", "    os.write(1, b'x' * 65536)")),
    Attack("other descriptors", "import os\n" + _body("for fd in range(2, 64):", "    os.write(fd, b'taken')")),
)
