"""What a script finds under the names of builtins, `math` and `np`: allow-lists, metered where the cost grows with the
operands.

A bare reference to a function finds the metered form; direct calls are routed by `instrument`, which leaves the raw form where
an argument is visibly small or meters itself.
"""

from __future__ import annotations

import builtins
import math
import sys
from collections.abc import Callable
from itertools import compress
from typing import Any

from mascript.sandbox.bulk import Bulk, bulk_names
from mascript.sandbox.floats import FLOATS, float_classes
from mascript.sandbox.meter import LIMB_BITS, MAX_BITS, Meter
from mascript.sandbox.weights import ATOMS, joint_points, weigh

MATH_NAMES = tuple(
    name for name in dir(math) if not name.startswith("_") and name not in ("comb", "perm", "factorial", "lcm", "prod")
)
"""Of `math`: all but what makes large ints from small ones; `prod`, `fsum`, `dist` and the like are metered."""

PLAIN_BUILTINS = (
    *("abs", "bool", "callable", "chr", "divmod", "enumerate", "filter", "float", "int", "isinstance", "len", "map", "next"),
    *("ord", "range", "reversed", "slice", "zip", "True", "False", "None"),
)
"""Cheap for any operand, or lazy."""
TYPE_BUILTINS = ("list", "tuple", "set", "frozenset", "dict", "str")
"""Left as types, for `isinstance`; a direct call is metered."""
METERED_BUILTINS = ("sum", "min", "max", "sorted", "any", "all", "pow", "iter", "repr", "round")
EXCEPTIONS = (
    *("Exception", "ArithmeticError", "AssertionError", "AttributeError", "IndexError", "KeyError", "LookupError", "NameError"),
    *("OverflowError", "RuntimeError", "StopIteration", "TypeError", "ValueError", "ZeroDivisionError"),
)
BUILTIN_NAMES = frozenset((*PLAIN_BUILTINS, *TYPE_BUILTINS, *METERED_BUILTINS, *EXCEPTIONS))
"""Every name that a script may use without binding it."""

RAW = "_raw_"
"""Prefix under which instrumented code finds a builtin unmetered."""
METERED_TYPE = "_type_"
"""Prefix under which it finds a function for a type that is handed on, such as `list` in `map(list, rows)`."""

NUMPY_ELEMENTWISE = (
    *("abs", "absolute", "add", "arccos", "arcsin", "arctan", "arctan2", "ceil", "clip", "cos", "cosh", "deg2rad", "degrees"),
    *("divide", "equal", "exp", "expm1", "fabs", "floor", "floor_divide", "fmax", "fmin", "fmod", "greater", "greater_equal"),
    *("hypot", "isclose", "isfinite", "isinf", "isnan", "less", "less_equal", "log", "log10", "log1p", "log2", "logical_and"),
    *("logical_not", "logical_or", "logical_xor", "maximum", "minimum", "mod", "multiply", "negative", "not_equal", "power"),
    *("rad2deg", "radians", "remainder", "rint", "round", "sign", "sin", "sinh", "sqrt", "square", "subtract", "tan", "tanh"),
    *("trunc", "where"),
)
NUMPY_REDUCING = (
    *("all", "allclose", "any", "argmax", "argmin", "argsort", "argwhere", "array", "array_equal", "asarray", "atleast_1d"),
    *("atleast_2d", "average", "bincount", "column_stack", "concatenate", "copy", "count_nonzero", "cross", "cumprod", "cumsum"),
    *("diag", "diff", "dot", "expand_dims", "flatnonzero", "flip", "histogram", "hstack", "inner", "isin", "lexsort", "max"),
    *("mean", "median", "min", "nanargmax", "nanargmin", "nanmax", "nanmean", "nanmin", "nansum", "nonzero", "ones_like"),
    *("outer", "percentile", "prod", "ptp", "quantile", "ravel", "reshape", "roll", "rot90", "searchsorted", "sort", "squeeze"),
    *("stack", "std", "sum", "swapaxes", "take", "trace", "transpose", "tril", "triu", "unique", "unravel_index", "var"),
    *("vdot", "vstack", "zeros_like", "full_like", "interp", "polyval", "ravel_multi_index", "moveaxis"),
)
NUMPY_PLAIN = (
    *("pi", "e", "inf", "nan", "newaxis", "bool_", "float32", "float64", "int8", "int16", "int32", "int64", "uint8"),
    *("ndarray", "isscalar", "ndim", "shape", "size"),
)
LINALG_NAMES = ("norm", "det", "inv", "solve", "lstsq", "pinv", "eigh", "matrix_rank")

