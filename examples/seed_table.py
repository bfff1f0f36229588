"""One seat, the seeds that others report: what a script earns on each of Gymnasium's classic tasks, episode by episode.

Arguments: seeds such as 1000..1049, then tasks; a task may name its script, as in CartPole-v1=mine.py. Without any, the best
reference of five tasks on seeds 1000 to 1049, which is where published figures stand.
"""

import json
import subprocess
import sys

from mascript.cli.output import print_table

TASKS = {
    "CartPole-v1": "reference:balance",
    "MountainCar-v0": "reference:plan",
    "Acrobot-v1": "reference:pump",
    "Pendulum-v1": "reference:swing_and_hold",
    "Taxi-v4": "reference:shortest",
}


def score(task: str, script: str, seeds: str) -> dict[str, float]:
    """What `mascript score --json` says."""
    command = [sys.executable, "-m", "mascript", "score", script, "--arena", task, "--seeds", seeds, "--json"]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


if __name__ == "__main__":
    seeds, *tasks = sys.argv[1:] or ["1000..1049"]
    wanted = dict(text.split("=", 1) if "=" in text else (text, TASKS[text]) for text in tasks) or TASKS
    rows = []
    for task, script in wanted.items():
        told = score(task, script, seeds)
        rows.append((task, script, told["mean"], told["half_width"], told["n"], told["episodes"]))
    print_table(("task", "script", "mean", "+-", "distinct", "episodes"), rows)
