"""Which shared functions a writer that reads is shown, and in what order.

Pure: the library's own search ranks by all that it holds, releases of other runs included, and a prompt must not depend on those.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from mascript.scripts import TYPE_NAMES
from mascript.writers.base import Brief, LibraryEntry

HELPERS = 16
"""Library excerpts shown at most."""
_SHORTEST = 3
"""Letters of a word that says something."""
_IMPLIED = {"Grid": {"Cell"}}
"""Types that whoever observes one has besides: a cell is a place in a grid."""


def retrieved(brief: Brief) -> tuple[LibraryEntry, ...]:
    """Return the excerpts to show, best first.

    First what the best script calls, then what was measured to help, by its effect; then what nobody has measured, the starter set
    included, by what its words and types have in common with the game's; last what was measured to bring nothing. Of
    the unmeasured, those that take a type which the game does not show come after all others: long descriptions of grids share many
    a word with rules about a plane.
    """
    called = {name for name, _ in brief.champion.proposal.pins} if brief.champion is not None else set()
    game = words(" ".join([brief.rules, *(f"{one.name} {one.type} {one.doc}" for one in brief.schema.fields)]))
    shown = {name for one in brief.schema.fields for name in words(one.type) if name in TYPE_NAMES}
    shown |= {name for one in shown for name in _IMPLIED.get(one, ())}
    texts = {entry.fid: words(_text(entry)) for entry in brief.library}
    known = Counter(word for found in texts.values() for word in found)

    def order(entry: LibraryEntry) -> tuple[bool, float, bool, float, str]:
        share = 0.0 if entry.share is None else entry.share
        worth = entry.weight if share > 0 else -1.0 if entry.share is not None else 0.0
        common = sum(math.log((len(texts) + 1) / known[word]) for word in sorted(texts[entry.fid] & game))
        foreign = bool(shown) and worth == 0.0 and not _takes(entry) <= shown
        return entry.name not in called, -worth, foreign, -common, entry.name

    return tuple(sorted(brief.library, key=order)[:HELPERS])


def words(text: str) -> set[str]:
    """Return the words of prose and of identifiers, in small letters; names of types stay whole."""
    parts = re.findall(r"[A-Za-z]+", text)
    return {part if part in TYPE_NAMES else part.lower() for part in parts if len(part) >= _SHORTEST}


def _takes(entry: LibraryEntry) -> set[str]:
    """The types of our own that a function wants to be given."""
    return {name for _, kind in entry.parameters for name in words(kind) if name in TYPE_NAMES}


def _text(entry: LibraryEntry) -> str:
    parameters = " ".join(f"{name} {kind}" for name, kind in entry.parameters)
    return f"{entry.name} {parameters} {entry.returns} {entry.doc}"
