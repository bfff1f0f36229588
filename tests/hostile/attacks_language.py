"""Hostile scripts that use the language itself: walks to what they were not given, patches, endless work, costly values."""

from __future__ import annotations

import runpy
from pathlib import Path

_common = runpy.run_path(str(Path(__file__).with_name("attacks.py")))
Attack, body, KILLED, LATE, MEMORY = (_common[name] for name in ("Attack", "body", "KILLED", "LATE", "MEMORY"))

NUMPY = "import numpy as np\n"


def _loop(handler: str) -> str:
    return body("while True:", "    try:", "        while True:", "            pass", f"    {handler}", "        pass")


WALKS = (
    Attack("subclasses", body("[c for c in ().__class__.__base__.__subclasses__() if 'wrap' in c.__name__][0]", "open('@CANARY')")),
    Attack("a generator's frame", body("(x for x in ()).gi_frame.f_back.f_globals['os'].unlink('@CANARY')"), raw=f"error|{KILLED}"),
    Attack("a coroutine's frame", "async def f():\n    pass\n" + body("f().cr_frame.f_builtins['open']('@CANARY', 'w')")),
    Attack("an async generator's frame", "async def f():\n    yield\n" + body("f().ag_frame.f_builtins['open']('@CANARY', 'w')")),
    Attack(
        "a traceback's frames",
        body(
            "try:",
            "    1 / 0",
            "except ZeroDivisionError as e:",
            "    t = e.__traceback__",
            "    t.tb_frame.f_back.f_back.f_locals['self']._pipe = None",
        ),
        raw="error|died:protocol|plays",
    ),
    Attack(
        "the worker's frames",
        "import sys\n" + body("f = sys._getframe()", "while f.f_back:", "    f = f.f_back", "open(repr(f.f_globals), 'w')"),
    ),
    Attack(
        "the environment by gc",
        "import gc\n"
        + body(
            "worlds = ('Game', 'Table', 'ParallelEnv')",
            "raise ValueError([o for o in gc.get_objects() if type(o).__name__ in worlds])",
        ),
    ),
    Attack(
        "more fuel by gc",
        "import gc\n"
        + body(
            "for o in gc.get_objects():",
            "    if type(o).__name__ == 'Meter':",
            "        o.limit = 10 ** 18",
            "        o.refill()",
            "while True:",
            "    pass",
        ),
        raw=f"{LATE}|fuel",
    ),
    Attack("more fuel by name", body("_M = iter(int, 1)", "while True:", "    pass"), raw=f"{LATE}|fuel|error"),
    Attack("more fuel by keyword", body("(lambda **k: k)(_M=1)", "while True:", "    pass"), raw="fuel"),
    Attack("globals", body("globals()['_M'] = iter(int, 1)", "while True:", "    pass"), raw=f"{LATE}|fuel|error"),
    Attack("str.format", body("'{0.__class__.__init__.__globals__}'.format(observation)"), raw="error|plays"),
    Attack("str.format_map", body("'{a.__class__}'.format_map({'a': observation})"), raw="plays"),
    Attack("str.format as a function", body("list(map(str.format, ['{0.__class__}'], [observation]))"), raw="plays"),
    Attack("percent formatting", body("x = '%(a)s' % {'a': 1}"), "error", "error"),
    Attack("an f-string's spec", body("x = f'{1!r:{legal}}'"), raw="error|plays"),
    Attack("an f-string's width", body("x = f'{1:1000000000}'"), raw=f"{MEMORY}|fuel|error"),
    Attack("getattr", body("getattr(observation, '__class__')"), raw="plays"),
    Attack("a dunder attribute", body("observation.__class__"), raw="plays"),
    Attack("a dunder in full width", body("observation.\uff3f\uff3fclass\uff3f\uff3f"), raw="load"),
    Attack("a name in full width", body("\uff4f\uff50\uff45\uff4e('@CANARY', 'w')")),
    Attack("a class pattern", body("match observation:", "    case object(__class__=c):", "        pass"), raw="plays"),
    Attack(
        "a mapping pattern's rest",
        body("match {'a': 1}:", "    case {**_M}:", "        pass", "while True:", "    pass"),
        raw="fuel|error",
    ),
    Attack(
        "a walrus in a comprehension",
        body("[(_M := iter(int, 1)) for x in (1,)]", "while True:", "    pass"),
        raw=f"{LATE}|fuel|error",
    ),
    Attack(
        "an exception's name",
        body("try:", "    1 / 0", "except ZeroDivisionError as _M:", "    pass", "while True:", "    pass"),
        raw="fuel|error",
    ),
    Attack(
        "a metaclass",
        "class M(type):\n    __eq__ = lambda *_: True\n    __hash__ = type.__hash__\nclass A(metaclass=M):\n    pass\n"
        + body("A == 1"),
        raw="plays",
    ),
    Attack(
        "init_subclass",
        "class A:\n    def __init_subclass__(cls):\n        open('@CANARY', 'w')\nclass B(A):\n    pass\n" + body(),
        raw="load",
    ),
    Attack("type with three arguments", body("type('A', (), {'__del__': lambda self: open('@CANARY', 'w')})()"), raw="plays"),
    Attack("a decorator", "@print\n" + body(), raw="load|error"),
    Attack("a class's namespace", "class policy:\n    pass\n", "gate", "reply"),
    Attack("eval", body('eval(\'open("@CANARY", "w")\')')),
    Attack("exec", body('exec(\'open("@CANARY", "w")\')')),
    Attack("compile", body("exec(compile('while True: pass', 'x', 'exec'))"), raw=LATE),
    Attack(
        "code by hand",
        "import types\n"
        + body(
            "(lambda: 1).__code__.replace(co_code=b'\\xff' * 64)",
            "c = (lambda: 1).__code__.replace(co_code=bytes([100, 200]) * 9)",
            "exec(c)",
        ),
        # Whatever the interpreter makes of it: the kernel ends what goes astray.
        raw=f"error|plays|died:signal:SIGSEGV|died:signal:SIGABRT|died:signal:SIGBUS|died:signal:SIGILL|{KILLED}|{MEMORY}",
    ),
    Attack("a dynamic import", body("__import__('os').unlink('@CANARY')"), raw=KILLED),
    Attack("an import inside", body("import math"), raw="plays"),
    Attack("pickle", "import pickle\n" + body('pickle.loads(b"cbuiltins\\nopen\\n(V@CANARY\\nVw\\ntR.")'), raw="load|error"),
)

