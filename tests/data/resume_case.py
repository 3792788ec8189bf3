"""A tiny module that notes what it was trained on, and the check that resuming from any checkpoint changes nothing."""

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint


class Recorder(LightningModule):
    def __init__(self, read):
        super().__init__()
        self.automatic_optimization = False
        self.read, self.seen = read, []
        self.weight = torch.nn.Parameter(torch.zeros(()))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def training_step(self, batch):
        self.seen.append(self.read(batch))
        optimizer = self.optimizers()
        optimizer.zero_grad()
        self.manual_backward(self.weight**2)
        optimizer.step()


class ValidatedRecorder(Recorder):
    def validation_step(self, batch):
        pass


class EstimatingRecorder(Recorder):
    """Makes Lightning build the loader before it restores the loops, which then forget the loader's state."""

    def configure_optimizers(self):
        assert self.trainer.estimated_stepping_batches
        return super().configure_optimizers()


def quiet_trainer(**options):
    return Trainer(
        accelerator="cpu", logger=False, enable_progress_bar=False, enable_model_summary=False,
        **({"enable_checkpointing": False} | options),
    )  # fmt: skip


def fit(datamodule, read, folder=None, resume=None, module=Recorder, **options):
    callbacks = []
    if folder is not None:
        names = {"dirpath": folder, "filename": "{step}", "save_top_k": -1}
        callbacks = [
            ModelCheckpoint(**names, every_n_train_steps=1, save_on_train_epoch_end=False),
            ModelCheckpoint(**(names | {"filename": "end-{step}"}), save_on_train_epoch_end=True),
        ]
    trainer = quiet_trainer(callbacks=callbacks, enable_checkpointing=folder is not None, **options)
    recorder = module(read)
    trainer.fit(recorder, datamodule, ckpt_path=resume)
    return recorder.seen


def assert_exact(make, read, folder, keep=lambda step: True, **options):
    """Resume from each checkpoint of a straight run; what was seen before and after must be what that run saw."""
    straight = fit(make(), read, folder, **options)
    assert len({str(batch) for batch in straight}) == len(straight), "the test needs batches that differ"
    checkpoints = [path for path in sorted(folder.glob("*.ckpt")) if keep(int(path.stem.split("=")[1].split("-")[0]))]
    assert checkpoints
    for path in checkpoints:
        step = int(path.stem.split("=")[1].split("-")[0])
        # With the same callbacks: Lightning warns of those that a checkpoint knows and the trainer does not.
        assert fit(make(), read, folder, resume=path, **options) == straight[step:], path.name
    return straight
