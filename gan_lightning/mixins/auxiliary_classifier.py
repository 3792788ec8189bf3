"""Auxiliary classifier (AC-GAN): the discriminator names the class instead of being told it.

Paper: Odena, Olah, Shlens 2017, "Conditional image synthesis with auxiliary classifier GANs", section 3, equations 2
and 3, https://arxiv.org/abs/1610.09585
Differs: a weight for each player; in the paper both are 1.
"""

from typing import Any

from torch import Tensor
from torch.nn.functional import cross_entropy

from gan_lightning.critique import Critique
from gan_lightning.gan import GAN
from gan_lightning.layers import Head
from gan_lightning.step import Step, Terms


class AuxiliaryClassifier(GAN):
    """Add ``CE(C(real), label) + CE(C(fake), label)`` to D's loss and ``CE(C(fake), label)`` to G's.

    C is a linear head on the discriminator's features, CE the cross entropy, and fakes carry the label that the
    generator was told. The discriminator itself is not told: build it without classes. Both players want the classes to
    be recognised, so the generator prefers easy examples of a class: expect less variety within classes than with a
    projection. Not with PacGAN, whose packs have no class of their own, nor with SemiSupervised, whose generator knows
    no class.

    Hooks: ``discriminate`` drops the label; ``d_terms`` and ``g_terms`` add ``classes``. Neutral: ``ac_weight_d=0`` and
    ``ac_weight_g=0``; then there is no head and the discriminator is told the label. Cost: one linear layer.

    Args:
        ac_weight_d: weight of the discriminator's term, 0 or more; the paper uses 1.
        ac_weight_g: weight of the generator's term, 0 or more; the paper uses 1. A tenth often costs less variety.

    Raises:
        ValueError: if a weight is negative, only the generator has one, there are fewer than 2 classes, another
            technique keeps the class from the generator, or the discriminator has no features.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> gan = AuxiliaryClassifier(
        ...     MLPGenerator(8, shape=(2,), num_classes=3), MLPDiscriminator(shape=(2,)), latent_dim=8, num_classes=3
        ... )
        >>> gan.discriminator(gan.sample(5, label=2)).heads["classes"].shape
        torch.Size([5, 3])
    """

    def __init__(self, *args: Any, ac_weight_d: float = 1.0, ac_weight_g: float = 1.0, **kwargs: Any) -> None:
        if min(ac_weight_d, ac_weight_g) < 0 or ac_weight_g > ac_weight_d == 0:
            raise ValueError(
                f"expected ac_weight_d > 0 and ac_weight_g >= 0, or both 0, got {ac_weight_d} and {ac_weight_g}: "
                "the discriminator's term trains the classifier that the generator learns from"
            )
        self.ac_weight_d, self.ac_weight_g = ac_weight_d, ac_weight_g
        self._ac_has_head = ac_weight_d > 0
        if self._ac_has_head:
            self.tells_classes = self.tells_classes - {"discriminator"}
        super().__init__(*args, **kwargs)
        if self._ac_has_head:
            self._ac_check()
            self.discriminator = Head(self.discriminator, "classes", self.num_classes)

    def discriminate(self, x: Tensor, label: Tensor | None) -> Critique:
        return super().discriminate(x, None if self._ac_has_head else label)

    def d_terms(self, step: Step) -> Terms:
        terms = super().d_terms(step)
        if self.ac_weight_d and step.label is not None:
            on_real, on_fake = (cross_entropy(c.heads["classes"], step.label) for c in (step.on_real, step.on_fake))
            terms.add("classes", self.ac_weight_d * (on_real + on_fake))
        return terms

    def g_terms(self, step: Step) -> Terms:
        terms = super().g_terms(step)
        if self.ac_weight_g and step.label is not None:
            terms.add("classes", self.ac_weight_g * cross_entropy(step.on_fake.heads["classes"], step.label))
        return terms

    def _ac_check(self) -> None:
        if self.num_classes < 2:
            raise ValueError(
                f"AuxiliaryClassifier needs num_classes of at least 2, got {self.num_classes}: give the number of "
                "classes, and yield [samples, labels] from the loader (labels=True in the data modules)"
            )
        if "generator" not in self.tells_classes:
            raise ValueError(
                "AuxiliaryClassifier needs a generator that is told the class, and another technique, such as "
                "SemiSupervised, keeps the class from it: drop one of them"
            )
