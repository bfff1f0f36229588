"""bin_packing_v0 for scripts."""

from __future__ import annotations

from functools import partial

from arenas.bin_packing.rules import Stream, check
from arenas.bin_packing.view import design
from arenas.joint.spec import joint_spec
from arenas.spec import ArenaSpec


def build(stream: str = "uniform", items: int = 120) -> ArenaSpec:
    """Return the spec.

    Args:
        stream: `uniform` (sizes 20 to 100 for bins of 150, OR-Library's class u) or `weibull` (scale 45, shape 3, for bins of 100).
        items: how many.

    Raises:
        BadArguments: a value out of range.
    """
    source = check(stream, items)
    arguments = (("items", items), ("stream", stream))
    return joint_spec(
        partial(design, stream, items),
        "arenas.bin_packing.env",
        (stream, items),
        kind="single",
        rules=_rules(source, items),
        forfeit_action=source.capacity,
        floor=-100.0 * items,
        arguments=arguments,
    )


def _rules(stream: Stream, items: int) -> str:
    return (
        f"{items} items come one by one and are packed into bins that hold {stream.capacity} each; use as few bins as you can. "
        f"Sizes are {stream.doc}; nothing is known of an item before it comes. An item is packed at once and for good. An "
        "action is a whole number: the room left in the open bin that the item goes into. Bins with equally much left are "
        f"alike; the one opened first is taken. {stream.capacity}, the capacity, opens a new bin. Legal are the rooms that some "
        "open bin has and that are at least the item's size, and the capacity: `min(legal)` is best fit. The return is minus "
        "the excess: the bins used beyond the lower bound L2 (Martello and Toth 1990) of all items, in percent of that bound; "
        "0 is perfect."
    )
