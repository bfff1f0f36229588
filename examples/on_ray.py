"""An experiment on a Ray cluster: here one of this machine, which Ray starts by itself. `pip install 'mascript[ray]'`.

Arguments: workspace file, address of a cluster (empty: start one here), then keys to set, such as `experiment.generations=2`.
Where it runs decides nothing: the head that is printed is that of the same run on processes.
"""

import sys

import mascript
from mascript.config import load, override

if __name__ == "__main__":
    workspace, address, *keys = sys.argv[1:] or ["ray.db", ""]
    where = f', "address" = "{address}"' if address else ""
    options = f"execution.options={{{where.removeprefix(', ')}}}"
    experiment = override(load("examples/simple_spread.toml"), ["execution.executor=ray", options, *keys])
    summary = mascript.run(experiment, workspace)
    print(f"{summary.run}: {summary.status}, journal {summary.head}")
