"""A run's configuration as the experiment file that runs it again."""

from __future__ import annotations

import json
from typing import Any

from mascript.config import Config, to_json


def experiment_toml(config: Config) -> str:
    """Return TOML that `mascript.config.loads` reads back equal; what is not set is left out."""
    tables: dict[str, Any] = json.loads(to_json(config))
    order = ["experiment", *(name for name in tables if name not in ("experiment", "agents")), "agents"]
    blocks = []
    for name in order:
        many = isinstance(tables[name], list)
        for table in tables[name] if many else [tables[name]]:
            lines = [f"{key} = {_value(value)}" for key, value in table.items() if value not in (None, "", {})]
            if lines:
                blocks.append("\n".join([f"[[{name}]]" if many else f"[{name}]", *lines]))
    return "\n\n".join(blocks) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value)
