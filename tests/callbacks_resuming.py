"""A run that is broken off and taken up again must end as the straight one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from helpers import Batches, fit
from lightning.pytorch import Callback


class Seeds(Callback):
    """A stranger's module draws from the global random state, which no checkpoint holds."""

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        torch.manual_seed(trainer.fit_loop.total_batch_idx)


def straight_and_resumed(
    make_module: Callable[[], Any], make_callback: Callable[[], Any], data: list, folder: Path
) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Return module and callback after two epochs: at a stretch, and with a checkpoint between them."""

    def run(epochs: int, ckpt_path: Path | None = None) -> tuple[Any, Any, Any]:
        torch.manual_seed(1)
        module, callback = make_module(), make_callback()
        trainer = fit(module, Batches(*data), callbacks=[Seeds(), callback], max_epochs=epochs, ckpt_path=ckpt_path)
        return trainer, module, callback

    half = run(1)[0]
    half.save_checkpoint(folder / "half.ckpt")
    torch.load(folder / "half.ckpt", weights_only=True)
    return run(2)[1:], run(2, folder / "half.ckpt")[1:]
