"""The base of all data modules: a train loader that survives every kind of resume."""

from abc import ABC, abstractmethod

from lightning.pytorch import LightningDataModule

from gan_lightning.data.epoch_loader import EpochLoader


class ResumableData(LightningDataModule, ABC):
    """Put the place of the train loader into checkpoints, and back.

    Lightning does so itself, but forgets to restore it after a checkpoint written at the end of an epoch, and if
    ``configure_optimizers`` asks for ``trainer.estimated_stepping_batches``. The state of a data module it always
    restores, so here the place is kept a second time.
    """

    def __init__(self) -> None:
        super().__init__()
        self._state: dict[str, int] = {}

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample, without the batch; known before any file is read."""

    @property
    @abstractmethod
    def num_classes(self) -> int:
        """Number of classes if batches carry labels, otherwise 0; known before any file is read."""

    @abstractmethod
    def _train_loader(self) -> EpochLoader:
        """Return a new loader of the training samples."""

    def setup(self, stage: str | None = None) -> None:
        """Forget an earlier run's place; Lightning calls this before it restores a checkpoint.

        Raises:
            ValueError: if the trainer has ``overfit_batches``, which Lightning can arrange for a ``DataLoader`` only.
        """
        self._state = {}
        if stage == "fit" and getattr(self.trainer, "overfit_batches", False):
            raise ValueError("overfit_batches has no effect on these loaders: train on a TensorData of few samples")

    def train_dataloader(self) -> EpochLoader:
        """Return a new loader, at the checkpoint's place if a run is being resumed."""
        loader = self._train_loader()
        if self._state and self._running_loader() is None:
            loader.load_state_dict(self._state)
        return loader

    def state_dict(self) -> dict[str, int]:
        """Return the place of the running train loader; empty before training."""
        loader = self._running_loader()
        return {} if loader is None else loader.state_dict()

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        """Keep the place for the next train loader."""
        self._state = dict(state_dict)

    def _running_loader(self) -> EpochLoader | None:
        # The trainer's, not the last one made: callbacks may ask for loaders of their own.
        loader = None if self.trainer is None else self.trainer.train_dataloader
        return loader if isinstance(loader, EpochLoader) else None
