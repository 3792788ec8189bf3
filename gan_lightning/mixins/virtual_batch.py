"""Virtual batch normalisation in the place of batch normalisation.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 3.5, https://arxiv.org/abs/1606.03498
Differs: for the discriminator too, if asked for; the paper has it in the generator only, for its cost.
"""

from contextlib import suppress
from typing import Any, Literal

import torch
from torch import Tensor

from gan_lightning.batch import read_batch
from gan_lightning.gan import GAN
from gan_lightning.isolation import seeded, undisturbed
from gan_lightning.layers import Referenced, convert_batchnorm_to_virtual

PLAYERS = {"none": (), "g": ("generator",), "d": ("discriminator",), "both": ("generator", "discriminator")}


class VirtualBatch(GAN):
    """Normalise each sample by a reference batch and itself: ``c mean(x_i) + (1 - c) mean(reference)``, c = 1/(N + 1).

    Batch norm makes one sample depend on the others of its batch; here none does, in training as in evaluation, and
    penalties on the gradient at single samples mean what they say. Batch norm layers of the chosen players become
    virtual ones with their gain and bias; layers that are virtual already stay.

    The generator's reference is one draw of latents when it is first fitted (labels cycle through the classes; until
    then a draw from the normal prior), the discriminator's the first real samples that it is trained on, without
    augmentation. Both are kept for good, are the same on all ranks, and lie in the checkpoint.

    Hooks: Lightning's ``on_fit_start`` and ``on_train_batch_start``. Neutral: ``virtual_batch_players="none"``.
    Cost: at each forward of a chosen player one more, on the reference, with gradients.

    Args:
        virtual_batch_players: whose batch norm is replaced: ``g`` (the paper's), ``d``, ``both`` or ``none``.
        virtual_batch_size: N, samples of the reference, at least 2. The discriminator's has fewer if its first batch
            (of all ranks) is smaller. The paper names none.

    Raises:
        ValueError: if an argument is out of range, or a chosen player has no batch norm.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> class MyGAN(VirtualBatch, GAN):
        ...     pass
        >>> gan = MyGAN(MLPGenerator(8, shape=(2,), norm="batch"), MLPDiscriminator(shape=(2,)), latent_dim=8)
        >>> type(gan.generator).__name__
        'Referenced'
    """

    generator: Any
    virtual_batch_is_drawn: Tensor

    def __init__(
        self,
        *args: Any,
        virtual_batch_players: Literal["none", "g", "d", "both"] = "g",
        virtual_batch_size: int = 64,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if virtual_batch_players not in PLAYERS or virtual_batch_size < 2:
            raise ValueError(
                f"expected virtual_batch_players among {', '.join(PLAYERS)} and virtual_batch_size >= 2, got "
                f"{virtual_batch_players!r} and {virtual_batch_size}"
            )
        self.virtual_batch_players, self.virtual_batch_size = virtual_batch_players, virtual_batch_size
        self._virtual_batch_waits = "discriminator" in PLAYERS[virtual_batch_players]
        for player in PLAYERS[virtual_batch_players]:
            network = convert_batchnorm_to_virtual(getattr(self, player))
            setattr(self, player, Referenced(network, virtual_batch_size))
        if "generator" in PLAYERS[virtual_batch_players]:
            # There from the start for callbacks that keep a copy; seeded, so that other techniques' draws do not shift.
            with seeded(0, self.device):
                self.generator.set_reference(*self._as_inputs(GAN.sample_latent(self, virtual_batch_size)))
            self.register_buffer("virtual_batch_is_drawn", torch.tensor(False))

    def on_fit_start(self) -> None:
        super().on_fit_start()
        if self.generator.training and not getattr(self, "virtual_batch_is_drawn", True):
            z, *label = self._as_inputs(self.sample_latent(self.virtual_batch_size))
            for part in self.generator.modules():
                if isinstance(part, Referenced):
                    part.set_reference()  # none, so that it takes what this forward brings
            with self._uncompiled(), undisturbed(self):
                self.generate(z, label[0] if label else None)
            self.virtual_batch_is_drawn.fill_(True)

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> int | None:
        answer = super().on_train_batch_start(batch, batch_idx)
        if self._virtual_batch_waits:
            self._virtual_batch_waits = False
            prepared = read_batch(batch, labelled=self.num_classes > 0)
            # What does not fit the discriminator is told by the preflight, a moment later.
            with self._uncompiled(), undisturbed(self), suppress(RuntimeError, ValueError, TypeError, IndexError):
                self.discriminate(prepared.real, prepared.label)
        return answer

    def _as_inputs(self, z: Tensor) -> tuple[Tensor, ...]:
        if self.num_classes == 0 or "generator" not in self.tells_classes:
            return (z,)
        return z, torch.arange(len(z), device=z.device) % self.num_classes