PATCHES = (
    Attack("sys.modules", "import sys\n" + body("sys.modules['math'] = sys.modules['struct'] = None"), raw="plays"),
    Attack("builtins", "import builtins\n" + body("builtins.len = builtins.int = None"), raw="plays|error|reply|died:signal:exit"),
    Attack("numpy", NUMPY + body("np.array = None"), raw="plays"),
    Attack("numpy through an argument", NUMPY + "def z(self):\n    self.array = None\n" + body("z(np)"), raw="plays"),
    Attack("numpy in a loop's target", NUMPY + body("for np.array in (1,):", "    pass"), raw="plays"),
    Attack("numpy in a starred target", NUMPY + body("a, *np.array = (1, 2)"), raw="plays"),
    Attack("numpy deleted", NUMPY + body("del np.array"), raw="plays"),
    Attack("math through an argument", "import math\ndef z(m):\n    m.sqrt += 1\n" + body("z(math)"), raw="error"),
    Attack("a function's code", body("policy.__code__ = (lambda: 0).__code__"), raw="plays"),
    Attack("the observation", body("observation.x = 1.0")),
    Attack("the observation's items", body("observation[0] = 1.0"), "error", "error"),
    Attack("the legal actions", body("legal[0] = 'up'"), "error", "error"),
    Attack("the legal actions in place", body("legal += ('up',)", then="return 'up'"), "action", "action"),
    Attack("numpy's file door", NUMPY + body("np.array([1.0]).tofile('@CANARY')")),
    Attack("numpy's other file door", NUMPY + body("np.save('@CANARY', np.zeros(2))"), "error"),
    Attack("numpy reads", NUMPY + body("np.load('@CANARY')"), "error"),
    Attack("numpy reads text", NUMPY + body("np.loadtxt('@CANARY')"), "error", f"error|{KILLED}"),
    Attack("numpy maps", NUMPY + body("np.memmap('@CANARY', mode='r+')"), "gate"),
    Attack("numpy's ctypes", NUMPY + body("np.array([1.0]).ctypes.data"), raw="plays"),
    Attack(
        "numpy out of bounds",
        NUMPY + body("np.lib.stride_tricks.as_strided(np.zeros(1), (2,), (10 ** 15,)).sum()"),
        "error",
        "died:signal:SIGSEGV|died:signal:SIGBUS",
    ),
    Attack("numpy's own library", NUMPY + body("np.ctypeslib.load_library('libc', '/lib')"), "gate"),
    Attack("numpy's objects", NUMPY + body("np.array([7], dtype='O') ** 10 ** 8"), "error", f"{LATE}|{MEMORY}|fuel"),
    Attack("numpy's strings", NUMPY + body("np.zeros(9, dtype='U99999999')"), "fuel|died:memory", f"{MEMORY}|plays"),
    Attack("numpy's errors", NUMPY + body("np.seterr(all='call')"), "error", "plays"),
    Attack("global seeds", "import random\nimport numpy as np\n" + body("random.seed(0)", "np.random.seed(0)"), raw="plays"),
    Attack("numpy's global seed", NUMPY + body("np.random.seed(0)"), "error", "plays"),
    Attack(
        "recursion's limit",
        "import sys\ndef f():\n    f()\n" + body("sys.setrecursionlimit(10 ** 9)", "f()"),
        raw=f"fuel|{MEMORY}|died:signal:SIGSEGV",
    ),
    Attack("trace", "import sys\n" + body("sys.settrace(lambda *a: None)"), raw="plays"),
    Attack(
        "a finaliser",
        "class A:\n    def __del__(self):\n        while True:\n            pass\n" + body("A()"),
        raw=f"fuel|plays|{LATE}",
    ),
    Attack(
        "a weak reference",
        "import weakref\nclass A:\n    pass\n" + body("a = A()", "r = weakref.ref(a, lambda _: open('@CANARY', 'w'))", "del a"),
        raw="plays",
    ),
    Attack("at exit", "import atexit\n" + body("atexit.register(open, '@CANARY', 'w')", "raise SystemExit"), raw="error"),
)

