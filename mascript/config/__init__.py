"""The experiment file: read strictly into frozen records, and written back as the canonical text that a run is identified by.

Every key has a default but `experiment.arena`. A key that is not known, of the wrong type or out of range is an error that names
the key, what was expected, what came, and the nearest known key.
"""

from mascript.config.keys import (
    AgentConfig,
    BudgetConfig,
    Config,
    CreditConfig,
    EvaluationConfig,
    ExecutionConfig,
    ExperimentConfig,
    LibraryConfig,
    ModelConfig,
    SandboxConfig,
    TrackersConfig,
    WritingConfig,
)
from mascript.config.reading import agent_name, from_json, load, loads, override, to_json

__all__ = [
    "AgentConfig",
    "BudgetConfig",
    "Config",
    "CreditConfig",
    "EvaluationConfig",
    "ExecutionConfig",
    "ExperimentConfig",
    "LibraryConfig",
    "ModelConfig",
    "SandboxConfig",
    "TrackersConfig",
    "WritingConfig",
    "agent_name",
    "from_json",
    "load",
    "loads",
    "override",
    "to_json",
]
