"""Feature matching: the generator brings statistics of the discriminator's features to those of real samples.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 3.1, https://arxiv.org/abs/1606.03498
Differs: other statistics than means may be matched, at several layers, and beside the adversarial loss.
"""

import re
from collections.abc import Sequence
from typing import Any, Literal

from torch import Tensor, nn

from gan_lightning.critique import Critique
from gan_lightning.functional import MATCHINGS
from gan_lightning.gan import GAN
from gan_lightning.layers import Taps
from gan_lightning.step import Step, Terms


class FeatureMatching(GAN):
    """Train the generator on ``matching_weight * |E f(x) - E f(G(z))|^2``; f are features of the discriminator.

    The discriminator trains as before and so keeps seeking features that differ. The paper finds it more stable where
    training oscillates, and strong for semi-supervised learning, with samples that look less sharp. What is compared
    is the whole batch of all ranks, never one sample with another: pulling samples to unrelated ones would punish
    diversity. With ``micro_batches_g`` each part is compared on its own.

    Hooks: ``g_terms`` adds ``matching`` and scales ``adv``. Neutral: ``matching_weight=0``, whatever the others say;
    named layers are tapped all the same, so that the weight may rise later. Cost: one forward of the discriminator on
    real samples per generator update.

    Args:
        matching_weight: strength, 0 or more; 0 switches all of it off, and the adversarial term stays as it is.
        matching_distance: ``mean_l2``, the paper's squared distance of means; ``mean_l1``, of the authors' CIFAR-10
            code; ``moments``, means and variances; ``mmd``, whole distributions, by kernels of several widths.
        matching_adv_weight: factor of the generator's adversarial term, 0 or more; 0, the paper's, matches alone.
        matching_layers: names of the discriminator's layers, as in ``named_modules()``, whose distances are summed, or
            the name of one; by default what the discriminator returns as ``Critique.features``.

    Raises:
        ValueError: if a weight is negative, the distance or a layer is unknown, or, at the first batch, if the
            discriminator returns no features.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> class MyGAN(FeatureMatching, GAN):
        ...     pass
        >>> networks = MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,))
        >>> MyGAN(*networks, latent_dim=8, matching_distance="mmd").matching_distance
        'mmd'
    """

    def __init__(
        self,
        *args: Any,
        matching_weight: float = 1.0,
        matching_distance: Literal["mean_l2", "mean_l1", "moments", "mmd"] = "mean_l2",
        matching_adv_weight: float = 0.0,
        matching_layers: Sequence[str] | str = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if matching_weight < 0 or matching_adv_weight < 0:
            raise ValueError(
                "expected matching_weight >= 0 and matching_adv_weight >= 0, "
                f"got {matching_weight} and {matching_adv_weight}"
            )
        if matching_distance not in MATCHINGS:
            raise ValueError(f"matching_distance is {matching_distance!r}, expected one of {', '.join(MATCHINGS)}")
        self.matching_weight, self.matching_adv_weight = matching_weight, matching_adv_weight
        self.matching_distance = matching_distance
        names = [matching_layers] if isinstance(matching_layers, str) else matching_layers
        self.matching_layers = tuple(_within_wrappers(self.discriminator, name) for name in names)
        if self.matching_layers:
            self.discriminator = Taps(self.discriminator, self.matching_layers)

    def g_terms(self, step: Step) -> Terms:
        terms = super().g_terms(step)
        if not self.matching_weight:
            return terms
        if self.matching_adv_weight == 0:
            terms.replace("adv", terms["adv"].new_zeros(()))
        elif self.matching_adv_weight != 1:
            terms.replace("adv", self.matching_adv_weight * terms["adv"])
        distance = MATCHINGS[self.matching_distance]
        pairs = zip(self._matched_features(step.on_real), self._matched_features(step.on_fake), strict=True)
        first, *rest = (distance(real, fake) for real, fake in pairs)
        return terms.add("matching", self.matching_weight * sum(rest, first))

    def _matched_features(self, critique: Critique) -> list[Tensor]:
        if self.matching_layers:
            return [critique.heads[name] for name in self.matching_layers]
        if critique.features is None:
            raise ValueError(
                f"FeatureMatching found no features: the discriminator {type(self.discriminator).__name__} returns "
                "logits only. Return gan_lightning.Critique(logits, features), or name layers in matching_layers"
            )
        return [critique.features]


def _within_wrappers(discriminator: nn.Module, layer: str) -> str:
    """Return the name that a layer of the user's discriminator has after other techniques have wrapped it."""
    names = (name for name, _ in discriminator.named_modules())
    return next((name for name in names if re.fullmatch(rf"(network\.)*{re.escape(layer)}", name)), layer)