ENDLESS = (
    Attack("bare except", _loop("except:"), "fuel", "fuel"),
    Attack("except Exception", _loop("except Exception:"), "fuel", "fuel"),
    Attack("except BaseException", _loop("except BaseException:"), raw="fuel"),
    Attack("except a tuple", _loop("except (ValueError, (TypeError, Exception)):"), "fuel", "fuel"),
    Attack("except star", _loop("except* BaseException:"), raw=f"fuel|{LATE}"),
    Attack(
        "finally and continue",
        body("while True:", "    try:", "        while True:", "            pass", "    finally:", "        continue"),
        raw=f"fuel|{LATE}",
    ),
    Attack(
        "finally and return",
        body("while True:", "    try:", "        while True:", "            pass", "    finally:", "        return 'left'"),
        raw="fuel|plays",
    ),
    Attack(
        "finally and go on",
        body("def f():", "    try:", "        while True:", "            pass", "    finally:", "        f()", "f()"),
        "fuel|recursion",
        "fuel|recursion",
    ),
    Attack(
        "a context that swallows",
        "class C:\n    def __enter__(self):\n        pass\n    def __exit__(self, *a):\n        return True\n"
        + body("while True:", "    with C():", "        while True:", "            pass"),
        raw=f"fuel|{LATE}",
    ),
    Attack(
        "else and else",
        body("while True:", "    try:", "        pass", "    except Exception:", "        pass", "    else:", "        continue"),
        "fuel",
        "fuel",
    ),
    Attack(
        "nested handlers", "def f():\n    try:\n        f()\n    except:\n        f()\n" + body("f()"), "recursion", "recursion"
    ),
    Attack("recursion", "def f(n):\n    return f(n + 1) + 1\n" + body("f(0)"), "recursion", "recursion"),
    Attack("recursion in a lambda", body("f = lambda g: g(g)", "f(f)"), "recursion", "recursion"),
    Attack("recursion by key", "def f(n):\n    return max([n], key=f)\n" + body("f(0)"), "recursion", "recursion"),
    Attack("a growing list", body("x = [0]", "for y in x:", "    x.append(y)"), "fuel", "fuel"),
    Attack("a growing comprehension", body("x = [0]", "[x.append(y) for y in x]"), "fuel", "fuel"),
    Attack("a generator without end", "def g():\n    while True:\n        yield 1\n" + body("sum(g())"), raw="fuel"),
    Attack("iter with a sentinel", body("list(iter(int, 1))"), "error", f"{MEMORY}|{LATE}"),
    Attack(
        "a call that never returns",
        body("t = ()", "for _ in range(70):", "    t = (t, t)", then="return {t: 'left'}[t]"),
        LATE,
        LATE,
    ),
    Attack("an iterator that never gives", body("next(filter(callable, range(10 ** 15)))"), "fuel", "fuel"),
    Attack(
        "equal without end",
        "class A:\n    def __eq__(self, other):\n        while True:\n            pass\n" + body("A() == 1"),
        raw="fuel",
    ),
    Attack(
        "hash without end",
        "class A:\n    def __hash__(self):\n        while True:\n            pass\n" + body("{A(): 1}"),
        raw="fuel",
    ),
    Attack("sleep by lock", "import threading\n" + body("x = threading.Lock()", "x.acquire()", "x.acquire()"), raw=LATE),
    Attack("the module itself", "while True:\n    pass\n" + body(), "load", "load"),
    Attack("the module's own call", "X = sum(range(10 ** 10))\n" + body(), "load", f"load|{LATE}"),
)

