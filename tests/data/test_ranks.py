import json

import pytest
import torch
from data.rank_case import record
from torch import multiprocessing

from gan_lightning.data import TensorLoader


@pytest.mark.ddp
def test_two_processes_see_the_halves_of_the_joined_batch(tmp_path):
    multiprocessing.spawn(record, (str(tmp_path),), nprocs=2)
    first, second = (json.loads((tmp_path / f"{rank}.json").read_text()) for rank in range(2))
    joined = [batch.tolist() for batch in TensorLoader(torch.arange(50), batch_size=16, seed=4)]
    assert [a + b for a, b in zip(first["seen"], second["seen"], strict=True)] == joined
    assert len({sample for batch in first["seen"] + second["seen"] for sample in batch}) == 48
    assert (first["length"], first["tail"], second["tail"]) == (3, [48], [49])
    assert "10 samples do not fill one batch of 8 on each of 2 devices (16)" in first["error"] == second["error"]