_POINTS_PER_UNIT = 16
_PRODUCTS_PER_UNIT = 256
MAX_DIGITS = MAX_BITS
"""No int has as many digits, since none has more bits."""
_ADDED_WHOLE = frozenset({"list", "tuple", "ndarray"})
"""Elements whose every addition copies what is there so far."""


class Facade:
    """A module's allowed names as class attributes of a subclass: nothing else can be reached or set."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"modules are read-only: {name} cannot be set")


def facade(name: str, members: dict[str, Any]) -> Facade:
    kept = {key: staticmethod(member) if callable(member) else member for key, member in members.items()}
    made: Facade = type(name, (Facade,), {"__slots__": (), **kept})()
    return made


def script_builtins(meter: Meter) -> dict[str, Any]:
    """Return the metered builtins of gated code, bound to this meter."""
    names: dict[str, Any] = {name: getattr(builtins, name) for name in (*PLAIN_BUILTINS, *TYPE_BUILTINS, *EXCEPTIONS)}
    names |= {RAW + name: getattr(builtins, name) for name in METERED_BUILTINS}
    names |= {METERED_TYPE + name: _MeteredType(meter, getattr(builtins, name)) for name in TYPE_BUILTINS}
    names |= _metered_functions(meter)
    return names


def metering_names(meter: Meter) -> dict[str, Any]:
    """Return what instrumented code calls, under names that no gated script can write."""
    return {
        "__import__": _import_loaded,
        "_n": next,
        "_c": compress,
        "_q": frozenset({list, tuple, str}),
        "_num": frozenset({float, int, bool}),
        "_f": float,
        FLOATS: float_classes(),
        "_s": str,
        "_m": meter.metered,
        "_cost": meter.cost,
        "_ordered": meter.ordered,
        "_seq": meter.sequence,
        "_add": meter.add,
        "_mul": meter.multiply,
        "_bmul": meter.before_multiply,
        "_pow": meter.power,
        "_bpow": meter.before_power,
        "_shl": meter.shift,
        "_bshl": meter.before_shift,
        "_mod": meter.modulo,
        "_matmul": meter.matmul,
        "_bmod": meter.before_modulo,
        "_plus": meter.summed,
        "_both": meter.both,
        "_in": meter.contains,
        "_caught": meter.caught,
        **bulk_names(meter),
    }


def _import_loaded(name: str, *details: Any, **more: Any) -> Any:
    """What numpy's C code finds when it imports parts of itself from under a script's call; a script cannot write this name."""
    if name not in sys.modules:
        raise ImportError(f"{name} is not offered to scripts")
    return builtins.__import__(name, *details, **more)


class _MeteredType:
    """A type that a script hands on, as in `map(list, rows)`: a function that charges, and still a type for `isinstance`."""

    __slots__ = ("_bulk", "_meter", "_type")

    def __init__(self, meter: Meter, plain: type) -> None:
        self._meter, self._bulk, self._type = meter, Bulk(meter), plain

    def __call__(self, *values: Any, **options: Any) -> Any:
        read = self._meter.cost if self._type in (set, frozenset) else self._meter.ordered
        if self._type is str:
            return self._bulk.made(str(*map(self._bulk.show, map(read, values)), **options))
        return self._type(*map(read, values), **options)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._type)

    def __getitem__(self, _: object) -> _MeteredType:
        return self

    def __getattr__(self, name: str) -> Any:
        return self._bulk.lend(getattr(self._type, name))

    def __repr__(self) -> str:
        return repr(self._type)


def _metered_functions(meter: Meter) -> dict[str, Any]:
    cost, bulk = meter.cost, Bulk(meter)

    def metered_sum(items: Any, /, start: Any = 0) -> Any:
        if items.__class__ in (set, frozenset) and any(item.__class__ is not int for item in items):
            raise TypeError("the sum of a set of floats depends on its order: use sum(sorted(...))")
        if items.__class__ is range:
            return sum(cost(items), start)
        items = list(cost(items))
        if not isinstance(start, list | tuple) and not any(kind.__name__ in _ADDED_WHOLE for kind in set(map(type, items))):
            return sum(items, start)
        total = start
        for item in items:
            total = meter.add(total, item)
        return total

    def extreme(function: Callable[..., Any]) -> Callable[..., Any]:
        def metered(*items: Any, **options: Any) -> Any:
            if "key" in options:
                options["key"] = bulk.keyed(options["key"])
            if len(items) == 1:
                read = meter.ordered(items[0]) if "key" in options else bulk.deep(cost(items[0]))
                return function(read, **options)
            return function(*bulk.deep(items), **options)

        return metered

    def metered_sorted(items: Any, /, **options: Any) -> Any:
        if "key" not in options:
            return sorted(bulk.deep(cost(items)), **options)
        options["key"] = bulk.keyed(options["key"])
        return sorted(meter.ordered(items), **options)

    def metered_pow(base: Any, exponent: Any, modulus: Any = None) -> Any:
        if modulus is None:
            return meter.power(base, exponent)
        if exponent.__class__ is int and modulus.__class__ is int:
            limbs = modulus.bit_length() // LIMB_BITS + 1
            meter.charge(abs(exponent).bit_length() * limbs * limbs // _PRODUCTS_PER_UNIT)
        return pow(base, exponent, modulus)

    def metered_round(number: Any, digits: Any = None) -> Any:
        if number.__class__ is float:
            return round(number, digits)
        if number.__class__ in (int, bool) and digits.__class__ is int and digits < -MAX_DIGITS:
            return 0  # what Python would find after making the power of ten
        return bulk.made(round(number, digits))

    return {
        "repr": lambda value: bulk.made(repr(bulk.show(value))),
        "round": metered_round,
        "sum": metered_sum,
        "min": extreme(min),
        "max": extreme(max),
        "sorted": metered_sorted,
        "any": lambda items: any(cost(items)),
        "all": lambda items: all(cost(items)),
        "pow": metered_pow,
        "iter": lambda items: iter(meter.ordered(items)),
    }


def math_facade(meter: Meter) -> Facade:
    members = {name: getattr(math, name) for name in MATH_NAMES}
    cost = meter.cost
    members["fsum"] = lambda items: math.fsum(meter.ordered(items))
    members["dist"] = lambda left, right: math.dist(cost(left), cost(right))
    members["prod"] = lambda items, start=1: _product(meter, items, start)
    if "sumprod" in members:
        members["sumprod"] = lambda left, right: math.sumprod(cost(left), cost(right))  # type: ignore[attr-defined]
    members["gcd"] = lambda *numbers: math.gcd(*(meter.sized_int(number) for number in numbers))
    return facade("math", members)


def _product(meter: Meter, items: Any, start: Any) -> Any:
    total = start
    for item in meter.metered(items):
        total = meter.multiply(total, item)
    return total


def numpy_facade(meter: Meter) -> Facade:
    """Return the allowed part of numpy. Arrays keep their methods; the gate refuses the doors among them, and the process holds."""
    import numpy

    members: dict[str, Any] = {name: getattr(numpy, name) for name in NUMPY_PLAIN}
    members |= {name: _by_size(meter, getattr(numpy, name), elementwise=True) for name in NUMPY_ELEMENTWISE}
    members |= {name: _by_size(meter, getattr(numpy, name)) for name in NUMPY_REDUCING}
    members |= {name: _by_value(meter, getattr(numpy, name), size) for name, size in _SIZES.items()}
    members |= {name: _by_product(meter, getattr(numpy, name), inner=True) for name in ("dot", "inner")}
    members |= {name: _by_product(meter, getattr(numpy, name)) for name in ("outer", "polyval")}
    members["matmul"] = meter.matmul
    members["linalg"] = facade("linalg", {name: _cubic(meter, getattr(numpy.linalg, name)) for name in LINALG_NAMES})
    return facade("numpy", members)


def _points(value: Any, most: int = 1 << 20) -> int:
    size = getattr(value, "size", None)
    if isinstance(size, int):
        return size
    if isinstance(value, list | tuple) and not ATOMS.issuperset(map(type, value)):
        return weigh(value, most)
    return len(value) if hasattr(value.__class__, "__len__") else 1


def _by_size(meter: Meter, function: Callable[..., Any], elementwise: bool = False) -> Callable[..., Any]:
    made = Bulk(meter).made

    def call(*values: Any, **options: Any) -> Any:
        for value in values:
            if value.__class__ is list or value.__class__ is tuple or value.__class__ is range:
                meter.charge(len(value))  # read one by one in Python objects
        most = (meter.limit + 1) * _POINTS_PER_UNIT
        meter.charge(sum(_points(value, most) for value in (*values, *options.values())) // _POINTS_PER_UNIT + 1)
        if elementwise and len(values) > 1:
            meter.charge(joint_points(values[0], values[1]))
        return made(function(*values, **options))

    return call


def _by_value(meter: Meter, function: Callable[..., Any], size: Callable[..., float]) -> Callable[..., Any]:
    bulk = Bulk(meter)

    def call(*values: Any, **options: Any) -> Any:
        try:
            asked = size(*values, **options)
        except TypeError:
            asked = 0  # wrong arguments: numpy's own error says it better
        meter.charge(meter.limit + 1 if asked > _MOST_POINTS else int(asked) // _POINTS_PER_UNIT + 1)
        made = function(*values, **options)
        return bulk.made(made) if made.dtype.kind not in "biuf" or made.nbytes > _BYTES_PER_POINT * asked else made

    return call


def _volume(shape: Any, *_: Any, **__: Any) -> float:
    """Points of an array of this shape."""
    lengths = shape if isinstance(shape, list | tuple) else (shape,)
    volume = 1.0
    for length in lengths:
        volume *= abs(float(length))
    return volume


def _steps(start: Any, stop: Any = None, step: Any = 1, *_: Any, **__: Any) -> float:
    low, high = (0, start) if stop is None else (start, stop)
    return abs((float(high) - float(low)) / float(step)) if step else 0.0


_SIZES: dict[str, Callable[..., float]] = {
    "zeros": _volume,
    "ones": _volume,
    "empty": _volume,
    "full": _volume,
    "arange": _steps,
    "linspace": lambda start, stop, num=50, *_, **__: float(num),
    "eye": lambda rows, columns=None, *_, **__: float(rows) * float(rows if columns is None else columns),
    "identity": lambda rows, *_, **__: float(rows) ** 2,
    "tile": lambda array, times: _points(array) * _volume(times),
    "repeat": lambda array, times, *_, **__: _points(array) * (float(times) if _points(times) == 1 else max(map(float, times))),
}
"""Points that each call would make."""
_MOST_POINTS = 1 << 24
_BYTES_PER_POINT = 8


def _by_product(meter: Meter, function: Callable[..., Any], inner: bool = False) -> Callable[..., Any]:
    """For what multiplies every number of one operand with those of the other; along a shared axis only, if `inner`."""
    made = Bulk(meter).made

    def call(left: Any, right: Any, **options: Any) -> Any:
        shared = (getattr(left, "shape", ()) or (1,))[-1] if inner else 1
        meter.charge(_points(left) * _points(right) // max(shared, 1) // _POINTS_PER_UNIT + 1)
        return made(function(left, right, **options))

    return call


def _cubic(meter: Meter, function: Callable[..., Any]) -> Callable[..., Any]:
    made = Bulk(meter).made

    def call(*values: Any, **options: Any) -> Any:
        size = sum(map(_points, values))
        meter.charge(int(size**1.5) // _POINTS_PER_UNIT + 16)
        return made(function(*values, **options))

    return call
