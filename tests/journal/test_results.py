"""The file of results: bounded, shared by processes, and never more than a loss of time when it is damaged."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from mascript.journal import CacheWarning, ResultFile, results_path

ROOT = Path(__file__).parents[2]
WRITER = """
import sys
from mascript.journal import ResultFile

path, name = sys.argv[1:]
with ResultFile(path) as file:
    for batch in range(40):
        keys = [f"{name}-{batch}-{index}".encode() for index in range(20)]
        file.put({key: key * 3 for key in keys})
        found = file.get([*keys, *(f"{other}-{batch}-7".encode() for other in "abcd")])
        assert all(found[key] == key * 3 for key in keys), "own rows are missing"
        assert all(value == key * 3 for key, value in found.items()), "a row of another key"
"""


def test_values_outlive_the_process_that_put_them(tmp_path: Path) -> None:
    with ResultFile(tmp_path / "results") as file:
        file.put({b"one": b"1", b"two": b"2"})
        file.put({b"two": b"22"})
    with ResultFile(tmp_path / "results") as file:
        assert file.get([b"one", b"two", b"three"]) == {b"one": b"1", b"two": b"22"}


def test_more_keys_than_one_statement_takes(tmp_path: Path) -> None:
    values = {str(number).encode(): b"x" for number in range(2_300)}
    with ResultFile(tmp_path / "results") as file:
        file.put(values)
        assert file.get(list(values)) == values


def test_the_oldest_make_room(tmp_path: Path) -> None:
    path, most = tmp_path / "results", 200_000
    with ResultFile(path, most) as file:
        for batch in range(60):
            file.put({f"{batch}-{index}".encode(): bytes(100) for index in range(100)})
        found = file.get([f"{batch}-{index}".encode() for batch in range(60) for index in range(100)])
    batches = {int(key.split(b"-")[0]) for key in found}
    assert 59 in batches and 0 not in batches
    assert batches == set(range(min(batches), 60))
    assert len(found) * 100 > most / 4
    assert path.stat().st_size < most * 1.3


def test_four_processes_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "results"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name], env={**os.environ, "PYTHONPATH": str(ROOT)})
        for name in "abcd"
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]
    with ResultFile(path) as file:
        kept = file.get([f"{name}-{batch}-3".encode() for name in "abcd" for batch in range(40)])
    assert len(kept) == 160


def test_a_changed_row_is_a_miss_and_is_said(tmp_path: Path) -> None:
    path = tmp_path / "results"
    with ResultFile(path) as file:
        file.put({b"one": b"0.25", b"two": b"0.5"})
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE result SET value = CAST(replace(value, '0.25', '9.25') AS BLOB) WHERE key = ?", [b"one"])
    connection.close()
    with ResultFile(path) as file:
        with pytest.warns(CacheWarning, match="1 rows do not match"):
            assert file.get([b"one", b"two"]) == {b"two": b"0.5"}
        file.put({b"one": b"0.25"})
        assert file.get([b"one"]) == {b"one": b"0.25"}


def test_a_row_of_another_type_is_a_miss(tmp_path: Path) -> None:
    path = tmp_path / "results"
    with ResultFile(path) as file:
        file.put({b"one": b"0.25"})
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE result SET value = 'text'")
    connection.close()
    with ResultFile(path) as file, pytest.warns(CacheWarning):
        assert file.get([b"one"]) == {}


def test_a_row_under_another_key_is_a_miss(tmp_path: Path) -> None:
    path = tmp_path / "results"
    with ResultFile(path) as file:
        file.put({b"one": b"0.25"})
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE result SET key = ?", [b"two"])
    connection.close()
    with ResultFile(path) as file, pytest.warns(CacheWarning):
        assert file.get([b"two"]) == {}


def test_a_damaged_file_is_said_and_done_without(tmp_path: Path) -> None:
    path = tmp_path / "results"
    path.write_bytes(b"not a database at all, but long enough to have a header of one hundred bytes" * 40)
    with pytest.warns(CacheWarning, match="cannot be used"):
        file = ResultFile(path)
    file.put({b"one": b"1"})
    assert file.get([b"one"]) == {} and not file.usable


def test_a_torn_file_is_said_and_done_without(tmp_path: Path) -> None:
    path = tmp_path / "results"
    values = {str(number).encode(): bytes(200) for number in range(2_000)}
    with ResultFile(path) as file:
        file.put(values)
    with path.open("r+b") as torn:
        torn.seek(8192)
        torn.write(os.urandom(path.stat().st_size - 8192))
    with pytest.warns(CacheWarning), ResultFile(path) as file:
        found = file.get(list(values))
        file.put({b"new": b"1"})
    assert all(found[key] == values[key] for key in found)


def test_a_file_of_another_program_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "results"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = path.read_bytes()
    with pytest.warns(CacheWarning, match="another program"):
        ResultFile(path).close()
    assert path.read_bytes() == before


def test_where_nothing_can_be_made_nothing_is_kept(tmp_path: Path) -> None:
    with ResultFile(tmp_path / "nowhere" / "results") as file:
        file.put({b"one": b"1"})
        assert not file.usable


def test_a_file_that_another_process_holds_costs_the_rows_alone(tmp_path: Path) -> None:
    path = tmp_path / "results"
    with ResultFile(path) as file:
        file.put({b"one": b"1"})
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        file.put({b"two": b"2"})
        assert file.get([b"one", b"two"]) == {b"one": b"1"}
        holder.execute("ROLLBACK")
        holder.close()
        file.put({b"two": b"2"})
        assert file.get([b"two"]) == {b"two": b"2"}


def test_it_lies_beside_the_workspace() -> None:
    assert results_path("runs/mascript.db") == Path("runs/mascript.db-cache")
