"""What one of two processes does: apart from the test, because a spawned process must be able to import it."""

import json
from pathlib import Path

import torch
from torch import distributed

from gan_lightning.data import TensorLoader


def record(rank, folder):
    distributed.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
    loader = TensorLoader(torch.arange(50), batch_size=8, seed=4)
    seen = [batch.tolist() for batch in loader]
    held_out = TensorLoader(torch.arange(50), batch_size=8, shuffle=False, drop_last=False)
    try:
        next(iter(TensorLoader(torch.arange(10), batch_size=8)))
        message = ""
    except ValueError as error:
        message = str(error)
    result = {"seen": seen, "tail": [batch.tolist() for batch in held_out][-1], "length": len(loader), "error": message}
    (Path(folder) / f"{rank}.json").write_text(json.dumps(result))
    distributed.destroy_process_group()
