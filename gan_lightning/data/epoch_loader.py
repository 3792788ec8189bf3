"""A loader whose place in its endless sequence of batches is kept in checkpoints."""

from abc import ABC, abstractmethod
from collections.abc import Iterator

from torch import Tensor

from gan_lightning.data.order import EpochOrder, rank_and_world_size

Samples = Tensor | list[Tensor]
"""A batch as the model sees it: samples, or [samples, labels]."""


class EpochLoader(ABC):
    """Hand out the batches of an ``EpochOrder``, epoch after epoch, resumable at every batch.

    The loader has one place in an endless sequence of batches. A pass hands out the next ``len(loader)`` of them: whole
    passes are whole epochs, and a pass that was left early is continued by the next one. So neither the number of
    ``iter()`` calls nor where Lightning ends its epochs (``limit_train_batches``, a resume) changes what comes next.

    Lightning saves ``state_dict()`` with each checkpoint and gives it back on resume. What counts is what was handed
    out, not what workers have read ahead. Not a ``DataLoader``, so that Lightning leaves the order alone.

    Args:
        order: which samples form which batch.
    """

    def __init__(self, order: EpochOrder) -> None:
        self.order = order
        self.epoch, self.position = 0, 0
        self._untouched = True

    @property
    def batch_sampler(self) -> "_EpochListener":
        """Where Lightning looks for ``set_epoch``."""
        return _EpochListener(self)  # made anew: kept, it would tie a knot that only the garbage collector undoes

    @abstractmethod
    def _batches(self, epoch: int, start: int) -> Iterator[Samples]:
        """Yield the batches of an epoch from the ``start``-th on."""

    def __len__(self) -> int:
        """Batches per epoch on this rank."""
        return len(self.order)

    def __iter__(self) -> Iterator[Samples]:
        """Yield the next ``len(self)`` batches."""
        length = remaining = len(self)
        while remaining:
            epoch, start = self.epoch, self.position
            for done, batch in enumerate(self._batches(epoch, start), start + 1):
                # Before the yield, and into the next epoch at once: a checkpoint is written while the generator waits
                # here, and after the last batch nobody resumes it.
                place = self.epoch, self.position = (epoch, done) if done < length else (epoch + 1, 0)
                self._untouched = False
                remaining -= 1
                yield batch
                if not remaining:
                    return
                if (self.epoch, self.position) != place:  # someone went back while the generator waited
                    break

    def set_epoch(self, epoch: int) -> None:
        """Begin with this epoch, unless the loader has a place already: a batch was drawn or a state loaded."""
        if self._untouched:
            self.epoch = epoch

    def state_dict(self) -> dict[str, int]:
        """Return the place of the next batch as plain integers."""
        return {
            "epoch": self.epoch,
            "position": self.position,
            "seed": self.order.seed,
            "joined_batch_size": self._joined_batch_size(),
        }

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go to the place at which ``state_dict()`` was taken; in the middle of a pass, too.

        The next batch comes from there, and the pass still hands out ``len(self)`` batches in all.

        Raises:
            ValueError: if the order there was another one: other seed, or within an epoch another batch size or
                number of devices. Nothing is changed then.
        """
        if state["seed"] != self.order.seed:
            raise ValueError(
                f"the checkpoint's data order has seed {state['seed']}, this loader has seed {self.order.seed}:"
                f" resume with seed={state['seed']}"
            )
        before, now = state["joined_batch_size"], self._joined_batch_size()
        if state["position"] and before != now:
            raise ValueError(
                f"the checkpoint was saved in the middle of an epoch with {before} samples per batch over all devices,"
                f" now there are {now}: resume with the same batch_size x devices, or from the end of an epoch"
            )
        if state["position"] > len(self):
            raise ValueError(
                f"the checkpoint was saved after batch {state['position']} of its epoch, this loader has"
                f" {len(self)} batches: the data set has become smaller"
            )
        self.epoch, self.position = state["epoch"], state["position"]
        self._untouched = False

    def _joined_batch_size(self) -> int:
        return self.order.batch_size * rank_and_world_size()[1]


class _EpochListener:
    """Lets Lightning find the ``set_epoch`` that it calls before each epoch, at ``loader.batch_sampler.sampler``.

    It serves a loader made in the middle of a run: by ``reload_dataloaders_every_n_epochs``, or on resume from a
    checkpoint written at the end of an epoch, for which Lightning does not call ``load_state_dict``.
    """

    def __init__(self, loader: EpochLoader) -> None:
        self.sampler = loader
