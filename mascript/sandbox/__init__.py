"""Untrusted scripts in locked-down worker processes.

`Sandbox` starts a zygote and forks a worker per script; `check_source` and `safe_parse` are the AST gate as pure
functions; `SandboxRunner` executes shared functions for the library; `probe_mechanisms` says what this machine's kernel offers.
"""

from __future__ import annotations

from mascript.sandbox.gate import check_source, safe_parse
from mascript.sandbox.host import Sandbox
from mascript.sandbox.probe import probe_mechanisms
from mascript.sandbox.process import hung_up
from mascript.sandbox.records import Isolation, Limits, Mechanism, Reply, Request, WorkerDied
from mascript.sandbox.runner import SandboxRunner
from mascript.sandbox.views import make_decoder
from mascript.sandbox.workers import FunctionWorker, PolicyWorker

__all__ = [
    "FunctionWorker",
    "Isolation",
    "Limits",
    "Mechanism",
    "PolicyWorker",
    "Reply",
    "Request",
    "Sandbox",
    "SandboxRunner",
    "WorkerDied",
    "check_source",
    "hung_up",
    "make_decoder",
    "probe_mechanisms",
    "safe_parse",
]
