"""One evaluation: real samples taken in once, samples made anew, metrics asked; on all ranks, and seen by nobody."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import numpy as np
import torch
import torch.distributed as dist
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor

from gan_lightning.callbacks.generated import Replayed, Sampled
from gan_lightning.callbacks.generator_ema import averaged_generator
from gan_lightning.callbacks.measured import Figures, Panel
from gan_lightning.callbacks.real_samples import Source, known_number, real_samples
from gan_lightning.isolation import kept_random
from gan_lightning.logging import announce

SECONDS = 10.0
"""Between two lines on the progress of a long evaluation."""


class Evaluator:
    """Brings samples and metrics together; a call on one rank is one on all.

    Args:
        trainer: that runs.
        module: that is evaluated.
        panel: of the metrics; it forgets what it knew.
        made: where generated samples come from.
        real: where real ones come from.
        num: of generated samples, over all ranks.
    """

    def __init__(
        self, trainer: Trainer, module: LightningModule, panel: Panel, made: Sampled | Replayed, real: Source, num: int
    ) -> None:
        self.trainer, self.module, self.panel = trainer, module, panel
        self.made, self.real, self.num = made, real, num
        self._clamps = False
        self._failed: set[str] = set()
        self._told = monotonic()
        panel.start_anew(module.device)

    def is_ready(self) -> bool:
        """Tell whether all ranks can make their samples."""
        return self.trainer.strategy.reduce_boolean_decision(self.made.ready(), all=True)

    def rehearse(self) -> None:
        """Try data, samples and metrics on a few samples.

        Raises:
            Exception: what is wrong with them.
        """
        with self._unseen(), self._together():
            try:
                self.made.check(self.num, self.trainer.world_size)
                fake = self.made.some()
                if self.panel.needs_real:
                    self.panel.check_real(known_number(self.trainer, self.real) or self.num)
                    real = next(real_samples(self.trainer, self.module, self.real, self.num), None)
                    if real is None:
                        raise ValueError("there are no real samples to compare with: pass other data as real=...")
                    self.panel.add(real[: len(fake)], real=True)
                    _check_alike(real, fake)
                    fake = _clamped(fake) if _is_unit(real) else fake
                self.panel.add(fake.float(), real=False)
            finally:
                self.panel.start_anew(self.module.device)

    def evaluate(self) -> dict[str, Figures]:
        """Return what the metrics say, by their names, without those that cannot be computed.

        Raises:
            Exception: what went wrong, on any rank.
        """
        self._told = monotonic()
        with self._unseen():
            if self.panel.needs_real and not self.panel.knows_real:
                self._take_in_real()
            with averaged_generator(self.trainer) as is_average, self._together():
                self._take_in_generated()
            figures = self._computed()
        for each in figures.values():
            each.facts["weights"] = "average" if is_average else "raw"
        return figures

    def _computed(self) -> dict[str, Figures]:
        """Return what metrics say; one that fails costs its own figures only, and is told once."""
        figures = {}
        for name in self.panel.metrics:
            try:
                with self._together():
                    found = self.panel.figures(name, self.num)
                figures[name] = found  # only what all ranks have
            except Exception as error:
                if name not in self._failed:
                    self._failed.add(name)
                    why = f"{type(error).__name__}: {error} (training goes on; this is told once)"
                    rank_zero_warn(f"Evaluation could not compute {name!r}: {why}")
        return figures

    def _take_in_real(self) -> None:
        self.panel.start_anew(self.module.device)
        count, outside = 0, 0
        with self._together():
            for samples in real_samples(self.trainer, self.module, self.real, self.num):
                self.panel.add(samples, real=True)
                count, outside = count + len(samples), outside + (not _is_unit(samples))
                self._tell(count, "real")
        totals = torch.tensor([count, outside], device=self.module.device)
        if self.trainer.world_size > 1:
            dist.all_reduce(totals)
        count, outside = totals.tolist()
        self._clamps = not outside
        self.panel.keep_real(count)

    def _take_in_generated(self) -> None:
        self.panel.start()
        count = 0
        for samples in self.made.batches(self.num, self.trainer.global_rank, self.trainer.world_size):
            self.panel.add((_clamped(samples) if self._clamps else samples).float(), real=False)
            count += len(samples)
            self._tell(count, "generated")

    def _tell(self, count: int, kind: str) -> None:
        if monotonic() - self._told > SECONDS:
            self._told = monotonic()
            done, ranks = count * self.trainer.world_size, self.trainer.world_size
            of = f"{done:,} of {self.num:,}" if ranks == 1 else f"some {done:,} of {self.num:,}"
            announce(self.trainer, f"Evaluation: {of} {kind} samples")

    @contextmanager
    def _unseen(self) -> Iterator[None]:
        """Draw from a random state of its own, and in a validation too compute what can be changed in place later."""
        with torch.inference_mode(False), torch.no_grad(), kept_random():
            torch.manual_seed(0)
            random.seed(0)
            np.random.seed(0)
            yield

    @contextmanager
    def _together(self) -> Iterator[None]:
        """Raise on all ranks what one raises, for the others would wait for it."""
        error: Exception | None = None
        try:
            yield
        except Exception as raised:
            error = raised
        said = [None if error is None else f"{type(error).__name__}: {error}"]
        if self.trainer.world_size > 1:
            said = said * self.trainer.world_size
            dist.all_gather_object(said, said[0])
        if error is not None:
            raise error
        for rank, each in enumerate(said):
            if each is not None:
                raise RuntimeError(f"on rank {rank}: {each}")


def _check_alike(real: Tensor, fake: Tensor) -> None:
    if real.shape[1:] != fake.shape[1:]:
        raise ValueError(
            f"the generated samples are {tuple(fake.shape[1:])}, the real ones {tuple(real.shape[1:])}: resize the "
            "data, name other data, real=..., or say what makes samples, sample='method'"
        )


def _is_unit(real: Tensor) -> bool:
    return real.ndim == 4 and bool(real.abs().max() <= 1.01)


def _clamped(images: Tensor) -> Tensor:
    return images.clamp(-1, 1)
