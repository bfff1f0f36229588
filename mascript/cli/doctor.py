"""`mascript doctor`: what this machine offers, found out by trying."""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from mascript import __version__
from mascript.cli.options import json_option
from mascript.cli.output import print_json, print_table

PACKAGES = ("pettingzoo", "mpe2", "gymnasium", "numpy", "scipy", "networkx", "sqlite-utils", "click", "jinja2")
OPTIONAL = ("litellm", "openskill", "ray", "submitit")
COMMANDS = {"mcp": "mascript mcp: the workspace for coding agents"}
"""Extras of commands, each named as its package, and what they bring; those of arenas are in `arenas.extras`."""
LOW_DISK = 1 << 28
"""Bytes below which a long run may not be able to record what it found."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. Made by `examine`; printed by `doctor`."""

    area: str
    """sandbox, package, extra or machine."""
    name: str
    ok: bool
    detail: str


@click.command()
@json_option("an object {ok, isolation (full or partial), findings: [{area, name, ok, detail}], free_bytes, python, platform}")
def doctor(as_json: bool) -> None:
    """Try every mechanism of the sandbox, list package versions and free disk. Exit code 1 if scripts cannot be isolated fully."""
    findings = examine()
    full = all(one.ok for one in findings if one.area == "sandbox")
    ok = all(one.ok for one in findings)
    free = shutil.disk_usage(Path.cwd()).free
    if as_json:
        where: dict[str, Any] = {"free_bytes": free, "python": platform.python_version(), "platform": platform.platform()}
        print_json({"ok": ok, "isolation": "full" if full else "partial", "findings": findings, **where})
    else:
        print_table(("", "", "", ""), [(one.area, one.name, "ok" if one.ok else "MISSING", one.detail) for one in findings])
        click.echo()
        click.echo(_verdict(full))
    if not full:
        click.get_current_context().exit(1)


def examine() -> list[Finding]:
    """Return everything that was looked at."""
    from mascript.sandbox import probe_mechanisms

    mechanisms = [Finding("sandbox", one.name, one.holds, one.detail) for one in probe_mechanisms()]
    return [*mechanisms, *_packages(), *_extras(), *_machine()]


def _packages() -> list[Finding]:
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for name in (*PACKAGES, *OPTIONAL):
        try:
            found.append(Finding("package", name, True, version(name)))
        except PackageNotFoundError:
            optional = name in OPTIONAL
            found.append(Finding("package", name, optional, "not installed (optional)" if optional else "not installed"))
    return found


def _extras() -> list[Finding]:
    """What each extra brings and whether it is here, then what none can bring."""
    from importlib.util import find_spec

    from arenas.extras import EXTRAS, NOT_OFFERED, installed

    known = [(name, installed(name), extra.brings) for name, extra in EXTRAS.items()]
    known += [(name, find_spec(name) is not None, brings) for name, brings in COMMANDS.items()]
    offered = [
        Finding("extra", name, True, f"{'installed' if here else _optional(name)} ({brings})") for name, here, brings in known
    ]
    return [*offered, *(Finding("extra", name, True, why) for name, why in NOT_OFFERED.items())]


def _optional(extra: str) -> str:
    return f"optional, not here: pip install 'mascript[{extra}]'"


def _machine() -> list[Finding]:
    free = shutil.disk_usage(Path.cwd()).free
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return [
        Finding("machine", "mascript", True, __version__),
        Finding("machine", "python", True, f"{platform.python_version()} on {platform.platform()}"),
        Finding("machine", "cores", True, str(cores)),
        Finding("machine", "disk", free >= LOW_DISK, f"{free / (1 << 30):.1f} GiB free in {Path.cwd()}"),
    ]


def _verdict(full: bool) -> str:
    if full:
        return "Isolation is full: every mechanism of the sandbox holds on this machine."
    return (
        "Isolation is partial: a mechanism of the sandbox is missing here, which every report will say. "
        "Run scripts that you did not write on a Linux machine where all of them hold."
    )
