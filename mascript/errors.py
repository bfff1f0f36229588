"""Every error a user of mascript can meet.

    MascriptError
    ├── ConfigError            an experiment file: unknown key, wrong type, impossible value
    ├── ScriptError            a script that cannot be used
    │   └── GateError          refused by a named gate, with line and reason
    ├── SandboxError           the sandbox itself: a mechanism is missing, the zygote died
    ├── MatchError             the evaluator's own fault (an environment raised); never a bad score
    ├── WriterError            nobody writes: an endpoint is down, a key is refused, a transcript does not fit
    ├── PoolError              seeds of the wrong pool for this purpose
    ├── WorkspaceError         the workspace file: locked, full, torn, of another version
    │   └── JournalError       a journal whose chain does not hold
    └── NotFound               a run, script or agent that does not exist, with near matches

`arenas` and `library` draw their own trees (`arenas.errors`, `library.errors`); the CLI prints any of the three as one message:
what was expected, what came, what to do.
"""


class MascriptError(Exception):
    """Base of the errors that mascript raises on purpose."""


class ConfigError(MascriptError):
    """An experiment file or override that cannot be run as written."""


class ScriptError(MascriptError):
    """A script that cannot be used."""


class GateError(ScriptError):
    """A script refused by a named gate.

    Attributes:
        gate: which gate refused (`parse`, `ast`, `imports`, `signature`, ...).
        line: line of the script, 1-based; 0 where none applies.
    """

    def __init__(self, gate: str, reason: str, line: int = 0) -> None:
        super().__init__(f"{gate}: {reason}" + (f" (line {line})" if line else ""))
        self.gate = gate
        self.reason = reason
        self.line = line


class SandboxError(MascriptError):
    """The sandbox cannot do what was asked of it."""


class MatchError(MascriptError):
    """The evaluator's own fault: an environment raised, or a worker pool broke. An error of the run, never a bad score."""


class WriterError(MascriptError):
    """A writer cannot go on; everything that it wrote before is kept, and the run can be taken up."""


class PoolError(MascriptError):
    """Seeds of one pool were used for another's purpose."""


class WorkspaceError(MascriptError):
    """The workspace file cannot be read or written."""


class JournalError(WorkspaceError):
    """A journal whose hash chain does not hold."""


class NotFound(MascriptError):
    """A run, script, agent or helper that does not exist."""
