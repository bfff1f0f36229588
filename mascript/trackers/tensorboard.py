"""Event files for TensorBoard, through tensorboardX."""

from __future__ import annotations

from collections.abc import Mapping

from tensorboardX import SummaryWriter

from mascript.trackers.base import Told


class TensorBoard:
    """One folder a run; `tensorboard --logdir FOLDER` shows them. The experiment is a text beside the curves."""

    def __init__(self, told: Told) -> None:
        # Whatever an earlier process wrote of this generation before it was killed is dropped by the reader.
        self._writer = SummaryWriter(str(told.folder / told.run), purge_step=told.first or None)
        if not told.first:
            self._writer.add_text("experiment", "\n".join(f"    {key} = {value}" for key, value in told.experiment.items()), 0)

    def write(self, generation: int, scalars: Mapping[str, float]) -> None:
        for name, value in scalars.items():
            self._writer.add_scalar(name, value, generation)
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()
