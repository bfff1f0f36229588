"""The hash chain: what it promises, and that each way of breaking it is found and named."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mascript.errors import JournalError, NotFound, WorkspaceError
from mascript.journal import Journal, Workspace
from mascript.journal.canonical import canonical, plain

RUN = "foraging-7-1"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Workspace.open(tmp_path / "mascript.db", create=True) as workspace:
        yield Journal(workspace)


def filled(journal: Journal, run: str = RUN, n: int = 5) -> Journal:
    with journal.workspace.transaction():
        journal.create_run(run, "foraging", '{"seed":7}', 7, "sha256:head", "0.1.0")
        for step in range(n):
            journal.append(run, "selected", {"generation": step, "score": step / 3})
    return journal


def tamper(journal: Journal, *statements: str) -> None:
    with journal.workspace.transaction() as db:
        for statement in statements:
            db.execute(statement)


def test_a_chain_starts_with_what_the_rest_follows_from(journal: Journal) -> None:
    first = next(filled(journal).entries(RUN))
    assert (first.seq, first.kind, first.previous) == (0, "start", "")
    assert first.body == {
        "name": "foraging",
        "seed": 7,
        "config": '{"seed":7}',
        "library_head": "sha256:head",
        "engine": "0.1.0",
    }


def test_the_chain_is_the_same_bytes_whatever_the_run_is_called(journal: Journal) -> None:
    filled(journal, "foraging-7-1")
    filled(journal, "foraging-7-2")
    assert journal.export("foraging-7-1") == journal.export("foraging-7-2")
    with journal.workspace.transaction():
        journal.append("foraging-7-2", "selected", {"generation": 9})
    assert journal.export("foraging-7-1") != journal.export("foraging-7-2")


def test_an_export_can_be_checked_without_mascript(journal: Journal) -> None:
    from hashlib import sha256  # what a sceptical reader would type

    previous = ""
    for line in filled(journal).export(RUN).splitlines():
        row = json.loads(line)
        text = json.dumps({"body": row["body"], "kind": row["kind"], "seq": row["seq"]}, sort_keys=True, separators=(",", ":"))
        assert row["previous"] == previous
        assert row["hash"] == "sha256:" + sha256((previous + text).encode()).hexdigest()
        previous = row["hash"]
    assert previous == journal.head(RUN)


def test_a_chain_is_written_inside_a_unit_of_work_only(journal: Journal) -> None:
    filled(journal)
    with pytest.raises(WorkspaceError, match="outside a unit of work"):
        journal.append(RUN, "selected", {})


def test_an_entry_and_its_contribution_stand_or_fall_together(journal: Journal) -> None:
    filled(journal)
    tamper(journal, "CREATE TABLE library_release (pin TEXT)")
    before = journal.export(RUN)
    with pytest.raises(KeyError), journal.workspace.transaction() as db:
        db.table("library_release").insert({"pin": "nearest@1.0.0"})
        journal.append(RUN, "contributed", {"pin": "nearest@1.0.0"})
        raise KeyError("the engine failed")
    assert journal.export(RUN) == before
    assert journal.workspace.read("SELECT * FROM library_release") == []


def test_entries_from_a_point_and_of_a_kind(journal: Journal) -> None:
    filled(journal)
    assert [entry.seq for entry in journal.entries(RUN, since=3)] == [3, 4, 5]
    assert [entry.body["generation"] for entry in journal.entries(RUN, kind="selected")] == [0, 1, 2, 3, 4]


def test_a_long_chain_is_read_in_pages(journal: Journal) -> None:
    filled(journal, n=1100)
    assert [entry.seq for entry in journal.entries(RUN)] == list(range(1101))
    assert journal.verify(RUN) == []


def test_a_sound_chain_has_no_problem(journal: Journal) -> None:
    filled(journal)
    assert journal.verify(RUN) == []
    assert journal.verify(RUN, journal.head(RUN)) == []


@pytest.mark.parametrize(
    ("statements", "seq", "kind"),
    [
        (["UPDATE journal_entry SET body = '{}' WHERE seq = 2"], 2, "changed"),
        (["UPDATE journal_entry SET kind = 'other' WHERE seq = 5"], 5, "changed"),
        (["DELETE FROM journal_entry WHERE seq = 3"], 3, "missing"),
        (["DELETE FROM journal_entry WHERE seq = 0"], 0, "missing"),
        (["DELETE FROM journal_entry WHERE seq >= 4"], 4, "missing"),
        (["DELETE FROM journal_entry"], 0, "missing"),
        (["INSERT INTO journal_entry SELECT run, 6, kind, body, previous, hash FROM journal_entry WHERE seq = 5"], 6, "moved"),
        (
            [
                "UPDATE journal_entry SET seq = 99 WHERE seq = 2",
                "UPDATE journal_entry SET seq = 2 WHERE seq = 3",
                "UPDATE journal_entry SET seq = 3 WHERE seq = 99",
            ],
            2,
            "moved",
        ),
    ],
)
def test_the_first_wrong_row_is_named(journal: Journal, statements: list[str], seq: int, kind: str) -> None:
    tamper(filled(journal), *statements)
    first = journal.verify(RUN)[0]
    assert (first.seq, first.kind) == (seq, kind)


def test_a_row_properly_hashed_and_added_is_found_by_the_length(journal: Journal) -> None:
    filled(journal)
    length, head = journal.run(RUN).length, journal.head(RUN)
    with journal.workspace.transaction():
        journal.append(RUN, "selected", {"generation": 99})
    tamper(journal, f"UPDATE journal_run SET length = {length}, head = '{head}'")
    problem = journal.verify(RUN)[0]
    assert (problem.seq, problem.kind) == (length, "added")


def test_a_chain_rewritten_throughout_is_found_by_a_head_noted_elsewhere(journal: Journal) -> None:
    noted = filled(journal).head(RUN)
    tamper(journal, "DELETE FROM journal_entry", "DELETE FROM journal_run")
    filled(journal, n=4)
    assert journal.verify(RUN) == []
    assert [problem.kind for problem in journal.verify(RUN, noted)] == ["head"]


def test_a_run_killed_again_and_again_keeps_every_committed_entry(tmp_path: Path) -> None:
    code = """
