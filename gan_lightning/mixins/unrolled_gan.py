"""Unrolled GAN: the generator answers to what the discriminator will be some steps ahead.

Paper: Metz, Poole, Pfau, Sohl-Dickstein 2017, section 2.2 and algorithm 1, https://arxiv.org/abs/1611.02163
Differs: the look-ahead steps see the batch of the discriminator's last update, real and generated, and every term of
its loss.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD, Adam, AdamW

from gan_lightning.batch import Batch
from gan_lightning.construction import check_count
from gan_lightning.distributed import mean_over_ranks
from gan_lightning.functional import LookAhead, swapped
from gan_lightning.gan import GAN
from gan_lightning.optimizers import AdamGAN
from gan_lightning.sharding import refuse_sharded

UNROLLABLE = (AdamGAN, Adam, AdamW, SGD)
BEYOND = "_updates_beyond_the_optimizer"
"""Method by which a technique tells that it changes the discriminator's update in a way its optimizer does not show."""


class UnrolledGAN(GAN):
    """Update the generator against the discriminator after ``unroll_steps`` more of its own updates.

    The updates follow the discriminator's optimizer from its present state, and the generator's gradient flows through
    them: the generator learns how the discriminator will answer, and gains nothing by moving all its samples to where
    the discriminator is weak now. The discriminator itself goes back to where it was. Terms
    on its weights rather than on its outputs take no part in the look-ahead. A remedy against mode collapse
    for small networks; for large ones its cost in time and memory is hard to bear. It needs activations that can be
    differentiated twice; those of rectifiers are zero, which leaves out a part of the answer (the paper uses tanh on
    toys).

    Hooks: ``g_step``. Neutral: ``unroll_steps=0``. Cost: per generator update, ``unroll_steps`` passes of the
    discriminator on real and generated samples, differentiated twice, and the memory of all of them.

    Args:
        unroll_steps: updates to look ahead, 0 or more; the paper uses 5 to 10, and 1 already helps.

    Raises:
        TypeError: if ``unroll_steps`` is no whole number.
        ValueError: if ``unroll_steps < 0``, or ``micro_batches_g > 1``; at the start of a fit, if the discriminator's
            optimizer is none of those that can be unrolled, or a technique does more to the discriminator than its
            optimizer says: ``WeightClipping``, ``GapAwareLearningRate``.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> networks = MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,))
        >>> UnrolledGAN(*networks, latent_dim=8, unroll_steps=3).unroll_steps
        3
    """

    def __init__(self, *args: Any, unroll_steps: int = 5, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        check_count("unroll_steps", unroll_steps, 0)
        if unroll_steps and self.micro_batches_g > 1:
            raise ValueError(
                f"UnrolledGAN keeps the graph of one whole batch, but micro_batches_g is {self.micro_batches_g}: "
                "set it to 1, and make the batch smaller if memory is short"
            )
        self.unroll_steps = unroll_steps

    def on_train_start(self) -> None:
        super().on_train_start()
        if self.unroll_steps:
            refuse_sharded(
                self,
                "UnrolledGAN",
                "differentiates through the discriminator's updates",
                "use another technique against collapse, as PacGAN, or strategy='ddp'",
            )
        optimizer = self._player_d._raw
        refused = [name for name in ("amsgrad", "maximize") if optimizer.param_groups[0].get(name)]
        if self.unroll_steps and (type(optimizer) not in UNROLLABLE or refused):
            raise ValueError(
                f"UnrolledGAN follows the discriminator's optimizer, and got {type(optimizer).__name__}"
                f"{' with ' + ' and '.join(refused) if refused else ''}: use one of "
                f"{', '.join(kind.__name__ for kind in UNROLLABLE)} without amsgrad and maximize as optimizer_d"
            )
        beyond = [cls.__name__ for cls in type(self).__mro__ if vars(cls).get(BEYOND, _never)(self)]
        if self.unroll_steps and beyond:
            raise ValueError(
                f"UnrolledGAN follows the discriminator's optimizer, and {' and '.join(beyond)} changes the update "
                "beyond it, which the look-ahead would not see: drop one of them"
            )

    def g_step(self, batch: Batch) -> None:
        with self._unrolled(batch):
            super().g_step(batch)

    @contextmanager
    def _unrolled(self, batch: Batch) -> Iterator[None]:
        if not self.unroll_steps:
            yield
            return
        if batch.fake is None:
            batch.z, batch.fake = self._generate_like(batch)
        ahead = LookAhead(self._player_d._raw)
        is_logged, self._step_log.is_due = self._step_log.is_due, False
        with self.exactly():
            self._look_ahead(batch, ahead)
        self._step_log.is_due = is_logged
        with swapped(self, dict(zip(ahead.originals, ahead.params, strict=True))), self._uncompiled():
            yield

    def _look_ahead(self, batch: Batch, ahead: LookAhead) -> None:
        assert batch.fake is not None
        assert batch.z is not None
        dtype = ahead.originals[0].dtype
        inputs, fake = Batch(batch.real.to(dtype), batch.label), batch.fake.to(dtype)
        buffers = {own: own.clone() for own in self.buffers()}
        for _ in range(self.unroll_steps):
            # Copies, so that running means stay as they are, and no graph sees its tensors change.
            buffers = {own: now.clone() for own, now in buffers.items()}
            params = dict(zip(ahead.originals, ahead.params, strict=True))
            with swapped(self, {**params, **buffers}):
                # A node of its own for each pass: D's slope at the samples is not the way through its own past.
                loss = self.d_terms(self._step(inputs, fake.clone(), batch.z)).total()
            gradients = torch.autograd.grad(loss, ahead.params, create_graph=True, allow_unused=True)
            ahead.step(self._as_the_player_takes_them(gradients))

    def _as_the_player_takes_them(self, gradients: tuple[Tensor | None, ...]) -> list[Tensor | None]:
        """Average over ranks and clip as the discriminator's own update does, but so that gradients flow."""
        if self._ranks == 1 and self.clip_d is None:
            return list(gradients)
        given = [g for g in gradients if g is not None]
        flat = mean_over_ranks(torch.cat([g.reshape(-1) for g in given]))
        if self.clip_d is not None:
            flat = flat * (self.clip_d / (torch.linalg.vector_norm(flat) + 1e-6)).clamp(max=1.0)
        parts = iter(torch.split(flat, [g.numel() for g in given]))
        return [None if g is None else next(parts).view(g.shape) for g in gradients]


def _never(gan: GAN) -> bool:
    return False
