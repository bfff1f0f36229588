"""Weights & Biases. Nothing leaves the machine unless you are logged in there; `WANDB_MODE=offline` keeps all in the folder."""

from __future__ import annotations

from collections.abc import Mapping

import wandb

from mascript.trackers.base import Told


class WeightsAndBiases:
    """One run of theirs for one of ours, with the same id, taken up where ours is."""

    def __init__(self, told: Told) -> None:
        told.folder.mkdir(parents=True, exist_ok=True)
        self._run = wandb.init(
            project=told.project,
            id=told.run,
            name=told.run,
            dir=str(told.folder),
            config=dict(told.experiment),
            resume="allow",
            # Only scores are sent: neither code, nor what is printed, nor what the machine does.
            settings=wandb.Settings(console="off", disable_git=True, disable_code=True, x_disable_stats=True, silent=True),
        )

    def write(self, generation: int, scalars: Mapping[str, float]) -> None:
        self._run.log(dict(scalars), step=generation, commit=True)

    def close(self) -> None:
        self._run.finish()
