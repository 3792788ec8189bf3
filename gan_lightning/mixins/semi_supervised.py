"""Semi-supervised learning with a GAN: a few labels and many samples train one classifier.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 5, https://arxiv.org/abs/1606.03498
Differs: labelled and unlabelled samples share a batch, and a labelled one counts as a real sample too; in the authors'
code they come in batches of their own, and the unlabelled terms have weight 1/2.
"""

from typing import Any, ClassVar

from torch import Tensor

from gan_lightning.critique import Critique
from gan_lightning.functional import labelled_cross_entropy
from gan_lightning.gan import GAN
from gan_lightning.layers import ClassSum
from gan_lightning.step import Step, Terms


class SemiSupervised(GAN):
    """Make the discriminator a classifier of K classes and "generated", and teach it the labels that there are.

    With class logits ``l_1 .. l_K`` and that of "generated" fixed at 0, a sample is real with probability
    ``Z / (Z + 1)``, ``Z = sum_k exp l_k``: the discriminator's logit is ``logsumexp l``. With ``NonSaturating``, the
    default loss, the players' terms are the paper's unsupervised loss. Over the real samples with a label,
    ``semi_weight * CE(l, label)`` is added, the supervised loss. A label of -1 means unlabelled.

    The class logits are ``gan.discriminator(x).heads["classes"]``; the largest is the class. Neither network is told a
    label: build both without classes. The paper trains the generator by feature matching, which gives the better
    classifier (and minibatch discrimination the better pictures). With ``micro_batches_d`` the mean is taken in each
    part. Not with PacGAN, whose packs have no class of their own.

    Hooks: ``generate`` and ``discriminate`` drop the label; ``d_terms`` adds ``classes``. Neutral: ``semi_weight=0``;
    then the networks are plain ones, and told the label. Cost: one linear layer.

    Args:
        semi_weight: weight of the supervised loss, 0 or more; the paper uses 1.

    Raises:
        ValueError: if ``semi_weight < 0``, there are fewer than 2 classes, or the discriminator has no features.

    Example:
        >>> import torch
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> gan = SemiSupervised(MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,)), latent_dim=8, num_classes=3)
        >>> gan.discriminator(torch.randn(5, 2)).heads["classes"].argmax(1).shape
        torch.Size([5])
    """

    lowest_label: ClassVar[int] = -1

    leaves_layers_out: ClassVar[bool] = True
    """The class head takes the place of the discriminator's own output layer, which gets no gradient."""

    def __init__(self, *args: Any, semi_weight: float = 1.0, **kwargs: Any) -> None:
        if semi_weight < 0:
            raise ValueError(f"expected semi_weight >= 0, got {semi_weight}")
        self.semi_weight = semi_weight
        self._semi_has_classes = semi_weight > 0
        if self._semi_has_classes:
            self.tells_classes = frozenset()
        super().__init__(*args, **kwargs)
        if self._semi_has_classes:
            if self.num_classes < 2:
                raise ValueError(
                    f"SemiSupervised needs num_classes of at least 2, got {self.num_classes}: give the number of "
                    "classes, and yield [samples, labels] from the loader, with the label -1 where there is none"
                )
            self.discriminator = ClassSum(self.discriminator, self.num_classes)

    def generate(self, z: Tensor, label: Tensor | None) -> Tensor:
        return super().generate(z, None if self._semi_has_classes else label)

    def discriminate(self, x: Tensor, label: Tensor | None) -> Critique:
        return super().discriminate(x, None if self._semi_has_classes else label)

    def d_terms(self, step: Step) -> Terms:
        terms = super().d_terms(step)
        if self.semi_weight and step.label is not None:
            loss = labelled_cross_entropy(step.on_real.heads["classes"], step.label)
            terms.add("classes", self.semi_weight * loss)
        return terms
