"""What the packer sees, and the bins as text and picture."""

from __future__ import annotations

from functools import partial

from arenas.bin_packing.rules import ID, NONE, Packing, Stream, check
from arenas.drawing.scene import Colour
from arenas.joint.design import Design, Span, View
from arenas.schema import ActionSpec, Field

ROWS = 12
"""Bins of one room that the picture can show on top of each other."""
_BIN: Colour = (31, 119, 180)
_FITTING: Colour = (60, 160, 60)
_ITEM: Colour = (255, 127, 14)
_BLANK: Colour = (245, 245, 240)


def design(stream: str = "uniform", items: int = 120) -> Design:
    """Return the game with these arguments (see `arenas.bin_packing.spec.build`).

    Raises:
        BadArguments: a value out of range.
    """
    source = check(stream, items)
    seen = view(source, items)
    return Design(
        id=ID,
        players=1,
        horizon=items,
        actions=actions(source),
        view=seen,
        begin=partial(Packing, source, items),
        observe=partial(_observe, seen),
        state=_state,
        state_low=float(NONE),
        state_high=float(max(items, source.capacity)),
        text=text,
        picture=picture,
        legal=_legal,
    )


def actions(stream: Stream) -> ActionSpec:
    """An action is the room left in the bin to be filled: 0 to the capacity, which stands for a new bin."""
    return ActionSpec(kind="discrete", size=stream.capacity + 1)


def view(stream: Stream, items: int) -> View:
    """The fields and their bounds."""
    capacity = stream.capacity
    rooms = capacity + 1
    return View(
        Span(Field("item", "int", (), "i", "size", "size of the item to be packed now"), 0, capacity),
        Span(Field("capacity", "int", (), "i", "size", "what a bin holds; as an action: a new bin"), 0, capacity),
        Span(Field("items_left", "int", (), "i", "items", "items still to come, the one to be packed now included"), 0, items),
        Span(Field("bins", "int", (), "i", "bins", "bins opened so far"), 0, items),
        Span(Field("open", "list[int]", (rooms,), "i", "bins", "entry r: how many open bins have exactly r left"), 0, items),
        Span(
            Field(
                "oldest",
                "list[int]",
                (rooms,),
                "i",
                "number",
                "entry r: number, in order of opening from 0, of the first opened bin with exactly r left; -1 where there is none",
            ),
            NONE,
            items,
        ),
    )


def _legal(packing: Packing, seat: int) -> tuple[int, ...]:
    return packing.legal


def _observe(seen: View, packing: Packing, seat: int) -> bytes:
    return seen.pack(packing.item, packing.capacity, packing.left, packing.bins, *packing.open, *packing.oldest)


def _state(packing: Packing) -> list[float]:
    """As the packer sees it, and the lower bound, which only those know who know what is to come."""
    return [packing.item, packing.left, packing.bins, packing.bound, *packing.open, *packing.oldest]


def text(packing: Packing) -> str:
    """Return the item to be packed and how many bins have which room left."""
    total = len(packing.items)
    rooms = "  ".join(f"{room} left: {bins}" for room, bins in enumerate(packing.open) if bins)
    return "\n".join(
        [
            f"{total - packing.left} of {total} items packed, next {packing.item or '-'} (a bin holds {packing.capacity})",
            f"{packing.bins} bins open, at least {packing.bound} needed",
            rooms or "no bin open",
            f"player_0  {packing.ledger.returns[0]:.2f} % above the bound",
        ]
    )


def picture(packing: Packing) -> list[list[Colour]]:
    """Return a column per room left, as high as bins have it (green: the item fits), above a row as long as the item."""
    rows = []
    for level in range(ROWS, 0, -1):
        rows.append([_colour(packing, room) if bins >= level else _BLANK for room, bins in enumerate(packing.open)])
    return [*rows, [_ITEM if room < packing.item else _BLANK for room in range(packing.capacity + 1)]]


def _colour(packing: Packing, room: int) -> Colour:
    return _FITTING if room in packing.legal else _BIN
