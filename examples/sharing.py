"""Does sharing help, and whom? One experiment under three conditions, paired by seed.

Arguments: workspace file, number of run seeds, then keys to set, such as `experiment.generations=4`.
"""

import sys

from mascript.cli.output import print_table
from mascript.config import load, override
from mascript.reports.conditions import compare, table

if __name__ == "__main__":
    workspace, pairs, *keys = sys.argv[1:] or ["sharing.db", "8"]
    conditions = {"alone": ["library.access=private"], "sharing": [], "late": ["library.delay=4"]}
    experiment = override(load("examples/sharing.toml"), keys)
    found = compare(experiment, conditions, range(1, 1 + int(pairs)), workspace, tell=print)
    print_table(("condition", "who", "against", "gain over alone", "+-", "seeds"), table(found))
