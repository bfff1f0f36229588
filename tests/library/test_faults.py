"""Many writers at once, kills, a full disk, a file that may not be written: no release lost, doubled or torn."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import sqlite_utils

from library import DefaultBattery, Library
from library.errors import DiskFull, ReadOnly
from library.records import Runner, Verdict

Add = Callable[..., Verdict]
Text = Callable[..., str]
ROOT = Path(__file__).parents[2]
SECONDS = float(os.environ.get("MASCRIPT_FAULT_SECONDS", "4"))
"""60 for the whole minute."""
WRITERS = 8

CHILD = """
import os, sys
sys.path.insert(0, sys.argv[1])
import sqlite3
import sqlite_utils
from library import DefaultBattery, Library
from library.errors import Conflict, Locked
from library.records import Outcome

class Doubling:
    # Stands for the sandbox, which is not what is tested: it multiplies, as every text below does.
    def run(self, functions, entry, calls):
        factor = float(functions[-1].source.rsplit("*", 1)[1])
        return [Outcome(value=call.arguments[0] * factor) for call in calls]
    def run_doctests(self, functions, entry):
        return [Outcome(value=None)]

path, who, over = sys.argv[2], sys.argv[3], sys.argv[4]
conn = sqlite3.connect(path, isolation_level=None, timeout=30.0)
conn.execute("PRAGMA journal_mode = wal")
house = Library(sqlite_utils.Database(conn))
number = int(sys.argv[5])
while not os.path.exists(over):
    number += 1
    # Every third name is one that all writers want.
    name, factor = ("common", f"{number}.5") if number % 3 == 0 else (f"{who}_{number}", f"{number}.25")
    doc = f'"A multiple.\\\\n\\\\n    >>> {name}(0.0)\\\\n    0.0"'
    text = f"def {name}(value: float) -> float:\\n    {doc}\\n    return value * {factor}\\n"
    newest = house.releases(name)[:1]
    try:
        verdict = house.add(text, author=who, runner=Doubling(), battery=DefaultBattery(count=4),
                            derives_from=newest[0].pin if newest else "")
    except (Conflict, Locked):
        continue
    if verdict.accepted and verdict.kind != "alias":
        print(verdict.release.pin, flush=True)
"""


def writer(path: Path, who: str, over: Path, start: int, log: Path) -> subprocess.Popen[bytes]:
    """Start one who contributes until the file `over` is there, and logs what was released."""
    with log.open("ab") as out:
        return subprocess.Popen([sys.executable, "-c", CHILD, str(ROOT), str(path), who, str(over), str(start)], stdout=out)


def told_of(logs: Iterable[Path]) -> list[str]:
    """The pins in logs; a line that a kill cut short is none."""
    return [line for log in logs for line in log.read_text().splitlines() if line.count("#sha256:") == 1]


def test_eight_writers_and_kills_in_between_lose_and_double_nothing(tmp_path: Path) -> None:
    path, rng = tmp_path / "workspace.db", random.Random(7)
    Library(sqlite_utils.Database(path)).db.close()
    began, over = time.monotonic(), tmp_path / "over"
    logs = {f"w{k}": tmp_path / f"w{k}.log" for k in range(WRITERS)}
    living = {who: writer(path, who, over, 1000 * k, log) for k, (who, log) in enumerate(logs.items())}
    kills = 0
    # A busy machine takes its time: it goes on until there is something to lose.
    while time.monotonic() < began + SECONDS or (len(told_of(logs.values())) <= WRITERS and time.monotonic() < began + 60):
        time.sleep(0.3 if time.monotonic() < began + SECONDS else 3.0)
        who = rng.choice(sorted(living))
        living[who].send_signal(signal.SIGKILL)
        living[who].wait()
        kills += 1
        living[who] = writer(path, who, over, 100_000 * kills, logs[who])
    over.touch()
    for process in living.values():
        assert process.wait(60) == 0
    told = told_of(logs.values())
    house = Library(sqlite_utils.Database(path))
    released = [one.pin for name in house.names() for one in house.releases(name)]
    assert kills > 2 and len(told) > WRITERS
    assert not set(told) - set(released), "what was said to be released is there"
    assert max(Counter(released).values()) == 1 and max(Counter(one.rpartition("#")[0] for one in released).values()) == 1
    assert house.verify() == []
    assert [one.name for one in house.search("common", limit=1)] == ["common"]


def test_a_full_disk_is_said_and_leaves_what_was_there(library: Library, add: Add, helper: Text) -> None:
    add(helper("double", "value: float", "float", "value * 2.0", "double(2.0)", "4.0"))
    (pages,) = library.db.conn.execute("PRAGMA page_count").fetchone()
    library.db.conn.execute(f"PRAGMA max_page_count = {pages}")
    text = helper("thrice", "value: float", "float", "value * 3.0", "thrice(2.0)", "6.0")
    comment = "\n".join(f"    # {'why ' * 30}{line}" for line in range(100))
    with pytest.raises(DiskFull, match="free some space"):
        add(text.replace("    return", comment + "\n    return"))
    assert library.names() == ["double"] and not library.verify()
    library.db.conn.execute("PRAGMA max_page_count = 1000000")
    assert add(text).accepted and not library.verify()


def test_a_read_only_file_is_said(tmp_path: Path, runner: Runner, battery: DefaultBattery, helper: Text) -> None:
    import sqlite3

    path = tmp_path / "workspace.db"
    Library(sqlite_utils.Database(path)).db.close()
    house = Library(sqlite_utils.Database(sqlite3.connect(f"file:{path}?mode=ro", uri=True)), migrate=False)
    with pytest.raises(ReadOnly, match="copy it to where you may write"):
        house.add(helper("a", "v: float", "float", "v", "a(1.0)", "1.0"), author="ada", runner=runner, battery=battery)
    assert house.names() == [] and not house.verify()


def test_the_index_is_rebuilt_from_rows(seeded: Library) -> None:
    before = [one.pin for one in seeded.search("nearest point")]
    seeded.db.conn.execute("UPDATE lib_search SET words = 'nonsense' WHERE name = 'nearest'")
    seeded.db.conn.execute("DELETE FROM lib_search WHERE name = 'distance'")
    seeded.db.conn.execute("INSERT INTO lib_search (rowid, name, words, doc, types) VALUES (9999, 'ghost', '', '', '')")
    assert {one.table for one in seeded.verify()} == {"lib_search"} and len(seeded.verify()) == 3
    assert seeded.rebuild_index() == len(seeded.names())
    assert not seeded.verify() and [one.pin for one in seeded.search("nearest point")] == before
