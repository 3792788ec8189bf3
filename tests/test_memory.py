"""Long runs stay as small as short ones."""

import sys
from pathlib import Path

import pytest
import torch
from helpers import fit, make
from lightning.pytorch import Callback

from gan_lightning import R1, SampleGrid
from gan_lightning.data import TensorData


def resident_kib() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


class Record(Callback):
    def __init__(self) -> None:
        self.kib = {}

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx) -> None:
        if pl_module.iteration in (1_000, 20_000):
            self.kib[pl_module.iteration] = resident_kib()


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the resident memory from /proc")
def test_20000_iterations_leave_the_memory_where_it_was_after_1000(tmp_path: Path) -> None:
    record = Record()
    data = TensorData(torch.randn(10_000, 2), batch_size=64)
    callbacks = [record, SampleGrid(every=500)]
    gan = make(R1, r1_gamma=0.1, r1_every=4)
    fit(gan, data, max_epochs=None, max_steps=20_000, callbacks=callbacks, default_root_dir=tmp_path, logger=True)
    assert record.kib[20_000] <= 1.05 * record.kib[1_000]
    print(record.kib)
