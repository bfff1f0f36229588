"""What the index holds of a release, and how a question becomes a query. Pure text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from library.records import Signature
from library.types import fits


def split_identifier(name: str) -> list[str]:
    """`line_length` and `lineLength` as the words line, length."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)]


def index_row(signature: Signature, doc: str) -> tuple[str, str, str, str]:
    """Columns of the full-text index: name, words of name and parameters, documentation without examples, types."""
    words = split_identifier(signature.name)
    for parameter in signature.parameters:
        words += split_identifier(parameter.name)
    prose = "\n".join(line for line in doc.splitlines() if not line.lstrip().startswith(">>>"))
    types = " ".join([*(parameter.type for parameter in signature.parameters), signature.returns])
    return signature.name, " ".join(words), prose, types


def match_query(query: str) -> str:
    """An FTS5 query for any of the words, each quoted so that nothing in a question is read as syntax; empty for no words."""
    words: list[str] = []
    for word in re.findall(r"\w+", query):
        words += [word.lower(), *split_identifier(word)]
    return " OR ".join(f'"{word}"' + ("*" if len(word) > 2 else "") for word in dict.fromkeys(words))


def callable_with(shape: str, available: Sequence[str], returns: str = "") -> bool:
    """Whether values of the available types can fill every parameter without a default, and the result fits what is wanted.

    Args:
        shape: types of a function as the table `lib_shape` has them.
        available: types of the values at hand; each may be used more than once.
        returns: type that is wanted; any, if empty.
    """
    given_back, parameters = json.loads(shape)
    needed = [type_ for type_, default in parameters if not default]
    fillable = all(any(fits(given, type_) for given in available) for type_ in needed)
    return fillable and (not returns or fits(given_back, returns))
