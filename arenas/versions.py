"""The version string of an arena: part of every cache key."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, distribution


def installed(*packages: str) -> str:
    """Return `name version` of each package, comma separated.

    `absent` stands for one that is not installed, and `editable` follows one whose code may change under the same version: results
    may be kept for neither.
    """
    return ", ".join(f"{package} {_version(package)}" for package in packages)


def _version(package: str) -> str:
    try:
        found = distribution(package)
    except PackageNotFoundError:
        return "absent"
    origin = json.loads(found.read_text("direct_url.json") or "{}")
    return found.version + (" editable" if origin.get("dir_info", {}).get("editable") else "")
