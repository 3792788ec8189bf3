"""Consistency regularisation: the discriminator must not mind small changes of samples or of latents.

Paper: CR: Zhang et al. 2020, section 2.2, https://arxiv.org/abs/1910.12027; bCR and zCR: Zhao et al. 2021, "Improved
consistency regularization for GANs", sections 2.1 and 2.2, https://arxiv.org/abs/2002.04724
Differs: the papers' change T is for images; other samples get small noise. zCR's distance between samples is the mean
of the squared differences, not their sum, so that its weight does not hang on the resolution.
"""

from typing import Any

import torch
from torch import Tensor

from gan_lightning.functional.augment import flip_and_shift
from gan_lightning.gan import GAN
from gan_lightning.step import Step, Terms


class ConsistencyRegularization(GAN):
    """Penalise what the discriminator's logit changes by when its input changes a little.

    The discriminator's loss gets ``cr_weight_real * E|D(x) - D(T(x))|^2`` (CR), the same of fakes with
    ``cr_weight_fake`` (bCR adds it to CR), and ``zcr_weight_d * E|D(G(z)) - D(G(z + dz))|^2``. The generator's loss
    gets ``-zcr_weight_g * E|G(z) - G(z + dz)|^2``, which has it answer to its latents (zCR: both). ``dz`` is
    ``zcr_std * N(0, 1)``. T mirrors half of the images and moves all by up to 4 pixels; to other samples it adds
    ``cr_std * N(0, 1)``. It steadies a discriminator that overfits, and goes well with spectral norm. Where left and
    right differ in meaning (digits, letters), T is the wrong change.

    Hooks: ``d_terms`` adds ``cr``, ``bcr`` and ``zcr``, ``g_terms`` adds ``zcr``. Neutral: all weights 0. Cost: one
    more pass of the discriminator for each of its weights, one more of the generator for each weight of zCR.

    Args:
        cr_weight_real: weight on real samples, 0 or more; 10 in the papers.
        cr_weight_fake: weight on generated samples, 0 or more; 10 for bCR.
        cr_std: deviation of the noise that is T for samples that are no images, above 0, in units of the samples.
        zcr_weight_d: the discriminator's weight on latents, 0 or more; 5 for zCR.
        zcr_weight_g: the generator's weight on latents, 0 or more; 0.5 for zCR.
        zcr_std: deviation of the change of latents, above 0; 0.03 in the paper.

    Raises:
        ValueError: if a weight is negative, or a deviation is not above 0.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> class MyGAN(ConsistencyRegularization, GAN):
        ...     pass
        >>> networks = MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,))
        >>> MyGAN(*networks, latent_dim=8, cr_weight_fake=10.0).cr_weight_real
        10.0
    """

    def __init__(
        self,
        *args: Any,
        cr_weight_real: float = 10.0,
        cr_weight_fake: float = 0.0,
        cr_std: float = 0.1,
        zcr_weight_d: float = 0.0,
        zcr_weight_g: float = 0.0,
        zcr_std: float = 0.03,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        weights = {
            "cr_weight_real": cr_weight_real, "cr_weight_fake": cr_weight_fake,
            "zcr_weight_d": zcr_weight_d, "zcr_weight_g": zcr_weight_g,
        }  # fmt: skip
        negative = {name: value for name, value in weights.items() if value < 0}
        if negative:
            raise ValueError(f"expected weights of 0 or more, got {negative}")
        if cr_std <= 0 or zcr_std <= 0:
            raise ValueError(
                f"expected cr_std > 0 and zcr_std > 0, got {cr_std} and {zcr_std}: without a change there is nothing "
                "to penalise; to switch a term off, set its weight to 0"
            )
        self.cr_weight_real, self.cr_weight_fake, self.cr_std = cr_weight_real, cr_weight_fake, cr_std
        self.zcr_weight_d, self.zcr_weight_g, self.zcr_std = zcr_weight_d, zcr_weight_g, zcr_std

    def d_terms(self, step: Step) -> Terms:
        terms = super().d_terms(step)
        if self.cr_weight_real:
            terms.add("cr", self.cr_weight_real * self._cr_change(step.on_real.logits, step.real, step.label))
        if self.cr_weight_fake:
            terms.add("bcr", self.cr_weight_fake * self._cr_change(step.on_fake.logits, step.fake, step.label))
        if self.zcr_weight_d:
            with torch.no_grad():
                nearby = self.generate(self._zcr_move(step.z), step.label)
            change = _mean_square(step.on_fake.logits, self.critique(nearby, step.label).logits)
            terms.add("zcr", self.zcr_weight_d * change)
        return terms

    def g_terms(self, step: Step) -> Terms:
        terms = super().g_terms(step)
        if self.zcr_weight_g:
            change = _mean_square(step.fake, self.generate(self._zcr_move(step.z), step.label))
            terms.add("zcr", -self.zcr_weight_g * change)
        return terms

    def _cr_change(self, logits: Tensor, x: Tensor, label: Tensor | None) -> Tensor:
        changed = self._cr_transform(x.detach())
        return _mean_square(logits, self.critique(changed, label).logits)

    def _cr_transform(self, x: Tensor) -> Tensor:
        if x.ndim == 4:
            return flip_and_shift(x, self.draw(torch.rand, x.new_empty(len(x), dtype=torch.float32), 3))
        return x + self.cr_std * self.draw(torch.randn, x, *x.shape[1:])

    def _zcr_move(self, z: Tensor) -> Tensor:
        return z + self.zcr_std * self.draw(torch.randn, z, *z.shape[1:])


def _mean_square(a: Tensor, b: Tensor) -> Tensor:
    """Return the mean squared difference; in 16 bits, the squares of small differences would be 0."""
    wide = torch.promote_types(a.dtype, torch.float32)
    return (a.to(wide) - b.to(wide)).square().mean()
