"""What `mascript.run` refuses before anything is begun."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PROGRAM = """
import multiprocessing, sys
import mascript

if __name__ == "__main__":  # stands for an evaluator, which imports what is below its driver's guard and above it alike
    process = multiprocessing.get_context("spawn").Process(target=print)
    process.start()
    process.join()
    sys.exit(process.exitcode)
mascript.run(sys.argv[1], sys.argv[2])
"""


def test_a_program_without_a_guard_is_told_so_and_begins_nothing(tmp_path: Path) -> None:
    program, workspace = tmp_path / "program.py", tmp_path / "w.db"
    program.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(program), str(ROOT / "examples" / "dilemma.toml"), str(workspace)],
        capture_output=True,
        check=False,
        timeout=60,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 1
    assert 'put it under `if __name__ == "__main__":`' in done.stderr
    assert "Traceback" not in done.stderr
    assert not workspace.exists()
