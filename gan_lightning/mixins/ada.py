"""ADA: change what the discriminator sees, as often as its overfitting asks for.

Paper: Karras et al. 2020, "Training generative adversarial networks with limited data", section 3,
https://arxiv.org/abs/2006.06676
Differs: the probability is bounded from above too, or it would wind up where augmentation does not help. The update of
the generator in an iteration that adapts it uses the new value. Vectors are not in the paper: they get rotations and
noise.
"""

from collections.abc import Sequence
from typing import Any

import torch
from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor

from gan_lightning.batch import Batch
from gan_lightning.construction import check_count
from gan_lightning.distributed import mean_over_ranks
from gan_lightning.functional.augment import CATEGORIES, augment_images, augment_vectors
from gan_lightning.gan import GAN
from gan_lightning.isolation import seeded
from gan_lightning.losses import LeastSquares, Wasserstein
from gan_lightning.step import Step, Terms


class ADA(GAN):
    """Transform real and fake samples, each transformation with probability p, and steer p by ``r = E sign D(real)``.

    With few data the discriminator learns them by heart, and r goes to 1. Each ``ada_every``-th iteration p goes up if
    r is above ``ada_target``, and down otherwise, at the rate of 0 to 1 in ``ada_speed_kimg`` thousand images. Images
    (N, C, H, W) in [-1, 1] are changed by the categories in ``ada_policy``; vectors (N, F), which should be centred and
    of deviation 1, by rotations in random planes and by noise, whatever the policy names. r needs a loss whose logits
    have their border at 0: the default loss and hinge, not WGAN's, the relativistic ones or least squares between 0 and
    1, of which a fit warns. There, fix p: ``ada_initial=0.3``, ``ada_speed_kimg=inf``.

    Above p = 0.8 the generator may learn the changes themselves. Not together with ``DiffAugment``: choose one. On CUDA
    the warp's gradient is summed in no fixed order, so with "geometry" two runs agree only up to rounding.

    Hooks: ``augment``; ``d_terms`` counts signs and adds nothing; ``d_step`` adapts p. Neutral: ``ada_max=0``. Cost:
    some passes over the samples, and a warp at twice the resolution.

    Args:
        ada_target: r at which p stays, in (-1, 1); 0.6 in the paper.
        ada_speed_kimg: thousands of real samples in which p can go from 0 to 1, above 0; 500 in the paper, less for
            small data sets and short runs; infinity keeps p.
        ada_every: iterations between two changes of p; 4 in the paper.
        ada_initial: p at the start, in [0, ``ada_max``].
        ada_max: largest p, in [0, 1].
        ada_policy: what is done to images: some of "blit" (flips, quarter turns, shifts), "geometry", "color",
            "filter", "noise", "cutout"; the paper trains with the first three. "color" needs 1 or 3 channels.

    Raises:
        TypeError: if ``ada_every`` is no whole number.
        ValueError: if an argument is out of range, or (in training) the samples are neither images nor vectors.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> class MyGAN(ADA, GAN):
        ...     pass
        >>> networks = MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,))
        >>> gan = MyGAN(*networks, latent_dim=8, ada_initial=0.5)
        >>> gan.augment(torch.zeros(4, 2)).shape
        torch.Size([4, 2])
    """

    ada_rise: Tensor
    ada_signs: Tensor
    ada_judged: Tensor

    def __init__(
        self,
        *args: Any,
        ada_target: float = 0.6,
        ada_speed_kimg: float = 500.0,
        ada_every: int = 4,
        ada_initial: float = 0.0,
        ada_max: float = 1.0,
        ada_policy: Sequence[str] = ("blit", "geometry", "color"),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        check_count("ada_every", ada_every, 1)
        if not (-1 < ada_target < 1 and ada_speed_kimg > 0):
            raise ValueError(
                f"expected ada_target in (-1, 1) and ada_speed_kimg > 0, got {ada_target} and {ada_speed_kimg}"
            )
        if not 0 <= ada_initial <= ada_max <= 1:
            raise ValueError(f"expected 0 <= ada_initial <= ada_max <= 1, got {ada_initial} and {ada_max}")
        if not {*ada_policy} <= {*CATEGORIES}:
            raise ValueError(f"expected ada_policy to name some of {[*CATEGORIES]}, got {ada_policy!r}")
        self.ada_target, self.ada_speed_kimg, self.ada_every = ada_target, ada_speed_kimg, ada_every
        self.ada_initial, self.ada_max, self.ada_policy = ada_initial, ada_max, tuple(ada_policy)
        self._ada_adapts = ada_max > 0 and ada_speed_kimg < float("inf")
        # Whole numbers: p goes up by 1e-5 at a time, which is lost in a module of half precision.
        for name in ("ada_rise", "ada_signs", "ada_judged"):
            self.register_buffer(name, torch.zeros((), dtype=torch.int64))

    def on_train_start(self) -> None:
        super().on_train_start()
        if self._ada_adapts and not self._ada_knows_the_border():
            rank_zero_warn(
                f"ADA steers p by the sign of D's logits, and with {type(self.loss).__name__} their border between "
                "real and generated is not at 0: fix p by ada_speed_kimg=inf and ada_initial=0.3, or use NonSaturating "
                "or Hinge"
            )

    def augment(self, x: Tensor) -> Tensor:
        x = super().augment(x)
        return self._ada_transform(x) if self.ada_max else x

    def d_terms(self, step: Step) -> Terms:
        terms = super().d_terms(step)
        if self._ada_adapts:
            logits = step.on_real.logits.detach()
            signs = mean_over_ranks(logits.sign().sum(dtype=torch.float32)) * self._ranks
            self.ada_signs.add_(signs.round().long())
            self.ada_judged.add_(len(logits) * self._ranks)
        return terms

    def d_step(self, batch: Batch) -> None:
        super().d_step(batch)
        if self._ada_adapts:
            self.note("d/ada_r", self.ada_signs / self.ada_judged.clamp(min=1))
            if (self.iteration + 1) % self.ada_every == 0:
                self._ada_adapt(len(batch.real) * self._ranks * self.ada_every)
            self.note("d/ada_p", self._ada_p())

    def _ada_knows_the_border(self) -> bool:
        """Tell whether logits of 0 are half-way between real and generated, or may be, with a loss of one's own."""
        if isinstance(self.loss, LeastSquares):
            with seeded(0, self.device):  # targets may be drawn
                targets = torch.cat([torch.as_tensor(t).flatten() for t in self.d_targets(64)])
            return float(targets.min() + targets.max()) == 0
        return not (self.loss.relativistic or isinstance(self.loss, Wasserstein))

    def _ada_adapt(self, images: int) -> None:
        whole_range = 1000 * self.ada_speed_kimg
        # Without a division: where another technique skipped the updates, nothing was judged, and p stays.
        self.ada_rise.add_((self.ada_signs - self.ada_target * self.ada_judged).sign().long() * images)
        self.ada_rise.clamp_(int(-self.ada_initial * whole_range), int((self.ada_max - self.ada_initial) * whole_range))
        self.ada_signs.zero_()
        self.ada_judged.zero_()

    def _ada_p(self) -> Tensor:
        return (self.ada_initial + self.ada_rise / (1000 * self.ada_speed_kimg)).clamp(0.0, self.ada_max)

    def _ada_transform(self, x: Tensor) -> Tensor:
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        p = self._ada_p().to(wide.dtype)
        with torch.autocast(x.device.type, enabled=False):
            if x.ndim == 2:
                uniform = self.draw(torch.rand, wide, 4)
                normal = self.draw(torch.randn, wide, 3, x.shape[1])
                return augment_vectors(wide, p, uniform, normal[:, :2], normal[:, 2]).to(x.dtype)
            if x.ndim != 4:
                raise ValueError(
                    f"ADA takes images (N, C, H, W) or vectors (N, F), got samples of shape {tuple(x.shape)}: "
                    "view them as one of these, or leave ADA out"
                )
            uniform = self.draw(torch.rand, wide, sum(CATEGORIES[name] for name in {*self.ada_policy}))
            field = self.draw(torch.randn, wide, *x.shape[1:]) if "noise" in self.ada_policy else None
            return augment_images(wide, p, uniform, self.ada_policy, field).to(x.dtype)