COSTS = (
    Attack("sum of a range", body("sum(range(10**10))"), "fuel", LATE),
    Attack("a huge power", body("7 ** 10 ** 8"), "fuel", "fuel"),
    Attack("a huge shift", body("1 << 10 ** 12"), "fuel", "fuel"),
    Attack("repeated squaring", body("x = 7", "while True:", "    x = x * x"), "fuel", "fuel"),
    Attack("sorted", body("sorted(range(10 ** 10))"), "fuel", "fuel"),
    Attack("a list of a range", body("list(range(10**12))"), "fuel", "fuel"),
    Attack("repeated text", body("'x' * 10 ** 12"), "fuel", "fuel"),
    Attack("a repeated list", body("[0] * 10 ** 12"), "fuel", "fuel"),
    Attack("doubled text", body("s = 'x'", "while True:", "    s = s + s"), "fuel", f"fuel|{MEMORY}"),
    Attack("text by f-string", body("s = 'x'", "while True:", "    s = f'{s}{s}'"), "fuel", f"fuel|{MEMORY}"),
    Attack("an array", NUMPY + body("np.zeros((10**6, 10**6)).sum()"), "fuel", f"{MEMORY}|error"),
    Attack("a broadcast", NUMPY + body("x = np.zeros(10 ** 5)", "x.reshape(-1, 1) * x"), "fuel", f"fuel|{MEMORY}"),
    Attack("arrays multiplied", NUMPY + body("x = np.ones((300, 300))", "while True:", "    x = x @ x"), "fuel", "fuel"),
    Attack("an array repeated", NUMPY + body("[0] * np.int64(10 ** 11)"), "fuel", f"fuel|{MEMORY}"),
    Attack("memory bomb", body("while True:", "    memory[len(memory)] = [0] * 10000"), "fuel", f"fuel|{MEMORY}"),
    Attack("memory over many decisions", NUMPY + body("memory[step] = np.ones(10 ** 6)"), MEMORY, MEMORY, steps=400),
    Attack("memory of bytes", body("while True:", "    memory[len(memory)] = bytearray(10 ** 6)"), raw=MEMORY),
    Attack("colliding keys", body("x = {i * (2 ** 61 - 1): 1 for i in range(30000)}"), f"fuel|{LATE}|plays", f"fuel|{LATE}|plays"),
    Attack("a long number as text", body("x = str(10 ** 300) * 10", "int(x * 3)"), "error|plays", "error|plays"),
    Attack("a number of many digits", body("int('9' * 100000)"), "error", "error"),
    Attack("rounding to a huge power", body("x = 0", "while x == 0:", "    x = round(5, -10 ** 9)"), "fuel", LATE),
    Attack("a modular power", body("x = 3", "while True:", "    x = pow(x, 2 ** 1000, 2 ** 1001 - 1)"), "fuel", "fuel|" + LATE),
    Attack("a knot compared", body("a, b = (), ()", "for _ in range(70):", "    a, b = (a, a), (b, b)", "a == b"), "fuel", "fuel"),
    Attack("a knot printed", body("a = ()", "for _ in range(70):", "    a = (a, a)", "str(a)"), "fuel", f"fuel|{MEMORY}|{LATE}"),
    Attack("text searched for text", body("x = 'a' * 50000", "while True:", "    x.count('a' * 20000 + 'b')"), "fuel", "fuel"),
    Attack("stripping", body("x = 'a' * 50000", "while True:", "    x.strip('b' + x)"), "fuel", "fuel"),
    Attack("a long line", body("while True:", "    " + "; ".join(["x = [1, 2, 3]"] * 3000)), "fuel", f"fuel|{LATE}"),
)

