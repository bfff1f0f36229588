"""Identity of a function: a hash over what it does, not over how it is written down.

Two texts have one fid exactly if they differ only in layout, comments, docstrings, names of locals or the function's own name.
`library.canonical` draws the form; nothing here needs more than the standard library, and every Python from 3.11 on agrees.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from library.canonical import encode
from library.records import Fid, Signature
from library.source import read, signature

PREFIX = "sha256:"
"""Names the algorithm, so that a second one could stand beside it without a fid ever meaning two things."""


def canonical(source: str, imports: Mapping[str, Fid]) -> str:
    """Canonical form of a shared function.

    Args:
        source: import lines and one function.
        imports: fid of every name that it imports from `shared`.

    Raises:
        BadSource: the text is no shared function, or an import has no fid.
    """
    return encode(read(source), imports)


def fid_of(source: str, imports: Mapping[str, Fid]) -> Fid:
    """Identity of a shared function, its dependencies' identities included.

    Raises:
        BadSource: the text is no shared function, or an import has no fid.
    """
    return fid_of_canonical(canonical(source, imports))


def fid_of_canonical(form: str) -> Fid:
    """Identity of a canonical form."""
    return PREFIX + hashlib.sha256(form.encode("utf-8")).hexdigest()


def signature_of(source: str) -> Signature:
    """Typed signature of a shared function.

    Raises:
        BadSource: the text is no shared function, or its types are missing or outside the vocabulary.
    """
    return signature(read(source))


def imports_of(source: str) -> tuple[str, ...]:
    """Names of the functions that a shared function imports from `shared`, types left out.

    Raises:
        BadSource: the text is no shared function.
    """
    return read(source).shared
