"""From Gymnasium's spaces to `Schema` and `ActionSpec`, and from observations to packed bytes.

An observation keeps the structure of its space: an int for Discrete, an array for Box, MultiDiscrete and MultiBinary, a tuple for
Tuple, a dict for Dict. `Schema.layout` holds that structure, one field per leaf, packed in the order of the space.

A reply to a Box, MultiDiscrete or composite space is flat: its numbers in the order of the space, each within `low` and `high` of
the `ActionSpec` (a Discrete leaf of a composite is its element, `start` included). The layout of a composite has, for each leaf,
the offset of its first number: {"leaf": offset, "kind": ..., "size": ..., "shape": [...], "dtype": ...}.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy
from gymnasium import spaces

from arenas.errors import UnsupportedSpace
from arenas.schema import ActionSpec, Field, Schema

_DTYPES = {
    "float64": "d",
    "float32": "f",
    "float16": "f",
    "int64": "q",
    "uint64": "q",
    "int32": "i",
    "uint32": "q",
    "int16": "i",
    "uint16": "i",
    "int8": "b",
    "uint8": "B",
    "bool": "?",
}
"""Packed character of each array type; types without one travel in the next larger that holds them."""
_NUMPY = {"d": "<f8", "f": "<f4", "q": "<i8", "i": "<i4", "b": "i1", "B": "u1", "?": "?"}

SMALLEST_IMAGE = 32
"""Pixels on two sides from which an array of bytes, or of numbers with 1, 3 or 4 channels, is taken for an image."""
CHANNELS = (1, 3, 4)

Pack = Callable[[Any, int], bytes]
"""(observation, seat) -> its packed bytes, the same for every seat."""
Space = Any


def schema_of(space: Space) -> Schema:
    """Return the schema of an observation space.

    Raises:
        UnsupportedSpace: an image, or a space whose values have no fixed size (Text, Sequence, Graph, OneOf).
    """
    fields: list[Field] = []
    layout = _observe(space, "", fields)
    return Schema(tuple(fields), layout)


def packer(space: Space) -> Pack:
    """Return the function that packs one observation of this space, fields in the order of `schema_of`."""
    if isinstance(space, spaces.Dict):
        parts = [(key, packer(inner)) for key, inner in space.spaces.items()]
        return lambda observation, seat: b"".join(pack(observation[key], seat) for key, pack in parts)
    if isinstance(space, spaces.Tuple):
        packs = [packer(inner) for inner in space.spaces]
        return lambda observation, seat: b"".join(pack(part, seat) for pack, part in zip(packs, observation, strict=True))
    return _leaf_packer(*_leaf(space, "observation"))


def actions_of(space: Space) -> ActionSpec:
    """Return the action spec of an action space.

    Raises:
        UnsupportedSpace: a space whose values have no fixed size.
    """
    if isinstance(space, spaces.Discrete):
        return ActionSpec("discrete", int(space.n), start=int(space.start), dtype="q")
    bounds: list[tuple[float, float]] = []
    layout = _act(space, "", bounds)
    low, high = tuple(pair[0] for pair in bounds), tuple(pair[1] for pair in bounds)
    if "leaf" not in layout:
        return ActionSpec("composite", len(bounds), low=low, high=high, layout=layout)
    return ActionSpec(layout["kind"], len(bounds), low=low, high=high, shape=tuple(layout["shape"]), dtype=layout["dtype"])


def element(space: Space, numbers: tuple[Any, ...]) -> Any:
    """Return the element of the space with these flat numbers; the caller checks that the space contains it."""
    value, rest = _take(space, numbers)
    if rest:
        raise ValueError(f"{len(rest)} numbers too many")
    return value


def _observe(space: Space, path: str, fields: list[Field]) -> Any:
    if isinstance(space, spaces.Dict):
        return {"dict": {_key(key, path): _observe(inner, f"{path}.{key}", fields) for key, inner in space.spaces.items()}}
    if isinstance(space, spaces.Tuple):
        return {"tuple": [_observe(inner, f"{path}.{index}", fields) for index, inner in enumerate(space.spaces)]}
    name = path.lstrip(".") or "observation"
    shape, dtype = _leaf(space, name)
    kind: Any = "int" if isinstance(space, spaces.Discrete) else "array"
    fields.append(Field(name, kind, shape, dtype, doc=str(space)))
    return {"leaf": len(fields) - 1}


def _act(space: Space, path: str, bounds: list[tuple[float, float]]) -> Any:
    if isinstance(space, spaces.Dict):
        return {"dict": {_key(key, path): _act(inner, f"{path}.{key}", bounds) for key, inner in space.spaces.items()}}
    if isinstance(space, spaces.Tuple):
        return {"tuple": [_act(inner, f"{path}.{index}", bounds) for index, inner in enumerate(space.spaces)]}
    shape, dtype = _leaf(space, path.lstrip(".") or "action")
    offset = len(bounds)
    low, high = _bounds(space)
    bounds.extend(zip(low, high, strict=True))
    kind = {spaces.Box: "box", spaces.Discrete: "discrete"}.get(type(space), "multi_discrete")
    return {"leaf": offset, "kind": kind, "size": prod(shape), "shape": list(shape), "dtype": dtype}


def _bounds(space: Space) -> tuple[list[float], list[float]]:
    if isinstance(space, spaces.Box):
        return space.low.astype(float).ravel().tolist(), space.high.astype(float).ravel().tolist()
    if isinstance(space, spaces.Discrete):
        return [int(space.start)], [int(space.start + space.n) - 1]
    if isinstance(space, spaces.MultiDiscrete):
        return space.start.ravel().tolist(), (space.start + space.nvec - 1).ravel().tolist()
    size = prod(space.shape)
    return [0] * size, [1] * size


def _leaf(space: Space, name: str) -> tuple[tuple[int, ...], str]:
    """Shape and packed character of a space that is one array or number."""
    if isinstance(space, spaces.Discrete):
        return (), "q"
    if not isinstance(space, spaces.Box | spaces.MultiDiscrete | spaces.MultiBinary):
        raise UnsupportedSpace(
            f"{name}: expected Discrete, Box, MultiDiscrete, MultiBinary, Tuple or Dict, got {type(space).__name__}, whose values "
            "have no fixed size; wrap the environment so that they do"
        )
    shape = tuple(int(length) for length in space.shape)
    if _is_image(space, shape):
        raise UnsupportedSpace(
            f"{name}: an image of shape {shape}; scripts read named numbers, not pixels. Register an ArenaSpec whose game has a "
            "feature extractor as its `encode` hook (from the image to the schema's fields, in the host): CONTRIBUTING.md says how"
        )
    dtype = _DTYPES.get(str(space.dtype))
    if dtype is None:
        raise UnsupportedSpace(f"{name}: expected numbers of one of {', '.join(_DTYPES)}, got {space.dtype}")
    return shape, dtype


def _is_image(space: Space, shape: tuple[int, ...]) -> bool:
    """Channels may come first or last, and frames may be stacked."""
    wide = sum(length >= SMALLEST_IMAGE for length in shape)
    if wide < 2 or len(shape) > 4 or not isinstance(space, spaces.Box):
        return False
    if str(space.dtype) == "uint8":
        return True
    return str(space.dtype).startswith("float") and len(shape) == 3 and (shape[0] in CHANNELS or shape[-1] in CHANNELS)


def _leaf_packer(shape: tuple[int, ...], character: str) -> Pack:
    kind = numpy.dtype(_NUMPY[character])

    def pack(observation: Any, seat: int) -> bytes:
        if observation.__class__ is not numpy.ndarray or observation.dtype is not kind:
            observation = numpy.asarray(observation, dtype=kind)
        if observation.shape != shape:
            raise UnsupportedSpace(
                f"the environment declares an observation of shape {shape} but gave one of shape {observation.shape}"
            )
        packed: bytes = observation.tobytes()
        return packed

    return pack


def _take(space: Space, numbers: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    if isinstance(space, spaces.Dict):
        named = {}
        for key, inner in space.spaces.items():
            named[key], numbers = _take(inner, numbers)
        return named, numbers
    if isinstance(space, spaces.Tuple):
        parts = []
        for inner in space.spaces:
            part, numbers = _take(inner, numbers)
            parts.append(part)
        return tuple(parts), numbers
    size = prod(space.shape or ())
    own, rest = numbers[:size], numbers[size:]
    if len(own) != size:
        raise ValueError(f"{size - len(own)} numbers too few")
    array = numpy.array(own, dtype=float)
    if not isinstance(space, spaces.Box) and not (array == numpy.round(array)).all():
        raise ValueError("a whole number was expected")
    value = array.astype(space.dtype).reshape(space.shape)
    return (int(value) if isinstance(space, spaces.Discrete) else value), rest


def _key(key: Any, path: str) -> str:
    if not isinstance(key, str):
        raise UnsupportedSpace(f"{path or 'space'}: expected keys of a Dict space to be strings, got {key!r}")
    return key