TEXTS = (
    Attack("nested brackets", body("x = " + "(" * 5000 + ")" * 5000), raw="load|plays"),
    Attack("nested lists", body("x = " + "[" * 150 + "]" * 150), raw="load|plays"),
    Attack("nested lambdas", body("x = " + "lambda: " * 5000 + "1"), raw=f"load|{MEMORY}"),
    Attack("nested f-strings", body("x = " + "f'{" * 100 + "1" + "}'" * 100), raw="load|plays"),
    Attack("nested blocks", body(*["    " * depth + "if True:" for depth in range(95)], "    " * 95 + "pass"), raw="load|plays"),
    Attack("nested functions", body(*["    " * depth + "def f():" for depth in range(80)], "    " * 80 + "pass"), raw="load|plays"),
    Attack("nested comprehensions", body("x = " + "[" * 40 + "1" + " for _ in (1,)]" * 40), "load|plays", "load|plays"),
    Attack("a long chain", body("x = 1" + "+1" * 20000), raw=f"load|plays|died:signal:SIGSEGV|{MEMORY}"),
    Attack("a long chain of dots", body("x = legal" + ".a" * 20000), raw=f"load|error|died:signal:SIGSEGV|{MEMORY}"),
    Attack("a long chain of comparisons", body("x = 1" + "<1" * 20000), raw=f"load|plays|died:signal:SIGSEGV|{MEMORY}"),
    Attack(
        "a long elif",
        body("if legal == 0:", "    pass", *["elif legal == 1:", "    pass"] * 2500),
        raw=f"load|plays|died:signal:SIGSEGV|{MEMORY}",
    ),
    Attack("many decorators", "@int\n" * 3000 + body(), raw="load|error"),
    Attack("64 kB of comments", "# " + "x" * 65_400 + "\n" + body("x = 'y'"), "gate|plays", "plays"),
    Attack("64 kB of code", body(*["x = 1"] * 6_300), "plays", "plays"),
    Attack("more than 64 kB", body("x = '" + "y" * 70000 + "'"), raw="plays"),
    Attack("a null character", body("x = '\x00'"), raw="load"),
    Attack("lone surrogates", body("x = '\\ud800'"), "plays", "plays"),
    Attack("another encoding", "# coding: utf-7\n" + body("x = '+AG8-'"), "plays", "plays"),
    Attack("a form feed", "\x0c" + body("x = 1"), "plays", "plays"),
    Attack("no policy", "x = 1\n", "gate", "load|error"),
    Attack("nothing at all", "", "gate", "load|error"),
    Attack("a policy that is a number", "policy = 1\n", "gate", "load|error"),
    Attack("a policy with stars", "def policy(*a, **k):\n    return 'left'\n", "gate", "plays"),
    Attack("a policy that asks for more", "def policy(environment):\n    return 'left'\n", "gate", "load"),
)

SMUGGLING = (
    Attack("a mutable default", "def f(x=[]):\n    x.append(1)\n    return x\n" + body("f()"), raw="plays"),
    Attack("a mutable default of a lambda", body("f = lambda x={}: x"), raw="plays"),
    Attack("a function's attribute", "def f():\n    return 1\n" + body("f.state = 1"), raw="plays"),
    Attack("a global", "n = 0\n" + body("global n", "n = 1"), raw="plays"),
    Attack("a module's attribute", "import math\n" + body("math.state = 1"), raw="plays|error"),
    Attack("a builtin's attribute", "import builtins\n" + body("builtins.state = 1"), raw="plays"),
)

ATTACKS = (*WALKS, *PATCHES, *ENDLESS, *COSTS, *TEXTS, *SMUGGLING)
