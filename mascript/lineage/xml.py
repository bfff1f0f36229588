"""Text that XML 1.0 can carry."""

from __future__ import annotations

_NOT_XML = {code: "\ufffd" for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000))}


def xml_text(text: str) -> str:
    """The text with every character that XML 1.0 cannot carry at all replaced; markup is still to be escaped."""
    return text.translate(_NOT_XML)