import sys
from mascript.journal import Journal, Workspace
with Workspace.open(sys.argv[1], create=True) as workspace, workspace.lease("foraging-7-1"):
    journal = Journal(workspace)
    if not journal.runs():
        journal.create_run("foraging-7-1", "foraging", "{}", 7, "", "0")
    while True:
        with workspace.transaction():
            seq = journal.append("foraging-7-1", "selected", {"n": journal.run("foraging-7-1").length}).seq
            journal.append("foraging-7-1", "selected", {"n": seq + 1})
        print(seq + 1, flush=True)
"""
    path = tmp_path / "mascript.db"
    for lines in (1, 7, 20):
        process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        said = [int(process.stdout.readline()) for _ in range(lines)][-1]
        process.send_signal(signal.SIGKILL)
        process.communicate()
        with Workspace.open(path) as workspace:
            journal = Journal(workspace)
            assert journal.verify(RUN) == []
            assert journal.run(RUN).length > said
            assert [entry.body["n"] for entry in journal.entries(RUN, since=1)] == list(range(1, journal.run(RUN).length))
            assert journal.run(RUN).length % 2 == 1


def test_run_ids_count_up_from_name_and_seed(journal: Journal) -> None:
    assert journal.new_run_id("Foraging with friends!", 7) == "foraging-with-friends-7-1"
    filled(journal, "foraging-7-1")
    assert journal.new_run_id("foraging", 7) == "foraging-7-2"
    assert journal.new_run_id("foraging", 8) == "foraging-8-1"
    with pytest.raises(JournalError, match="exists already"):
        journal.create_run("foraging-7-1", "foraging", "{}", 7, "", "0")


def test_a_run_that_is_not_there_names_the_near_ones(journal: Journal) -> None:
    with pytest.raises(NotFound, match="mascript run"):
        journal.run("foraging-7-1")
    filled(journal)
    with pytest.raises(NotFound, match=r"did you mean foraging-7-1\?"):
        journal.run("forageing-7-1")
    with pytest.raises(NotFound), journal.workspace.transaction():
        journal.append("forageing-7-1", "selected", {})


def test_status_is_one_of_four(journal: Journal) -> None:
    filled(journal).set_status(RUN, "complete")
    assert journal.run(RUN).status == "complete"
    with pytest.raises(JournalError, match="running, complete, interrupted, failed"):
        journal.set_status(RUN, "done")  # type: ignore[arg-type]


def test_telemetry_stays_out_of_the_chain(journal: Journal) -> None:
    before = filled(journal).export(RUN)
    journal.telemetry(RUN, "speed", {"episodes_per_second": 812.5})
    journal.telemetry(RUN, "cache", {"hits": 3})
    assert journal.export(RUN) == before
    speed, cache = journal.measurements(RUN)
    assert (speed.kind, speed.body, cache.body) == ("speed", {"episodes_per_second": 812.5}, {"hits": 3})
    assert cache.at >= speed.at > 1e9
    assert [row.kind for row in journal.measurements(RUN, "cache")] == ["cache"]


def test_the_latest_checkpoint_says_where_the_chain_stood(journal: Journal) -> None:
    assert filled(journal).latest_checkpoint(RUN) is None
    for generation in range(5):
        with journal.workspace.transaction():
            journal.append(RUN, "generation", {"n": generation})
            journal.save_checkpoint(RUN, generation, json.dumps({"generation": generation}))
    latest = journal.latest_checkpoint(RUN)
    assert latest is not None
    assert (latest.generation, latest.state_json) == (4, '{"generation": 4}')
    assert (latest.length, latest.head) == (journal.run(RUN).length, journal.head(RUN))
    assert journal.workspace.read("SELECT count(*) FROM journal_checkpoint") == [(2,)]


def test_canonical_text_is_one_per_value() -> None:
    assert canonical({"b": (1, 2.0, None), "a": "\u00e9"}) == '{"a":"\\u00e9","b":[1,2.0,null]}'
    assert canonical([float("nan"), float("inf"), 0.1, 1e22]) == "[null,null,0.1,1e+22]"
    assert canonical({"score": np.float64(0.5), "flag": True}) == '{"flag":true,"score":0.5}'


@pytest.mark.parametrize(
    ("body", "where"),
    [({"a": [0, {1, 2}]}, r"body\.a\[1\] holds a set"), ({"a": np.int64(3)}, r"body\.a holds a int64"), ({3: 1}, "has the key 3")],
)
def test_what_has_no_canonical_text_is_named(body: dict[str, object], where: str) -> None:
    with pytest.raises(JournalError, match=where):
        canonical(body)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_canonical_text_survives_a_round_trip(value: object) -> None:
    text = canonical(value)
    assert json.loads(text) == plain(value)
    assert canonical(json.loads(text)) == text
