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


def retrieved(brief: Brief) -> tuple[LibraryEntry, ...]:
    """Return the excerpts to show, best first.

    First what the best script calls, then what was measured to help, by its effect; then what nobody has measured, the starter set
    included, by what its words and types have in common with the game's; last what was measured to bring nothing.
    """
    called = {name for name, _ in brief.champion.proposal.pins} if brief.champion is not None else set()
    game = words(" ".join([brief.rules, *(f"{one.name} {one.type} {one.doc}" for one in brief.schema.fields)]))
    texts = {entry.fid: words(_text(entry)) for entry in brief.library}
    known = Counter(word for found in texts.values() for word in found)

    def order(entry: LibraryEntry) -> tuple[bool, float, float, str]:
        share = 0.0 if entry.share is None else entry.share
        worth = entry.weight if share > 0 else -1.0 if entry.share is not None else 0.0
        common = sum(math.log((len(texts) + 1) / known[word]) for word in sorted(texts[entry.fid] & game))
        return entry.name not in called, -worth, -common, entry.name

    return tuple(sorted(brief.library, key=order)[:HELPERS])


def words(text: str) -> set[str]:
    """Return the words of prose and of identifiers, in small letters; names of types stay whole."""
    parts = re.findall(r"[A-Za-z]+", text)
    return {part if part in TYPE_NAMES else part.lower() for part in parts if len(part) >= _SHORTEST}


def _text(entry: LibraryEntry) -> str:
    parameters = " ".join(f"{name} {kind}" for name, kind in entry.parameters)
    return f"{entry.name} {parameters} {entry.returns} {entry.doc}"
