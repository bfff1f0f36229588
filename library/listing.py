"""A release as listings show it: on the command line, in JSON and on the web."""

from __future__ import annotations

from typing import Any

from library.records import Release


def release_row(release: Release) -> dict[str, Any]:
    """Return a release as listings have it."""
    return {
        "name": release.name,
        "version": release.version,
        "fid": release.fid,
        "pin": release.pin,
        "signature": signature_text(release),
        "returns": release.signature.returns,
        "parameters": [{"name": one.name, "type": one.type, "default": one.default} for one in release.signature.parameters],
        "doc": release.doc,
        "author": release.author,
        "run": release.run,
        "generation": release.generation,
        "yanked": release.yanked,
    }


def signature_text(release: Release) -> str:
    """Return `name(parameter: type = default) -> type`."""
    parts = [f"{one.name}: {one.type}" + (f" = {one.default}" if one.default else "") for one in release.signature.parameters]
    return f"{release.name}({', '.join(parts)}) -> {release.signature.returns}"
