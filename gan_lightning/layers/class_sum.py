"""A classifier of K classes that is a discriminator as well.

Paper: Salimans et al. 2016, "Improved techniques for training GANs", section 5, https://arxiv.org/abs/1606.03498.
"""

from torch import Tensor, nn

from gan_lightning.critique import Critique
from gan_lightning.layers.heads import Head


class ClassSum(Head):
    """Judge a sample by its K class logits l: the logit is ``log sum_k exp l_k``, the evidence for any class.

    It is a classifier of K + 1 classes, the last of which is "generated" with its logit fixed at 0: a softmax does not
    change when a constant is added to all logits, so K of them suffice. ``heads["classes"]`` are the l, (N, K). The
    network's own logit is not used.

    Args:
        network: a discriminator that returns features and has ``num_features``.
        num_classes: K, at least 2.

    Raises:
        ValueError: if the network has no features.

    Example:
        >>> import torch
        >>> from gan_lightning.networks import MLPDiscriminator
        >>> critique = ClassSum(MLPDiscriminator(shape=(2,)), 3)(torch.randn(5, 2))
        >>> critique.heads["classes"].shape, torch.equal(critique.logits, critique.heads["classes"].logsumexp(1))
        (torch.Size([5, 3]), True)
    """

    def __init__(self, network: nn.Module, num_classes: int) -> None:
        super().__init__(network, "classes", num_classes)

    def forward(self, x: Tensor, label: Tensor | None = None) -> Critique:
        """Return logits (N,), the network's features, and the class logits under ``heads["classes"]``."""
        critique = super().forward(x, label)
        return critique._replace(logits=critique.heads["classes"].logsumexp(1))
