"""The experiment file: what it means, and what a person is told who wrote it wrongly."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mascript.config import (
    AgentConfig,
    Config,
    ExecutionConfig,
    ExperimentConfig,
    agent_name,
    from_json,
    load,
    loads,
    override,
    to_json,
)
from mascript.errors import ConfigError

FULL = """
[experiment]
name = "foraging"
arena = "foraging_v0"
seed = 7
generations = 3
candidates = 8
arguments = { N = 4, board = [8, 8], coop = true }
[evaluation]
episodes = 32
opponents = ["co-players", "reference:one_ply"]
[library]
access = "team"
inherit = "foraging-7-1"
[budget]
minutes = 1
episodes = 1000
[credit]
looks = [16, 64]
[sandbox]
deadline = 2
[execution]
executor = "slurm"
options = { cluster = "local", timeout_min = 5 }
[[agents]]
name = "ada"
[[agents]]
writer = "openai/any-model"
seat = 1
team = "b"
"""
LEAST = '[experiment]\narena = "mpe2:simple_spread_v3"\n'


def test_every_key_has_a_default_but_the_arena() -> None:
    config = loads(LEAST)
    assert config.experiment == ExperimentConfig("mpe2:simple_spread_v3", name="simple-spread-v3")
    assert config == Config(config.experiment)
    assert config.agents == ()


def test_a_full_file_is_read_as_it_says() -> None:
    config = loads(FULL)
    assert config.experiment.arguments == (("N", 4), ("board", (8, 8)), ("coop", True))
    assert (config.evaluation.episodes, config.evaluation.screen) == (32, 4)
    assert config.evaluation.opponents == ("co-players", "reference:one_ply")
    assert (config.library.access, config.library.inherit) == ("team", "foraging-7-1")
    assert (config.budget.minutes, config.budget.episodes) == (1.0, 1000)
    assert config.credit.looks == (16, 64)
    assert config.execution.options == (("cluster", "local"), ("timeout_min", 5))
    assert config.agents == (AgentConfig("ada"), AgentConfig("bo", "openai/any-model", 1, "b"))


def test_where_a_run_is_evaluated_is_no_part_of_it() -> None:
    """Else its journal would differ with the executor, and a run begun on a cluster could not be resumed at home."""
    config = loads(FULL)
    assert "slurm" not in to_json(config)
    assert to_json(config) == to_json(override(config, ["execution.executor=ray", "execution.deadline=60"]))
    assert from_json(to_json(config)) == replace(config, execution=ExecutionConfig())


@pytest.mark.parametrize("record", [*get_type_hints(Config).values(), AgentConfig])
def test_every_key_is_read_by_something(record: type) -> None:
    house = Path(__file__).parents[1] / "mascript"
    code = "".join(path.read_text(encoding="utf-8") for path in house.rglob("*.py") if path.name != "config.py")
    assert not is_dataclass(record) or [one.name for one in fields(record) if not re.search(rf"\.{one.name}\b", code)] == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", r"expected a table \[experiment\].* got nothing"),
        ("[experiment]", r"experiment\.arena: expected a value"),
        ('[experiment]\narena = "a"\nsead = 1', r"experiment\.sead: unknown key; did you mean seed\?"),
        ('[experiment]\narena = "a"\nepisodes = 1', r"experiment\.episodes: unknown key; did you mean evaluation\.episodes\?"),
        (f"{LEAST}[libary]\n", r"libary: unknown key; did you mean library\?"),
        (f"{LEAST}[[agents]]\nwritter = 'grammar'", r"agents\[0\]\.writter: unknown key; did you mean writer\?"),
        (f"{LEAST}[evaluation]\nzzz = 1", r"evaluation\.zzz: unknown key; expected one of episodes, race"),
        (f"{LEAST}[evaluation]\nepisodes = '16'", r'evaluation\.episodes: expected a whole number, got "16"'),
        (f"{LEAST}[evaluation]\nepisodes = 1.5", r"evaluation\.episodes: expected a whole number, got 1\.5"),
        (f"{LEAST}[evaluation]\nepisodes = true", r"evaluation\.episodes: expected a whole number, got true"),
        (f"{LEAST}[evaluation]\nepisodes = 0", r"evaluation\.episodes: expected 1 or more, got 0"),
        (f"{LEAST}[budget]\nminutes = nan", r"budget\.minutes: expected a finite number"),
        (f"{LEAST}[budget]\nminutes = inf", r"budget\.minutes: expected a number below"),
        (f"{LEAST}seed = {2**63}", r"experiment\.seed: expected a number below"),
        (f"{LEAST}[budget]\nminutes = -0.5", r"budget\.minutes: expected 0 or more"),
        (f"{LEAST}[credit]\nenabled = 1", r"credit\.enabled: expected true or false, got 1"),
        (f"{LEAST}[credit]\nlooks = [64, 16]", r"credit\.looks: expected rising numbers"),
        (f"{LEAST}[credit]\nlooks = [16, 'x']", r"credit\.looks\[1\]: expected a whole number"),
        (
            f"{LEAST}[library]\naccess = 'sharred'",
            r"library\.access: expected one of none, private, team, shared, .*did you mean shared\?",
        ),
        (f"{LEAST}[evaluation]\nopponents = ['coplayers']", r"evaluation\.opponents\[0\]: expected \"co-players\", \"champions\""),
        (f"{LEAST}[agents]\nname = 'ada'", r"agents: expected \[\[agents\]\] tables"),
        (f"{LEAST}[[agents]]\nname = 'Ada L.'", r"agents\[0\]\.name: expected a short name"),
        (f"{LEAST}[[agents]]\nname = 'bo'\n[[agents]]", r"agents\[1\]\.name: expected a name of its own, got 'bo'"),
        (f"{LEAST}[[agents]]\nwarmth = 1", r"agents\[0\]\.warmth: unknown key"),
        (f"{LEAST}arguments = {{ N = {{ deep = 1 }} }}", r"experiment\.arguments\.N: expected a number, string"),
        (f"{LEAST}arguments = 3", r"experiment\.arguments: expected a table, got 3"),
        ("experiment = 3", r"experiment: expected a table, got 3"),
        ("[experiment\narena = 3", r"not valid TOML: .*line 1"),
    ],
)
def test_a_mistake_is_named_with_what_was_expected(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        loads(text)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="mascript init"):
        load(tmp_path / "absent.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        load(binary)
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[experiment]\nseed = 1\n")
    with pytest.raises(ConfigError, match=r"wrong\.toml: experiment\.arena"):
        load(wrong)


def test_the_stored_text_is_canonical_and_read_back_the_same() -> None:
    for text in (LEAST, FULL):
        config = loads(text)
        assert from_json(to_json(config)) == replace(config, execution=ExecutionConfig())
        assert to_json(from_json(to_json(config))) == to_json(config)
    reordered = FULL.replace("seed = 7\ngenerations = 3\n", "generations = 3\nseed = 7\n")
    assert to_json(loads(reordered)) == to_json(loads(FULL))
    with pytest.raises(ConfigError, match="not JSON"):
        from_json("{")


def test_overrides_are_read_as_toml_and_else_as_text() -> None:
    config = override(
        loads(FULL),
        [
            "evaluation.episodes=64",
            "experiment.arena=other_v0",
            "library.contribute = false",
            'evaluation.opponents=["champions"]',
            "agents.1.team=share = all",
            "experiment.arguments.N=5",
            "experiment.arguments.when=2026-01-01",
            "budget.minutes=0.5",
        ],
    )
    assert config.evaluation.episodes == 64
    assert config.experiment.arena == "other_v0"
    assert config.library.contribute is False
    assert config.evaluation.opponents == ("champions",)
    assert config.agents[1].team == "share = all"
    assert dict(config.experiment.arguments)["N"] == 5
    assert dict(config.experiment.arguments)["when"] == "2026-01-01"
    assert config.budget.minutes == 0.5
    assert override(config, []) == config


@pytest.mark.parametrize(
    ("assignment", "says"),
    [
        ("evaluation.episodes", "expected KEY=VALUE"),
        ("evaluation.episods=3", r"evaluation\.episods: unknown key; did you mean episodes\?"),
        ("episodes=3", r"episodes: unknown key; did you mean evaluation\.episodes\?"),
        ("seed=3", r"seed: unknown key; did you mean experiment\.seed\?"),
        ("nowhere.at.all=3", r"nowhere\.at\.all: unknown key"),
        ("evaluation.episodes=many", r'evaluation\.episodes: expected a whole number, got "many"'),
        ("agents.0.name=ada", r"names no agents"),
        ("budget.minutes=-1\nepisodes=2", r"budget\.minutes: expected a finite number"),
    ],
)
def test_an_override_that_cannot_be(assignment: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        override(loads(LEAST), [assignment])


def test_agents_of_a_file_that_names_none() -> None:
    names = [agent_name(index) for index in range(40)]
    assert len(set(names)) == 40
    config = Config(ExperimentConfig("a"), agents=tuple(AgentConfig(name) for name in names))
    assert from_json(to_json(config)).agents == config.agents


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_no_stored_text_crashes_the_reader(value: object) -> None:
    for text in (json.dumps(value), json.dumps({"experiment": value}), json.dumps({"experiment": {"arena": "a"}, "agents": value})):
        try:
            from_json(text)
        except ConfigError:
            continue


def test_a_key_that_came_later_is_stored_only_where_it_is_set() -> None:
    """Else every journal from before it would read otherwise, though nothing about the run has changed."""
    config = loads(FULL)
    assert "delay" not in to_json(config) and "read_only" not in to_json(config)
    late = override(config, ["library.delay=3", "agents.1.read_only=true", "library.quota=2"])
    stored = json.loads(to_json(late))
    assert stored["library"]["delay"] == 3 and [agent.get("read_only") for agent in stored["agents"]] == [None, True]
    assert from_json(to_json(late)) == replace(late, execution=ExecutionConfig())
